"""A marshmallow schema names something that is not there, or has a hook that takes too little.

## Why
`fields.Method("count")`, `fields.Nested("OrderSchema", only=["total"])` and `fields.Pluck` name
things in strings, which are looked up when the schema is first used: it raises ValueError,
RegistryError or AttributeError then. A hook such as `post_load` is called with `many` and
`partial` beside the data, and raises TypeError without `**kwargs`.

## Instead
Use the names as they are defined, and end the parameters of each hook with `**kwargs`.

## Known limits
Schemas are known by the names of their classes. Fields are only looked for in schemas that list
all of them themselves. Hooks of marshmallow 2 take the data alone and are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.classes import class_facts
from cdlint.rule import Evidence, Finding, Location, rule

from ._marshmallow_names import Broken, broken

_MESSAGES = {
    "method": "`{field}` of `{schema}` is made by a method `{name}`, which the schema does not have.",
    "schema": "`{field}` of `{schema}` nests a schema `{name}`, and there is no schema of that name.",
    "field": "`{field}` of `{schema}` names `{name}`, which `{of}` does not have.",
    "hook": "`{field}` of `{schema}` takes the data alone, and `{name}` gives it more: it needs `**kwargs`.",
}


@rule(of=broken, severity="error", constraint="schema")
def marshmallow_declaration_broken(project: Project, each: Broken) -> Iterator[Finding]:
    """One finding a name."""
    facts = class_facts(project, each.of) if each.of is not None else None
    yield Finding(
        each.at,
        _MESSAGES[each.kind].format(
            field=each.field, schema=each.schema.last, name=each.name, of=each.of.last if each.of is not None else ""
        ),
        related=(Evidence(Location(each.of.path, facts.at), f"`{facts.name}` is defined"),)
        if facts is not None and each.of is not None
        else (),
        symbol=f"{each.schema.name}.{each.field}: {each.kind} {each.name}",
    )
