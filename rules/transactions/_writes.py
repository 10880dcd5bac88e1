"""Whether a transaction changes rows on the same path on which something happens in it."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.backend.transactions import Transaction
from cdlint.facts import tree
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import CallSite, callees, sites, sites_in, target
from cdlint.project.classes import function_facts

_ALWAYS = frozenset(
    {
        "save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "delete", "asave",
        "acreate", "abulk_create", "abulk_update", "aget_or_create", "aupdate_or_create", "adelete", "aupdate",
        "add_all", "flush", "bulk_save_objects", "perform_create", "perform_update", "perform_destroy",
    }
)  # fmt: skip
"""Methods that change rows, whatever they are called on, unless that is known to be something else."""
_ON_ROWS = frozenset({"add", "clear", "remove", "set", "update", "execute", "insert", "merge"})
"""Methods that change rows when called on a related manager, a queryset or a session."""
_LIBRARIES = (
    "django.contrib.auth.", "django.db.", "django.forms.", "django.views.", "flask_sqlalchemy.", "rest_framework.",
    "sqlalchemy.", "sqlmodel.",
)  # fmt: skip
_DEPTH = 5


def is_written_on_the_way(project: Project, transaction: Transaction, at: At) -> bool:
    """Whether rows are changed in the transaction before or after the code at a place of it, in the same run."""
    if transaction.kind == "session":
        return True
    facts = function_facts(project, transaction.function)
    inside = _block(facts.body if facts else (), transaction)
    scope = (transaction.function.path, transaction.function.name)
    return any(_writes(project, site) for site in sites_in(project, scope, *_together(inside, at)))


def _block(body: tuple[Node, ...], transaction: Transaction) -> tuple[Node, ...]:
    """The statements of the transaction: the block that its span is of."""
    for block in _all_blocks(body):
        if block and (*block[0].at[:2], *block[-1].at[2:]) == transaction.inside:
            return block
    return ()


def _all_blocks(block: tuple[Node, ...]) -> Iterator[tuple[Node, ...]]:
    yield block
    for statement in block:
        for inner in blocks(statement):
            yield from _all_blocks(inner)


def blocks(statement: Node) -> tuple[tuple[Node, ...], ...]:
    """The blocks directly inside a statement."""
    if isinstance(statement, (tree.If, tree.For, tree.While)):
        return (statement.body, statement.orelse)
    if isinstance(statement, tree.With):
        return (statement.body,)
    if isinstance(statement, tree.Try):
        handlers = tuple(handler.body for handler in statement.handlers)
        return (statement.body, *handlers, statement.orelse, statement.final)
    return tuple(case.body for case in statement.cases) if isinstance(statement, tree.Match) else ()


def _together(block: tuple[Node, ...], at: At) -> list[Node]:
    """The nodes of a block that run in the same run as the code at a place in it."""
    index = next((i for i, each in enumerate(block) if tree.within(at, each.at)), None)
    if index is None:
        return list(block)
    found = list(block[:index])
    statement = block[index]
    inner = next((each for each in blocks(statement) if each and spans(each, at)), None)
    if inner is None:
        found.append(statement)
    else:
        found.extend(_together(inner, at))
    if not _leaves(statement, at):
        found.extend(block[index + 1 :])
    return found


def _leaves(statement: Node, at: At) -> bool:
    """Whether the function is left after the code at this place, before the statements that follow this one."""
    if isinstance(statement, (tree.Return, tree.Raise)):
        return True
    for inner in blocks(statement):
        if inner and spans(inner, at):
            index = next(i for i, each in enumerate(inner) if tree.within(at, each.at))
            after = any(isinstance(each, (tree.Return, tree.Raise)) for each in inner[index + 1 :])
            return after or _leaves(inner[index], at)
    return False


def spans(block: tuple[Node, ...], at: At) -> bool:
    """Whether a place lies in a statement of a block."""
    return any(tree.within(at, each.at) for each in block)


def _writes(project: Project, site: CallSite) -> bool:
    """Whether a call changes rows, itself or through what it runs."""
    called = target(project, site.answer)
    return _is_write(site) if called is None else project[changes_rows, called]


def _is_write(site: CallSite) -> bool:
    func, answer = site.call.func, site.answer
    name = getattr(func, "last", "")
    if name not in _ALWAYS and name not in _ON_ROWS:
        return False
    if isinstance(answer, Symbol):
        return answer.kind == "external" and answer.name.startswith(_LIBRARIES)
    if name in _ALWAYS:
        return isinstance(func, tree.Attribute) or "." in func.text
    return isinstance(func, tree.Attribute) or func.text.count(".") > 1


def changes_rows(project: Project, function: Symbol) -> bool:
    """Whether a function changes rows, itself or through what it calls."""
    frontier, seen = [function], {function}
    for _ in range(_DEPTH):
        following: list[Symbol] = []
        for current in frontier:
            own = project[sites, current]
            if any(target(project, site.answer) is None and _is_write(site) for site in own):
                return True
            following.extend(called for called, _ in project[callees, current] if called not in seen)
        seen.update(following)
        frontier = following
    return False
