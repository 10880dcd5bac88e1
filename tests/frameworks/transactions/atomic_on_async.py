"""Exits with 1 when Django refuses a transaction that a coroutine opens, or ends it before the coroutine runs."""

from __future__ import annotations

import asyncio
import importlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django_shop import start

start(installed=False)

from django.core.exceptions import SynchronousOnlyOperation

case = sys.argv[1]
module = importlib.import_module("services" if Path("services.py").exists() else "views")


async def run() -> int:
    calls = {
        "bad-aliased-method": lambda: module.Service().place(),
        "bad-async-with": lambda: module.Repository().add(1),
    }
    functions = [calls.get(case, lambda: module.place(1)), *([lambda: module.pay(1)] if case == "bad" else [])]
    refused = 0
    for function in functions:
        try:
            await function()
        except (SynchronousOnlyOperation, TypeError):
            refused += 1
    return 1 if refused == len(functions) else 0


if case == "good-made-synchronous":
    module.place(1)
    sys.exit(0)
sys.exit(asyncio.run(run()))
