"""A relation that is loaded along or read does not exist under that name, or cannot be loaded so.

## Why
`select_related` joins, so it takes relations to one row only: a many-to-many or reverse relation,
a plain field or a name that is not there raises `FieldError` when the query runs.
`prefetch_related` takes attributes of instances and raises `AttributeError` or `ValueError`.
Reading `author.book_set` raises `AttributeError` as soon as the relation has a `related_name`.

## Instead
Use `prefetch_related` for relations to many rows and `select_related` for those to one; name
them as instances do: the field, its `related_name`, or `<class>_set` where there is none.

## Known limits
Models whose fields are not all known, computed arguments and `to_attr` of an earlier `Prefetch`
are passed over. Tests and migrations are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_facts
from cdlint.rule import Evidence, Finding, Location, rule

from ._query_uses import querying
from ._querysets import Place
from ._related_paths import Wrong, wrong_paths

_MESSAGES = {
    "many": "`{how}()` names `{path}`, but `{model}.{part}` leads to many rows, which no join can load.",
    "plain": "`{how}()` names `{path}`, but `{model}.{part}` is no relation.",
    "absent": "`{how}()` names `{path}`, but `{model}` has no relation `{part}`.",
    "accessor": "`{how}()` names `{path}`, but instances of `{model}` call the relation `{right}`, not `{part}`.",
    "set": "`{part}` is read from `{model}`, but the `related_name` of the relation makes it `{right}`.",
}


@rule(of=querying, severity="error", constraint="query")
def invalid_relation_path(project: Project, place: Place) -> Iterator[Finding]:
    """One finding a name."""
    for each in wrong_paths(project, place):
        model = each.model
        name = model.last if isinstance(model, Symbol) else model
        facts = class_facts(project, model) if isinstance(model, Symbol) else None
        related = (
            (Evidence(Location(model.path, facts.at), f"`{name}` is defined here"),)
            if isinstance(model, Symbol) and facts is not None
            else ()
        )
        yield Finding(
            Location(place.path, each.at),
            _MESSAGES[each.why].format(how=each.how, path=each.path, model=name, part=each.part, right=each.right),
            related=related,
            symbol=f"{place.qualname}:{name}:{each.how}:{each.path}",
            cure=_cure(each),
        )


def _cure(each: Wrong) -> str:
    if each.why == "many":
        return f'Use `prefetch_related("{each.path}")`.'
    if each.right:
        return f"Name it `{each.right}`."
    return "Leave it out: there is nothing to load." if each.why == "plain" else ""
