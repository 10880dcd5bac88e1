"""The URL patterns that never answer, because an earlier one takes all their URLs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.project import Project

from ._patterns import Pattern, served
from ._patterns_cover import Matcher, Outline, covers, matcher, outline
from ._settings import aside


class Shadowed(NamedTuple):
    """A pattern, the earlier one before it, and whether both are of the very same URLs."""

    pattern: Pattern
    earlier: Pattern
    same: bool


def shadowed(project: Project) -> tuple[Shadowed, ...]:
    """The patterns that an earlier pattern of the same root hides."""
    found: dict[object, Shadowed] = {}
    for whole in project[served]:
        for each in _hidden(whole.found) if not aside(whole.root) else ():
            found.setdefault(each.pattern.at, each)
    return tuple(found.values())


def _hidden(patterns: tuple[Pattern, ...]) -> Iterator[Shadowed]:
    by_start: dict[str, list[tuple[Pattern, Outline]]] = {}
    matchers: dict[int, Matcher | None] = {}
    taken: dict[str, re.Pattern[str] | None] = {}
    seen: set[object] = set()

    def made(pattern: Pattern) -> Matcher | None:
        if id(pattern) not in matchers:
            matchers[id(pattern)] = matcher(pattern)
        return matchers[id(pattern)]

    for pattern in patterns:
        # A list that is included twice answers the first time.
        again = (pattern.view, pattern.pieces) in seen
        seen.add((pattern.view, pattern.pieces))
        if pattern.certain and pattern.view is not None and not again:
            shape = outline(pattern)
            starts = range(len(shape.start) + 1)
            before = [each for size in starts for each in by_start.get(shape.start[:size], ())]
            for earlier, other in before:
                if not _may_cover(other, shape) or not _differ(earlier, pattern):
                    continue
                one, two = made(earlier), made(pattern)
                if one is not None and two is not None and covers(one, two, taken):
                    yield Shadowed(pattern, earlier, covers(two, one, taken))
                    break
            by_start.setdefault(shape.start, []).append((pattern, shape))


def _may_cover(one: Outline, other: Outline) -> bool:
    """Whether the outlines leave it open that the first takes all URLs of the second."""
    if one.whole and one.slashes >= 0 and not (other.whole and other.start == one.start):
        return False
    if not one.end.endswith(other.end) and not other.end.endswith(one.end):
        return False
    return one.slashes < 0 or other.slashes < 0 or one.slashes == other.slashes


def _differ(earlier: Pattern, later: Pattern) -> bool:
    """Whether two patterns lead to different views for certain, so that it matters which one answers."""
    if earlier.at == later.at:
        return False
    return earlier.view is not None and later.view is not None and earlier.view != later.view
