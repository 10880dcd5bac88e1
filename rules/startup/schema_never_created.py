"""The program maps tables, and nothing that it runs, no migration and no script ever creates them.

## Why
The first query fails with `no such table`. It works on the machine where the tables were once made by
hand, and in tests whose fixtures call `create_all`.

## Instead
Create the schema where the program starts (`Base.metadata.create_all` in the lifespan, under
`app.app_context()` in the factory), or commit migrations and run them before the start.

## Known limits
Any `create_all`, DDL, reflection, migration folder or SQL file of the repository counts as creating it,
tests left out. Whoever has another owner of the schema turns the rule off.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Finding, rule

from ._schema import Uncreated, uncreated


@rule(of=uncreated, severity="error", constraint="startup", precision="B")
def schema_never_created(project: Project, each: Uncreated) -> Iterator[Finding]:
    """One finding for each kind of models."""
    yield Finding(each.at, each.message, each.related, symbol=each.message, cure=each.cure)
