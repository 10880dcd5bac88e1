"""The attributes of a mapped class that the mapper looks at: columns, relationships, and what cannot be told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Binding
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_facts, function_facts

from ._annotations import Said, said
from ._names import COLUMNS, DECLARED_ATTR, RELATIONSHIPS
from ._terms import Made, Term, made, settled
from ._text import INHERITS, results

NOTHING = Said(None, False, False, False, ())


class Attribute(NamedTuple):
    """One attribute of a class that the mapper looks at."""

    name: str
    kind: str
    """`column`, `relationship`, `unknown` or `plain`."""
    call: Made | None
    note: Said
    owner: Symbol
    at: At
    guarded: bool = False
    """Whether a condition decides if it exists."""


class Home(NamedTuple):
    """The class whose attributes are asked for."""

    cls: Symbol
    style: str
    """`plain`, `flask` or `sqlmodel`."""
    inherits: bool
    """Whether it inherits from a mapped class."""
    table: str
    """The name of its table, `""` when that is not known."""


def attributes(project: Project, home: Home, owners: Iterable[Symbol]) -> Iterator[Attribute]:
    """The attributes that the class and its unmapped ancestors declare, nearest first."""
    seen: set[str] = set()
    for owner in owners:
        facts = class_facts(project, owner)
        if facts is None:
            continue
        last = {
            binding.name: binding
            for binding in facts.fields
            if binding.kind not in ("function", "class") and binding.guard != "type-only"
        }
        for name, binding in last.items():
            if name not in seen and not name.startswith("__"):
                yield _attribute(project, owner, binding, home.style)
        for name in facts.methods:
            if name not in seen and name not in last and not name.startswith("__"):
                found = _declared(project, home, owner, name)
                if found is not None:
                    yield found
        seen.update(last, facts.methods)


def _attribute(project: Project, owner: Symbol, binding: Binding, style: str) -> Attribute:
    note = said(project, Term(binding.annotation, owner.path, owner.name)) if binding.annotation_code else NOTHING
    value = binding.value
    if chosen := isinstance(value, tree.Conditional):
        # Of several columns that settings choose from, which are mostly alike, the first.
        value = value.body
    call = made(project, Term(value, owner.path, owner.name)) if isinstance(value, (tree.Call, tree.Path)) else None
    if call is not None and call.word in ("deferred", "column_property") and call.args:
        call = made(project, call.args[0]) or call
    kind = _kind(call, note, binding, style)
    if style == "sqlmodel" and call is not None and call.word == "Field" and call.get("exclude_from_table"):
        kind = "plain"
    if style == "sqlmodel" and kind == "column" and call is None:
        default = (("default", Term(value, owner.path, owner.name)),) if binding.value_code is not None else ()
        call = Made("Field", (), default, False, owner.path, binding.at)
    guarded = chosen or binding.guard not in ("", "type-only", "try")
    return Attribute(binding.name, kind, call, note, owner, binding.at, guarded)


def _kind(call: Made | None, note: Said, binding: Binding, style: str) -> str:
    if call is not None:
        if call.word in COLUMNS:
            return "column" if call.word != "Field" or style == "sqlmodel" else "plain"
        if call.word in RELATIONSHIPS:
            return "relationship"
        return "plain"
    if binding.kind == "target":
        # A loop in the class body is there to make attributes.
        return "unknown"
    if binding.value_code is None or style == "sqlmodel":
        if style == "sqlmodel":
            return "column" if binding.annotation_code is not None and not _is_class_variable(binding) else "plain"
        return "column" if note.wrapped else "plain"
    if note.wrapped:
        # None stands for a `mapped_column()`; another constant hides the annotation.
        if isinstance(binding.value, tree.Constant):
            return "column" if binding.value.value is None else "plain"
        return "unknown"
    return "unknown" if isinstance(binding.value, (tree.Call, tree.Conditional)) else "plain"


def _is_class_variable(binding: Binding) -> bool:
    node = binding.annotation
    outer = node.value if isinstance(node, tree.Subscript) else node
    return (isinstance(outer, tree.Path) and outer.last in ("ClassVar", "PrivateAttr")) or binding.name.startswith("_")


def _declared(project: Project, home: Home, owner: Symbol, name: str) -> Attribute | None:
    """What a method under `declared_attr` declares for the class."""
    method = Symbol("function", owner.path, f"{owner.name}.{name}")
    facts = function_facts(project, method)
    if facts is None or not any(_last(node) in DECLARED_ATTR for node in facts.decorators):
        return None
    given = given_to(home.cls, facts.params[0].name if facts.params else "cls", home.inherits, home.table)
    here = Term(None, owner.path, method.name, given)
    returned = [_fresh(node) for node in results(project, here, facts.body)]
    calls = [made(project, here.at(node)) for node in returned]
    note = said(project, Term(facts.returns, owner.path, owner.name)) if facts.returns_code else NOTHING
    if len(calls) != 1 or calls[0] is None:
        kind = "plain" if len(calls) == 1 and _is_plain(project, here.at(returned[0])) else "unknown"
        return Attribute(name, kind, None, note, owner, facts.at)
    word = calls[0].word
    kind = "column" if word in COLUMNS else "relationship" if word in RELATIONSHIPS else "plain"
    return Attribute(name, kind, calls[0], note, owner, facts.at)


def _is_plain(project: Project, term: Term) -> bool:
    """Whether a value is surely no column: a literal, or an attribute that holds one."""
    return isinstance(settled(project, term).node, (tree.Constant, tree.Sequence, tree.Mapping))


def _fresh(node: tree.Node) -> tree.Node:
    """The column of `Parent.__table__.c.get("name", Column(...))`: whose table it is makes no difference."""
    func = node.func.text if isinstance(node, tree.Call) and isinstance(node.func, tree.Path) else ""
    if func.endswith((".c.get", ".columns.get")) and isinstance(node, tree.Call) and len(node.args) == 2:
        return node.args[1]
    return node


def _last(node: tree.Node) -> str:
    func = node.func if isinstance(node, tree.Call) else node
    return func.last if isinstance(func, (tree.Path, tree.Attribute)) else ""


def given_to(cls: Symbol, param: str, inherits: bool = False, table: str = "") -> tuple[tuple[str, Term], ...]:
    """What `cls` and its names stand for inside a declared attribute."""
    nowhere = (0, 0, 0, 0)
    known = {f"{param}.__name__": cls.last, INHERITS: inherits}
    if table:
        known[f"{param}.__tablename__"] = table
    terms = {name: Term(tree.Constant(value, nowhere), cls.path, "") for name, value in known.items()}
    return (*terms.items(), (param, Term(tree.Path(cls.name, nowhere), cls.path, "")))
