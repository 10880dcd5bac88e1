"""Which function or class FastAPI asks for the value of a parameter."""

from __future__ import annotations

from cdlint.facts import tree
from cdlint.facts.model import Param
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import resolve_in

from ._terms import definition


def provider_of(project: Project, scope: tuple[str, str], param: Param) -> tuple[tuple[str, str], Node] | None:
    """The function or class of `Depends(...)`, as a default or in `Annotated`, and where its name is looked up."""
    outer = (scope[0], scope[1].rpartition(".")[0])
    found = _depends(param.default) if param.default_code is not None else None
    if found is not None:
        return outer, found.args[0] if found.args else param.annotation
    node, where = param.annotation, outer
    for _ in range(3):
        if isinstance(node, tree.Path):
            answer = resolve_in(project, where[0], where[1], node.text)
            held = definition(project, answer) if isinstance(answer, Symbol) and answer.kind == "variable" else None
            if held is None:
                return None
            node, where = held.node, (held.path, held.scope)
    if isinstance(node, tree.Subscript) and getattr(node.value, "last", "") == "Annotated":
        items = node.index.items if isinstance(node.index, tree.Sequence) else ()
        for each in items[1:]:
            found = _depends(each)
            if found is not None:
                return where, found.args[0] if found.args else items[0]
    return None


def _depends(node: Node | None) -> tree.Call | None:
    return node if isinstance(node, tree.Call) and getattr(node.func, "last", "") in ("Depends", "Security") else None
