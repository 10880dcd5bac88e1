"""Which parts of a function run only once in a process, or only after something failed."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import function_facts, resolve_in
from cdlint.project.flow_tests import assume


def once(project: Project, function: Symbol) -> tuple[At, ...]:
    """The blocks that make a value of a module or class while it is None: `if client is None: client = ...`."""
    facts = function_facts(project, function)
    return tuple(_once(project, function, facts)) if facts is not None else ()


def _once(project: Project, function: Symbol, facts: Function) -> Iterator[At]:
    for test in facts.every(tree.If):
        known = assume(frozenset(), test.test, True) or frozenset()
        empty = {name for name, asked, answer in known if asked == "true" and not answer}
        for name in sorted(empty):
            if _is_shared(project, function, facts, name) and any(
                _assigns(each, name) for each in tree.walk(*test.body)
            ):
                yield (*test.body[0].at[:2], *test.body[-1].at[2:])


def _is_shared(project: Project, function: Symbol, facts: Function, name: str) -> bool:
    """Whether a name lives as long as the process: a global, or an attribute of a class."""
    if "." not in name:
        return name in facts.outer
    root = name.partition(".")[0]
    found = None if root == "cls" else resolve_in(project, function.path, function.name, root)
    return root == "cls" or (isinstance(found, Symbol) and found.kind == "class")


def _assigns(node: Node, name: str) -> bool:
    return isinstance(node, tree.Assign) and any(getattr(each, "text", "") == name for each in node.targets)


def after_failure(facts: Function) -> tuple[At, ...]:
    """The bodies of the `except` clauses."""
    handlers = (each for node in facts.every(tree.Try) for each in node.handlers if each.body)
    return tuple((*each.body[0].at[:2], *each.body[-1].at[2:]) for each in handlers)


def within(at: At, blocks: tuple[At, ...]) -> bool:
    """Whether a place lies in one of the blocks."""
    return any(tree.within(at, block) for block in blocks)
