"""A Django lookup or field that the configured database does not have.

## Why
On SQLite and Oracle a JSON field has no `contains` and no `contained_by`: the query raises
`NotSupportedError: contains lookup is not supported on this database backend`. The fields of
`django.contrib.postgres` need PostgreSQL: elsewhere saving a list fails.

## Instead
Keep what is searched for in rows of its own (`tags = models.ManyToManyField(Tag)`), filter in
Python, or configure a database that has the lookup.

## Known limits
Only where all settings name one and the same database, and the environment cannot choose
another. The field has to be a JSON field in every model that has one of this name, unless the
model that is asked is known.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._django import Foreign, Place, asked, asking, engine, foreign

_NAMES = {"sqlite": "SQLite", "oracle": "Oracle", "mysql": "MySQL", "mssql": "SQL Server"}


def subjects(project: Project) -> tuple[Place | Foreign, ...]:
    """Functions that ask, and fields."""
    return (*project[asking], *project[foreign])


@rule(of=subjects, severity="error", constraint="query")
def unsupported_lookup(project: Project, subject: Place | Foreign) -> Iterator[Finding]:
    """One finding a lookup or field."""
    database = _NAMES.get(project[engine], project[engine])
    if isinstance(subject, Foreign):
        yield Finding(
            Location(subject.owner.path, subject.at),
            f"`{subject.owner.last}.{subject.name}` is a `{subject.type}`, which {database} does not have.",
            symbol=f"{subject.owner.name}.{subject.name}",
            cure="Use a JSON field or a related table, or configure PostgreSQL.",
        )
        return
    for each in asked(project, subject):
        lookup = each.name.rpartition("__")[2]
        yield Finding(
            Location(subject.path, each.at),
            f"{database} has no lookup `{lookup}` for the JSON field `{each.field}`.",
            related=(Evidence(Location(*each.declared), "the JSON field"),),
            symbol=f"{subject.qualname}:{each.name}",
        )
