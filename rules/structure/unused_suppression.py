"""A suppressing comment suppresses nothing.

## Why
The finding that it was written for is gone, or the rule's name is misspelled. What stays
hides the next finding on that line, and readers believe that something is wrong there.

## Instead
Remove the comment, or the name of the rule that no longer applies.

## Known limits
A comment for a rule that this run did not ask is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Finding, Location, Unused, rule, unused_suppressions


@rule(of=unused_suppressions, severity="warning", constraint="layout")
def unused_suppression(project: Project, unused: Unused) -> Iterator[Finding]:
    """One finding a comment."""
    at = Location(unused.path, unused.suppression.at)
    if not unused.suppression.rules:
        message = "The comment names no rule, so it suppresses nothing."
        cure = "Name the rule in brackets: `# cdlint: ignore[pack/rule] reason`."
    elif unused.unknown:
        message = f"The comment suppresses {_names(unused.unknown)}, which is no rule of an installed pack."
        cure = "Run `cdlint rule` for the names of all rules."
    else:
        message = f"The comment suppresses {_names(unused.rules)}, which finds nothing here."
        cure = ""
    yield Finding(at, message, symbol=",".join(unused.suppression.rules), cure=cure)


def _names(rules: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in rules)
