"""Where requests are written with which serializer: by generic views, and by functions that save one themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts, class_member, functions_of, resolve_in, subclasses
from cdlint.project.places import is_aside
from cdlint.rule import Location

from ._chosen import chosen_shape
from ._protocol import using
from ._rows import drf_classes_in, shape_of
from ._serializers import serializer
from ._served import is_served

_CREATING = frozenset({"ModelViewSet", "CreateModelMixin", "CreateAPIView", "ListCreateAPIView"})
_UPDATING = frozenset(
    {"ModelViewSet", "UpdateModelMixin", "UpdateAPIView", "RetrieveUpdateAPIView", "RetrieveUpdateDestroyAPIView"}
)
_VERBS = {"create": "post", "update": "put"}
_ACTIONS = {"post": "create", "put": "update", "patch": "update", "partial_update": "update"}
_FETCHING = frozenset({"get_object", "get_object_or_404", "get", "create", "get_or_create"})
_HANDED = frozenset({"create", "update", "post", "put"})
"""To what a handler of a view goes on that it is built on."""
_OWN_WAYS = frozenset({"get_serializer", "save"})


class Write(NamedTuple):
    """A serializer that is validated and saved.

    `method` is `create`, `update`, or `save` where it depends on the request which of them runs.
    `given` are the values that the caller of `save()` adds, None when these are not known; `whole` says
    that every required field is there and nothing takes values out.
    """

    shape: Symbol
    method: str
    by: str
    at: Location
    given: frozenset[str] | None
    whole: bool


def writes(project: Project) -> dict[Symbol, tuple[Write, ...]]:
    """Serializer -> the writes with it; tests are left out."""
    found: dict[Symbol, list[Write]] = {}
    for path in project.paths:
        if not is_aside(path):
            for view in project[drf_classes_in, path]:
                for write in _of_view(project, view):
                    found.setdefault(write.shape, []).append(write)
    for use in project[using]:
        for write in project[_of_function, (use.path, use.qualname)]:
            found.setdefault(write.shape, []).append(write)
    return {shape: tuple(each) for shape, each in found.items()}


def _of_view(project: Project, view: Symbol) -> Iterator[Write]:
    """What a view writes whose bases are all the framework's."""
    above = project[ancestry, view]
    facts = class_facts(project, view)
    known = not above.unknown and all(name.startswith("rest_framework.") for name in above.external)
    if facts is None or not known or view in project[subclasses]:
        return
    owners = [owned for owner in above.first_party if (owned := class_facts(project, owner)) is not None]
    methods = {name for owned in owners for name in owned.methods}
    if methods & _OWN_WAYS or any(_chooses(project, owner) for owner in above.first_party):
        return
    lasts = {name.rpartition(".")[2] for name in above.external}
    at = Location(view.path, facts.at)
    for action, bases in (("create", _CREATING), ("update", _UPDATING)):
        written = _method(project, view, action) or _method(project, view, _VERBS[action])
        inherited = written is None or _hands_on(written)
        if lasts & bases and inherited and _is_allowed(project, view, _VERBS[action]):
            yield from _hooked(project, view, action, at) if is_served(project, view, action) else ()
    for name in facts.methods:
        function = project[functions_of, view.path].get(f"{view.name}.{name}")
        if function is not None and "self.get_serializer" in function.calls:
            yield from project[_of_function, (view.path, function.qualname)]


def _hands_on(handler: Function) -> bool:
    """Whether a handler of a view leaves the work to `super().create()`, or to the view's own."""
    for func in [call.func for call in handler.call_nodes] if handler.lasts & _HANDED else ():
        if isinstance(func, tree.Path) and func.text in ("self.create", "self.update"):
            return True
        made = func.value if isinstance(func, tree.Attribute) and func.text in _HANDED else None
        if isinstance(made, tree.Call) and getattr(made.func, "text", "") == "super":
            return True
    return False


def _chooses(project: Project, view: Symbol) -> bool:
    """Whether a method of a view gives it another serializer: `self.serializer_class = OrderIn`."""
    facts = class_facts(project, view)
    for name in facts.methods if facts is not None else ():
        function = project[functions_of, view.path].get(f"{view.name}.{name}")
        for node in function.nodes if function is not None and function.mentions("serializer_class") else ():
            targets = node.targets if isinstance(node, tree.Assign) else ()
            if any(isinstance(each, tree.Path) and each.text == "self.serializer_class" for each in targets):
                return True
    return False


def _method(project: Project, view: Symbol, name: str) -> Function | None:
    found = project[class_member, (view, name)]
    own = isinstance(found, Symbol) and found.kind == "function"
    return project[functions_of, found.path].get(found.name) if own and isinstance(found, Symbol) else None


def _is_allowed(project: Project, view: Symbol, verb: str) -> bool:
    """Whether `http_method_names` lets a verb through."""
    for owner in project[ancestry, view].first_party:
        facts = class_facts(project, owner)
        for binding in facts.fields if facts is not None else ():
            if binding.name == "http_method_names":
                value = binding.value
                items = value.items if isinstance(value, tree.Sequence) else ()
                return any(isinstance(each, tree.Constant) and each.value == verb for each in items)
    return True


