"""What cdlint believes about a repository: tables to read, and the same as JSON to compare.

Every answer has `unknown`: what was seen and not resolved, so that silence is not ignorance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..config import Config
from ..project import Project
from ..session import open_session
from . import imports, models, routes, sessions, shapes, stack, transactions
from .table import table

KINDS: dict[str, tuple[Callable[[Project], dict[str, Any]], tuple[str, ...], Callable[[dict[str, Any]], list[Any]]]] = {
    "imports": (imports.answer, imports.HEAD, imports.rows),
    "models": (models.answer, models.HEAD, models.rows),
    "routes": (routes.answer, routes.HEAD, routes.rows),
    "sessions": (sessions.answer, sessions.HEAD, sessions.rows),
    "shapes": (shapes.answer, shapes.HEAD, shapes.rows),
    "stack": (stack.answer, stack.HEAD, stack.rows),
    "transactions": (transactions.answer, transactions.HEAD, transactions.rows),
}
"""Kind -> what gives its answer, the head of its table, and the rows."""

DRAWN = {"imports": imports.pairs, "models": models.pairs}
"""The kinds that can be drawn as a graph."""


def inspect(kind: str, config: Config, format: str) -> str:
    """One answer as text, JSON, or in a drawing language."""
    answer, head, rows = KINDS[kind]
    found = answer(open_session(config).project)
    if format == "json":
        import json

        return json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    if format in ("mermaid", "dot"):
        from .draw import drawn

        return drawn(DRAWN[kind](found), format)
    return table(head, rows(found)) + _cycles(found.get("cycles", [])) + _unknown(found["unknown"])


def _cycles(cycles: list[list[str]]) -> str:
    lines = [f"  {' -> '.join(cycle)}" for cycle in cycles]
    return "\n".join(("", f"Imported in circles ({len(cycles)}):", *lines)) + "\n" if cycles else ""


def _unknown(unknown: list[dict[str, Any]]) -> str:
    if not unknown:
        return ""
    lines = [f"  {each['file']}:{each['line']}: {each['what']}: {each['why']}" for each in unknown]
    return "\n".join(("", f"Not resolved ({len(unknown)}):", *lines)) + "\n"
