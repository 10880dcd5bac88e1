"""Parsing many files in worker processes, none of which can take the run down with it."""

from __future__ import annotations

import contextlib
import gc
import marshal
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from .facts.model import Broken, encode, load
from .facts.parse import facts_of
from .files import complaint, digest_of

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from .source import Tree

SECONDS_A_FILE = 60.0
"""How long a worker may take for one file before it is given up."""

_CHUNKS_A_WORKER = 8
_LONGEST_BROKEN = 1_000
_CRASHED = "parsing this file crashed the parser"


class Parsed(NamedTuple):
    """The facts of one file. `lasting` says that they depend on its content alone.

    No facts: the file is gone. The digest is None when the content has not been read whole or
    the parser died of it, and `b""` when a later run can only go by the file's stat.
    """

    facts: bytes | None
    digest: bytes | None
    lasting: bool


Report: TypeAlias = Callable[[str, Parsed], None]


def parse_file(tree: Tree, path: str, max_bytes: int) -> Parsed:
    """Read and parse one file; whatever happens becomes a `Broken`, never an exception."""
    stat = tree.stats.get(path)
    if stat is not None and stat[2] > max_bytes:
        return Parsed(encode(Broken("too-large", f"the file has {stat[2]:,} bytes", 1, 0)), b"", False)
    try:
        source = tree.read(path)
    except FileNotFoundError:
        return Parsed(None, None, False)
    except OSError as error:
        return Parsed(encode(Broken("unreadable", complaint(error), 1, 0)), b"", False)
    try:
        facts = facts_of(source, max_bytes)
    except Exception as error:
        message = f"the parser failed on this file ({type(error).__name__}: {error})"
        return Parsed(encode(Broken("unreadable", message, 1, 0)), None, False)
    return Parsed(facts, digest_of(source), len(source) <= max_bytes and not _may_be_bad_luck(facts))


def _may_be_bad_luck(facts: bytes) -> bool:
    """How deep is too deep depends on the stack, and the fallback parser may have run out of time."""
    if len(facts) > _LONGEST_BROKEN:
        return False
    loaded = load(facts)
    return isinstance(loaded, Broken) and loaded.kind == "too-deep"


def parse_files(tree: Tree, paths: Sequence[str], jobs: int, max_bytes: int, report: Report) -> None:
    """Parse all files in `jobs` processes and report each as it comes, in no particular order.

    A worker that dies or gets stuck costs only the file that it was at, and that one gets a
    second try in a fresh worker by itself, since the death may have had another cause.
    """
    suspects = _run(tree, _chunks(tree, paths, jobs), jobs, max_bytes, report)
    for path in sorted(suspects):
        for lost in _run(tree, [[path]], 1, max_bytes, report):
            report(lost, Parsed(encode(Broken("unreadable", _CRASHED, 1, 0)), None, False))


def _chunks(tree: Tree, paths: Sequence[str], jobs: int) -> list[list[str]]:
    """Paths in portions of about equal size, those with the largest files first."""
    sizes = {path: tree.stats[path][2] if path in tree.stats else 0 for path in paths}
    limit = max(sum(sizes.values()) // (jobs * _CHUNKS_A_WORKER), 1)
    chunks: list[list[str]] = []
    room = 0
    for path in sorted(paths, key=lambda path: (-sizes[path], path)):
        if room <= 0:
            chunks.append([])
            room = limit
        chunks[-1].append(path)
        room -= sizes[path] + 200
    return chunks


class _Worker:
    """A process at work on a chunk: `left` are the paths that it has not reported yet, in order."""

    def __init__(self, tree: Tree, max_bytes: int) -> None:
        import multiprocessing

        methods = multiprocessing.get_all_start_methods()
        context: Any = multiprocessing.get_context("fork" if "fork" in methods else None)
        self.connection: Connection
        self.connection, other = context.Pipe()
        self.process = context.Process(target=_work, args=(other, tree, max_bytes), daemon=True)
        with _without_interrupts():
            self.process.start()
        other.close()
        self.left: list[str] = []
        self.deadline = 0.0

    def give(self, chunk: list[str]) -> None:
        self.left = list(reversed(chunk))
        self._restart_clock()
        with contextlib.suppress(OSError):  # it has died: reading from it tells
            self.connection.send(chunk)

    def take(self) -> tuple[str, Parsed] | None:
        """The next file, None if the worker has died."""
        try:
            parsed = Parsed._make(marshal.loads(self.connection.recv_bytes()))
        except (EOFError, OSError, ValueError, TypeError):
            return None
        self._restart_clock()
        return self.left.pop(), parsed

    def stop(self) -> None:
        self.process.kill()
        self.process.join()
        self.connection.close()

    def _restart_clock(self) -> None:
        self.deadline = time.monotonic() + SECONDS_A_FILE


def _run(tree: Tree, chunks: list[list[str]], jobs: int, max_bytes: int, report: Report) -> list[str]:
    """Parse all chunks; the files at which a worker died."""
    from multiprocessing.connection import wait

    waiting = list(reversed(chunks))
    suspects: list[str] = []
    workers: list[_Worker] = []
    try:
        while waiting or workers:
            while waiting and len(workers) < jobs:
                workers.append(_Worker(tree, max_bytes))
                workers[-1].give(waiting.pop())
            soonest = min(worker.deadline for worker in workers)
            ready = wait([worker.connection for worker in workers], max(soonest - time.monotonic(), 0))
            for worker in list(workers):
                taken = worker.take() if worker.connection in ready else None
                if taken is not None:
                    report(*taken)
                elif worker.connection in ready or worker.deadline < time.monotonic():
                    suspects.append(worker.left.pop())
                    waiting.extend([list(reversed(worker.left))] if worker.left else [])
                    worker.left = []
                    worker.stop()
                    workers.remove(worker)
                    continue
                if not worker.left and waiting:
                    worker.give(waiting.pop())
                elif not worker.left:
                    worker.stop()
                    workers.remove(worker)
        return suspects
    finally:
        for worker in workers:
            worker.stop()


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """A process started in here never hears of Ctrl-C, which the terminal sends to all."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(connection: Connection, tree: Tree, max_bytes: int) -> None:
    """What a worker does: receive a chunk, send each file's facts, until the other side is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    try:
        while True:
            for path in connection.recv():
                connection.send_bytes(marshal.dumps(tuple(parse_file(tree, path, max_bytes)), 2))
    except (EOFError, OSError):
        os._exit(0)
