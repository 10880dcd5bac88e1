"""The fields of Pydantic and SQLModel classes and of Pydantic's dataclasses, as the library would collect them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cdlint.backend.collected import provides
from cdlint.backend.shapes import Shape, ShapeField, UnknownShape, shapes, unknown_shapes
from cdlint.facts import tree
from cdlint.facts.model import Binding, Class
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import called_names, calls_of
from cdlint.project.classes import TRANSPARENT, ancestry, class_facts, function_facts
from cdlint.project.values import evaluate
from cdlint.project.versions import satisfied
from cdlint.rule import Location

from ._annotations import Said, said
from ._config import KNOWN, Generator, generator
from ._fields import given
from ._generics import arguments, replaced

_PYDANTIC = frozenset(
    {
        "pydantic.BaseModel", "pydantic.main.BaseModel", "pydantic.v1.BaseModel", "pydantic.v1.main.BaseModel",
        "pydantic.generics.GenericModel", "pydantic.v1.generics.GenericModel", "pydantic.RootModel",
        "pydantic.root_model.RootModel", "fastapi_camelcase.CamelModel", "ninja.Schema", "ninja.schema.Schema",
    }
)  # fmt: skip
_SQLMODEL = frozenset({"sqlmodel.SQLModel", "sqlmodel.main.SQLModel"})
_OLD = ("pydantic.v1.", "pydantic.generics.")
_DATACLASS = frozenset({"pydantic.dataclasses.dataclass", "pydantic.v1.dataclasses.dataclass"})
_MAKERS = frozenset({"pydantic.create_model", "pydantic.main.create_model", "pydantic.v1.create_model"})
_MADE = ""
"""Stands for the alias of a field that says none itself, until the class's configuration has its say."""
_COMPUTED = "computed_field"
_SECOND = frozenset({_COMPUTED, "field_serializer", "field_validator", "model_serializer", "model_validator"})
_DUMPING = frozenset({"model_dump", "model_dump_json", "model_validate"})
_BESIDE = frozenset({"model_config", "Config"})


def kind_of(project: Project, symbol: Symbol) -> str:
    """`pydantic`, `sqlmodel`, `dataclass`, or `""` for any other class."""
    above = project[ancestry, symbol]
    if not _SQLMODEL.isdisjoint(above.external):
        return "sqlmodel"
    if not _PYDANTIC.isdisjoint(above.external):
        return "pydantic"
    for owner in above.first_party:
        facts = class_facts(project, owner)
        for node in facts.decorators if facts and facts.decorator_codes else ():
            callee = evaluate(project, (owner.path, ""), node.func if isinstance(node, tree.Call) else node)
            if isinstance(callee, Symbol) and callee.name in _DATACLASS:
                return "dataclass"
    return ""


def candidates(project: Project) -> tuple[tuple[Symbol, str], ...]:
    """The classes that Pydantic collects fields of, each with its kind."""
    return tuple(each for path in project.paths for each in project[_candidates_in, path])


def _candidates_in(project: Project, path: str) -> tuple[tuple[Symbol, str], ...]:
    module = project.module(path)
    found = []
    for facts in module.classes if module else ():
        if facts.base_codes or facts.decorator_codes:
            symbol = Symbol("class", path, facts.qualname)
            kind = kind_of(project, symbol)
            if kind:
                found.append((symbol, kind))
    return tuple(dict.fromkeys(found))


@provides(shapes)
def pydantic_shapes(project: Project) -> tuple[Shape, ...]:
    """All of them with their fields."""
    return tuple(project[shape_of, each] for each in project[candidates])


def shape_of(project: Project, key: tuple[Symbol, str]) -> Shape:
    """One class with its own and inherited fields, for `(class, kind)`."""
    symbol, kind = key
    above = project[ancestry, symbol]
    optional = _optional_has_default(project, above.external)
    known = arguments(project, symbol)
    aliases = generator(project, symbol)
    found: dict[str, ShapeField] = {}
    for owner in reversed(above.first_party):
        facts = class_facts(project, owner)
        place = None if owner == symbol else owner
        for binding in facts.fields if facts else ():
            field = _field(project, owner, binding, optional, known.get(owner, {}), found.get(binding.name))
            if field is not None:
                found[binding.name] = _settled(field, aliases, place)
        for field in _computed(project, owner, facts) if facts else ():
            found[field.name] = _settled(field, aliases, place)
    facts = class_facts(project, symbol)
    outside = [name for name in above.external if name not in TRANSPARENT | _PYDANTIC | _SQLMODEL]
    at = facts.at if facts else (0, 0, 0, 0)
    return Shape(symbol, kind, tuple(found.values()), not outside and not above.unknown, Location(symbol.path, at))


def _optional_has_default(project: Project, external: tuple[str, ...]) -> bool | None:
    """Whether `Optional[X]` without a default need not be given: so in the first version of Pydantic."""
    if any(name.startswith(_OLD) for name in external) or project[satisfied, (("pydantic", "<2"),)]:
        return True
    return False if project[is_second] else None


def is_second(project: Project) -> bool:
    """Whether the repository certainly uses the second version of Pydantic: by its manifests, or by what it calls."""
    if project[satisfied, (("pydantic", ">=2.0a1"),)]:
        return True
    if project[satisfied, (("pydantic", "<2"),)]:
        return False
    called = [project[_calls_second, path] for path in project.paths]
    if any(calls for calls, _ in called) and not any(others for _, others in called):
        return True
    return any(project[_speaks_second, path] for path in project.paths)


