"""Whether no URL that fits some pattern of the case reaches its view."""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django_project import start

start()
from django.urls import Resolver404, URLPattern, get_resolver, resolve
from django.utils.regex_helper import normalize

VALUES = ("1", "12", "2020", "a", "word", "open", ".json")


def flat(listed: Any, above: str = "") -> Iterator[tuple[URLPattern, str]]:
    """All patterns, with the regular expressions of their whole URLs."""
    for each in listed:
        inner = each.pattern.regex.pattern.removeprefix("^")
        if isinstance(each, URLPattern):
            yield each, above + inner
        else:
            yield from flat(each.url_patterns, above + inner)


def urls(regex: str) -> Iterator[str]:
    """URLs that fit."""
    for form, names in normalize(regex):
        for values in itertools.product(VALUES, repeat=len(names)):
            url = form % dict(zip(names, values, strict=True))
            if re.match(regex, url):
                yield url


def reaches(pattern: URLPattern, url: str) -> bool:
    """Whether a URL leads to the view of a pattern."""
    try:
        return resolve(f"/{url}").func is pattern.callback
    except Resolver404:
        return False


every = {each: list(urls(regex)) for each, regex in flat(get_resolver().url_patterns)}
assert all(every.values())
lost = [each for each, found in every.items() if not any(reaches(each, url) for url in found)]
print(*lost)
sys.exit(1 if lost else 0)
