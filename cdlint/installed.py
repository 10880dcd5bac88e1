"""Reading modules of installed packages as text, when a base class of theirs is asked for."""

from __future__ import annotations

import os
from collections.abc import MutableMapping

from .diagnostic import Notice
from .facts.model import Broken, encode
from .facts.parse import facts_of
from .files import Seen, complaint, digest_of, read_regular, stat_of

MOST = 200
"""How many modules a run reads of installed packages."""


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
