"""What attributes the objects of a class may have, when everything that could add one can be read."""

from __future__ import annotations

import abc
import enum
from collections.abc import Iterator

from cdlint.facts import tree
from cdlint.facts.model import Class, Function, Module
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import self_assignments
from cdlint.project.calls import words
from cdlint.project.classes import TRANSPARENT, ancestry, class_facts, class_member, descendants
from cdlint.project.places import is_aside

_PYDANTIC = frozenset({"pydantic.BaseModel", "pydantic.main.BaseModel"})
_ENUMS = {
    f"enum.{each.__name__}": frozenset(
        (*dir(each), *vars(each), *dir(enum.EnumMeta), "name", "value", "_name_", "_value_")
    )
    for each in (enum.Enum, enum.IntEnum, enum.StrEnum, enum.Flag, enum.IntFlag)
}
_CHOICES = {
    f"django.db.models.{name}": frozenset(
        (*dir(enum.Enum), *vars(enum.Enum), *dir(enum.EnumMeta), *dir(kind), "name", "value", "label", "choices",
         "labels", "values", "names", "do_not_call_in_templates")
    )
    for name, kind in (("TextChoices", str), ("IntegerChoices", int))
}  # fmt: skip
_OF_PYDANTIC = """
construct copy dict from_orm json model_computed_fields model_config model_construct model_copy model_dump
model_dump_json model_extra model_fields model_fields_set model_json_schema model_parametrized_name model_post_init
model_rebuild model_validate model_validate_json model_validate_strings parse_file parse_obj parse_raw schema
schema_json update_forward_refs validate Config
"""
_OUTSIDE = {
    **_ENUMS,
    **_CHOICES,
    **{f"builtins.{each.__name__}": frozenset(dir(each)) for each in (Exception, ValueError, RuntimeError, str, int)},
    "typing.NamedTuple": frozenset((*dir(tuple), "_asdict", "_fields", "_field_defaults", "_make", "_replace")),
    **dict.fromkeys(TRANSPARENT, frozenset[str]()),
    **dict.fromkeys(_PYDANTIC, frozenset(_OF_PYDANTIC.split())),
}
"""The bases from outside whose members are known, with these."""
MANAGERS = frozenset(
    ["AbstractAsyncContextManager", "AbstractContextManager", "AsyncContextManager", "ContextManager",
     "asynccontextmanager", "contextmanager"]
)  # fmt: skip
PRODUCERS = MANAGERS | {
    "AsyncGenerator", "AsyncIterable", "AsyncIterator", "Awaitable", "Coroutine", "Generator", "Iterable", "Iterator"
}  # fmt: skip
"""The names in annotations of what gives an object when it is entered, awaited or gone through."""
_PROTOCOLS = frozenset({"typing.Protocol", "typing_extensions.Protocol"})
_KNOWN = frozenset(name.rpartition(".")[2] for name in _OUTSIDE)
_PATH, _SUBSCRIPT = tree.TAG[tree.Path], tree.TAG[tree.Subscript]
_EVERY = frozenset((*dir(object), *dir(type), *dir(abc.ABCMeta), "__dict__", "__annotations__", "__slots__"))
_HOOKS = frozenset({"__get__", "__getattr__", "__getattribute__", "__init_subclass__", "__setattr__", "__new__"})
_DECORATORS = frozenset({"dataclass", "final", "total_ordering", "unique", "dataclass_transform"})
_MAKERS = frozenset({"setattr", "vars", "locals", "globals", "exec", "eval"})


def closed_names(project: Project) -> frozenset[str]:
    """The last names of the classes that may be closed, as far as it costs nothing to tell."""
    above: dict[str, set[str]] = {}
    for path in project.paths:
        for name, bases in project[_classes_in, path]:
            above.setdefault(name, set()).update(bases)
    closed, known = set(above), above.keys() | _KNOWN
    while opened := {name for name in closed if not above[name] <= known}:
        closed -= opened
        known -= opened - _KNOWN
    return frozenset(closed)


