"""A request, a query or a connection is made while a module of the program is imported.

## Why
What stands on the top level of a module runs when the first import reaches it: before the server listens,
in every worker, in every test run, in each command of Alembic or `manage.py`. A database or a service that
does not answer then stops the program from being imported at all, and what was fetched is never fetched
again. `asyncio.run` fails outright where a server imports the application inside its own loop.

## Instead
Do it where the program starts: in the lifespan of the application, in a command, in a migration, or in a
function that is called, and cached, when the value is needed first.

## Known limits
Only files are looked at that a known start of the program certainly imports, and only lines that run on
every path: not what stands under `if`, in `try`, or in the function that makes the application. Engines
and clients that connect later are left alone, as are tables of SQLite. Queries of Django have a rule of
their own. Reading files is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._import_time import Early, early


@rule(of=early, severity="warning", constraint="startup", precision="B")
def io_at_import_time(project: Project, each: Early) -> Iterator[Finding]:
    """One finding a line."""
    doing = each.doing
    message = f"`{each.written}` {doing.phrase} when this module is imported."
    if doing.chain:
        message = f"`{each.written}` runs when this module is imported, and `{doing.name}` in it {doing.phrase}."
    yield Finding(
        each.at, message, related=(Evidence(each.imported, each.why),), chain=doing.chain, symbol=each.written
    )
