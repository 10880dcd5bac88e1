"""Which attributes a mapped class has for certain, so that any other is known to be missing."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.facts import tree
from cdlint.facts.model import Class, Function
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts, functions_of, resolve_in
from cdlint.project.places import is_aside

from ._declarative import membership
from ._models import model
from ._names import (
    COLUMNS,
    DECLARATIVE_CALLS,
    DECLARATIVE_CLASSES,
    OTHER_ATTRIBUTES,
    RELATIONSHIPS,
    imports_it,
    outside_word,
)
from ._registry import backrefs, late, lineage

_EVERYWHERE = frozenset({"metadata", "registry", "query", "query_class", "mro"})
"""What declarative bases and extensions give to every mapped class."""
_SQLMODEL = frozenset(
    {
        "construct", "copy", "dict", "from_orm", "json", "parse_file", "parse_obj", "parse_raw", "schema",
        "schema_json", "sqlmodel_update", "update_forward_refs", "validate",
    }
)  # fmt: skip
_BASES: dict[str, frozenset[str]] = {
    "builtins.object": frozenset(),
    "abc.ABC": frozenset(),
    "typing.Generic": frozenset(),
    "typing.Protocol": frozenset(),
    "sqlalchemy.orm.MappedAsDataclass": frozenset(),
    "sqlalchemy.ext.asyncio.AsyncAttrs": frozenset({"awaitable_attrs"}),
    "flask_login.UserMixin": frozenset({"is_active", "is_authenticated", "is_anonymous", "get_id"}),
    "sqlmodel.SQLModel": _SQLMODEL,
    "sqlmodel.main.SQLModel": _SQLMODEL,
}
"""Bases outside the repository whose attributes are all known."""
_DECORATORS = frozenset(
    {"mapped", "mapped_as_dataclass", "as_declarative", "as_declarative_base", "dataclass", "generic_repr"}
)
_REMAPPING = ("properties", "column_prefix")
_MAKERS = (RELATIONSHIPS | COLUMNS | OTHER_ATTRIBUTES | {"property"}) - {"Field"}
_OF_THE_CLASS = ("cascading", "classmethod", "declared_attr")
"""Decorators of methods whose first parameter is the class."""
_CLASS_NAMES = ("cls", "klass", "class", "class_", "Class")


def attributes(project: Project, cls: Symbol) -> frozenset[str] | None:
    """Every attribute that a mapped class can be asked for; None when there may be more."""
    each = project[model, cls]
    if each is None or each.foreign or not each.closed or is_aside(cls.path) or "__versioned__" in each.names:
        return None
    above = project[lineage, cls]
    opened = project[opened_classes]
    if None in opened or opened.intersection(above) or cls.last in project[late].mapped:
        return None
    names = set(each.names | _EVERYWHERE)
    for owner in above:
        brought = _brought_to(project, owner)
        if brought is None:
            return None
        names |= brought
    for symbol, given in project[backrefs].items():
        if symbol is None or symbol in above:
            if None in given:
                return None
            names.update(name for name in given if name)
    return frozenset(names)


def _brought_to(project: Project, owner: Symbol) -> frozenset[str] | None:
    """What a class of the repository has from bases outside; None when that, or its own body, is not known."""
    facts = class_facts(project, owner)
    above = project[ancestry, owner]
    if facts is None or above.unknown or not _is_plain(project, owner, facts):
        return None
    names: set[str] = set()
    for base in above.external:
        brought = _brought(base)
        if brought is None:
            return None
        names |= brought
    return frozenset(names)


def _brought(base: str) -> frozenset[str] | None:
    last = outside_word(base.removesuffix("()"))
    if last in DECLARATIVE_CALLS or last in DECLARATIVE_CLASSES or base.endswith("SQLAlchemy().Model"):
        return frozenset()
    return _BASES.get(base)


def _is_plain(project: Project, owner: Symbol, facts: Class) -> bool:
    """Whether the body of a class says all that it has."""
    module = project.module(owner.path)
    if module is None or "__init_subclass__" in facts.methods or facts.conditional:
        return False
    if sum(each.qualname == facts.qualname for each in module.classes) > 1 or not {"locals", "vars", "exec"}.isdisjoint(
        module.main.calls
    ):
        return False
    if any(name == "metaclass" for name, _ in facts.keyword_codes):
        return False
    if any(_last(node) not in _DECORATORS for node in facts.decorators):
        return False
    each = project[model, owner]
    if each is not None and each.core is not None:
        return False
    return not any(binding.name == "__mapper_args__" and _remaps(binding.value) for binding in facts.fields)


def _last(node: tree.Node) -> str:
    func = node.func if isinstance(node, tree.Call) else node
    return func.last if isinstance(func, (tree.Path, tree.Attribute)) else ""


def _remaps(value: tree.Node | None) -> bool:
    if not isinstance(value, tree.Mapping):
        return True
    return any(not isinstance(key, tree.Constant) or key.value in _REMAPPING for key, _ in value.items)


# What is given to classes afterwards


def opened_classes(project: Project) -> frozenset[Symbol | None]:
    """The classes that `setattr` gives something to; None stands for any class."""
    found: set[Symbol | None] = set()
    for path in project.paths:
        if not is_aside(path):
            found |= project[_opened_in, path]
    return frozenset(found)


def _opened_in(project: Project, path: str) -> frozenset[Symbol | None]:
    module = project.module(path)
    return frozenset(
        each
        for function in (module.functions if module is not None else ())
        if "setattr" in function.calls
        for each in _opened_by(project, path, function)
    )


def _opened_by(project: Project, path: str, function: Function) -> Iterator[Symbol | None]:
    words = function.lasts
    makes = not words.isdisjoint(_MAKERS)
    listens = any(_last(node) in ("listens_for", "listens") for node in function.decorators)
    for call in function.call_nodes:
        if not (isinstance(call.func, tree.Path) and call.func.text == "setattr" and call.args):
            continue
        given = call.args[0]
        answer = _class_meant(project, path, function, given.text) if isinstance(given, tree.Path) else None
        if answer is not None:
            yield answer
        elif makes or (listens and _sounds_like_class(getattr(given, "last", ""))):
            yield None


def _class_meant(project: Project, path: str, function: Function, text: str) -> Symbol | None:
    first = function.params[0].name if function.params and function.owner else ""
    if text == first and (text == "cls" or any(_last(node) in _OF_THE_CLASS for node in function.decorators)):
        return Symbol("class", path, function.owner)
    answer = resolve_in(project, path, function.qualname, text)
    return answer if isinstance(answer, Symbol) and answer.kind == "class" else None


def _sounds_like_class(name: str) -> bool:
    return name[:1].isupper() or name.endswith(_CLASS_NAMES)


def is_given_later(project: Project, name: str) -> bool:
    """Whether some statement may give a class an attribute of this name: `User.name = ...`, `backref="name"`."""
    return any(project[_gives_in, (path, name)] for path in project.paths)


def _gives_in(project: Project, key: tuple[str, str]) -> bool:
    path, name = key
    module = project.module(path)
    return module is not None and any(
        function.mentions(name) and _gives(project, path, function, name) for function in module.functions
    )


def _gives(project: Project, path: str, function: Function, name: str) -> bool:
    for node in function.nodes:
        if isinstance(node, tree.Assign):
            for target in node.targets:
                if isinstance(target, tree.Path) and target.last == name and "." in target.text:
                    owner = target.text.rpartition(".")[0]
                    if _class_meant(project, path, function, owner) or _sounds_like_class(owner):
                        return True
        elif isinstance(node, tree.Call):
            if any(each.name == "backref" and _says(each.value, name) for each in node.keywords):
                return True
            if _last(node) in ("backref", "add_property", "setattr") and any(_says(each, name) for each in node.args):
                return True
    return False


def _says(node: tree.Node, name: str) -> bool:
    if isinstance(node, tree.Call) and node.args:
        node = node.args[0]
    return isinstance(node, tree.Constant) and bool(node.value == name)


def has_own_constructor(project: Project, cls: Symbol) -> bool:
    """Whether calling a class runs code that may take any argument."""
    member = project[membership, cls]
    if member is None or member.root.style == "sqlmodel":
        return True
    for owner in project[lineage, cls]:
        facts = class_facts(project, owner)
        if facts is None or not {"__init__", "__new__", "__call__"}.isdisjoint(facts.methods):
            return True
        if any(binding.name in ("__init__", "__new__") for binding in facts.fields):
            return True
    return project[constructors_are_given]


def constructors_are_given(project: Project) -> bool:
    """Whether some declarative base is given a constructor of its own."""
    return any(project[_gives_constructor, path] for path in project.paths if project[imports_it, path])


def _gives_constructor(project: Project, path: str) -> bool:
    return any(
        function.mentions("constructor")
        and any(call.keyword("constructor") is not None for call in function.call_nodes)
        for function in project[functions_of, path].values()
    )