def _calls_second(project: Project, path: str) -> tuple[bool, bool]:
    """Whether a file calls methods of the second version only, and whether other things may have them.

    SQLModel gives them to its classes under both versions.
    """
    module = project.module(path)
    if module is None:
        return False, False
    own = any(each.name in _DUMPING for each in module.functions)
    others = own or any(each.module.partition(".")[0] == "sqlmodel" for each in module.imports)
    return not _DUMPING.isdisjoint(project[called_names, path]), others


def _speaks_second(project: Project, path: str) -> bool:
    """Whether a file imports or configures what only the second version has."""
    module = project.module(path)
    if module is None or not any(each.module.partition(".")[0] in ("pydantic", "sqlmodel") for each in module.imports):
        return False
    if any(each.module.partition(".")[0] == "pydantic" and each.name in _SECOND for each in module.imports):
        return True
    fields = (binding for each in module.classes for binding in each.fields)
    return any(binding.name == "model_config" and binding.value_code is not None for binding in fields)


def _field(
    project: Project,
    owner: Symbol,
    binding: Binding,
    optional: bool | None,
    variables: dict[str, str],
    inherited: ShapeField | None,
) -> ShapeField | None:
    """The field that a binding in a class body makes, None when it makes none."""
    if binding.name.startswith("_") or binding.name in _BESIDE or binding.kind not in ("assign", "annotation"):
        return None
    scope = (owner.path, owner.name)
    at = Location(owner.path, binding.at)
    if binding.annotation_code is None:
        return _unannotated(binding, optional, inherited, at)
    spoken = said(project, scope, binding.annotation)
    value = given(project, scope, binding.value, spoken.extras)
    if not spoken.is_field or value.private:
        return None
    required = None if value.default is None else not value.default
    nullable = spoken.nullable
    if required and nullable and optional is not False and not _is_ellipsis(binding):
        required = False if optional else None
    if optional and isinstance(binding.value, tree.Constant) and binding.value.value is None:
        nullable = True
    written = replaced(spoken.type, variables)
    alias = value.alias if value.own_alias else _MADE
    return ShapeField(binding.name, written, required, nullable, alias, False, value.excluded, owner, at)


def _is_ellipsis(binding: Binding) -> bool:
    """Whether a field is required by `...`, whatever its type."""
    value = binding.value
    first = value.argument(0, "default") if isinstance(value, tree.Call) else value
    return isinstance(first, tree.Constant) and first.value is ...


def _unannotated(
    binding: Binding, optional: bool | None, inherited: ShapeField | None, at: Location
) -> ShapeField | None:
    """`name = value`: the default of an inherited field, or a field of the value's type in the first version."""
    if binding.kind != "assign" or binding.value_code is None:
        return None
    if inherited is not None:
        return replace(inherited, required=False, at=at)
    value = binding.value
    if optional and isinstance(value, tree.Constant) and value.value not in (None, ...):
        return ShapeField(binding.name, type(value.value).__name__, False, False, _MADE, False, False, None, at)
    return None


def _computed(project: Project, owner: Symbol, facts: Class) -> Iterator[ShapeField]:
    """The methods that are returned as fields."""
    if _COMPUTED not in project[called_names, owner.path]:
        return
    for method in facts.methods:
        function = function_facts(project, Symbol("function", owner.path, f"{owner.name}.{method}"))
        for node in function.decorators if function and function.decorator_codes else ():
            plain = node.func if isinstance(node, tree.Call) else node
            if function is None or getattr(plain, "last", "") != _COMPUTED:
                continue
            spoken = (
                said(project, (owner.path, owner.name), function.returns) if function.returns else Said("Any", True)
            )
            alias = node.keyword("alias") if isinstance(node, tree.Call) else None
            name = alias.value if isinstance(alias, tree.Constant) and isinstance(alias.value, str) else _MADE
            at = Location(owner.path, function.at)
            yield ShapeField(method, spoken.type, False, spoken.nullable, name, True, False, None, at)


def _settled(field: ShapeField, aliases: Generator, owner: Symbol | None) -> ShapeField:
    """The field with the class that it is inherited from, and the alias that the class's configuration makes."""
    alias = field.alias
    if alias == _MADE:
        alias = KNOWN[aliases.name](field.name) if aliases.name else None
    return replace(field, alias=None if alias == field.name else alias, declared_in=owner)


@provides(unknown_shapes)
def unknown_pydantic(project: Project) -> tuple[UnknownShape, ...]:
    """Functions that make aliases and are not known, and classes made by `create_model`."""
    found = []
    for symbol, _ in project[candidates]:
        aliases = generator(project, symbol)
        if aliases.why and aliases.at is not None:
            found.append(UnknownShape(aliases.at, "the aliases of fields", aliases.why))
    made = (each for path in project.paths for each in project[_made_in, path])
    found += [UnknownShape(at, "a class made by `create_model`", "it is made while running") for at in made]
    return tuple(dict.fromkeys(found))


def _made_in(project: Project, path: str) -> tuple[Location, ...]:
    """Where a file calls `create_model`."""
    found: list[Location] = []
    for function, call in calls_of(project, path, frozenset({"create_model"})):
        callee = evaluate(project, (path, function.qualname), call.func) if call.args else None
        if isinstance(callee, Symbol) and callee.name in _MAKERS:
            found.append(Location(path, call.at))
    return tuple(found)
