"""Which attributes of an object a shape reads, and the shapes that it makes of what they hold."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..project import Project
from ..project.answers import Symbol
from ..project.classes import resolve_in
from ..rule import Location
from .shapes import Shape, shapes

_NAME = re.compile(r"[A-Za-z_][\w.]*")


class Read(NamedTuple):
    """An attribute that a shape reads. `shape` is what it makes of it, or of each item of it."""

    name: str
    required: bool | None
    shape: Symbol | None
    at: Location


def reads(project: Project, shape: Symbol) -> tuple[Read, ...]:
    """What a shape reads of the objects that it is made from, as far as that is known."""
    found = project[_by_name].get(shape)
    if found is None or not found.complete:
        return ()
    return tuple(
        Read(field.name, field.required, _nested(project, found, field.type, field.declared_in), field.at)
        for field in found.fields
        if field.alias is None and not field.read_only
    )


def _by_name(project: Project) -> dict[Symbol, Shape]:
    return {shape.name: shape for shape in project[shapes]}


def _nested(project: Project, shape: Shape, written: str | None, owner: Symbol | None) -> Symbol | None:
    """The one shape that the type of a field names."""
    home = owner or shape.name
    found = set()
    for name in _NAME.findall(written or ""):
        answer = resolve_in(project, home.path, home.name, name)
        if isinstance(answer, Symbol) and answer in project[_by_name]:
            found.add(answer)
    return found.pop() if len(found) == 1 else None
