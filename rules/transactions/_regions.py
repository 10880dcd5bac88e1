"""Where transactions are open: `with` blocks, decorators, and context managers of the repository that open one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from cdlint.backend.collected import provides
from cdlint.backend.transactions import Opener, Transaction, openers, transactions
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol
from cdlint.project.calls import called_names
from cdlint.project.classes import function_facts
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._effects import TASK_MAKERS

_MANAGERS = frozenset({"contextlib.contextmanager", "contextlib.asynccontextmanager"})
_ENTERING = ("__enter__", "__aenter__")
_ROUNDS = 3


class Origin(NamedTuple):
    """Where a context manager of the repository opens its transaction, and on which database."""

    at: Location
    database: str | None


class Known(NamedTuple):
    """All that opens a transaction: what is outside, and generator functions and classes of the repository."""

    outside: dict[str, Opener]
    own: dict[Symbol, Origin]

    @property
    def names(self) -> frozenset[str]:
        """The last names of which a function must mention one to open a transaction."""
        return frozenset([*(name.rpartition(".")[2] for name in self.outside), *(each.last for each in self.own)])


def known_openers(project: Project) -> Known:
    """What packs name, and the context managers of the repository that use it, in a few rounds."""
    known = Known({each.name: each for each in project[openers]}, {})
    for _ in range(_ROUNDS):
        fresh = {
            symbol: origin
            for path in project.paths
            for function in _mentioning(project, path, known.names)
            for symbol, origin in _own_openers(project, function, known)
            if symbol not in known.own
        }
        if not fresh:
            break
        known = known._replace(own={**known.own, **fresh})
    return known


@provides(transactions)
def opened_transactions(project: Project) -> tuple[Transaction, ...]:
    """The regions of all functions that serve, tests and examples left out."""
    return tuple(each for path in project.paths for each in project[_opened_in, path])


def _opened_in(project: Project, path: str) -> tuple[Transaction, ...]:
    known = project[known_openers]
    found: list[Transaction] = []
    for function in _mentioning(project, path, known.names):
        facts = function_facts(project, function)
        if facts is not None:
            found.extend(_by_decorator(project, function, facts, known))
            found.extend(_by_block(project, function, facts, known))
    return tuple(found)


def _mentioning(project: Project, path: str, names: frozenset[str]) -> Iterator[Symbol]:
    """The functions of a file that call something of these names, are decorated with it or take it."""
    aside = is_aside(path) or names.isdisjoint(project[called_names, path])
    module = None if aside else project.module(path)
    for function in module.functions if module else ():
        called = not names.isdisjoint(function.lasts)
        codes = (*function.decorator_codes, *(param.annotation_code for param in function.params))
        if called or any(_mentions(code, names) for code in codes if code is not None):
            yield Symbol("function", path, function.qualname)


def _mentions(code: Any, names: frozenset[str]) -> bool:
    """Whether an encoded expression has a word of these in it."""
    if isinstance(code, tuple):
        return any(_mentions(part, names) for part in code)
    return isinstance(code, str) and code.rpartition(".")[2] in names


def _own_openers(project: Project, function: Symbol, known: Known) -> Iterator[tuple[Symbol, Origin]]:
    facts = function_facts(project, function)
    if facts is None:
        return
    scope = (function.path, function.name.rpartition(".")[0])
    if facts.is_generator and any(_name(evaluate(project, scope, each)) in _MANAGERS for each in facts.decorators):
        for region in _by_block(project, function, facts, known):
            if any(isinstance(node, tree.Yield) and region.holds(node.at) for node in facts.nodes):
                yield function, Origin(region.opening, region.database)
                return
    if facts.owner and facts.name in _ENTERING:
        for call in facts.call_nodes:
            if _opener(project, (function.path, function.name), call, known) is not None:
                origin = Origin(Location(function.path, call.at), _database(call))
                yield Symbol("class", function.path, facts.owner), origin
                return


def _name(answer: Answer) -> str:
    return answer.name if isinstance(answer, Symbol) and answer.kind == "external" else ""


def _opener(project: Project, scope: tuple[str, str], made: Node | None, known: Known) -> Symbol | None:
    """What opens a transaction when this expression, the context of a `with`, is entered; None if nothing does."""
    if isinstance(made, tree.Call):
        answer = evaluate(project, scope, made.func)
        if isinstance(answer, Symbol) and (_name(answer) in known.outside or answer in known.own):
            return answer
    elif isinstance(made, tree.Path) and known.own:
        answer = evaluate(project, scope, made)
        cls = Symbol("class", answer.path, answer.name) if isinstance(answer, Symbol) else None
        if isinstance(answer, Symbol) and answer.kind == "instance" and cls in known.own:
            return cls
    return None


def _by_block(project: Project, function: Symbol, facts: Function, known: Known) -> Iterator[Transaction]:
    for node in facts.nodes:
        if not isinstance(node, tree.With) or not node.body:
            continue
        for context, _ in node.items:
            opener = _opener(project, (function.path, function.name), context, known)
            if opener is not None:
                inside = (*node.body[0].at[:2], *node.body[-1].at[2:])
                yield _transaction(function, "block", inside, context, opener, known)
                break


def _by_decorator(project: Project, function: Symbol, facts: Function, known: Known) -> Iterator[Transaction]:
    scope = (function.path, function.name.rpartition(".")[0])
    for index, decorator in enumerate(facts.decorators):
        for opener, made in _decorating(project, scope, decorator, known):
            if facts.body and not any(_makes_task(project, scope, each) for each in facts.decorators[index + 1 :]):
                inside = (*facts.body[0].at[:2], *facts.body[-1].at[2:])
                yield _transaction(function, "function", inside, made, opener, known)
            return


def _makes_task(project: Project, scope: tuple[str, str], decorator: Node) -> bool:
    """Whether a decorator registers a function with Celery, whose workers run nothing of what is put around it."""
    name = _name(evaluate(project, scope, decorator.func if isinstance(decorator, tree.Call) else decorator))
    return name.startswith("celery.") and name in TASK_MAKERS


def _decorating(
    project: Project, scope: tuple[str, str], decorator: Node, known: Known
) -> Iterator[tuple[Symbol, Node]]:
    """What opens a transaction around each call of a function with this decorator, and the code that says so."""
    answer = evaluate(project, scope, decorator.func if isinstance(decorator, tree.Call) else decorator)
    if not isinstance(answer, Symbol):
        return
    opener = known.outside.get(_name(answer))
    if opener is not None:
        if opener.decorates:
            yield answer, decorator
    elif isinstance(decorator, tree.Call) and answer.kind == "function" and answer in known.own:
        yield answer, decorator
    elif isinstance(decorator, tree.Call) and decorator.args:
        inner = decorator.args[0]
        adapted = evaluate(project, scope, inner.func if isinstance(inner, tree.Call) else inner)
        opener = known.outside.get(_name(adapted))
        if opener is not None and isinstance(adapted, Symbol) and answer.name in opener.adapters:
            yield adapted, inner


def _transaction(function: Symbol, kind: str, inside: tree.At, made: Node, opener: Symbol, known: Known) -> Transaction:
    opening = Location(function.path, made.at)
    origin = known.own.get(opener)
    if origin is not None:
        return Transaction(function, kind, inside, opening, _written(made), origin.at, origin.database)
    return Transaction(function, kind, inside, opening, _written(made), None, _database(made))


def _database(made: Node) -> str | None:
    """The database that `using=` names: `""` when there is none, None when it is computed."""
    using = made.argument(0, "using") if isinstance(made, tree.Call) else None
    if using is None:
        return ""
    return str(using.value) if isinstance(using, tree.Constant) else None


def _written(made: Node) -> str:
    if isinstance(made, tree.Call):
        return f"{made.func.text}()" if isinstance(made.func, tree.Path) else "with"
    return made.text if isinstance(made, tree.Path) else "with"
