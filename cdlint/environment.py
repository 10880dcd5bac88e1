"""Where an environment keeps its installed packages."""

from __future__ import annotations

import os
import re

_NAMES = ("site-packages", "dist-packages")
_VERSIONED = re.compile(r"python3\.(\d+)t?")


def site_packages(path: str) -> str | None:
    """The folder of packages of an environment, of an interpreter in one, or the path itself; None when it has none."""
    path = os.path.abspath(path)
    if os.path.isfile(path):
        # Not the file that a link leads to: that is the interpreter that the environment was made with.
        path = os.path.dirname(os.path.dirname(path))
    if not os.path.isdir(path):
        return None
    if os.path.basename(path) in _NAMES or any(name.endswith(".dist-info") for name in _listed(path)):
        return path
    lib = os.path.join(path, "lib")
    versions = [(int(match[1]), name) for name in _listed(lib) if (match := _VERSIONED.fullmatch(name))]
    folders = [os.path.join(lib, name) for _, name in sorted(versions, reverse=True)]
    places = [os.path.join(folder, "site-packages") for folder in (*folders, os.path.join(path, "Lib"))]
    return next((place for place in places if os.path.isdir(place)), None)


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
