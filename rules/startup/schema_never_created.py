"""The program maps tables, and nothing that it runs, no migration and no script ever creates them.

## Why
The first query fails with `no such table`. It works on the machine where the tables were once made by
hand, and in tests whose fixtures call `create_all`.

## Instead
Create the schema where the program starts (`Base.metadata.create_all` in the lifespan, under
`app.app_context()` in the factory), or commit migrations and run them before the start.

## Known limits
Said of two cases only. One is an application of Django that is installed beside others which have their
migrations, and has none itself. The other is a served program whose only database is SQLite, where no
code, test, migration, SQL file, script, manifest or README of the repository as much as mentions a schema.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Finding, rule

from ._schema import Uncreated, uncreated
from ._schema_django import unmigrated


def places(project: Project) -> tuple[Uncreated, ...]:
    """Every schema that is never created."""
    return (*uncreated(project), *unmigrated(project))


@rule(of=places, severity="error", constraint="startup", precision="B")
def schema_never_created(project: Project, each: Uncreated) -> Iterator[Finding]:
    """One finding for each kind of models."""
    yield Finding(each.at, each.message, each.related, symbol=each.message, cure=each.cure)
