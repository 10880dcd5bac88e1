"""A URL pattern that never answers, because an earlier one takes all its URLs.

## Why
Django tries patterns in order and takes the first that matches, whatever its methods. A literal
route behind `<slug:name>/`, a second view for the same path, or a router that is included before
a route of the same shape leaves the later view without a single request: the earlier view answers
with a 404, a 405 or the wrong page.

## Instead
Put the narrower pattern first, give it a path of its own, or narrow the earlier one with a
converter such as `<int:pk>`.

## Known limits
Patterns that exist only under a condition, that use converters of the project, look around or
match without `^` are not compared. Two patterns of one view are left alone: the second may be
there for its name. Of `/?` at the end of a route, the form without the slash counts.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._patterns_cover import shown
from ._patterns_shadows import Shadowed, shadowed


@rule(of=shadowed, severity="error", constraint="wiring")
def url_pattern_shadowed(project: Project, each: Shadowed) -> Iterator[Finding]:
    """A pattern that no request reaches."""
    later, earlier = each.pattern, each.earlier
    hidden = later.view.last if later.view else ""
    first = earlier.view.last if earlier.view else ""
    path = shown(later)
    if each.same:
        message = f"`{path}` goes to `{first}`, which stands earlier, so `{hidden}` never answers."
        cure = "Give one of the two views a path of its own."
    else:
        message = f"`{path}` never reaches `{hidden}`: `{shown(earlier)}` before it takes every such URL."
        cure = "Put this pattern before the other one."
    shown_at = Evidence(earlier.at, f"`{shown(earlier)}` goes to `{first}`")
    yield Finding(later.at, message, (shown_at,), symbol=f"{path} {hidden}", cure=cure)
