"""`inspect routes`: every method and path that the running application would have."""

from __future__ import annotations

from typing import Any

from ..backend.endpoints import Endpoint, endpoints, unresolved
from ..project import Project
from ..project.answers import Symbol
from ..project.classes import class_facts, function_facts
from ..project.modules import module_name

HEAD = ("method", "path", "handler", "where", "")


def answer(project: Project) -> dict[str, Any]:
    """The routes, sorted by path and method, and what could not be followed."""
    found = sorted({tuple(_row(project, each).items()) for each in project[endpoints]}, key=_order)
    unknown = [
        {"file": each.at.path, "line": each.at.at[0], "what": each.what, "why": each.why}
        for each in project[unresolved]
    ]
    return {
        "routes": [dict(row) for row in found],
        "unknown": sorted(unknown, key=lambda each: (each["file"], each["line"], each["what"])),
    }


def rows(found: dict[str, Any]) -> list[tuple[str, ...]]:
    """The rows of the table."""
    return [
        (
            each["method"],
            each["path"],
            each["handler"],
            f"{each['file']}:{each['line']}",
            "" if each["certain"] else "under a condition",
        )
        for each in found["routes"]
    ]


def _order(row: tuple[tuple[str, Any], ...]) -> tuple[str, ...]:
    values = dict(row)
    return tuple(str(values[key]) for key in ("path", "method", "handler", "framework"))


def _row(project: Project, endpoint: Endpoint) -> dict[str, Any]:
    handler = endpoint.handler
    path, line = place(project, handler)
    return {
        "method": endpoint.method,
        "path": endpoint.path,
        "handler": f"{module_name(project, path)}:{qualname(project, handler)}" if path else handler.name,
        "file": path or endpoint.at.path,
        "line": line or endpoint.at.at[0],
        "framework": endpoint.framework,
        "certain": endpoint.certain,
    }


def qualname(project: Project, symbol: Symbol) -> str:
    """The `__qualname__` of a function or class, which says what is local to a function."""
    parts = symbol.name.split(".")
    found = parts[0]
    for index, part in enumerate(parts[1:], 1):
        outer = Symbol("function", symbol.path, ".".join(parts[:index]))
        found += f".<locals>.{part}" if function_facts(project, outer) is not None else f".{part}"
    return found


def place(project: Project, symbol: Symbol) -> tuple[str, int]:
    """The file and line of the `def` or `class` of a symbol; `("", 0)` when it is not the repository's."""
    facts = class_facts(project, symbol) if symbol.kind == "class" else function_facts(project, symbol)
    return (symbol.path, facts.at[0]) if facts is not None else (symbol.path, 0)
