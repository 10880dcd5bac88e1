"""Runs the scripts beside on fixture cases, each in a forked process: `SCRIPT=CASE` lines come in, answers go out.

The frameworks are imported once, before the first fork, since importing them takes longer than a case.
An answer is the line itself, the exit status and the last line of what the script said, parted by tabs.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import runpy
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterable
from pathlib import Path

SECONDS = 60
SHARED = (
    "aiosqlite", "asyncio", "django", "django.db.models", "fastapi", "fastapi.testclient", "flask", "jinja2",
    "pydantic", "rest_framework", "sqlalchemy", "sqlalchemy.ext.asyncio", "sqlalchemy.orm", "sqlmodel", "unittest.mock",
)  # fmt: skip


def outcome(script: Path, case: Path) -> tuple[int, str]:
    """Run one script in a copy of one case: its exit status, 2 when it fails in another way, and its last words."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / case.name
        shutil.copytree(case, home)
        said = Path(folder) / "said"
        child = os.fork()
        if not child:
            os._exit(_run(script, home, said))
        _, status = os.waitpid(child, 0)
        words = said.read_text(errors="replace").strip().splitlines() if said.exists() else []
        return os.waitstatus_to_exitcode(status), words[-1] if words else ""


def _run(script: Path, home: Path, said: Path) -> int:
    signal.alarm(SECONDS)
    os.chdir(home)
    sys.argv = [str(script), home.name]
    sys.path[:0] = [str(home), str(Path(__file__).parent)]
    text = io.StringIO()
    status = 2
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
        try:
            runpy.run_path(str(script), run_name="__main__")
            status = 0
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else 2
        except BaseException:
            traceback.print_exc()
    said.write_text(text.getvalue(), errors="replace")
    return status


def main(pairs: Iterable[str]) -> None:
    """Run all pairs in turn, as they come in."""
    for name in SHARED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    for line in pairs:
        script, _, case = line.strip().partition("=")
        status, words = outcome(Path(script), Path(case))
        print(line.strip(), status, words.replace("\t", " "), sep="\t", flush=True)


if __name__ == "__main__":
    main(sys.stdin)
