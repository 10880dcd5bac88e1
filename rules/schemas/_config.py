"""What the configuration of a Pydantic class says about the names of its fields in the data."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts, classes_of
from cdlint.project.values import Scope, evaluate
from cdlint.rule import Location


class Generator(NamedTuple):
    """What makes aliases: a known function by name (`""` for none), or why it is not known."""

    name: str = ""
    why: str = ""
    at: Location | None = None


_CAMEL_BASES = frozenset({"fastapi_camelcase.CamelModel"})


def to_camel(name: str) -> str:
    """`some_name` as `someName`; a name without underscores stays."""
    if "_" not in name.strip("_") and not re.search(r"\d[a-z]", name):
        return name
    whole = to_pascal(name)
    start = len(whole) - len(whole.lstrip("_"))
    return whole[:start] + whole[start : start + 1].lower() + whole[start + 1 :]


def to_pascal(name: str) -> str:
    """`some_name` as `SomeName`."""
    inner = name.strip("_")
    head, _, tail = name.partition(inner) if inner else (name, "", "")
    return head + "".join(word.title() for word in inner.split("_")) + tail


def _same(name: str) -> str:
    return name


def _joined(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in others)


KNOWN: dict[str, Callable[[str], str]] = {
    "pydantic.alias_generators.to_camel": to_camel,
    "pydantic.alias_generators.to_pascal": to_pascal,
    "pydantic.alias_generators.to_snake": _same,
    "humps.camelize": _joined,
    "humps.main.camelize": _joined,
    "humps.camel.case": _joined,
}
"""What makes aliases, by the name that it is imported under."""


def generator(project: Project, symbol: Symbol) -> Generator:
    """What makes the aliases of a class: its own configuration's, else that of the nearest base that says so."""
    above = project[ancestry, symbol]
    for owner in above.first_party:
        found = _of_class(project, owner)
        if found is not None:
            return found
    camel = not _CAMEL_BASES.isdisjoint(above.external)
    return Generator("pydantic.alias_generators.to_camel") if camel else Generator()


def _of_class(project: Project, owner: Symbol) -> Generator | None:
    facts = class_facts(project, owner)
    for binding in facts.fields if facts else ():
        if binding.name == "model_config" and binding.value_code is not None:
            value = _named(binding.value)
            return None if value is None else _generator(project, (owner.path, owner.name), value)
    inner = project[classes_of, owner.path].get(f"{owner.name}.Config")
    for binding in inner.fields if inner else ():
        if binding.name == "alias_generator":
            return _generator(project, (owner.path, owner.name), binding.value)
    return None


def _named(config: Node) -> Node | None:
    """The `alias_generator` of `ConfigDict(...)` or a dict."""
    if isinstance(config, tree.Call):
        return config.keyword("alias_generator")
    if isinstance(config, tree.Mapping):
        for key, value in config.items:
            if isinstance(key, tree.Constant) and key.value == "alias_generator":
                return value
    return None


def _generator(project: Project, scope: Scope, node: Node) -> Generator:
    at = Location(scope[0], node.at)
    if isinstance(node, tree.Constant) and node.value is None:
        return Generator()
    if isinstance(node, tree.Call) and getattr(node.func, "last", "") == "AliasGenerator":
        inner = node.argument(0, "alias") or node.keyword("validation_alias") or node.keyword("serialization_alias")
        return Generator() if inner is None else _generator(project, scope, inner)
    answer = evaluate(project, (scope[0], ""), node)
    if isinstance(answer, Symbol) and answer.name in KNOWN:
        return Generator(answer.name, "", at)
    return Generator("", f"`{getattr(node, 'text', 'a function')}` makes them", at)
