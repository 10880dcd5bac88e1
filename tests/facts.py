"""What the tests of facts share: facts of some source, and facts without their places."""

from __future__ import annotations

import marshal
from typing import Any

from cdlint.facts.model import Broken, Module, load
from cdlint.facts.parse import facts_of

LIMIT = 5_000_000


def read(source: str | bytes) -> Module | Broken:
    """The facts of a source, broken or not."""
    return load(facts_of(source if isinstance(source, bytes) else source.encode(), LIMIT))


def module(source: str | bytes) -> Module:
    """The facts of a source that can be read."""
    found = read(source)
    assert isinstance(found, Module), found
    return found


def broken(source: str | bytes) -> Broken:
    """Why a source cannot be read."""
    found = read(source)
    assert isinstance(found, Broken)
    return found


def unbound(source: str | bytes) -> list[str]:
    """The names that nothing binds, sorted."""
    return sorted(each.name for each in module(source).unbound)


def placeless(source: str) -> Any:
    """Raw facts with every place replaced, to compare sources that are laid out differently."""
    return _without_places(marshal.loads(facts_of(source.encode(), LIMIT)))


def _without_places(value: Any) -> Any:
    if isinstance(value, bytes):
        try:
            return _without_places(marshal.loads(value))
        except (ValueError, EOFError, TypeError):
            return value
    if isinstance(value, tuple):
        is_place = len(value) == 4 and all(type(item) is int for item in value)
        return "place" if is_place else tuple(_without_places(item) for item in value)
    return value
