"""Which model an expression gives instances of: through queries, helpers, repositories and annotations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.tables import Table, tables
from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.calls import target
from cdlint.project.classes import ancestry, class_facts, function_facts, functions_of, resolve_in
from cdlint.project.memo import CyclicFact
from cdlint.project.values import Scope, evaluate

DEPTH = 10
_LISTS = frozenset({"list", "List", "Sequence", "Iterable", "tuple", "Collection"})
_AROUND = frozenset({"Optional", "Annotated"})
_SELECTS = frozenset({"select"})
_SAME = frozenset(
    {
        "distinct", "execution_options", "filter", "filter_by", "having", "join", "limit", "offset", "options",
        "order_by", "outerjoin", "populate_existing", "where", "with_for_update", "unique", "yield_per",
    }
)  # fmt: skip
_ONE = frozenset({"first", "one", "one_or_none", "first_or_404", "one_or_404"})
_ALL = frozenset({"all", "fetchall"})
_COPIES = frozenset({"list", "sorted", "tuple", "reversed"})


class Entity(NamedTuple):
    """Instances of a model. `form`: `one`, `many`, `select`, `query`, `rows` or `scalars`."""

    model: Symbol
    form: str


def models(project: Project) -> dict[Symbol, Table]:
    """Model -> its table; those that are abstract are left out."""
    return {each.model: each for each in project[tables] if each.model is not None and not each.abstract}


def entity(project: Project, scope: Scope, node: Node | None, depth: int = DEPTH) -> Entity | None:
    """What an expression inside a function gives, None when it is not known to be instances of one model."""
    if node is None or depth <= 0:
        return None
    if isinstance(node, (tree.Await, tree.Walrus)):
        return entity(project, scope, node.value, depth)
    if isinstance(node, tree.Call):
        return _call(project, scope, node, depth)
    if isinstance(node, tree.Path):
        return _path(project, scope, node, depth)
    if isinstance(node, tree.Conditional):
        return _agreed([entity(project, scope, each, depth - 1) for each in (node.body, node.orelse)])
    if isinstance(node, tree.Boolean) and node.op == "or":
        return _agreed([entity(project, scope, each, depth - 1) for each in node.values])
    if isinstance(node, tree.Subscript) and not isinstance(node.index, tree.Slice):
        found = entity(project, scope, node.value, depth - 1)
        return Entity(found.model, "one") if found is not None and found.form == "many" else None
    if isinstance(node, tree.Comprehension) and node.kind == "list" and len(node.generators) == 1:
        return _comprehension(project, scope, node, depth)
    if isinstance(node, tree.Sequence) and node.kind == "list" and node.items:
        found = _agreed([entity(project, scope, each, depth - 1) for each in node.items])
        return Entity(found.model, "many") if found is not None and found.form == "one" else None
    return None


def _agreed(found: list[Entity | None]) -> Entity | None:
    return found[0] if found and all(each is not None and each == found[0] for each in found) else None


def _comprehension(project: Project, scope: Scope, node: tree.Comprehension, depth: int) -> Entity | None:
    only = node.generators[0]
    if not isinstance(only.target, tree.Path) or not isinstance(node.element, tree.Path):
        return None
    if node.element.text != only.target.text:
        return None
    return _listed(entity(project, scope, only.iterable, depth - 1))


def _listed(found: Entity | None) -> Entity | None:
    """What a loop over it, or a list of it, holds."""
    if found is None or found.form not in ("many", "scalars", "query"):
        return None
    return Entity(found.model, "many")


def model_named(project: Project, scope: Scope, node: Node | None) -> Symbol | None:
    """The model that a name stands for."""
    if not isinstance(node, tree.Path):
        return None
    answer = resolve_in(project, scope[0], scope[1], node.text)
    return answer if isinstance(answer, Symbol) and answer in project[models] else None


# Calls


def _call(project: Project, scope: Scope, node: tree.Call, depth: int) -> Entity | None:
    name = getattr(node.func, "last", "")
    made = model_named(project, scope, node.func)
    if made is not None:
        return Entity(made, "one")
    first = node.args[0] if node.args else None
    if name in ("get", "get_one", "get_or_404") and len(node.args) > 1:
        model = model_named(project, scope, first)
        return Entity(model, "one") if model is not None else _helper(project, scope, node, depth)
    if name in _SELECTS or name == "query":
        model = model_named(project, scope, first) if len(node.args) == 1 else None
        form = "select" if name in _SELECTS else "query"
        return Entity(model, form) if model is not None else None
    if name in ("execute", "scalars", "scalar", "exec") and first is not None:
        found = entity(project, scope, first, depth)
        if found is not None and found.form == "select":
            return Entity(found.model, {"execute": "rows", "scalar": "one"}.get(name, "scalars"))
    if name in _COPIES and isinstance(node.func, tree.Path) and node.func.text == name:
        return _listed(entity(project, scope, first, depth - 1))
    receiver = _receiver(node.func)
    if receiver is not None and name in _SAME | _ONE | _ALL | {
        "scalars",
        "scalar_one",
        "scalar_one_or_none",
        "scalar",
        "get",
    }:
        # A chain ends by itself, however long it is; only names and helpers may lead in circles.
        before = entity(project, scope, receiver, depth)
        if before is not None:
            return _method(before, name)
    return _helper(project, scope, node, depth)


def _receiver(func: Node) -> Node | None:
    if isinstance(func, tree.Attribute):
        owner, _, _ = func.text.rpartition(".")
        return func._replace(text=owner) if owner else func.value
    if isinstance(func, tree.Path):
        owner, _, _ = func.text.rpartition(".")
        return tree.Path(owner, func.at) if owner else None
    return None


def _method(before: Entity, name: str) -> Entity | None:
    model, form = before
    if name in _SAME and form in ("select", "query", "rows", "scalars"):
        return before
    if form == "rows":
        if name == "scalars":
            return Entity(model, "scalars")
        return Entity(model, "one") if name in ("scalar_one", "scalar_one_or_none", "scalar") else None
    if form in ("scalars", "query"):
        if name in _ALL:
            return Entity(model, "many")
        if name in _ONE or (form == "query" and name in ("get", "get_or_404")):
            return Entity(model, "one")
    return None


def _helper(project: Project, scope: Scope, node: tree.Call, depth: int) -> Entity | None:
    """What a function of the repository gives."""
    called = target(project, evaluate(project, scope, node.func))
    if called is None or called.name.endswith("__init__"):
        return None
    try:
        found = project[given_by, (called, depth - 1)] if depth > 1 else None
    except CyclicFact:
        return None
    owner = _receiver(node.func) if found is None else None
    held = evaluate(project, scope, owner) if owner is not None else None
    if isinstance(held, Symbol) and held.kind in ("class", "instance"):
        return project[of_generic, (called, Symbol("class", held.path, held.name))]
    return found


def of_generic(project: Project, key: tuple[Symbol, Symbol]) -> Entity | None:
    """What a method gives that promises a type variable, on an object of a class: `Repository[User]` means `User`."""
    method, cls = key
    facts = function_facts(project, method)
    node = facts.returns if facts is not None else None
    many = False
    while isinstance(node, (tree.Subscript, tree.Binary)):
        if isinstance(node, tree.Binary):
            kept = [term for term in node.terms if not _is_none(term)]
            node = kept[0] if len(kept) == 1 else None
        else:
            name = getattr(node.value, "last", "")
            many = many or name in _LISTS
            node = node.index if name in _LISTS | _AROUND and not isinstance(node.index, tree.Sequence) else None
    answer = resolve_in(project, method.path, "", node.text) if isinstance(node, tree.Path) else None
    if not isinstance(answer, Symbol) or answer.kind != "variable":
        return None
    found: set[Symbol] = set()
    for owner in project[ancestry, cls].first_party:
        above = class_facts(project, owner)
        for base in above.bases if above is not None else ():
            index = base.index if isinstance(base, tree.Subscript) else None
            items = index.items if isinstance(index, tree.Sequence) else (index,)
            found.update(each for item in items if (each := model_named(project, (owner.path, ""), item)) is not None)
        found.update(_handed_up(project, owner))
    return Entity(found.pop(), "many" if many else "one") if len(found) == 1 else None


def _handed_up(project: Project, owner: Symbol) -> Iterator[Symbol]:
    """The models that a class gives to its base when made, which say more than what stands in brackets."""
    facts = project[functions_of, owner.path].get(f"{owner.name}.__init__")
    if facts is None or not any(each.endswith("?.__init__") for each in facts.calls):
        return
    for call in facts.call_nodes:
        if isinstance(call.func, tree.Attribute) and call.func.text == "__init__":
            given = [*call.args, *(each.value for each in call.keywords)]
            yield from (each for node in given if (each := model_named(project, (owner.path, ""), node)) is not None)


def given_by(project: Project, key: tuple[Symbol, int]) -> Entity | None:
    """What calling, and awaiting, a function gives: by its annotation, else by all its returns."""
    function, depth = key
    facts = function_facts(project, function)
    if facts is None or facts.is_generator:
        return None
    scope = (function.path, function.name)
    stated = facts.returns_code is not None
    note = annotated(project, (function.path, function.name.rpartition(".")[0]), facts.returns) if stated else None
    if stated and note is None:
        return None
    values = [node.value for node in facts.every(tree.Return)]
    kept = [value for value in values if value is not None and not _is_none(value)]
    if note is not None:
        return None if any(_is_other(value, note.form) for value in kept) else note
    return _agreed([entity(project, scope, value, depth - 1) for value in kept])


def _is_other(node: Node, form: str) -> bool:
    """Whether it is certainly no instance, or list of them, whatever the function's annotation says."""
    if isinstance(node, (tree.Sequence, tree.Comprehension)):
        return form == "one" or getattr(node, "kind", "") == "dict"
    return isinstance(node, (tree.Mapping, tree.Constant))


