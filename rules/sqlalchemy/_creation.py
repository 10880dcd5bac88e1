"""Where `create_all` runs before the classes of its metadata are known to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.places import is_aside

from ._declarative import FRESH, extension, is_extension, metadata_of
from ._loaded import Line, Way, directs, is_computed, loaded, loaders, reached, ways
from ._models import model, models
from ._names import is_used
from ._tables import core_tables
from ._terms import Term


class Creation(NamedTuple):
    """A call of `create_all` and the metadata whose tables it creates."""

    line: Line
    metadata: str


class Mapped(NamedTuple):
    """A class or table of a metadata."""

    name: str
    path: str
    at: At


class Early(NamedTuple):
    """A creation that comes too early on one way: the line to look at, and the classes that it does not know."""

    line: Line
    creation: Line
    outer: Line
    start: str
    missing: tuple[Mapped, ...]
    whole: bool
    """Whether it knows none at all."""


def creations(project: Project) -> tuple[Creation, ...]:
    """The calls of `create_all` outside tests."""
    if not project[is_used] or not project[models]:
        return ()
    return tuple(each for path in project.paths if not is_aside(path) for each in project[_creations_in, path])


def _creations_in(project: Project, path: str) -> tuple[Creation, ...]:
    module = project.module(path)
    return tuple(
        each
        for function in (module.functions if module is not None else ())
        if function.mentions("create_all")
        for each in _of(project, path, function.qualname, function.body)
    )


def _of(project: Project, path: str, scope: str, body: tuple[tree.Node, ...]) -> Iterator[Creation]:
    found: dict[At, tree.Path] = {}
    for call in tree.calls(*body):
        chosen = any(name in ("tables", None) for name, _ in call.keywords)
        for node in (call.func, *call.args):
            if isinstance(node, tree.Path) and node.last == "create_all" and "." in node.text and node.at not in found:
                plain = not chosen and (node is not call.func or len(call.args) < 2 or "metadata" not in node.text)
                found[node.at] = node if plain else tree.Path("", node.at)
    for node in found.values():
        key = _metadata(project, Term(tree.Path(node.text.rpartition(".")[0], node.at), path, scope))
        if key not in ("", FRESH):
            yield Creation(Line(path, scope, node.at), key)


def _metadata(project: Project, owner: Term) -> str:
    if not owner.node.text:
        return ""
    if is_extension(project, owner):
        return extension(project, owner).metadata.key
    return metadata_of(project, owner).key


def mapped(project: Project, metadata: str) -> tuple[Mapped, ...]:
    """The classes and tables of a metadata that stand in modules, tests left out."""
    found = []
    for symbol in project[models]:
        each = project[model, symbol]
        if each is not None and each.metadata == metadata and each.core is None and not is_aside(symbol.path):
            found.append(Mapped(symbol.last, symbol.path, each.at))
    for table in project[core_tables]:
        if table.metadata == metadata and not table.local and not is_aside(table.path):
            found.append(Mapped(table.name or "a table", table.path, table.at))
    return tuple(found)


def early(project: Project) -> tuple[Early, ...]:
    """The creations that come too early."""
    return tuple(each for creation in project[creations] for each in project[_early, creation])


def _early(project: Project, creation: Creation) -> tuple[Early, ...]:
    every = project[mapped, creation.metadata]
    found = ways(project, creation.line) if every else None
    if not found or not any(project[loaders].get(each.path) for each in every):
        return ()
    judged = [(way, project[_missing, (creation, way)]) for way in found]
    if any(missing is None for _, missing in judged):
        return ()
    return tuple(
        Early(
            creation.line if len(found) == 1 or way.start == "callback" else way.lines[0],
            creation.line,
            way.lines[0],
            way.start,
            missing,
            len(missing) == len(every),
        )
        for way, missing in judged
        if missing
    )


def _missing(project: Project, key: tuple[Creation, Way]) -> tuple[Mapped, ...] | None:
    """The classes that are surely not loaded on a way; None when that cannot be told."""
    creation, way = key
    every, first = project[mapped, creation.metadata], way.lines[0]
    own, anyhow = loaded(project, way)
    program = reached(project, {first.path, *anyhow}, None)
    if any(project[is_computed, path] for path in {*anyhow, first.path, *(line.path for line in way.lines)}):
        return None
    missing = tuple(each for each in every if not _is_there(project, way, each, own, anyhow))
    if len(missing) == len(every) or not missing:
        return missing
    # A script may well want some of the tables only.
    return tuple(each for each in missing if each.path in program or _comes_after(project, each, first.path))


def _is_there(project: Project, way: Way, each: Mapped, own: set[str], anyhow: set[str]) -> bool:
    first = way.lines[0]
    if each.path == first.path and way.start != "callback":
        return each.at < first.at
    if each.path in own or each.path == first.path:
        return True
    return each.path in anyhow and not (way.start == "module" and _comes_after(project, each, first.path))


def _comes_after(project: Project, each: Mapped, path: str) -> bool:
    """Whether the file of a class loads the other one before it comes to the class."""
    starts = [one.path for one in project[directs, each.path] if one.sure and not one.scope and one.at < each.at]
    found, waiting = set(starts), list(starts)
    while waiting:
        for one in project[directs, waiting.pop()]:
            if one.sure and not one.scope and one.path not in found:
                found.add(one.path)
                waiting.append(one.path)
    return path in found
