"""The names that serializers give to fields of their model, and which of them the model does not have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.entities import Entity, added_attributes, entity
from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import self_assignments
from cdlint.project.calls import calls_of
from cdlint.project.classes import ancestry, functions_of, subclasses
from cdlint.project.inner import option
from cdlint.rule import Location

from ._declarations import named_serializers
from ._serializers import Declared, Serializer, bound_names, declared, lacks, meta_list, shows_itself


class Misnamed(NamedTuple):
    """A name that is not there. `why`: an option of `Meta`, `source`, `slug_field`, or `same` for a needless source."""

    why: str
    name: str
    part: str
    model: Symbol
    at: Location


def misnamed(project: Project, shape: Serializer) -> tuple[Misnamed, ...]:
    """The names of a serializer that lead nowhere."""
    if shape.model is None or not shape.whole or shows_itself(project, shape.name):
        return ()
    known = entity(project, shape.model)
    return tuple(_misnamed(project, shape, shape.model, known)) if known is not None else ()


def _misnamed(project: Project, shape: Serializer, model: Symbol, known: Entity) -> Iterator[Misnamed]:
    bound = project[bound_names, shape.name] | _renamed(project, shape.name)
    for where in ("fields", "read_only_fields", "extra_kwargs"):
        listed = meta_list(project, shape.name, where)
        for text, at, path in listed[0] if listed is not None else ():
            if path == shape.name.path and text not in bound and not _is_url(text) and lacks(known, text):
                if _is_filled(project, shape.name, text):
                    continue
                if where == "read_only_fields" and not _stays_writable(project, shape, near(known, text)):
                    continue
                yield Misnamed(where, text, text, model, Location(path, at))
    if not _serializes(project, shape, known):
        return
    for field in project[declared, shape.name]:
        source = field.call.keyword("source")
        yield from _by_slug(project, shape, field, known)
        if source is None and _shows_many(field) and lacks(known, field.name):
            if not _may_be_added(project, known.name, field.name) and not _is_taken(
                project, shape.name, field, field.name
            ):
                yield Misnamed("source", field.name, field.name, model, Location(shape.name.path, field.at))
            continue
        if not isinstance(source, tree.Constant) or not isinstance(source.value, str) or source.value == "*":
            continue
        place = Location(shape.name.path, source.at)
        if source.value == field.name:
            yield Misnamed("same", field.name, field.name, model, place)
            continue
        part, owner = _lost(project, known, source.value)
        if "__" in part and any(part in project[_asked_in, path] for path in project.paths):
            continue  # The rows are dictionaries, which have it under this name.
        if part and _is_taken(project, shape.name, field, source.value):
            continue
        if part and field.kind != "HiddenField" and not _is_taken_out(project, field, source.value):
            yield Misnamed("source", source.value, part, owner, place)


def _by_slug(project: Project, shape: Serializer, field: Declared, known: Entity) -> Iterator[Misnamed]:
    """The attribute by which a related field shows and finds rows, when these do not have it."""
    slug = field.call.argument(0, "slug_field") if field.kind == "SlugRelatedField" else None
    source = field.call.keyword("source")
    name = source.value if isinstance(source, tree.Constant) else field.name if source is None else None
    found = known.attributes.get(name) if isinstance(name, str) else None
    other = entity(project, found.target) if found is not None and found.target is not None else None
    if other is None or not isinstance(slug, tree.Constant) or not isinstance(slug.value, str):
        return
    part = slug.value.partition("__")[0]
    if lacks(other, part) and not _may_be_added(project, other.name, part):
        yield Misnamed("slug_field", slug.value, part, other.name, Location(shape.name.path, slug.at))


def _is_taken_out(project: Project, field: Declared, source: str) -> bool:
    """Whether a field is only written, and some code may take its value out of what is stored."""
    write_only = field.call.keyword("write_only")
    if not isinstance(write_only, tree.Constant) or write_only.value is not True:
        return write_only is not None
    return "." in source or any(project[_takes_out, (path, source)] for path in project.paths)


def _takes_out(project: Project, key: tuple[str, str]) -> bool:
    path, name = key
    module = project.module(path)
    functions = module.functions if module is not None else ()
    return any(each.mentions(name) and (each.mentions("validated") or each.mentions("pop")) for each in functions)


def _renamed(project: Project, shape: Symbol) -> frozenset[str]:
    """The fields whose options say where they take their value from."""
    found = option(project, shape, "Meta", "extra_kwargs")
    options = found[1].items if found is not None and isinstance(found[1], tree.Mapping) else ()
    return frozenset(
        str(getattr(name, "value", ""))
        for name, given in options
        if isinstance(given, tree.Mapping) and any(getattr(key, "value", "") == "source" for key, _ in given.items)
    )


def _is_filled(project: Project, shape: Symbol, name: str) -> bool:
    """Whether nobody makes a serializer itself, and all that are built on it have a field of that name."""
    below = project[subclasses].get(shape, ())
    if not below or shape.last in project[named_serializers]:
        return False
    return all(name in project[bound_names, each] for each in below)


def _shows_many(field: Declared) -> bool:
    """Whether a field shows rows through another serializer: there is no such relation if the model lacks its name."""
    many = field.call.keyword("many")
    is_many = isinstance(many, tree.Constant) and many.value is True and field.kind.endswith("Serializer")
    # Where nothing is found, a default is shown.
    optional = any(isinstance(field.call.keyword(name), tree.Constant) for name in ("write_only", "allow_null"))
    return is_many and not optional and field.call.keyword("default") is None


def _asked_in(project: Project, path: str) -> frozenset[str]:
    """The paths over relations that the queries of a file take the values of."""
    return frozenset(
        each.value
        for _, call in calls_of(project, path, frozenset({"values"}))
        for each in call.args
        if isinstance(each, tree.Constant) and isinstance(each.value, str) and "__" in each.value
    )


def _stays_writable(project: Project, shape: Serializer, name: str) -> bool:
    """Whether the serializer lets requests write the field that was most likely meant: else the name is a leftover."""
    listed, locked = meta_list(project, shape.name, "fields"), meta_list(project, shape.name, "read_only_fields")
    shown = listed is None or not listed[1] or name in {text for text, _, _ in listed[0]}
    return bool(name) and shown and name not in {text for text, _, _ in (locked[0] if locked is not None else ())}


def _is_url(name: str) -> bool:
    """Whether a name may be that of the link to the object itself, which settings choose."""
    return name.rpartition("_")[2] in ("url", "uri", "href", "link")


def _serializes(project: Project, shape: Serializer, known: Entity) -> bool:
    """Whether it is the model that is serialized: one whose sources all lead nowhere is given something else."""
    given = [field.call.keyword("source") for field in project[declared, shape.name]]
    heads = {node.value.partition(".")[0] for node in given if isinstance(node, tree.Constant) and node.value != "*"}
    return len(given) < 3 or not heads or not heads.isdisjoint(known.attributes)


def _lost(project: Project, known: Entity, source: str) -> tuple[str, Symbol]:
    """The part of a source that is not there and the model that lacks it; `""` when all is well, or unknown."""
    for part in source.split("."):
        if part not in known.attributes:
            return part if lacks(known, part) and not _may_be_added(project, known.name, part) else "", known.name
        found = known.attributes[part]
        following = entity(project, found.target) if found.kind == "one" and found.target is not None else None
        if following is None:
            break
        known = following
    return "", known.name


def _may_be_added(project: Project, model: Symbol, name: str) -> bool:
    """Whether queries or methods of the model give rows an attribute, or a child of it has one."""
    if name in added_attributes(project):
        return True
    if any(name in project[self_assignments, owner] for owner in project[ancestry, model].first_party):
        return True
    below = [entity(project, each) for each in project[subclasses].get(model, ())]
    return any(each is not None and name in each.attributes for each in below)


def _is_taken(project: Project, shape: Symbol, field: Declared, source: str) -> bool:
    """Whether a field may be missing, and the serializer takes what it is given by hand."""
    required = field.call.keyword("required")
    if not isinstance(required, tree.Constant) or required.value is not False:
        return False
    own = (each for each in project[functions_of, shape.path].values() if each.owner == shape.name)
    return any(each.mentions(source) for each in own)


def near(known: Entity, name: str) -> str:
    """The attribute that was most likely meant, `""` when none is close."""
    from difflib import get_close_matches

    usable = [each for each, found in known.attributes.items() if found.kind in ("column", "one", "many")]
    found = get_close_matches(name, usable, 1, 0.7)
    return found[0] if found else ""
