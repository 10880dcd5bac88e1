"""The placeholders in a statement, and whether they are those of its driver and as many as its values."""

from __future__ import annotations

import re
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.values import evaluate

from ._sites import Place, Site, sites, values

_QUIET = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|`[^`]*`|--[^\n]*|/\*.*?(?:\*/|\Z)|\$(\w*)\$.*?\$\1\$", re.DOTALL)
_NUMBERED = re.compile(r"\$(\d+)")
_NAMED = re.compile(r"(?<![:\w\\]):([A-Za-z_]\w*)")
_FORMAT = re.compile(r"%(?:\((\w+)\))?([a-zA-Z%])")
_BARE = frozenset({"builtins.str()", "builtins.int()", "builtins.float()", "uuid.UUID()"})
_QUOTED = re.compile(r"'[^']*'")


class Marks(NamedTuple):
    """What stands for values in a statement."""

    numbers: tuple[int, ...]
    names: tuple[str, ...]
    questions: int
    formats: int
    format_names: tuple[str, ...]
    loose: bool
    """Whether a `%` stands there that is no placeholder."""


class Fault(NamedTuple):
    """A fault. `kind`: `style`, `count`, `missing`, `gap` or `bare` (no tuple); `found` and `wanted` in words."""

    kind: str
    found: str
    wanted: str
    at: At


def marks(text: str) -> Marks:
    """The placeholders of a statement, those in quotes and comments left out where the driver does so."""
    bare = _QUIET.sub(lambda match: " " if match[0][0] in "-/" else "''", text)
    formats = _FORMAT.findall(text)
    return Marks(
        tuple(int(number) for number in _NUMBERED.findall(bare)),
        tuple(dict.fromkeys(_NAMED.findall(bare))),
        bare.count("?"),
        sum(1 for name, kind in formats if not name and kind == "s"),
        tuple(dict.fromkeys(name for name, kind in formats if name and kind == "s")),
        any(kind not in "sdbt%" for _, kind in formats),
    )


def faults(project: Project, place: Place) -> tuple[Fault, ...]:
    """The faults in the statements of a function."""
    found = []
    for site in project[sites, place]:
        fault = _fault(project, place, site)
        if fault is not None:
            found.append(fault)
    return tuple(found)


def _fault(project: Project, place: Place, site: Site) -> Fault | None:
    call = site.call
    if any(isinstance(each, tree.Starred) for each in call.args) or any(name is None for name, _ in call.keywords):
        return None
    found = marks(site.text)
    if site.driver == "asyncpg":
        return _asyncpg(project, place, site, found)
    if site.driver == "text":
        return _text(project, place, site, found)
    given = call.argument(1, "parameters") or call.keyword("params") or call.keyword("vars") or call.keyword("args")
    if given is None:
        return _without(site, found)
    if site.method == "executemany":
        rows = values(project, place, given) or given
        made = rows.element if isinstance(rows, tree.Comprehension) and rows.kind in ("list", "generator") else None
        given = rows.items[0] if isinstance(rows, tree.Sequence) and rows.items and rows.kind == "list" else made
    known = values(project, place, given)
    if isinstance(given, tree.Path) and site.driver in ("sqlite", "psycopg") and (found.questions or found.formats):
        bare = evaluate(project, (place.path, place.qualname), given)
        if isinstance(bare, Symbol) and bare.name in _BARE:
            return Fault("bare", bare.last.removesuffix("()"), "", given.at)
    return _sqlite(site, found, known) if site.driver == "sqlite" else _format(site, found, known)


def _asyncpg(project: Project, place: Place, site: Site, found: Marks) -> Fault | None:
    given = list(site.call.args[1:])
    if given and not found.numbers:
        other = _other(found, "asyncpg")
        return Fault("style", other, "$1", site.at) if other else None
    if not given and not found.numbers and found.formats:
        return None
    wanted = max(found.numbers, default=0)
    gap = next((number for number in range(1, wanted) if number not in found.numbers), 0)
    if gap:
        return Fault("gap", f"${wanted}", f"${gap}", site.at)
    if site.method == "executemany":
        rows = values(project, place, given[0] if given else None)
        row = rows.items[0] if isinstance(rows, tree.Sequence) and rows.items else None
        given = list(row.items) if isinstance(row, tree.Sequence) and row.kind != "set" else []
        if not given or any(isinstance(each, tree.Starred) for each in given):
            return None
    if wanted != len(given):
        return Fault("count", _places(wanted), _values(len(given)), site.at)
    return None


def _other(found: Marks, driver: str) -> str:
    """The style of another driver that a statement is written in."""
    if found.formats or found.format_names:
        return "%s"
    if found.questions and driver != "asyncpg":
        return "?"
    if found.questions and not found.names:
        return "?"
    return ":name" if found.names else ""


def _without(site: Site, found: Marks) -> Fault | None:
    """A statement that is executed without values."""
    if site.driver == "sqlite" and (found.questions or found.names):
        return Fault("count", _places(found.questions or len(found.names)), "no value", site.at)
    return None


def _sqlite(site: Site, found: Marks, known: Node | None) -> Fault | None:
    if not found.questions and not found.names and (found.formats or found.numbers):
        # `strftime('%s', 'now')` is SQLite's own.
        return Fault("style", "%s", "?", site.at) if marks(_QUOTED.sub("''", site.text)).formats else None
    if isinstance(known, tree.Sequence) and known.kind != "set" and not _is_open(known):
        if found.names or found.numbers:
            return None
        numbered = re.search(r"\?\d", site.text) is not None
        if found.questions != len(known.items) and not numbered:
            return Fault("count", _places(found.questions), _values(len(known.items)), site.at)
    return _missing(site, found.names, known) if not found.questions else None


def _format(site: Site, found: Marks, known: Node | None) -> Fault | None:
    if found.loose:
        return None
    if not found.formats and not found.format_names:
        other = "?" if found.questions else "$1" if found.numbers else ":name" if found.names else ""
        if other and isinstance(known, (tree.Sequence, tree.Mapping)) and known.items:
            return Fault("style", other, "%s", site.at)
    counted = isinstance(known, tree.Sequence) and known.kind != "set" and not _is_open(known)
    given = len(known.items) if isinstance(known, tree.Sequence) and counted else found.formats
    if given != found.formats and not found.format_names:
        return Fault("count", _places(found.formats), _values(given), site.at)
    return _missing(site, found.format_names, known)


def _text(project: Project, place: Place, site: Site, found: Marks) -> Fault | None:
    if site.bound:
        return None
    given = site.call.argument(1) or site.call.keyword("params") or site.call.keyword("parameters")
    known = values(project, place, given)
    if isinstance(known, tree.Sequence):
        known = known.items[0] if known.kind == "list" and known.items else None
    if given is not None and not found.names:
        other = (
            "%s" if found.formats or found.format_names else "$1" if found.numbers else "?" if found.questions else ""
        )
        if other and (isinstance(known, tree.Mapping) or other != "?"):
            return Fault("style", other, ":name", site.at)
    if given is None and found.names and not site.call.keywords:
        return Fault("count", _places(len(found.names)), "no value", site.at)
    return _missing(site, found.names, known)


def _is_open(node: tree.Sequence) -> bool:
    return any(isinstance(each, tree.Starred) for each in node.items)


def _missing(site: Site, names: tuple[str, ...], known: Node | None) -> Fault | None:
    """A name that a dict which is written out does not give."""
    if not isinstance(known, tree.Mapping) or not names:
        return None
    keys = [key.value if isinstance(key, tree.Constant) else None for key, _ in known.items]
    if None in keys:
        return None
    lacking = [name for name in names if name not in keys]
    return Fault("missing", lacking[0], "", site.at) if lacking else None


def _places(count: int) -> str:
    return f"{count} placeholder{'s' if count != 1 else ''}" if count else "no placeholder"


def _values(count: int) -> str:
    return f"{count} value{'s' if count != 1 else ''}" if count else "no value"
