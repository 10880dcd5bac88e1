"""A progress bar on stderr, only on a terminal and only for a run that takes more than a second."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE = 1.0
"""Seconds before the bar appears."""


class Bar:
    """Called with how much is done of how much; `rich` is imported when the bar appears."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._shown: tuple[Progress, TaskID] | None = None

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._shown[0].stop()

    def __call__(self, done: int, total: int) -> None:
        """Take note of how far the run is."""
        if self._shown is None:
            if time.monotonic() - self._started < PATIENCE:
                return
            self._shown = _bar(total)
        progress, task = self._shown
        progress.update(task, completed=done, total=total)


def is_wanted() -> bool:
    """Whether anybody sees a bar."""
    return sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def _bar(total: int) -> tuple[Progress, TaskID]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    progress = Progress(TextColumn("Reading"), BarColumn(), MofNCompleteColumn(), console=console, transient=True)
    progress.start()
    return progress, progress.add_task("Reading", total=total)
