"""Views that let every signed-in user change rows which belong to one of them."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.backend.entities import entity
from cdlint.facts import tree
from cdlint.facts.model import Binding, Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol, Unknown
from cdlint.project.classes import ancestry, class_facts, class_member, fields, functions_of, resolve_in
from cdlint.project.constants import fold
from cdlint.project.places import is_aside
from cdlint.rule import Location

from ._rows import drf_classes_in, shape_of
from ._served import is_served

_CHANGING = frozenset(
    {
        "ModelViewSet", "UpdateModelMixin", "DestroyModelMixin", "UpdateAPIView", "DestroyAPIView",
        "RetrieveUpdateAPIView", "RetrieveDestroyAPIView", "RetrieveUpdateDestroyAPIView",
    }
)  # fmt: skip
_OPENED = ("update", "partial_update", "destroy")
_READING = frozenset({"ReadOnlyModelViewSet", "RetrieveModelMixin", "RetrieveAPIView"})
_DECIDING = frozenset(
    {
        "get_object", "filter_queryset", "get_permissions", "check_permissions", "initial",
        "check_object_permissions", "dispatch", "update", "partial_update", "destroy", "perform_update",
        "perform_destroy", "put", "patch", "delete", "http_method_names", "get_serializer_class", "get_serializer",
        "permission_required", "required_scopes",
    }
)  # fmt: skip
_SIGNED_IN = "rest_framework.permissions.IsAuthenticated"
_PLAIN = frozenset({"all", "select_related", "prefetch_related", "order_by", "distinct", "only", "defer"})
_FILTERS = ("rest_framework.filters.", "django_filters.rest_framework.", "django_filters.")


class Unscoped(NamedTuple):
    """A view over all rows of a model, the relation that says whose they are, and where it is filled or filtered by.

    `changes` says that it can change them, and not only read.
    """

    view: Symbol
    model: Symbol
    owner: str
    at: Location
    sign: Location
    changes: bool


def unscoped(project: Project) -> tuple[Unscoped, ...]:
    """The views that do not tell whose rows they let users change; tests are left out."""
    return tuple(each for path in project.paths for each in project[_unscoped_in, path])


def _unscoped_in(project: Project, path: str) -> tuple[Unscoped, ...]:
    found = []
    for view in project[drf_classes_in, path]:
        above = project[ancestry, view]
        lasts = {name.rpartition(".")[2] for name in above.external}
        known = not above.unknown and all(name.startswith("rest_framework.") for name in above.external)
        if known and lasts & (_CHANGING | _READING) and not _decides(project, view):
            each = _of_view(project, view, bool(lasts & _CHANGING))
            if each is not None and not is_served(project, view, *(_OPENED if each.changes else ("retrieve",))):
                each = None
            if each is not None:
                found.append(each)
    return tuple(found)


def _decides(project: Project, view: Symbol) -> bool:
    """Whether a view, or a base of it, has something of its own that may tell users apart."""
    for owner in project[ancestry, view].first_party:
        facts = class_facts(project, owner)
        if facts is None or facts.decorator_codes or facts.keyword_codes:
            return True
        if not _DECIDING.isdisjoint((*facts.methods, *(field.name for field in facts.fields))):
            return True
    return False


def _of_view(project: Project, view: Symbol, changes: bool) -> Unscoped | None:
    bound = {each.name: (owner, each) for owner, each in reversed(list(fields(project, view)))}
    if not _is_for_users(project, bound) or not _is_filtered_plainly(project, bound):
        return None
    rows = _rows(project, view, bound)
    model = _all_of(project, *rows) if rows is not None else None
    if rows is None or model is None or _serializer_decides(project, view) or _has_own_manager(project, model):
        return None
    sign = _sign(project, view, model, changes)
    if sign is None or (not changes and project[_shown_whole, model] > 1):
        return None
    return Unscoped(view, model, sign[0], Location(rows[0].path, rows[1].at), sign[1], changes)


def _rows(project: Project, view: Symbol, bound: dict[str, tuple[Symbol, Binding]]) -> tuple[Symbol, Node] | None:
    """The rows of a view and the class that says so: its `queryset`, or all that its `get_queryset` returns."""
    found = project[class_member, (view, "get_queryset")]
    if not isinstance(found, Symbol) or found.kind != "function":
        return (bound["queryset"][0], bound["queryset"][1].value) if "queryset" in bound else None
    body = project[functions_of, found.path][found.name].body
    plain = [node for node in body if not (isinstance(node, tree.Expression) and isinstance(node.value, tree.Constant))]
    if len(plain) != 1 or not isinstance(plain[0], tree.Return) or plain[0].value is None:
        return None
    return Symbol("class", found.path, found.name.rpartition(".")[0]), plain[0].value


def _shown_whole(project: Project, model: Symbol) -> int:
    """In how many functions and class bodies all rows of a model are taken: then they may be everybody's to read."""
    wanted = f"{model.last}.objects.all"
    return sum(project[_taken_whole_in, (path, wanted)] for path in project.paths)


def _taken_whole_in(project: Project, key: tuple[str, str]) -> int:
    path, wanted = key
    module = project.module(path) if not is_aside(path) else None
    # What stands in class bodies is part of the module's own code.
    bodies = [function.body for function in (module.functions if module else ()) if function.mentions(wanted)]
    return sum(getattr(call.func, "text", "").endswith(wanted) for body in bodies for call in tree.calls(*body))


