"""A function makes an application or a router and never returns it, and its caller gets None.

## Why
`app = create_app()` and `app.include_router(build_router())` work on what the function returns.
Without `return` that is None: the server says that it found no application, or the start ends with
`AttributeError: 'NoneType' object has no attribute 'routes'`.

## Instead
Return the application or the router at the end of the function that makes it.

## Known limits
Only functions without decorators are looked at that return no value at all, and only if what they
give is kept in a module's variable or joined to an application.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._builders import Kept, kept


@rule(of=kept, severity="error", constraint="wiring")
def factory_returns_nothing(project: Project, each: Kept) -> Iterator[Finding]:
    """One finding a function."""
    yield Finding(
        each.at,
        f"`{each.function.last}` makes {each.what} and never returns it.",
        related=(Evidence(each.wanted, "its caller wants what it returns"),),
        symbol=each.function.name,
        cure="Return it.",
    )
