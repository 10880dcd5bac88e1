"""Opening files safely, and telling later whether a file or directory has changed."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from stat import S_ISREG
from typing import NamedTuple, TypeAlias

try:
    from _blake2 import blake2b  # hashlib loads OpenSSL, which costs a warm run 3 ms
except ImportError:
    from hashlib import blake2b

Stat: TypeAlias = tuple[int, int, int, int]
"""Times of change (mtime, ctime) in ns, size, inode."""

UNTRUSTED: Stat = (-1, -1, -1, -1)
"""Equals the stat of no file: only the content can tell."""

IRRELEVANT = frozenset((
    ".git", ".hg", ".svn", ".tox", ".nox", ".venv", "venv", "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache",
    ".pytest_cache", ".eggs", "site-packages", "__pypackages__", "buck-out", ".ipynb_checkpoints",
))  # fmt: skip
"""Directories that are never entered: what tools and package managers write."""

COARSE_NS = 2_000_000_000
"""The coarsest clock of a file system in use: a younger file may change without its time changing."""

_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))


class Seen(NamedTuple):
    """What a run saw at a path.

    `digest` is that of the content. It is None when the content was not read, so that only
    `stat` tells; both are None when it was only asked whether the path exists.
    """

    exists: bool
    stat: Stat | None = None
    digest: bytes | None = None


def digest_of(content: bytes) -> bytes:
    """The digest of a content, 16 bytes."""
    return blake2b(content, digest_size=16).digest()


def stat_of(result: os.stat_result) -> Stat:
    """What of a stat tells that a file has changed."""
    return (result.st_mtime_ns, result.st_ctime_ns, result.st_size, result.st_ino)


def trusted(stat: Stat, started: int) -> Stat:
    """The stat, if no change after `started` can leave it as it is, else one that equals no other."""
    return stat if max(stat[0], stat[1]) < started - COARSE_NS else UNTRUSTED


def read_regular(full: str) -> tuple[bytes, Stat]:
    """Content and stat of a regular file. Links, pipes and devices raise OSError and are never opened for long."""
    handle = os.open(full, _FLAGS)
    try:
        result = os.fstat(handle)
        if not S_ISREG(result.st_mode):
            raise OSError(errno.EINVAL, "not a regular file", full)
        content = os.read(handle, result.st_size + 1)
        while more := os.read(handle, 1 << 20):
            content += more
        return content, stat_of(result)
    finally:
        os.close(handle)


def kind_of(entry: os.DirEntry[str]) -> str:
    """`d` directory, `f` regular file, `l` link, `o` anything else."""
    if entry.is_symlink():
        return "l"
    if entry.is_file(follow_symlinks=False):
        return "f"
    return "d" if entry.is_dir(follow_symlinks=False) else "o"


def listing_digest(directory: str, names: Iterable[tuple[str, str]]) -> bytes:
    """A digest of what a directory holds: the names, the kinds, and where links lead."""
    parts = []
    for name, kind in names:
        target = os.readlink(f"{directory}/{name}") if kind == "l" else ""
        parts.append(f"{kind}{name}\0{target}\0")
    return digest_of("".join(parts).encode("utf-8", "surrogateescape"))


def scan(directory: str) -> list[tuple[str, str, os.DirEntry[str]]]:
    """The entries of a directory as name, kind and entry, sorted by name, without the irrelevant ones."""
    with os.scandir(directory) as entries:
        return sorted((entry.name, kind_of(entry), entry) for entry in entries if entry.name not in IRRELEVANT)


def complaint(error: OSError) -> str:
    """Why something could not be read or written, in the words of the system."""
    return error.strerror or type(error).__name__
