"""`inspect sessions`: engines, session factories and sessions, where they are made and closed."""

from __future__ import annotations

from typing import Any

from ..backend.sessions import sessions, unknown_sessions
from ..project import Project
from ..project.modules import module_name

HEAD = ("kind", "made in", "held by", "", "closed by", "where")


def answer(project: Project) -> dict[str, Any]:
    """The places, sorted by file and line."""
    found = [
        {
            "kind": each.kind,
            "name": each.name or None,
            "function": f"{module_name(project, each.at.path)}:{each.function}".rstrip(":"),
            "async": each.is_async,
            "expire_on_commit": each.expire_on_commit,
            "closed": each.closed or None,
            "how": each.how,
            "file": each.at.path,
            "line": each.at.at[0],
        }
        for each in project[sessions]
    ]
    return {
        "sessions": sorted(found, key=lambda each: (each["file"], each["line"], each["how"])),
        "unknown": [
            {"file": each.at.path, "line": each.at.at[0], "what": each.what, "why": each.why}
            for each in sorted(project[unknown_sessions], key=lambda each: (each.at, each.what))
            if each.made
        ],
    }


def rows(found: dict[str, Any]) -> list[tuple[str, ...]]:
    """The rows of the table."""
    return [
        (
            ("async " if each["async"] else "") + each["kind"],
            each["function"],
            each["name"] or "",
            "kept after commit" if each["expire_on_commit"] is False else "",
            each["closed"] or "",
            f"{each['file']}:{each['line']}",
        )
        for each in found["sessions"]
    ]
