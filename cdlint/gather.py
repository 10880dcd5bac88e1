"""The facts of every Python file of a tree, from the cache where they still hold, else by parsing."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple, TypeAlias

from .cache import Cache, Entry
from .diagnostic import Notice
from .files import digest_of, trusted
from .source import Tree

WORTH_WORKERS = 1_500_000
"""Bytes to parse from which starting processes pays."""

Progress: TypeAlias = Callable[[int, int], None]
"""Is told how many files are parsed, of how many."""


class Gathered(NamedTuple):
    """What was gathered, by path.

    `digests` are those of the contents. `b""` stands for a file that was not read (too large, not
    permitted); it is missing where the facts may be others next time (the parser died of the file).
    """

    facts: dict[str, bytes]
    digests: dict[str, bytes]
    parsed: int
    """How many files were parsed in this run."""
    notices: tuple[Notice, ...]


def gather(tree: Tree, cache: Cache | None, jobs: int, max_bytes: int, progress: Progress | None = None) -> Gathered:
    """The facts of all Python files, the same whatever the cache holds and however many jobs there are.

    Facts that the cache lacked are stored in it. A file that has vanished is left out, with a notice.
    """
    with _collector_off():
        known = cache.load_facts() if cache else {}
        entries, pending = _reused(tree, known, max_bytes)
        unlasting = _parsed(tree, pending, entries, jobs, max_bytes, progress)
        notices = tuple(
            Notice("the file vanished while the repository was read", path)
            for path in pending
            if path not in entries and path not in unlasting
        )
        if cache and not tree.overlay and entries != known:
            cache.save_facts(entries)
        facts = {path: entry.facts for path, entry in entries.items()} | {
            path: facts for path, (facts, _) in unlasting.items()
        }
        digests = {path: entry.digest for path, entry in entries.items()} | {
            path: digest for path, (_, digest) in unlasting.items() if digest is not None
        }
        return Gathered(dict(sorted(facts.items())), dict(sorted(digests.items())), len(pending), notices)


def _reused(tree: Tree, known: dict[str, Entry], max_bytes: int) -> tuple[dict[str, Entry], list[str]]:
    """The entries that hold for the files of now, by stat, else by content; and the files left to parse."""
    entries: dict[str, Entry] = {}
    doubtful = []
    for path in tree.python:
        entry, stat = known.get(path), tree.stats.get(path)
        if entry and entry.stat == stat and stat[2] <= max_bytes:
            entries[path] = entry
        else:
            doubtful.append(path)
    if not known:
        return entries, doubtful
    by_content = {entry.digest: entry for entry in known.values()}
    pending = []
    for path in doubtful:
        digest = _digest(tree, path, max_bytes)
        if digest in by_content:
            entries[path] = _entry(tree, path, digest, by_content[digest].facts)
        else:
            pending.append(path)
    return entries, pending


def _digest(tree: Tree, path: str, max_bytes: int) -> bytes:
    """That of the content, `b""` if it is not worth reading."""
    stat = tree.stats.get(path)
    if stat is not None and stat[2] > max_bytes:
        return b""
    try:
        content = tree.read(path)
    except OSError:
        return b""
    return digest_of(content) if len(content) <= max_bytes else b""


def _entry(tree: Tree, path: str, digest: bytes, facts: bytes) -> Entry:
    return Entry(trusted(tree.stats.get(path, (0, 0, 0, 0)), tree.started), digest, facts)


def _parsed(
    tree: Tree, pending: Sequence[str], entries: dict[str, Entry], jobs: int, max_bytes: int, progress: Progress | None
) -> dict[str, tuple[bytes, bytes | None]]:
    """Parse into `entries`; facts that must not be cached, with the digest if it may be used, are returned."""
    if not pending:
        return {}
    from .workers import Parsed, parse_file, parse_files

    unlasting: dict[str, tuple[bytes, bytes | None]] = {}
    left = dict.fromkeys(pending)

    def report(path: str, parsed: Parsed) -> None:
        del left[path]
        if parsed.facts is not None and parsed.digest and parsed.lasting:
            entries[path] = _entry(tree, path, parsed.digest, parsed.facts)
        elif parsed.facts is not None:
            unlasting[path] = (parsed.facts, parsed.digest)
        if progress:
            progress(len(pending) - len(left), len(pending))

    if jobs > 1 and sum(tree.stats[path][2] for path in pending if path in tree.stats) >= WORTH_WORKERS:
        # Where no process can be started, what is left is parsed here.
        with suppress(OSError):
            parse_files(tree, pending, jobs, max_bytes, report)
    for path in list(left):
        report(path, parse_file(tree, path, max_bytes))
    return unlasting


@contextmanager
def _collector_off() -> Iterator[None]:
    """Parsing makes no cycles but millions of objects, which the collector would walk again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