def _hooked(project: Project, view: Symbol, action: str, at: Location) -> Iterator[Write]:
    """The write of the framework's own handler, through the hook of the view if there is one."""
    shape = chosen_shape(project, view, action)
    hook = _method(project, view, f"perform_{action}")
    if shape is None:
        return
    if hook is None:
        yield Write(shape, action, view.last, at, frozenset(), True)
    elif len(hook.params) > 1:
        name = hook.params[1].name
        for call in hook.call_nodes:
            if isinstance(call.func, tree.Path) and call.func.text == f"{name}.save":
                whole = not hook.mentions("validated_data")
                yield Write(shape, action, view.last, at, _given(call), whole)


def _given(call: tree.Call) -> frozenset[str] | None:
    names = [each.name for each in call.keywords]
    return None if None in names else frozenset(name for name in names if name)


def _of_function(project: Project, key: tuple[str, str]) -> tuple[Write, ...]:
    """The serializers that a function makes of data and saves."""
    path, qualname = key
    function = project[functions_of, path].get(qualname)
    if function is None or not any(
        call.endswith((".save", ".perform_create", ".perform_update")) for call in function.calls
    ):
        return ()
    made: dict[str, list[tree.Call]] = {}
    others: dict[str, list[Node]] = {}
    for node in function.nodes:
        if isinstance(node, tree.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], tree.Path):
            name = node.targets[0].text
            others.setdefault(name, []).append(node.value)
            if isinstance(node.value, tree.Call) and node.value.keyword("data") is not None:
                made.setdefault(name, []).append(node.value)
    found: list[Write] = []
    for name, calls in made.items():
        if len(calls) == 1 and "." not in name:
            shape = _shape(project, path, function, calls[0].func)
            if shape is not None and not any(each.name in (None, "many") for each in calls[0].keywords):
                found += _saved(project, path, function, name, calls[0], shape, others)
    return tuple(found)


def _saved(
    project: Project,
    path: str,
    function: Function,
    name: str,
    made: tree.Call,
    shape: Symbol,
    assigned: dict[str, list[Node]],
) -> Iterator[Write]:
    partial = made.keyword("partial")
    whole = partial is None or (isinstance(partial, tree.Constant) and not partial.value)
    whole = whole and not function.mentions("validated_data")
    for call in function.call_nodes:
        if not isinstance(call.func, tree.Path) or call.at[:2] < made.at[:2]:
            continue
        hooked = call.func.text in ("self.perform_create", "self.perform_update") and len(call.args) == 1
        if hooked and function.owner and getattr(call.args[0], "text", "") == name:
            hook = _method(project, Symbol("class", path, function.owner), call.func.last)
            if hook is not None and not any(each.endswith(".save") for each in hook.calls):
                continue
            # What the hook adds is not looked up.
            yield Write(shape, _of_instance(made, assigned), function.qualname, Location(path, call.at), None, whole)
        elif call.func.text == f"{name}.save":
            yield Write(
                shape, _of_instance(made, assigned), function.qualname, Location(path, call.at), _given(call), whole
            )


def _of_instance(made: tree.Call, assigned: dict[str, list[Node]]) -> str:
    """Which method a serializer runs that is saved: that depends on whether it was given an instance."""
    given = made.argument(0, "instance")
    if given is None:
        return "save" if made.args else "create"
    if isinstance(given, tree.Constant):
        return "create" if given.value is None else "save"
    values = assigned.get(given.text, []) if isinstance(given, tree.Path) else [given]
    if len(values) == 1 and isinstance(values[0], tree.Call):
        return "update" if getattr(values[0].func, "last", "") in _FETCHING else "save"
    return "update" if isinstance(given, tree.Path) and given.text.endswith("request.user") else "save"


def _shape(project: Project, path: str, function: Function, func: Node) -> Symbol | None:
    if not isinstance(func, tree.Path):
        return None
    view = Symbol("class", path, function.owner)
    if func.text in ("self.get_serializer", "self.serializer_class") and function.owner:
        told = _told(function)
        if view in project[subclasses] or _method(project, view, "get_serializer") is not None or told:
            return None
        if func.last == "serializer_class":
            return shape_of(project, view)
        return chosen_shape(project, view, _ACTIONS.get(function.name, function.name))
    scope = function.qualname if func.root in function.binds else ""
    answer = resolve_in(project, path, scope, func.text)
    known = isinstance(answer, Symbol) and answer.kind == "class" and project[serializer, answer] is not None
    return answer if known and isinstance(answer, Symbol) else None


def _told(function: Function) -> bool:
    """Whether the decorator of an action says which serializer it uses."""
    calls = [each for each in function.decorators if isinstance(each, tree.Call)]
    return any(each.name in (None, "serializer_class") for call in calls for each in call.keywords)
