"""The serializers of Django REST framework as their classes say them: models, fields, declarations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.entities import Entity
from cdlint.facts import tree
from cdlint.facts.model import Binding
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import (
    TRANSPARENT,
    ancestry,
    class_facts,
    class_member,
    classes_of,
    function_facts,
    resolve_in,
)
from cdlint.project.inner import option
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate

_HOMES = ("rest_framework.serializers.", "rest_framework.fields.", "rest_framework.relations.")
_SERIALIZERS = frozenset(
    f"rest_framework.serializers.{name}"
    for name in ("BaseSerializer", "Serializer", "ListSerializer", "ModelSerializer", "HyperlinkedModelSerializer")
)
_OF_MODELS = frozenset(
    f"rest_framework.serializers.{name}" for name in ("ModelSerializer", "HyperlinkedModelSerializer")
)
_CHANGING = frozenset({"get_fields", "get_field_names", "build_field", "build_unknown_field", "get_declared_fields"})
_MADE = re.compile(r"get_(?:next_by_|previous_by_)?\w+?(?:_display)?")


class Declared(NamedTuple):
    """A field that a serializer's body declares. `kind` is the last name of the framework's own class."""

    name: str
    kind: str
    call: tree.Call
    owner: Symbol
    at: At


class Serializer(NamedTuple):
    """A serializer. `whole` says that all its bases are known and none of them changes the fields."""

    name: Symbol
    of_model: bool
    model: Symbol | None
    whole: bool


def serializers(project: Project) -> tuple[Serializer, ...]:
    """The serializers of the repository; tests are left out."""
    return tuple(each for path in project.paths for each in project[_serializers_in, path])


def _serializers_in(project: Project, path: str) -> tuple[Serializer, ...]:
    module = project.module(path)
    if module is None or is_aside(path) or not module.classes:
        return ()
    return tuple(
        found
        for each in module.classes
        if each.base_codes and (found := project[serializer, Symbol("class", path, each.qualname)]) is not None
    )


def serializer(project: Project, symbol: Symbol) -> Serializer | None:
    """A class as a serializer; None when it is none."""
    above = project[ancestry, symbol]
    if _SERIALIZERS.isdisjoint(above.external):
        return None
    outside = [name for name in above.external if name not in TRANSPARENT and not name.startswith("builtins.object")]
    changing = any(
        not _CHANGING.isdisjoint(facts.methods) or any(name == "metaclass" for name, _ in facts.keyword_codes)
        for owner in above.first_party
        if (facts := class_facts(project, owner)) is not None
    )
    whole = not above.unknown and not changing and all(name.startswith("rest_framework.") for name in outside)
    of_model = not _OF_MODELS.isdisjoint(above.external)
    return Serializer(symbol, of_model, _model(project, symbol) if of_model else None, whole)


def _model(project: Project, symbol: Symbol) -> Symbol | None:
    found = option(project, symbol, "Meta", "model")
    if found is None or not isinstance(found[1], tree.Path):
        return None
    answer = resolve_in(project, found[0].path, "", found[1].text)
    return answer if isinstance(answer, Symbol) and answer.kind == "class" else None


def declared(project: Project, symbol: Symbol) -> tuple[Declared, ...]:
    """The fields that the body of a serializer itself declares; of a name that is bound again the last."""
    facts = class_facts(project, symbol)
    last = {each.name: each for each in facts.fields} if facts is not None else {}
    return tuple(found for each in last.values() if (found := _field(project, symbol, each)) is not None)


def _field(project: Project, owner: Symbol, binding: Binding) -> Declared | None:
    call = binding.value if binding.kind == "assign" and binding.callee else None
    if not isinstance(call, tree.Call):
        return None
    kind = project[field_kind, (owner.path, binding.callee)]
    return Declared(binding.name, kind, call, owner, binding.at) if kind else None


def field_kind(project: Project, key: tuple[str, str]) -> str:
    """The framework's own class that a field is of, `Serializer` for a nested one; `""` when it is no field."""
    path, callee = key
    answer = resolve_in(project, path, "", callee)
    if isinstance(answer, Symbol) and answer.kind == "variable":
        answer = evaluate(project, (path, ""), tree.Path(callee, (1, 0, 1, 0)))
    if not isinstance(answer, Symbol):
        return ""
    names = (answer.name,) if answer.kind == "external" else project[ancestry, answer].external
    for name in names:
        if name in _SERIALIZERS:
            return "Serializer"
        if name.startswith(_HOMES) and name.endswith(("Field", "HiddenField")):
            return name.rpartition(".")[2]
    return ""


