"""One column, from `Column(...)`, `mapped_column(...)`, `Field(...)` or an annotation alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import classes_of, resolve_in

from ._annotations import Said
from ._names import COLUMNS
from ._terms import Made, Term, made, mapping, settled
from ._text import holds, text

_ITEMS = frozenset(
    {
        "ForeignKey",
        "Sequence",
        "Identity",
        "Computed",
        "CheckConstraint",
        "FetchedValue",
        "DefaultClause",
        "ColumnDefault",
    }
)
_DEFAULTS = frozenset({"Sequence", "Identity", "Computed", "FetchedValue", "DefaultClause", "ColumnDefault"})
"""Items that give a column its value."""
_BY_ANNOTATION = frozenset({"mapped_column", "MappedColumn", "Field"})


class ForeignRef(NamedTuple):
    """What a foreign key names. `text` is the string `table.column`, None when it is not one that is known."""

    text: str | None
    attribute: tuple[Symbol, str] | None
    """The class and attribute, for `ForeignKey(User.id)`."""
    path: str
    at: At


class ColumnFact(NamedTuple):
    """A column as far as the class or table says; None is not known."""

    attr: str
    name: str | None
    nullable: bool | None
    primary_key: bool | None
    unique: bool | None
    has_default: bool
    indexed: bool | None
    refs: tuple[ForeignRef, ...]
    owner: Symbol | None
    """The class whose body declares it."""
    path: str
    at: At
    kind: Kind | None = None


class Kind(NamedTuple):
    """Where the type of a column stands; reading it is left to those who want it."""

    given: Term | None
    """The type as written."""
    note: Said | None
    """The annotation that is asked when none is written."""
    length: Term | None
    """What SQLModel's `Field(max_length=)` says."""
    style: str
    """`sqlmodel` or `plain`."""
    explicit: bool
    """Whether it is said if the column may be empty, so that a primary key of several columns leaves it so."""


def column(
    project: Project, attr: str, call: Made | None, note: Said, owner: Symbol | None, path: str, at: At
) -> ColumnFact:
    """The column that a call or an annotation of attribute `attr` declares."""
    call = _merged(project, call, note)
    style = "sqlmodel" if call is not None and call.word == "Field" else "plain"
    if call is not None and call.word == "Field":
        inner = call.get("sa_column")
        replaced = made(project, inner) if inner is not None else None
        call = replaced or _with_column_arguments(project, call)
        style = style if replaced is None else "plain"
    args = call.args if call is not None and call.word != "Field" else ()
    if call is not None and call.word == "Field":
        args = _sequence(call.get("sa_column_args"))
    name, kind, items = _sorted_arguments(project, args, attr)
    if call is not None and (given := call.get("name")) is not None:
        name = text(project, given)
    kind = kind or (call.get("type_", "sa_type") if call is not None else None)
    refs = tuple(_reference(project, item) for item in items if item.word == "ForeignKey")
    if _from_factory(call, owner):
        refs = tuple(ref._replace(path=path, at=at) for ref in refs)
    refs += _field_reference(project, call)
    flag = _Flags(project, call)
    primary = flag.of("primary_key", False)
    return ColumnFact(
        attr,
        name,
        _nullable(flag, call, note, primary),
        primary,
        flag.of("unique", False),
        _has_default(call) or any(item.word in _DEFAULTS for item in items),
        flag.of("index", False),
        refs,
        owner,
        path,
        at,
        Kind(
            kind,
            note if call is None or call.word in _BY_ANNOTATION else None,
            _field_length(call, note),
            style,
            call is not None and call.get("nullable") is not None,
        ),
    )


def _with_column_arguments(project: Project, call: Made) -> Made:
    """A `Field(...)` with what `sa_column_kwargs={...}` adds."""
    given = call.get("sa_column_kwargs")
    if given is None:
        return call
    pairs, complete = mapping(project, given)
    return call._replace(keywords=(*call.keywords, *pairs.items()), open=call.open or not complete)


def _sequence(term: Term | None) -> tuple[Term, ...]:
    if term is None or not isinstance(term.node, tree.Sequence):
        return ()
    return tuple(term.at(item) for item in term.node.items)


def _field_length(call: Made | None, note: Said) -> Term | None:
    """The `max_length` of a `Field`, or of what stands next to it in `Annotated[...]`."""
    found = call.get("max_length") if call is not None and call.word == "Field" else None
    calls = [note.inner, *note.extras] if note.inner is not None else []
    for term in calls if found is None else ():
        node = term.node
        if isinstance(node, tree.Call) and getattr(node.func, "last", "") == "MaxLen":
            given = node.argument(0, "max_length")
            found = term.at(given) if given is not None else found
    return found


def _from_factory(call: Made | None, owner: Symbol | None) -> bool:
    """Whether a function made the column, so that the line to edit is the one that calls it."""
    terms = call.args if call is not None else ()
    return any(term.given and not (owner is not None and term.scope.startswith(owner.name)) for term in terms)


