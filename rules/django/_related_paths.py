"""Where relations are named that are loaded along, or read from an instance, and what is wrong with the name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol

from ._lookups import MANY_KINDS, added_names, may_lack
from ._query_graph import Info, Model, Name, info, reverses
from ._querysets import Place, Use, trace
from ._querysets_values import One, Rows

_NO_INSTANCES = frozenset(
    {
        "values", "values_list", "count", "exists", "aggregate", "update", "delete", "dates", "datetimes",
    }
)  # fmt: skip
"""What needs no instances drops what would be loaded along with them."""


class Wrong(NamedTuple):
    """A name that cannot be loaded. `why`: `many`, `plain`, `absent`, `accessor` (of an instance) or `set`."""

    how: str
    path: str
    part: str
    model: Model
    why: str
    right: str
    at: At


def wrong_paths(project: Project, place: Place) -> tuple[Wrong, ...]:
    """The relations that a function names wrongly."""
    found: list[Wrong] = []
    traced = project[trace, place]
    plain = {use.on.origin for use in traced.uses if isinstance(use.on, Rows) and use.method in _NO_INSTANCES}
    for use in traced.uses:
        if isinstance(use.on, Rows) and not use.guarded and (use.on.origin or use.call.at) not in plain:
            if use.method == "select_related":
                found.extend(_selected(project, use, use.on))
            elif use.method == "prefetch_related":
                found.extend(_prefetched(project, use, use.on))
    for row, name, at in traced.sets:
        right = _renamed(project, row, name) if name.endswith("_set") else ""
        if right:
            found.append(Wrong("read", name, name, row.model, "set", right, at))
    return tuple(sorted(set(found), key=lambda each: (each.at, each.path)))


def _selected(project: Project, use: Use, rows: Rows) -> Iterator[Wrong]:
    for node in use.call.args:
        path = node.value if isinstance(node, tree.Constant) and isinstance(node.value, str) else ""
        model = rows.model
        for part in path.split("__") if path else ():
            known = project[info, model]
            name = known.names.get(part)
            why = _why_not(project, known, part, name)
            if why or name is None or name.target is None:
                if why:
                    yield Wrong("select_related", path, part, model, why, _meant(known, part), node.at)
                break
            model = name.target


def _why_not(project: Project, known: Info, part: str, name: Name | None) -> str:
    if name is None:
        by_accessor = any(each.accessor == part for each in known.names.values())
        if by_accessor and known.complete:
            return "many" if part.endswith("_set") else "absent"
        return "absent" if part not in known.attributes and _lacks(project, known, part) else ""
    if name.kind in MANY_KINDS:
        return "many"
    return "plain" if name.kind in ("column", "id") and (name.type or name.kind == "id") else ""


def _lacks(project: Project, known: Info, part: str) -> bool:
    return may_lack(project, known, part) and part not in project[added_names] and "*" not in project[added_names]


def _meant(known: Info, part: str) -> str:
    if part.endswith("_id") and part[:-3] in known.names:
        return part[:-3]
    return next((query for query, each in known.names.items() if each.accessor == part and part), "")


def _prefetched(project: Project, use: Use, rows: Rows) -> Iterator[Wrong]:
    given = {name for node in use.call.args if (name := _to_attr(node))}
    if rows.loose or rows.form or "*" in rows.prefetched or any(not _path(node) for node in use.call.args):
        return
    for node in use.call.args:
        model: Model = rows.model
        path = _path(node)
        for part in path.split("__"):
            known = project[info, model]
            found = _attribute(known, part)
            if found is None:
                if part not in given and part not in known.attributes and _lacks(project, known, part):
                    accessor = known.names[part].accessor if part in known.names else ""
                    yield Wrong(
                        "prefetch_related", path, part, model, "accessor" if accessor else "absent", accessor, node.at
                    )
                break
            if found.kind == "id" or (found.kind == "column" and found.type):
                yield Wrong("prefetch_related", path, part, model, "plain", _meant(known, part), node.at)
                break
            if found.target is None:
                break
            model = found.target


def _attribute(known: Info, part: str) -> Name | None:
    """What an attribute of instances leads to; the name in queries may be another one."""
    for query, name in known.names.items():
        if (name.accessor or query) == part:
            return name
    return None


def _path(node: Node) -> str:
    if isinstance(node, tree.Call) and getattr(node.func, "last", "") == "Prefetch":
        first = node.argument(0, "lookup")
        return _path(first) if first is not None else ""
    return node.value if isinstance(node, tree.Constant) and isinstance(node.value, str) else ""


def _to_attr(node: Node) -> str:
    value = node.keyword("to_attr") if isinstance(node, tree.Call) else None
    return value.value if isinstance(value, tree.Constant) and isinstance(value.value, str) else ""


def _renamed(project: Project, row: One, name: str) -> str:
    """The attribute that a relation has, when `x_set` is read and a `related_name` renames it."""
    known = project[info, row.model]
    if not isinstance(row.model, Symbol) or not known.complete or name in known.attributes or name in known.names:
        return ""
    if any((each.accessor or query) == name for query, each in known.names.items()):
        return ""
    found = [
        each.accessor
        for each in project[reverses].get(row.model, ())
        if each.source.last.lower() == name.removesuffix("_set") and each.kind == "reverse"
    ]
    return found[0] if len(set(found)) == 1 and "*" not in found[0] else ""
