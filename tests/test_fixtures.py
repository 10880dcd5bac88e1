"""Every fixture: a mini-repository that says itself what is wrong in it.

`fixtures/<pack>/<rule>/<case>/` raises exactly its `# expect: rule "part of the message"`
markers; a case whose name starts with `good` is silent under every rule.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cdlint.diagnostic import Diagnostic

from .conftest import reported

FIXTURES = Path(__file__).parent.parent / "fixtures"
CASES = sorted(path for path in FIXTURES.glob("*/*/*/") if path.is_dir() and path.parts[-3] != "example")
EXPECT = re.compile(r'# expect: (?P<rule>[\w/-]+)(?: "(?P<part>[^"]*)")?')


def expectations(case: Path) -> list[tuple[str, int, str, str]]:
    """The markers of a case, as (file, line, rule, part of the message)."""
    return sorted(
        (file.relative_to(case).as_posix(), number, match["rule"], match["part"] or "")
        for file in case.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
        for number, line in enumerate(file.read_bytes().decode("utf-8", "replace").splitlines(), start=1)
        for match in EXPECT.finditer(line)
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.relative_to(FIXTURES).as_posix())
def test_case(case: Path) -> None:
    pack, name, kind = case.relative_to(FIXTURES).parts
    good = kind.startswith("good")
    report = reported(case)
    found = [each for each in report.diagnostics if good or each.rule == f"{pack}/{name}"]
    expected = expectations(case)
    assert not [notice for notice in report.notices if "internal error" in notice.message]
    assert [_key(each) for each in found] == [key[:3] for key in expected], "\n".join(each.message for each in found)
    assert bool(expected) != good, "a good case marks nothing, any other marks something"
    for each, (*_, part) in zip(found, expected, strict=True):
        assert part in each.message


def _key(diagnostic: Diagnostic) -> tuple[str, int, str]:
    return diagnostic.path, diagnostic.line, diagnostic.rule
