"""How packs fill a backend word: `@provides(endpoints)` adds a fact's items to `project[endpoints]`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from ..project import Project

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


def provides(word: Callable[..., Any]) -> Callable[[F], F]:
    """Mark a fact of a pack as one that fills a backend word."""

    def mark(fact: F) -> F:
        fact.provides = word  # type: ignore[attr-defined]
        return fact

    return mark


def collect(project: Project, word: Callable[[Project], tuple[T, ...]]) -> tuple[T, ...]:
    """The items of all packs' facts for a word, without repetition, sorted by what they say."""
    items: Iterable[T] = (item for fact in project.provided(word) for item in project[fact])
    return tuple(sorted(dict.fromkeys(items), key=repr))
