"""A package from which most files want what it lacks is taken for another one of its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from cdlint.rules.structure._doubted import MANY
from cdlint.rules.structure._unresolved import missing_modules, missing_names

from cdlint.project import Project

Make = Callable[[Mapping[str, str]], Project]


def _files(failing: int, working: int) -> dict[str, str]:
    files = {"shop/__init__.py": "", "shop/models.py": "ORDER = 1\n"}
    files |= {f"jobs/wrong{index}.py": "from shop.client import get\n" for index in range(failing)}
    files |= {f"jobs/right{index}.py": "from shop.models import ORDER\n" for index in range(working)}
    return files


@pytest.mark.parametrize(
    ("failing", "working", "told"),
    [(MANY - 1, 0, True), (MANY, 0, False), (MANY, MANY - 1, False), (MANY, MANY, True)],
)
def test_modules(project: Make, failing: int, working: int, told: bool) -> None:
    """It takes many files that fail, and fewer that do not."""
    made = project(_files(failing, working))
    assert bool(made[missing_modules, "jobs/wrong0.py"]) is told


def test_parts(project: Make) -> None:
    """A part of a package from which others get something is the right one."""
    files = _files(MANY, 0) | {"shop/client/__init__.py": "", "jobs/right.py": "import shop.client\n"}
    assert project(files)[missing_names, "jobs/wrong0.py"]


def test_names(project: Make) -> None:
    """The same goes for names that a module lacks."""
    files = {path: text.replace("shop.client", "shop") for path, text in _files(MANY, 1).items()}
    assert not project(files)[missing_names, "jobs/wrong0.py"]
    others = {f"jobs/more{index}.py": "import shop.models\n" for index in range(MANY)}
    assert project(files | others)[missing_names, "jobs/wrong0.py"]
