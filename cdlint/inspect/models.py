"""`inspect models`: every table with all that the mapper adds to it."""

from __future__ import annotations

from typing import Any

from ..backend.tables import Column, Table, served, unknown_tables
from ..project import Project
from ..project.answers import Symbol
from ..project.modules import module_name

HEAD = ("model", "table", "column", "type", "", "refers to")


def answer(project: Project) -> dict[str, Any]:
    """The models but for those that tests make, sorted by name, and what could not be resolved."""
    found = [_row(project, each) for each in project[served]]
    unknown = [
        {"file": each.at.path, "line": each.at.at[0], "what": each.what, "why": each.why}
        for each in project[unknown_tables]
    ]
    return {
        "models": sorted(found, key=lambda each: (each["model"], each["table"] or "")),
        "unknown": sorted(unknown, key=lambda each: (each["file"], each["line"], each["what"])),
    }


def rows(found: dict[str, Any]) -> list[tuple[str, ...]]:
    """The rows of the table, one a column."""
    lines: list[tuple[str, ...]] = []
    for model in found["models"]:
        head = (model["model"], model["table"] or ("(abstract)" if model["abstract"] else "(computed)"))
        for column in model["columns"] or [{}]:
            lines.append(
                (*head, column.get("name") or "", column.get("type") or "", _flags(column), column.get("fk") or "")
            )
            head = ("", "")
    return lines


def pairs(found: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """The tables and what their foreign keys refer to; dashed where the key may be empty."""
    return [
        (model["table"], column["fk"].rpartition(".")[0], not column["nullable"])
        for model in found["models"]
        for column in model["columns"]
        if model["table"] and column["fk"]
    ]


def _flags(column: dict[str, Any]) -> str:
    names = ("primary_key", "unique", "nullable", "index", "has_default")
    length = f" ({column['max_length']})" if column.get("max_length") else ""
    return " ".join(name.replace("_", " ") for name in names if column.get(name)) + length


def _name(project: Project, symbol: Symbol | None) -> str | None:
    if symbol is None:
        return None
    return f"{module_name(project, symbol.path)}.{symbol.name}" if symbol.path else symbol.name


def _row(project: Project, table: Table) -> dict[str, Any]:
    return {
        "model": _name(project, table.model) or table.name or "",
        "table": table.name,
        "file": table.at.path,
        "line": table.at.at[0],
        "abstract": table.abstract,
        "complete": table.complete,
        "columns": [_column(project, each) for each in table.columns],
        "relationships": [
            {"name": each.name, "target": _name(project, each.target), "kind": each.kind} for each in table.relations
        ],
    }


def _column(project: Project, column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "attr": column.attr,
        "type": column.type,
        "nullable": column.nullable,
        "primary_key": column.primary_key,
        "unique": column.unique,
        "max_length": column.max_length,
        "fk": column.fk,
        "has_default": column.has_default,
        "index": column.index,
        "from": _name(project, column.declared_in),
    }
