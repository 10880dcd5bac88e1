"""The Pydantic class that FastAPI reads the result of each handler into."""

from __future__ import annotations

from cdlint.backend.collected import provides
from cdlint.backend.endpoints import Endpoint, endpoints
from cdlint.backend.responses import Response, responses
from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import function_facts, resolve_in
from cdlint.rule import Location

_LISTS = frozenset({"list", "List", "Sequence", "Iterable", "set", "tuple"})
_AROUND = frozenset({"Optional", "Annotated"})


@provides(responses)
def fastapi_responses(project: Project) -> tuple[Response, ...]:
    """From `response_model=`, else from the annotation of what the handler returns."""
    found = (_response(project, each) for each in project[endpoints] if each.framework == "fastapi")
    return tuple(dict.fromkeys(each for each in found if each is not None))


def _response(project: Project, endpoint: Endpoint) -> Response | None:
    handler = endpoint.handler
    facts = function_facts(project, handler)
    if facts is None:
        return None
    scope = handler.name.rpartition(".")[0]
    for node in facts.decorators:
        call = node if isinstance(node, tree.Call) and node.at == endpoint.at.at else None
        given = call.keyword("response_model") if call is not None else None
        if given is not None:
            return _of(project, handler, scope, given)
    return _of(project, handler, scope, facts.returns) if facts.returns is not None else None


def _of(project: Project, handler: Symbol, scope: str, node: Node) -> Response | None:
    inner, many = _inside(node, False)
    answer = resolve_in(project, handler.path, scope, inner.text) if isinstance(inner, tree.Path) else None
    if not isinstance(answer, Symbol) or answer.kind != "class":
        return None
    return Response(handler, answer, many, Location(handler.path, node.at))


def _inside(node: Node, many: bool) -> tuple[Node, bool]:
    """The class in `list[UserOut]`, `UserOut | None` and their like."""
    if isinstance(node, tree.Binary) and node.op == "|":
        kept = [term for term in node.terms if not _is_none(term)]
        return _inside(kept[0], many) if len(kept) == 1 else (None, many)
    if isinstance(node, tree.Subscript):
        name = getattr(node.value, "last", "")
        items: tuple[Node, ...] = node.index.items if isinstance(node.index, tree.Sequence) else (node.index,)
        if name in _LISTS or name in _AROUND:
            return _inside(items[0], many or name in _LISTS)
        kept = [item for item in items if not _is_none(item)]
        return _inside(kept[0], many) if name == "Union" and len(kept) == 1 else (None, many)
    return node, many


def _is_none(node: Node) -> bool:
    return isinstance(node, tree.Constant) and node.value is None
