"""Types in signatures that FastAPI cannot make fields of, so that registering the route fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.tables import tables
from cdlint.facts import tree
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import TRANSPARENT, ancestry, class_facts, function_facts, resolve_in
from cdlint.project.places import is_aside
from cdlint.project.values import Scope
from cdlint.project.versions import satisfied
from cdlint.rule import Location

from ._given import Handler, givens, handlers, is_hidden, providers, providers_in

_OUTSIDE = frozenset(
    {
        "sqlalchemy.Engine", "sqlalchemy.engine.Engine", "sqlalchemy.ext.asyncio.AsyncEngine",
        "sqlalchemy.ext.asyncio.AsyncSession", "sqlalchemy.ext.asyncio.session.AsyncSession",
        "sqlalchemy.orm.Session", "sqlalchemy.orm.session.Session", "sqlalchemy.orm.sessionmaker",
        "sqlmodel.Session", "sqlmodel.ext.asyncio.session.AsyncSession",
    }
)  # fmt: skip
_READY = frozenset({"sqlmodel.SQLModel", "sqlmodel.main.SQLModel", "pydantic.BaseModel",
                    "sqlalchemy.orm.MappedAsDataclass"})  # fmt: skip
_HOOKS = frozenset({"__get_pydantic_core_schema__", "__get_validators__", "__init_subclass__", "__class_getitem__"})
_ROUND = frozenset({"list", "List", "Sequence", "set", "Optional", "Union", "tuple", "Iterable"})


class Foreign(NamedTuple):
    """`where`: `parameter`, `annotation` or `response_model`. `kind` says what the type is."""

    function: Symbol
    at: At
    where: str
    name: str
    type: str
    kind: str
    path: str
    route: Location | None


def foreign(project: Project) -> tuple[Foreign, ...]:
    """All of them, each place once."""
    found: dict[tuple[str, At], Foreign] = {}
    for handler in project[handlers]:
        for each in (*_of_result(project, handler), *_of_parameters(project, handler)):
            found.setdefault((each.path, each.at), each)
    for symbol in project[providers]:
        for each in project[_parameters_of, symbol]:
            if project[_is_asked_for, symbol]:
                found.setdefault((each.path, each.at), each)
    return tuple(found.values())


def _is_asked_for(project: Project, symbol: Symbol) -> bool:
    """Whether some `Depends` of a function stands in a signature, or under a name that the repository uses."""
    return any(
        named == symbol and _is_used(project, path, at)
        for path in project.paths
        if not is_aside(path)
        for named, _, at in project[providers_in, path]
    )


def _is_used(project: Project, path: str, at: At) -> bool:
    module = project.module(path)
    held = [each for each in module.bindings if each.value_code is not None] if module is not None else []
    names = [each.name for each in held if any(call.at == at for call in tree.calls(each.value))]
    return not names or any(
        len(re.findall(rf"\b{name}\b", project.text(each) or "")) > (each == path)
        for name in names
        for each in project.paths
    )


def _of_parameters(project: Project, handler: Handler) -> Iterator[Foreign]:
    route = Location(handler.scope[0], handler.call.at)
    return (each._replace(route=route) for each in project[_parameters_of, handler.function])


def _parameters_of(project: Project, function: Symbol) -> tuple[Foreign, ...]:
    found = []
    for given in project[givens, function]:
        note = given.param.annotation
        if given.markers or note is None or given.type != note or isinstance(given.default, tree.Call):
            continue
        bad = _bad(project, given.scope, note)
        if bad is not None and not project[is_hidden, function]:
            found.append(Foreign(function, given.param.at, "parameter", given.param.name, *bad, function.path, None))
    return tuple(found)


def _of_result(project: Project, handler: Handler) -> Iterator[Foreign]:
    facts = function_facts(project, handler.function)
    scope = (handler.function.path, handler.function.name.rpartition(".")[0])
    route = Location(handler.scope[0], handler.call.at)
    model = handler.call.keyword("response_model")
    if any(keyword.name is None for keyword in handler.call.keywords) or facts is None:
        return
    if model is not None:
        bad = _bad(project, handler.scope, model)
        if bad is not None:
            yield Foreign(handler.function, model.at, "response_model", "", *bad, route.path, route)
    elif facts.returns is not None and not project[satisfied, (("fastapi", "<0.89"),)]:
        bad = _bad(project, scope, facts.returns)
        if bad is not None:
            yield Foreign(handler.function, facts.returns.at, "annotation", "", *bad, scope[0], route)


def _bad(project: Project, scope: Scope, node: Node) -> tuple[str, str] | None:
    """The first type in an annotation that is no field, with what it is."""
    if isinstance(node, tree.Binary) and node.op == "|":
        return next((bad for each in node.terms if (bad := _bad(project, scope, each)) is not None), None)
    if isinstance(node, tree.Subscript):
        if getattr(node.value, "last", "") not in _ROUND:
            return None
        items = node.index.items if isinstance(node.index, tree.Sequence) else (node.index,)
        return next((bad for each in items if (bad := _bad(project, scope, each)) is not None), None)
    if not isinstance(node, tree.Path) or _is_for_checkers(project, scope[0], node.root):
        return None
    answer = resolve_in(project, scope[0], scope[1], node.text)
    if not isinstance(answer, Symbol):
        return None
    if answer.kind == "external":
        return (node.text, "a session or engine") if answer.name in _OUTSIDE else None
    return _of_class(project, answer) if answer.kind == "class" else None


def _is_for_checkers(project: Project, path: str, root: str) -> bool:
    module = project.module(path)
    return module is not None and any(each.alias == root and each.kind != "runtime" for each in module.imports)


def _of_class(project: Project, cls: Symbol) -> tuple[str, str] | None:
    above = project[ancestry, cls]
    if above.unknown or not _READY.isdisjoint(above.external):
        return None
    for owner in above.first_party:
        facts = class_facts(project, owner)
        if facts is None or facts.decorator_codes or facts.keyword_codes or not _HOOKS.isdisjoint(facts.methods):
            return None
    if cls in project[mapped]:
        return cls.last, "a mapped class"
    if set(above.external) <= TRANSPARENT - {"typing.Protocol", "typing_extensions.Protocol"}:
        return cls.last, "a class that Pydantic does not know"
    return None


def mapped(project: Project) -> frozenset[Symbol]:
    """The classes with a table."""
    return frozenset(each.model for each in project[tables] if each.model is not None)
