"""Work that belongs together and is committed in pieces, with something in between that may fail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.calls import CallSite, calling, sites, target
from cdlint.project.classes import ancestry, class_facts, function_facts
from cdlint.project.effects import effects, site_effect
from cdlint.project.places import is_aside

from ._commits import is_commit
from ._locking import is_open, is_switched, way
from ._reach import transactions_of
from ._saves import CREATING, SAVING
from ._units import Unit, committing, kept, models, saving
from ._writes import spans

_ASIDE = frozenset(
    {
        "script", "scripts", "command", "commands", "management", "migration", "migrations", "migrate", "versions",
        "alembic", "task", "tasks", "job", "jobs", "worker", "workers", "cli", "cron", "seed", "seeds", "seeder",
        "seeding", "fixture", "fixtures", "populate", "demo",
    }
)  # fmt: skip
"""Code that is run by hand or again until it goes through, by the words of its file's and its own name."""
_BESIDE = frozenset(
    {
        "log", "logs", "audit", "audits", "event", "events", "history", "histories", "activity", "activities",
        "notification", "notifications", "metric", "metrics", "stat", "stats", "statistic", "statistics", "trace",
        "outbox", "session", "sessions", "token", "tokens", "cache", "otp", "login", "logins", "attempt", "attempts",
        "visit", "visits",
    }
)  # fmt: skip
"""Rows that may well stay without the others, by the words of their model's name.

Where the model is not known, what writes it stands for it: a repository and the name that holds it."""
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_APART = re.compile(r"[/_.]")
_MENDING = re.compile(
    r"delete|remove|undo|compensat|cancel|refund|revert|restore|release|fail|cleanup|clean_up|discard"
)
_LOOKUPS = frozenset({"get_object_or_404", "aget_object_or_404"})
_HOOKS = frozenset({"create", "update", "post", "put", "patch", "perform_create", "perform_update"})
_DEPTH = 3
_LEAVING = frozenset({"network", "mail", "enqueue", "process", "sleep"})


class Split(NamedTuple):
    """Two units of one function; `by` is `key` when the second needs the first's row, `refusal` when it may raise."""

    function: Symbol
    first: Unit
    second: Unit
    by: str


def splits(project: Project) -> tuple[Split, ...]:
    """One a function, by file and place."""
    if not project[committing] and not project[saving]:
        return ()
    return tuple(found for path in project.paths for each in project[_using, path] for found in _split(project, each))


def _using(project: Project, path: str) -> tuple[Symbol, ...]:
    """The functions that may commit more than once."""
    module = project.module(path)
    if module is None or is_aside(path) or _is_run_by_hand(path):
        return ()
    names = project[committing]
    makes = project[saving]
    found = []
    for each in calling(project, path, names | makes):
        lasts = [call[call.rfind(".") + 1 :] for call in each.calls]
        commits = names and (sum(last in names for last in lasts) > 1 or each.body_code.count(b".commit") > 1)
        stops = makes and sum(last in makes for last in lasts) > 1 and _may_stop(each, lasts)
        if each.qualname and (commits or stops):
            found.append(Symbol("function", path, each.qualname))
    return tuple(found)


def _may_stop(function: Function, lasts: list[str]) -> bool:
    """Whether a function makes a row by Django and may end, or goes on in a loop, before it makes another."""
    creates = any(call.endswith(CREATING) for call in function.calls)
    if not creates and (SAVING.isdisjoint(lasts) or not any(last[:1].isupper() for last in lasts)):
        return False
    return not _LOOKUPS.isdisjoint(lasts) or function.holds(tree.Raise) or function.holds(tree.For)


def _split(project: Project, function: Symbol) -> Iterator[Split]:
    facts = function_facts(project, function)
    if facts is None or _is_run_by_hand(function.name.lower()):
        return
    for first, second, refuses in project[kept, function].pairs:
        by = _bond(project, function, first, second, refuses)
        if first.at_once and not (by == "key" and _is_served(project, function, facts, first, second, refuses)):
            continue
        if by and not _is_minded(project, function, facts, first, second):
            yield Split(function, first, second, by)
            return


def _bond(project: Project, function: Symbol, first: Unit, second: Unit, refuses: bool) -> str:
    """What says that two units belong together, `""` when nothing does."""
    if any(_is_beside(project, unit) for unit in (first, second)):
        return ""
    names = {row.name for row in first.rows if row.name}
    if not second.rows or all(row.name in names for row in second.rows if row.name or row.of):
        return ""
    told = {row.of for row in first.rows}, {row.of for row in second.rows}
    if not all(told[0]) or not all(told[1]) or not told[0].isdisjoint(told[1]):
        return ""
    derived = _derived(project, function, names)
    if all(row.fresh for row in (*first.rows, *second.rows)) and not derived.isdisjoint(second.uses):
        return "key"
    return "refusal" if refuses and all(row.fresh for row in first.rows) else ""


