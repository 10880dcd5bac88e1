"""Whether Django cannot load the apps of the case because one of them needs models too early."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django.core.exceptions import AppRegistryNotReady
from django_project import start

try:
    start()
except AppRegistryNotReady as error:
    print(error)
    sys.exit(1)
