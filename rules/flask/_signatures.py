"""Whether views take the variables of their rules."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.backend.wiring import HIDDEN
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts, class_member, function_facts
from cdlint.project.objects import Bound, Method, Partial
from cdlint.project.places import is_aside
from cdlint.rule import Location

from ._endpoints import Endpoint, Registered, names, variables
from ._names import inner_decorators, wrapping
from ._watch import APIS, NAMESPACES

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
_TAKERS = ("url_value_preprocessor", "app_url_value_preprocessor", "url_value_preprocessors")


class Mismatch(NamedTuple):
    """A view that is called with what it does not take (`extra`) or without what it needs (`missing`)."""

    at: Location
    view: str
    rule: str
    view_at: Location
    extra: tuple[str, ...]
    missing: tuple[str, ...]


def mismatches(project: Project) -> tuple[Mismatch, ...]:
    """The views that do not fit their rules."""
    if not project[names].endpoints or any(project[_preprocesses, path] for path in project.paths):
        return ()
    found: dict[tuple[Location, str], list[Mismatch | None]] = {}
    for each in project[names].endpoints:
        for key, mismatch in _of_endpoint(project, each):
            found.setdefault(key, []).append(mismatch)
    # A blueprint that is registered twice may bring a variable with one of its prefixes only.
    return tuple(group[0] for group in found.values() if group[0] is not None and all(group))


def _of_endpoint(project: Project, endpoint: Endpoint) -> list[tuple[tuple[Location, str], Mismatch | None]]:
    each = endpoint.registered
    made = []
    for function, bound in _views(project, each):
        facts = function_facts(project, function)
        if facts is None or function in project[stand_ins] or not _passing(project, each, function, facts):
            continue
        mismatch = None if HIDDEN in endpoint.rule or each.more else _fits(endpoint, facts, function, bound)
        made.append(((each.at, function.name), mismatch))
    return made


def stand_ins(project: Project) -> frozenset[Symbol]:
    """The views that do nothing under rules of different variables: something before them answers for all."""
    rules: dict[Symbol, set[frozenset[str]]] = {}
    for each in project[names].endpoints:
        handler = each.registered.handler
        if handler is not None and handler.kind == "function":
            rules.setdefault(handler, set()).add(frozenset(variables(each.rule)))
    return frozenset(each for each, kinds in rules.items() if len(kinds) > 1 and _does_nothing(project, each))


def _does_nothing(project: Project, function: Symbol) -> bool:
    facts = function_facts(project, function)
    return facts is not None and all(
        isinstance(each, tree.Jump) or (isinstance(each, tree.Expression) and isinstance(each.value, tree.Constant))
        for each in facts.body
    )


def _preprocesses(project: Project, path: str) -> bool:
    """Whether a file takes variables out before views are called."""
    module = None if is_aside(path) else project.module(path)
    for function in module.functions if module else ():
        if not function.lasts.isdisjoint(_TAKERS):
            return True
        if any(each.endswith("view_args.pop") for each in function.calls):
            return True
        if function.decorator_codes and any(getattr(each, "last", "") in _TAKERS for each in function.decorators):
            return True
    return False


def _views(project: Project, each: Registered) -> list[tuple[Symbol, int]]:
    """The functions that answer, each with how many parameters are given before the variables."""
    value, handler = each.value, each.handler
    if handler is None or each.thing.cls.startswith("flask_openapi3") or each.thing.cls in NAMESPACES:
        return []
    if handler.kind == "function":
        facts = function_facts(project, handler)
        bound = isinstance(value, Method) and facts is not None and not _is_static(facts)
        plain = isinstance(value, (Symbol, Method))
        return [(handler, int(bound))] if plain and (bound or facts is None or not facts.owner) else []
    made = isinstance(value, Partial) and isinstance(value.target, Bound)
    if not (made or each.thing.cls in APIS) or decorated(project, handler):
        return []
    verbs = [verb for verb in _METHODS if verb.upper() in each.methods]
    wanted = ["dispatch_request"] if _dispatches(project, handler) else verbs
    found = [project[class_member, (handler, name)] for name in wanted]
    return [(each_, 1) for each_ in found if isinstance(each_, Symbol) and each_.kind == "function"]


def _is_static(facts: Function) -> bool:
    return any(getattr(each, "last", "") in ("staticmethod", "classmethod") for each in facts.decorators)


def decorated(project: Project, cls: Symbol) -> bool:
    """Whether a class or one of its ancestors lists decorators that may change what its methods get."""
    known = project[ancestry, cls]
    for owner in known.first_party:
        facts = class_facts(project, owner)
        for binding in facts.fields if facts is not None else ():
            if binding.name in ("decorators", "method_decorators"):
                listed = binding.value.items if isinstance(binding.value, tree.Sequence) else (None,)
                if not all(wrapping(project, (owner.path, ""), each).passing for each in listed):
                    return True
    return bool(known.unknown)


def _dispatches(project: Project, cls: Symbol) -> bool:
    found = project[class_member, (cls, "dispatch_request")]
    return isinstance(found, Symbol) and found.kind == "function"


def _passing(project: Project, each: Registered, function: Symbol, facts: Function) -> bool:
    """Whether the decorators of a view hand the arguments on as they are."""
    at: At = each.at.at if function == each.handler else (0, 0, 0, 0)
    decorated = inner_decorators(project, function, at) if facts.decorator_codes else ()
    return all(one.passing for one in decorated)


def _fits(endpoint: Endpoint, facts: Function, function: Symbol, bound: int) -> Mismatch | None:
    given = {*variables(endpoint.rule), *endpoint.registered.defaults}
    params = facts.params[bound:]
    names_ = {param.name for param in params if param.kind in ("positional", "keyword")}
    takes_all = any(param.kind == "**" for param in params)
    needed = [p for p in params if p.kind in ("positional", "positional-only", "keyword") and p.default_code is None]
    missing = tuple(p.name for p in needed if p.name not in given or p.kind == "positional-only")
    extra = () if takes_all else tuple(sorted(given - names_))
    if not missing and not extra:
        return None
    view = Location(function.path, facts.at)
    return Mismatch(endpoint.registered.at, function.name, endpoint.rule, view, extra, missing)
