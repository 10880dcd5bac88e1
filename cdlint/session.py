"""A repository that is open: its files, its project and its rules, kept current while files change.

The command line opens one per run, the editor keeps one. Both get the same report.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Mapping
from typing import Any

from . import packs, selection
from .cache import Cache
from .config import Config, names_rules, require_packs, validate
from .diagnostic import Report
from .engine import run
from .facts.model import Broken, encode
from .facts.parse import facts_of
from .files import complaint
from .gather import Gathered, gather
from .installed import Installed
from .packs import Packs
from .placing import Placer
from .project import Project, Snapshot
from .source import Tree, discover

Progress = Callable[[int, int], None]

_RECURSION = 4_000
"""How deep facts may ask for each other: functions in a long row of calls are followed one within the other."""


class Session:
    """An open repository. `overlay` holds the buffers that stand in for files of the disk."""

    def __init__(self, config: Config, tree: Tree, gathered: Gathered, *, editable: bool = True) -> None:
        sys.setrecursionlimit(max(sys.getrecursionlimit(), _RECURSION))
        self.config = config
        self.tree = tree
        self.gathered = gathered
        self.overlay = dict(tree.overlay)
        tree.overlay = self.overlay
        self.placer = Placer(tree)
        self.installed = Installed(config.python, config.max_file_size, tree.seen) if config.python else None
        read = self.installed.facts if self.installed is not None else None
        self.project = (Project if editable else Snapshot)(gathered.facts, tree, installed=read)
        self.packs = load_packs(config, None if editable else _imported(self.project))
        self.project.equip(_settings(config, self.packs), self.packs.providers)
        self._listed = _listed(tree)
        self._met = self._listed.union(self.overlay)
        """The last walk has decided about these."""

    def report(self) -> Report:
        """What the rules say of the repository as it is now."""
        made = run(self.project, self.packs.rules, self.config, self.placer, len(self.project.paths))
        unread = self.installed.notices if self.installed is not None else ()
        return made._replace(notices=(*self.tree.notices, *self.gathered.notices, *unread, *made.notices))

    def edit(self, paths: Collection[str]) -> None:
        """Take in that these files changed, in the overlay or on disk; some may be new or gone."""
        if any((path in self._met) != self._is_there(path) for path in paths):
            self._look_around()
        self._take(paths, others=any(not path.endswith(".py") for path in paths))

    def refresh(self, touched: Collection[str] = ()) -> None:
        """Take in whatever differs on disk from when it was last looked at, and the files that were touched."""
        stats, listed = self.tree.stats, self._listed
        self._look_around()
        now = self.tree.stats
        changed = {path for path in {**stats, **now} if stats.get(path) != now.get(path)}
        self._take({*touched, *changed, *(listed ^ self._listed)}, others=True)

    def _is_there(self, path: str) -> bool:
        return path in self.overlay or os.path.isfile(os.path.join(self.tree.root, path))

    def _look_around(self) -> None:
        """Walk again: a file came or went."""
        self.tree = discover(self.config.root, self.config.excluded, self.config.respect_gitignore, self.overlay)
        self._listed = _listed(self.tree)
        self._met = self._listed.union(self.overlay)
        self.placer.texts = self.tree
        self.project.replace_files(self.tree)

    def _take(self, paths: Collection[str], others: bool) -> None:
        self.placer.forget(paths)
        self.project.update({path: self._facts(path) for path in paths if path.endswith(".py")}, others)

    def _facts(self, path: str) -> bytes | None:
        """Facts as `gather` makes them; None for what is gone or was left out."""
        if path not in self._listed:
            return None
        try:
            return facts_of(self.tree.read(path), self.config.max_file_size)
        except FileNotFoundError:
            return None
        except OSError as error:
            return encode(Broken("unreadable", complaint(error), 1, 0))
        except Exception as error:
            message = f"the parser failed on this file ({type(error).__name__}: {error})"
            return encode(Broken("unreadable", message, 1, 0))


def _listed(tree: Tree) -> frozenset[str]:
    """The files of the repository that are not left out."""
    return frozenset((*tree.python, *tree.others))


def open_session(
    config: Config,
    *,
    overlay: Mapping[str, bytes] | None = None,
    cache: Cache | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Session:
    """Read the repository of a configuration. Raises Failure when the configuration cannot be used."""
    return Session(config, *read(config, overlay, cache, jobs, progress))


def read(
    config: Config, overlay: Mapping[str, bytes] | None, cache: Cache | None, jobs: int, progress: Progress | None
) -> tuple[Tree, Gathered]:
    """The files of a repository and their facts."""
    tree = discover(config.root, config.excluded, config.respect_gitignore, dict(overlay or {}))
    return tree, gather(tree, cache, jobs, config.max_file_size, progress)


def load_packs(config: Config, imported: frozenset[str] | None = None) -> Packs:
    """The packs of a configuration, which is held against the rules that they bring.

    Those that do not concern a repository that imports these modules may be missing.
    """
    require_packs(config)
    loaded = packs.load(config.packs, None if names_rules(config) else imported)
    validate(config, loaded.options)
    return loaded


def _imported(project: Project) -> frozenset[str]:
    """The top-level modules that the repository imports, its own among them."""
    modules = [module for path in project.paths if (module := project.module(path)) is not None]
    return frozenset(each.module.partition(".")[0] for module in modules for each in module.imports)


def _settings(config: Config, loaded: Packs) -> dict[str, Any]:
    """The settings that facts and rules may ask for, as plain values."""
    return {
        "source-roots": config.source_roots,
        "python": config.python,
        "layers": tuple(
            {"name": each.name, "order": each.order, "members": dict(each.members), "edges": each.edges}
            for each in config.layers
        ),
        "options": {name: selection.options(config, name, rule.options) for name, rule in loaded.rules.items()},
    }
