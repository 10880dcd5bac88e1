"""Every rule is documented, exemplified, well named and shipped; no fixture is without a rule."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from cdlint.packs import load
from cdlint.rule import CONSTRAINTS, SECTIONS, SEVERITIES, Rule

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"
PACKS = load()
RULES = list(PACKS.rules.values())
CURES = ("use-", "avoid-", "prefer-", "do-not-", "no-")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rule_is_complete(rule: Rule) -> None:
    page = rule.documentation
    assert page.summary.endswith(".")
    assert len(page.summary) <= 99
    assert page.summary.count(". ") == 0, "one sentence"
    assert tuple(page.sections) == SECTIONS
    assert all(page.sections.values())
    assert rule.severity in SEVERITIES
    assert rule.constraint in CONSTRAINTS
    assert rule.precision in "ABC"
    assert rule.default == (rule.precision != "C")
    name = rule.id.partition("/")[2]
    assert not name.startswith(CURES), "a name states the problem, not the cure"
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rule_has_bad_and_good_cases(rule: Rule) -> None:
    cases = [path.name for path in (FIXTURES / rule.id).glob("*/")]
    assert len([case for case in cases if case.startswith("bad")]) >= 2
    assert len([case for case in cases if case.startswith("good")]) >= 2
    assert all(case.startswith(("bad", "good")) for case in cases)


def test_no_fixture_without_a_rule() -> None:
    folders = {path.relative_to(FIXTURES).as_posix() for path in FIXTURES.glob("*/*/") if path.parts[-2] != "example"}
    assert folders == {rule.id for rule in RULES}


def test_every_package_is_shipped() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    listed = set(settings["tool"]["setuptools"]["packages"])
    on_disk = {
        "cdlint",
        *(f"cdlint.{path.name}" for path in (ROOT / "cdlint").glob("*/") if (path / "__init__.py").exists()),
    }
    packs = {path.name for path in (ROOT / "rules").glob("*/") if (path / "__init__.py").exists()}
    assert listed == on_disk | {"cdlint.rules"} | {f"cdlint.rules.{pack}" for pack in packs}
    assert settings["project"]["entry-points"]["cdlint.packs"] == {pack: f"cdlint.rules.{pack}" for pack in packs}
