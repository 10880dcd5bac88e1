"""The fixtures of the data layer run with the real frameworks: what is called bad misbehaves, what is good does not.

`pytest -m frameworks` runs these alone.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent
SCRIPTS = sorted((HERE / "frameworks").glob("*/*.py"))


def cases(script: Path) -> list[Path]:
    """The fixture cases of the rule that a script is about."""
    rule = ROOT / "fixtures" / script.parent.name / script.stem.replace("_", "-")
    return sorted(case for case in rule.iterdir() if case.is_dir())


@pytest.fixture(scope="module")
def runner() -> Iterator[subprocess.Popen[str]]:
    """A process that has imported the frameworks and runs scripts on cases."""
    command = [sys.executable, "-W", "ignore", str(HERE / "frameworks" / "run_all.py")]
    started = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    yield started
    assert started.stdin is not None
    started.stdin.close()
    started.wait(60)


def outcome(runner: subprocess.Popen[str], script: Path, case: Path) -> tuple[int, str]:
    """The exit status of a script on a case, and the last line of what it said."""
    assert runner.stdin is not None
    assert runner.stdout is not None
    asked = f"{script}={case}"
    runner.stdin.write(f"{asked}\n")
    runner.stdin.flush()
    answered, status, words = (*runner.stdout.readline().rstrip("\n").split("\t"), "-1", "")[:3]
    assert answered == asked, "the runner ended, or answered something else"
    return int(status), words


@pytest.mark.frameworks
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: f"{script.parent.name}/{script.stem}")
def test_the_framework_agrees(runner: subprocess.Popen[str], script: Path) -> None:
    wrong = {}
    for case in cases(script):
        status, words = outcome(runner, script, case)
        if status != (0 if case.name.startswith("good") else 1):
            wrong[case.name] = (status, words)
    assert not wrong
