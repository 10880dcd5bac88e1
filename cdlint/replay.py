"""Whether nothing has changed since an earlier run, so that its report can be given again."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from .files import Stat, digest_of, listing_digest, read_regular, scan, stat_of, trusted

if TYPE_CHECKING:
    from .cache import Cache
    from .source import Tree

_MARK = b"replay 1 "

_States: TypeAlias = dict[str, tuple[Stat, bytes | None]]
"""Stat and digest by path; without a digest the stat alone tells."""


class Manifest(NamedTuple):
    """What a run saw: the files that it read, what the directories held, and what it looked for."""

    python: _States
    others: _States
    directories: _States
    presence: dict[str, bool]
    layout: bytes
    """A digest of which files belong to the repository, and of what the walk had to say."""


def remember(cache: Cache, tree: Tree, digests: Mapping[str, bytes], key: bytes, plain: object) -> None:
    """Store the report of a finished run for `replay` and `recall` with the same key.

    `digests` are those of `gather`. A run with an overlay, or one that lost a Python file on its
    way, is not remembered.
    """
    if tree.overlay or any(path not in digests for path in tree.python):
        return
    others: _States = {}
    presence = {}
    for path, seen in tree.seen.items():
        if seen.stat is None:
            presence[path] = seen.exists
        elif path not in tree.stats:
            others[path] = (trusted(seen.stat, tree.started), seen.digest)
    _store(cache, tree, digests, key, others, presence, plain)


def replay(cache: Cache, key: bytes) -> Any | None:
    """The report that a run would come to again, found with stats alone; None if that is not certain.

    Where a stat is another, as after a fresh checkout, or too young to be trusted, the content
    decides.
    """
    stored = _stored(cache, key)
    if stored is None:
        return None
    before, plain = stored
    root, now = cache.root.replace(os.sep, "/"), time.time_ns()
    if not _same_presence(root, before.presence):
        return None
    try:
        after = before._replace(
            python=_checked(root, before.python, _content, now),
            others=_checked(root, before.others, _content, now),
            directories=_checked(root, before.directories, _listing, now),
        )
    except (OSError, _ChangedError):
        return None
    if after != before:
        cache.save_report(_MARK + key, (tuple(after), plain))
    return plain


def recall(cache: Cache, tree: Tree, digests: Mapping[str, bytes], key: bytes) -> Any | None:
    """The same after the repository was walked and read: files that do not belong to it may have changed."""
    stored = _stored(cache, key)
    if stored is None or tree.overlay:
        return None
    before, plain = stored
    same_files = {path: digest for path, (_, digest) in before.python.items()} == dict(digests)
    if not same_files or before.layout != _layout(tree):
        return None
    if not _same_presence(tree.root, before.presence):
        return None
    try:
        others = _checked(tree.root, before.others, _content, tree.started)
    except (OSError, _ChangedError):
        return None
    _store(cache, tree, digests, key, others, before.presence, plain)
    return plain


class _ChangedError(Exception):
    """Something is not as it was."""


def _stored(cache: Cache, key: bytes) -> tuple[Manifest, Any] | None:
    stored = cache.load_report(_MARK + key)
    if not isinstance(stored, tuple) or len(stored) != 2:
        return None
    return Manifest._make(stored[0]), stored[1]


def _store(
    cache: Cache,
    tree: Tree,
    digests: Mapping[str, bytes],
    key: bytes,
    others: _States,
    presence: dict[str, bool],
    plain: object,
) -> None:
    python: _States = {}
    for path, stat in tree.stats.items():
        python[path] = (trusted(stat, tree.started), digests[path]) if digests[path] else (stat, None)
    directories: _States = {}
    try:
        for path, listing in tree.listings.items():
            digest = listing_digest(f"{tree.root}/{path}", listing.names)
            directories[path] = (trusted(listing.stat, tree.started), digest)
    except OSError:
        return
    cache.save_report(_MARK + key, (tuple(Manifest(python, others, directories, presence, _layout(tree))), plain))


def _layout(tree: Tree) -> bytes:
    notices = [f"{notice.path}: {notice.message}" for notice in tree.notices]
    parts = [*tree.python, "", *tree.others, "", *tree.directories, "", *notices]
    return digest_of("\0".join(parts).encode("utf-8", "surrogateescape"))


def _same_presence(root: str, presence: Mapping[str, bool]) -> bool:
    return all(os.path.exists(_full(root, path)) == there for path, there in presence.items())


def _checked(root: str, before: _States, digest: Callable[[str], bytes], started: int) -> _States:
    """The same states with the stats of now. Raises _ChangedError, or OSError when one is gone."""
    after: _States = {}
    for path, (old, content) in before.items():
        full = _full(root, path)
        new = stat_of(os.lstat(full))
        if new != old:
            if content is None or digest(full) != content:
                raise _ChangedError
            new = trusted(new, started)
        after[path] = (new, content)
    return after


def _full(root: str, path: str) -> str:
    return path if os.path.isabs(path) else f"{root}/{path}"


def _content(full: str) -> bytes:
    return digest_of(read_regular(full)[0])


def _listing(full: str) -> bytes:
    return listing_digest(full, [(name, kind) for name, kind, _ in scan(full)])
