"""Routes of aiohttp that no request reaches: setups nobody calls, sub-applications, names that are taken or unknown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.books import place
from cdlint.backend.mentions import mentioned, variable_of
from cdlint.backend.setups import is_named, uncalled
from cdlint.backend.wiring import Container, Inclusion, Route
from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.constants import fold
from cdlint.project.object_frames import unwrap
from cdlint.project.object_traces import traces
from cdlint.project.objects import Context, Happening, Items, Record, Thing, off
from cdlint.project.places import is_aside
from cdlint.rule import Location

from ._wiring import WATCH, wiring

_JOINING = frozenset(
    {"add_routes", "add_route", "add_get", "add_post", "add_put", "add_patch", "add_delete", "add_view", "add_subapp"}
)
_RUNNERS = frozenset({"run_app", "AppRunner", "_run_app"})
_STARTS = ("Dockerfile*", "**/*.toml", "**/*.cfg", "**/*.sh", "**/*.y*ml", "Procfile", "Makefile", "**/*.service")


class Broken(NamedTuple):
    """Something that cannot work. `kind` is a key of the rule's messages."""

    kind: str
    name: str
    at: Location
    other: Location | None
    detail: str


def unserved(project: Project) -> Iterator[Broken]:
    """All of these."""
    for each in uncalled(project, project[wiring], project[traces, WATCH], _JOINING):
        if not each.made:
            yield Broken("setup", each.name, each.at, each.joining, "")
    yield from _applications(project)
    yield from _names(project)


def _applications(project: Project) -> Iterator[Broken]:
    """Applications that nothing runs and nothing adds to another, where another one is run."""
    made = [(thing, each) for thing, each in project[wiring].items() if each.application and not is_aside(thing.path)]
    if (
        len(made) < 2
        or any(each.cut for each in project[traces, WATCH])
        or not any(project[_runs, p] for p in project.paths)
    ):
        return
    joined = {step.part.child for _, each in made for step in each.steps if isinstance(step.part, Inclusion)}
    if None in joined:
        return
    for thing, each in made:
        if thing in joined or not any(isinstance(step.part, Route | Inclusion) for step in each.steps):
            continue
        function = _function_around(project, thing)
        symbol = Symbol(
            "function" if function else "variable",
            thing.path,
            function or variable_of(project, thing.path, thing.at[0]),
        )
        if not symbol.name or "." in symbol.name or project[_is_started, symbol.last]:
            continue
        named = is_named(project, symbol, frozenset()) if function else mentioned(project, symbol, frozenset())
        if not named and (not each.loose or each.loose.startswith("it is returned by ")):
            yield Broken("apart", symbol.last, Location(thing.path, thing.at), None, "")


def _function_around(project: Project, thing: Thing) -> str:
    module = project.module(thing.path)
    around = [
        each.qualname
        for each in (module.functions if module else ())
        if each.qualname and each.at[0] <= thing.at[0] <= each.end_line
    ]
    return around[0] if around else ""


def _runs(project: Project, path: str) -> bool:
    """Whether a file runs an application."""
    module = None if is_aside(path) else project.module(path)
    return module is not None and any(
        call.rpartition(".")[2] in _RUNNERS for each in module.functions for call in each.calls
    )


def _is_started(project: Project, name: str) -> bool:
    """Whether a file beside the code may name it to start it."""
    files = {path for pattern in _STARTS for path in project.files(pattern)}
    return any(name in (project.text(path) or "") for path in sorted(files))


def _names(project: Project) -> Iterator[Broken]:
    """Names that two resources of one application get, and names that are asked for and that none has."""
    book, given = project[wiring], project[_given_names]
    known, loose = set(given.values()), False
    for thing, container in book.items():
        if not container.application:
            continue
        first: dict[str, tuple[Location, str, Context]] = {}
        for at, path, conditions in _resources(book, container, (thing,), ()):
            name = given.get(at)
            loose = loose or name == ""
            if not name or off(conditions):
                continue
            before = first.setdefault(name, (at, path, conditions))
            if before[0] != at and before[1] != path and set(before[2]) <= set(conditions):
                yield Broken("name", name, at, before[0], path)
    if loose or "" in known or not known or any(each.loose for each in book.values() if "passed to" in each.loose):
        return
    for path in project.paths:
        for name, spot in project[_asked, path] if not is_aside(path) else ():
            if name not in known:
                yield Broken("unnamed", name, Location(path, spot), None, "")


def _resources(
    book: dict[Thing, Container], container: Container, above: tuple[Thing, ...], under: Context
) -> Iterator[tuple[Location, str, Context]]:
    """The routes that one application has itself: where, their paths, and under which conditions."""
    for step in container.steps:
        part, conditions = step.part, (*under, *step.part.conditions)
        if isinstance(part, Route):
            yield part.at, part.path, conditions
        elif part.child in book and part.child not in above and not book[part.child].application:
            for at, path, inner in _resources(book, book[part.child], (*above, part.child), conditions):
                yield at, part.prefix + path, inner


def _given_names(project: Project) -> dict[Location, str]:
    """Place of a route -> its name; `""` when there is one that is not known."""
    found: dict[Location, str] = {}
    for each in project[traces, WATCH]:
        for happening in each.happenings:
            _note(found, happening)
            for value in (*happening.args, *(value for _, value in happening.keywords)):
                for item in value.items if isinstance(value, Items) else ():
                    if isinstance(item, Record):
                        _note(found, item)
    return found


def _note(found: dict[Location, str], made: Happening | Record) -> None:
    value = made.argument(99, "name")
    if value is not None:
        known = unwrap(value)
        if known is not None:
            found[place(made)] = known if isinstance(known, str) else ""
    elif isinstance(made, Happening) and made.spread:
        found[place(made)] = ""


def _asked(project: Project, path: str) -> tuple[tuple[str, tree.At], ...]:
    """The names of routes that a file asks a router for: `request.app.router["name"]`."""
    module = project.module(path)
    found = []
    for function in module.functions if module is not None else ():
        for node in function.nodes if function.mentions("router") else ():
            if isinstance(node, tree.Subscript) and getattr(node.value, "text", "").endswith("app.router"):
                name = fold(project, (path, function.qualname), node.index, infer=False)
                if isinstance(name, str):
                    found.append((name, node.at))
    return tuple(found)
