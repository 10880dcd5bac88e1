"""A form, an admin, a filter set or a view lists a field that its model does not have.

## Why
The names in `Meta.fields`, `list_display`, `list_filter`, `search_fields` or `filterset_fields` are
strings that nothing checks when the file is written. Django raises `FieldError` when the form's
class is made, refuses to start on a wrong admin, and raises on the first search with a wrong
`search_fields`. Fields with `auto_now` or `editable=False` cannot be listed in a form at all.

## Instead
List the fields as the model names them. What is computed for a list is a method of the admin or
of the model; what is only shown belongs in `readonly_fields`.

## Known limits
Classes whose bases are not all known are looked at only for what concerns the model. Lists that
are computed, admins registered in other files and names from annotations are passed over. Tests
are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_facts
from cdlint.rule import Evidence, Finding, Location, rule

from ._admin_fields import Listed, listing, wrongly_listed
from ._lookups import near
from ._query_graph import Model, info

_MESSAGES = {
    "absent": "`{option}` of `{owner}` lists `{name}`, but `{model}` has no such field.",
    "part": "`{option}` of `{owner}` lists `{name}`, but `{model}` has no field or relation `{part}`.",
    "fixed": "`{option}` of `{owner}` lists `{name}`, which `{model}` declares as not editable.",
    "many": "`{option}` of `{owner}` lists `{name}`, which leads to many rows of each `{model}`.",
    "none": "`{owner}` makes a form of `{model}` and says neither `fields` nor `exclude`.",
}
_CURES = {
    "fixed": "Leave it out of the form, or list it in `readonly_fields` of an admin.",
    "many": "List a method that shows these rows as a text.",
    "none": "List the fields that the form is meant to accept in `Meta.fields`.",
}


@rule(of=listing, severity="error", constraint="schema")
def form_or_admin_field_unknown(project: Project, owner: Symbol) -> Iterator[Finding]:
    """One finding a name."""
    for each in wrongly_listed(project, owner):
        model = each.on or each.model
        facts = class_facts(project, model) if isinstance(model, Symbol) else None
        related = (
            (Evidence(Location(model.path, facts.at), f"`{model.last}` is defined here"),)
            if isinstance(model, Symbol) and facts is not None
            else ()
        )
        why = "part" if each.part and each.part != each.name else each.why
        yield Finding(
            each.at,
            _MESSAGES[why].format(
                option=each.option, owner=each.owner.name, name=each.name, model=_named(model), part=each.part
            ),
            related=related,
            symbol=f"{each.owner.name}:{each.option}:{each.name}",
            cure=_cure(project, each, model),
        )


def _named(model: Model) -> str:
    return model.last if isinstance(model, Symbol) else model


def _cure(project: Project, each: Listed, model: Model) -> str:
    if each.why in _CURES:
        return _CURES[each.why]
    close = near(each.part or each.name, project[info, model].names)
    return f"Did you mean `{close}`?" if close else ""