def _is_for_users(project: Project, bound: dict[str, tuple[Symbol, Binding]]) -> bool:
    """Whether just `IsAuthenticated` guards a view, by itself or by the settings."""
    if "permission_classes" not in bound:
        return project[_default, "DEFAULT_PERMISSION_CLASSES"] == (_SIGNED_IN,)
    owner, binding = bound["permission_classes"]
    return _classes(project, owner, binding.value) == (_SIGNED_IN,)


def _is_filtered_plainly(project: Project, bound: dict[str, tuple[Symbol, Binding]]) -> bool:
    """Whether the filters of a view only do what the request asks for."""
    if "filter_backends" in bound:
        owner, binding = bound["filter_backends"]
        names = _classes(project, owner, binding.value)
    else:
        names = project[_default, "DEFAULT_FILTER_BACKENDS"]
    return names is not None and all(name.startswith(_FILTERS) for name in names)


def _classes(project: Project, owner: Symbol, node: Node | None) -> tuple[str, ...] | None:
    """The outside classes of a list; None when one of them is not from outside."""
    found = []
    for item in node.items if isinstance(node, tree.Sequence) else (None,):
        answer = resolve_in(project, owner.path, owner.name, item.text) if isinstance(item, tree.Path) else None
        if not isinstance(answer, Symbol) or answer.kind != "external":
            return None
        found.append(answer.name)
    return tuple(found)


def _default(project: Project, option: str) -> tuple[str, ...] | None:
    """What `REST_FRAMEWORK` of all settings says of an option, as dotted names; None when they differ or compute it."""
    found = {each for path in project.paths if not is_aside(path) for each in project[_defaults_in, (path, option)]}
    return found.pop() if len(found) == 1 else () if not found else None


def _defaults_in(project: Project, key: tuple[str, str]) -> frozenset[tuple[str, ...] | None]:
    """What the settings of one file say of an option."""
    path, option = key
    module = project.module(path)
    found: set[tuple[str, ...] | None] = set()
    for binding in module.bindings if module is not None else ():
        if binding.name == "REST_FRAMEWORK" and binding.value_code is not None:
            value = binding.value
            items = value.items if isinstance(value, tree.Mapping) else ((None, value),)
            given = {getattr(each, "value", None): node for each, node in items}
            node = given.get(option, given.get(None))
            known = fold(project, (path, ""), node, infer=False) if node is not None else ()
            texts = not isinstance(known, Unknown) and isinstance(known, tuple)
            found.add(known if texts and all(isinstance(each, str) for each in known) else None)
    return frozenset(found)


def _all_of(project: Project, owner: Symbol, node: Node) -> Symbol | None:
    """The model whose rows an expression gives without any condition."""
    while isinstance(node, tree.Call) and isinstance(node.func, tree.Attribute):
        if node.func.text not in _PLAIN:
            return None
        node = node.func.value
    if not isinstance(node, tree.Call) or not isinstance(node.func, tree.Path):
        return None
    head, dot, method = node.func.text.rpartition(".objects.")
    answer = resolve_in(project, owner.path, owner.name, head) if dot and method in _PLAIN else None
    return answer if isinstance(answer, Symbol) and answer.kind == "class" else None


def _has_own_manager(project: Project, model: Symbol) -> bool:
    found = project[class_member, (model, "objects")]
    return isinstance(found, Symbol) and found.kind != "external"


def _serializer_decides(project: Project, view: Symbol) -> bool:
    """Whether the serializer of a view looks at the request, or is not known."""
    shape = shape_of(project, view)
    if shape is None:
        return True
    for owner in project[ancestry, shape].first_party:
        for function in project[functions_of, owner.path].values():
            if function.owner == owner.name and (function.mentions("context") or function.mentions("request")):
                return True
    return False


def _sign(project: Project, view: Symbol, model: Symbol, changes: bool) -> tuple[str, Location] | None:
    """The relation that makes a row one user's own: the view fills it, or other code picks rows by it.

    For a view that only reads it must be another view that shows users their own.
    """
    hook = project[class_member, (view, "perform_create")] if changes else None
    if isinstance(hook, Symbol) and hook.kind == "function":
        function = project[functions_of, hook.path][hook.name]
        for call in function.call_nodes:
            if getattr(call.func, "last", "") == "save":
                name = _by_user(project, model, call)
                if name:
                    return name, Location(hook.path, call.at)
    wanted = f"{model.last}.objects.filter"
    for path in project.paths:
        for function in project[_picking_in, path]:
            if not changes and function.name != "get_queryset":
                continue
            for call in function.call_nodes if function.mentions(wanted) else ():
                name = _by_user(project, model, call) if getattr(call.func, "text", "").endswith(wanted) else ""
                if name and resolve_in(project, path, "", call.func.text.rpartition(".objects")[0]) == model:
                    return name, Location(path, call.at)
    return None


def _picking_in(project: Project, path: str) -> tuple[Function, ...]:
    """The functions of a file that pick rows by the user of a request."""
    module = project.module(path) if not is_aside(path) else None
    return tuple(
        function
        for function in (module.functions if module is not None else ())
        if any(call.endswith(".objects.filter") for call in function.calls) and function.mentions("request.user")
    )


def _by_user(project: Project, model: Symbol, call: tree.Call) -> str:
    known = entity(project, model)
    for keyword in call.keywords:
        user = isinstance(keyword.value, tree.Path) and keyword.value.text in ("self.request.user", "request.user")
        found = known.attributes.get(keyword.name or "") if known is not None else None
        if user and keyword.name and found is not None and found.kind == "one":
            return keyword.name
    return ""
