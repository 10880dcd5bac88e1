"""A default is the result of a call that runs once, on import, where each object needs its own.

## Why
`default=timezone.now()` calls `now` when the class is created and gives that moment to every row
until the process restarts; `default=uuid4()` gives all rows one identifier, and the second insert
fails. Tests that start a new process see nothing of it.

## Instead
Give the callable: `default=timezone.now`, `default_factory=uuid4`, `default=lambda: now() +
timedelta(days=7)`. For a parameter, take `None` and call in the body.

## Known limits
Fields in class bodies, columns of tables, and parameters. Known are the clocks and generators
of the standard library, Django, arrow and pendulum, and functions of the repository that return
what those give. Variables in capitals, classes of settings, migrations and tests are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._fresh import Fresh, fresh, fresh_files


@rule(of=fresh_files, severity="error", constraint="schema")
def default_evaluated_once(project: Project, path: str) -> Iterator[Finding]:
    """One finding a default."""
    for each in project[fresh, path]:
        default = each.default
        what = "one moment" if each.moment else "one value"
        of = f"`{default.owner}.{default.name}`" if default.owner else f"column `{default.name}`"
        of = f"parameter `{default.name}` of `{default.owner}`" if default.owner.endswith("()") else of
        related = (
            (Evidence(Location(each.within[0].path, each.within[1]), f"`{each.within[0].last}` makes it here"),)
            if each.within is not None
            else ()
        )
        yield Finding(
            Location(path, default.value.at),
            f"The default of {of} is what `{each.how}()` gave on import: {what} for all.",
            related=related,
            symbol=f"{default.owner}.{default.name}:{default.keyword}",
            cure=_cure(each),
        )


def _cure(each: Fresh) -> str:
    if each.default.owner.endswith("()"):
        return f"Take `None` as the default and call `{each.how}()` in the body."
    if each.default.maker is None:
        return f"Write `Field(default_factory={each.how})`, or what the class has for it."
    return f"Give the callable itself: `{each.how}`, or a function that calls it."
