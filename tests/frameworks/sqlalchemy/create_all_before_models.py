"""Exits with 1 when a table is missing after the program was started as the case starts it."""

from __future__ import annotations

import asyncio
import importlib
import runpy
import sys
import traceback
from pathlib import Path

from sqlalchemy.exc import OperationalError

sys.path.insert(0, ".")


def _started() -> None:
    for name in ("init_db",):
        if Path(f"{name}.py").exists():
            runpy.run_path(f"{name}.py", run_name="__main__")
    main = importlib.import_module("main")
    if hasattr(main, "run"):
        main.run()
    elif Path("report.py").exists():
        asyncio.run(_lived(main.app))
    elif Path("extensions.py").exists():
        main.app.testing = True
        main.app.test_client().get("/users")
    else:
        from fastapi.testclient import TestClient

        with TestClient(main.app) as client:
            client.get("/users")


async def _lived(app: object) -> None:
    async with app.router.lifespan_context(app):
        await importlib.import_module("report").count()


try:
    _started()
except OperationalError:
    traceback.print_exc()
    sys.exit(1)
