"""The process that runs the fallback parser: sources in, rewritten sources out. Both of its ends."""

from __future__ import annotations

import atexit
import faulthandler
import marshal
import os
import signal
import struct
import subprocess
import sys
import threading
from typing import IO, Any

TIMEOUT = 10
"""Seconds for one file."""
_STACK = 256 * 1024 * 1024
_RECURSION = 50_000
_LENGTH = struct.Struct(">I")
_START = "import sys; sys.path[:] = sys.argv[1:]; from cdlint.facts.worker import serve; serve()"


def ask(source: bytes) -> tuple[Any, ...]:
    """What the worker of this process says: `("read", *fields of Older)`, `("refused",)` or `("failed", why)`."""
    return _workers.setdefault(os.getpid(), _Worker()).ask(source)


class _Worker:
    """The one worker process of this process, started when it is first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._unusable = False

    def ask(self, source: bytes) -> tuple[Any, ...]:
        """The worker's answer. It ends itself when it takes too long."""
        with self._lock:
            if self._process is not None and self._process.poll() is not None:
                self.stop()
            if self._process is None and not self._unusable:
                self._start()
            if self._process is None:
                return ("failed", "the fallback parser does not start")
            answer = self._exchange(source)
            return answer or ("failed", "the fallback parser gave up")

    def _start(self) -> None:
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", _START, *_search_path()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except (OSError, ValueError):
            self._unusable = True
            return
        self._unusable = self._exchange(b"") is None

    def _exchange(self, source: bytes) -> tuple[Any, ...] | None:
        """None, and no worker any more, when it died of the source."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            _send(process.stdin, source)
            answer: tuple[Any, ...] = marshal.loads(_receive(process.stdout))
        except (OSError, EOFError):
            self.stop()
            return None
        except BaseException:
            self.stop()
            raise
        return answer

    def stop(self) -> None:
        """End the process and forget it."""
        process, self._process = self._process, None
        if process is None:
            return
        # Closing its pipe is not enough: a forked process may hold a copy.
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            try:
                if stream is not None:
                    stream.close()
            except OSError:
                pass


def _search_path() -> list[str]:
    """Where the worker may import from: not the working directory, which may be the checked repository."""
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    working = os.path.realpath(os.getcwd())
    found = [path for path in sys.path if os.path.isabs(path) and os.path.realpath(path) != working]
    return found if here in found else [*found, here]


def _send(stream: IO[bytes], data: bytes) -> None:
    """Write one message."""
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def _receive(stream: IO[bytes]) -> bytes:
    """Read one message. EOFError when the other side is gone."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    length = _LENGTH.unpack(head)[0]
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data


_workers: dict[int, _Worker] = {}
"""By process: a forked one must not talk to the worker of its parent."""


@atexit.register
def _stop() -> None:
    worker = _workers.pop(os.getpid(), None)
    if worker is not None:
        worker.stop()


def serve() -> None:
    """Answer until the other side closes the pipe.

    The parser recurses deeply in native code, hence a thread with a stack of its own.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.setrecursionlimit(_RECURSION)
    threading.stack_size(_STACK)
    thread = threading.Thread(target=_serve)
    thread.start()
    thread.join()


def _serve() -> None:
    silence = open(os.devnull, "w")  # noqa: SIM115
    answers = os.fdopen(os.dup(1), "wb")
    questions = os.fdopen(os.dup(0), "rb")
    os.dup2(silence.fileno(), 1)
    while True:
        try:
            source = _receive(questions)
        except EOFError:
            return
        # A native parser cannot be interrupted: this ends the process from a thread in C.
        faulthandler.dump_traceback_later(TIMEOUT, exit=True, file=silence)
        answer = _answer(source)
        faulthandler.cancel_dump_traceback_later()
        _send(answers, marshal.dumps(answer))


def _answer(source: bytes) -> tuple[Any, ...]:
    from .downlevel import rewritten

    try:
        older = rewritten(source)
    except Exception as error:
        return ("failed", f"the fallback parser fails ({type(error).__name__})")
    if older is None:
        return ("refused",)
    return ("read", older.source, tuple(sorted(older.names)), older.marker, older.templates)
