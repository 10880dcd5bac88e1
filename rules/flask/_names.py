"""The name that a view has when it is registered: its function's, or that of a wrapper a decorator put around it."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import function_facts
from cdlint.project.values import evaluate

from ._watch import APPLICATIONS, BLUEPRINTS


class Wrapping(NamedTuple):
    """What a decorator gives back. `name` is that of the wrapper, `""` when the function's own is kept.

    `sure` says whether that is certain, `passing` whether the function gets exactly the arguments
    that the wrapper gets, `returning` whether what the function returns is returned as it is, `at`
    where the wrapper is defined.
    """

    name: str
    sure: bool
    passing: bool
    returning: bool
    at: tuple[str, At] | None


KEPT = Wrapping("", True, True, True, None)
_GUESSED = Wrapping("", False, False, False, None)
_PASSING = frozenset(
    {
        "flask_login.login_required", "flask_login.utils.login_required", "flask_login.fresh_login_required",
        "flask_jwt_extended.jwt_required()", "flask_cors.cross_origin()", "flask_cors.cross_origin",
        "flask_httpauth.HTTPBasicAuth().login_required", "flask_httpauth.HTTPTokenAuth().login_required",
        "flask_httpauth.HTTPBasicAuth().login_required()", "flask_httpauth.HTTPTokenAuth().login_required()",
        "flask_httpauth.MultiAuth().login_required", "flask_caching.Cache().cached()",
        "flask_limiter.Limiter().limit()", "flask_limiter.Limiter().exempt", "flask_wtf.csrf.CSRFProtect().exempt",
        "flask_wtf.CSRFProtect().exempt", "flask_login.LoginManager().unauthorized_handler",
    }
)  # fmt: skip
"""Decorators from outside that are known to hand all arguments on."""
_OWN = tuple(f"{name}()." for name in sorted(APPLICATIONS | BLUEPRINTS) if name.startswith(("flask.", "quart.")))
"""Methods of applications and blueprints give back the function that they get."""


def registered_name(project: Project, function: Symbol, at: At) -> tuple[str, bool]:
    """The name of a function as the decorator at a place gets it, and whether that is certain."""
    name, sure = function.last, True
    for each in reversed(inner_decorators(project, function, at)):
        name = each.name or name
        sure = sure and each.sure
    return name, sure


def inner_decorators(project: Project, function: Symbol, at: At) -> tuple[Wrapping, ...]:
    """What the decorators below the one at a place do, outermost first; all, when none is there."""
    facts = function_facts(project, function)
    if facts is None:
        return ()
    return tuple(wrapping(project, (function.path, facts.parent), node) for node in below(facts, at))


def below(function: Function, at: At) -> tuple[Node, ...]:
    """The decorators below the one at a place, outermost first; all, when none is there."""
    nodes = function.decorators
    return nodes[next((index + 1 for index, node in enumerate(nodes) if getattr(node, "at", None) == at), 0) :]


def wrapper(project: Project, scope: tuple[str, str], node: Node) -> Symbol | None:
    """The function of the repository that a decorator puts in the place of another."""
    called = isinstance(node, tree.Call)
    answer = evaluate(project, scope, node.func if isinstance(node, tree.Call) else node)
    found = answer if isinstance(answer, Symbol) else None
    for _ in range(2 if called else 1):
        facts = function_facts(project, found) if found is not None else None
        found = _one_inner(project, found, facts) if found is not None and facts is not None else None
    return found


def wrapping(project: Project, scope: tuple[str, str], node: Node) -> Wrapping:
    """What a decorator gives back."""
    called = isinstance(node, tree.Call)
    answer = evaluate(project, scope, node.func if called else node)
    if not isinstance(answer, Symbol):
        return _GUESSED
    if answer.kind == "external":
        name = answer.name + ("()" if called else "")
        if name.startswith(_OWN):
            return KEPT
        # Decorators of libraries keep the name, or nobody could use them on views.
        return KEPT if name in _PASSING else Wrapping("", True, False, False, None)
    if answer.kind != "function":
        return _GUESSED
    return project[returned, (answer, called)]


def returned(project: Project, key: tuple[Symbol, bool]) -> Wrapping:
    """What a decorator of the repository gives back, or what calling it gives back does."""
    decorator, called = key
    facts = function_facts(project, decorator)
    if facts is None or facts.is_async or facts.is_generator:
        return _GUESSED
    if called:
        inner = _one_inner(project, decorator, facts)
        return project[returned, (inner, False)] if inner is not None else _GUESSED
    params = [each.name for each in facts.params if each.kind in ("positional", "positional-only")]
    if facts.owner:
        params = params[1:]
    values = [node.value for node in facts.every(tree.Return)]
    if params and values and all(isinstance(each, tree.Path) and each.text == params[0] for each in values):
        return KEPT
    wrapper = _one_inner(project, decorator, facts)
    around = function_facts(project, wrapper) if wrapper is not None else None
    if wrapper is None or around is None or not params:
        return _GUESSED
    passing, returning = _passes(around, params[0]), _gives_back(around, params[0])
    if any(_keeps(each) for each in around.decorators):
        return Wrapping("", True, passing, returning, None)
    renamed = facts.mentions("__name__") or facts.mentions("update_wrapper") or around.decorator_codes
    return _GUESSED if renamed else Wrapping(around.name, True, passing, returning, (wrapper.path, around.at))


def _one_inner(project: Project, outer: Symbol, facts: Function) -> Symbol | None:
    """The nested function that is all that a function ever returns."""
    texts = {node.value.text if isinstance(node.value, tree.Path) else "" for node in facts.every(tree.Return)}
    if len(texts) != 1:
        return None
    name = texts.pop()
    inner = Symbol("function", outer.path, f"{outer.name}.{name}")
    module = project.module(outer.path)
    count = sum(each.qualname == inner.name for each in module.functions) if module else 0
    assigned = any(
        isinstance(node, tree.Assign) and any(getattr(target, "text", "") == name for target in node.targets)
        for node in facts.nodes
    )
    return inner if name and count == 1 and not assigned else None


def _keeps(decorator: Node) -> bool:
    """`@wraps(f)`."""
    return isinstance(decorator, tree.Call) and getattr(decorator.func, "last", "") == "wraps"


def _passes(wrapper: Function, wrapped: str) -> bool:
    """Whether a wrapper takes any arguments and calls the function with just these."""
    kinds = {each.kind: each.name for each in wrapper.params}
    if set(kinds) != {"*", "**"} or len(wrapper.params) != 2:
        return False
    made = [call for call in wrapper.call_nodes if getattr(call.func, "text", "") == wrapped]
    handed = {getattr(each, "text", "") for call in wrapper.call_nodes for each in call.args}
    if not made or wrapped in handed or any(_changes(node, kinds) for node in wrapper.nodes):
        return False
    return all(_hands_on(call, kinds) for call in made)


def _changes(node: Node, kinds: dict[str, str]) -> bool:
    """Whether a statement changes the arguments that are handed on."""
    names = set(kinds.values())
    if isinstance(node, tree.Call) and isinstance(node.func, tree.Path):
        return node.func.root in names and node.func.text != f"{kinds['**']}.get"
    targets: tuple[Node, ...] = ()
    if isinstance(node, (tree.Assign, tree.Delete)):
        targets = node.targets
    elif isinstance(node, tree.AugAssign):
        targets = (node.target,)
    return any(getattr(getattr(each, "value", each), "text", "") in names for each in targets)


def _gives_back(wrapper: Function, wrapped: str) -> bool:
    """Whether a wrapper returns what the function returns, whenever it calls it."""
    made = [call for call in wrapper.call_nodes if getattr(call.func, "text", "") == wrapped]
    returned = [each.value for each in wrapper.every(tree.Return)]
    values = [each.value if isinstance(each, tree.Await) else each for each in returned]
    return bool(made) and all(any(each is call for each in values) for call in made)


def _hands_on(call: tree.Call, kinds: dict[str, str]) -> bool:
    stars = [getattr(each.value, "text", "") for each in call.args if isinstance(each, tree.Starred)]
    spreads = [getattr(each.value, "text", "") for each in call.keywords if each.name is None]
    plain = len(call.args) == 1 and len(call.keywords) == 1
    return plain and stars == [kinds["*"]] and spreads == [kinds["**"]]
