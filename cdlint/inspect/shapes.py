"""`inspect shapes`: what the schemas, serializers and forms accept and return."""

from __future__ import annotations

from typing import Any

from ..backend.shapes import Shape, ShapeField, shapes, unknown_shapes
from ..project import Project
from ..project.answers import Symbol
from ..project.modules import module_name

HEAD = ("shape", "kind", "field", "type", "", "alias")


def answer(project: Project) -> dict[str, Any]:
    """The shapes, sorted by name, and what could not be resolved."""
    found = [_row(project, each) for each in project[shapes]]
    unknown = [
        {"file": each.at.path, "line": each.at.at[0], "what": each.what, "why": each.why}
        for each in project[unknown_shapes]
    ]
    return {
        "shapes": sorted(found, key=lambda each: (each["name"], each["file"])),
        "unknown": sorted(unknown, key=lambda each: (each["file"], each["line"], each["what"])),
    }


def rows(found: dict[str, Any]) -> list[tuple[str, ...]]:
    """The rows of the table, one a field."""
    lines: list[tuple[str, ...]] = []
    for shape in found["shapes"]:
        head = (shape["name"], shape["kind"] + ("" if shape["complete"] else " (and more)"))
        for field in shape["fields"] or [{}]:
            words = [name for name in ("required", "nullable", "read_only", "write_only") if field.get(name)]
            flags = " ".join(words).replace("_", "-")
            lines.append((*head, field.get("name") or "", field.get("type") or "", flags, field.get("alias") or ""))
            head = ("", "")
    return lines


def _name(project: Project, symbol: Symbol | None) -> str | None:
    if symbol is None:
        return None
    return f"{module_name(project, symbol.path)}.{symbol.name}" if symbol.path else symbol.name


def _row(project: Project, shape: Shape) -> dict[str, Any]:
    return {
        "name": _name(project, shape.name),
        "kind": shape.kind,
        "file": shape.at.path,
        "line": shape.at.at[0],
        "complete": shape.complete,
        "fields": [_field(project, each) for each in shape.fields],
    }


def _field(project: Project, field: ShapeField) -> dict[str, Any]:
    return {
        "name": field.name,
        "type": field.type,
        "required": field.required,
        "nullable": field.nullable,
        "alias": field.alias,
        "read_only": field.read_only,
        "write_only": field.write_only,
        "from": _name(project, field.declared_in),
    }
