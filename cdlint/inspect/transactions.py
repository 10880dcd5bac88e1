"""`inspect transactions`: where transactions open, what writes and ends them, and what ends them around code."""

from __future__ import annotations

from typing import Any

from ..backend.sessions import dealings, unknown_sessions
from ..backend.transactions import boundaries, transactions
from ..project import Project
from ..project.modules import module_name

HEAD = ("function", "kind", "opened by", "lines", "what happens", "where")
_TOLD = ("write", "flush", "commit", "rollback", "begin", "savepoint")


def answer(project: Project) -> dict[str, Any]:
    """The regions, what begins by itself, and the boundaries, each sorted by file and line."""
    return {
        "transactions": sorted(
            _regions(project), key=lambda each: (each["file"], each["line"], each["function"], each["how"])
        ),
        "autobegun": sorted(_autobegun(project), key=lambda each: (each["file"], each["line"], each["session"])),
        "boundaries": sorted(_boundaries(project), key=lambda each: (each["file"], each["line"], each["kind"])),
        "unknown": [
            {"file": each.at.path, "line": each.at.at[0], "what": each.what, "why": each.why}
            for each in sorted(project[unknown_sessions], key=lambda each: (each.at, each.what))
            if not each.made
        ],
    }


def _regions(project: Project) -> list[dict[str, Any]]:
    return [
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


def _autobegun(project: Project) -> list[dict[str, Any]]:
    """The functions that write to a session or end its transaction: it begins with the first use."""
    return [
        {
            "function": f"{module_name(project, each.function.path)}:{each.function.name}",
            "session": each.session,
            "value": each.value,
            "origin": each.origin,
            "begins": each.events[0].at[0],
            "events": [{"kind": event.kind, "what": event.what, "line": event.at[0]} for event in each.of(*_TOLD)],
            "file": each.function.path,
            "line": each.events[0].at[0],
        }
        for each in project[dealings]
        if each.of(*_TOLD)
    ]


def _boundaries(project: Project) -> list[dict[str, Any]]:
    return [
        {
            "kind": each.kind,
            "name": f"{module_name(project, each.at.path)}:{each.name}",
            "ends": list(each.ends),
            "explicit": each.explicit,
            "file": each.at.path,
            "line": each.at.at[0],
        }
        for each in project[boundaries]
    ]


def rows(found: dict[str, Any]) -> list[tuple[str, ...]]:
    """The rows of the table: boundaries, then regions, then what begins by itself."""
    around = [
        (each["name"], each["kind"], "", "", _ending(each), f"{each['file']}:{each['line']}")
        for each in found["boundaries"]
    ]
    regions = [
        (
            each["function"],
            each["kind"],
            each["how"],
            f"{each['first_line']}-{each['last_line']}",
            "",
            f"{each['file']}:{each['line']}" + (f" (by {each['origin']})" if each["origin"] else ""),
        )
        for each in found["transactions"]
    ]
    begun = [
        (
            each["function"],
            "autobegin",
            f"{each['session']} ({each['origin']})",
            str(each["begins"]),
            ", ".join(f"{event['kind']} {event['line']}" for event in each["events"]),
            f"{each['file']}:{each['line']}",
        )
        for each in found["autobegun"]
    ]
    return around + regions + begun


def _ending(boundary: dict[str, Any]) -> str:
    told = ", ".join(boundary["ends"]) + " at the end" if boundary["ends"] else "nothing at the end"
    return f"{told}; commits when asked" if boundary["explicit"] else told
