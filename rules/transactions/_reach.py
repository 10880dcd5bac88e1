"""What code inside a transaction reaches, through calls: the outside calls with an effect that stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from cdlint.backend.transactions import Transaction, transactions
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import CallSite, sites, target
from cdlint.project.classes import function_facts, functions_of
from cdlint.project.effects import DEPTH, Step, effect_of
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate

from ._switches import is_off, left_out
from ._writes import blocks

_DEFERRING = frozenset({"on_commit", "delay_on_commit", "apply_async_on_commit", "after_commit", "run_after_commit"})
_COMMITTING = frozenset({"commit", "set_autocommit"})
_QUEUED = frozenset({"task", "db_task", "job", "background", "actor", "shared_task", "periodic_task"})
_AT_ONCE = ("celery.", "rq.", "django_rq.", "dramatiq.")
"""The packages whose tasks run at once when they are called as functions."""
_DELAYED = ("countdown", "eta")
Entered: TypeAlias = tuple[Symbol, frozenset[str]]
"""A function that is called, and its parameters that the call leaves off."""


class Reached(NamedTuple):
    """An outside call that is reached; `chain` ends with it, `call` is its own node."""

    kind: str
    name: str
    call: tree.Call
    chain: tuple[Step, ...]


class Leak(NamedTuple):
    """A call inside a transaction through which an outside call is reached."""

    transaction: Transaction
    at: tree.At
    reached: Reached


def transactions_of(project: Project) -> dict[Symbol, tuple[Transaction, ...]]:
    """Function -> the transactions that are open in parts of it."""
    found: dict[Symbol, list[Transaction]] = {}
    for each in project[transactions]:
        found.setdefault(each.function, []).append(each)
    return {function: tuple(each) for function, each in found.items()}


def transactions_in(project: Project, function: Symbol) -> tuple[Transaction, ...]:
    """Those that are open in parts of one function, so that what is known of it does not depend on all others."""
    return project[transactions_of].get(function, ())


def transacting(project: Project) -> tuple[Symbol, ...]:
    """The functions in which a transaction is open somewhere, by file and name."""
    return tuple(sorted(project[transactions_of]))


def leaks(project: Project, function: Symbol, effects: frozenset[str], regions: frozenset[str]) -> Iterator[Leak]:
    """What the transactions of these kinds in a function reach, once per outside call and transaction."""
    if not function.name:
        # A module's own code with a transaction is a script's: one user, who waits anyway.
        return
    open_here = [each for each in project[transactions_in, function] if each.kind in regions]
    seen: set[tuple[Transaction, tuple[str, tree.At]]] = set()
    over = project[rolled_back, function] if open_here else ()
    for site in project[sites, function] if open_here else ():
        holding = [each for each in open_here if each.holds(site.at)]
        if not holding or any(tree.within(site.at, each) for each in over):
            continue
        transaction = max(holding, key=lambda each: (each.inside[:2], each.kind))
        for reached in _from_site(project, function, site):
            key = (transaction, (reached.chain[-1].path, reached.call.at))
            if reached.kind in effects and key not in seen:
                seen.add(key)
                yield Leak(transaction, site.at, reached)
                break


def rolled_back(project: Project, function: Symbol) -> tuple[tree.At, ...]:
    """What stands in the same block behind a statement that rolls back."""
    facts = function_facts(project, function)
    if facts is None or "rollback" not in facts.lasts:
        return ()
    every = [facts.body, *(block for node in facts.nodes for block in blocks(node))]
    return tuple((*each.at[2:], *block[-1].at[2:]) for block in every for each in block[:-1] if _rolls_back(each))


def _rolls_back(statement: Node) -> bool:
    call = statement.value if isinstance(statement, tree.Expression) else None
    call = call.value if isinstance(call, tree.Await) else call
    return isinstance(call, tree.Call) and getattr(call.func, "last", "") == "rollback" and not call.args


def _from_site(project: Project, function: Symbol, site: CallSite) -> Iterator[Reached]:
    direct = _direct(project, function.path, site)
    if direct is not None:
        yield direct
        return
    called = _followed(project, site)
    if called is not None:
        step = Step(function.path, site.at, called[0].name)
        for reached in project[reach, called]:
            yield reached._replace(chain=(step, *reached.chain))


def reach(project: Project, start: Entered) -> tuple[Reached, ...]:
    """The outside calls that running a function reaches, nearest first, then in source order.

    What runs in a transaction that the function opens itself is left out: it is reported there.
    """
    found: list[Reached] = []
    frontier: list[tuple[Entered, tuple[Step, ...]]] = [(start, ())]
    seen = {start}
    for _ in range(DEPTH):
        following: list[tuple[Entered, tuple[Step, ...]]] = []
        for current, chain in frontier:
            direct, called = project[steps, current]
            found.extend(each._replace(chain=(*chain, *each.chain)) for each in direct)
            for entered, at in called:
                if entered not in seen:
                    seen.add(entered)
                    following.append((entered, (*chain, Step(current[0].path, at, entered[0].name))))
        frontier = following
    return tuple(found)


def steps(project: Project, entered: Entered) -> tuple[tuple[Reached, ...], tuple[tuple[Entered, tree.At], ...]]:
    """The outside calls of a function's own code and the functions that it runs, outside its own transactions."""
    function, off = entered
    facts = function_facts(project, function)
    if facts is None or is_aside(function.path) or _minds_transactions(facts):
        return (), ()
    own = project[transactions_in, function]
    direct: list[Reached] = []
    called: dict[Entered, tree.At] = {}
    for site in project[sites, function]:
        if any(each.holds(site.at) for each in own) or is_off(facts, site.at, off):
            continue
        reached = _direct(project, function.path, site)
        if reached is not None:
            direct.append(reached)
            continue
        followed = _followed(project, site)
        if followed is not None and followed[0] != function:
            called.setdefault(followed, site.at)
    return tuple(direct), tuple(called.items())


