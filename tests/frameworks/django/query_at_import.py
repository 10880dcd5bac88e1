"""Whether the URLconf of the case cannot be imported where the tables are not made yet."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django.db import OperationalError
from django_project import start

start()
from django.urls import get_resolver

try:
    print(get_resolver().url_patterns)
except OperationalError as error:
    print(error)
    sys.exit(1 if "no such table" in str(error) else 2)
