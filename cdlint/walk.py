"""Which files belong to the checked repository: what a walk from its root keeps, and why not the rest."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NamedTuple

from .diagnostic import Notice
from .files import Stat, complaint, scan, stat_of
from .ignores import Chain, Patterns, extended, ignored_by

_OUTPUT = frozenset(("build", "dist", "_build"))
_PACKAGE = ("__init__.py", "f")


class Listing(NamedTuple):
    """What a directory held: its stat before it was read, and its entries as name and kind."""

    stat: Stat
    names: tuple[tuple[str, str], ...]


class Found(NamedTuple):
    """The outcome of a walk. All paths are relative to the root."""

    python: dict[str, Stat]
    others: list[str]
    directories: list[str]
    listings: dict[str, Listing]
    notices: list[Notice]


class Filter(NamedTuple):
    """What is left out: by the ignore files of git, whose paths start with `prefix`, and by `exclude`."""

    prefix: str
    above: Chain
    exclude: Patterns
    respect_gitignore: bool
    read: Callable[[str], bytes | None]
    """The content of an ignore file, by path relative to the root."""

    def chain_in(self, directory: str, chain: Chain) -> Chain:
        """The patterns that hold in a directory (`""` or ending in a slash) with an ignore file."""
        return extended(chain, self.prefix + directory, self.read(f"{directory}.gitignore"))

    def leaves_out(self, path: str, chain: Chain) -> bool:
        """Whether this path, in a directory that is kept, is left out."""
        return self.exclude.verdict(path) is True or ignored_by(chain, self.prefix + path)


def walk(root: str, rules: Filter) -> Found:
    """All files below the root that are part of the repository. Nothing but ignore files is read."""
    found = Found({}, [], [], {}, [])
    pending: list[tuple[str, Chain]] = [("", rules.above if rules.respect_gitignore else ())]
    while pending:
        directory, chain = pending.pop()
        entries = _entries(root, directory, found)
        if entries is None or _is_foreign(directory, found.listings):
            continue
        found.directories.append(directory.rstrip("/"))
        if rules.respect_gitignore and (".gitignore", "f") in found.listings[directory].names:
            chain = rules.chain_in(directory, chain)
        for name, kind, entry in reversed(entries):
            path = directory + name
            if "{" in name and ("{{" in name or "{%" in name):
                continue
            if kind == "l":
                _note_link(root, path, found)
            elif kind == "d" and not name.endswith(".egg-info") and not rules.leaves_out(path + "/", chain):
                if _is_text(path, name, found):
                    pending.append((path + "/", chain))
            elif kind == "f" and not rules.leaves_out(path, chain):
                _keep(path, name, entry, found)
    return found


def _entries(root: str, directory: str, found: Found) -> list[tuple[str, str, os.DirEntry[str]]] | None:
    full = f"{root}/{directory}"
    try:
        found.listings[directory] = Listing(stat_of(os.stat(full)), ())
        entries = scan(full)
    except OSError as error:
        found.notices.append(Notice(f"the directory cannot be read: {complaint(error)}", directory.rstrip("/")))
        return None
    names = tuple([(name, kind) for name, kind, _ in entries])
    found.listings[directory] = found.listings[directory]._replace(names=names)
    return entries


def _is_foreign(directory: str, listings: dict[str, Listing]) -> bool:
    """Virtual environments, and the output of builds unless it is a package of that name."""
    if not directory:
        return False
    names = listings[directory].names
    if ("pyvenv.cfg", "f") in names:
        return True
    above, _, name = directory[:-1].rpartition("/")
    if name not in _OUTPUT or _PACKAGE in names:
        return False
    # Inside of a package modules need no `__init__.py` of their own to be a part of it.
    return _PACKAGE not in listings[above + "/" if above else ""].names or not any(
        kind == "f" and each.endswith(".py") for each, kind in names
    )


def _keep(path: str, name: str, entry: os.DirEntry[str], found: Found) -> None:
    if not name.endswith(".py"):
        found.others.append(path)
    elif _is_text(path, name, found):
        try:
            result = os.lstat(entry.path) if os.name == "nt" else entry.stat(follow_symlinks=False)
        except OSError:
            found.notices.append(Notice("the file vanished while the repository was read", path))
        else:
            found.python[path] = stat_of(result)


def _is_text(path: str, name: str, found: Found) -> bool:
    """Names that are not text cannot be reported, let alone be imported."""
    if name.isascii():
        return True
    try:
        name.encode()
    except UnicodeEncodeError:
        shown = os.fsencode(path).decode("utf-8", "backslashreplace")
        found.notices.append(Notice(f"left out, since its name is not valid UTF-8: {shown}"))
        return False
    return True


def _note_link(root: str, path: str, found: Found) -> None:
    """A link inside the repository needs no word, what it leads to is seen in its own place."""
    target = os.path.realpath(f"{root}/{path}")
    if is_inside(root, target) or not os.path.exists(target):
        return
    if path.endswith(".py") or os.path.isdir(target):
        found.notices.append(Notice("not followed, since this link leads out of the repository", path))


def is_inside(root: str, full: str) -> bool:
    """Whether a real path lies in the repository."""
    full = full.replace(os.sep, "/")
    return full == root or full.startswith(root.rstrip("/") + "/")