def _minds_transactions(facts: Function) -> bool:
    """Whether a function ends the transaction, or asks whether it is in one and acts accordingly."""
    return not _COMMITTING.isdisjoint(facts.lasts) or facts.mentions("in_atomic_block")


def _direct(project: Project, path: str, site: CallSite) -> Reached | None:
    kind = effect_of(project, site.answer)
    if not kind or not isinstance(site.answer, Symbol):
        return None
    if kind == "enqueue" and not _carries(site.call):
        return None
    return Reached(kind, site.answer.name, site.call, (Step(path, site.at, site.answer.name),))


def _carries(call: tree.Call) -> bool:
    """Whether a task is given something that is not a constant, and is meant to start soon."""
    if any(keyword.name in _DELAYED for keyword in call.keywords):
        return False
    inside = call.func.value if isinstance(call.func, tree.Attribute) else None
    given: list[Node] = [*call.args, *(keyword.value for keyword in call.keywords)]
    given.extend(each for made in tree.calls(inside) for each in (*made.args, *(k.value for k in made.keywords)))
    return any(not isinstance(node, (tree.Constant, tree.Sequence, tree.Mapping)) for node in _leaves(given))


def _leaves(nodes: list[Node]) -> Iterator[Node]:
    for node in nodes:
        if isinstance(node, tree.Sequence):
            yield from _leaves(list(node.items))
        elif isinstance(node, tree.Mapping):
            yield from _leaves([value for _, value in node.items])
        else:
            yield node


def _followed(project: Project, site: CallSite) -> Entered | None:
    """The first-party function whose body certainly runs at once when this call runs."""
    called = target(project, site.answer)
    facts = function_facts(project, called) if called is not None else None
    if called is None or facts is None:
        return None
    if facts.is_async and not (site.awaited or facts.is_generator):
        return None
    return None if project[_is_deferred, called] else (called, left_out(facts, site.call))


def _is_deferred(project: Project, function: Symbol) -> bool:
    facts = function_facts(project, function)
    return facts is not None and any(_defers(project, function, each) for each in facts.decorators)


def _defers(project: Project, function: Symbol, decorator: Node) -> bool:
    """Whether a decorator makes a call do something else than run the function at once."""
    func = decorator.func if isinstance(decorator, tree.Call) else decorator
    answer = evaluate(project, (function.path, function.name.rpartition(".")[0]), func)
    if not isinstance(answer, Symbol):
        return True
    if answer.kind == "external":
        return answer.last in _DEFERRING or (answer.last in _QUEUED and not answer.name.startswith(_AT_ONCE))
    own = project[functions_of, answer.path]
    inside = [each for name, each in own.items() if name == answer.name or name.startswith(f"{answer.name}.")]
    return any(
        call.rpartition(".")[2] in _DEFERRING | {"delay", "apply_async"} for each in inside for call in each.calls
    )
