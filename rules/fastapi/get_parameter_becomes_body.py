"""A `GET` handler takes a list, a dict or a model that FastAPI reads from the body of the request.

## Why
A parameter of a plain type comes from the query. One that is a list, set, dict or Pydantic model
comes from the body, and hardly any client sends a body with `GET`: `?ids=1&ids=2` is ignored, and a
required parameter makes every request a 422.

## Instead
Say where it comes from: `ids: Annotated[list[int], Query()] = []`,
`filters: Annotated[Filters, Query()]`, or `Depends()` for a class.

## Known limits
`GET` and `HEAD` only: a body with `DELETE` may be meant. Types that are not resolved are passed
over.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, resolve_in
from cdlint.project.values import Scope
from cdlint.rule import Evidence, Finding, Location, rule

from ._given import Given, Handler, givens, handlers, is_hidden

_COLLECTIONS = frozenset({"list", "List", "set", "Set", "frozenset", "tuple", "Tuple", "dict", "Dict", "Sequence"})
_MODELS = frozenset({"pydantic.BaseModel", "pydantic.main.BaseModel", "sqlmodel.SQLModel", "pydantic.v1.BaseModel"})


@rule(of=handlers, severity="error", constraint="contract")
def get_parameter_becomes_body(project: Project, handler: Handler) -> Iterator[Finding]:
    """One finding a parameter."""
    if handler.verb not in ("get", "head"):
        return
    path = handler.call.argument(0, "path")
    template = path.value if isinstance(path, tree.Constant) and isinstance(path.value, str) else ""
    for given in project[givens, handler.function]:
        what = _body_type(project, given) if not given.markers and f"{{{given.param.name}" not in template else ""
        if what and not project[is_hidden, handler.function]:
            yield Finding(
                Location(handler.function.path, given.param.at),
                f"Parameter `{given.param.name}` of `{handler.function.last}` is {what}, so that this"
                f" `{handler.verb.upper()}` reads it from the body, not from the query.",
                related=(Evidence(Location(handler.scope[0], handler.call.at), "the route"),),
                symbol=f"{handler.function.name}.{given.param.name}",
                cure=f"Write `{given.param.name}: Annotated[{_written(given.type)}, Query()]`.",
            )


def _body_type(project: Project, given: Given) -> str:
    node = _inner(given.type)
    if node is None or isinstance(given.default, tree.Call):
        return ""
    outer = node.value if isinstance(node, tree.Subscript) else node
    name = getattr(outer, "last", "")
    if name in _COLLECTIONS and _is_plain(project, given.scope, outer):
        return f"a `{name.lower()}`"
    answer = resolve_in(project, given.scope[0], given.scope[1], outer.text) if isinstance(outer, tree.Path) else None
    if isinstance(answer, Symbol) and answer.kind == "class":
        above = project[ancestry, answer]
        return f"the model `{answer.last}`" if not _MODELS.isdisjoint(above.external) else ""
    return ""


def _is_plain(project: Project, scope: Scope, node: Node) -> bool:
    answer = resolve_in(project, scope[0], scope[1], node.text) if isinstance(node, tree.Path) else None
    return isinstance(answer, Symbol) and answer.name.partition(".")[0] in ("builtins", "typing", "collections")


def _inner(node: Node | None) -> Node | None:
    """The type in `X | None` and `Optional[X]`."""
    if isinstance(node, tree.Binary) and node.op == "|":
        kept = [term for term in node.terms if not (isinstance(term, tree.Constant) and term.value is None)]
        return kept[0] if len(kept) == 1 else None
    if isinstance(node, tree.Subscript) and getattr(node.value, "last", "") == "Optional":
        return node.index
    return node


def _written(node: Node | None) -> str:
    if isinstance(node, tree.Subscript):
        return f"{_written(node.value)}[{_written(node.index)}]"
    return getattr(node, "text", "...")
