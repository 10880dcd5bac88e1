"""The hooks for pre-commit keep what makes them work for a linter of whole programs."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from cdlint.cli import main as door

MANIFEST = Path(__file__).parent.parent / ".pre-commit-hooks.yaml"


def hooks() -> dict[str, dict[str, str]]:
    """The hooks by id; the manifest holds nothing but flat mappings."""
    found: dict[str, dict[str, str]] = {}
    for line in MANIFEST.read_text().splitlines():
        if line.startswith("- id: "):
            current = found.setdefault(line.removeprefix("- id: "), {})
        elif line.startswith("  "):
            key, _, value = line.strip().partition(": ")
            current[key] = value
    return found


HOOKS = hooks()


def test_there_are_three() -> None:
    assert list(HOOKS) == ["cdlint", "cdlint-changed", "cdlint-config"]


def test_the_hook_runs_whatever_a_commit_touches() -> None:
    """One that only deletes a module or edits the configuration names no file that a filter could match."""
    hook = HOOKS["cdlint"]
    assert (hook["always_run"], hook["pass_filenames"]) == ("true", "false")
    assert not {"files", "types", "types_or", "exclude", "stages"} & hook.keys()


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook(name: str) -> None:
    hook = HOOKS[name]
    assert hook["require_serial"] == "true", "in parallel each process would be given a part of the files"
    assert hook["language"] == "python", "it never imports the checked code, so it needs no environment of it"
    assert "additional_dependencies" not in hook
    program, *arguments = hook["entry"].split()
    assert program == "cdlint"
    assert CliRunner().invoke(door.cli, [*arguments, "--help"]).exit_code == 0


def test_the_hook_for_changed_files_is_given_python_only() -> None:
    assert HOOKS["cdlint-changed"]["types_or"] == "[python, pyi]"
    assert "pass_filenames" not in HOOKS["cdlint-changed"]
