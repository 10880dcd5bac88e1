"""Two views have one endpoint, two blueprints one name, or two views the same rule.

## Why
Endpoints and blueprints are registered under their names, and Flask takes each name once. A
second view with the name of another raises `AssertionError` while the program starts, as does
a decorator without `functools.wraps`, which gives all its views the name of its wrapper. Of
two equal rules only the first is ever matched, so the second view is never called.

## Instead
Give each view and blueprint a name of its own (`endpoint=`, `name=`), put `functools.wraps`
on the wrapper in a decorator, make a class-based view once and register it twice, and keep
one view for each rule.

## Known limits
Only registrations that surely run are compared. Views whose decorators cannot be followed
have a name that is not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._duplicates import Duplicate, duplicates

_MESSAGES = {
    "endpoint": "Another view is registered with the endpoint `{name}`, so Flask refuses this one.",
    "made": "`as_view` makes another view with the endpoint `{name}`, which Flask refuses.",
    "wrapper": "View `{detail}` is registered as `{name}`, the name of its decorator's wrapper, as another view is.",
    "blueprint": "Another blueprint is registered with the name `{name}`, so Flask refuses this one.",
    "again": "Blueprint `{name}` is registered a second time under the same name, which Flask refuses.",
    "rule": "Rule `{name}` is served by `{detail}`, which is registered before, so this view is never called.",
    "dot": "The {detail} name `{name}` has a dot, which blueprints refuse.",
}
_CURES = {
    "endpoint": "Give it another name, or `endpoint=`.",
    "made": "Call `as_view` once, keep the view in a variable and register that for both rules.",
    "wrapper": "Put `@functools.wraps` on the wrapper in the decorator.",
    "blueprint": "Give it another name.",
    "again": "Remove one of the two, or give one of them `name=`.",
    "rule": "Give it another rule, or remove it.",
    "dot": "Name it without a dot.",
}
_SHOWN = {
    "endpoint": "the other view",
    "made": "the first view",
    "wrapper": "the other view",
    "blueprint": "the other blueprint is registered here",
    "again": "it is registered here already",
    "rule": "the view that is called",
}


@rule(of=duplicates, severity="error", constraint="wiring")
def duplicate_endpoint_or_blueprint(project: Project, duplicate: Duplicate) -> Iterator[Finding]:
    """Report what stands twice."""
    kind = duplicate.kind
    yield Finding(
        duplicate.at,
        _MESSAGES[kind].format(name=duplicate.name, detail=duplicate.detail),
        related=(Evidence(duplicate.other, _SHOWN[kind]),) if kind in _SHOWN else (),
        symbol=f"{kind}:{duplicate.name}",
        cure=_CURES[kind],
    )
