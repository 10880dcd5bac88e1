"""The managers of a model: which classes their methods are in, and what their querysets begin with."""

from __future__ import annotations

from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts, class_member, resolve_in
from cdlint.project.memo import CyclicFact
from cdlint.project.values import evaluate

from ._query_graph import Model, by_name, info, outside_known
from ._querysets_values import Later, Rows

_PLAIN = frozenset(
    f"{module}.{name}"
    for module in (
        "django.db.models", "django.db.models.manager", "django.db.models.query", "django.contrib.gis.db.models",
    )
    for name in ("Manager", "BaseManager", "QuerySet")
) | frozenset(
    {
        "django.contrib.auth.models.UserManager",
        "django.contrib.auth.models.BaseUserManager",
        "django.contrib.auth.base_user.BaseUserManager",
        "django.contrib.auth.models.GroupManager",
        "django.contrib.auth.models.PermissionManager",
        "model_utils.managers.InheritanceManager",
        "mptt.managers.TreeManager",
    }
)  # fmt: skip
_EMPTY = frozenset({"builtins.object", "typing.Generic", "abc.ABC"})
_AT = (1, 0, 1, 0)


def is_manager(project: Project, cls: Symbol) -> bool:
    """Whether a class of the repository is a manager or queryset."""
    return any(_is_named(name) for name in project[ancestry, cls].external) or bool(_made_from(project, cls))


def _is_named(dotted: str) -> bool:
    last = dotted.replace("()", "").rpartition(".")[2]
    return last.endswith(("Manager", "QuerySet")) or "from_queryset" in dotted


def default_manager(project: Project, model: Model) -> Rows | None:
    """The rows of a model's first manager, as relations use it; None when nothing is known of it."""
    if isinstance(model, str):
        return Rows(model, manager=True) if outside_known(model) else None
    for owner in project[ancestry, model].first_party:
        facts = class_facts(project, owner)
        for binding in facts.fields if facts is not None else ():
            if binding.callee and (
                "Manager" in binding.callee or "as_manager" in binding.callee or binding.name == "objects"
            ):
                return project[manager, (model, binding.name)]
    return project[manager, (model, "objects")]


def manager(project: Project, key: tuple[Symbol, str]) -> Rows | None:
    """The rows that `Model.name` begins with, for `(model, name)`; None when it is no manager, or not known."""
    model, name = key
    if name == "_default_manager":
        rows = default_manager(project, model)
        return rows._replace(loose=True) if rows is not None else None
    if name == "_base_manager":
        return Rows(model, manager=True, loose=True)
    for owner in project[ancestry, model].first_party:
        facts = class_facts(project, owner)
        bound = [each for each in facts.fields if each.name == name] if facts is not None else []
        if bound:
            found = _classes(project, owner.path, bound[-1].value) if bound[-1].callee else None
            return None if found is None else _begun(project, model, found)
    if name == "objects" and (project[info, model].complete or _plain_outside(project, model)):
        return Rows(model, manager=True)
    return None


def _plain_outside(project: Project, model: Symbol) -> bool:
    """Whether the outside bases of a model bring no manager of their own."""
    above = project[ancestry, model]
    names = [name for name in above.external if name not in _EMPTY]
    return not above.unknown and all(name.startswith(("django.db.", "django.contrib.auth.")) for name in names)


def _classes(project: Project, path: str, node: Node, depth: int = 6) -> tuple[Symbol, ...] | None:
    """The classes of the repository that a manager is made of; None when it is none or not known."""
    if not isinstance(node, tree.Call) or depth <= 0:
        return None
    func = node.func
    if isinstance(func, tree.Path) and func.last == "as_manager":
        return _class(project, path, func.text.rpartition(".")[0], depth)
    if isinstance(func, tree.Call):
        return _from_queryset(project, path, func, depth)
    return _class(project, path, func.text, depth) if isinstance(func, tree.Path) else None


