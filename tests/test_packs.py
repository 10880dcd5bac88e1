"""Packs are found, their rules and providers collected, and what is wrong with one is said."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cdlint import packs
from cdlint.packs import PackError, load

RULE = '''"""A thing is wrong.

## Why
Because.
"""
from cdlint.rule import rule


def things(project):
    return ()


@rule(of=things, severity="warning", constraint="wiring", options={"depth": 3})
def check(project, thing):
    yield from ()
'''
PROVIDER = """
def endpoints(project):
    return ()

def zebra(project):
    return ()
zebra.provides = endpoints

def ant(project):
    return ()
ant.provides = endpoints
"""


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(packs, "_installed", lambda: iter(()))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    folder = tmp_path / "house_rules"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "a_thing_wrong.py").write_text(RULE)
    return folder


def test_a_folder_is_a_pack(pack: Path) -> None:
    found = load((str(pack),))
    assert list(found.rules) == ["house-rules/a-thing-wrong"]
    assert found.rules["house-rules/a-thing-wrong"].documentation.summary == "A thing is wrong."
    assert found.options == {"house-rules/a-thing-wrong": {"depth": 3}}
    assert "house_rules" not in sys.modules, "it hides no other module of that name"
    assert list(load((str(pack), str(pack))).rules) == list(found.rules), "a second time, and named twice"


def test_a_rule_that_another_module_imports_is_counted_once(pack: Path) -> None:
    (pack / "b_other_wrong.py").write_text(f"{RULE}\nfrom .a_thing_wrong import check as other\n")
    assert list(load((str(pack),)).rules) == ["house-rules/a-thing-wrong", "house-rules/b-other-wrong"]


def test_providers_are_found_in_private_modules_and_sorted(pack: Path) -> None:
    (pack / "_facts.py").write_text(PROVIDER)
    (pack / "_uses.py").write_text("from ._facts import zebra\n")
    ((word, facts),) = load((str(pack),)).providers.items()
    assert word.__name__ == "endpoints"
    assert [fact.__name__ for fact in facts] == ["ant", "zebra"]


def test_version_of_a_folder_is_its_content(pack: Path) -> None:
    before = load((str(pack),)).versions
    (pack / "_more.py").write_text("")
    assert [name for name, _ in before] == ["house_rules"]
    assert load((str(pack),)).versions != before


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("b_broken.py", "1 / 0", "cannot be imported: ZeroDivisionError: division by zero"),
        ("b_broken.py", "raise SystemExit(3)", "cannot be imported: SystemExit: 3"),
        ("b_broken.py", "def (", "cannot be imported: SyntaxError"),
        ("__init__.py", "import not_there", "cannot be imported: ModuleNotFoundError: No module named 'not_there'"),
        ("b_none.py", "", "`b_none` holds no rules; a public module holds exactly one"),
        ("b_two.py", RULE + RULE.partition("import rule")[2].replace("def check", "def second"), "holds 2 rules"),
    ],
)  # fmt: skip
def test_a_pack_that_cannot_be_used_is_named(pack: Path, name: str, text: str, expected: str) -> None:
    (pack / name).write_text(text)
    with pytest.raises(PackError) as caught:
        load((str(pack),))
    assert expected in str(caught.value)
    assert str(pack) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_folders_that_are_no_packs(pack: Path, tmp_path: Path) -> None:
    with pytest.raises(PackError, match="is not a package"):
        load((str(tmp_path / "nowhere"),))
    (pack / "sub").mkdir()
    (pack / "sub" / "__init__.py").write_text("")
    with pytest.raises(PackError, match="`sub` is a package; a rule is one module"):
        load((str(pack),))


def test_two_packs_of_one_name(pack: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "house_rules"
    other.mkdir(parents=True)
    (other / "__init__.py").write_text("")
    with pytest.raises(PackError, match="two packs are named `house_rules`"):
        load((str(pack), str(other)))


def test_installed_packs_are_found_by_entry_points() -> None:
    names = [name for name, _ in load().versions]
    assert {"structure", "flask", "fastapi", "django", "sqlalchemy", "transactions", "calls"} <= set(names)
