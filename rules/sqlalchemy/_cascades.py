"""What relationships do to the rows on the other side when one is deleted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import functions_of
from cdlint.project.places import is_aside
from cdlint.rule import Location

from ._columns import ColumnFact
from ._handles import handle, places
from ._instances import mapped_instance
from ._joins import Join, argument, direction, given, is_plain, join
from ._models import model, models
from ._relations import RelationFact
from ._statements import Place, receiver_of
from ._terms import Made, Term, made
from ._text import text

OPTIONS = frozenset({"save-update", "merge", "refresh-expire", "expunge", "delete", "delete-orphan", "all", "none"})
"""What `cascade=` may list."""
_DELETING = frozenset({"delete", "all"})


class Orphans(NamedTuple):
    """A relationship whose cascade is refused. `kind`: `side` or `option`, with the option in `word`."""

    kind: str
    name: str
    word: str
    at: Location


class Kept(NamedTuple):
    """Children that a deleted parent leaves behind although they cannot be without one."""

    parent: Symbol
    relation: str
    """On the parent, `""` when a `backref` of the child makes it."""
    child: Symbol
    column: ColumnFact
    at: Location


def refused(project: Project, cls: Symbol) -> Iterator[Orphans]:
    """The relationships of a class whose `cascade=` fails when the mappers are configured."""
    source = project[model, cls]
    for relation in source.relations if source is not None else ():
        if relation.owner != cls:
            continue
        own = _options(project, argument(relation, "cascade"))
        for call, options, turned in ((None, own, False), *_of_backref(project, relation)):
            name = f"{cls.last}.{relation.name}" if call is None else f"the backref of {cls.last}.{relation.name}"
            at = Location(relation.path, relation.at)
            wrong = sorted((options or frozenset()) - OPTIONS)
            if wrong:
                yield Orphans("option", name, wrong[0], at)
            elif "delete-orphan" in (options or ()) and not _is_single(relation, call):
                found = project[join, (cls, relation.name)]
                way = direction(found, relation) if found is not None else ""
                if way in (("many-to-many", "one-to-many") if turned else ("many-to-many", "many-to-one")):
                    yield Orphans("side", name, way if not turned else "many-to-one", at)


def _of_backref(project: Project, relation: RelationFact) -> Iterator[tuple[Made, frozenset[str] | None, bool]]:
    term = argument(relation, "backref")
    call = made(project, term) if term is not None and isinstance(term.node, tree.Call) else None
    if call is not None and not call.open:
        yield call, _options(project, call.get("cascade")), True


def _is_single(relation: RelationFact, call: Made | None) -> bool:
    names = {name for name, _ in (call.keywords if call is not None else relation.keywords)}
    return "single_parent" in names


def _options(project: Project, term: Term | None) -> frozenset[str] | None:
    """The options of a cascade; None when none is given or they are not known."""
    found = text(project, term) if term is not None else None
    return frozenset(part.strip() for part in found.split(",") if part.strip()) if found is not None else None


# Children that keep a key that may not be empty


def kept(project: Project) -> dict[Symbol, tuple[Kept, ...]]:
    """Parent -> its collections whose rows are told to leave it when it is deleted, and cannot."""
    found: dict[Symbol, list[Kept]] = {}
    for cls in project[models]:
        source = project[model, cls]
        for relation in source.relations if source is not None else ():
            if relation.owner != cls or relation.has_secondary:
                continue
            link = project[join, (cls, relation.name)]
            for each in _kept(project, cls, relation, link) if link is not None else ():
                found.setdefault(each.parent, []).append(each)
    return {parent: tuple(each) for parent, each in found.items()}


def _kept(project: Project, cls: Symbol, relation: RelationFact, link: Join) -> Iterator[Kept]:
    way = direction(link, relation)
    at = Location(relation.path, relation.at)
    if way == "one-to-many" and relation.lazy == "select" and not given(relation, "passive_deletes", "cascade_delete"):
        options = _options(project, argument(relation, "cascade"))
        known = options is not None or not given(relation, "cascade")
        if known and _DELETING.isdisjoint(options or ()) and link.back[0].column.nullable is False:
            yield Kept(cls, relation.name, link.end, link.back[0].column, at)
    elif way == "many-to-one" and relation.backref and link.forth[0].column.nullable is False:
        term = argument(relation, "backref")
        if term is not None and isinstance(term.node, tree.Constant) and is_plain(relation):
            yield Kept(link.end, "", cls, link.forth[0].column, at)


def deletions(project: Project) -> dict[Kept, Location]:
    """Collections whose parent is deleted somewhere, with the first place where it is."""
    found: dict[Kept, Location] = {}
    for place in project[places, frozenset({"delete"})] if project[kept] else ():
        if not is_aside(place.path):
            for at, each in project[_deletions_in, place]:
                found.setdefault(each, Location(place.path, at))
    return found


def _deletions_in(project: Project, place: Place) -> tuple[tuple[At, Kept], ...]:
    """The deletions in a function that fail when the object has children."""
    function = project[functions_of, place.path].get(place.qualname)
    found: list[tuple[At, Kept]] = []
    for call in tree.calls(*(function.body if function is not None else ())):
        if getattr(call.func, "last", "") != "delete" or len(call.args) != 1 or function is None:
            continue
        receiver = receiver_of(call)
        session = handle(project, place, receiver) if receiver is not None else None
        if session is None or not session.kind.endswith("session"):
            continue
        cls = mapped_instance(project, place, call.args[0])
        for each in project[kept].get(cls, ()) if cls is not None else ():
            if not _is_cared_for(function, each):
                found.append((call.at, each))
    return tuple(found)


def _is_cared_for(function: Function, each: Kept) -> bool:
    """Whether the function itself does something about the children, or knows that the database may refuse."""
    if any(_expects_refusal(handler) for node in function.every(tree.Try) for handler in node.handlers):
        return True
    return function.mentions(each.child.last) or bool(each.relation and function.mentions(each.relation))


def _expects_refusal(handler: tree.Handler) -> bool:
    """Whether a handler is for what the database says of rows that would be left behind."""
    return any(isinstance(each, tree.Path) and each.last == "IntegrityError" for each in tree.walk(handler.type))
