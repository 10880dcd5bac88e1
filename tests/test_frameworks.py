"""The fixtures of the data layer run with the real frameworks: what is called bad misbehaves, what is good does not.

`pytest -m frameworks` runs these alone.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent
SCRIPTS = sorted((HERE / "frameworks").glob("*/*.py"))


def cases(script: Path) -> list[Path]:
    """The fixture cases of the rule that a script is about."""
    rule = ROOT / "fixtures" / script.parent.name / script.stem.replace("_", "-")
    return sorted(case for case in rule.iterdir() if case.is_dir())


@pytest.mark.frameworks
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: f"{script.parent.name}/{script.stem}")
def test_the_framework_agrees(script: Path) -> None:
    found = cases(script)
    pairs = [f"{script}={case}" for case in found]
    run = [sys.executable, "-W", "ignore", str(HERE / "frameworks" / "run_all.py"), *pairs]
    done = subprocess.run(run, capture_output=True, text=True, timeout=600, check=False)
    outcomes = {}
    for line in done.stdout.splitlines():
        pair, status, words = (*line.split("\t"), "", "")[:3]
        outcomes[Path(pair.partition("=")[2]).name] = (int(status), words)
    expected = {case.name: 0 if case.name.startswith("good") else 1 for case in found}
    wrong = {name: outcomes.get(name) for name, status in expected.items() if outcomes.get(name, (-1, ""))[0] != status}
    assert not wrong, done.stderr[-2000:]
