"""One run: the report of a repository, given again when nothing has changed since the last.

What a run with nothing changed needs is all that this module imports at once.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from . import __version__, replay
from .config import Config
from .diagnostic import Report, from_plain, narrowed, to_plain
from .files import digest_of

if TYPE_CHECKING:
    from .cache import Cache

Progress = Callable[[int, int], None]


def check(
    config: Config,
    *,
    only: tuple[str, ...] | None = None,
    overlay: Mapping[str, bytes] | None = None,
    cache: Cache | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Report:
    """The report of a run; `only` narrows what is reported, never what is read.

    When nothing has changed since a run with the same settings its report is given again.
    """
    key = b"" if cache is None or overlay else _key(config)
    if key and cache is not None and (plain := replay.replay(cache, key)) is not None:
        return narrowed(from_plain(plain), only)
    from .session import Session, read

    tree, gathered = read(config, overlay, cache, jobs, progress)
    if key and cache is not None and (plain := replay.recall(cache, tree, gathered.digests, key)) is not None:
        return narrowed(from_plain(plain), only)
    session = Session(config, tree, gathered, editable=False)
    report = session.report()
    if key and cache is not None and not any(notice.message.startswith("internal error") for notice in report.notices):
        replay.remember(cache, session.tree, session.gathered.digests, key, to_plain(report))
        if cache.notices:
            report = report._replace(notices=(*report.notices, *cache.notices))
    return narrowed(report, only)


def _key(config: Config) -> bytes:
    """What a report depends on besides the repository: the settings, cdlint's own code, what is installed."""
    own = [os.path.dirname(__file__), *importlib.import_module(".rules", __package__).__path__]
    parts = [__version__, sys.version, config.key]
    for folder in (*own, *config.packs):
        parts.extend(_stamps(folder))
    for folder in sys.path:
        # Installing or removing a distribution, and so a pack, touches the folder that it lies in.
        parts.append(f"{folder} {_mtime(folder)}")
    return digest_of("\0".join(parts).encode("utf-8", "surrogateescape"))


def _stamps(folder: str) -> list[str]:
    found: list[str] = []
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        found.extend(
            f"{parent}/{name} {_mtime(os.path.join(parent, name))}" for name in sorted(files) if name.endswith(".py")
        )
    return found


def _mtime(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0
