"""House rules that prose would not keep: sizes, docstrings, who may do what."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted([*(ROOT / "cdlint").rglob("*.py"), *(ROOT / "rules").rglob("*.py")])
CODE = [path for path in MODULES if path.stat().st_size]

MODULE_LINES = 400
RULE_LINES = 250
FUNCTION_LINES = 50
UNSAFE = {"eval", "exec", "__import__", "compile"}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", CODE, ids=name)
def test_module(path: Path) -> None:
    text = path.read_text()
    tree = ast.parse(text)
    docstring = ast.get_docstring(tree)
    assert docstring, "every module opens with one sentence that says what it knows"
    assert docstring.splitlines()[0].rstrip().endswith((".", "?"))
    is_rule = path.is_relative_to(ROOT / "rules") and not path.name.startswith("_")
    assert len(text.splitlines()) <= (RULE_LINES if is_rule else MODULE_LINES)
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= FUNCTION_LINES, f"{node.name} has {length} lines"


@pytest.mark.parametrize("path", CODE, ids=name)
def test_public_names_are_documented(path: Path) -> None:
    tree = ast.parse(path.read_text())
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{node.name} has no docstring"


@pytest.mark.parametrize("path", CODE, ids=name)
def test_nothing_is_executed_or_unpickled(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in UNSAFE, f"line {node.lineno} calls {node.func.id}"
        if isinstance(node, ast.Import):
            assert not {alias.name for alias in node.names} & {"pickle", "shelve", "runpy"}


@pytest.mark.parametrize(
    "path", [p for p in CODE if p.parts[-2] in ("facts", "project", "backend") or "rules" in p.parts], ids=name
)
def test_facts_and_rules_read_no_files(path: Path) -> None:
    if path.name == "worker.py":
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "open", f"line {node.lineno} opens a file"
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = {alias.name for alias in node.names} | {getattr(node, "module", "") or ""}
            assert not names & {"os", "pathlib", "subprocess", "io.open"}, f"line {node.lineno}"
