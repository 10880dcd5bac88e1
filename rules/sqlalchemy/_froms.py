"""What statements select from, and which of it nothing links to the rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import functions_of
from cdlint.project.memo import CyclicFact

from ._chains import JOINS, LATER, WHERE, Step, chain, handed, places, ran
from ._finished import full
from ._joins import Side, side
from ._sources import Obscure, Use, entity, key_of, relation_end, uses
from ._statements import Place


class Apart(NamedTuple):
    """A table that nothing links to the rest. `kind`: `product`, `absent` (not selected from), `join`."""

    kind: str
    name: str
    method: str
    others: tuple[str, ...]
    at: At
    path: str
    scope: str
    cls: Symbol | None


class Links(NamedTuple):
    """The tables of a statement, and which of them some condition or join links."""

    froms: dict[str, Use]
    edges: list[frozenset[str]]
    later: list[tuple[Step, Use]]
    steps: dict[str, Step]


# What goes wrong in one


def separated(project: Project) -> tuple[Apart, ...]:
    """What nothing links anywhere, once for each place in a statement, whoever runs it."""
    found: dict[tuple[str, At, str], Apart] = {}
    for place in project[places]:
        for each in project[apart, place]:
            found.setdefault((each.path, each.at, each.name), each)
    return tuple(found.values())


def apart(project: Project, place: Place) -> tuple[Apart, ...]:
    """What nothing links, in the statements that a function runs."""
    function = project[functions_of, place.path].get(place.qualname)
    found: dict[tuple[str, At, str], Apart] = {}
    for call in tree.calls(*(function.body if function is not None else ())):
        node = ran(project, place, call)
        try:
            steps = chain(project, place, node) if node is not None else handed(project, place, call)
            for each in _judged(project, steps) if steps else ():
                found.setdefault((each.path, each.at, each.name), each)
        except (Obscure, CyclicFact):
            continue
    return tuple(found.values())


# Joins, conditions and columns


def _judged(project: Project, steps: tuple[Step, ...]) -> Iterator[Apart]:
    links = Links({}, [], [], {})
    bare: list[tuple[Step, Use, tuple[Use, ...]]] = []
    for step in steps:
        if step.method == "select_from":
            _selected_from(project, step, links)
        elif step.method in ("select", "add_columns"):
            _selected(project, step, links)
        elif step.method in WHERE:
            for node in step.call.args:
                _condition(project, step, node, links)
        elif step.method in LATER:
            for node in step.call.args:
                if not (isinstance(node, tree.Constant) or _is_text(node)):
                    links.later.extend((step, use) for use in _outer(project, step, node))
        elif step.method in JOINS:
            target = _joined(project, step, links)
            if target is not None:
                bare.append((step, target, tuple(links.froms.values())))
    yield from _unjoinable(project, bare)
    yield from _unlinked(links)


def _add(links: Links, use: Use, step: Step) -> None:
    if use.key not in links.froms:
        links.froms[use.key] = use
        links.steps[use.key] = step


def _outer(project: Project, step: Step, node: Node) -> list[Use]:
    return [use for use in uses(project, step.place, node) if not use.inner]


def _selected_from(project: Project, step: Step, links: Links) -> None:
    if len(step.call.args) != 1 or step.call.keywords:
        raise Obscure
    node = step.call.args[0]
    found = entity(project, step.place, node.text, node.at) if isinstance(node, tree.Path) else None
    if found is None or found.attribute:
        raise Obscure
    _add(links, found, step)


def _selected(project: Project, step: Step, links: Links) -> None:
    for node in step.call.args:
        found = list(uses(project, step.place, node))
        if isinstance(node, tree.Path) and not found:
            raise Obscure
        for use in found:
            if use.cls is not None and use.attribute and relation_end(project, use) is not None:
                raise Obscure
            if not use.inner:
                _add(links, use, step)
        # What an expression brings together belongs together; a correlated one too.
        links.edges.append(frozenset(use.key for use in found))


def _is_text(node: Node) -> bool:
    return isinstance(node, tree.Call) and getattr(node.func, "last", "") == "text"


def _condition(project: Project, step: Step, node: Node, links: Links) -> None:
    name = getattr(node.func, "last", "") if isinstance(node, tree.Call) else ""
    parts: tuple[Node, ...] = ()
    if isinstance(node, tree.Call) and name in ("and_", "or_", "not_") and not node.keywords:
        parts = node.args
    elif isinstance(node, tree.Binary) and node.op in ("&", "|"):
        parts = node.terms
    elif isinstance(node, tree.Unary) and node.op == "~":
        parts = (node.value,)
    for part in parts:
        _condition(project, step, part, links)
    if parts:
        return
    found = list(uses(project, step.place, node))
    keys = {use.key for use in found}
    for use in found:
        end = relation_end(project, use) if use.cls is not None and use.attribute else None
        if isinstance(end, Symbol):
            # A bare relationship is the condition that joins; the others compare or look into it.
            keys.add(key_of(project, end))
        if not use.inner:
            _add(links, use, step)
    links.edges.append(frozenset(keys))


def _joined(project: Project, step: Step, links: Links) -> Use | None:
    """Note a join; the class that is joined by foreign keys alone is given back."""
    call = step.call
    given = [*call.args, *(value for name, value in call.keywords if name in ("target", "onclause", "left", "right"))]
    wanted = 3 if step.method.endswith("_from") else 2
    if not given or len(given) > wanted or any(name in (None, "props") for name, _ in call.keywords):
        raise Obscure
    first = given[0]
    found = [use for node in given for use in uses(project, step.place, node)]
    if not found or any(isinstance(node, (tree.Sequence, tree.Constant)) for node in given):
        raise Obscure
    if isinstance(first, tree.Path) and not entity(project, step.place, first.text):
        raise Obscure
    keys = {use.key for use in found}
    target = found[0] if len(given) == 1 and len(found) == 1 and found[0].attribute == "" else None
    for use in found:
        end = relation_end(project, use) if use.cls is not None and use.attribute else None
        if isinstance(end, Symbol):
            other = Use(key_of(project, end), end.last, use.at, False, end, "")
            # The table between, if there is one, is joined under a name of its own.
            keys.add(other.key)
            _add(links, other, step)
    before = frozenset(links.froms)
    for use in found:
        if not use.inner:
            _add(links, use, step)
    if target is not None or len(keys) == 1:
        # By its foreign keys, or with a condition of its own alone: to whatever is there.
        keys |= before
    links.edges.append(frozenset(keys))
    return target


def _unlinked(links: Links) -> Iterator[Apart]:
    if not links.froms:
        return
    first = next(iter(links.froms))
    linked, grew = {first}, True
    while grew:
        grew = False
        for edge in links.edges:
            if not edge.isdisjoint(linked) and not edge <= linked:
                linked |= edge
                grew = True
    main = tuple(use.name for key, use in links.froms.items() if key in linked)
    for key, use in links.froms.items():
        if key not in linked:
            yield _apart("product", use, links.steps[key], main)
            return
    for step, use in links.later:
        if use.key not in links.froms:
            yield _apart("absent", use, step, main)


def _apart(kind: str, use: Use, step: Step, others: tuple[str, ...]) -> Apart:
    return Apart(kind, use.name, step.method, others, use.at, step.place.path, step.place.qualname, use.cls)


def _unjoinable(project: Project, bare: list[tuple[Step, Use, tuple[Use, ...]]]) -> Iterator[Apart]:
    """Joins by foreign keys to a table that has none to any table of the statement."""
    for step, target, present in bare:
        far = _side(project, target)
        others = {use.key: use for use in present if use.key != target.key}
        near = [_side(project, use) for use in others.values()]
        if far is None or not near or any(each is None for each in near):
            continue
        sides = [each for each in near if each is not None]
        if not any(_leads(each, far) or _leads(far, each) for each in sides):
            names = tuple(use.name for use in others.values())
            yield _apart("join", target, step, names)


def _leads(one: Side, other: Side) -> bool:
    return any(each.target == other.name for each in one.keys)


def _side(project: Project, use: Use) -> Side | None:
    if use.cls is None:
        return None
    found = project[side, use.cls]
    return found if found is not None and not found.composite and full(found.name, None) else None
