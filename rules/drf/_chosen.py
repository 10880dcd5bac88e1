"""Which serializer a view takes for an action, where `get_serializer_class()` decides."""

from __future__ import annotations

from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_member, functions_of, resolve_in
from cdlint.project.flow import Step, walk

from ._rows import shape_of

_VERBS = {"create": "POST", "update": "PUT", "list": "GET", "retrieve": "GET", "destroy": "DELETE"}
_PARTIAL = frozenset({"partial_update", "PATCH"})


def chosen_shape(project: Project, view: Symbol, action: str) -> Symbol | None:
    """The one serializer that a view uses for an action; None when there may be several."""
    found = project[class_member, (view, "get_serializer_class")]
    if not isinstance(found, Symbol) or found.kind != "function":
        return shape_of(project, view)
    function = project[functions_of, found.path][found.name]
    values: list[Node | None] = []

    def step(state: bool, step: Step) -> bool | None:
        if step.kind == "assume" and _holds(step.value, action) is (not step.truth):
            return None
        if step.kind == "return":
            values.append(_picked(step.value, action))
        return state

    outcome = walk(function.body, True, step)
    shapes = {_named(project, view, found, value) for value in values}
    return shapes.pop() if len(shapes) == 1 and outcome.complete and not outcome.ends else None


def _picked(value: Node | None, action: str) -> Node | None:
    if isinstance(value, tree.Conditional):
        truth = _holds(value.test, action)
        return None if truth is None else value.body if truth else value.orelse
    return value


def _named(project: Project, view: Symbol, method: Symbol, value: Node | None) -> Symbol | None:
    if isinstance(value, tree.Call) and isinstance(value.func, tree.Attribute):
        return shape_of(project, view) if value.func.text == "get_serializer_class" else None
    if not isinstance(value, tree.Path):
        return None
    if value.text == "self.serializer_class":
        return shape_of(project, view)
    answer = resolve_in(project, method.path, method.name, value.text)
    return answer if isinstance(answer, Symbol) and answer.kind == "class" else None


def _holds(test: Node | None, action: str) -> bool | None:
    """How a test about the action or the verb of the request comes out."""
    if isinstance(test, tree.Unary) and test.op == "not":
        inner = _holds(test.value, action)
        return None if inner is None else not inner
    if not isinstance(test, tree.Compare) or len(test.ops) != 1 or not isinstance(test.terms[0], tree.Path):
        return None
    asked, against = test.terms[0].text, _texts(test.terms[1])
    is_action = asked == "self.action"
    own = action if is_action else _VERBS.get(action) if asked.endswith("request.method") else None
    if against is None or own is None:
        return None
    held = own in against
    # `update` is what a partial update runs as well.
    if not held and own in ("update", "PUT") and not against.isdisjoint(_PARTIAL):
        return None
    return held if test.ops[0] in ("==", "in") else not held if test.ops[0] in ("!=", "not in") else None


def _texts(node: Node) -> frozenset[str] | None:
    items = node.items if isinstance(node, tree.Sequence) else (node,)
    texts = [each.value for each in items if isinstance(each, tree.Constant) and isinstance(each.value, str)]
    return frozenset(texts) if len(texts) == len(items) else None
