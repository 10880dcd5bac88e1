"""`inspect transactions`: the regions of code in which a database transaction is certainly open."""

from __future__ import annotations

from typing import Any

from ..backend.transactions import transactions
from ..project import Project
from ..project.modules import module_name

HEAD = ("function", "kind", "opened by", "lines", "where")


def answer(project: Project) -> dict[str, Any]:
    """The regions, sorted by file and line."""
    found = [
        {
            "function": f"{module_name(project, each.function.path)}:{each.function.name}",
            "kind": each.kind,
            "how": each.how,
            "database": each.database,
            "first_line": each.inside[0],
            "last_line": each.inside[2],
            "file": each.opening.path,
            "line": each.opening.at[0],
            "origin": None if each.origin is None else f"{each.origin.path}:{each.origin.at[0]}",
        }
        for each in project[transactions]
    ]
    return {
        "transactions": sorted(found, key=lambda each: (each["file"], each["line"], each["function"], each["how"])),
        "unknown": [],
    }


def rows(found: dict[str, Any]) -> list[tuple[str, ...]]:
    """The rows of the table."""
    return [
        (
            each["function"],
            each["kind"],
            each["how"],
            f"{each['first_line']}-{each['last_line']}",
            f"{each['file']}:{each['line']}" + (f" (by {each['origin']})" if each["origin"] else ""),
        )
        for each in found["transactions"]
    ]
