"""Where the command starts: answers `--version` at once, and leaves the rest to `cdlint.cli`."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Run the command with the arguments of the process, which ends in here or with the returned exit status."""
    try:
        if sys.argv[1:] in (["--version"], ["-V"]):
            return _version()
        from .cli import run

        # All output is flushed. Taking apart what a run has built costs as much as a dozen rules.
        os._exit(run(sys.argv[1:]))
    except KeyboardInterrupt:
        # Before or after the command itself, which says that it was interrupted.
        return 130


def _version() -> int:
    from . import __version__

    try:
        # Unbuffered, so that a closed pipe is seen here and not when the interpreter shuts down.
        os.write(1, f"cdlint {__version__}\n".encode())
    except OSError:
        return 2
    return 0


if __name__ == "__main__":
    if not sys.flags.safe_path:
        # `python -m` puts the working directory first: a checked repository with a `click.py`
        # would be run in place of the real one.
        del sys.path[0]
    sys.exit(main())
