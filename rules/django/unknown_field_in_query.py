"""A query names a field, a relation or a lookup that the model does not have.

## Why
The names in `filter(author__nmae="x")`, `order_by("titel")`, `F("stok")`, `update(stat=...)` or
`create(emial=...)` are resolved when the query is built or run, not when the module is imported:
`FieldError`, `FieldDoesNotExist` or `TypeError` in the one request that takes this way. No type
checker sees into these names, and a field that is renamed leaves its queries behind.

## Instead
Use the name that the model has: its fields, `pk`, `<relation>_id`, the `related_query_name`,
`related_name` or lowercase class name of a relation that leads to it, and the annotations made
earlier in the same chain.

## Known limits
A model is looked at only when all its fields are known: bases and managers of packages that are
not known, decorators that may add fields, and querysets that come from places that cannot be
followed are passed over. On the user model and on models of packages only names close to an
existing one are reported, since other packages may add relations. Tests and migrations are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_facts
from cdlint.rule import Evidence, Finding, Location, rule

from ._lookups import near
from ._passed_rows import knowing
from ._query_graph import Model, info
from ._query_uses import Absent, absent
from ._querysets import Place


@rule(of=knowing, severity="error", constraint="query")
def unknown_field_in_query(project: Project, place: Place) -> Iterator[Finding]:
    """One finding a name."""
    for each in absent(project, place):
        owner = each.missing.model
        facts = class_facts(project, owner) if isinstance(owner, Symbol) else None
        related: tuple[Evidence, ...] = ()
        if isinstance(owner, Symbol) and facts is not None:
            related = (Evidence(Location(owner.path, facts.at), f"`{owner.last}` is defined here"),)
        yield Finding(
            Location(place.path, each.at),
            _message(each),
            related=related,
            symbol=f"{place.qualname}:{named(owner)}:{each.how}:{each.path}",
            cure=_cure(project, each),
        )


def named(model: Model) -> str:
    """A model in a message."""
    return model.last if isinstance(model, Symbol) else model


def _message(each: Absent) -> str:
    lacking = each.missing
    owner = named(lacking.model)
    if each.how == "new":
        return f"`{owner}(...)` is given `{each.path}`, which is no field of the model."
    start = f"`{each.how}()` on `{named(each.model)}` names `{each.path}`"
    if lacking.kind == "name":
        return f"{start}, but `{owner}` has no field or relation `{lacking.part}`."
    if lacking.kind == "relation-lookup":
        return f"{start}, but `{lacking.before}` is a relation, which has no lookup `{lacking.part}`."
    return f"{start}, but the field `{owner}.{lacking.before}` has no lookup `{lacking.part}`."


def _cure(project: Project, each: Absent) -> str:
    lacking = each.missing
    known = project[info, lacking.model]
    if lacking.kind == "relation-lookup":
        return f"Name a field of `{named(lacking.model)}` between `{lacking.before}` and `{lacking.part}`."
    if lacking.kind == "lookup":
        return ""
    accessor = next((query for query, name in known.names.items() if name.accessor == lacking.part), "")
    if accessor:
        return f"In queries the relation is called `{accessor}`."
    if lacking.part in known.properties:
        return f"`{lacking.part}` is a property, which the database does not know: filter by the fields it is made of."
    close = near(lacking.part, known.names)
    return f"Did you mean `{close}`?" if close else ""
