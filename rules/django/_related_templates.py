"""Templates that loop over rows which a view gives them, and what they load of each row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from cdlint.backend.templates import DJANGO, absolute, find, lookups, renderings, template
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts, class_member, functions_of
from cdlint.project.templates import NO_LOOP, Loop, Read, Template
from cdlint.rule import Location

from ._query_graph import by_name
from ._querysets import Place, forced, trace
from ._querysets import Read as RowRead
from ._querysets_names import step
from ._querysets_values import Items, Later, One, Rows, Value
from ._querysets_views import view_rows
from ._related_loops import Lazy, load

_LISTS = ("ListView", "MultipleObjectMixin", "MultipleObjectTemplateResponseMixin", "BaseListView", "ArchiveIndexView")
_DEPTH = 4


class Shown(NamedTuple):
    """A template that a view renders: its file, the function or class of the view and where it says so."""

    file: str
    path: str
    qualname: str
    at: At


class Loaded(NamedTuple):
    """A relation that a template loads row by row, where it does, where the rows are queried, and for which view."""

    lazy: Lazy
    read: Location
    at: Location
    view: str


def shown(project: Project) -> tuple[tuple[Shown, ...], ...]:
    """The templates that views render, each with all places where they do."""
    if not project[by_name]:
        return ()
    found: dict[str, list[Shown]] = {}
    known = {each.key: each for each in project[lookups] if each.language == DJANGO}
    for each in project[renderings]:
        lookup = known.get(each.lookup)
        files = find(project, lookup, each.names[0]) if lookup is not None and len(each.names) == 1 else ()
        if files:
            found.setdefault(files[0], []).append(Shown(files[0], each.scope[0], each.scope[1], each.at.at))
    return tuple(tuple(sorted(pages, key=lambda page: (page.path, page.at))) for pages in found.values())


def template_loads(project: Project, pages: tuple[Shown, ...]) -> tuple[tuple[Loaded, ...], ...]:
    """The relations that a template loads for each row that its views give it: of each path all places, in order."""
    found: dict[str, dict[tuple[Location, Location], Loaded]] = {}
    for page in pages:
        context = _context(project, page)
        if any(isinstance(value, (Rows, Items)) for value in context.values()):
            for each in _walk(project, page, page.file, context, _DEPTH):
                found.setdefault(each.lazy.path, {}).setdefault((each.at, each.read), each)
    return tuple(tuple(places.values()) for places in found.values())


def _context(project: Project, page: Shown) -> dict[str, Value]:
    """The names that a view gives its template."""
    place = (page.path, page.qualname)
    if page.qualname in project[functions_of, page.path]:
        traced = project[trace, Place(*place)]
        return {name: forced(project, value) for name, value in traced.items}
    view = Symbol("class", page.path, page.qualname)
    facts = class_facts(project, view)
    if facts is None:
        return {}
    found: dict[str, Value] = {}
    if any(name.rpartition(".")[2] in _LISTS for name in project[ancestry, view].external):
        rows = _listed(project, view)
        named = next((each.value for each in facts.fields if each.name == "context_object_name"), None)
        found["object_list"] = rows
        if isinstance(rows, Rows) and isinstance(rows.model, Symbol):
            found[f"{rows.model.last.lower()}_list"] = rows
        if isinstance(getattr(named, "value", None), str):
            found[named.value] = rows  # type: ignore[union-attr]
    own = project[class_member, (view, "get_context_data")]
    if isinstance(own, Symbol) and own.kind == "function":
        traced = project[trace, Place(own.path, own.name, (("self", Symbol("instance", view.path, view.name)),))]
        found.update({name: forced(project, value) for name, value in traced.items})
    return found


def _listed(project: Project, view: Symbol) -> Value:
    own = project[class_member, (view, "get_queryset")]
    this = Symbol("instance", view.path, view.name)
    if isinstance(own, Symbol) and own.kind == "function":
        return forced(project, Later(own, (("self", this),)))
    return view_rows(project, this)


def _walk(project: Project, page: Shown, file: str, context: Mapping[str, Value], depth: int) -> Iterator[Loaded]:
    """What a template loads, and those that it includes or extends."""
    known = project[template, (file, DJANGO)]
    walker = _Walker(project, known, context)
    for read in known.reads:
        yield from _loads(project, page, file, walker, read, read.path, read.at)
    for loop in known.loops:
        if loop.over:
            yield from _loads(project, page, file, walker, loop, loop.over, loop.at)
    for each in known.references if depth > 0 else ():
        if len(each.names) != 1 or each.kind == "import":
            continue
        inner = {} if each.only else {**context, **walker.bound(each.loop)}
        for name, path in each.passes:
            inner[name] = walker.named(path, each.loop) if path else None
        target = _file(project, each.names[0], file)
        if target and target != file:
            yield from _walk(project, page, target, inner, depth - 1)


def _file(project: Project, name: str, user: str) -> str:
    for lookup in project[lookups]:
        if lookup.language == DJANGO:
            files = find(project, lookup, absolute(name, user, DJANGO))
            if files:
                return files[0]
    return ""


class _Walker:
    """What the names of a template are, loops included."""

    def __init__(self, project: Project, known: Template, context: Mapping[str, Value]) -> None:
        self.project = project
        self.known = known
        self.context = context
        self.rows: dict[int, Value] = {}

    def row(self, index: int) -> Value:
        """What the name that a loop binds is."""
        if index not in self.rows:
            loop = self.known.loops[index]
            value = self.named(loop.over, loop.parent) if loop.over and len(loop.names) == 1 else None
            value = forced(self.project, value)
            if isinstance(value, Rows) and not value.form and not value.small:
                value = One(value.model, value.selected, value.prefetched, loop="row")
            else:
                value = value.item if isinstance(value, Items) else None
            self.rows[index] = value
        return self.rows[index]

    def named(self, path: str, loop: int) -> Value:
        """What a dotted path is inside a loop."""
        root, _, rest = path.partition(".")
        value = self.root(root, loop)
        for part in rest.split(".") if rest else ():
            value = forced(self.project, value)
            if isinstance(value, Rows) and part in ("all", "iterator"):
                continue
            value = step(self.project, value, part)
        return value

    def root(self, name: str, loop: int) -> Value:
        """What a name is inside a loop."""
        while loop != NO_LOOP:
            if name in self.known.loops[loop].names:
                return self.row(loop)
            loop = self.known.loops[loop].parent
        return self.context.get(name)

    def bound(self, loop: int) -> dict[str, Value]:
        """The names that loops bind at a place."""
        found: dict[str, Value] = {}
        while loop != NO_LOOP:
            for name in self.known.loops[loop].names:
                found.setdefault(name, self.row(loop))
            loop = self.known.loops[loop].parent
        return found


def _loads(
    project: Project, page: Shown, file: str, walker: _Walker, node: Read | Loop, path: str, at: At
) -> Iterator[Loaded]:
    root, _, rest = path.partition(".")
    row = walker.root(root, node.loop if isinstance(node, Read) else node.parent)
    if not isinstance(row, One) or not row.loop or not rest:
        return
    for each in load(project, RowRead(row, rest, at, False)):
        yield Loaded(each, Location(file, at), _origin(walker, page), page.qualname)


def _origin(walker: _Walker, page: Shown) -> Location:
    """Where the rows are queried, when that stands in the view, else where the template is named."""
    origins = [
        value.origin for value in walker.context.values() if isinstance(value, Rows) and value.origin is not None
    ]
    return Location(page.path, origins[0] if len(origins) == 1 else page.at)
