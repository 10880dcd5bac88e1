"""What methods of generic classes give: `Repository[User]` makes `User` of the type variable that they promise."""

from __future__ import annotations

from ..facts import tree
from ..facts.tree import Node
from . import Project
from .answers import Answer, Symbol, Unknown
from .classes import ancestry, class_facts, function_facts, resolve_in
from .values import annotated

_AROUND = frozenset({"Annotated", "Optional"})


def promised(project: Project, key: tuple[Symbol, Symbol]) -> Answer:
    """What calling a method gives that promises a type variable of its class, for `(method, class of the object)`."""
    method, cls = key
    facts = function_facts(project, method)
    variable = _variable(project, method, facts.returns) if facts is not None and facts.owner else None
    if facts is None or variable is None:
        return Unknown("no type variable is promised")
    owner = Symbol("class", method.path, facts.owner)
    place = _position(project, owner, variable)
    found = set[Answer]()
    for each in project[ancestry, cls].first_party if place >= 0 else ():
        above = class_facts(project, each)
        for base in above.bases if above is not None else ():
            if isinstance(base, tree.Subscript) and _named(project, each, base.value) == owner:
                items = base.index.items if isinstance(base.index, tree.Sequence) else (base.index,)
                item = items[place] if place < len(items) else None
                found.add(annotated(project, (each.path, each.name), item))
    return found.pop() if len(found) == 1 else Unknown("no class says what the type variable is")


def _variable(project: Project, method: Symbol, node: Node | None) -> Symbol | None:
    """The type variable of the module that an annotation is, with or without None."""
    while isinstance(node, (tree.Binary, tree.Subscript)):
        if isinstance(node, tree.Subscript):
            items = node.index.items if isinstance(node.index, tree.Sequence) else (node.index,)
            node = items[0] if getattr(node.value, "last", "") in _AROUND else None
        else:
            kept = [each for each in node.terms if not (isinstance(each, tree.Constant) and each.value is None)]
            node = kept[0] if len(kept) == 1 else None
    answer = resolve_in(project, method.path, "", node.text) if isinstance(node, tree.Path) else None
    if not isinstance(answer, Symbol) or answer.kind != "variable":
        return None
    module = project.module(answer.path)
    made = [each.callee for each in (module.bindings if module else ()) if each.name == answer.name]
    return answer if len(made) == 1 and made[0].rpartition(".")[2] == "TypeVar" else None


def _position(project: Project, owner: Symbol, variable: Symbol) -> int:
    """Which parameter of a generic class a type variable is, -1 for none."""
    facts = class_facts(project, owner)
    for base in facts.bases if facts is not None else ():
        if isinstance(base, tree.Subscript):
            items = base.index.items if isinstance(base.index, tree.Sequence) else (base.index,)
            names = [_named(project, owner, item) for item in items]
            if variable in names:
                return names.index(variable)
    return -1


def _named(project: Project, cls: Symbol, node: Node | None) -> Answer | None:
    return resolve_in(project, cls.path, "", node.text) if isinstance(node, tree.Path) else None
