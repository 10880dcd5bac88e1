"""Exits with 1 when SQLAlchemy refuses the second table of a name."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy.exc import InvalidRequestError
from support import refused

case = sys.argv[1]
sys.path.insert(0, ".")
if case == "good-two-programs":
    # Each is a program of its own.
    for name in ("first", "second"):
        subprocess.run([sys.executable, "-c", f"import {name}"], check=True)
    sys.exit(0)
main = {"bad-one-file": "models", "bad-sqlmodel": "teams", "good-other-metadata": "second"}.get(case, "main")
sys.exit(refused([lambda: importlib.import_module(main)], InvalidRequestError))
