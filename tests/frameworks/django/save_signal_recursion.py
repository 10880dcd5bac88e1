"""Whether saving rows of the case, new ones and old ones, comes to an end."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django_cases import fill, modules, own, start

start()
from django.apps import apps
from django.contrib.auth.models import User

list(modules())
sys.setrecursionlimit(300)
try:
    fill(1)
    for model in [*apps.get_app_config(own()[0]).get_models(), User]:
        for row in list(model._default_manager.all()):
            row.save()
except RecursionError as error:
    print(error)
    sys.exit(1)
sys.exit(0)
