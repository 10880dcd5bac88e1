"""What the declaration of a serializer leaves out: fields in the list, methods of fields, the list itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.entities import entity
from cdlint.facts import tree
from cdlint.facts.model import Module
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import called_names, callers_by_name
from cdlint.project.classes import bases, class_facts, classes_of, functions_of, subclasses
from cdlint.project.inner import option
from cdlint.project.versions import satisfied
from cdlint.rule import Location

from ._serializers import Declared, Serializer, bound_names, declared, has_method, lacks, shows_itself, whole_list

_PATH, _RETURN = tree.TAG[tree.Path], tree.TAG[tree.Return]
_RELATED = frozenset({"PrimaryKeyRelatedField", "SlugRelatedField", "HyperlinkedRelatedField"})


class Missing(NamedTuple):
    """`why`: `unlisted` (a declared field), `method` (of a SerializerMethodField), `fields` (no list at all),

    `queryset` (of a related field that can be written), `model` (in `Meta`), `value` (that a validator returns) or
    `field` (that a validator is for).
    """

    why: str
    name: str
    at: Location


def left_out(project: Project, shape: Serializer) -> tuple[Missing, ...]:
    """What a serializer leaves out."""
    return tuple(_left_out(project, shape)) if not shows_itself(project, shape.name) else ()


def _left_out(project: Project, shape: Serializer) -> Iterator[Missing]:
    below = project[subclasses].get(shape.name, ())
    # Where nobody makes this one itself, those built on it may fill in what it lacks.
    is_made = shape.name.last in project[named_serializers]
    is_base = bool(below) and not is_made
    own = project[declared, shape.name]
    # Other fields may take the place of those that are declared.
    exchanged = has_method(project, shape.name, "get_fields")
    for field in own if not exchanged else ():
        if field.kind == "SerializerMethodField":
            given = field.call.argument(0, "method_name")
            name = (
                given.value if isinstance(given, tree.Constant) else None if given is not None else f"get_{field.name}"
            )
            filled = is_base and isinstance(name, str) and any(has_method(project, each, name) for each in below)
            if isinstance(name, str) and not filled and not has_method(project, shape.name, name):
                yield Missing("method", name, Location(shape.name.path, field.at))
        elif field.kind in _RELATED and _lacks_queryset(field):
            yield Missing("queryset", field.name, Location(shape.name.path, field.at))
    yield from _without_value(project, shape)
    yield from _without_field(project, shape)
    if is_base:
        return
    found = [*_without_model(project, shape), *_unlisted(project, shape, own)]
    yield from found if found and (is_made or not _is_handed(project, shape)) else ()
    if shape.of_model and shape.whole and option(project, shape.name, "Meta", "model") is not None:
        yield from _without_list(project, shape)


def _unlisted(project: Project, shape: Serializer, own: tuple[Declared, ...]) -> Iterator[Missing]:
    """The fields of a serializer that its list leaves out."""
    if not shape.of_model or not shape.whole or option(project, shape.name, "Meta", "model") is None:
        return
    names = whole_list(project, shape.name, "fields")
    if names is not None:
        above = _declared_above(project, shape.name)
        for field in own:
            if field.name not in names and field.name not in above:
                yield Missing("unlisted", field.name, Location(shape.name.path, field.at))


def _lacks_queryset(field: Declared) -> bool:
    """Whether a related field can be written and does not say which rows it takes."""
    given = {each.name for each in field.call.keywords}
    own = getattr(field.call.func, "last", "") == field.kind
    return own and not field.call.args and given.isdisjoint({None, "queryset", "read_only"})


def _without_value(project: Project, shape: Serializer) -> Iterator[Missing]:
    """The validators that return nothing, so that the value is lost."""
    facts = class_facts(project, shape.name)
    fields = {f"validate_{field.name}" for field in project[declared, shape.name]}
    fields |= (
        {f"validate_{name}" for name in whole_list(project, shape.name, "fields") or ()} if shape.of_model else set()
    )
    for name in facts.methods if facts is not None else ():
        function = project[functions_of, shape.name.path].get(f"{shape.name.name}.{name}")
        if function is None or not (name == "validate" or name in fields) or function.is_generator:
            continue
        returned = [node for node in function.every(tree.Return) if node.value is not None]
        if not returned and not isinstance(function.body[-1], tree.Raise) and function.holds(tree.If):
            yield Missing("value", name, Location(shape.name.path, function.at))


def _without_field(project: Project, shape: Serializer) -> Iterator[Missing]:
    """The validators that are named after no field, so that nothing ever runs them."""
    facts = class_facts(project, shape.name)
    validators = [name for name in facts.methods if name.startswith("validate_")] if facts is not None else []
    if not validators or not shape.whole or project[subclasses].get(shape.name):
        return
    listed = whole_list(project, shape.name, "fields") if shape.of_model else frozenset[str]()
    known = entity(project, shape.model) if listed is None and shape.model is not None else None
    for name in validators:
        field = name.removeprefix("validate_")
        function = project[functions_of, shape.name.path].get(f"{shape.name.name}.{name}")
        if name == "validate_empty_values" or field in project[bound_names, shape.name] or function is None:
            continue
        if len(function.params) != 2 or function.decorator_codes or (listed is not None and field in listed):
            continue
        if listed is None and (known is None or not lacks(known, field)):
            continue
        if not any(name in project[called_names, path] for path in project.paths):
            yield Missing("field", name, Location(shape.name.path, function.at))


def _without_model(project: Project, shape: Serializer) -> Iterator[Missing]:
    meta = project[classes_of, shape.name.path].get(f"{shape.name.name}.Meta")
    if meta is None or meta.base_codes or meta.decorator_codes or not shape.of_model or not shape.whole:
        return
    names = {field.name for field in meta.fields}
    module = project.module(shape.name.path)
    if module is not None and any(each.mentions("Meta.model") for each in module.functions):
        return
    if "fields" in names and "model" not in names and not project[subclasses].get(shape.name):
        yield Missing("model", "", Location(shape.name.path, meta.at))


def _is_handed(project: Project, shape: Serializer) -> bool:
    """Whether code hands the class itself on to what may build on it."""
    return any(project[_is_handed_in, (path, shape.name.last)] for path in project.paths)


def _is_handed_in(project: Project, key: tuple[str, str]) -> bool:
    path, name = key
    module = project.module(path)
    functions = [each for each in (module.functions if module is not None else ()) if each.mentions(name)]
    calls = (call for function in functions for call in function.call_nodes)
    given = [value for call in calls for value in (*call.args, *(each.value for each in call.keywords))]
    given += [node.value for function in functions for node in function.every(tree.Assign)]
    return any(isinstance(value, tree.Path) and value.last == name for value in given)


def named_serializers(project: Project) -> frozenset[str]:
    """The last names of what is called, or assigned in a class body such as `serializer_class = X`."""
    return frozenset(name for path in project.paths for name in project[_named_in, path])


def _named_in(project: Project, path: str) -> frozenset[str]:
    module = project.module(path)
    values = [field.value_code for cls in (module.classes if module else ()) for field in cls.fields]
    assigned = (code[1].rpartition(".")[2] for code in values if code is not None and code[0] == _PATH)
    # What functions mention otherwise, such as `return UserSerializer`, is made by whoever asked.
    returned = (
        code[1][1].rpartition(".")[2]
        for function in (module.functions if module and "get_serializer_class" in _functions(module) else ())
        for code in function.statements()
        if code[0] == _RETURN and code[1] is not None and code[1][0] == _PATH
    )
    return frozenset((*project[callers_by_name, path], *assigned, *returned))


def _functions(module: Module) -> frozenset[str]:
    return frozenset(each.name for each in module.functions)


def _declared_above(project: Project, symbol: Symbol) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for base in project[bases, symbol]:
        if isinstance(base, Symbol) and base.kind == "class":
            found |= project[bound_names, base]
    return found


def _without_list(project: Project, shape: Serializer) -> Iterator[Missing]:
    meta = project[classes_of, shape.name.path].get(f"{shape.name.name}.Meta")
    if meta is None or shape.model is None or project[subclasses].get(shape.name):
        return
    if satisfied(project, (("djangorestframework", "<3.5"),)):
        return  # Up to then it meant all fields.
    if not any(field.name == "model" for field in meta.fields):
        return
    if option(project, shape.name, "Meta", "fields") is None and option(project, shape.name, "Meta", "exclude") is None:
        names = {field.name for field in meta.fields}
        inner = Symbol("class", shape.name.path, meta.qualname)
        known = all(isinstance(base, Symbol) and base.kind == "class" for base in project[bases, inner])
        facts = class_facts(project, inner)
        if known and facts is not None and not {"fields", "exclude"} & names:
            yield Missing("fields", "", Location(shape.name.path, meta.at))
