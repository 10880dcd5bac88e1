"""What the scripts beside share: run a fixture case with the real framework and say how it went."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import sys
import traceback
from collections.abc import Callable, Iterable


def exercise(*failures: type[BaseException], says: str = "", check: Callable[[object], bool] | None = None) -> None:
    """Import `main` of the case in the current directory and call its `run()`.

    Exits with 1 for one of the failures whose text holds `says`, or when `check` refuses the result,
    with 0 when all went well and with 2 for anything else.
    """
    sys.path.insert(0, ".")
    try:
        run = importlib.import_module("main").run
        result = asyncio.run(run()) if inspect.iscoroutinefunction(run) else run()
    except Exception as error:
        traceback.print_exc()
        sys.exit(1 if isinstance(error, failures) and says in str(error) else 2)
    sys.exit(0 if check is None or check(result) else 1)


def refused(calls: Iterable[Callable[[], object]], *failures: type[BaseException]) -> int:
    """1 when all of the calls end in one of the failures, 0 when none does; raises where only some do."""
    failed = []
    for call in calls:
        try:
            call()
        except failures:
            failed.append(True)
        else:
            failed.append(False)
    if any(failed) and not all(failed):
        raise AssertionError(f"only some of the calls fail: {failed}")
    return int(all(failed))
