"""Which function or class of the repository answers behind a URL pattern, and to which methods."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts import tree
from cdlint.project.answers import Symbol, Unknown
from cdlint.project.classes import class_facts, function_facts
from cdlint.project.constants import fold

from ._installed import view_ancestry, view_fields
from ._url_runs import Runs
from ._url_values import (
    Attribute,
    Closure,
    Frame,
    Lambda,
    Listing,
    Made,
    Method,
    Object,
    Super,
    Table,
    Value,
    choices,
    strings,
)
from ._view_table import ACTIONS, VERBS, VIEW_VERBS, brought

ANY = ("ANY",)
_RESTRICTING = {
    "require_GET": ("GET",),
    "require_POST": ("POST",),
    "require_safe": ("GET",),
}
_DEPTH = 12


class View(NamedTuple):
    """A handler of the repository. `why` says what about its methods is not known, `""` when all is."""

    handler: Symbol
    methods: tuple[str, ...]
    certain: bool
    why: str


def views(world: Runs, value: Value, path: str, depth: int = _DEPTH) -> tuple[View, ...] | Unknown:
    """The handlers behind a value; none when it comes from outside, Unknown when that cannot be told."""
    found: list[View] = []
    for each, certain in choices(value):
        answer = _views(world, each, path, depth)
        if isinstance(answer, Unknown):
            return answer
        found.extend(view._replace(certain=view.certain and certain) for view in answer)
    return tuple(found)


def _views(world: Runs, value: Value, path: str, depth: int) -> tuple[View, ...] | Unknown:
    if depth <= 0:
        return Unknown("a view that is wrapped too often")
    if isinstance(value, Symbol):
        if value.kind == "function":
            return (View(value, _function_methods(world, value), True, ""),)
        return (View(value, ANY, True, ""),) if value.kind == "class" else ()
    if isinstance(value, Method):
        return (View(value.function, _function_methods(world, value.function), True, ""),)
    if isinstance(value, Object):
        return (View(value.cls, ANY, True, ""),)
    if isinstance(value, Lambda):
        return (View(Symbol("function", value.at.path, "<lambda>"), ANY, True, ""),)
    if isinstance(value, Closure):
        return _closure(world, value, path, depth)
    if isinstance(value, Made):
        return _made(world, value, path, depth)
    if isinstance(value, str) and "." in value:
        named = world.named(path, value)
        return _views(world, named, path, depth - 1) if isinstance(named, Symbol) else ()
    if isinstance(value, Attribute):
        holder = value.owner
        own = isinstance(holder, Symbol) and holder.kind == "class"
        return () if not own else Unknown(f"`{holder.name}.{value.name}` is not known")
    return value if isinstance(value, Unknown) else Unknown("a view that is not known")


def _closure(world: Runs, value: Closure, path: str, depth: int) -> tuple[View, ...] | Unknown:
    """What a decorator of the repository returned: the view that it was given, else itself."""
    frame: Frame | None = value.frame
    while frame is not None and frame.qualname:
        for held in frame.env.values():
            if isinstance(held, (Closure, Method)) or (isinstance(held, Symbol) and held.kind == "function"):
                inner = () if held is value else _views(world, held, path, depth - 1)
            else:
                inner = _views(world, held, path, depth - 1) if _is_view(held) else ()
            if inner and not isinstance(inner, Unknown) and not _same(held, value):
                return inner
        frame = frame.parent
    return (View(value.function, ANY, True, ""),)


def _same(held: Value, value: Closure) -> bool:
    return isinstance(held, Closure) and held.function == value.function


def _is_view(value: Value) -> bool:
    return isinstance(value, Made) and isinstance(value.callee, Attribute) and value.callee.name == "as_view"


def _made(world: Runs, value: Made, path: str, depth: int) -> tuple[View, ...] | Unknown:
    """`X.as_view()`, or a wrapper from outside around a view."""
    callee = value.callee
    if isinstance(callee, Attribute) and callee.name == "as_view":
        if isinstance(callee.owner, Symbol) and callee.owner.kind == "class":
            return (_class_view(world, callee.owner, value),)
        owner = callee.owner.owner if isinstance(callee.owner, Super) else callee.owner
        return (_class_view(world, owner, value),) if isinstance(owner, Symbol) and owner.kind == "class" else ()
    given = [*value.args, *(each for _, each in value.keywords)]
    for each in given:
        if isinstance(each, (Symbol, Method, Made, Object, Closure, Lambda)) and not _outside(each):
            found = views(world, each, path, depth - 1)
            if found and not isinstance(found, Unknown):
                limit = _restriction(value)
                return tuple(view._replace(methods=_limited(view.methods, limit)) for view in found)
    if isinstance(callee, Unknown):
        return Unknown(callee.why)
    return ()


def _outside(value: Value) -> bool:
    return isinstance(value, Symbol) and value.kind in ("external", "module")


def _restriction(value: Made) -> tuple[str, ...] | None:
    """The methods that a wrapper lets through, None for all."""
    name = value.name.rpartition(".")[2]
    if name in _RESTRICTING:
        return _RESTRICTING[name]
    maker = value.callee
    if isinstance(maker, Made) and maker.name.rpartition(".")[2] in ("require_http_methods", "api_view"):
        known = strings(maker.argument(0, "request_method_list", "http_method_names"))
        return _upper(known) if known is not None else ("GET",) if maker.name.endswith("api_view") else None
    return None


def _limited(methods: tuple[str, ...], limit: tuple[str, ...] | None) -> tuple[str, ...]:
    if limit is None:
        return methods
    return limit if methods == ANY else tuple(each for each in methods if each in limit)


def _upper(methods: tuple[str, ...]) -> tuple[str, ...]:
    """Methods without those that answer by themselves."""
    return tuple(dict.fromkeys(each.upper() for each in methods if each.upper() not in ("HEAD", "OPTIONS")))


def _function_methods(world: Runs, function: Symbol) -> tuple[str, ...]:
    """What the decorators of a view function let through."""
    facts = function_facts(world.project, function)
    methods: tuple[str, ...] = ANY
    for decorator in facts.decorators if facts is not None else ():
        call = decorator if isinstance(decorator, tree.Call) else None
        named = call.func if call is not None else decorator
        last = getattr(named, "last", "")
        limit: tuple[str, ...] | None = None
        if last in _RESTRICTING:
            limit = _RESTRICTING[last]
        elif last in ("require_http_methods", "api_view"):
            given = call.argument(0, "http_method_names") if call is not None else None
            given = given or (call.argument(0, "request_method_list") if call is not None else None)
            known = strings(world.eval(Frame(function.path, "", None, True), given)) if given is not None else ("GET",)
            limit = _upper(known) if known is not None else None
        elif isinstance(named, tree.Path):
            limit = _restriction_of(world, function.path, decorator)
        methods = _limited(methods, limit)
    return methods


def _restriction_of(world: Runs, path: str, decorator: tree.Node) -> tuple[str, ...] | None:
    """What a decorator that is made elsewhere (`only_post = require_http_methods(["POST"])`) lets through."""
    if not isinstance(decorator, tree.Path) or "." in decorator.text:
        return None
    value = world.name(Frame(path, "", None, True), decorator.text)
    return _restriction(Made(value, (), (), value.at)) if isinstance(value, Made) else None


def _class_view(world: Runs, cls: Symbol, made: Made) -> View:
    """A class-based view with the verbs that it has, or those that `as_view({...})` maps."""
    actions = made.argument(0, "actions")
    if isinstance(actions, Table):
        return View(cls, _upper(tuple(str(key) for key in actions.items)), True, "")
    verbs, why = class_verbs(world, cls)
    limit = strings(made.argument(-1, "http_method_names"))
    if limit is not None:
        verbs = tuple(verb for verb in verbs if verb in limit)
    if not verbs and not why:
        why = "it has no method that a request could be dispatched to"
    return View(cls, _upper(verbs), True, why)


def class_verbs(world: Runs, cls: Symbol) -> tuple[tuple[str, ...], str]:
    """The verbs that requests to a class-based view are dispatched to, and what is not known of them."""
    had, why = members(world, cls, VERBS, VIEW_VERBS)
    allowed = allowed_verbs(world, cls)
    return tuple(verb for verb in VERBS if verb in had and (allowed is None or verb in allowed)), why


def members(
    world: Runs, cls: Symbol, wanted: tuple[str, ...] | None, table: dict[str, tuple[str, ...]]
) -> tuple[frozenset[str], str]:
    """The methods that a class has, of its own or from outside, and which base is not known."""
    above = world.project[view_ancestry, cls]
    found: set[str] = set()
    why = f"base `{above.unknown[0]}` of `{cls.name}`" if above.unknown else ""
    for owner in above.first_party:
        facts = class_facts(world.project, owner)
        if facts is not None:
            found.update(facts.methods)
            found.update(binding.name for binding in facts.fields if not _is_none(binding.value))
    for dotted in above.external:
        names, known = brought(table, dotted)
        found.update(names)
        if not known:
            why = why or f"what `{dotted}` brings to `{cls.name}`"
    return frozenset(found if wanted is None else found.intersection(wanted)), why


def _is_none(node: tree.Node) -> bool:
    return isinstance(node, tree.Constant) and node.value is None


def allowed_verbs(world: Runs, cls: Symbol) -> tuple[str, ...] | None:
    """`http_method_names`, None when the class does not say any."""
    for owner, binding in view_fields(world.project, cls):
        if binding.name == "http_method_names":
            value = world.eval(Frame(owner.path, owner.name, None, True), binding.value)
            return strings(value)
    outside = world.project[view_ancestry, cls].external
    return ("post",) if any(name.endswith(".auth.views.LogoutView") for name in outside) else None


def constant(world: Runs, cls: Symbol, name: str, default: str) -> str | Unknown:
    """A class variable that is a string."""
    for owner, binding in view_fields(world.project, cls):
        if binding.name == name and binding.value_code is not None:
            value = world.eval(Frame(owner.path, owner.name, None, True), binding.value)
            if not isinstance(value, str) and value is not None:
                value = fold(world.project, (owner.path, owner.name), binding.value)
            if value is None:
                return default
            return value if isinstance(value, str) else Unknown(f"`{cls.name}.{name}`")
    return default


def actions(world: Runs, cls: Symbol) -> tuple[frozenset[str], str]:
    """The methods of a viewset by which a router decides, and which base is not known."""
    return members(world, cls, None, ACTIONS)


def is_first_party(value: Value, depth: int = 5) -> bool:
    """Whether something was made from functions or classes of the repository."""
    if depth <= 0:
        return False
    parts: list[Value] = []
    if isinstance(value, Made):
        parts = [value.callee, *value.args, *(each for _, each in value.keywords)]
        parts += [each for event in value.events for each in event.args]
    elif isinstance(value, Listing):
        parts = value.values()
    elif isinstance(value, Attribute):
        parts = [value.owner]
    if isinstance(value, (Object, Method, Closure)):
        return True
    if isinstance(value, Symbol):
        return value.kind in ("class", "function")
    return any(is_first_party(part, depth - 1) for part in parts)
