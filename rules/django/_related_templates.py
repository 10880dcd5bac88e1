"""Templates that loop over rows which a view gives them, and what they load of each row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from cdlint.backend.templates import DJANGO, absolute, find, lookups, template
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.templates import NO_LOOP, Loop, Read, Template
from cdlint.rule import Location

from ._querysets import Place, forced, trace
from ._querysets import Read as RowRead
from ._querysets_names import step
from ._querysets_values import Items, Later, One, Rows, Value, passed
from ._related_loops import Lazy, load
from ._related_tags import TagCall, once, printed, tag_calls
from ._related_views import Shown, by_view, context_of, queried

_DEPTH = 4


class Loaded(NamedTuple):
    """A relation that a template loads row by row, where it does, where the rows are queried, and for which view."""

    lazy: Lazy
    read: Location
    at: Location
    view: str


def template_loads(project: Project, pages: tuple[Shown, ...]) -> tuple[tuple[Loaded, ...], ...]:
    """The relations that a template loads for each row that its views give it: of each path all places, in order."""
    found: dict[str, dict[tuple[Location, Location], Loaded]] = {}
    for page in pages:
        context = context_of(project, page)
        if any(isinstance(value, (Rows, Items, One)) for value in context.values()):
            for each in _walk(project, page, page.file, context, _DEPTH):
                found.setdefault(each.lazy.path, {}).setdefault((each.at, each.read), each)
    return tuple(tuple(places.values()) for places in found.values())


def said_before(project: Project, pages: tuple[Shown, ...], first: Loaded) -> bool:
    """Whether another template of the same view, one that stands before this one, loads the same of the same rows."""
    for page in pages:
        for other in project[by_view].get((page.path, page.qualname), ()):
            if other.file < page.file and page.qualname == first.view:
                for places in template_loads(project, (other,)):
                    if any(each.at == first.at and each.lazy.path == first.lazy.path for each in places):
                        return True
    return False


def _walk(
    project: Project,
    page: Shown,
    file: str,
    context: Mapping[str, Value],
    depth: int,
    above: Location | None = None,
    taken: frozenset[str] = frozenset(),
) -> Iterator[Loaded]:
    """What a template loads, and those that it includes or extends; the blocks that are `taken` are not shown."""
    known = project[template, (file, DJANGO)]
    walker = _Walker(project, known, context, _origin(project, page, context, above))
    for read in known.reads:
        if not known.hides(read.at, taken):
            yield from _loads(project, page, file, walker, read, read.path, read.at)
    for loop in known.loops:
        if loop.over and not known.hides(loop.at, taken):
            yield from _loads(project, page, file, walker, loop, loop.over, loop.at)
    for call in project[tag_calls, file] if depth > 0 else ():
        if not known.hides(call.at, taken):
            yield from _tagged(project, page, file, walker, call, depth)
    for each in known.references if depth > 0 else ():
        if len(each.names) != 1 or each.kind == "import" or known.hides(each.at, taken):
            continue
        inner = {} if each.only else {**context, **walker.bound(each.loop)}
        for name, path in each.passes:
            inner[name] = walker.named(path, each.loop) if path else None
        target = project[_file, (each.names[0], file)]
        if target and target != file:
            hidden = taken | known.replaced if each.kind == "extends" else frozenset()
            yield from _walk(project, page, target, inner, depth - 1, walker.origin, hidden)


def _tagged(project: Project, page: Shown, file: str, walker: _Walker, call: TagCall, depth: int) -> Iterator[Loaded]:
    """What a tag of the repository loads of the rows that it is given, and the template that it fills."""
    values = [(name, walker.named(path, loop)) for name, path, loop in call.given]
    given = tuple(sorted((name, value) for name, value in values if isinstance(value, (Rows, One, Items))))
    if not given:
        return
    function = call.tag.function
    later = Later(function, tuple((name, passed(value)) for name, value in given))
    for _, value in given:
        if isinstance(value, One) and value.loop:
            for lazy in load(project, RowRead(value, "", call.at, True, later)):
                yield Loaded(lazy, Location(file, call.at), walker.origin, page.qualname)
            break
    target = project[_file, (call.tag.template, file)] if call.tag.template else ""
    if target and target != file:
        own = {name for name, _ in project[trace, Place(function.path, function.name)].items}
        traced = project[trace, Place(function.path, function.name, given)]
        inner = {name: forced(project, value) for name, value in traced.items if name not in own}
        yield from _walk(project, page, target, inner, depth - 1, walker.origin)


def _file(project: Project, key: tuple[str, str]) -> str:
    """The file that a template called `user` means by a name, for `(name, user)`; `""` for none."""
    name, user = key
    for lookup in project[lookups]:
        if lookup.language == DJANGO:
            files = find(project, lookup, absolute(name, user, DJANGO))
            if files:
                return files[0]
    return ""


class _Walker:
    """What the names of a template are, loops included."""

    def __init__(self, project: Project, known: Template, context: Mapping[str, Value], origin: Location) -> None:
        self.project = project
        self.known = known
        self.context = context
        self.origin = origin
        self.rows: dict[int, Value] = {}

    def row(self, index: int) -> Value:
        """What the name that a loop binds is."""
        if index not in self.rows:
            loop = self.known.loops[index]
            value = self.named(loop.over, loop.parent) if loop.over and len(loop.names) == 1 else None
            value = forced(self.project, value)
            if isinstance(value, Rows) and not value.form and not value.small:
                value = value.row("row")
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
    if not isinstance(row, One) or not row.loop or any(a <= at[:2] < b for a, b in project[once, file]):
        return
    found = list(load(project, RowRead(row, rest, at, False))) if rest else []
    if not found and isinstance(node, Read) and at[:2] in project[printed, file]:
        # What is shown as such is made a text of.
        found = list(load(project, RowRead(row, f"{rest}.__str__" if rest else "__str__", at, False)))
    for each in found:
        yield Loaded(each, Location(file, at), walker.origin, page.qualname)


def _origin(project: Project, page: Shown, context: Mapping[str, Value], above: Location | None) -> Location:
    """Where the rows are queried, when that stands in the view, else where the template is named."""
    origins = {value.origin for value in context.values() if isinstance(value, Rows) and value.origin is not None}
    if len(origins) == 1:
        return Location(page.path, origins.pop())
    return above or project[queried, page]
