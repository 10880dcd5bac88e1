"""A row of a model is handed to `jsonify` or returned by a view, which JSON cannot write.

## Why
Flask's JSON knows numbers, text, lists, dicts, dates and dataclasses. A row of a model is none
of these: `jsonify(User.query.all())` raises `TypeError: Object of type User is not JSON
serializable`, and the request is answered with status 500.

## Instead
Say what of it is to be written: `jsonify([user.to_dict() for user in users])`, or a schema.

## Known limits
Only rows are known that a query of Flask-SQLAlchemy gives in the same function. Nothing is said
of models with decorators or other base classes, nor where the application has JSON of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.classes import class_facts
from cdlint.rule import Evidence, Finding, Location, rule

from ._json_values import Handed, handed


@rule(of=handed, severity="error", constraint="contract")
def orm_object_in_jsonify(project: Project, each: Handed) -> Iterator[Finding]:
    """Report a row that JSON gets."""
    facts = class_facts(project, each.model)
    what = f"Rows of `{each.model.last}` are" if each.many else f"A row of `{each.model.last}` is"
    how = f"handed to `{each.writer}`" if each.writer else "returned by a view"
    related = (Evidence(Location(each.model.path, facts.at), "the model"),) if facts is not None else ()
    yield Finding(
        each.at,
        f"{what} {how}, which JSON cannot write.",
        related=related,
        symbol=f"{each.model.last} {each.writer}",
    )
