"""YAML is read as plain values with lines, and hostile text is refused with a reason."""

from __future__ import annotations

import pytest

from cdlint.project.yaml_text import Items, Strange, Table, Text, Unreadable, read


def test_values_have_their_lines() -> None:
    whole = read("services:\n  web:\n    command: >\n      run\n      it\n    ports: ['80']\n")
    assert isinstance(whole, Table)
    services = whole.get("services")
    assert isinstance(services, Table)
    web = services.get("web")
    assert isinstance(web, Table)
    assert web.get("command") == Text("run it\n", False, 3)
    assert web.line_of("command") == 3
    assert web.get("ports") == Items((Text("80", False, 6),), 6)
    assert web.get("image") is None


def test_own_keys_win_over_merged_ones_and_earlier_sources_over_later() -> None:
    whole = read("a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  x: 3\n  <<: [*a, *b]\n")
    table = whole.get("c") if isinstance(whole, Table) else None
    assert isinstance(table, Table)
    found = {name: value.value for name in "xyz" if isinstance(value := table.get(name), Text)}
    assert found == {"x": "3", "y": "1", "z": "2"}


def test_tags_of_a_program_are_no_values() -> None:
    whole = read("ports: !reset []\ncommand: !env NAME\n")
    assert isinstance(whole, Table)
    assert isinstance(whole.get("ports"), Strange)
    assert isinstance(whole.get("command"), Strange)


def test_only_the_first_document_counts() -> None:
    assert read("- a\n---\n- b\n") == Items((Text("a", True, 1),), 1)
    assert read("") == Table((), 1)


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join(['*' + before] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "why", "line"),
    [
        ("a:\n\t- b\n", "cannot start any token", 2),
        ("services: [web", "did not find expected", 2),
        ("a: *missing\n", "nothing is called `missing`", 1),
        ("&a [*a]\n", "nothing is called `a`", 1),
        ("[" * 5000, "nested", 1),
        ("{a: " * 5000, "nested", 1),
        ("x" * 5_000_000, "more than 300,000 characters", 1),
        (BOMB, "more than 50,000 values", 5),
        ("a: \x00", "it is no YAML", 1),
        ("a: '\ud800'", "it is no YAML", 1),
        ("a: b: c\n", "mapping values are not allowed", 1),
    ],
    ids=[
        "tab",
        "unclosed",
        "unknown-alias",
        "own-alias",
        "lists",
        "tables",
        "long",
        "bomb",
        "nul",
        "surrogate",
        "colon",
    ],
)
def test_what_cannot_be_read_is_refused(text: str, why: str, line: int) -> None:
    found = read(text)
    assert isinstance(found, Unreadable)
    assert why in found.why
    assert found.line == line
