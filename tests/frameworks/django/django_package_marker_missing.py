"""Whether Django does not see the migrations that an app of the case has."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django_project import start

start()
from django.db.migrations.loader import MigrationLoader

unseen = [each for each in MigrationLoader(None).unmigrated_apps if list(Path(each).glob("migrations/0*.py"))]
print(unseen)
sys.exit(1 if unseen else 0)
