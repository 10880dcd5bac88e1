"""Classes that a call maps to a table: `mapper_registry.map_imperatively(User, users)`."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_facts, resolve_in

from ._attributes import NOTHING
from ._names import RELATIONSHIPS, imports_it, is_used
from ._relations import RelationFact, relation
from ._terms import Term, made, mapping

_MAPPERS = frozenset({"map_imperatively", "mapper"})


class Mapped(NamedTuple):
    """A class mapped by a call. `core` is the variable that holds its table."""

    symbol: Symbol
    at: tree.At
    core: Symbol
    relations: tuple[RelationFact, ...]


def imperative(project: Project) -> tuple[Mapped, ...]:
    """The classes of the repository that a call maps to a table of the repository."""
    paths = [path for path in project.paths if project[imports_it, path]] if project[is_used] else []
    return tuple(each for path in paths for each in project[_in, path])


def _in(project: Project, path: str) -> tuple[Mapped, ...]:
    module = project.module(path)
    mapped = []
    for function in module.functions if module is not None else ():
        if _MAPPERS.isdisjoint(function.lasts):
            continue
        for call in function.call_nodes:
            if getattr(call.func, "last", "") in _MAPPERS:
                found = _mapped(project, Term(call, path, function.qualname), call)
                if found is not None:
                    mapped.append(found)
    return tuple(mapped)


def _mapped(project: Project, term: Term, call: tree.Call) -> Mapped | None:
    cls = _named(project, term, call.argument(0, "class_"), "class")
    core = _named(project, term, call.argument(1, "local_table"), "variable")
    facts = class_facts(project, cls) if cls is not None else None
    if cls is None or core is None or facts is None:
        return None
    given = call.keyword("properties")
    pairs = mapping(project, term.at(given))[0] if given is not None else {}
    relations = []
    for name, value in pairs.items():
        found = made(project, value) if isinstance(value.node, tree.Call) else None
        if found is not None and found.word in RELATIONSHIPS:
            relations.append(relation(project, name, found, NOTHING, cls))
    return Mapped(cls, facts.at, core, tuple(relations))


def _named(project: Project, term: Term, node: tree.Node, kind: str) -> Symbol | None:
    answer = resolve_in(project, term.path, term.scope, node.text) if isinstance(node, tree.Path) else None
    return answer if isinstance(answer, Symbol) and answer.kind == kind else None
