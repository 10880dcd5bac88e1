"""What tests say on the way to a save: whether they hold again when the save comes back to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol

from ._query_entities import model_entity

_KEYS = frozenset({"pk", "id"})
SIGNALLED = frozenset({"created", "raw"})
"""The arguments of a signal that tests are about."""


class Round(NamedTuple):
    """What a function is asked about: the names of the saved row and what `created` is, None without such a thing.

    `told` are the names that still stand for what the signal gives, of `SIGNALLED`.
    """

    rows: frozenset[str]
    model: Symbol | None
    created: bool | None
    told: frozenset[str]


class Verdict(NamedTuple):
    """What a test adds to a path: the columns it reads, and whether it may come out differently next time.

    `possible` is False when the path cannot be taken at all.
    """

    fields: frozenset[str] = frozenset()
    guards: bool = False
    possible: bool = True


def judged(project: Project, about: Round, test: Node, truth: bool) -> Verdict:
    """What it means that a test comes out so."""
    known = _known(about, test)
    if known is not None:
        return Verdict(possible=known == truth)
    if isinstance(test, tree.Unary) and test.op == "not":
        return judged(project, about, test.value, not truth)
    if isinstance(test, tree.Boolean):
        rest = [value for value in test.values if _known(about, value) is None]
        if (test.op == "and") == truth or len(rest) == 1:
            parts = [judged(project, about, value, truth) for value in rest]
            fields = frozenset().union(*(part.fields for part in parts))
            return Verdict(fields, any(part.guards for part in parts), all(part.possible for part in parts))
        return Verdict(guards=True)
    found = _columns(project, about, test)
    return Verdict(guards=True) if found is None else Verdict(found)


def _known(about: Round, test: Node) -> bool | None:
    """How a test comes out whatever the row holds."""
    if isinstance(test, tree.Unary) and test.op == "not":
        inner = _known(about, test.value)
        return None if inner is None else not inner
    if isinstance(test, tree.Boolean):
        values = [_known(about, value) for value in test.values]
        decisive = test.op == "or"
        return decisive if decisive in values else not decisive if None not in values else None
    if isinstance(test, tree.Compare) and len(test.ops) == 1 and isinstance(test.terms[1], tree.Constant):
        same = test.ops[0] in ("is", "==")
        against = test.terms[1].value
        if isinstance(against, bool) and (same or test.ops[0] in ("is not", "!=")):
            inner = _known(about, test.terms[0])
            return None if inner is None else (inner is against) == same
        if against is None and isinstance(test.terms[0], tree.Path) and test.terms[0].text in about.rows:
            return not same
        return None
    name = said(test)
    if name in about.told:
        return about.created if name == "created" else False
    return True if isinstance(test, tree.Path) and test.text in about.rows else None


def said(test: Node) -> str:
    """The argument of a signal that an expression is: `created`, `kwargs["created"]`, `kwargs.get("created")`."""
    if isinstance(test, tree.Path):
        return test.text
    key: Node | None = None
    if isinstance(test, tree.Subscript) and isinstance(test.value, tree.Path):
        key = test.index
    elif isinstance(test, tree.Call) and getattr(test.func, "last", "") in ("get", "pop") and test.args:
        key = test.args[0] if isinstance(test.func, tree.Path) and test.func.text.count(".") == 1 else None
    return key.value if isinstance(key, tree.Constant) and isinstance(key.value, str) else ""


def _columns(project: Project, about: Round, test: Node) -> frozenset[str] | None:
    """The columns of the row that a test compares with what stays the same; None for any other test."""
    if isinstance(test, tree.Call):
        of_class = getattr(test.func, "text", "") == "isinstance" and len(test.args) == 2
        return frozenset() if of_class and getattr(test.args[0], "text", "") in about.rows else None
    terms: tuple[Node, ...] = test.terms if isinstance(test, tree.Compare) else (test,)
    found: set[str] = set()
    rows = False
    for node in _flat(terms):
        if isinstance(node, tree.Constant):
            continue
        if not isinstance(node, tree.Path):
            return None
        if node.text == "sender":
            rows = True
        elif node.root in about.rows and "." in node.text:
            rows = True
            column = node.text.partition(".")[2]
            if column == "__class__":
                continue
            if not _is_column(project, about.model, column):
                return None
            found.add(column)
        elif not node.root[:1].isupper():
            return None
    # A test of something else than the row may be there to stop the second round.
    return frozenset(found) if rows else None


def _flat(nodes: tuple[Node, ...]) -> Iterator[Node]:
    for node in nodes:
        if isinstance(node, tree.Sequence):
            yield from _flat(node.items)
        else:
            yield node


def _is_column(project: Project, model: Symbol | None, name: str) -> bool:
    known = project[model_entity, model] if model is not None else None
    found = known.attributes.get(name) if known is not None else None
    return found is not None and found.kind in ("column", "one") and name not in _KEYS
