"""The sources of installed packages: where they lie in an environment, and reading them as text."""

from __future__ import annotations

import os
import re
from collections.abc import MutableMapping

from .diagnostic import Notice
from .facts.model import Broken, encode
from .files import Seen, complaint, digest_of, read_regular, stat_of

MOST = 200
"""How many modules a run reads of installed packages."""

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


class Installed:
    """Reads modules of installed packages on demand, and records in `seen` what it read or looked for."""

    def __init__(self, folder: str, max_bytes: int, seen: MutableMapping[str, Seen]) -> None:
        self._folder = folder.replace(os.sep, "/")
        self._max_bytes = max_bytes
        self._seen = seen
        self._read = 0
        self._missed = False

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What was left out so far."""
        text = f"more than {MOST} modules of installed packages would have to be read; the others are left unknown"
        return (Notice(text),) if self._missed else ()

    def facts(self, path: str) -> bytes | None:
        """The encoded facts of `package/module.py`; None when there is no such file."""
        from .facts.parse import facts_of

        full = f"{self._folder}/{path}"
        try:
            stat = stat_of(os.stat(full))
        except (OSError, ValueError):
            self._seen.setdefault(full, Seen(False))
            return None
        if self._read >= MOST:
            self._missed = True
            return None
        self._read += 1
        real = os.path.realpath(full).replace(os.sep, "/")
        if real != full:
            self._seen[full], full = Seen(True), real
        if stat[2] > self._max_bytes:
            self._seen[full] = Seen(True, stat)
            return encode(Broken("too-large", f"the file has {stat[2]:,} bytes", 1, 0))
        try:
            content, stat = read_regular(full)
            self._seen[full] = Seen(True, stat, digest_of(content))
            return facts_of(content, self._max_bytes)
        except OSError as error:
            self._seen[full] = Seen(True)
            return encode(Broken("unreadable", complaint(error), 1, 0))
        except Exception as error:
            message = f"the parser failed on this file ({type(error).__name__}: {error})"
            return encode(Broken("unreadable", message, 1, 0))