def bound_names(project: Project, symbol: Symbol) -> frozenset[str]:
    """All names that the body of a serializer or of one above it binds, methods left out."""
    found: set[str] = set()
    for owner in project[ancestry, symbol].first_party:
        facts = class_facts(project, owner)
        found.update(each.name for each in facts.fields if facts is not None) if facts is not None else None
    return frozenset(found)


def has_method(project: Project, symbol: Symbol, name: str) -> bool:
    """Whether a serializer has a method, or may have it from a base that is not known."""
    found = project[class_member, (symbol, name)]
    if isinstance(found, Symbol) and found.kind != "external":
        return True
    above = project[ancestry, symbol]
    return bool(above.unknown) or any(
        not each.startswith("rest_framework.") for each in above.external if each not in TRANSPARENT
    )


def shows_itself(project: Project, symbol: Symbol) -> bool:
    """Whether a serializer writes out itself what it shows, and asks none of its fields for that."""
    found = project[class_member, (symbol, "to_representation")]
    facts = function_facts(project, found) if isinstance(found, Symbol) and found.kind == "function" else None
    return facts is not None and not any(map(facts.mentions, ("super", ".fields", "_readable_fields")))


def meta_list(project: Project, symbol: Symbol, name: str) -> tuple[tuple[tuple[str, At, str], ...], bool] | None:
    """The strings of a `Meta` list with their places and file, and whether these are all; None without such a list."""
    found = option(project, symbol, "Meta", name)
    if found is None or (isinstance(found[1], tree.Constant)):
        return None
    holder, node = found
    texts = tuple((text, at, holder.path) for text, at in strings(node))
    return texts, _is_plain(node)


def strings(node: Node) -> Iterator[tuple[str, At]]:
    """The strings in a list, the keys of a dictionary, or a sum of them."""
    if isinstance(node, tree.Sequence):
        for item in node.items:
            if isinstance(item, tree.Constant) and isinstance(item.value, str):
                yield item.value, item.at
    elif isinstance(node, tree.Mapping):
        for key, _ in node.items:
            if isinstance(key, tree.Constant) and isinstance(key.value, str):
                yield key.value, key.at
    elif isinstance(node, tree.Binary) and node.op == "+":
        for term in node.terms:
            yield from strings(term)


def _is_plain(node: Node) -> bool:
    return isinstance(node, tree.Sequence) and all(isinstance(item, tree.Constant) for item in node.items)


def whole_list(project: Project, symbol: Symbol, name: str) -> frozenset[str] | None:
    """The strings of a `Meta` list and of the lists of others that it is made of; None when not all are known."""
    found = option(project, symbol, "Meta", name)
    facts = class_facts(project, found[0]) if found is not None else None
    if found is None or facts is None or sum(each.name == name for each in facts.fields) > 1:
        return None
    return _whole(project, *found, 6)


def _whole(project: Project, holder: Symbol, node: Node, depth: int) -> frozenset[str] | None:
    parts: list[Node] = []
    if isinstance(node, tree.Binary) and node.op == "+":
        parts.extend(node.terms)
    elif isinstance(node, tree.Sequence):
        texts = [each.value for each in node.items if isinstance(each, tree.Constant) and isinstance(each.value, str)]
        spread = [each.value for each in node.items if isinstance(each, tree.Starred)]
        if len(texts) + len(spread) != len(node.items):
            return None
        inner = [_whole(project, holder, each, depth - 1) for each in spread]
        return None if None in inner else frozenset(texts).union(*(each for each in inner if each is not None))
    elif isinstance(node, tree.Path) and depth > 0:
        owner, _, name = node.text.rpartition(".Meta.")
        cls = resolve_in(project, holder.path, "", owner) if owner else None
        found = option(project, cls, "Meta", name) if isinstance(cls, Symbol) and cls.kind == "class" else None
        return _whole(project, *found, depth - 1) if found is not None else None
    known = [_whole(project, holder, each, depth - 1) for each in parts]
    return None if not known or None in known else frozenset().union(*(each for each in known if each is not None))


def is_made(name: str) -> bool:
    """Whether a name looks like a method that the framework makes for a field."""
    return _MADE.fullmatch(name) is not None and name.startswith("get_")


def lacks(known: Entity, name: str) -> bool:
    """Whether an entity surely does not have an attribute."""
    if not known.complete or name in known.attributes or is_made(name) or name == "pk":
        return False
    return not any(each.endswith("_*") and name.startswith(each[:-1]) for each in known.attributes)


def own_meta(project: Project, symbol: Symbol) -> bool:
    """Whether the class itself says a `Meta`."""
    return f"{symbol.name}.Meta" in project[classes_of, symbol.path]
