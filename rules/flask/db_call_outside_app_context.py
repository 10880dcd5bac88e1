"""The database is used on import, in a factory or in a thread, where no application is current.

## Why
Flask-SQLAlchemy finds the engine through the application that is current. While a request is
answered or a command of `flask` runs there is one. When a module is imported, in the factory
that makes the application, in a script and in a thread there is none, and `db.create_all()`,
`db.session` and `Model.query` raise `RuntimeError: Working outside of application context`.

## Instead
Push a context around it: `with app.app_context(): db.create_all()`.

## Known limits
Uses under an `if` or in a `try` are not reported, nor functions with decorators, which may push
a context. Before Flask-SQLAlchemy 3 an object that was made with its application needs none.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._database import Outside, outside

_WHEN = {
    "import": "while the module runs, when no application is current",
    "factory": "while the application is made, when none is current",
    "thread": "in a thread, in which no application is current",
}


@rule(of=outside, severity="error", constraint="orm")
def db_call_outside_app_context(project: Project, each: Outside) -> Iterator[Finding]:
    """Report a use that raises."""
    related = (Evidence(each.start, "what leads there"),) if each.start is not None else ()
    yield Finding(
        each.at,
        f"`{each.name}` is used {_WHEN[each.how]}.",
        related=related,
        symbol=f"{each.how}:{each.name}",
        cure="Put it under `with app.app_context():`.",
    )
