"""Memoised facts that know what they read, so that an edit computes again only what it must.

The scheme is rust-analyzer's salsa in small. Every value is an entry: an *input* that is
set from outside, or a *derived* value computed by a function. While a function runs, the
entries that it reads are written down. When an input changes, all that depends on it is
marked doubtful; a doubtful entry that is asked for first brings what it read up to date and
is computed again only if one of those really came out different. What comes out equal to
before stops the wave.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Key: TypeAlias = tuple[Any, Any]
CLEAN, _DOUBTFUL, _RUNNING = 0, 1, 2
RUNNING = object()


class CyclicFact(RuntimeError):
    """A fact asked for itself: a bug of the fact, never of the checked repository."""


class Entry:
    """One value, how it is computed, and who read it."""

    __slots__ = ("changed", "checked", "compute", "key", "readers", "reads", "state", "value")

    def __init__(self, key: Key, compute: Callable[[], Any] | None) -> None:
        self.key = key
        self.compute = compute
        self.value: Any = None
        self.changed = 0
        """The revision in which the value last became different."""
        self.checked = 0
        """The revision in which the value was last known to be right."""
        self.state = CLEAN
        self.reads: dict[Entry, None] = {}
        self.readers: set[Entry] = set()


class Memo:
    """The entries, the revision they belong to, and the entry that is being computed."""

    def __init__(self) -> None:
        self.revision = 1
        self.computed = 0
        """How often a function ran; tests and benchmarks look at it."""
        self.entries: dict[Key, Entry] = {}
        self.reading: dict[Entry, None] | None = None
        self._inputs: list[Key] = []

    def input(self, key: Key, pull: Callable[[], Any]) -> Any:
        """An input, fetched by `pull` when it is first read."""
        entry = self.entries.get(key)
        if entry is None:
            entry = self.entries[key] = Entry(key, None)
            self._inputs.append(key)
            entry.value = pull()
            entry.changed = self.revision
        if self.reading is not None:
            self.reading[entry] = None
        return entry.value

    def inputs(self) -> tuple[Key, ...]:
        """The keys of all inputs that were read."""
        return tuple(self._inputs)

    def set(self, values: Mapping[Key, Any]) -> None:
        """Give inputs new values; those that were never read, or are equal to before, change nothing.

        What read a changed input itself is computed at once, and only what read those that come out
        different is in doubt: most of what an edit touches comes out equal in this first step.
        """
        changed = [entry for key, value in values.items() if (entry := self.entries.get(key)) and entry.value != value]
        if not changed:
            return
        self.revision += 1
        for entry in changed:
            entry.value = values[entry.key]
            entry.changed = self.revision
        readers = [each for each in dict.fromkeys(r for e in changed for r in e.readers) if each.state == CLEAN]
        for reader in readers:
            reader.state = _DOUBTFUL
        moved = [reader for reader in readers if self._moves(reader)]
        # What was computed just now may have read something that is in doubt only from here on.
        self.revision += 1
        for reader in moved:
            _doubt(reader)

    def _moves(self, entry: Entry) -> bool:
        """Compute an entry whose input changed: whether it came out different, or not at all."""
        try:
            if entry.state == _DOUBTFUL:
                self._run(entry)
        except Exception:
            # Whoever asks for it next is told.
            return True
        return entry.changed == self.revision

    def get(self, key: Key, compute: Callable[[], Any]) -> Any:
        """A derived value, computed at most once per change of what it reads."""
        entry = self.entries.get(key)
        if entry is None:
            entry = self.entries[key] = Entry(key, compute)
            self._run(entry)
        elif entry.state != CLEAN:
            if entry.state == _RUNNING:
                raise CyclicFact(f"{_name(key)} asks for itself")
            self._refresh(entry)
        if self.reading is not None:
            self.reading[entry] = None
        return entry.value

    def doubtful(self, key: Key) -> bool:
        """Whether a derived value is missing or may have changed since it was last asked for."""
        entry = self.entries.get(key)
        return entry is None or entry.state != CLEAN

    def _refresh(self, entry: Entry) -> None:
        """Bring a doubtful entry up to date, running its function only if something it read differs."""
        if not entry.changed:
            # Its function has never come to an end.
            self._run(entry)
            return
        for read in tuple(entry.reads):
            if read.state == _DOUBTFUL:
                self._refresh(read)
            if read.changed > entry.checked:
                self._run(entry)
                return
        entry.checked = self.revision
        entry.state = CLEAN

    def _run(self, entry: Entry) -> None:
        for read in entry.reads:
            read.readers.discard(entry)
        outer, self.reading = self.reading, {}
        entry.state = _RUNNING
        done = False
        try:
            assert entry.compute is not None
            value = entry.compute()
            done = True
        finally:
            reads, self.reading = self.reading, outer
            entry.reads = reads
            for read in reads:
                read.readers.add(entry)
            if not done:
                entry.state = _DOUBTFUL
        self.computed += 1
        fresh = entry.changed == 0
        if fresh or value != entry.value:
            entry.value = value
            entry.changed = self.revision
        entry.checked = self.revision
        entry.state = CLEAN


class OneRun:
    """A memo for a project that nobody edits: it keeps no account of what was read."""

    def __init__(self) -> None:
        self.values: dict[Key, Any] = {}
        """`RUNNING` stands for what is being computed."""

    def input(self, key: Key, pull: Callable[[], Any]) -> Any:
        """An input, fetched by `pull` when it is first read."""
        return self.get(key, pull)

    def get(self, key: Key, compute: Callable[[], Any]) -> Any:
        """A derived value, computed once."""
        values = self.values
        value = values.get(key, values)
        if value is RUNNING:
            raise CyclicFact(f"{_name(key)} asks for itself")
        if value is values:
            values[key] = RUNNING
            try:
                value = compute()
            except BaseException:
                del values[key]
                raise
            values[key] = value
        return value


def _doubt(entry: Entry) -> None:
    """Mark everything that read the entry, directly or not."""
    stack = list(entry.readers)
    while stack:
        reader = stack.pop()
        if reader.state == CLEAN:
            reader.state = _DOUBTFUL
            stack.extend(reader.readers)


def _name(key: Key) -> str:
    fact, argument = key
    name = getattr(fact, "__qualname__", str(fact))
    return name if argument is None else f"{name}[{argument!r}]"