def _from_queryset(project: Project, path: str, call: tree.Call, depth: int) -> tuple[Symbol, ...] | None:
    """`Manager.from_queryset(X)`."""
    if not isinstance(call.func, tree.Path) or call.func.last != "from_queryset" or not call.args:
        return None
    head = _class(project, path, call.func.text.rpartition(".")[0], depth)
    given = call.args[0]
    tail = _class(project, path, given.text, depth) if isinstance(given, tree.Path) else None
    return None if head is None or tail is None else (*head, *tail)


def _class(project: Project, path: str, text: str, depth: int) -> tuple[Symbol, ...] | None:
    """The manager or queryset class of a name with those above it; `()` for Django's own."""
    answer = resolve_in(project, path, "", text)
    if isinstance(answer, Symbol) and answer.kind == "variable":
        module = project.module(answer.path)
        values = [each.value for each in module.bindings if each.name == answer.name] if module else []
        if len(values) == 1 and isinstance(values[0], tree.Call):
            return _from_queryset(project, answer.path, values[0], depth - 1)
        answer = evaluate(project, (path, ""), tree.Path(text, _AT))
    if not isinstance(answer, Symbol):
        return None
    if answer.kind == "external":
        return () if answer.name in _PLAIN else None
    return project[method_classes, answer] if answer.kind == "class" else None


def method_classes(project: Project, cls: Symbol) -> tuple[Symbol, ...] | None:
    """A manager class with the queryset classes that it is built from; None when a base is not known."""
    found = [cls]
    for owner in project[ancestry, cls].first_party:
        facts = class_facts(project, owner)
        for node in facts.bases if facts is not None else ():
            if isinstance(node, tree.Call):
                more = _from_queryset(project, owner.path, node, 4)
                if more is None:
                    return None
                found.extend(more)
        for field in facts.fields if facts is not None else ():
            # What `from_queryset` makes keeps it under this name.
            if field.name == "_queryset_class":
                rows = field.value
                answer = resolve_in(project, owner.path, "", rows.text) if isinstance(rows, tree.Path) else None
                if not isinstance(answer, Symbol) or answer.kind != "class":
                    return None
                found.append(answer)
    outside = [name for name in project[ancestry, cls].external if name not in _EMPTY and "from_queryset" not in name]
    unknown = [each for each in project[ancestry, cls].unknown if each != "a computed base"]
    return None if unknown or any(name not in _PLAIN for name in outside) else tuple(found)


def _made_from(project: Project, cls: Symbol) -> bool:
    facts = class_facts(project, cls)
    return facts is not None and any(
        isinstance(node, tree.Call) and getattr(node.func, "last", "") == "from_queryset" for node in facts.bases
    )


def _begun(project: Project, model: Symbol, classes: tuple[Symbol, ...]) -> Rows:
    """The rows of a manager, with what its `get_queryset` adds."""
    from ._querysets import forced

    rows = Rows(model, managers=classes, manager=True)
    own = method(project, rows, "get_queryset")
    if own is None:
        return rows
    try:
        made = forced(project, Later(own, (("self", rows),)))
    except CyclicFact:
        made = None
    if not isinstance(made, Rows) or made.model != model:
        return rows._replace(loose=True)
    return made._replace(managers=tuple(dict.fromkeys((*classes, *made.managers))), manager=True, origin=None)


def method(project: Project, rows: Rows, name: str) -> Symbol | None:
    """The method of the repository that a call on rows runs; None for Django's own."""
    for cls in rows.managers:
        found = project[class_member, (cls, name)]
        if isinstance(found, Symbol) and found.kind == "function":
            return found
    return None


def users(project: Project) -> dict[Symbol, tuple[Symbol, ...]]:
    """Manager or queryset class -> the models that use it."""
    found: dict[Symbol, dict[Symbol, None]] = {}
    for symbols in project[by_name].values():
        for model in symbols:
            for owner in project[ancestry, model].first_party:
                facts = class_facts(project, owner)
                for binding in facts.fields if facts is not None else ():
                    if "anager" in binding.callee or binding.name == "objects":
                        made = _classes(project, owner.path, binding.value) if binding.callee else None
                        for cls in made or ():
                            for each in project[ancestry, cls].first_party:
                                found.setdefault(each, {})[model] = None
    return {cls: tuple(models) for cls, models in found.items()}
