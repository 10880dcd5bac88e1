"""A start command goes to a folder, or runs a file or module, that does not work from where it runs.

## Why
The program is over before its first line: the shell says `No such file or directory`, or Python raises
`ModuleNotFoundError`, because `python app/main.py` puts `app/` on its path and not the folder above, or
`attempted relative import with no known parent package`. The code itself may be without fault.

## Instead
Start from the folder of the script (`cd "$(dirname "$0")"`) and run modules by their dotted names:
`python -m app.main`, `uvicorn app.main:app`.

## Known limits
Read are shell scripts, `Procfile`, `Makefile` and `Dockerfile`. Silent about commands under a condition,
variables that the file does not set, paths that an earlier command makes or git ignores, programs that
change `sys.path`, and repositories whose packages a build may install.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Finding, rule

from ._broken import Broken, broken


@rule(of=broken, severity="error", constraint="startup")
def entry_command_broken(project: Project, each: Broken) -> Iterator[Finding]:
    """One finding for each command."""
    yield Finding(each.at, each.message, each.related, symbol=each.message, cure=each.cure)
