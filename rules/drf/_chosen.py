"""Which serializer a view takes for an action, where `get_serializer_class()` decides."""

from __future__ import annotations

from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_member, fields, functions_of, resolve_in
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
    shapes = {_named(project, view, *_of_table(project, view, found, value, action)) for value in values}
    return shapes.pop() if len(shapes) == 1 and outcome.complete and not outcome.ends else None


def _picked(value: Node | None, action: str) -> Node | None:
    if isinstance(value, tree.Conditional):
        truth = _holds(value.test, action)
        return None if truth is None else value.body if truth else value.orelse
    return value


def _of_table(
    project: Project, view: Symbol, method: Symbol, value: Node | None, action: str
) -> tuple[Symbol, Node | None]:
    """The value itself, or what a table of the view says for the action: `self.shapes.get(self.action, ...)`.

    Before it stands what it is written in.
    """
    first, *others = value.values if isinstance(value, tree.Boolean) and value.op == "or" else (value,)
    name, asked, default = _asked(first)
    if not name:
        return method, value
    holder, table = next(
        ((owner, each.value) for owner, each in fields(project, view) if each.name == name), (view, None)
    )
    known = isinstance(table, tree.Mapping) and all(_text(key) for key, _ in table.items)
    if not known or not isinstance(table, tree.Mapping) or asked != "self.action":
        return method, None
    found = {_text(key): each for key, each in table.items}
    if action in found:
        return holder, found[action]
    return method, others[0] if others else default


def _asked(node: Node | None) -> tuple[str, str, Node | None]:
    """The attribute of the view that a value is looked up in, by what, and what is taken without an entry."""
    if isinstance(node, tree.Subscript) and isinstance(node.value, tree.Path):
        owner, key, default = node.value.text, node.index, None
    elif isinstance(node, tree.Call) and isinstance(node.func, tree.Path) and node.func.last == "get" and node.args:
        owner, key, default = node.func.text.removesuffix(".get"), node.args[0], node.argument(1, "default")
    else:
        return "", "", None
    root, _, name = owner.partition(".")
    return (name if root == "self" else ""), getattr(key, "text", ""), default


def _text(node: Node | None) -> str:
    return node.value if isinstance(node, tree.Constant) and isinstance(node.value, str) else ""


def _named(project: Project, view: Symbol, holder: Symbol, value: Node | None) -> Symbol | None:
    if isinstance(value, tree.Call) and isinstance(value.func, tree.Attribute):
        return shape_of(project, view) if value.func.text == "get_serializer_class" else None
    if not isinstance(value, tree.Path):
        return None
    if value.text == "self.serializer_class":
        return shape_of(project, view)
    answer = resolve_in(project, holder.path, holder.name, value.text)
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