def _classes_in(project: Project, path: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The classes of a file with the last names of their bases, without positions."""
    module = None if is_aside(path) else project.module(path)
    return tuple([(each.name, _named(each)) for each in module.classes if not each.conditional]) if module else ()


def _named(cls: Class) -> tuple[str, ...]:
    codes = [code[1] if code[0] == _SUBSCRIPT else code for code in cls.base_codes]
    return tuple([code[1].rpartition(".")[2] if code[0] == _PATH else "?" for code in codes])


def holders_of_enums(project: Project, path: str) -> frozenset[str]:
    """The names of the classes of a file that have enumerations inside: `Order.State`."""
    module = None if is_aside(path) else project.module(path)
    enums = {each.rpartition(".")[2] for each in (*_ENUMS, *_CHOICES)}
    return frozenset(
        each.parent.rpartition(".")[2]
        for each in (module.classes if module is not None else ())
        if each.parent and not enums.isdisjoint(_named(each))
    )


def lacks(project: Project, value: Symbol, name: str) -> bool:
    """Whether an instance of a class, or the class, surely has no attribute of a name, nor has one of a subclass."""
    if value.kind not in ("instance", "class") or name in _EVERY or name[:2] == "__":
        return False
    if value.last not in project[closed_names]:
        return False
    cls = Symbol("class", value.path, value.name)
    names = project[_of_family, cls]
    if names is None or name in names:
        return False
    owners = {owner for each in _family(project, cls) for owner in project[ancestry, each].first_party}
    return not any(name in project[_assigned_in, owner] for owner in owners)


def _of_family(project: Project, cls: Symbol) -> frozenset[str] | None:
    """The attributes that are easily seen of a class and of all below it; None when there may be any."""
    found: set[str] = set()
    family = _family(project, cls)
    if all(project[_is_abstract, each] or is_protocol(project, each) for each in family):
        return None  # What is there has another class, which only looks like this one.
    for each in family:
        names = project[_members, each]
        if names is None:
            return None
        found |= names
    return frozenset(found)


def _family(project: Project, cls: Symbol) -> tuple[Symbol, ...]:
    """A class, those below it, and of a protocol those that have its methods."""
    below = project[descendants, cls]
    alike = (one for each in below if is_protocol(project, each) for one in project[_implementing, each])
    return tuple(dict.fromkeys((*below, *alike)))


def is_protocol(project: Project, cls: Symbol) -> bool:
    """Whether a class only says what objects have to have."""
    facts = class_facts(project, cls)
    return (
        facts is not None and "Protocol" in _named(facts) and not _PROTOCOLS.isdisjoint(project[ancestry, cls].external)
    )


def _implementing(project: Project, protocol: Symbol) -> tuple[Symbol, ...]:
    """The classes that have all methods of a protocol, whether they say so or not."""
    wanted = {
        name
        for owner in project[ancestry, protocol].first_party
        if (facts := class_facts(project, owner)) is not None
        for name in facts.methods
    }
    if not wanted:
        return ()
    defining = min((project[_defining].get(name, ()) for name in sorted(wanted)), key=len)
    return tuple(
        each
        for each in dict.fromkeys(below for owner in defining for below in project[descendants, owner])
        if not is_protocol(project, each)
        and all(isinstance(project[class_member, (each, name)], Symbol) for name in wanted)
    )


def _defining(project: Project) -> dict[str, tuple[Symbol, ...]]:
    """Name of a method -> the classes that define it."""
    found: dict[str, list[Symbol]] = {}
    for path in project.paths:
        module = project.module(path)
        for each in module.classes if module is not None else ():
            for name in each.methods:
                found.setdefault(name, []).append(Symbol("class", path, each.qualname))
    return {name: tuple(classes) for name, classes in found.items()}


def _members(project: Project, cls: Symbol) -> frozenset[str] | None:
    """The attributes of a class and of its instances that are easily seen; None when it may have any."""
    above = project[ancestry, cls]
    if above.unknown or any(name not in _OUTSIDE for name in above.external):
        return None
    found = {name for each in above.external for name in _OUTSIDE[each]}
    for owner in above.first_party:
        own = project[_own, owner]
        if own is None:
            return None
        found |= own
    return frozenset(found)


def _own(project: Project, cls: Symbol) -> frozenset[str] | None:
    """What a class binds, and plain assignments to `self`; None when it may get more as the program runs."""
    module = project.module(cls.path)
    facts = class_facts(project, cls)
    if module is None or facts is None or sum(each.qualname == cls.name for each in module.classes) != 1:
        return None
    if facts.conditional or not _HOOKS.isdisjoint(facts.methods) or not _is_plain(facts):
        return None
    if facts.methods and not facts.base_codes and all(_is_stub(each) for each in _inside(module, cls)):
        return None  # It is there for annotations only.
    if project[_makes_more, cls.path] or _takes_extra(module, facts):
        return None
    if any(each.mentions("__dict__") for each in _inside(module, cls)):
        return None
    found = {*facts.methods, *(each.name for each in facts.fields), *project[self_assignments, cls]}
    found.update(each.name for each in module.classes if each.parent == cls.name)
    return frozenset(found)


def _takes_extra(module: Module, facts: Class) -> bool:
    """Whether a schema is configured to keep whatever it is given."""
    said = [field.value for field in facts.fields if field.name == "model_config"]
    given = [each.keyword("extra") for each in said if isinstance(each, tree.Call)]
    given += [value for each in said if isinstance(each, tree.Mapping) for key, value in each.items if _is_extra(key)]
    inner = [each for each in module.classes if each.parent == facts.qualname and each.name == "Config"]
    given += [field.value for each in inner for field in each.fields if field.name == "extra"]
    return any(each is not None and _text(each) not in ("forbid", "ignore") for each in given)


def _is_extra(key: tree.Node | None) -> bool:
    return isinstance(key, tree.Constant) and key.value == "extra"


def _text(node: tree.Node) -> str:
    return str(node.value) if isinstance(node, tree.Constant) else getattr(node, "last", "")


def _is_abstract(project: Project, cls: Symbol) -> bool:
    """Whether a class has abstract methods of its own, so that it has no objects."""
    module = project.module(cls.path)
    inside = _inside(module, cls) if module is not None else ()
    return any("abstractmethod" in words(code) for each in inside for code in each.decorator_codes)


def _is_stub(function: Function) -> bool:
    """Whether a function does nothing: a docstring, `...` or `pass`."""
    return all(
        (isinstance(node, tree.Expression) and isinstance(node.value, tree.Constant))
        or (isinstance(node, tree.Jump) and node.kind == "pass")
        for node in function.body
    )


def _makes_more(project: Project, path: str) -> bool:
    """Whether a module gives objects attributes by names that it computes."""
    module = project.module(path)
    functions = module.functions if module is not None else ()
    return any(not _MAKERS.isdisjoint(each.calls) or each.mentions("__setattr__") for each in functions)


def _assigned_in(project: Project, cls: Symbol) -> frozenset[str]:
    """The attributes that the methods of a class assign to anything, in whatever kind of statement."""
    module = project.module(cls.path)
    return (
        frozenset(name for function in _inside(module, cls) for name in _assigned(function)) if module else frozenset()
    )


def _inside(module: Module, cls: Symbol) -> Iterator[Function]:
    return (each for each in module.functions if each.qualname.startswith(f"{cls.name}."))


def _is_plain(facts: Class) -> bool:
    names = [getattr(node.func if isinstance(node, tree.Call) else node, "last", "") for node in facts.decorators]
    if not _DECORATORS.issuperset(names):
        return False
    for name, value in facts.keywords:
        if not (name == "metaclass" and getattr(value, "last", "") == "ABCMeta") and name != "frozen":
            return False
    return not any(
        each.name in ("model_config", "Config", "__slots__") and "allow" in words(each.value_code)
        for each in facts.fields
    )


def _assigned(function: Function) -> Iterator[str]:
    """The last names of the dotted targets of a function's statements."""
    for node in function.nodes:
        if isinstance(node, (tree.Assign, tree.Delete)):
            targets: tuple[tree.Node, ...] = node.targets
        elif isinstance(node, (tree.For, tree.Generator, tree.AugAssign)):
            targets = (node.target,)
        elif isinstance(node, tree.With):
            targets = tuple(target for _, target in node.items if target is not None)
        else:
            continue
        for each in tree.walk(*targets):
            if isinstance(each, tree.Path) and "." in each.text:
                yield each.last


def public_members(project: Project, cls: Symbol) -> Iterator[str]:
    """What a class and its ancestors in the repository define, to suggest names from."""
    for owner in project[ancestry, cls].first_party:
        yield from (name for name in project[_own, owner] or () if not name.startswith("_"))
