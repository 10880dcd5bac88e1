"""What cdlint keeps between runs, in files of the user's cache directory that are never trusted blindly."""

from __future__ import annotations

import marshal
import os
import sys
import time
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO, NamedTuple

from . import __version__
from .diagnostic import Notice
from .failure import Failure
from .files import Stat, complaint, digest_of

_MAGIC = b"cdlint 1"
_FACTS = "facts"
_REPORT = "report-"
_HALF = ".tmp"
_KEPT_REPORTS = 8
_A_DAY_NS = 86_400 * 10**9


class CacheError(Failure):
    """The cache directory that was asked for cannot be used; the message says why."""


class Entry(NamedTuple):
    """The facts of one file, valid while its stat or its content is the same."""

    stat: Stat
    digest: bytes
    facts: bytes


class Cache:
    """The folder of one checked root in the cache directory.

    Whatever is damaged, cut off or of another version counts as absent. What cannot be written is
    said once in `notices`, and the run goes on. Files are replaced as a whole, so that of two runs
    at once the last one wins.
    """

    def __init__(self, root: str, directory: str | None = None) -> None:
        """`directory` overrides the user's own. Raises CacheError if the cache would lie inside `root`."""
        self.root = os.path.realpath(root)
        self.notices: list[Notice] = []
        base = directory or default_directory()
        if base is None:
            self._folder = ""
            self.notices.append(Notice("nothing is cached, since this user has no home directory"))
            return
        base = os.path.realpath(base)
        if base == self.root or base.startswith(self.root.rstrip(os.sep) + os.sep):
            raise CacheError(f"The cache directory {base} lies inside the checked repository, choose one outside.")
        name = digest_of(os.fsencode(self.root)).hex()
        self._folder = os.path.join(base, name)

    def load_facts(self) -> dict[str, Entry]:
        """All cached facts by path."""
        loaded = self._load(_FACTS, _facts_stamp())
        if loaded is None:
            return {}
        index, blobs = loaded
        return {path: Entry(stat, digest, facts) for (path, stat, digest), facts in zip(index, blobs, strict=True)}

    def save_facts(self, entries: Mapping[str, Entry]) -> None:
        """Replace the cached facts."""
        index = [(path, entry.stat, entry.digest) for path, entry in entries.items()]
        self._save(_FACTS, _facts_stamp(), index, [entry.facts for entry in entries.values()])

    def load_report(self, key: bytes) -> object | None:
        """What `save_report` stored under this key."""
        loaded = self._load(_REPORT + digest_of(key).hex(), key)
        return loaded[0] if loaded else None

    def save_report(self, key: bytes, plain: object) -> None:
        """Store plain data (numbers, text, bytes, tuples, None); the oldest of several keys are dropped."""
        self._save(_REPORT + digest_of(key).hex(), key, plain)
        self._tidy()

    def clear(self) -> None:
        """Remove all that is cached of this root."""
        if not self._folder:
            return
        try:
            with os.scandir(self._folder) as entries:
                for entry in entries:
                    os.unlink(entry.path)
            os.rmdir(self._folder)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            self._complain("removed", error)

    def _load(self, name: str, stamp: bytes) -> tuple[Any, list[bytes]] | None:
        if not self._folder:
            return None
        try:
            with open(os.path.join(self._folder, name), "rb") as file:
                return _unpacked(file, stamp)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            self._complain("read", error)
            return None
        except (ValueError, EOFError, TypeError):
            return None

    def _save(self, name: str, stamp: bytes, index: object, blobs: Sequence[bytes] = ()) -> None:
        if not self._folder:
            return
        path = os.path.join(self._folder, name)
        temporary = f"{path}.{os.getpid()}-{time.monotonic_ns()}{_HALF}"
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            try:
                with open(temporary, "xb") as file:
                    _pack(file, stamp, index, blobs)
                os.replace(temporary, path)
            except BaseException:
                if os.path.exists(temporary):
                    os.unlink(temporary)
                raise
        except OSError as error:
            self._complain("written", error)

    def _tidy(self) -> None:
        """Drop all but the newest reports, and what killed runs left half written."""
        try:
            with os.scandir(self._folder) as entries:
                files = sorted((entry.stat().st_mtime_ns, entry.path) for entry in entries)
            remains = [path for changed, path in files if path.endswith(_HALF) and changed < time.time_ns() - _A_DAY_NS]
            whole = [path for _, path in files if not path.endswith(_HALF)]
            reports = [path for path in whole if os.path.basename(path).startswith(_REPORT)]
            for path in (*reports[:-_KEPT_REPORTS], *remains):
                os.unlink(path)
        except OSError:
            return

    def _complain(self, verb: str, error: OSError) -> None:
        if not self.notices:
            self.notices.append(Notice(f"the cache in {self._folder} cannot be {verb}: {complaint(error)}"))


def default_directory() -> str | None:
    """The user's cache directory for cdlint, None if there is no home."""
    if chosen := os.environ.get("CDLINT_CACHE_DIR"):
        return chosen
    if base := os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME"):
        if os.path.isabs(base):
            return os.path.join(base, "cdlint")
    home = os.path.expanduser("~")
    return os.path.join(home, ".cache", "cdlint") if os.path.isabs(home) else None


def _facts_stamp() -> bytes:
    from .facts.model import FORMAT

    return f"facts {FORMAT}".encode()


def _header(stamp: bytes) -> bytes:
    """Equal only for the same versions of cdlint and of Python, whose `marshal` and grammar may differ."""
    versions = f"{__version__} {sys.implementation.cache_tag} {sys.version_info[:3]}".encode()
    return _MAGIC + digest_of(versions + b"\0" + stamp)


def _pack(file: BinaryIO, stamp: bytes, index: object, blobs: Sequence[bytes]) -> None:
    """Header, the index with its length and checksum, the blobs one after another, their checksum."""
    contents: Any = (index, tuple([len(blob) for blob in blobs]))
    raw = marshal.dumps(contents, 2)
    file.write(_header(stamp) + len(raw).to_bytes(8, "big") + zlib.crc32(raw).to_bytes(4, "big") + raw)
    checksum = 0
    for blob in blobs:
        checksum = zlib.crc32(blob, checksum)
        file.write(blob)
    file.write(checksum.to_bytes(4, "big"))


def _unpacked(file: BinaryIO, stamp: bytes) -> tuple[Any, list[bytes]] | None:
    """Index and blobs, None if anything is not as `_pack` has written it."""
    header = _header(stamp)
    if file.read(len(header)) != header:
        return None
    length, expected = int.from_bytes(file.read(8), "big"), int.from_bytes(file.read(4), "big")
    size = os.fstat(file.fileno()).st_size
    raw = file.read(length) if length <= size else b""
    if len(raw) != length or zlib.crc32(raw) != expected:
        return None
    index, lengths = marshal.loads(raw)
    if file.tell() + sum(lengths) + 4 != size:
        return None
    blobs = [file.read(length) for length in lengths]
    checksum = 0
    for blob in blobs:
        checksum = zlib.crc32(blob, checksum)
    return (index, blobs) if checksum == int.from_bytes(file.read(4), "big") else None
