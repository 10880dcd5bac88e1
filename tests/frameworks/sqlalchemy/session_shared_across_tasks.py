"""Exits with 1 when the session of the case refuses to serve several tasks."""

from __future__ import annotations

import asyncio
import importlib
import sys

from sqlalchemy.exc import InvalidRequestError

sys.path.insert(0, ".")
try:
    asyncio.run(importlib.import_module("main").run())
except* InvalidRequestError:
    sys.exit(1)
