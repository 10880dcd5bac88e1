"""Whether FastAPI refuses the types of the case when the application is made."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fastapi.exceptions import FastAPIError
from served import app

try:
    app()
except FastAPIError as error:
    print(error)
    sys.exit(1)
