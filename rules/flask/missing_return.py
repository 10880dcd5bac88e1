"""A view or its decorator can end without a value, or a factory never returns the application.

## Why
What a view returns is the answer. A view that runs past its end, or says `return` alone, returns
None, which Flask refuses: `TypeError: The view function did not return a valid response`, and
status 500. So does a decorator whose wrapper calls the view under a condition and has no other
answer. A factory without `return` gives None to whoever starts the server.

## Instead
Return something on every path: the response, `"", 204` when there is nothing to say, or
`abort(404)` in place of nothing.

## Known limits
Calls that may never return (their names speak of aborting, failing or raising) count as the end
of a path. Chains of `elif` that compare one thing to values count as complete. Views with
decorators that may turn None into a response are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._unfinished import Unfinished, unfinished


@rule(of=unfinished, severity="error", constraint="wiring")
def missing_return(project: Project, each: Unfinished) -> Iterator[Finding]:
    """Report a path without a value."""
    if each.kind == "factory":
        message, cure = f"Factory `{each.name}` makes an application and never returns it.", "Return the application."
        yield Finding(each.at, message, symbol=each.name, cure=cure)
        return
    if each.kind == "wrapper":
        yield Finding(
            each.at,
            f"The wrapper of `{each.name}` can end without a value, which Flask refuses as a response.",
            related=(Evidence(each.registered, "a view with the decorator is registered here"),),
            symbol=each.name,
            cure="Return a response, such as a redirect, or say `abort(403)`, where the view is not called.",
        )
        return
    how = {"bare": "returns nothing here", "view": "never returns a value" if each.never else "can end without a value"}
    yield Finding(
        each.at,
        f"View `{each.name}` {how[each.kind]}, which Flask refuses as a response.",
        related=(Evidence(each.registered, "it is registered here"),),
        symbol=each.name,
        cure="" if each.kind == "view" and not each.never else 'Return a response, or `"", 204`.',
    )
