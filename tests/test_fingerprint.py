"""The line hash is the uploader's, and our own key survives what does not change the defect."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdlint.fingerprint import distinct, fingerprint, line_hashes

GREETINGS = [
    "e9496ae3ebfced30:1",
    "fb7c023a8b9ccb3f:1",
    "ce8ba1a563dcdaca:1",
    "e20e36e16fcb0cc8:1",
    "b3edc88f2938467e:1",
    "c8e28b0b4002a3a0:1",
    "c129715d7a2bc9a3:1",
]
# The vectors that github/codeql-action publishes with its implementation.
VECTORS = [
    ("", ["c129715d7a2bc9a3:1"]),
    (
        " a\nb\n  \t\tc\n d",
        ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"],
    ),
    (
        " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End",
        [
            "8b7cf3e952e7aeb2:1",
            "b1ae1287ec4718d9:1",
            "bff680108adb0fcc:1",
            "c6805c5e1288b612:1",
            "b86d3392aea1be30:1",
            "e6ceba753e1a442:1",
        ],
    ),
    (" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n", GREETINGS),
    (" hello; \t\nworld!!!\r\r\r  \t\tGreetings\r End\r", GREETINGS),
    (" hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n", GREETINGS),
    (" hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n", GREETINGS),
    (
        "Lorem ipsum dolor sit amet.\n" * 10,
        [
            *(f"a7f2ff13bc495cf2:{count}" for count in range(1, 7)),
            "a7f2ff1481e87703:1",
            "a9cf91f7bbf1862b:1",
            "55ec222b86bcae53:1",
            "cc97dc7b1d7d8f7b:1",
            "c129715d7a2bc9a3:1",
        ],
    ),
    (
        "x = 2\nx = 1\nprint(x)\nx = 3\nprint(x)\nx = 4\nprint(x)\n",
        [
            "e54938cc54b302f1:1",
            "bb609acbe9138d60:1",
            "1131fd5871777f34:1",
            "5c482a0f8b35ea28:1",
            "54517377da7028d2:1",
            "2c644846cb18d53e:1",
            "f1b89f20de0d133:1",
            "c129715d7a2bc9a3:1",
        ],
    ),
]


@pytest.mark.parametrize(("text", "expected"), VECTORS)
def test_published_vectors(text: str, expected: list[str]) -> None:
    assert line_hashes(text) == dict(enumerate(expected, start=1))


def rolled(text: str) -> dict[int, str]:
    """The same hash, unit by unit as the words of its definition go."""
    raw = text.encode("utf-16-le", "surrogatepass")
    units = [int.from_bytes(raw[index : index + 2], "little") for index in range(0, len(raw), 2)]
    kept: list[int] = []
    after_return = False
    for unit in units:
        skipped = unit in (9, 32) or (after_return and unit == 10)
        after_return = unit == 13
        if not skipped:
            kept.append(10 if unit == 13 else unit)
    kept.append(65535)
    starts = [0, *(index + 1 for index, unit in enumerate(kept) if unit == 10)]
    seen: dict[int, int] = {}
    found = {}
    for number, start in enumerate(starts, start=1):
        value = 0
        for unit in (kept[start : start + 100] + [0] * 100)[:100]:
            value = (value * 37 + unit) % 2**64
        seen[value] = seen.get(value, 0) + 1
        found[number] = f"{value:x}:{seen[value]}"
    return found


@given(st.text(st.sampled_from("ab \t\r\n\U0001f600é\ufeff\ud800")))
def test_any_text_hashes_as_defined(text: str) -> None:
    assert line_hashes(text) == rolled(text)


@given(st.text(st.sampled_from("ab\n")), st.sets(st.integers(1, 9)))
def test_asking_for_some_lines_gives_the_same(text: str, lines: set[int]) -> None:
    every = line_hashes(text)
    assert line_hashes(text, lines) == {line: every[line] for line in every if line in lines}


def test_key_is_the_same_everywhere() -> None:
    key = fingerprint("flask/blueprint-not-registered", "shop/orders.py", "shop.orders.bp")
    assert key == "3550086063e2ad84a1bec6406e93d5d3"


def test_key_changes_with_rule_path_and_symbol() -> None:
    keys = {
        fingerprint(*parts, "message")
        for parts in (("a/b", "c.py", "d"), ("a/x", "c.py", "d"), ("a/b", "x.py", "d"), ("a/b", "c.py", "x"))
    }
    assert len(keys) == 4


def test_symbol_wins_over_message() -> None:
    assert fingerprint("a/b", "c.py", "d", "one") == fingerprint("a/b", "c.py", "d", "two")


def test_message_stands_in_without_its_numbers() -> None:
    assert fingerprint("a/b", "c.py", "", "Line 3 repeats `v2`.") == fingerprint(
        "a/b", "c.py", "", "Line 14 repeats `v2`."
    )
    assert fingerprint("a/b", "c.py", "", "Line 3 repeats `v2`.") != fingerprint(
        "a/b", "c.py", "", "Line 3 repeats `v3`."
    )


def test_names_that_are_no_utf8_have_a_key() -> None:
    assert fingerprint("a/b", "caf\udce9.py", "d") != fingerprint("a/b", "caf\udce8.py", "d")


def test_equal_keys_are_numbered_in_order() -> None:
    assert list(distinct(["a", "b", "a", "a"])) == ["a", "b", "a:2", "a:3"]
