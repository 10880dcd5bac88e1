"""What `Mapped[...]` says: the type, whether it may be None, whether it is a collection."""

from __future__ import annotations

import re
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import resolve_in

from ._names import MAPPED_WRAPPERS, outside_word
from ._terms import Term, definition

COLLECTIONS = frozenset(
    {"list", "List", "set", "Set", "Sequence", "Collection", "Iterable", "tuple", "Tuple", "AbstractSet"}
)
_DICTS = frozenset(
    {"dict", "Dict", "Mapping", "MutableMapping", "KeyFuncDict", "MappedCollection", "attribute_keyed_dict"}
)
_TOKEN = re.compile(r"\s*([A-Za-z_][\w.]*|[\[\],|]|'[^']*'|\"[^\"]*\")")


class Said(NamedTuple):
    """An annotation taken apart. `inner` is the type itself, None when it is not known."""

    inner: Term | None
    optional: bool
    collection: bool
    wrapped: bool
    """Whether `Mapped[...]` or one of its kind stood around it."""
    extras: tuple[Term, ...]
    """What else an `Annotated[...]` holds: calls of `mapped_column`."""
    steps: tuple[Term, ...] = ()
    """The aliases and generic types gone through, outermost first: keys that a type map may have."""


def said(project: Project, term: Term, depth: int = 8) -> Said:
    """Take an annotation apart, through quotes, unions, `Annotated` and aliases of it."""
    node = unquoted(term.node)
    if node is None or depth <= 0:
        return Said(None, False, False, False, ())
    here = term.at(node)
    if isinstance(node, tree.Binary) and node.op == "|":
        return _union(project, [here.at(each) for each in node.terms], depth)
    if isinstance(node, tree.Subscript):
        return _subscript(project, here, node, depth)
    if isinstance(node, tree.Path):
        alias = _alias(project, here)
        if alias is not None:
            return _past(here, said(project, alias, depth - 1))
    return Said(here, False, False, False, ())


def _past(step: Term, inner: Said) -> Said:
    return inner._replace(steps=(step, *inner.steps))


def _union(project: Project, terms: list[Term], depth: int) -> Said:
    parts = [term for term in terms if not _is_none(term.node)]
    optional = len(parts) < len(terms)
    if len(parts) != 1:
        return Said(None, optional, False, False, ())
    inner = said(project, parts[0], depth - 1)
    return inner._replace(optional=inner.optional or optional)


def _is_none(node: Node) -> bool:
    return (isinstance(node, tree.Constant) and node.value is None) or (
        isinstance(node, tree.Path) and node.text == "None"
    )


def _subscript(project: Project, term: Term, node: tree.Subscript, depth: int) -> Said:
    outer = node.value.text if isinstance(node.value, tree.Path) else ""
    last = outer.rpartition(".")[2]
    items = [term.at(each) for each in (node.index.items if isinstance(node.index, tree.Sequence) else (node.index,))]
    if not items:
        return Said(None, False, False, False, ())
    if last == "Optional":
        return said(project, items[0], depth - 1)._replace(optional=True)
    if last == "Union":
        return _union(project, items, depth)
    if last == "Annotated":
        inner = _past(term, said(project, items[0], depth - 1))
        return inner._replace(extras=(*inner.extras, *(each.at(_first(each.node)) for each in items[1:])))
    if last in COLLECTIONS:
        return _past(term, said(project, items[0], depth - 1)._replace(collection=True))
    if last in _DICTS:
        return _past(term, said(project, items[-1], depth - 1)._replace(collection=True))
    if last in MAPPED_WRAPPERS or _is_wrapper(project, term, outer):
        inner = said(project, items[0], depth - 1)
        return inner._replace(wrapped=True, collection=inner.collection or last in ("WriteOnlyMapped", "DynamicMapped"))
    if last == "RelationshipProperty":
        return said(project, items[0], depth - 1)
    if last == "Literal":
        return Said(term, False, False, False, (), (term,))
    return Said(term.at(node.value), False, False, False, (), (term,))


def _first(node: Node) -> Node:
    """Of several columns that settings choose from, which are mostly alike, the first."""
    return node.body if isinstance(node, tree.Conditional) else node


def _is_wrapper(project: Project, term: Term, outer: str) -> bool:
    answer = resolve_in(project, term.path, term.scope, outer) if outer else None
    return isinstance(answer, Symbol) and outside_word(answer.name) in MAPPED_WRAPPERS


def _alias(project: Project, term: Term) -> Term | None:
    """`intpk = Annotated[int, mapped_column(...)]`: what the alias was given."""
    answer = resolve_in(project, term.path, term.scope, term.node.text)
    if not isinstance(answer, Symbol) or answer.kind != "variable":
        return None
    value = definition(project, answer)
    if value is not None and isinstance(value.node, tree.Call) and getattr(value.node.func, "last", "") == "NewType":
        return value.at(value.node.args[1]) if len(value.node.args) == 2 else None
    return value if value is not None and isinstance(value.node, (tree.Subscript, tree.Binary)) else None


# Quoted annotations


def unquoted(node: Node) -> Node:
    """An annotation in quotes as the expression that it holds; None when that cannot be read."""
    if not (isinstance(node, tree.Constant) and isinstance(node.value, str)):
        return node
    tokens = _TOKEN.findall(node.value) if len(node.value) < 2_000 else []
    if "".join(tokens) != re.sub(r"\s", "", node.value) or len(tokens) > 60:
        return None
    parsed, rest = _parse_union(tokens, node.at)
    return parsed if not rest else None


def _parse_union(tokens: list[str], at: At) -> tuple[Node, list[str]]:
    terms = []
    while True:
        term, tokens = _parse_one(tokens, at)
        terms.append(term)
        if tokens[:1] != ["|"]:
            break
        tokens = tokens[1:]
    if None in terms:
        return None, ["?"]
    return (terms[0] if len(terms) == 1 else tree.Binary("|", tuple(terms), at)), tokens


def _parse_one(tokens: list[str], at: At) -> tuple[Node, list[str]]:
    if not tokens or tokens[0] in "[],|":
        return None, ["?"]
    first, rest = tokens[0], tokens[1:]
    node: Node = tree.Constant(first[1:-1], at) if first[0] in "'\"" else tree.Path(first, at)
    if first == "None":
        node = tree.Constant(None, at)
    if rest[:1] != ["["]:
        return node, rest
    items = []
    while rest and rest[0] in "[,":
        item, rest = _parse_union(rest[1:], at)
        items.append(item)
    if rest[:1] != ["]"] or None in items:
        return None, ["?"]
    index = items[0] if len(items) == 1 else tree.Sequence("tuple", tuple(items), at)
    return tree.Subscript(node, index, at), rest[1:]
