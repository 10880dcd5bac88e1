"""Where requests start and who gives them their session: nothing above can commit for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.sessions import dealings_of, session_at, sessions
from cdlint.backend.transactions import boundaries
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol
from cdlint.project.calls import called_names, calling, words
from cdlint.project.classes import class_facts, class_member, function_facts, resolve_in
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.project.versions import satisfied

from ._commits import given_functions, last_of, may_commit

_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options"})
_DECORATORS = _VERBS | {"route", "api_route", "websocket", "websocket_route"}
_VIEWS = ("MethodView", "Resource", "View", "HTTPEndpoint")
_TEARDOWNS = frozenset(
    {
        "teardown_appcontext", "teardown_request", "teardown_app_request", "after_request", "after_app_request",
        "after_this_request", "call_on_close",
    }
)  # fmt: skip
_OPENING = frozenset({"connect", "?"})
"""The last names of what opens a connection or a session; `?` for an item that is called."""
_INJECTED = frozenset({"Depends", "Security"})


class Providers(NamedTuple):
    """The dependencies of a handler, through all that they depend on; `known` is False when some cannot be followed."""

    functions: tuple[Symbol, ...]
    known: bool


def handlers(project: Project) -> tuple[Symbol, ...]:
    """The functions that answer requests, as their decorators or classes say."""
    return tuple(symbol for path in project.paths for symbol in project[_handlers_in, path])


def _handlers_in(project: Project, path: str) -> tuple[Symbol, ...]:
    module = project.module(path)
    if module is None or is_aside(path):
        return ()
    views = {
        cls.qualname for cls in module.classes if any(getattr(base, "last", "").endswith(_VIEWS) for base in cls.bases)
    }
    return tuple(
        Symbol("function", path, each.qualname)
        for each in module.functions[1:]
        if _is_decorated(each) or (each.owner in views and each.name in _VERBS)
    )


def _is_decorated(function: Function) -> bool:
    if not any(_DECORATORS.intersection(words(code)) for code in function.decorator_codes):
        return False
    return any(
        isinstance(each, tree.Call) and isinstance(each.func, tree.Path) and each.func.last in _DECORATORS
        and "." in each.func.text and (each.args or each.keywords)
        for each in function.decorators
    )  # fmt: skip


def makers(project: Project) -> dict[Symbol, tuple[str, ...]]:
    """Function -> the names of the sessions that it makes itself."""
    found: dict[Symbol, list[str]] = {}
    for each in project[sessions]:
        if each.kind == "session" and each.function and each.name and "." not in each.name:
            found.setdefault(Symbol("function", each.at.path, each.function), []).append(each.name)
    for function, name in (*_unit_users(project), *_connected(project)):
        found.setdefault(function, []).append(name)
    return {function: tuple(names) for function, names in found.items()}


def _connected(project: Project) -> Iterator[tuple[Symbol, str]]:
    """The functions that open a connection which does not commit by itself, and its name there."""
    for function, each in project[dealings_of].items():
        for dealing in each:
            if dealing.origin == "made" and dealing.value.endswith(".connect()") and _waits(project, dealing.value):
                yield function, dealing.session
    for path in project.paths if project[dealings_of] else ():
        for opener in calling(project, path, _OPENING) if not is_aside(path) else ():
            for name in _entered_in_block(opener):
                answer = project[session_at, (path, opener.qualname, name)]
                if isinstance(answer, Symbol) and _waits(project, answer.name):
                    yield Symbol("function", path, opener.qualname), name


def _entered_in_block(function: Function) -> Iterator[str]:
    """The names that `with something.connect()` or `with something[key]()` binds in a function."""
    for node in function.every(tree.With):
        for context, target in node.items:
            if isinstance(context, tree.Call) and last_of(context) in ("connect", "") and isinstance(target, tree.Path):
                yield target.text


def _waits(project: Project, value: str) -> bool:
    """Whether a session or connection of SQLAlchemy certainly waits for a commit."""
    if value.endswith("sessionmaker()()"):
        return True
    return value.endswith(".connect()") and ("async" in value or project[_commits_on_demand])


def _commits_on_demand(project: Project) -> bool:
    """Whether connections surely wait for a commit, which they do from SQLAlchemy 2.0 on."""
    return project[satisfied, (("sqlalchemy", ">=2"),)] or any(project[_is_modern, path] for path in project.paths)


def _is_modern(project: Project, path: str) -> bool:
    module = project.module(path)
    return module is not None and any(
        each.module == "sqlalchemy.orm" and each.name in ("DeclarativeBase", "mapped_column", "Mapped")
        for each in module.imports
    )


def _unit_users(project: Project) -> Iterator[tuple[Symbol, str]]:
    """The functions that enter a unit of work which drops what is not committed, and its name there."""
    for path in project.paths if project[_units] else ():
        if not is_aside(path):
            yield from project[_entered_in, path]


def unit_users(project: Project) -> frozenset[Symbol]:
    """The functions that enter one."""
    return frozenset(function for function, _ in _unit_users(project))


def _units(project: Project) -> frozenset[Symbol]:
    return frozenset(
        Symbol("class", each.at.path, each.name)
        for each in project[boundaries]
        if each.kind == "unit of work" and {"close", "rollback"}.intersection(each.ends)
    )


def _entered_in(project: Project, path: str) -> tuple[tuple[Symbol, str], ...]:
    units, module = project[_units], project.module(path)
    return tuple(
        each
        for function in (module.functions if module is not None else ())
        if function.calls and (function.params or function.binds) and function.holds(tree.With)
        for each in _entered(project, path, function, units)
    )


def _entered(project: Project, path: str, function: Function, units: frozenset[Symbol]) -> Iterator[tuple[Symbol, str]]:
    for node in function.every(tree.With):
        for context, name in node.items:
            answer = evaluate(project, (path, function.qualname), context)
            if isinstance(answer, Symbol) and Symbol("class", answer.path, answer.name) in units:
                held = name if name is not None else context
                if isinstance(held, tree.Path):
                    yield Symbol("function", path, function.qualname), held.text


def ended_everywhere(project: Project) -> bool:
    """Whether something commits after every request: middleware, a teardown, a setting, a wrapper in a class."""
    return any(
        "commit" in each.ends
        and (
            each.kind in ("middleware", "teardown", "setting")
            or (each.kind == "decorator" and _in_class(project, each.at.path, each.name))
        )
        for each in project[boundaries]
    ) or any(project[ends_all, path] for path in project.paths)


def ends_all(project: Project, path: str) -> bool:
    """Whether a file has something run around all requests that may commit."""
    return any(project[may_commit, each] for each in _around_all(project, path))


def _around_all(project: Project, path: str) -> Iterator[Symbol]:
    module = project.module(path)
    if module is None or is_aside(path) or _TEARDOWNS.isdisjoint(project[called_names, path]):
        return
    for function in module.functions:
        scope = (path, function.qualname)
        if any(last_of(each) in _TEARDOWNS for each in function.decorators):
            yield Symbol("function", *scope)
        if not _TEARDOWNS.isdisjoint(function.lasts):
            for call in function.call_nodes:
                if last_of(call) in _TEARDOWNS:
                    yield from given_functions(project, scope, call)


def autocommits(project: Project) -> bool:
    """Whether some engine or factory commits by itself."""
    return any(project[_autocommits, path] for path in project.paths)


def _in_class(project: Project, path: str, name: str) -> bool:
    return class_facts(project, Symbol("class", path, name.partition(".")[0])) is not None


def _autocommits(project: Project, path: str) -> bool:
    """Whether a file makes an engine or a factory that commits by itself."""
    module = project.module(path)
    if module is None or is_aside(path):
        return False
    for function in module.functions:
        if function.mentions("AUTOCOMMIT"):
            return True
        if function.mentions("autocommit"):
            for call in function.call_nodes:
                value = call.keyword("autocommit")
                if value is not None and not (isinstance(value, tree.Constant) and not value.value):
                    return True
    return False


def providers(project: Project, function: Symbol) -> Providers:
    """The dependencies of a handler, those of all handlers included."""
    found: dict[Symbol, None] = {}
    known = True
    frontier = [function]
    shared = list(project[_shared_dependencies])
    while frontier or shared:
        answers = shared if shared else list(_depends(project, frontier.pop()))
        shared = []
        for answer in answers:
            symbol = _runs(project, answer)
            if symbol is None:
                known = known and isinstance(answer, Symbol) and answer.kind == "external"
            elif symbol not in found:
                found[symbol] = None
                frontier.append(symbol)
    return Providers(tuple(found), known)


def _runs(project: Project, answer: Answer) -> Symbol | None:
    if not isinstance(answer, Symbol):
        return None
    if answer.kind in ("class", "instance"):
        name = "__init__" if answer.kind == "class" else "__call__"
        found = project[class_member, (Symbol("class", answer.path, answer.name), name)]
        if isinstance(found, Symbol) and found.kind == "function":
            return found
        return Symbol("function", answer.path, f"{answer.name}.{name}")
    return answer if answer.kind == "function" else None


def _depends(project: Project, function: Symbol) -> Iterator[Answer]:
    """What a function depends on, by the markers of its parameters and by its decorators."""
    facts = function_facts(project, function)
    scope = (function.path, function.name.rpartition(".")[0])
    for node in facts.decorators if facts is not None else ():
        beside = node.keyword("dependencies") if isinstance(node, tree.Call) else None
        if beside is not None:
            yield from _marked(project, scope, beside, None, 4)
    for param in facts.params if facts is not None else ():
        for node in (param.default, param.annotation):
            if node is not None:
                yield from _marked(project, scope, node, param.annotation, 4)


def given_by(project: Project, function: Symbol) -> dict[str, Symbol]:
    """Parameter -> the one function whose value it is given."""
    facts = function_facts(project, function)
    scope = (function.path, function.name.rpartition(".")[0])
    found = {}
    for param in facts.params if facts is not None else ():
        answers = [
            answer
            for node in (param.default, param.annotation)
            if node is not None
            for answer in _marked(project, scope, node, param.annotation, 4)
        ]
        if len(answers) == 1 and isinstance(answers[0], Symbol) and answers[0].kind == "function":
            found[param.name] = answers[0]
    return found


def _marked(
    project: Project, scope: tuple[str, str], node: Node, annotation: Node | None, depth: int
) -> Iterator[Answer]:
    for each in tree.walk(node):
        if isinstance(each, tree.Call) and getattr(each.func, "last", "") in _INJECTED:
            if each.args or each.keyword("dependency") is not None:
                yield evaluate(project, scope, each.argument(0, "dependency"))
            elif annotation is not None:
                plain = annotation.index.items[0] if _is_annotated(annotation) else annotation
                yield evaluate(project, scope, plain)
        elif isinstance(each, tree.Path) and depth:
            answer = resolve_in(project, scope[0], scope[1], each.text)
            if isinstance(answer, Symbol) and answer.kind == "variable":
                module = project.module(answer.path)
                for binding in module.bindings if module is not None else ():
                    if binding.name == answer.name and binding.value_code is not None and not binding.callee:
                        value = binding.value
                        yield from _marked(project, (answer.path, ""), value, value, depth - 1)


def _is_annotated(node: Node) -> bool:
    return isinstance(node, tree.Subscript) and isinstance(node.index, tree.Sequence)


def _shared_dependencies(project: Project) -> tuple[Answer, ...]:
    """What routers and applications depend on for all their handlers."""
    return tuple(answer for path in project.paths for answer in project[_shared_in, path])


def _shared_in(project: Project, path: str) -> tuple[Answer, ...]:
    module = project.module(path)
    found: list[Answer] = []
    for function in module.functions if module is not None and not is_aside(path) else ():
        if function.mentions("dependencies") and function.mentions("Depends"):
            for call in function.call_nodes:
                given = call.keyword("dependencies")
                if given is not None:
                    found.extend(_marked(project, (path, function.qualname), given, None, 0))
    return tuple(found)
