"""Errors that are caught inside a transaction of Django, and what the handlers do about them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.transactions import Transaction
from cdlint.facts import tree
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol, Unknown
from cdlint.project.calls import CallSite, sites_in, target
from cdlint.project.classes import function_facts
from cdlint.project.memo import CyclicFact
from cdlint.project.values import evaluate

from ._reach import transactions_in
from ._writes import blocks, spans

_ERRORS = frozenset(
    f"{module}.{name}"
    for module in ("django.db", "django.db.utils", "django.db.models")
    for name in (
        "DatabaseError", "IntegrityError", "DataError", "OperationalError", "ProgrammingError", "InternalError",
        "NotSupportedError", "Error", "InterfaceError",
    )
)  # fmt: skip
_BROAD = frozenset({"builtins.Exception", "builtins.BaseException"})
_WRITES = frozenset({"create", "save", "bulk_create", "update", "delete", "bulk_update"})
"""What breaks the transaction when it fails; `get_or_create` has a savepoint of its own."""
_SAVING = frozenset({"save", "bulk_create"})
_QUERIES = _WRITES | {
    "get", "first", "last", "count", "exists", "get_or_create", "update_or_create", "earliest", "latest",
    "aggregate", "in_bulk", "refresh_from_db",
}  # fmt: skip
_MINDING = ("set_rollback", "get_rollback", "in_atomic_block", "needs_rollback")
"""Who mentions these decides about the transaction by itself. To roll back to a savepoint alone does not mend it."""
_LEAVING = ("raise", "abort", "exit", "fail", "throw", "error_out")
_DEPTH = 3


class Caught(NamedTuple):
    """A handler inside a transaction that catches what a write in its `try` may raise."""

    function: Symbol
    transaction: Transaction
    node: tree.Try
    handler: tree.Handler
    error: str
    """The class that it catches, as written; `""` when it catches all."""
    broad: bool
    writes: tuple[tuple[str, At], ...]
    """What is written in the `try` outside any savepoint: the call and its place."""


def caught(project: Project, function: Symbol) -> tuple[Caught, ...]:
    """The handlers of a function that swallow an error of a write, inside a transaction of its own."""
    regions = [each for each in project[transactions_in, function] if "atomic" in each.how]
    facts = function_facts(project, function) if regions else None
    if facts is None or facts.is_async or any(facts.mentions(word) for word in _MINDING):
        return ()
    found: list[Caught] = []
    savepoint = facts.mentions("savepoint")
    for node in facts.nodes:
        if isinstance(node, tree.Try) and node.handlers:
            holding = [each for each in regions if each.holds(node.at)]
            if holding:
                found.extend(_of_try(project, function, max(holding, key=lambda each: each.inside[:2]), node))
    # What is no database error is dealt with by a savepoint.
    return tuple(each for each in found if not (each.broad and savepoint))


def _of_try(project: Project, function: Symbol, transaction: Transaction, node: tree.Try) -> Iterator[Caught]:
    writes: tuple[tuple[str, At], ...] | None = None
    for handler in node.handlers:
        kinds = tuple(_kinds(project, function, handler.type))
        broad = not kinds or any(name in _BROAD for name, _ in kinds)
        errors = [text for name, text in kinds if name in _ERRORS]
        if not (broad or errors) or not _swallows(project, function, handler):
            continue
        if writes is None:
            writes = tuple(_writes(project, function, node.body, _DEPTH))
        own = writes or (tuple(_said(project, function, node.body)) if errors and not broad else ())
        if own:
            text = errors[0] if errors else next((text for name, text in kinds if name in _BROAD), "")
            yield Caught(function, transaction, node, handler, text, broad, own)


def _kinds(project: Project, function: Symbol, node: Node | None) -> Iterator[tuple[str, str]]:
    """What a handler catches: the dotted name and the name as written."""
    for each in node.items if isinstance(node, tree.Sequence) else (node,) if node is not None else ():
        answer = evaluate(project, (function.path, function.name), each)
        text = each.text if isinstance(each, tree.Path) else ""
        yield (answer.name if isinstance(answer, Symbol) and answer.kind == "external" else "", text)


def _swallows(project: Project, function: Symbol, handler: tree.Handler) -> bool:
    """Whether a handler surely goes on without an error."""
    for node in tree.walk(*handler.body):
        if isinstance(node, tree.Raise):
            return False
        if isinstance(node, tree.Call):
            name = getattr(node.func, "last", "").lower()
            if any(word in name for word in _LEAVING):
                return False
    for site in sites_in(project, (function.path, function.name), *handler.body):
        called = target(project, site.answer)
        facts = function_facts(project, called) if called is not None else None
        if facts is not None and any(isinstance(node, tree.Raise) for node in facts.nodes):
            return False
    return True


def _writes(project: Project, function: Symbol, body: tuple[Node, ...], depth: int) -> Iterator[tuple[str, At]]:
    """The writes that run with these statements outside any transaction or savepoint inside them."""
    regions = project[transactions_in, function]
    inner = [each for each in regions if spans(body, each.opening.at)]
    for site in _sites(project, function, body):
        if any(each.holds(site.at) for each in inner):
            continue
        name = getattr(site.call.func, "last", "")
        called = target(project, site.answer)
        if called is None:
            if name in _WRITES and is_query(site):
                yield name, site.at
        elif depth > 1 and called != function and _may_break(project, called, depth - 1):
            yield called.last, site.at


def _said(project: Project, function: Symbol, body: tuple[Node, ...]) -> Iterator[tuple[str, At]]:
    """The calls that save what is not known: that the handler waits for an error of the database says what they are."""
    regions = project[transactions_in, function]
    inner = [each for each in regions if spans(body, each.opening.at)]
    for site in _sites(project, function, body):
        name = getattr(site.call.func, "last", "")
        if name in _SAVING and isinstance(site.answer, Unknown) and not any(each.holds(site.at) for each in inner):
            yield name, site.at


def _may_break(project: Project, function: Symbol, depth: int) -> bool:
    """Whether a function writes outside any transaction of its own."""
    facts = function_facts(project, function)
    if facts is None or facts.is_async or facts.is_generator or facts.decorator_codes:
        return False
    return not any(isinstance(node, tree.Try) for node in facts.body) and any(
        True for _ in _writes(project, function, facts.body, depth)
    )


def _sites(project: Project, function: Symbol, body: tuple[Node, ...]) -> Iterator[CallSite]:
    try:
        yield from sites_in(project, (function.path, function.name), *body)
    except CyclicFact:
        return


def is_query(site: CallSite) -> bool:
    """Whether a call certainly goes to the database through Django's models."""
    answer = site.answer
    return (
        isinstance(answer, Symbol)
        and answer.kind == "external"
        and answer.name.startswith(("django.db.models.", "django.contrib."))
        and answer.last in _QUERIES
    )


