"""The command line: everything around a command that is the same for all of them.

Exit status: 0 nothing to complain about, 1 findings, 2 the job could not be done, 130
interrupted, 141 the reader of the output went away, as for any program that a pipe ends.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

CANNOT, INTERRUPTED, PIPE_CLOSED = 2, 130, 141


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit status; never raises, never leaves a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    from .main import cli

    try:
        cli.main(list(arguments), prog_name="cdlint")
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else CANNOT if ended.code else 0
    else:
        status = 0
    return _flush(status)


def _flush(status: int) -> int:
    """Write out what is buffered while the error can still be dealt with."""
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except BrokenPipeError:
        silence()
        return PIPE_CLOSED
    except OSError as error:
        silence(1)
        complain(f"cannot write the output: {error.strerror}")
        return CANNOT
    return status


def silence(*descriptors: int) -> None:
    """Send what is still buffered nowhere, so that the interpreter's last flush cannot fail."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in descriptors or (1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


def complain(message: str) -> None:
    """Tell the user on stderr why the job could not be done; what it quotes cannot steer the terminal."""
    from ..formats.escape import printable

    lines = message.splitlines() or [""]
    try:
        if sys.stderr is not None:
            sys.stderr.write("".join(f"cdlint: {printable(line)}\n" for line in lines))
            sys.stderr.flush()
    except OSError:
        silence(2)
