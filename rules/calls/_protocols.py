"""Which protocol what a call gives has: `with` or `async with`, `for` or `async for`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Class, Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import called_names, words
from cdlint.project.classes import ancestry, class_member, function_facts, subclasses
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate

from ._callables import candidates, is_replaced, is_stub
from ._shapes import entered, heads
from ._signatures import decorators

_ALCHEMY = ("sqlalchemy.ext.asyncio", "sqlalchemy.ext.asyncio.session", "sqlmodel.ext.asyncio.session")
_ENGINES = ("sqlalchemy.ext.asyncio.create_async_engine()",)
_ASYNC = frozenset(
    {
        *(f"{home}.AsyncSession" for home in _ALCHEMY), *(f"{home}.async_sessionmaker()" for home in _ALCHEMY),
        *(f"{home}.async_sessionmaker().begin" for home in _ALCHEMY),
        *(f"{home}.AsyncSession().begin" for home in _ALCHEMY),
        *(f"{engine}.{name}" for engine in _ENGINES for name in ("begin", "connect")),
        "aiohttp.ClientSession", "asyncio.Condition", "asyncio.Lock", "asyncio.Semaphore", "asyncio.TaskGroup",
        "asyncio.timeout", "httpx.AsyncClient",
    }
)  # fmt: skip
_SYNC = frozenset(
    {
        "builtins.open", "httpx.Client", "requests.Session", "sqlalchemy.create_engine().begin",
        "sqlalchemy.create_engine().connect", "sqlalchemy.orm.Session", "sqlmodel.Session",
        "sqlmodel.create_engine().begin",
        "sqlmodel.create_engine().connect", "tempfile.NamedTemporaryFile", "tempfile.TemporaryDirectory",
        "threading.Lock", "threading.RLock",
    }
)  # fmt: skip
"""Callables outside the repository whose results have one of the two protocols alone."""
_MAKER = "async_sessionmaker"
_EVERYWHERE = frozenset({"open", "begin", "connect", "timeout"})
"""Names among them that say nothing of what a file keeps."""


class Kind(NamedTuple):
    """What a call gives, in words, and the statements that it goes with."""

    words: str
    fits: tuple[str, ...]


_GIVES = {
    "async-manager": Kind("an asynchronous context manager", ("async with",)),
    "manager": Kind("a context manager that is not asynchronous", ("with",)),
    "async-generator": Kind("an asynchronous generator", ("async for",)),
    "generator": Kind("a generator", ("for",)),
}


class Mismatch(NamedTuple):
    """A call in a statement of the other protocol."""

    node: tree.Call | tree.Path
    target: Symbol
    kind: Kind
    statement: str


def _kind_by_name(function: Function) -> str:
    """The kind of what a function gives if its decorators are what their names say, else `""`."""
    names = {word for code in function.decorator_codes for word in words(code)}
    if not function.is_generator or names - {"staticmethod", "classmethod", "contextmanager", "asynccontextmanager"}:
        return ""
    manager = {"contextmanager", "asynccontextmanager"} & names
    return ("async-" if function.is_async else "") + ("manager" if manager else "generator")


def protocol_names(project: Project) -> dict[str, frozenset[str]]:
    """Last name of what gives something with one protocol alone -> the kinds of that."""
    found: dict[str, set[str]] = {}
    for name in (*_ASYNC, *_SYNC):
        last = name.removesuffix("()").rpartition(".")[2]
        found.setdefault(last, set()).add("async-manager" if name in _ASYNC else "manager")
    for path in project.paths:
        for name, kind in project[_kinds_in, path]:
            found.setdefault(name, set()).add(kind)
    return {name: frozenset(kinds) for name, kinds in found.items()}


def _kinds_in(project: Project, path: str) -> tuple[tuple[str, str], ...]:
    """The names and kinds that a file adds to `protocol_names`, without positions."""
    module = None if is_aside(path) else project.module(path)
    if module is None:
        return ()
    functions = [(each.name, kind) for each in module.functions if (kind := _kind_by_name(each))]
    classes = [(each.name, kind) for each in module.classes if (kind := _class_kind(each))]
    makers = [(each.name, "async-manager") for each in module.bindings if each.callee.endswith(_MAKER)]
    return tuple(sorted({*functions, *classes, *makers}))


def _class_kind(cls: Class) -> str:
    entered = {"__enter__", "__aenter__"} & set(cls.methods)
    return "" if len(entered) != 1 else "async-manager" if "__aenter__" in entered else "manager"


def users(project: Project) -> tuple[Symbol, ...]:
    """The functions with a statement that does not fit what something of the name of its call gives."""
    return tuple(symbol for path in project.paths for symbol in project[_users_in, path])


def _users_in(project: Project, path: str) -> tuple[Symbol, ...]:
    names = project[protocol_names]
    module = None if is_aside(path) else project.module(path)
    if module is None:
        return ()
    called, telling = project[called_names, path], names.keys() - _EVERYWHERE
    calls = not called.isdisjoint(names)
    near = not (telling.isdisjoint(called) and telling.isdisjoint(module.main.binds))
    makes = any(each.module == "contextlib" or (each.name or "").endswith("contextmanager") for each in module.imports)
    functions = [
        each
        for each in module.functions
        if (calls and _may(names, each)) or (makes and _is_barren(each)) or (near and _enters(project, path, each))
    ]
    return tuple(dict.fromkeys(Symbol("function", path, each.qualname) for each in functions))


def _may(names: Mapping[str, frozenset[str]], function: Function) -> bool:
    kinds = {kind for call in function.calls for kind in names.get(call[call.rfind(".") + 1 :], ())}
    # Only an `async def` can hold what does not fit a plain manager.
    if not kinds - (set() if function.is_async else {"manager"}):
        return False
    return any(
        not _fits(kind, statement)
        for callee, statement in heads(function)
        for kind in names.get(callee[callee.rfind(".") + 1 :], ())
    )


def _is_barren(function: Function) -> bool:
    """Whether a function is decorated to make a context manager of, but has no `yield`."""
    if not function.decorator_codes or function.is_generator:
        return False
    made = any(word.endswith("contextmanager") for code in function.decorator_codes for word in words(code))
    return made and not function.holds(tree.Return) and not is_stub(function)


def makes_no_manager(project: Project, function: Symbol) -> bool:
    """Whether entering what a decorated function gives surely fails, since it never yields."""
    facts = function_facts(project, function)
    if facts is None or not _is_barren(facts):
        return False
    names = decorators(project, function.path, facts) or frozenset()
    return bool({"contextlib.asynccontextmanager", "contextlib.contextmanager"} & names)


def _enters(project: Project, path: str, function: Function) -> bool:
    """Whether a `with` statement enters an object that has the other protocol."""
    return any(
        (found := _held(project, Symbol("function", path, function.qualname), tree.Path(text, function.at)))
        and not _fits(found[1], statement)
        for text, statement in entered(function)
    )


def _held(project: Project, function: Symbol, name: tree.Path) -> tuple[Symbol, str] | None:
    """The object that a name holds and its kind, if that is certain."""
    answer = evaluate(project, (function.path, function.name), name)
    if not isinstance(answer, Symbol):
        return None
    if answer.kind == "external":
        called = answer.name.removesuffix("()") if answer.name.endswith("()") else ""
        kind = "async-manager" if called in _ASYNC else "manager" if called in _SYNC else ""
        return (answer, kind) if kind else None
    cls = Symbol("class", answer.path, answer.name)
    if answer.kind != "instance" or project[subclasses].get(cls):
        return None
    kind = _of_class(project, cls)
    return (cls, kind) if kind else None


def _fits(kind: str, statement: str) -> bool:
    """Whether a statement can use what has this kind; managers may well be iterable too."""
    return statement in _GIVES[kind].fits or (kind.endswith("manager") and statement.endswith("for"))


def mismatches(project: Project, function: Symbol) -> Iterator[Mismatch]:
    """The certain ones of a function, in source order."""
    facts = function_facts(project, function)
    names = project[protocol_names]
    for call, statement in _uses(facts.body if facts else ()):
        if isinstance(call, tree.Path):
            held = _held(project, function, call)
            if held is not None and not _fits(held[1], statement):
                yield Mismatch(call, held[0], _GIVES[held[1]], statement)
            continue
        if all(_fits(kind, statement) for kind in names.get(getattr(call.func, "last", ""), ())):
            continue
        found = _gives(project, function, call.func) if isinstance(call.func, tree.Path) else None
        if found is not None and not _fits(found[1], statement) and not project[is_replaced, call.func.last]:
            yield Mismatch(call, found[0], _GIVES[found[1]], statement)


def _uses(body: tuple[Node, ...]) -> Iterator[tuple[tree.Call | tree.Path, str]]:
    """The calls in the heads of statements that nobody expects to fail, and the names that `with` enters."""
    stack = list(reversed(body))
    while stack:
        node = stack.pop()
        if isinstance(node, tree.With):
            word = "async with" if node.is_async else "with"
            yield from ((value, word) for value, _ in node.items if isinstance(value, (tree.Call, tree.Path)))
        elif isinstance(node, tree.For) and isinstance(node.iterable, tree.Call):
            yield node.iterable, "async for" if node.is_async else "for"
        if not isinstance(node, tree.ClassDef) and not _catches(node):
            stack.extend(reversed(tuple(tree.children(node))))


def _catches(node: Node) -> bool:
    """Whether that the protocol is the other one is expected."""
    return isinstance(node, tree.Try) and any(
        isinstance(each, tree.Path) and each.last in ("AttributeError", "TypeError")
        for handler in node.handlers
        for each in tree.walk(handler.type)
    )


def _gives(project: Project, function: Symbol, func: tree.Path) -> tuple[Symbol, str] | None:
    """What a call gives, and of what, if that is certain."""
    scope = (function.path, function.name)
    answer = evaluate(project, scope, func)
    if isinstance(answer, Symbol) and answer.kind == "external":
        kind = "async-manager" if answer.name in _ASYNC else "manager" if answer.name in _SYNC else ""
        return (answer, kind) if kind else None
    reached = candidates(project, scope, func)
    kinds = {_first_party(project, each.symbol) for each in reached}
    return (reached[0].symbol, kinds.pop()) if len(kinds) == 1 and "" not in kinds else None


def _first_party(project: Project, symbol: Symbol) -> str:
    if symbol.kind == "class":
        return _of_class(project, symbol)
    module = project.module(symbol.path)
    same = [each for each in module.functions if each.qualname == symbol.name] if module else []
    if len(same) != 1 or same[0].conditional or not same[0].is_generator:
        return ""
    names = decorators(project, symbol.path, same[0])
    if names is None or names - {
        "builtins.staticmethod", "builtins.classmethod", "contextlib.asynccontextmanager", "contextlib.contextmanager",
    }:  # fmt: skip
        return ""
    prefix = "async-" if same[0].is_async else ""
    made = {"contextlib.asynccontextmanager", "contextlib.contextmanager"} & names
    if made and made != {f"contextlib.{prefix.removesuffix('-')}contextmanager"}:
        return ""
    return prefix + ("manager" if made else "generator")


def _of_class(project: Project, symbol: Symbol) -> str:
    """The kind of a class of which every ancestor is known."""
    module = project.module(symbol.path)
    same = [each for each in module.classes if each.qualname == symbol.name] if module else []
    if len(same) != 1 or same[0].conditional or same[0].decorator_codes or same[0].keyword_codes:
        return ""
    if not project[ancestry, symbol].complete or isinstance(project[class_member, (symbol, "__new__")], Symbol):
        return ""
    has = [isinstance(project[class_member, (symbol, name)], Symbol) for name in ("__enter__", "__aenter__")]
    return "" if has[0] == has[1] else "manager" if has[0] else "async-manager"
