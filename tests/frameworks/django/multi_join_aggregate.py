"""Whether some aggregate of the case exceeds the two rows that each relation has."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django.db.models import QuerySet
from django_cases import fill, functions, start

start()
fill(2)
failed = False
for each in functions():
    found = each()
    rows = list(found) if isinstance(found, (QuerySet, list)) else []
    names = found.query.annotations if isinstance(found, QuerySet) else ("n", "p")
    for row in rows:
        failed = failed or any((getattr(row, name, None) or 0) > 2 for name in names)
sys.exit(1 if failed else 0)
