"""A repository that is open: its files, its project and its rules, kept current while files change.

The command line opens one per run, the editor keeps one. Both get the same report.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Collection, Mapping
from typing import Any

from . import __version__, packs, replay, selection
from .cache import Cache
from .config import Config, require_packs, validate
from .diagnostic import Report, from_plain, to_plain
from .engine import narrowed, run
from .facts.model import Broken, encode
from .facts.parse import facts_of
from .files import digest_of
from .gather import Gathered, gather
from .packs import Packs
from .placing import Placer
from .project import Project
from .source import Tree, discover

Progress = Callable[[int, int], None]


class Session:
    """An open repository. `overlay` holds the buffers that stand in for files of the disk."""

    def __init__(self, config: Config, tree: Tree, gathered: Gathered, loaded: Packs) -> None:
        self.config = config
        self.tree = tree
        self.gathered = gathered
        self.packs = loaded
        self.overlay = dict(tree.overlay)
        tree.overlay = self.overlay
        self.placer = Placer(tree)
        self.project = Project(gathered.facts, tree, _settings(config, loaded), loaded.providers)

    def report(self) -> Report:
        """What the rules say of the repository as it is now."""
        made = run(self.project, self.packs.rules, self.config, self.placer, len(self.project.paths))
        return made._replace(notices=(*self.tree.notices, *self.gathered.notices, *made.notices))

    def edit(self, paths: Collection[str]) -> None:
        """Take in that these files changed, in the overlay or on disk; some may be new or gone."""
        if any(path not in self.tree for path in paths if path in self.overlay) or not all(map(self._is_there, paths)):
            self._look_around()
        self.placer.forget(paths)
        changes = {path: self._facts(path) for path in paths if path.endswith(".py")}
        self.project.update(changes, others=any(not path.endswith(".py") for path in paths))

    def _is_there(self, path: str) -> bool:
        return path in self.overlay or (path in self.tree and os.path.isfile(os.path.join(self.tree.root, path)))

    def _look_around(self) -> None:
        """Walk again: a file came or went."""
        self.tree = discover(self.config.root, self.config.excluded, self.config.respect_gitignore, self.overlay)
        self.placer.texts = self.tree
        self.project.replace_files(self.tree)

    def _facts(self, path: str) -> bytes | None:
        if path not in self.tree:
            return None
        try:
            return facts_of(self.tree.read(path), self.config.max_file_size)
        except FileNotFoundError:
            return None
        except OSError as error:
            return encode(Broken("unreadable", str(error.strerror or error), 1, 0))


def open_session(
    config: Config,
    *,
    overlay: Mapping[str, bytes] | None = None,
    cache: Cache | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Session:
    """Read the repository of a configuration. Raises Failure when the configuration cannot be used."""
    return Session(config, *_read(config, overlay, cache, jobs, progress), load_packs(config))


def _read(
    config: Config, overlay: Mapping[str, bytes] | None, cache: Cache | None, jobs: int, progress: Progress | None
) -> tuple[Tree, Gathered]:
    tree = discover(config.root, config.excluded, config.respect_gitignore, dict(overlay or {}))
    return tree, gather(tree, cache, jobs, config.max_file_size, progress)


def load_packs(config: Config) -> Packs:
    """The packs of a configuration, which is held against the rules that they bring."""
    require_packs(config)
    loaded = packs.load(config.packs)
    validate(config, loaded.options)
    return loaded


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
    tree, gathered = _read(config, overlay, cache, jobs, progress)
    if key and cache is not None and (plain := replay.recall(cache, tree, gathered.digests, key)) is not None:
        return narrowed(from_plain(plain), only)
    session = Session(config, tree, gathered, load_packs(config))
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


def _settings(config: Config, loaded: Packs) -> dict[str, Any]:
    """The settings that facts and rules may ask for, as plain values."""
    return {
        "source-roots": config.source_roots,
        "layers": tuple(
            {"name": each.name, "order": each.order, "members": dict(each.members), "edges": each.edges}
            for each in config.layers
        ),
        "options": {name: selection.options(config, name, rule.options) for name, rule in loaded.rules.items()},
    }
