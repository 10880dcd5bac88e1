"""Handlers that return one row where the response is a list of a schema, or a list where it is one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.responses import Response, responses
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, function_facts
from cdlint.project.places import is_aside

from ._entities import entity
from ._minded import EVERY, minded
from ._pairs import is_concerned, kinds

_LISTED = ("many", "scalars")
_REGISTERING = frozenset({"api_route", "delete", "get", "head", "options", "patch", "post", "put"})


class Misfit(NamedTuple):
    """A return whose value is no list, or is one, against what the response says. `what` is what is returned."""

    response: Response
    at: At
    what: str


def misfits(project: Project) -> tuple[Misfit, ...]:
    """All of them, for responses that nothing stands between."""
    if not project[is_concerned]:
        return ()
    return tuple(each for response in project[responses] for each in _misfits(project, response))


def _misfits(project: Project, response: Response) -> Iterator[Misfit]:
    facts = function_facts(project, response.handler)
    if facts is None or is_aside(response.handler.path) or not is_read_whole(project, response.shape, facts):
        return
    for node in facts.nodes:
        if isinstance(node, tree.Return) and node.value is not None:
            what = _other(project, response, node.value)
            if what:
                yield Misfit(response, node.at, what)


def is_read_whole(project: Project, shape: Symbol, facts: Function) -> bool:
    """Whether the result itself is read into the shape, which takes one object and nothing else."""
    if shape not in project[kinds] or facts.is_generator:
        return False
    calls = [each for each in facts.decorators if isinstance(each, tree.Call)]
    if len(calls) < len(facts.decorators) or any(getattr(each.func, "last", "") not in _REGISTERING for each in calls):
        return False
    roots = any(name.endswith(".RootModel") for name in project[ancestry, shape].external)
    return not roots and not project[ancestry, shape].unknown and EVERY not in minded(project, shape)


def _other(project: Project, response: Response, value: Node) -> str:
    """What is returned, if it is certainly of the other number."""
    if isinstance(value, (tree.Sequence, tree.Comprehension)):
        return "a list" if value.kind == "list" and not response.many else ""
    if isinstance(value, tree.Mapping):
        return "a dictionary" if response.many else ""
    held = entity(project, (response.handler.path, response.handler.name), value)
    if held is None or held.form not in (*_LISTED, "one"):
        return ""
    if held.form == "one":
        return f"one `{held.model.last}`" if response.many else ""
    return "" if response.many else f"a list of `{held.model.last}`"
