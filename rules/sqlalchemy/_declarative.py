"""Which registry and which metadata a class belongs to: declarative bases of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Class
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol
from cdlint.project.classes import ancestry, bases, class_facts, resolve_in
from cdlint.project.installed import extended
from cdlint.project.memo import CyclicFact
from cdlint.project.outside import is_installed

from ._installed import is_known
from ._names import DECLARATIVE_CALLS, DECLARATIVE_CLASSES, is_neutral, outside_word, word
from ._outside import outside
from ._terms import Made, Term, definition, evaluated, made
from ._text import text

FRESH = "fresh"
"""A metadata or registry made on the spot, which nothing else can belong to."""


class Metadata(NamedTuple):
    """A collection of tables. `key` is `""` when it is not known which."""

    key: str
    schema: str | None
    """The schema of its tables that name none; None when it is computed, `""` for the default."""


NOWHERE = Metadata("", None)


class Root(NamedTuple):
    """A declarative base. `registry` is `""` when it is not known which."""

    registry: str
    metadata: Metadata
    style: str
    """`plain`, `flask` (names tables by itself) or `sqlmodel`."""
    closed: bool
    """Whether all members of the registry stand in the repository."""
    brings: Symbol | None
    """The class given as `cls=` or `model_class=`, whose columns every member has."""


UNKNOWN_ROOT = Root("", NOWHERE, "plain", False, None)
SQLMODEL = Root("sqlmodel.SQLModel", Metadata("sqlmodel.SQLModel.metadata", ""), "sqlmodel", True, None)


class Membership(NamedTuple):
    """What a class inherits as a declarative one."""

    root: Root
    metadata: Metadata
    lineage: tuple[Symbol, ...]
    """The class and its first-party ancestors, nearest first, with what the root brings."""
    foreign: tuple[str, ...]
    """Ancestors that may bring anything: outside the repository, or not resolved."""


def membership(project: Project, cls: Symbol) -> Membership | None:
    """The registry of a class; None when nothing says that it is declarative."""
    above = extended(project, cls, is_known)
    lineage = above.first_party
    foreign = tuple(name for owner in lineage for name in _foreign_bases(project, owner))
    roots = ((owner, found) for owner in lineage if (found := project[own_root, owner]) is not None)
    home, root = next(roots, (cls, None))
    if root is None:
        is_root = any(found is not None and found.root for found in map(outside, foreign))
        if not foreign or not (is_root or _looks_mapped(project, cls)):
            return None
        root = UNKNOWN_ROOT
    if root.brings is not None:
        lineage = (*lineage, *(each for each in project[ancestry, root.brings].first_party if each not in lineage))
    metadata = _metadata_of(project, lineage, root)
    if is_installed(home.path):
        # The packages that share the base have classes and tables of their own.
        root = root._replace(closed=False)
    if is_installed(metadata.key):
        metadata = metadata._replace(key="")
    read = frozenset(name for owner in lineage for name in project[ancestry, owner].external).difference(above.external)
    return Membership(root, metadata, lineage, tuple(dict.fromkeys(name for name in foreign if name not in read)))


def _foreign_bases(project: Project, cls: Symbol) -> Iterator[str]:
    """The bases of a class that may bring anything: from outside the repository, or not resolved."""
    facts = class_facts(project, cls)
    for node, answer in zip(facts.bases if facts is not None else (), project[bases, cls], strict=True):
        outside = isinstance(answer, Symbol) and answer.kind == "external"
        if isinstance(answer, Symbol) and (answer.kind == "class" or (outside and is_neutral(answer.name))):
            continue
        if _root_of(project, cls, facts, node) is None:
            yield answer.name if isinstance(answer, Symbol) else getattr(node, "text", "a computed base")


def _looks_mapped(project: Project, cls: Symbol) -> bool:
    """Whether a class with unresolved bases says itself that it is mapped."""
    facts = class_facts(project, cls)
    return facts is not None and any(
        binding.name == "__tablename__"
        or (binding.name == "__table__" and not isinstance(binding.value, tree.Constant))
        or binding.callee.rpartition(".")[2] in ("relationship", "mapped_column")
        for binding in facts.fields
    )


def own_root(project: Project, cls: Symbol) -> Root | None:
    """The declarative base that a class names itself, as a base or by a decorator."""
    facts = class_facts(project, cls)
    if facts is None:
        return None
    for node in facts.bases:
        root = _root_of(project, cls, facts, node)
        if root is not None:
            return root
    for node in facts.decorators:
        root = _root_by_decorator(project, cls, facts, node)
        if root is not None:
            return root
    return None


def _root_of(project: Project, cls: Symbol, facts: Class | None, node: Node) -> Root | None:
    scope = facts.parent if facts is not None else ""
    while isinstance(node, tree.Subscript):
        node = node.value
    if isinstance(node, tree.Call):
        return root_made(project, Term(node, cls.path, scope), _key(cls))
    if not isinstance(node, tree.Path):
        return None
    answer = resolve_in(project, cls.path, scope, node.text)
    if isinstance(answer, Symbol) and answer.kind == "external":
        name = outside_word(answer.name)
        if name in DECLARATIVE_CLASSES:
            return _own_class_root(project, cls)
        return SQLMODEL if name == "SQLModel" else None
    return _root_of_path(project, Term(node, cls.path, scope), answer)


def _root_of_path(project: Project, term: Term, answer: Answer, depth: int = 6) -> Root | None:
    """The root that a name such as `Base` or `db.Model` stands for."""
    if depth <= 0:
        return None
    if isinstance(answer, Symbol) and answer.kind == "variable":
        value = definition(project, answer)
        if value is None:
            return None
        if isinstance(value.node, tree.Path):
            again = resolve_in(project, value.path, value.scope, value.node.text)
            return _root_of_path(project, value, again, depth - 1)
        return root_made(project, value, _key_of(project, answer))
    owner, _, last = term.node.text.rpartition(".")
    if last == "Model" and owner and is_extension(project, term.at(tree.Path(owner, term.node.at))):
        return extension(project, term.at(tree.Path(owner, term.node.at)))
    return None


def is_extension(project: Project, term: Term) -> bool:
    """Whether an expression is the `db` of Flask-SQLAlchemy, of a subclass as well."""
    value = evaluated(project, term)
    if not isinstance(value, Symbol):
        return False
    if value.kind == "instance":
        return outside_word(project[ancestry, Symbol("class", value.path, value.name)].outside) == "SQLAlchemy"
    return value.kind == "external" and value.name.endswith("SQLAlchemy()")


def extension(project: Project, term: Term) -> Root:
    """The root behind the `db` of Flask-SQLAlchemy."""
    answer = resolve_in(project, term.path, term.scope, term.node.text)
    if not isinstance(answer, Symbol) or answer.kind != "variable":
        return UNKNOWN_ROOT._replace(style="flask")
    key = _key_of(project, answer)
    value = definition(project, answer)
    call = value.node if value is not None and isinstance(value.node, tree.Call) else None
    if value is None or call is None:
        return Root(key, Metadata(f"{key}.metadata", ""), "flask", False, None)
    given, model = call.keyword("metadata"), call.keyword("model_class")
    metadata = _given_metadata(project, value.at(given) if given is not None else None, key)
    if model is None:
        return Root(key, metadata, "flask", True, None)
    inner = root_made(project, value.at(model), key)
    found = resolve_in(project, value.path, value.scope, model.text) if isinstance(model, tree.Path) else None
    if inner is not None:
        return Root(key, metadata if given is not None else inner.metadata, "flask", inner.closed, inner.brings)
    brings = found if isinstance(found, Symbol) and found.kind == "class" else None
    own = _metadata_of_class(project, brings) if brings is not None and given is None else None
    return Root(key, own or metadata, "flask", brings is not None, brings)


def _metadata_of_class(project: Project, cls: Symbol) -> Metadata | None:
    """The metadata of a class that an extension is given to build on."""
    try:
        member = project[membership, cls]
    except CyclicFact:
        return None  # A class of the same name is built on what the extension makes of it.
    return member.metadata if member is not None else None


def root_made(project: Project, term: Term, key: str) -> Root | None:
    """The root that a call such as `declarative_base(metadata=m)` makes, under the name `key`."""
    node = term.node
    if not isinstance(node, tree.Call):
        return None
    name = node.func.last if isinstance(node.func, (tree.Path, tree.Attribute)) else ""
    call = made(project, term) if name != "generate_base" else None
    if name == "generate_base" or (call is not None and call.word == "generate_base"):
        return _generated(project, term, node, key)
    if call is None or call.word not in DECLARATIVE_CALLS:
        return None
    given = call.get("metadata")
    metadata = _given_metadata(project, given, key)
    return Root(key, metadata, "plain", call.word != "automap_base" and not call.open, _brought(project, call))


def _given_metadata(project: Project, given: Term | None, key: str) -> Metadata:
    """The metadata given to a base, or the one that it makes for itself."""
    own = f"{key}.metadata"
    return metadata_of(project, given, own) if given is not None else Metadata(own, "")


def _brought(project: Project, call: Made) -> Symbol | None:
    given = call.get("cls")
    if given is None or not isinstance(given.node, tree.Path):
        return None
    answer = resolve_in(project, given.path, given.scope, given.node.text)
    return answer if isinstance(answer, Symbol) and answer.kind == "class" else None


def _generated(project: Project, term: Term, node: tree.Call, key: str) -> Root | None:
    """`registry().generate_base()` or `mapper_registry.generate_base()`."""
    if isinstance(node.func, tree.Path):
        return registry_root(project, term.at(tree.Path(node.func.text.rpartition(".")[0], node.at)), key)
    if isinstance(node.func, tree.Attribute) and isinstance(node.func.value, tree.Call):
        return _registry_made(project, term.at(node.func.value), key)
    return None


def registry_root(project: Project, term: Term, key: str = "") -> Root | None:
    """The root of a `registry` object."""
    if isinstance(term.node, tree.Call):
        return _registry_made(project, term, key)
    answer = resolve_in(project, term.path, term.scope, term.node.text) if isinstance(term.node, tree.Path) else None
    if not isinstance(answer, Symbol) or answer.kind != "variable":
        return None
    value = definition(project, answer)
    return _registry_made(project, value, _key_of(project, answer)) if value is not None else None


def _registry_made(project: Project, term: Term, key: str) -> Root | None:
    call = made(project, term)
    if call is None or call.word != "registry":
        return None
    given = call.get("metadata")
    return Root(key, _given_metadata(project, given, key), "plain", not call.open, None)


def _own_class_root(project: Project, cls: Symbol) -> Root:
    """A direct subclass of `DeclarativeBase`."""
    key, closed = _key(cls), True
    metadata = Metadata(f"{key}.metadata", "")
    facts = class_facts(project, cls)
    for binding in facts.fields if facts is not None else ():
        if binding.name == "registry" and binding.value_code is not None:
            root = registry_root(project, Term(binding.value, cls.path, cls.name), key)
            if root is None:
                return UNKNOWN_ROOT
            key, metadata, closed = root.registry, root.metadata, root.closed
    return Root(key, metadata, "plain", closed, None)


def _root_by_decorator(project: Project, cls: Symbol, facts: Class, node: Node) -> Root | None:
    """`@as_declarative()`, `@reg.mapped`, `@reg.mapped_as_dataclass`, `@mapped_as_dataclass(reg)`."""
    term = Term(node.func if isinstance(node, tree.Call) else node, cls.path, facts.parent)
    if not isinstance(term.node, tree.Path):
        return None
    name = word(evaluated(project, term))
    if name == "as_declarative":
        call = made(project, Term(node, cls.path, facts.parent)) if isinstance(node, tree.Call) else None
        given = call.get("metadata") if call is not None else None
        return Root(_key(cls), _given_metadata(project, given, _key(cls)), "plain", True, None)
    if term.node.last in ("mapped", "mapped_as_dataclass", "as_declarative_base"):
        return registry_root(project, term.at(tree.Path(term.node.text.rpartition(".")[0], term.node.at)))
    return None


# Metadata


def _metadata_of(project: Project, lineage: tuple[Symbol, ...], root: Root) -> Metadata:
    """The metadata of a class: what the nearest ancestor assigns, else that of its root."""
    for owner in lineage:
        facts = class_facts(project, owner)
        for binding in facts.fields if facts is not None else ():
            if binding.name == "metadata" and binding.value_code is not None:
                return metadata_of(project, Term(binding.value, owner.path, owner.name), f"{_key(owner)}.metadata")
    return root.metadata


def metadata_of(project: Project, term: Term, key: str = FRESH, depth: int = 6) -> Metadata:
    """Which metadata an expression stands for."""
    node = term.node
    if depth <= 0:
        return NOWHERE
    if isinstance(node, tree.Call):
        return _metadata_made(project, term, key)
    if not isinstance(node, tree.Path):
        return NOWHERE
    given = term.look(node.text)
    if given is not None:
        return metadata_of(project, given, key, depth - 1)
    owner, _, last = node.text.rpartition(".")
    if last == "metadata" and owner:
        found = _metadata_attribute(project, term.at(tree.Path(owner, node.at)))
        if found is not None:
            return found
    answer = resolve_in(project, term.path, term.scope, node.text)
    if isinstance(answer, Symbol) and answer.kind == "variable":
        value = definition(project, answer)
        return metadata_of(project, value, _key_of(project, answer), depth - 1) if value is not None else NOWHERE
    if _evaluated_name(project, term) in _METADATA:
        return Metadata(FRESH, None)
    return NOWHERE


_METADATA = frozenset({"sqlalchemy.MetaData()", "sqlalchemy.schema.MetaData()", "sqlalchemy.sql.schema.MetaData()"})


def _evaluated_name(project: Project, term: Term) -> str:
    value = evaluated(project, term)
    return value.name if isinstance(value, Symbol) else ""


def _metadata_made(project: Project, term: Term, key: str) -> Metadata:
    call = made(project, term)
    if call is None or call.word != "MetaData":
        return NOWHERE
    first = next((each for each in call.args[:1] if text(project, each) is not None), None)
    given = call.get("schema") or first
    if given is None:
        return Metadata(key, None if call.open else "")
    if isinstance(given.node, tree.Constant) and given.node.value is None:
        return Metadata(key, "")
    return Metadata(key, text(project, given))


def _metadata_attribute(project: Project, owner: Term) -> Metadata | None:
    """The `.metadata` of a base, a model, a registry or `db`."""
    answer = resolve_in(project, owner.path, owner.scope, owner.node.text)
    if not isinstance(answer, Symbol):
        return None
    if answer.kind == "class":
        found = project[membership, answer]
        return found.metadata if found is not None else None
    if answer.kind == "external":
        return SQLMODEL.metadata if outside_word(answer.name) == "SQLModel" else None
    if answer.kind != "variable":
        return None
    root = _root_of_path(project, owner, answer) or registry_root(project, owner)
    if root is None and is_extension(project, owner):
        root = extension(project, owner)
    return root.metadata if root is not None else None


def _key(symbol: Symbol) -> str:
    return f"{symbol.path}:{symbol.name}"


def _key_of(project: Project, variable: Symbol) -> str:
    """The key of what a variable stands for: `DB = db = SQLAlchemy()` gives one thing two names."""
    module = project.module(variable.path)
    bindings = module.bindings if module is not None else ()
    given = next((each.value_code for each in bindings if each.name == variable.name), None)
    first = next((each.name for each in bindings if given is not None and each.value_code == given), variable.name)
    return f"{variable.path}:{first}"
