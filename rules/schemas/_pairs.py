"""Which schemas are read from instances of which models, and where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.responses import Response, responses
from cdlint.backend.shape_fields import reads
from cdlint.facts import tree
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import function_facts, resolve_in
from cdlint.project.places import is_aside
from cdlint.rule import Location

from ._entities import Entity, entity, models
from ._minded import EVERY, minded
from ._pydantic import candidates

_READING = frozenset({"model_validate", "from_orm"})
_DEPTH = 3
_SCHEMAS = frozenset({"pydantic", "sqlmodel"})
_MAPPERS = frozenset({"sqlalchemy", "sqlmodel", "flask_sqlalchemy", "flask_sqlalchemy_lite", "sqlalchemy_utils"})


class Pair(NamedTuple):
    """A schema that is read from an instance of a model. `how`: `response` or the method; `through` the field above."""

    schema: Symbol
    model: Symbol
    how: str
    at: Location
    through: str


class Reading(NamedTuple):
    """A call such as `UserOut.model_validate(user)`."""

    schema: Symbol
    model: Symbol
    method: str
    call: tree.Call
    function: Symbol


def is_concerned(project: Project) -> bool:
    """Whether the repository has schemas as well as models."""
    found = [project[_imported, path] for path in project.paths]
    if not any(one for one, _ in found) or not any(other for _, other in found):
        return False
    return bool(project[kinds]) and bool(project[models])


def describes(project: Project) -> bool:
    """Whether the repository imports what schemas are made of."""
    return any(project[_imported, path][0] for path in project.paths)


def maps(project: Project) -> bool:
    """Whether the repository imports what mapped classes are made of."""
    return any(project[_imported, path][1] for path in project.paths)


def _imported(project: Project, path: str) -> tuple[bool, bool]:
    """Whether a file imports what schemas, and what mapped classes, are made of."""
    module = project.module(path)
    tops = {each.module.partition(".")[0] for each in module.imports} if module is not None else set()
    return not tops.isdisjoint(_SCHEMAS), not tops.isdisjoint(_MAPPERS)


def kinds(project: Project) -> dict[Symbol, str]:
    """Schema -> its kind, for those that Pydantic collects fields of."""
    return dict(project[candidates])


def readings(project: Project) -> tuple[Reading, ...]:
    """The calls that read a schema from an instance."""
    if not project[is_concerned]:
        return ()
    return tuple(each for path in project.paths for each in project[_readings_in, path])


def _readings_in(project: Project, path: str) -> tuple[Reading, ...]:
    module = None if is_aside(path) else project.module(path)
    found = []
    for function in module.functions if module else ():
        wanted = [call for call in function.calls if call[call.rfind(".") + 1 :] in _READING and call[0] != "?"]
        schemas = {call: _schema(project, path, function.qualname, call) for call in wanted}
        if not any(schemas.values()):
            continue
        for call in function.call_nodes:
            schema = schemas.get(call.func.text) if isinstance(call.func, tree.Path) else None
            given = call.args[0] if call.args else call.keyword("obj")
            held = _instance(project, path, function.qualname, given, function.body) if schema is not None else None
            if schema is not None and held is not None and held.form == "one":
                symbol = Symbol("function", path, function.qualname)
                found.append(Reading(schema, held.model, call.func.last, call, symbol))
    return tuple(found)


def _schema(project: Project, path: str, scope: str, call: str) -> Symbol | None:
    answer = resolve_in(project, path, scope, call.rpartition(".")[0])
    return answer if isinstance(answer, Symbol) and answer in project[kinds] else None


def _instance(project: Project, path: str, scope: str, node: tree.Node, body: tuple[tree.Node, ...]) -> Entity | None:
    """What is read; the variable of a comprehension or loop stands for each item of what it runs over."""
    found = entity(project, (path, scope), node)
    if found is not None or not isinstance(node, tree.Path) or "." in node.text:
        return found
    loops = [
        each for each in tree.walk(*body) if isinstance(each, (tree.For, tree.Comprehension)) and _binds(each, node)
    ]
    sources = [each.iterable if isinstance(each, tree.For) else each.generators[0].iterable for each in loops]
    held = [entity(project, (path, scope), source) for source in sources]
    first = held[0] if len(held) == 1 else None
    listed = first is not None and first.form in ("many", "scalars", "query")
    return Entity(first.model, "one") if first is not None and listed else None


def _binds(loop: tree.For | tree.Comprehension, name: tree.Path) -> bool:
    targets = [loop.target] if isinstance(loop, tree.For) else [each.target for each in loop.generators[:1]]
    inside = loop.at[:2] <= name.at[:2] <= loop.at[2:]
    return inside and any(isinstance(each, tree.Path) and each.text == name.text for each in targets)


def pairs(project: Project) -> tuple[Pair, ...]:
    """The schemas with the models that they are read from, each pair once; schemas inside others included."""
    if not project[is_concerned]:
        return ()
    found: dict[tuple[Symbol, Symbol], Pair] = {}
    for response in project[responses]:
        for model, at in project[answered, response]:
            pair = Pair(response.shape, model, "response", Location(response.handler.path, at), "")
            found.setdefault((pair.schema, pair.model), pair)
    for reading in project[readings]:
        pair = Pair(reading.schema, reading.model, reading.method, Location(reading.function.path, reading.call.at), "")
        found.setdefault((pair.schema, pair.model), pair)
    pending = list(found.values())
    for _ in range(_DEPTH):
        pending = [each for pair in pending for each in _nested(project, pair) if _is_new(found, each)]
    return tuple(found.values())


def _is_new(found: dict[tuple[Symbol, Symbol], Pair], pair: Pair) -> bool:
    if (pair.schema, pair.model) in found:
        return False
    found[pair.schema, pair.model] = pair
    return True


def _nested(project: Project, pair: Pair) -> Iterator[Pair]:
    """The schemas of fields that are read from relations, unless something is made of the instance first."""
    given = minded(project, pair.schema)
    relations = {each.name: each.target for each in project[models][pair.model].relations}
    for read in reads(project, pair.schema):
        held = relations.get(read.name)
        if (
            read.shape is not None
            and held is not None
            and read.shape in project[kinds]
            and given.isdisjoint({EVERY, read.name})
        ):
            yield Pair(read.shape, held, pair.how, pair.at, f"{pair.schema.last}.{read.name}")


def answered(project: Project, response: Response) -> tuple[tuple[Symbol, At], ...]:
    """The models of whose instances a handler returns one, or a list if its response is one."""
    facts = function_facts(project, response.handler)
    found: dict[Symbol, At] = {}
    if response.shape not in project[kinds] or facts is None:
        return ()
    for node in facts.nodes:
        if isinstance(node, tree.Return):
            held = entity(project, (response.handler.path, response.handler.name), node.value)
            forms = ("many", "scalars", "query") if response.many else ("one",)
            if held is not None and held.form in forms:
                found.setdefault(held.model, node.at)
    return tuple(found.items())
