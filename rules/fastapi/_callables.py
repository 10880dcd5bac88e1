"""What `Depends` is given that cannot be called, and where a marker is used as if it were its value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Absent, Answer, Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.classes import ancestry, class_facts, class_member, function_facts
from cdlint.project.places import is_aside
from cdlint.project.values import Scope, evaluate

from ._given import DEPENDS, dependings, func_of, imports_it, inner_functions, is_used

_PLAIN = frozenset(
    {
        "builtins.bool()", "builtins.bytes()", "builtins.dict()", "builtins.int()", "builtins.list()",
        "builtins.str()", "sqlalchemy.ext.asyncio.AsyncSession()", "sqlalchemy.orm.Session()",
        "sqlalchemy.orm.session.Session()", "sqlmodel.Session()", "sqlalchemy.orm.sessionmaker()()",
        "sqlalchemy.ext.asyncio.async_sessionmaker()()",
    }
)  # fmt: skip
_DATA = frozenset({"pydantic.BaseModel", "pydantic.main.BaseModel", "pydantic_settings.BaseSettings",
                   "sqlmodel.SQLModel"})  # fmt: skip
_KEPT = frozenset({"lru_cache", "cache", "staticmethod", "classmethod"})


class Wrong(NamedTuple):
    """`kind`: `given` (it is no callable), `read` (a marker in a variable) or `default` (a call that leaves it out)."""

    path: str
    scope: str
    at: At
    kind: str
    what: str
    why: str
    origin: tuple[str, At] | None


def wrong(project: Project) -> tuple[Wrong, ...]:
    """All of them, by file."""
    if not project[is_used]:
        return ()
    return tuple(each for path in project.paths if not is_aside(path) for each in project[wrong_in, path])


def wrong_in(project: Project, path: str) -> tuple[Wrong, ...]:
    """Those of a file."""
    found: list[Wrong] = []
    for scope, call in project[dependings, path]:
        inner = call.args[0] if call.args else call.keyword("dependency")
        why = _not_callable(project, scope, inner) if inner is not None else ""
        if inner is not None and why:
            found.append(Wrong(path, scope[1], inner.at, "given", written(inner), why, None))
    module = project.module(path)
    for function in module.functions[1:] if module is not None else ():
        if project[imports_it, path] and any(call.endswith(("Depends", "Security")) for call in function.calls):
            found.extend(_read(project, path, function))
        found.extend(_left_out(project, path, function))
    return tuple(sorted(found, key=lambda each: each.at))


def written(node: Node) -> str:
    """An expression as its code says it, arguments left out."""
    if isinstance(node, tree.Call):
        return f"{written(node.func)}()"
    if isinstance(node, tree.Constant):
        return repr(node.value)
    return str(getattr(node, "text", "..."))


def _not_callable(project: Project, scope: Scope, node: Node) -> str:
    """What a dependency is, if it is certainly nothing that can be called; else `""`."""
    if isinstance(node, tree.Constant):
        return f"a `{type(node.value).__name__}`" if node.value is not None and node.value is not ... else ""
    if isinstance(node, tree.Call):
        called = evaluate(project, scope, node.func)
        facts = function_facts(project, called) if isinstance(called, Symbol) else None
        if facts is not None and not facts.decorator_codes and (facts.is_async or facts.is_generator):
            return "a generator" if facts.is_generator else "a coroutine"
        if facts is not None and (facts.returns_code is None or _makes_function(project, called, facts)):
            return ""
        if facts is not None and not {getattr(func_of(each), "last", "") for each in facts.decorators} <= _KEPT:
            return ""
    if not isinstance(node, (tree.Call, tree.Path)):
        return ""
    return _object(project, evaluate(project, scope, node))


def _makes_function(project: Project, called: Answer, facts: Function) -> bool:
    """Whether a function returns one that it defines, whatever it says that it returns."""
    made = {each.name for each in inner_functions(project, called)}
    return any(getattr(node.value, "text", "") in made for node in facts.every(tree.Return))


def _object(project: Project, answer: Answer) -> str:
    if not isinstance(answer, Symbol):
        return ""
    if answer.kind == "external":
        return (
            f"an instance of `{answer.name[:-2].rpartition('.')[2].removesuffix('()')}`"
            if answer.name in _PLAIN
            else ""
        )
    if answer.kind != "instance":
        return ""
    cls = Symbol("class", answer.path, answer.name)
    member = project[class_member, (cls, "__call__")]
    above = project[ancestry, cls]
    closed = not above.unknown and set(above.external) <= _DATA and above.external
    facts = class_facts(project, cls)
    decorated = facts is None or any(getattr(func_of(each), "last", "") != "dataclass" for each in facts.decorators)
    own = any("__call__" in each.methods for s in above.first_party if (each := class_facts(project, s)) is not None)
    if decorated or own or not (isinstance(member, Absent) or closed):
        return ""
    return f"an instance of `{cls.last}`"


def _read(project: Project, path: str, function: Function) -> Iterator[Wrong]:
    """`db = Depends(get_db)` in a body, and `db.query` after it."""
    scope = (path, function.qualname)
    for name, values in project[local_assignments, scope].items():
        value = values[0][0] if len(values) == 1 else None
        if not isinstance(value, tree.Call) or not _is_marker(project, scope, value):
            continue
        used = next(
            (node for node in function.nodes if isinstance(node, tree.Path) and node.text.startswith(f"{name}.")),
            None,
        )
        if used is not None:
            yield Wrong(path, function.qualname, value.at, "read", name, used.text, (path, used.at))


def _is_marker(project: Project, scope: Scope, call: tree.Call) -> bool:
    if getattr(call.func, "last", "") not in ("Depends", "Security"):
        return False
    answer = evaluate(project, scope, call.func)
    return isinstance(answer, Symbol) and answer.name in DEPENDS


# Calls that leave a dependency out


def with_defaults(project: Project) -> dict[str, tuple[tuple[Symbol, tuple[str, ...]], ...]]:
    """Last name -> the functions with parameters that default to a marker and are read from, with those."""
    found: dict[str, list[tuple[Symbol, tuple[str, ...]]]] = {}
    for path in project.paths:
        for symbol, names in project[_with_defaults_in, path] if not is_aside(path) else ():
            found.setdefault(symbol.last, []).append((symbol, names))
    return {name: tuple(each) for name, each in found.items()}


def _with_defaults_in(project: Project, path: str) -> tuple[tuple[Symbol, tuple[str, ...]], ...]:
    module = project.module(path) if project[imports_it, path] else None
    found = []
    for function in module.functions[1:] if module is not None else ():
        names = [
            param.name
            for param in function.params
            if isinstance(param.default, tree.Call)
            and _is_marker(project, (path, function.qualname.rpartition(".")[0]), param.default)
            and function.paths_from(param.name)
        ]
        if names and function.name != "__init__":
            found.append((Symbol("function", path, function.qualname), tuple(names)))
    return tuple(found)


def _left_out(project: Project, path: str, function: Function) -> Iterator[Wrong]:
    """Calls of such a function by code, which get the marker itself."""
    known = project[with_defaults]
    wanted = {call for call in function.calls if call[call.rfind(".") + 1 :] in known}
    for call in function.call_nodes if wanted else ():
        if not isinstance(call.func, tree.Path) or call.func.text not in wanted:
            continue
        answer = evaluate(project, (path, function.qualname), call.func)
        for symbol, names in known[call.func.last]:
            missing = _missing(project, symbol, names, call) if answer == symbol else ""
            if missing:
                facts = function_facts(project, symbol)
                origin = (symbol.path, facts.at) if facts is not None else None
                yield Wrong(path, function.qualname, call.at, "default", missing, symbol.last, origin)


def _missing(project: Project, symbol: Symbol, names: tuple[str, ...], call: tree.Call) -> str:
    """The first of these parameters that a call does not give."""
    facts = function_facts(project, symbol)
    if facts is None or facts.decorator_codes or any(keyword.name is None for keyword in call.keywords):
        return ""
    if any(isinstance(each, tree.Starred) for each in call.args):
        return ""
    params = [each.name for each in facts.params if each.kind in ("positional", "positional-only")]
    params = params[1:] if facts.owner else params
    given = {*params[: len(call.args)], *(keyword.name for keyword in call.keywords)}
    return next((name for name in names if name not in given), "")
