"""Starts each module of the case, and its factory: does the database find no current application?"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any


def started(path: Path) -> dict[str, Any]:
    """What a module or package holds after it ran as a program, or was imported."""
    if path.is_dir():
        return vars(__import__(path.name))
    return runpy.run_path(str(path), run_name="__main__")


def main() -> int:
    """1 when something asks for an application outside of its context."""
    here = Path.cwd()
    sys.path.insert(0, str(here))
    packages = [each.parent for each in here.glob("*/__init__.py")]
    for path in sorted([*here.glob("*.py"), *packages]):
        try:
            names = started(path)
            if "create_app" in names:
                names["create_app"]()
        except RuntimeError as error:
            if "outside of application context" in str(error):
                return 1
            raise
    return 0


if __name__ == "__main__":
    sys.exit(main())