def _is_none(node: Node) -> bool:
    return isinstance(node, tree.Constant) and node.value is None


def annotated(project: Project, scope: Scope, node: Node | None, many: bool = False) -> Entity | None:
    """The instances that an annotation promises."""
    if isinstance(node, tree.Constant) and isinstance(node.value, str):
        text = node.value.removesuffix("| None").strip()
        return annotated(project, scope, tree.Path(text, node.at), many) if text.isidentifier() else None
    if isinstance(node, tree.Binary) and node.op == "|":
        kept = [term for term in node.terms if not _is_none(term)]
        return annotated(project, scope, kept[0], many) if len(kept) == 1 else None
    if isinstance(node, tree.Subscript):
        name = getattr(node.value, "last", "")
        items = node.index.items if isinstance(node.index, tree.Sequence) else (node.index,)
        if name in _AROUND or (name in _LISTS and not many):
            return annotated(project, scope, items[0], many or name in _LISTS)
        return None
    model = model_named(project, scope, node)
    return Entity(model, "many" if many else "one") if model is not None else None


# Names


def _path(project: Project, scope: Scope, node: tree.Path, depth: int) -> Entity | None:
    owner, _, name = node.text.rpartition(".")
    if name == "query" and owner:
        model = model_named(project, scope, tree.Path(owner, node.at))
        return Entity(model, "query") if model is not None else None
    function = project[functions_of, scope[0]].get(scope[1])
    if owner or function is None or node.text not in function.binds:
        return None
    found: list[Entity | None] = []
    for param in function.params:
        if param.name == node.text:
            found.append(_parameter(project, scope, param.annotation, param.default, depth))
    for value, note in project[local_assignments, scope].get(node.text, ()):
        if value is not None and _is_none(value):
            continue
        by_value = entity(project, scope, value, depth - 1)
        found.append(by_value if by_value is not None or note is None else annotated(project, scope, note))
    # `query = query.where(...)` refines what was there before and says nothing of its own.
    return _agreed(_without_refinements(project, scope, node.text, found))


def _without_refinements(project: Project, scope: Scope, name: str, found: list[Entity | None]) -> list[Entity | None]:
    known = [each for each in found if each is not None]
    if len(known) == len(found) or not known or known[0].form not in ("select", "query"):
        return found
    function = project[functions_of, scope[0]][scope[1]]
    refined = 0
    for node in function.nodes:
        if isinstance(node, tree.Assign) and any(isinstance(t, tree.Path) and t.text == name for t in node.targets):
            value = node.value
            while isinstance(value, tree.Call) and getattr(value.func, "last", "") in _SAME:
                value = _receiver(value.func)
            refined += isinstance(value, tree.Path) and value.text == name
    return [*known] if refined == len(found) - len(known) else found


def _parameter(project: Project, scope: Scope, note: Node, default: Node, depth: int) -> Entity | None:
    outer = (scope[0], scope[1].rpartition(".")[0])
    found = annotated(project, outer, note) if note is not None else None
    if found is None and isinstance(default, tree.Call) and getattr(default.func, "last", "") == "Depends":
        provider = target(project, evaluate(project, outer, default.args[0])) if default.args else None
        return project[given_by, (provider, depth - 1)] if provider is not None and depth > 1 else None
    return found
