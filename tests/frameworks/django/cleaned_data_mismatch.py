"""Whether the views of the case get what they want from the data of their forms."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django_cases import start

start()
from django.contrib.auth.models import AnonymousUser
from django.http import JsonResponse
from django.test import RequestFactory

views = importlib.import_module("shop.views")
request = RequestFactory().post("/", {"name": "Swift", "length": 3, "crew": 2, "hours": 4, "days": 1, "harbour": ""})
request.user = AnonymousUser()
try:
    given = [view(request) for view in (views.BoatView.as_view(), views.trip)]
except (KeyError, TypeError) as error:
    print(error)
    sys.exit(1)
# A form that finds its own value invalid is shown again.
sys.exit(1 if any(not isinstance(each, JsonResponse) or b"None" in each.content for each in given) else 0)
