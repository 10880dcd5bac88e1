"""`inspect stack`: frameworks, mapper, database, driver, queue and Python, with versions and what proves each."""

from __future__ import annotations

from typing import Any

from ..backend.stack import Database, Offer, databases, offers, unknown_databases, unknown_parts
from ..backend.templates import loose_tags, unread_templates
from ..project import Project
from ..project.places import is_aside
from ..project.stated import PYTHON
from ..project.versions import Version, include_problems, is_direct, problems, version

HEAD = ("part", "name", "version", "proved by", "")
ROLES = ("python", "framework", "orm", "schemas", "database", "driver", "migrations", "queue", "server")


def answer(project: Project) -> dict[str, Any]:
    """The parts in the order of `ROLES`, and what could not be read or resolved."""
    unknown: list[dict[str, Any]] = []
    parts = [_python(project)] if project[version, PYTHON].version.path else []
    imports = _imports(project)
    for offer in project[offers]:
        part = _part(project, offer, imports, unknown)
        if part is not None:
            parts.append(part)
    parts.extend(_database(each) for each in _distinct(project[databases]))
    unknown += _unknown(project)
    return {
        "stack": sorted(parts, key=lambda part: (ROLES.index(part["part"]), part["default"], part["name"])),
        "unknown": sorted(unknown, key=lambda each: (each["file"], each["line"], each["what"])),
    }


def _unknown(project: Project) -> list[dict[str, Any]]:
    """What was seen of manifests, templates, databases, settings and start commands and could not be resolved."""
    found = [(each.path, each.line, "a manifest", each.why) for each in project[problems]]
    found += [(each.path, each.line, "a requirement file", each.why) for each in project[include_problems]]
    found += [(path, line, "a template", why) for path, line, why in project[unread_templates]]
    found += [(path, line, "a tag of a template", "it is not closed on its line, so it is shown as text")
              for path, line in project[loose_tags]]  # fmt: skip
    found += [(each.at.path, each.at.at[0], each.what, each.why) for each in project[unknown_databases]]
    found += [(each.at.path, each.at.at[0], each.what, each.why) for each in project[unknown_parts]]
    return [{"file": path, "line": line, "what": what, "why": why} for path, line, what, why in dict.fromkeys(found)]


def rows(found: dict[str, Any]) -> list[tuple[str, ...]]:
    """The rows of the table."""
    return [
        (
            part["part"],
            part["name"] + (f"+{part['driver']}" if part["driver"] else ""),
            part["version"] or part["range"] or "",
            f"{part['file']}:{part['line']}",
            "; ".join(
                ["by default"] * part["default"]
                + [f"also {o['version'] or o['range'] or 'any'} ({o['file']}:{o['line']})" for o in part["others"]]
            ),
        )
        for part in found["stack"]
    ]


def _entry(part: str, name: str, proof: Version, others: tuple[Version, ...] = ()) -> dict[str, Any]:
    return {
        "part": part,
        "name": name,
        "version": proof.exact or None,
        "range": proof.specifier or None,
        "driver": None,
        "default": False,
        "file": proof.path,
        "line": proof.line,
        "others": [
            {"version": each.exact or None, "range": each.specifier or None, "file": each.path, "line": each.line}
            for each in others
        ],
    }


def _python(project: Project) -> dict[str, Any]:
    found = project[version, PYTHON]
    return _entry("python", PYTHON, found.version, found.others)


def _part(
    project: Project, offer: Offer, imports: dict[str, tuple[str, int]], unknown: list[dict[str, Any]]
) -> dict[str, Any] | None:
    """An offer that the program declares or imports; what only comes along with another one is none."""
    used = next((imports[name] for name in offer.modules if name in imports), None)
    found = project[version, offer.distribution]
    # A compiled requirement file also names what others need, and schema libraries are often among that.
    if used is None and (offer.role == "schemas" or not is_direct(project, offer.distribution)):
        return None
    if not found.version.path:
        if used is None or offer.role == "driver":
            return None
        why = "no manifest names it"
        unknown.append({"file": used[0], "line": used[1], "what": f"the version of `{offer.distribution}`", "why": why})
        return _entry(offer.role, offer.distribution, Version("", "", "", *used))
    if found.version.why:
        what = f"the version of `{offer.distribution}`"
        place = {"file": found.version.path, "line": found.version.line}
        unknown.append({**place, "what": what, "why": found.version.why})
    return _entry(offer.role, offer.distribution, found.version, found.others)


def _imports(project: Project) -> dict[str, tuple[str, int]]:
    """Top-level name -> where code that serves first imports it."""
    found: dict[str, tuple[str, int]] = {}
    for path in project.paths:
        module = project.module(path)
        for each in module.imports if module and not is_aside(path) else ():
            if not each.module.startswith(".") and each.kind != "type-only":
                found.setdefault(each.module.partition(".")[0], (path, each.at[0]))
    return found


def _distinct(found: tuple[Database, ...]) -> list[Database]:
    """Each database and driver once, at the best proof: no default, then by path."""
    best: dict[tuple[str, str], Database] = {}
    for each in sorted(found, key=lambda each: (each.default, each.at)):
        best.setdefault((each.name, each.driver), each)
    names = {each.name for each in best.values() if each.driver}
    return [each for each in best.values() if each.driver or each.name not in names]


def _database(each: Database) -> dict[str, Any]:
    entry = _entry("database", each.name, Version("", "", "", each.at.path, each.at.at[0]))
    return {**entry, "driver": each.driver or None, "default": each.default}
