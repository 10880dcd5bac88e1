"""Which lines a suppressing comment covers, and what is no such comment."""

from __future__ import annotations

import pytest

from cdlint.facts.comments import suppressions

from .facts import module


def covered(source: str) -> list[tuple[int, int]]:
    return [lines for _, _, _, lines, _ in suppressions(source.encode())]


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("x = 1  # cdlint: ignore[a/b] why\ny = 2\n", [(1, 1)]),
        ("# cdlint: ignore[a/b]\nx = 1\ny = 2\n", [(1, 2)]),
        ("# cdlint: ignore[a/b]\n\n# more\nx = 1\n", [(1, 4)]),
        ("x = (\n    1,  # cdlint: ignore[a/b]\n    2,\n)\ny = 1\n", [(1, 4)]),
        ("x = (\n    # cdlint: ignore[a/b]\n    2,\n)\n", [(1, 4)]),
        ("x = 1 \\\n  + 2  # cdlint: ignore[a/b]\n", [(1, 2)]),
        ("# cdlint: ignore[a/b]\nx = '''\n\n'''\n", [(1, 4)]),
        ("def f():  # cdlint: ignore[a/b]\n    pass\n", [(1, 1)]),
        ("def f(\n    a,\n):  # cdlint: ignore[a/b]\n    pass\n", [(1, 3)]),
        ("# cdlint: ignore[a/b]\n@a\n@b(\n  1)\ndef f():\n    pass\n", [(1, 5)]),
        ("@a  # cdlint: ignore[a/b]\nclass A:\n    pass\n", [(1, 2)]),
        ("if x:\n    y\n    # cdlint: ignore[a/b]\nz = 1\n", [(3, 4)]),
        ("x = 1\n# cdlint: ignore[a/b]", [(2, 2)]),
        ("# cdlint: ignore[a/b]\n# cdlint: ignore[c/d]\nx = 1  # cdlint: ignore[e/f]\n", [(1, 3), (2, 3), (3, 3)]),
        ("x = a @ b  # cdlint: ignore[a/b]\ny = 1\n", [(1, 1)]),
    ],
)
def test_lines(source: str, lines: list[tuple[int, int]]) -> None:
    assert covered(source) == lines


def test_parts() -> None:
    (found,) = module("é = 1  #cdlint:ignore[ a/b ,c/d, ]   because of  this \n").suppressions
    assert found.rules == ("a/b", "c/d")
    assert found.reason == "because of  this"
    assert not found.whole_file


def test_no_brackets() -> None:
    (found,) = module("x = 1  # cdlint: ignore\n").suppressions
    assert found.rules == ()


def test_whole_file() -> None:
    (found,) = module("x = 1\n# cdlint: ignore-file[a/b] generated\ny = 2\n").suppressions
    assert (found.whole_file, found.rules, found.reason, found.at) == (True, ("a/b",), "generated", (2, 0, 2, 36))


@pytest.mark.parametrize(
    "source",
    [
        "x = '# cdlint: ignore[a/b]'\n",
        '"""\n# cdlint: ignore[a/b]\n"""\n',
        "x = 1  # see cdlint: ignore[a/b]\n",
        "x = 1  # cdlint: ignored[a/b]\n",
        "x = 1  # noqa\n",
    ],
)
def test_no_suppression(source: str) -> None:
    assert suppressions(source.encode()) == ()


def test_what_the_tokenizer_refuses_ends_the_comments() -> None:
    assert covered("x = 1  # cdlint: ignore[a/b]\n'''\n") == [(1, 1)]
