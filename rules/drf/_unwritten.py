"""What serializers are asked to store and have no method for: nested values, dotted sources, plain serializers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.entities import entity
from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts, class_member, functions_of, resolve_in
from cdlint.rule import Location

from ._serializers import Declared, Serializer, declared, has_method, meta_list
from ._writes import Write, writes

_READ_ONLY = frozenset(
    {"ReadOnlyField", "SerializerMethodField", "StringRelatedField", "HyperlinkedIdentityField", "HiddenField"}
)
_CHANGING = frozenset({"__init__", "get_fields", "run_validation", "save", "to_internal_value", "build_nested_field"})
_MAKING = frozenset({"to_internal_value", "run_validation", "validate", "get_value", "__new__", "__init__"})


class Unwritten(NamedTuple):
    """What the framework's own `method` refuses. `why`: `nested`, `dotted` or `plain`; `source` of a dotted field."""

    why: str
    write: Write
    method: str
    field: str
    source: str
    at: Location


def unwritten(project: Project, shape: Serializer) -> tuple[Unwritten, ...]:
    """What requests write through a serializer that nothing stores."""
    found = project[writes].get(shape.name, ())
    if not found:
        return ()
    return tuple(_fields(project, shape, found) if shape.of_model else _plain(project, shape, found))


def _lacking(project: Project, shape: Symbol, write: Write) -> str:
    """The method that a write runs and the serializer does not have; `""` when it has it, or may have."""
    needed = ("create", "update") if write.method == "save" else (write.method,)
    return "" if any(has_method(project, shape, name) for name in needed) else needed[0]


def _plain(project: Project, shape: Serializer, found: tuple[Write, ...]) -> Iterator[Unwritten]:
    facts = class_facts(project, shape.name)
    lists = any(name.endswith("ListSerializer") for name in project[ancestry, shape.name].external)
    if facts is None or lists or has_method(project, shape.name, "save"):
        return
    for write in found:
        method = _lacking(project, shape.name, write)
        if method and (not _sets_instance(project, shape.name) or not has_method(project, shape.name, "update")):
            yield Unwritten("plain", write, method, "", "", Location(shape.name.path, facts.at))
            return


def _sets_instance(project: Project, shape: Symbol) -> bool:
    """Whether a serializer may choose the instance that it updates itself."""
    functions = [
        function
        for owner in project[ancestry, shape].first_party
        for function in project[functions_of, owner.path].values()
        if function.owner == owner.name
    ]
    return any(function.mentions("self.instance") for function in functions)


def _fields(project: Project, shape: Serializer, found: tuple[Write, ...]) -> Iterator[Unwritten]:
    above = project[ancestry, shape.name].first_party
    owned = [class_facts(project, owner) for owner in above]
    if not shape.whole or any(facts is None or not _CHANGING.isdisjoint(facts.methods) for facts in owned):
        return
    for field in _written_fields(project, shape):
        source = field.call.keyword("source")
        text = source.value if isinstance(source, tree.Constant) and isinstance(source.value, str) else field.name
        if not _is_relation(project, shape, text.partition(".")[0]) or not _is_kept(project, shape.name, field):
            continue
        for write in found:
            method = _lacking(project, shape.name, write)
            given = write.given
            if method and write.whole and given is not None and text.partition(".")[0] not in given:
                why = "dotted" if "." in text else "nested"
                own = class_facts(project, shape.name) if field.owner != shape.name else None
                at = Location(shape.name.path, own.at if own is not None else field.at)
                yield Unwritten(why, write, method, field.name, text, at)
                break


def _written_fields(project: Project, shape: Serializer) -> Iterator[Declared]:
    """The fields that take nested values from every request, those of first-party bases included."""
    listed = meta_list(project, shape.name, "fields")
    names = {text for text, _, _ in listed[0]} if listed is not None and listed[1] else None
    bound: set[str] = set()
    for owner in project[ancestry, shape.name].first_party:
        for field in project[declared, owner]:
            shown = names is None or field.name in names
            if field.name not in bound and shown and _is_written(project, field):
                yield field
        facts = class_facts(project, owner)
        bound |= {each.name for each in facts.fields} if facts is not None else set()


def _is_written(project: Project, field: Declared) -> bool:
    given = {each.name: each.value for each in field.call.keywords}
    if None in given or not {"required", "default"}.isdisjoint(given) or field.kind in _READ_ONLY:
        return False
    value = given.get("read_only")
    if value is not None and not (isinstance(value, tree.Constant) and value.value is False):
        return False
    source = given.get("source")
    if source is not None and (not isinstance(source, tree.Constant) or source.value == "*"):
        return False
    dotted = isinstance(source, tree.Constant) and "." in str(source.value)
    return dotted or (field.kind == "Serializer" and _stays_nested(project, field))


def _stays_nested(project: Project, field: Declared) -> bool:
    """Whether what a nested serializer makes of its input is a dictionary, or a list of them."""
    inner = resolve_in(project, field.owner.path, "", getattr(field.call.func, "text", "?"))
    if not isinstance(inner, Symbol):
        return False
    return inner.kind == "external" or not any(has_method(project, inner, name) for name in _MAKING)


def _is_relation(project: Project, shape: Serializer, name: str) -> bool:
    known = entity(project, shape.model) if shape.model is not None else None
    found = known.attributes.get(name) if known is not None else None
    return found is not None and found.kind in ("one", "many")


def _is_kept(project: Project, shape: Symbol, field: Declared) -> bool:
    """Whether the validation of a serializer leaves a field as it is."""
    if has_method(project, shape, f"validate_{field.name}"):
        return False
    found = project[class_member, (shape, "validate")]
    if not isinstance(found, Symbol) or found.kind != "function":
        return True
    function = project[functions_of, found.path][found.name]
    head = str(getattr(field.call.keyword("source"), "value", field.name)).partition(".")[0]
    name = function.params[1].name if len(function.params) > 1 else ""
    returned = [node.value for node in function.every(tree.Return)]
    same = all(isinstance(value, tree.Path) and value.text == name for value in returned)
    return same and not any(function.mentions(text) for text in (field.name, head, "pop"))