def next_query(project: Project, each: Caught) -> tuple[str, At] | None:
    """The query that runs in the same transaction after the handler has swallowed the error."""
    if any(isinstance(node, tree.Return) for node in tree.walk(*each.handler.body)):
        following: tuple[Node, ...] = each.handler.body
        looped = False
    else:
        following, looped = _after(project, each)
        following = (*each.handler.body, *following)
    for site in _sites(project, each.function, following):
        if is_query(site):
            return getattr(site.call.func, "last", ""), site.at
    return each.writes[0] if looped else None


def _after(project: Project, each: Caught) -> tuple[tuple[Node, ...], bool]:
    """The statements of the transaction that follow the `try`, and whether a loop runs it again."""
    facts = function_facts(project, each.function)
    leaves = any(isinstance(n, tree.Jump) and n.kind == "break" for n in tree.walk(*each.handler.body))
    found: list[Node] = []
    looped = False
    block: tuple[Node, ...] = facts.body if facts is not None else ()
    while True:
        index = next((i for i, node in enumerate(block) if tree.within(each.node.at, node.at)), None)
        if index is None:
            return tuple(found), looped
        node = block[index]
        if each.transaction.holds(node.at):
            found.extend(n for n in block[index + 1 :] if each.transaction.holds(n.at))
            looped |= isinstance(node, (tree.For, tree.While)) and not leaves
        if node == each.node:
            return tuple(found), looped
        block = next((b for b in blocks(node) if spans(b, each.node.at)), ())


def earlier_write(project: Project, each: Caught) -> tuple[str, At] | None:
    """A write of the same transaction that surely ran before the one that failed."""
    facts = function_facts(project, each.function)
    block: tuple[Node, ...] = facts.body if facts is not None else ()
    while block:
        index = next((i for i, node in enumerate(block) if tree.within(each.node.at, node.at)), len(block))
        before = tuple(node for node in block[:index] if each.transaction.holds(node.at) and not blocks(node))
        for name, at in _writes(project, each.function, before, _DEPTH):
            return name, at
        if index == len(block) or block[index] == each.node:
            break
        block = next((b for b in blocks(block[index]) if spans(b, each.node.at)), ())
    plain = tuple(node for node in each.node.body if not blocks(node))
    inside = list(_writes(project, each.function, plain, _DEPTH))
    return inside[0] if len(inside) > 1 else None
