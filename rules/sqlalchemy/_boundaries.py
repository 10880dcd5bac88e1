"""What ends the transactions of the code that it runs: generators, units of work, middleware, teardowns, decorators."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.backend.collected import provides
from cdlint.backend.transactions import Boundary, boundaries
from cdlint.facts import tree
from cdlint.facts.model import Class, Function, Module
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import function_facts
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._dealings import deals_with_sessions
from ._passed_sessions import session_of
from ._session_values import as_session, given, uses_sqlalchemy
from ._sessions import ENGINES, FACTORIES, SESSIONS

VERBS = {"commit": "commit", "rollback": "rollback", "close": "close", "remove": "close", "aclose": "close"}
_MANAGERS = ("contextmanager", "asynccontextmanager")
_TEARDOWNS = frozenset({"teardown_appcontext", "teardown_request", "after_request", "after_app_request",
                        "teardown_app_request", "do_teardown_appcontext"})  # fmt: skip
_BEGINS = frozenset(f"{each}.begin()" for each in (*SESSIONS, *FACTORIES, *ENGINES))
_SETTINGS = {
    "SQLALCHEMY_COMMIT_ON_TEARDOWN": ("flask_sqlalchemy", ("commit",)),
    "pyramid_tm": ("pyramid", ("commit", "rollback")),
}
"""Each with the package that reads it, and what that does."""


@provides(boundaries)
def sqlalchemy_boundaries(project: Project) -> tuple[Boundary, ...]:
    """Those of code that serves."""
    if not project[uses_sqlalchemy]:
        return ()
    return tuple(each for path in project.paths for each in project[_boundaries_in, path])


def _boundaries_in(project: Project, path: str) -> tuple[Boundary, ...]:
    module = project.module(path)
    if module is None or is_aside(path):
        return ()
    own = {each.qualname: each for each in module.functions}
    found: list[Boundary] = []
    for function in module.functions[1:]:
        found.extend(_of_function(project, path, function, own))
    for cls in module.classes:
        found.extend(_of_class(project, path, cls, own))
    found.extend(_set_in(path, module, project[_settings]))
    return tuple(found)


def _of_function(project: Project, path: str, function: Function, own: dict[str, Function]) -> Iterator[Boundary]:
    place = Location(path, function.at)
    decorators = [_last(each) for each in function.decorators] if function.decorator_codes else []
    kind = _registered(function, decorators, own)
    if function.is_generator:
        managed = any(each in _MANAGERS for each in decorators)
        ends = ends_after_yield(project, path, function)
        if ends is not None:
            yield Boundary("context manager" if managed else "dependency", function.qualname, ends, False, place)
    elif kind:
        ends = _named(function)
        if ends:
            yield Boundary(kind, function.qualname, ends, False, place)


def _last(node: Node) -> str:
    return str(getattr(node.func if isinstance(node, tree.Call) else node, "last", ""))


def _registered(function: Function, decorators: list[str], own: dict[str, Function]) -> str:
    """The kind of boundary that a function is by how it is registered or nested."""
    if any(each in _TEARDOWNS for each in decorators):
        return "teardown"
    if "middleware" in decorators or (function.owner and function.name == "dispatch" and function.is_async):
        return "middleware"
    params = [param.name for param in function.params]
    if function.name == "__call__" and params[-3:] == ["scope", "receive", "send"]:
        return "middleware"
    outer = own.get(function.parent)
    wrapped = {param.name for param in outer.params} if outer is not None else set()
    if outer is not None and outer.parent in own:
        wrapped |= {param.name for param in own[outer.parent].params}
    return "decorator" if wrapped.intersection(function.calls) else ""


def _named(function: Function) -> tuple[str, ...]:
    """What a function ends, by the names of what it calls."""
    lasts = [call.rpartition(".") for call in function.calls]
    verbs = {VERBS[name] for owner, _, name in lasts if name in VERBS and owner and _is_like(owner)}
    return tuple(sorted(verbs))


def _is_like(owner: str) -> bool:
    last = owner.rpartition(".")[2].lower()
    return "session" in last or last in ("db", "conn", "connection", "transaction", "uow", "tx", "self", "trans")


def ends_after_yield(project: Project, path: str, function: Function) -> tuple[str, ...] | None:
    """What a generator that gives a session does with it at the end; None when it gives none."""
    body = function.body
    yields = function.every(tree.Yield)
    if not yields or not _gives_session(project, path, function, yields):
        return None
    first = min(node.at for node in yields)
    ends = {
        VERBS[call.func.last]
        for call in tree.calls(*body)
        if isinstance(call.func, tree.Path) and call.func.last in VERBS and "." in call.func.text and call.at > first
    }
    for node in tree.walk(*body):
        if isinstance(node, tree.With) and any(tree.within(each.at, node.at) for each in yields):
            for context, _ in node.items:
                ends.update(_ends_of_context(project, (path, function.qualname), context))
    return tuple(sorted(ends))


def _gives_session(project: Project, path: str, function: Function, yields: tuple[tree.Yield, ...]) -> bool:
    for node in yields:
        if isinstance(node.value, tree.Path):
            if isinstance(project[session_of, (path, function.qualname, node.value.text)], Symbol):
                return True
        elif isinstance(as_session(project, evaluate(project, (path, function.qualname), node.value)), Symbol):
            return True
    return any(isinstance(each.value, tree.Call) or each.delegated for each in yields) and isinstance(
        project[given, Symbol("function", path, function.qualname)], Symbol
    )


def _ends_of_context(project: Project, scope: tuple[str, str], context: Node) -> tuple[str, ...]:
    """What leaving a `with` block of this context does to sessions."""
    value = context.value if isinstance(context, tree.Await) else context
    answer = evaluate(project, scope, value)
    if isinstance(answer, Symbol) and answer.name in _BEGINS:
        return ("commit", "rollback")
    if isinstance(as_session(project, answer), Symbol):
        return ("close",)
    if isinstance(value, tree.Call):
        called = evaluate(project, scope, value.func)
        if isinstance(called, Symbol) and called.kind == "function" and called != Symbol("function", *scope):
            return project[ends_of_generator, called] or ()
    return ()


def ends_of_generator(project: Project, function: Symbol) -> tuple[str, ...] | None:
    """What a generator function of the repository does at its end with the session that it gives."""
    facts = function_facts(project, function)
    return ends_after_yield(project, function.path, facts) if facts is not None and facts.is_generator else None


def _of_class(project: Project, path: str, cls: Class, own: dict[str, Function]) -> Iterator[Boundary]:
    """A class whose instances end what was done inside their `with`, or on demand."""
    exits = [own.get(f"{cls.qualname}.{name}") for name in ("__exit__", "__aexit__")]
    leaving = next((each for each in exits if each is not None), None)
    commits = own.get(f"{cls.qualname}.commit")
    explicit = commits is not None and "commit" in _named(commits)
    if leaving is None and not (explicit and "rollback" in cls.methods):
        return
    verbs = set(_named(leaving)) if leaving is not None else set()
    for call in leaving.calls if leaving is not None else ():
        if call.startswith("self.") and call.count(".") == 1:
            inner = own.get(f"{cls.qualname}.{call[5:]}")
            verbs.update(_named(inner) if inner is not None else ())
            if inner is not None and call[5:] in VERBS:
                verbs.add(VERBS[call[5:]])
    if (verbs or explicit) and project[deals_with_sessions, Symbol("class", path, cls.qualname)]:
        yield Boundary("unit of work", cls.qualname, tuple(sorted(verbs)), explicit, Location(path, cls.at))


def _settings(project: Project) -> dict[str, tuple[str, ...]]:
    """Setting -> what it does, for those whose package the repository imports."""
    tops = frozenset[str]().union(*(project[_tops, path] for path in project.paths))
    return {name: ends for name, (package, ends) in _SETTINGS.items() if package in tops}


def _tops(project: Project, path: str) -> frozenset[str]:
    module = project.module(path)
    return frozenset(each.module.partition(".")[0] for each in module.imports) if module is not None else frozenset()


def _set_in(path: str, module: Module, settings: dict[str, tuple[str, ...]]) -> Iterator[Boundary]:
    for function in module.functions if settings else ():
        for name, ends in settings.items():
            nodes = function.nodes if function.mentions(name) else ()
            said = (node for node in nodes if name in (getattr(node, "value", ""), getattr(node, "last", "")))
            first = next(said, None)
            if first is not None:
                yield Boundary("setting", name, ends, False, Location(path, first.at))
