"""Relationships: where they lead, and what they say of the other side."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import resolve_in

from ._annotations import Said, unquoted
from ._terms import Made, Term, made
from ._text import text

_EXPRESSIONS = ("order_by", "primaryjoin", "secondaryjoin", "foreign_keys", "remote_side")


class Named(NamedTuple):
    """A class, table or expression named in a string."""

    text: str
    path: str
    at: At


class RelationFact(NamedTuple):
    """A relationship. For texts, None means not known and `""` not given."""

    name: str
    target: Symbol | None
    """The class, when the code names it directly."""
    target_name: Named | None
    """The name by which the registry is asked for the class."""
    many: bool | None
    """Whether it is annotated as a collection."""
    back_populates: str | None
    backref: str | None
    secondary: Named | None
    """The name by which the table between is looked up."""
    has_secondary: bool
    expressions: tuple[Named, ...]
    """Other strings that are evaluated: `order_by`, `primaryjoin` and their like."""
    one_way: bool
    """Whether the two sides are meant to be independent: `viewonly`, `sync_backref=False`."""
    open: bool
    """Whether arguments may exist that are not seen."""
    owner: Symbol
    """The class whose body declares it."""
    path: str
    at: At
    lazy: str | None = "select"
    """How it is loaded unless a query says otherwise."""
    uselist: bool | None = None
    """What it says itself of being a collection."""
    backref_lazy: str | None = "select"
    """The same as `lazy` for the attribute that `backref` makes."""
    backref_uselist: bool | None = None
    keywords: tuple[tuple[str, Term], ...] = ()
    """All that it is given by name."""
    foreign: bool = False
    """Whether it leads to a class of another package."""


def relation(project: Project, name: str, call: Made, note: Said, owner: Symbol) -> RelationFact:
    """The relationship that a call declares."""
    call, is_open = _inner(project, call)
    if len(call.args) > 1:
        call = call._replace(keywords=(*call.keywords, ("secondary", call.args[1])))
    target, named = _target(project, call, note)
    foreign = target is not None and target.kind == "external"
    backref = call.get("backref")
    secondary = call.get("secondary")
    return RelationFact(
        name,
        target if not foreign else None,
        named,
        note.collection if note.wrapped or note.inner is not None else None,
        _text(project, call.get("back_populates")),
        _backref(project, backref),
        _string(secondary),
        secondary is not None or call.get("link_model") is not None,
        tuple(found for key in _EXPRESSIONS if (found := _string(call.get(key))) is not None),
        _is_true(call.get("viewonly")) or _is_false(call.get("sync_backref")),
        is_open,
        owner,
        call.path,
        call.at,
        "dynamic" if call.word == "dynamic_loader" else _lazy(project, call.get("lazy")),
        _flag(call.get("uselist")),
        _lazy(project, _of_backref(project, backref, "lazy")),
        _flag(_of_backref(project, backref, "uselist")),
        call.keywords,
        foreign,
    )


_LAZY = {True: "select", False: "joined", None: "noload"}


def _lazy(project: Project, term: Term | None) -> str | None:
    if term is None:
        return "select"
    if isinstance(term.node, tree.Constant) and not isinstance(term.node.value, str):
        return _LAZY.get(term.node.value)
    return text(project, term)


def _flag(term: Term | None) -> bool | None:
    return term.node.value if term is not None and isinstance(term.node, tree.Constant) else None


def _of_backref(project: Project, term: Term | None, keyword: str) -> Term | None:
    call = made(project, term) if term is not None and isinstance(term.node, tree.Call) else None
    return call.get(keyword) if call is not None else None


def _inner(project: Project, call: Made) -> tuple[Made, bool]:
    """What stands behind SQLModel's `Relationship(sa_relationship=..., sa_relationship_kwargs={...})`."""
    if call.word != "Relationship":
        return call, call.open
    whole = call.get("sa_relationship")
    if whole is not None:
        found = made(project, whole)
        return (found, found.open) if found is not None else (call, True)
    more = call.get("sa_relationship_kwargs")
    if more is None:
        return call, call.open
    if not isinstance(more.node, tree.Mapping):
        return call, True
    keywords = dict(call.keywords)
    is_open = call.open
    for key, value in more.node.items:
        if isinstance(key, tree.Constant) and isinstance(key.value, str):
            keywords[key.value] = more.at(value)
        else:
            is_open = True
    return call._replace(keywords=tuple(keywords.items())), is_open


def _target(project: Project, call: Made, note: Said) -> tuple[Symbol | None, Named | None]:
    given = call.get("argument") or (next(iter(call.args), None) if call.word != "Relationship" else None)
    if given is None and not call.open:
        given = note.inner
    if given is None:
        return None, None
    node = given.node
    if isinstance(node, tree.Lambda):
        node = node.body
    if isinstance(node, tree.Constant):
        node = unquoted(node) if given is note.inner else node
    if isinstance(node, tree.Path):
        stands = given.look(node.text)
        if stands is not None:
            given, node = stands, stands.node
        if isinstance(node, tree.Path):
            return _path_target(project, given.at(node), note)
    value = text(project, given.at(node))
    return None, Named(value, given.path, given.node.at) if value is not None else None


def _path_target(project: Project, term: Term, note: Said) -> tuple[Symbol | None, Named | None]:
    answer = resolve_in(project, term.path, term.scope, term.node.text)
    if isinstance(answer, Symbol):
        if answer.kind in ("class", "external"):
            return answer, None
        if answer.kind == "variable":
            value = text(project, term)
            return None, Named(value, term.path, term.node.at) if value is not None else None
        return None, None
    if note.inner is not None and note.inner.node == term.node and "." not in term.node.text:
        # A name that only the registry can know: `Mapped["User"]` without an import.
        return None, Named(term.node.text, term.path, term.node.at)
    return None, None


def _text(project: Project, term: Term | None) -> str | None:
    if term is None or (isinstance(term.node, tree.Constant) and term.node.value is None):
        return ""
    return text(project, term) or None


def _backref(project: Project, term: Term | None) -> str | None:
    """The attribute that `backref="x"` or `backref=backref("x", ...)` makes on the other side."""
    if term is not None and isinstance(term.node, tree.Call):
        call = made(project, term)
        if call is None or call.word != "backref":
            return None
        given = call.get("name") or next(iter(call.args), None)
        return _text(project, given) or None
    if term is not None and isinstance(term.node, tree.Sequence) and term.node.items:
        return _text(project, term.at(term.node.items[0]))
    return _text(project, term)


def _string(term: Term | None) -> Named | None:
    if term is None or not (isinstance(term.node, tree.Constant) and isinstance(term.node.value, str)):
        return None
    return Named(term.node.value, term.path, term.node.at)


def _is_true(term: Term | None) -> bool:
    return term is not None and not (isinstance(term.node, tree.Constant) and term.node.value is False)


def _is_false(term: Term | None) -> bool:
    return term is not None and not (isinstance(term.node, tree.Constant) and term.node.value is True)
