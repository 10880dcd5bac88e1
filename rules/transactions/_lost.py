"""Writes that nobody commits: from a handler or from whoever made the session, through all that it calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.sessions import dealings, dealings_in
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import function_facts
from cdlint.rule import Location

from ._commits import commits_around, may_commit
from ._pending import Left, Pending, left_pending
from ._roots import Providers, autocommits, ended_everywhere, handlers, makers, providers, unit_users


class Lost(NamedTuple):
    """A write that is gone when its session closes."""

    root: Symbol
    """Who could commit last: the handler, or the function that made the session."""
    write: Pending
    at: Location
    """The flush that follows the write, or else the write; the call in the root if others commit what it writes,
    or if it is the root's unit of work that should."""
    what: str
    provider: Symbol | None
    """What gave the handler its session."""
    others: tuple[Location, ...] = ()
    """What else the root writes and nobody commits."""


def lost(project: Project) -> tuple[Lost, ...]:
    """One for each root, at its last write; a write that several roots lose is there once."""
    if not project[dealings] or project[autocommits]:
        return ()
    left = {root: project[left_pending, root] for root in _roots(project)}
    ended = frozenset(leaf for each in left.values() for leaf in each.ended)
    lost_by = {root: tuple(_of_root(project, root, each, ended)) for root, each in left.items()}
    # Who runs a function that makes the session itself has nothing to commit.
    below = [(root, one.write.leaf) for root in project[makers] for one in lost_by.get(root, ())]
    made = frozenset((root.name, leaf) for root, leaf in below)
    found: dict[Location, Lost] = {}
    for root, each in lost_by.items():
        maker = root in project[makers]
        own = (one for one in each if maker or not any((s.callee, one.write.leaf) in made for s in one.write.chain))
        mine = sorted(own, key=_order)
        if mine:
            # One commit mends them all, after the last.
            others = tuple(one.write.leaf for one in mine[:-1])
            found.setdefault(mine[-1].at, mine[-1]._replace(others=others))
    return tuple(found.values())


def _order(one: Lost) -> tuple[tuple[At, ...], Location]:
    """When a write comes: its place in the root, then in what that calls, and so on."""
    return (*(step.at for step in one.write.chain), one.write.leaf.at), one.write.leaf


def _roots(project: Project) -> tuple[Symbol, ...]:
    served = () if project[ended_everywhere] else project[handlers]
    return tuple(dict.fromkeys((*served, *project[makers])))


def _of_root(project: Project, root: Symbol, left: Left, ended: frozenset[Location]) -> Iterator[Lost]:
    made = project[makers].get(root, ())
    for each in left.pending:
        if made and _is_made(project, root, made, each):
            yield _lost(project, root, each, ended, None)
        elif each.origin == "shared" or (
            (each.origin == "parameter" or each.chain) and not _is_opened(project, root, each)
        ):
            owner = _owner(project, root, each) if root in _served(project) else None
            if owner is not None:
                yield _lost(project, root, each, ended, owner.functions[0] if owner.functions else None)


def _is_opened(project: Project, root: Symbol, write: Pending) -> bool:
    """Whether a block on the way to a write opens its session, so that no dependency of the root gave it."""
    name = root.name
    for step in write.chain:
        facts = function_facts(project, Symbol("function", step.path, name))
        call = next((each for each in facts.call_nodes if each.at == step.at), None) if facts is not None else None
        given = (call.func, *call.args, *(keyword.value for keyword in call.keywords)) if call is not None else ()
        opened = _opened(facts)
        if any(isinstance(each, tree.Path) and each.root in opened for each in given):
            return True
        name = step.callee
    return write.session in _opened(function_facts(project, Symbol("function", write.leaf.path, name)))


def _opened(facts: Function | None) -> frozenset[str]:
    """The names that the blocks of a function bind."""
    blocks = facts.every(tree.With) if facts is not None else ()
    return frozenset(getattr(target, "text", "") for block in blocks for _, target in block.items) - {""}


def _served(project: Project) -> frozenset[Symbol]:
    return frozenset() if project[ended_everywhere] else frozenset(project[handlers])


def _is_made(project: Project, root: Symbol, made: tuple[str, ...], write: Pending) -> bool:
    """Whether a write goes to a session that the root made for itself alone."""
    facts = function_facts(project, root)
    if facts is None or write.origin == "shared" or _is_migration(project, root.path):
        return False
    if not write.chain:
        names = tuple(each for each in made if write.session == each or write.session.startswith(f"{each}."))
        if not names or (write.session in names and write.origin not in ("made", "attribute")):
            return False
    else:
        names = tuple(name for name in made if _is_handed_on(facts, name))
        if not names or write.origin == "made":
            return False
    return not any(_is_kept(facts, name) for name in names) and not commits_around(project, root)


def _is_migration(project: Project, path: str) -> bool:
    """Whether a file is a migration: its session works on a connection whose transaction others end."""
    module = project.module(path)
    return module is not None and any(each.module.partition(".")[0] == "alembic" for each in module.imports)


def _is_handed_on(facts: Function, name: str) -> bool:
    return any(
        isinstance(value, tree.Path) and (value.text == name or value.text.startswith(f"{name}."))
        for call in facts.call_nodes
        for value in (call.func, *call.args, *(keyword.value for keyword in call.keywords))
    )


def _is_kept(facts: Function, name: str) -> bool:
    """Whether a session outlives the function: returned, or stored somewhere."""
    for node in facts.nodes:
        if isinstance(node, tree.Return) and _mentions(node.value, name):
            return True
        if (
            isinstance(node, tree.Assign)
            and "." in getattr(node.targets[0], "text", "")
            and _mentions(node.value, name)
        ):
            return True
    return False


def _mentions(node: Node | None, name: str) -> bool:
    """Whether a value is the session, or is made of it."""
    if isinstance(node, tree.Call):
        return any(_mentions(each, name) for each in (*node.args, *(keyword.value for keyword in node.keywords)))
    if isinstance(node, tree.Sequence):
        return any(_mentions(each, name) for each in node.items)
    return isinstance(node, tree.Path) and node.text == name


def _owner(project: Project, root: Symbol, write: Pending) -> Providers | None:
    """Who gives a handler its session, when all of them are known and none may commit."""
    given = project[providers, root]
    if commits_around(project, root) or any(project[may_commit, each] for each in given.functions):
        return None
    if write.origin != "shared" and not (given.known and given.functions):
        return None
    return given


def _lost(project: Project, root: Symbol, write: Pending, ended: frozenset[Location], provider: Symbol | None) -> Lost:
    if write.leaf in ended or (write.chain and root in project[unit_users]):
        return Lost(
            root, write, Location(root.path, write.at), write.chain[0].callee if write.chain else write.what, provider
        )
    function = _function_at(root, write)
    later = [
        event
        for dealing in project[dealings_in, function]
        if dealing.session == write.session
        for event in dealing.of("flush")
        if event.at > write.leaf.at
    ]
    last = later[-1] if later else None
    return Lost(
        root,
        write,
        Location(write.leaf.path, last.at if last else write.leaf.at),
        last.what if last else write.what,
        provider,
    )


def _function_at(root: Symbol, write: Pending) -> Symbol:
    return Symbol("function", write.leaf.path, write.chain[-1].callee) if write.chain else root
