"""Transactions of Django in coroutines."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.backend.transactions import Transaction
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import function_facts
from cdlint.project.values import evaluate

from ._reach import transactions_in

_ATOMIC = frozenset({"django.db.transaction.atomic", "django.db.transaction.Atomic"})
_ALLOWED = "DJANGO_ALLOW_ASYNC_UNSAFE"


def misused(project: Project, function: Symbol) -> Iterator[Transaction]:
    """The transactions that a coroutine opens, or that are put around it."""
    facts = function_facts(project, function)
    if facts is None or not facts.is_async:
        return
    for each in project[transactions_in, function]:
        found = _is_atomic(project, function, facts, each) and not _is_expected(facts, each)
        if found and not project[allows_everything]:
            yield each


def _is_atomic(project: Project, function: Symbol, facts: Function, each: Transaction) -> bool:
    if each.kind == "function":
        inner = facts.decorators[-1] if facts.decorator_codes else None
        return _means(project, (function.path, function.name.rpartition(".")[0]), inner)
    if each.kind != "block" or each.origin is not None:
        return False
    return any(
        context.at == each.opening.at and _means(project, (function.path, function.name), context)
        for node in facts.nodes
        if isinstance(node, tree.With)
        for context, _ in node.items
    )


def _means(project: Project, scope: tuple[str, str], node: tree.Node | None) -> bool:
    answer = evaluate(project, scope, node.func if isinstance(node, tree.Call) else node)
    return isinstance(answer, Symbol) and answer.name in _ATOMIC


def _is_expected(facts: Function, each: Transaction) -> bool:
    """Whether the code expects that it fails."""
    for node in facts.nodes:
        if isinstance(node, tree.Try) and node.at[:2] <= each.opening.at[:2] <= node.at[2:]:
            for handler in node.handlers:
                if any(getattr(n, "last", "") == "SynchronousOnlyOperation" for n in tree.walk(handler.type)):
                    return True
    return False


def allows_everything(project: Project) -> bool:
    """Whether some code switches off Django's guard against coroutines."""
    return any(project[_allows_in, path] for path in project.paths)


def _allows_in(project: Project, path: str) -> bool:
    module = project.module(path)
    return module is not None and any(each.mentions(_ALLOWED) for each in module.functions)