def _is_served(project: Project, function: Symbol, facts: Function, first: Unit, second: Unit, refuses: bool) -> bool:
    """Whether a request runs a function without a transaction around it, and it may stop between two writes."""
    asks = any(first.at < call.at < second.at and _asks(call) for call in facts.call_nodes)
    loops = any(
        isinstance(node, tree.For) and spans(node.body, second.at) and not spans(node.body, first.at)
        for node in facts.nodes
    )
    if not (refuses or asks or loops) or project[is_switched] or not is_open(project, function):
        return False
    return way(project, function, _DEPTH) is not None or _is_of_framework(project, function, facts)


def _asks(call: tree.Call) -> bool:
    """Whether a call looks a row up and raises when it is not there."""
    last = getattr(call.func, "last", "")
    return last in _LOOKUPS or (
        last in ("get", "aget") and (isinstance(call.func, tree.Attribute) or ".objects." in call.func.text)
    )


def _is_of_framework(project: Project, function: Symbol, facts: Function) -> bool:
    """Whether a function is a method that the REST framework calls, in classes that no transaction is around."""
    if not facts.owner or facts.name not in _HOOKS:
        return False
    above = project[ancestry, Symbol("class", function.path, facts.owner)]
    if above.unknown or not above.external or not all(name.startswith("rest_framework.") for name in above.external):
        return False
    if any(_is_around(project, each, facts.owner) for each in project[transactions_of]):
        return False
    owners = [class_facts(project, each) for each in above.first_party]
    return all(each is not None and not each.decorator_codes and "dispatch" not in each.methods for each in owners)


def _is_around(project: Project, function: Symbol, cls: str) -> bool:
    """Whether a function with a transaction in it may run what a serializer or view of this name is asked to save."""
    facts = function_facts(project, function)
    if facts is None:
        return False
    handed_on = (f"?.{facts.name}",) if facts.name in _HOOKS else ()
    endings = (".get_serializer", ".perform_create", ".perform_update", *handed_on)
    return facts.mentions(cls.rpartition(".")[2]) or any(call.endswith(endings) for call in facts.calls)


def _is_run_by_hand(name: str) -> bool:
    """Whether a path or name says that it is of a script, a job or the like."""
    return not _ASIDE.isdisjoint(_APART.split(name))


def _is_beside(project: Project, unit: Unit) -> bool:
    known = {each.last for each in project[models]}
    holder = "" if unit.what.endswith((".commit()", ".begin()")) else unit.what.rpartition(".")[0].rpartition(".")[2]
    names = (name for row in unit.rows for name in ((row.of,) if row.of in known else (row.of, holder)))
    return any(word.lower() in _BESIDE for name in names for word in _WORD.findall(name))


def _derived(project: Project, function: Symbol, names: set[str]) -> set[str]:
    """The local names that are made of these, and they themselves."""
    found = set(names)
    for name, values in project[local_assignments, (function.path, function.name)].items():
        for value, _ in values:
            if any(isinstance(each, tree.Path) and each.root in names for each in tree.walk(value)):
                found.add(name)
    return found


def _is_minded(project: Project, function: Symbol, facts: Function, first: Unit, second: Unit) -> bool:
    """Whether the code shows that the pieces are meant to be apart, or takes care of the first itself."""
    given = project[local_assignments, (function.path, function.name)]
    for name in {row.name for row in first.rows if row.name}:
        if sum(value is not None for value, _ in given.get(name, ())) > 1:
            return True
    for node in facts.nodes:
        if isinstance(node, tree.Try) and node.handlers and spans(node.body, second.at):
            if not spans(node.body, first.at) or any(_mends(each.body) for each in node.handlers):
                return True
        elif isinstance(node, (tree.For, tree.While)):
            if spans(node.body, first.at):
                return True
        elif isinstance(node, tree.With) and _commits_at_its_end(node) and spans(node.body, second.at):
            return True
    return any(_leaves(project, function, site) for site in project[sites, function] if first.at <= site.at < second.at)


def _commits_at_its_end(block: tree.With) -> bool:
    return any(isinstance(each, tree.Call) and is_commit(getattr(each.func, "last", "")) for each, _ in block.items)


def _leaves(project: Project, function: Symbol, site: CallSite) -> bool:
    """Whether a call reaches something outside that a transaction had better not wait for."""
    direct = site_effect(project, function.path, site)
    if direct is not None:
        return direct.kind in _LEAVING
    called = target(project, site.answer)
    return called is not None and any(each.kind in _LEAVING for each in project[effects, called])


def _mends(body: tuple[Node, ...]) -> bool:
    """Whether a handler undoes something, or notes in a row that it failed."""
    return any(_MENDING.search(getattr(call.func, "last", "")) for call in tree.calls(*body)) or any(
        isinstance(node, tree.Assign) and "." in getattr(node.targets[0], "text", "") for node in tree.walk(*body)
    )
