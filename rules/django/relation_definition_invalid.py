"""A model declares a relation or a `Meta` option that Django refuses when the project starts.

## Why
A relation to a model that does not exist, two relations that take the same name at their target,
`SET_NULL` on a field that cannot be null, or an `ordering` or constraint that names a field which
is gone: Django's checks find each of them, but only when the whole project can be imported and
configured, and `runserver` and `migrate` then refuse to start.

## Instead
Name an existing model, give each relation to the same model its own `related_name`, say
`null=True` with `SET_NULL`, and keep `Meta` in step with the fields.

## Known limits
Relations between models of different classes that take the same name are not compared. Models
whose fields are not all known are passed over where fields are counted. Tests are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Evidence, Finding, rule

from ._related_definitions import Invalid, invalid_definitions, models_to_check

_MESSAGES = {
    "deletion": "`{model}.{name}` does not say `on_delete`, so the module cannot be imported.",
    "null": "`{model}.{name}` is set to null on deletion, but cannot be null.",
    "default": "`{model}.{name}` is set to its default on deletion, but has none.",
    "target": "`{model}.{name}` refers to `{detail}`, and there is no such model.",
    "clash": "`{model}.{name}` takes the name `{detail}` at its target, which another relation of `{model}` has.",
    "rival": "`{model}.{name}` takes the name `{detail}` at its target, which a relation of another model has.",
    "hides": "`{model}.{name}` takes the name `{detail}` at its target, which is a field there.",
    "meta": "`{name}` of `{model}` names `{detail}`, but the model has no such field.",
}
_CURES = {
    "deletion": "Say what happens to `{model}` when the other row is deleted, such as `on_delete=models.CASCADE`.",
    "null": "Add `null=True`, or choose another `on_delete`.",
    "default": "Add a `default`, or choose another `on_delete`.",
    "clash": "Give each of the relations its own `related_name`.",
    "rival": "Give each of the relations its own `related_name`.",
    "hides": "Give the relation another `related_name`.",
}


@rule(of=models_to_check, severity="error", constraint="orm")
def relation_definition_invalid(project: Project, model: Symbol) -> Iterator[Finding]:
    """One finding a field or option."""
    for each in invalid_definitions(project, model):
        yield Finding(
            each.at,
            _filled(_MESSAGES[each.why], each),
            related=(Evidence(each.other, "the other one is here"),) if each.other is not None else (),
            symbol=f"{each.model.name}.{each.name}:{each.why}:{each.detail}",
            cure=_filled(_CURES.get(each.why, ""), each),
        )


def _filled(text: str, each: Invalid) -> str:
    return text.format(model=each.model.last, name=each.name, detail=each.detail)
