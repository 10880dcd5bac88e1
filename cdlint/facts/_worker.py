"""The process that runs the fallback parser: sources in, rewritten sources out, over its pipes."""

from __future__ import annotations

import faulthandler
import marshal
import os
import signal
import sys
import threading
from typing import Any

from .fallback import receive, send

TIMEOUT = 10
_STACK = 256 * 1024 * 1024
_RECURSION = 50_000


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
            source = receive(questions)
        except EOFError:
            return
        # A native parser cannot be interrupted: this ends the process from a thread in C.
        faulthandler.dump_traceback_later(TIMEOUT, exit=True, file=silence)
        answer = _answer(source)
        faulthandler.cancel_dump_traceback_later()
        send(answers, marshal.dumps(answer))


def _answer(source: bytes) -> tuple[Any, ...]:
    from .downlevel import rewritten

    try:
        older = rewritten(source)
    except Exception as error:
        return ("failed", f"the fallback parser fails ({type(error).__name__})")
    if older is None:
        return ("refused",)
    return ("read", older.source, tuple(sorted(older.names)), older.marker, older.templates)
