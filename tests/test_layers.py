"""cdlint's own architecture, checked by cdlint, with import-linter as the oracle."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tomli

from cdlint.config import load
from cdlint.globs import name_matcher
from cdlint.session import Session, open_session

ROOT = Path(__file__).parent.parent
RULE = "structure/layer-import-violation"
LAYERS = tomli.loads((ROOT / "pyproject.toml").read_text())["tool"]["cdlint"]["layers"]
PACKS = sorted(path.parent.name for path in (ROOT / "rules").glob("*/__init__.py"))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """cdlint's code, to break something in."""
    root = tmp_path_factory.mktemp("copy")
    for name in ("cdlint", "rules"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "*.md"))
    return root


@pytest.fixture(scope="module")
def session() -> Session:
    """cdlint itself, opened once."""
    return open_session(load(str(ROOT)))


def planted(session: Session, path: str, line: str) -> list[str]:
    """The files with breaches once a line is added to a file, which stays as it is on disk."""
    session.overlay[path] = (ROOT / path).read_bytes() + f"\n\n{line}\n".encode()
    session.edit([path])
    try:
        return [each.path for each in session.report().diagnostics if each.rule == RULE]
    finally:
        del session.overlay[path]
        session.edit([path])


def test_cdlint_finds_nothing_in_itself(session: Session) -> None:
    report = session.report()
    assert [f"{each.path}:{each.line} {each.rule} {each.message}" for each in report.diagnostics] == []
    assert [notice for notice in report.notices if "layer" in notice.message] == []


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("cdlint/engine.py", "from .cli.main import cli"),
        ("cdlint/session.py", "from . import lsp"),
        ("cdlint/project/modules.py", "from ..source import Tree"),
        ("cdlint/project/modules.py", "def late():\n    from .. import engine\n    return engine"),
        ("cdlint/facts/extract.py", "import cdlint.rule"),
        ("cdlint/facts/extract.py", "from cdlint.source import discover"),
        ("cdlint/source.py", "from .facts import model"),
        ("cdlint/session.py", "from .formats import text"),
        ("cdlint/formats/text.py", "from ..session import Session"),
        ("cdlint/packs.py", "from rules.structure import undefined_name"),
        ("cdlint/project/names.py", "import rules.structure.undefined_name"),
        ("rules/structure/_program.py", "from cdlint.engine import run"),
        ("rules/structure/_program.py", "from cdlint.source import discover"),
        ("rules/structure/_program.py", "from rules.django import _apps"),
        ("rules/django/_apps.py", "from ..structure import _program"),
    ],
)
def test_a_planted_import_is_found(session: Session, path: str, line: str) -> None:
    assert path in planted(session, path, line)


def test_an_import_for_type_checkers_is_none(session: Session) -> None:
    line = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..session import Session"
    assert planted(session, "cdlint/formats/text.py", line) == []


def modules() -> list[str]:
    """The names of all modules of cdlint and its packs."""
    found = []
    for path in sorted([*(ROOT / "cdlint").rglob("*.py"), *(ROOT / "rules").rglob("*.py")]):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return found


def test_every_module_has_its_room() -> None:
    rooms = next(contract for contract in LAYERS if contract["name"] == "rooms")
    patterns = [name_matcher(pattern) for members in rooms["members"].values() for pattern in members]
    homes = {module: sum(matches(module) for matches in patterns) for module in modules()}
    assert {module: count for module, count in homes.items() if count != 1} == {"cdlint": 0}


def test_every_pack_is_kept_apart() -> None:
    apart = [contract["order"] for contract in LAYERS if contract["name"].startswith("packs apart")]
    assert apart == [PACKS, PACKS[::-1]]


# The oracle


def contracts() -> str:
    """The same rules in the words of import-linter."""
    rooms = next(contract for contract in LAYERS if contract["name"] == "rooms")
    layers = []
    for room in rooms["order"]:
        names = [pattern.removesuffix(".**") for pattern in rooms["members"][room]]
        layers.append(" : ".join(names))
    host = next(contract for contract in LAYERS if contract["name"] == "packs know words only")["members"]["engine"]
    return "\n".join(
        [
            "[importlinter]",
            "root_packages =",
            "    cdlint",
            "    rules",
            "exclude_type_checking_imports = True",
            "[importlinter:contract:rooms]",
            "name = rooms",
            "type = layers",
            "layers =",
            *(f"    {layer}" for layer in layers),
            "[importlinter:contract:engine]",
            "name = the engine knows no pack",
            "type = forbidden",
            "source_modules = cdlint",
            "forbidden_modules = rules",
            "[importlinter:contract:words]",
            "name = packs know words only",
            "type = forbidden",
            "source_modules = rules",
            "forbidden_modules =",
            *(f"    {module.removesuffix('.**')}" for module in host),
            "allow_indirect_imports = True",
            "[importlinter:contract:apart]",
            "name = packs apart",
            "type = independence",
            "modules =",
            *(f"    rules.{pack}" for pack in PACKS),
        ]
    )


def oracle(root: Path, config: Path) -> tuple[int, str]:
    """What import-linter says of the code below a folder."""
    config.write_text(contracts())
    # Not installed as `cdlint.rules` here: the code is only read, and found in this folder first.
    code = (
        "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports; sys.exit(lint_imports("
        f"config_filename={str(config)!r}, no_cache=True))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_import_linter_agrees(copy: Path, tmp_path: Path) -> None:
    status, said = oracle(copy, tmp_path / "contracts.ini")
    assert (status, "0 broken" in said) == (0, True), said


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("cdlint/facts/extract.py", "from cdlint.engine import run"),
        ("rules/structure/_program.py", "from cdlint.session import Session"),
        ("rules/structure/_program.py", "from rules.django import _apps"),
    ],
)
def test_import_linter_agrees_about_breaches(
    copy: Path, session: Session, tmp_path: Path, path: str, line: str
) -> None:
    before = (copy / path).read_text()
    (copy / path).write_text(f"{before}\n\n{line}\n")
    try:
        status, said = oracle(copy, tmp_path / "contracts.ini")
        assert status == 1, said
        assert planted(session, path, line) == [path]
    finally:
        (copy / path).write_text(before)