def _merged(project: Project, call: Made | None, note: Said) -> Made | None:
    """The call with what `Annotated[..., mapped_column(...)]` adds; what the class itself says comes first."""
    for extra in note.extras:
        found = made(project, extra)
        if found is not None and found.word in COLUMNS:
            if call is None:
                call = found._replace(word="mapped_column" if found.word != "Field" else "Field")
            else:
                keywords = {**dict(found.keywords), **dict(call.keywords)}
                call = call._replace(args=(*call.args, *found.args), keywords=tuple(keywords.items()))
    return call


def _sorted_arguments(
    project: Project, args: tuple[Term, ...], attr: str
) -> tuple[str | None, Term | None, tuple[Made, ...]]:
    """The name, the type and the schema items among the positional arguments."""
    name: str | None = attr
    kind: Term | None = None
    items = []
    for position, term in enumerate(args):
        followed = settled(project, term)
        if position == 0 and isinstance(followed.node, (tree.Constant, tree.FString)):
            if not (isinstance(followed.node, tree.Constant) and followed.node.value is None):
                name = text(project, followed)
            continue
        call = made(project, followed)
        if call is not None and call.word in _ITEMS:
            items.append(call)
        elif kind is None and isinstance(followed.node, (tree.Path, tree.Call, tree.Attribute)):
            kind = followed
    return name, kind, tuple(items)


def _reference(project: Project, call: Made) -> ForeignRef:
    given = call.get("column") or next(iter(call.args), None)
    if given is None:
        return ForeignRef(None, None, call.path, call.at)
    return ForeignRef(text(project, given), attribute(project, given), given.path, given.node.at)


def attribute(project: Project, term: Term) -> tuple[Symbol, str] | None:
    """The class and attribute of `User.id`; the variable and column of `users.c.id`."""
    if not isinstance(term.node, tree.Path):
        return None
    root = term.look(term.node.root)
    if root is not None and isinstance(root.node, tree.Path):
        term = root.at(tree.Path(root.node.text + term.node.text[len(term.node.root) :], term.node.at))
    owner, _, name = term.node.text.rpartition(".")
    if not owner:
        home = term.scope if term.scope in project[classes_of, term.path] else ""
        return (Symbol("class", term.path, home), name) if home else None
    plain = owner.removesuffix(".c").removesuffix(".columns").removesuffix(".__table__")
    answer = resolve_in(project, term.path, term.scope, plain)
    known = isinstance(answer, Symbol) and answer.kind in (("class",) if plain == owner else ("class", "variable"))
    return (answer, name) if known and isinstance(answer, Symbol) else None


def _field_reference(project: Project, call: Made | None) -> tuple[ForeignRef, ...]:
    given = call.get("foreign_key") if call is not None and call.word == "Field" else None
    if given is None:
        return ()
    if isinstance(given.node, tree.Constant) and given.node.value is None:
        return ()
    return (ForeignRef(text(project, given), None, given.path, given.node.at),)


class _Flags(NamedTuple):
    """The keyword arguments of a column that are true or false."""

    project: Project
    call: Made | None

    def of(self, name: str, default: bool | None) -> bool | None:
        """The value of a flag, `default` when it is not given, None when it is not known."""
        if self.call is None:
            return default
        given = self.call.get(name)
        if given is None:
            return None if self.call.open and default is not None else default
        return holds(self.project, given)


def _nullable(flag: _Flags, call: Made | None, note: Said, primary: bool | None) -> bool | None:
    if call is not None and call.get("nullable") is not None:
        return flag.of("nullable", None)
    if primary:
        return False
    if call is None or call.word in ("mapped_column", "MappedColumn", "Field"):
        if note.inner is not None or note.optional:
            default = call.get("default") if call is not None else None
            none = default is not None and isinstance(default.node, tree.Constant) and default.node.value is None
            return note.optional or (none and call is not None and call.word == "Field")
        return True if call is not None and call.word != "Field" else None
    return None if call.open else True


def _has_default(call: Made | None) -> bool:
    names = ("default", "server_default", "insert_default", "default_factory")
    given = [call.get(name) for name in names] if call is not None else []
    return any(
        each is not None and not (isinstance(each.node, tree.Constant) and each.node.value is None) for each in given
    )


def columns_in(project: Project, args: Iterable[Term]) -> tuple[tuple[ColumnFact, ...], bool]:
    """The columns among the arguments of `Table(...)`, and whether those are all."""
    found, complete = [], True
    for term in args:
        call = made(project, term)
        if call is None:
            complete &= isinstance(term.node, tree.Call)
        elif call.word in ("Column", "mapped_column"):
            nothing = Said(None, False, False, False, ())
            found.append(column(project, "", call, nothing, None, call.path, call.at))
        if isinstance(term.node, tree.Starred) or (call is not None and call.open):
            complete = False
    return tuple(found), complete and all(each.name for each in found)
