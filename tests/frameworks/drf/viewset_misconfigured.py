"""Whether REST framework refuses how a view of the case is made, routed or asked.

The serializers of most cases are hollow, so what fails in them says nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django.conf import settings
from django.urls import URLPattern, get_resolver
from django_cases import modules, start

start()
from rest_framework.test import APIRequestFactory

REFUSED = ("`queryset`", "serializer_class", "`basename`", "'detail'", "`actions` argument", "not iterable")


def patterns(listed: Any) -> Iterator[URLPattern]:
    """All patterns, those of included lists too."""
    for each in listed:
        yield from (each,) if isinstance(each, URLPattern) else patterns(each.url_patterns)


try:
    list(modules())
    settings.ROOT_URLCONF = "shop.urls"
    for each in patterns(get_resolver().url_patterns) if Path("shop/urls.py").exists() else ():
        given = dict.fromkeys(each.pattern.regex.groupindex, "1")
        for verb in ("get", "head"):
            try:
                each.callback(getattr(APIRequestFactory(), verb)("/"), **given)
            except TypeError as error:
                if "takes no arguments" not in str(error):
                    raise
except (AssertionError, TypeError) as error:
    print(error)
    sys.exit(1 if any(words in str(error) for words in REFUSED) else 2)
