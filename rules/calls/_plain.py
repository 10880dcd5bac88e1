"""Which calls certainly give something that cannot be awaited."""

from __future__ import annotations

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.classes import ancestry, class_facts, class_member, function_facts
from cdlint.project.values import evaluate

from ._callables import is_stub
from ._signatures import decorators

_VALUES = (
    tree.Constant, tree.FString, tree.Compare, tree.Sequence, tree.Mapping, tree.Comprehension, tree.Lambda,
)  # fmt: skip
_BUILTIN = frozenset(
    f"builtins.{name}()" for name in ("bool", "bytes", "dict", "float", "int", "list", "set", "str", "tuple")
)
_CHANGING = frozenset(
    {
        "functools.cache", "functools.lru_cache", "functools.lru_cache()", "contextlib.contextmanager",
        "contextlib.asynccontextmanager",
    }
)  # fmt: skip

_RESULT = (
    "all", "fetchall", "fetchone", "first", "mappings", "one", "one_or_none", "partitions", "scalar", "scalar_one",
    "scalar_one_or_none", "scalars", "tuples", "unique", "yield_per",
)  # fmt: skip
_VERBS = frozenset({"delete", "get", "head", "options", "patch", "post", "put", "request", "send"})
_SYNC: dict[str, tuple[str, ...]] = {
    **{
        f"{owner}().{method}()": _RESULT
        for owner in (
            "sqlalchemy.ext.asyncio.AsyncSession", "sqlalchemy.ext.asyncio.AsyncConnection",
            "sqlmodel.ext.asyncio.session.AsyncSession", "sqlalchemy.ext.asyncio.session.AsyncSession",
        )
        for method in ("execute", "scalars", "exec")
    },
    **{
        f"{owner}()": ("add", "add_all", "expunge", "expunge_all")
        for owner in (
            "sqlalchemy.ext.asyncio.AsyncSession", "sqlmodel.ext.asyncio.session.AsyncSession",
            "sqlalchemy.ext.asyncio.session.AsyncSession",
        )
    },
    **{
        f"httpx.AsyncClient().{method}()": ("json", "raise_for_status")
        for method in _VERBS
    },
}  # fmt: skip
"""What asynchronous libraries do without waiting: owner -> methods that give their result at once."""
OPENERS: dict[str, frozenset[str]] = {
    **dict.fromkeys(_RESULT, frozenset({"exec", "execute", "scalars"})),
    **dict.fromkeys(("json", "raise_for_status"), _VERBS),
    **dict.fromkeys(("add", "add_all", "expunge", "expunge_all"), frozenset()),
}
"""Last name of such a method -> what a function that awaits it calls first, if anything."""


def is_sync_outside(answer: Symbol) -> bool:
    """Whether this is a plain method of a well-known asynchronous library."""
    owner, _, name = answer.name.rpartition(".")
    return name in _SYNC.get(owner, ())


def gives_plain(project: Project, function: Symbol) -> bool:
    """Whether calling a first-party function certainly gives something that cannot be awaited."""
    module = project.module(function.path)
    same = [each for each in module.functions if each.qualname == function.name] if module else []
    if len(same) != 1 or same[0].conditional or same[0].is_async or same[0].is_generator:
        return False
    names = decorators(project, function.path, same[0])
    if names is None or names & _CHANGING or "abc.abstractmethod" in names:
        return False
    return not is_stub(same[0]) and all(_is_plain(project, function, each) for each in _returned(same[0]))


def _returned(function: Function) -> list[Node | None]:
    return [node.value for node in function.every(tree.Return)]


def _is_plain(project: Project, function: Symbol, node: Node | None) -> bool:
    if node is None or isinstance(node, _VALUES):
        return True
    if isinstance(node, tree.Unary):
        return node.op == "not" or _is_plain(project, function, node.value)
    if isinstance(node, tree.Conditional):
        return _is_plain(project, function, node.body) and _is_plain(project, function, node.orelse)
    if isinstance(node, tree.Boolean):
        return all(_is_plain(project, function, each) for each in node.values)
    if not isinstance(node, (tree.Path, tree.Call)):
        return False
    if isinstance(node, tree.Path) and not _is_assigned_once(project, function, node):
        return False
    value = evaluate(project, (function.path, function.name), node)
    if not isinstance(value, Symbol):
        return False
    if isinstance(node, tree.Call):
        made = evaluate(project, (function.path, function.name), node.func)
        if not (isinstance(made, Symbol) and (made.kind == "class" or made.name.startswith("builtins."))):
            return False
    if value.kind == "external":
        return value.name in _BUILTIN
    return value.kind == "instance" and _has_no_await(project, Symbol("class", value.path, value.name))


def _is_assigned_once(project: Project, function: Symbol, node: tree.Path) -> bool:
    """Whether a local name is what its one assignment makes, and no annotation only says so."""
    assigned = project[local_assignments, (function.path, function.name)].get(node.text, ())
    facts = function_facts(project, function)
    params = {param.name for param in facts.params} if facts else set()
    return len(assigned) == 1 and assigned[0][1] is None and node.text not in params and _is_made(assigned[0][0])


def _is_made(node: Node | None) -> bool:
    return isinstance(node, (tree.Call, *_VALUES)) and not isinstance(node, tree.Await)


def _has_no_await(project: Project, cls: Symbol) -> bool:
    found = project[ancestry, cls]
    if not found.complete or isinstance(project[class_member, (cls, "__await__")], Symbol):
        return False
    facts = class_facts(project, cls)
    return (
        facts is not None and not facts.decorator_codes and not facts.keyword_codes and "__new__" not in facts.methods
    )
