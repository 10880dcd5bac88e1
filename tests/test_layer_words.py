"""Layers are what the configuration says, and a pattern that guards nothing is said aloud."""

from __future__ import annotations

from pathlib import Path

from cdlint.backend.layers import Unmatched, layer_of, layers, unmatched

from .conftest import opened

CONTRACT = """
[[tool.cdlint.layers]]
name = "app"
order = ["api", "models"]
members = { api = ["app.**"], models = ["app.models.**", "app.tables"] }
"""


def _write(root: Path, *paths: str) -> None:
    (root / "pyproject.toml").write_text(CONTRACT)
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("")


def test_the_pattern_that_says_most_decides(tmp_path: Path) -> None:
    _write(tmp_path, "app/__init__.py", "app/models/__init__.py", "app/models/user.py", "app/views.py")
    project = opened(tmp_path).project
    (contract,) = project[layers]
    assert project[layer_of, contract] == {
        "app/__init__.py": 0,
        "app/models/__init__.py": 1,
        "app/models/user.py": 1,
        "app/views.py": 0,
    }


def test_a_pattern_without_a_module_is_a_notice(tmp_path: Path) -> None:
    _write(tmp_path, "app/__init__.py", "app/models/__init__.py")
    session = opened(tmp_path)
    assert session.project[unmatched] == (Unmatched("app", "models", "app.tables"),)
    messages = [notice.message for notice in session.report().notices]
    assert "the pattern `app.tables` of the layer `models` in `app` matches no module" in messages


def test_without_a_contract_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("")
    project = opened(tmp_path).project
    assert project[layers] == ()
    assert project[unmatched] == ()
