"""Where relations of rows are read one row at a time, though the query did not load them along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import called_names
from cdlint.project.classes import class_member, functions_of
from cdlint.project.memo import CyclicFact
from cdlint.project.places import is_aside
from cdlint.rule import Location

from ._annotated import annotated_names
from ._lookups import MANY_KINDS
from ._query_graph import Model, Name, back, by_name, info
from ._query_uses import querying
from ._querysets import Place, Read, Trace, trace
from ._querysets_handed import chosen_by
from ._querysets_values import Given, Items, Later, One, Rows, Value, below, loads

_READING = frozenset(
    {
        "all", "count", "filter", "exclude", "first", "last", "get", "aggregate", "exists", "order_by",
        "values", "values_list", "latest", "earliest", "annotate", "distinct", "iterator",
    }
)  # fmt: skip
_CACHED = frozenset(["all", "count", "exists", "iterator"])
_COMMON = frozenset(
    {
        "get", "list", "filter", "all", "create", "update", "save", "post", "put", "patch", "delete", "run",
        "handle", "main", "form_valid", "get_queryset", "get_object", "setUp", "__init__", "items", "values",
    }
)  # fmt: skip
_WRITING = frozenset(
    {
        "save", "delete", "create", "update", "get_or_create", "update_or_create", "bulk_create",
        "bulk_update", "delay", "apply_async", "send", "asave", "adelete", "acreate", "aupdate", "send_mail",
    }
)  # fmt: skip
"""What a function does that runs queries for each row on purpose."""
_ASKING = frozenset({"count", "exists", "first", "last", "get", "aggregate", "latest", "earliest"})
QUERY = "objects"
"""Stands for the relation where a query of its own is begun for each row."""
_DEPTH = 3


class Lazy(NamedTuple):
    """A relation that is loaded for each row. `many` says that it leads to several rows, `chain` by which functions."""

    at: At
    path: str
    """As the method takes it that would load it along."""
    model: Model
    relation: str
    many: bool
    chain: tuple[tuple[Location, str], ...] = ()
    again: str = ""
    """The method that asks the database though the rows are there."""


def looping(project: Project) -> tuple[Place, ...]:
    """The functions that may loop over rows: those that query, and those that call one that does."""
    found = {each for each in project[querying] if "commands" not in each.path.split("/")}
    for path in project.paths if project[by_name] else ():
        if not is_aside(path) and {"migrations", "commands"}.isdisjoint(path.split("/")):
            found.update(project[_calling, path])
    return tuple(sorted(found))


def _calling(project: Project, path: str) -> tuple[Place, ...]:
    """The functions of a file that call something which may give rows."""
    names = project[_giving]
    module = project.module(path) if not names.isdisjoint(project[called_names, path]) else None
    return tuple(
        Place(path, function.qualname)
        for function in (module.functions if module else ())
        if not names.isdisjoint(function.lasts)
    )


def _giving(project: Project) -> frozenset[str]:
    """The last names of the functions that return rows of a model."""
    names = {each.qualname.rpartition(".")[2] for each in project[querying] if project[gives_rows, each]}
    return frozenset(name for name in names - _COMMON if not name.startswith("__"))


def gives_rows(project: Project, place: Place) -> bool:
    """Whether a function returns rows of a model."""
    try:
        return isinstance(project[trace, place].returned, (Rows, Items, Later))
    except CyclicFact:
        return False


def lazy_loads(project: Project, place: Place) -> tuple[tuple[Lazy, ...], ...]:
    """The relations that the loops of a function load row by row: of each path all places, in order."""
    found: dict[str, dict[At, Lazy]] = {}
    for each in _loads(project, place, "row", _DEPTH):
        # Queries of their own are worked off together, whatever they ask for.
        key = QUERY if each.relation == QUERY else each.path
        found.setdefault(key, {}).setdefault(each.at, each)
    return tuple(tuple(places.values()) for places in found.values())


def loads_of(project: Project, place: Place) -> tuple[Lazy, ...]:
    """The relations that a function loads of a row that it is given."""
    return tuple(_loads(project, place, "given", _DEPTH))


def _loads(project: Project, place: Place, loop: str, depth: int) -> Iterator[Lazy]:
    try:
        traced = project[trace, place]
    except CyclicFact:
        return
    for read in traced.reads:
        if read.row.loop == loop:
            yield from load(project, read, depth)
    if any(isinstance(use.on, Rows) and use.method in _ASKING for use in traced.uses):
        yield from _asked(project, place, traced, loop)


def _asked(project: Project, place: Place, traced: Trace, loop: str) -> Iterator[Lazy]:
    """The queries that a function begins for each row, by the row: `Like.objects.filter(post=post).count()`."""
    function = project[functions_of, place.path].get(place.qualname)
    if function is None or not _WRITING.isdisjoint(function.lasts):
        return
    for use in traced.uses:
        if not isinstance(use.on, Rows) or use.on.loaded or use.method not in _ASKING:
            continue
        if loop == (use.on.by or chosen_by(traced.reads, use.call, use.keywords)):
            name = use.on.model.last if isinstance(use.on.model, Symbol) else use.on.model
            yield Lazy(use.call.at, f"{name}.{QUERY}", use.on.model, QUERY, False)


def load(project: Project, read: Read, depth: int = _DEPTH) -> Iterator[Lazy]:
    """The relations that are loaded where attributes of a row are read."""
    if read.into is not None:
        yield from _behind(project, read, read.into, depth)
        return
    row = read.row
    parts = read.text.split(".")
    for index, part in enumerate(parts):
        query, name = attribute(project, row.model, part)
        following = parts[index + 1] if index + 1 < len(parts) else ""
        if name is None:
            if isinstance(row.model, Symbol):
                yield from _method(project, read, row, part, depth)
            return
        path = f"{row.within}__{query}" if row.within else query
        if name.kind in MANY_KINDS:
            told = loads(row.prefetched, part)
            if following in _READING and not (told and following in _CACHED):
                loaded = f"{row.within}__{part}" if row.within else part
                yield Lazy(read.at, loaded, row.model, part, True, again=following if following not in _CACHED else "")
            return
        if name.kind not in ("key", "one", "reverse-one") or name.target is None:
            return
        if not loads(row.selected, query) and not loads(row.prefetched, part):
            yield Lazy(read.at, path, row.model, part, False)
            return
        selected, prefetched = below(row.selected, query), below(row.prefetched, part)
        selected |= {back(project, row.model, query, name)}
        row = One(name.target, selected, prefetched, loop=row.loop, within=path)


def attribute(project: Project, model: Model, part: str) -> tuple[str, Name | None]:
    """What an attribute of instances leads to, and its name in queries."""
    for query, name in project[info, model].names.items():
        if (name.accessor or query) == part:
            return query, name
    return part, None


def _method(project: Project, read: Read, row: One, part: str, depth: int) -> Iterator[Lazy]:
    """A method or property of the model that loads something of the row."""
    assert isinstance(row.model, Symbol)
    if part in row.names or ("*" in row.names and part in project[annotated_names]):
        return  # What the query gives the row takes the place of a cached property.
    found = project[class_member, (row.model, part)]
    if isinstance(found, Symbol) and found.kind == "function":
        given: dict[str, Value] = {"self": row._replace(loop="given")}
        given.update(dict.fromkeys(read.given if read.text.endswith(part) else (), Given()))
        yield from _behind(project, read, Later(found, tuple(sorted(given.items()))), depth)


def _behind(project: Project, read: Read, later: Later, depth: int) -> Iterator[Lazy]:
    function = project[functions_of, later.function.path].get(later.function.name)
    if function is None or depth <= 0 or not _WRITING.isdisjoint(function.lasts):
        return
    inner = Place(later.function.path, later.function.name, later.given)
    for each in _loads(project, inner, "given", depth - 1):
        step = (Location(inner.path, each.at), f"`{later.function.last}()` reads `{each.relation}`")
        chain = each.chain if each.chain else (step,)
        if not each.chain:
            yield each._replace(at=read.at, chain=chain)
        else:
            through = (Location(inner.path, each.at), f"`{later.function.last}()` goes on")
            yield each._replace(at=read.at, chain=(through, *chain))
