"""Where relations are given what they cannot take: rows for a constructor, or instances that are not saved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import words
from cdlint.project.classes import ancestry, class_facts, functions_of
from cdlint.project.places import is_aside

from ._lookups import MANY_KINDS
from ._query_graph import Model, by_name, info
from ._query_models import declared
from ._query_uses import querying
from ._querysets import Assigned, Place, Use, trace
from ._querysets_values import Cls, One, Rows
from ._related_loops import attribute

_MANAGING = frozenset(
    {
        "add", "set", "remove", "clear", "create", "all", "filter", "exclude", "count", "exists", "first",
        "get", "get_or_create", "aadd", "aset", "order_by", "values_list",
    }
)  # fmt: skip


class Misuse(NamedTuple):
    """`why`: `argument`, `assigned`, `unsaved` (the row itself) or `given` (an unsaved row is stored in another)."""

    why: str
    model: Model
    name: str
    at: At
    method: str = ""


def saving(project: Project) -> tuple[Place, ...]:
    """The functions that query models, and the methods of models."""
    found = dict.fromkeys(project[querying])
    for symbols in project[by_name].values():
        for symbol in symbols:
            facts = class_facts(project, symbol) if not is_aside(symbol.path) else None
            many = {field.name for field in project[declared, symbol].fields if field.kind in MANY_KINDS}
            for name in facts.methods if facts is not None and many else ():
                function = project[functions_of, symbol.path].get(f"{symbol.name}.{name}")
                if function is not None and any(function.mentions(f"self.{each}") for each in many):
                    found[Place(symbol.path, function.qualname)] = None
    return tuple(found)


def misuses(project: Project, place: Place) -> tuple[Misuse, ...]:
    """What a function gives relations that they cannot take."""
    found: list[Misuse] = []
    traced = project[trace, place]
    for use in traced.uses:
        if not use.guarded:
            found.extend(_made(project, use))
    creating = [use for use in traced.uses if use.method in ("create", "acreate") and isinstance(use.on, Rows)]
    if any(isinstance(value, One) and value.fresh for use in creating for _, value in use.keywords):
        fresh = _given_fresh(project, place)
        for use in creating:
            found.extend(fresh_arguments(project, use, fresh))
    for each in traced.assigned:
        found.extend(_assigned(project, each))
    return tuple(sorted(set(found), key=lambda each: (each.at, each.name)))


def _made(project: Project, use: Use) -> Iterator[Misuse]:
    """Rows given to a constructor."""
    is_new = use.method == "new" and isinstance(use.on, Cls)
    if not is_new and not (use.method in ("create", "acreate") and isinstance(use.on, Rows)):
        return
    assert isinstance(use.on, (Cls, Rows))
    model = use.on.model
    if not isinstance(model, Symbol) or _constructs_itself(project, model):
        return
    for keyword in use.call.keywords:
        if keyword.name and _many(project, model, keyword.name):
            yield Misuse("argument", model, keyword.name, keyword.value.at, use.method)


def _many(project: Project, model: Symbol, name: str) -> bool:
    known = project[info, model]
    found = known.names.get(name)
    if found is None or name in known.attributes or (found.accessor and found.accessor != name):
        return False
    if found.kind == "generic-many":
        return False
    return found.kind in MANY_KINDS and (found.kind != "many" or found.type == "ManyToManyField")


def _constructs_itself(project: Project, model: Symbol) -> bool:
    return any(
        "__init__" in facts.methods or "__setattr__" in facts.methods
        for owner in project[ancestry, model].first_party
        if (facts := class_facts(project, owner)) is not None
    )


def _assigned(project: Project, each: Assigned) -> Iterator[Misuse]:
    model = each.row.model
    if not isinstance(model, Symbol) or _constructs_itself(project, model):
        return
    if not each.used:
        if _many(project, model, each.name):
            yield Misuse("assigned", model, each.name, each.at)
        return
    _, name = attribute(project, model, each.name)
    known = project[info, model]
    if (
        name is None
        or name.kind not in ("many", "reverse")
        or each.used not in _MANAGING
        or each.name in known.attributes
    ):
        return
    if each.row.fresh and known.complete and _numbers_itself(project, model):
        yield Misuse("unsaved", model, each.name, each.at, each.used)


def _numbers_itself(project: Project, model: Symbol) -> bool:
    """Whether the key of a model is the one that the database gives on saving."""
    if project[info, model].names["id"].kind != "pk":
        return False
    for owner in project[ancestry, model].first_party:
        facts = class_facts(project, owner)
        for binding in facts.fields if facts is not None else ():
            if "primary_key" in set(words(binding.value_code)):
                return False
    return True


def _given_fresh(project: Project, place: Place) -> frozenset[str]:
    """The names that only hold instances made by a constructor and given to nothing before."""
    function = project[functions_of, place.path].get(place.qualname)
    made: dict[str, int] = {}
    for node in tree.walk(*(function.body if function is not None else ())):
        if isinstance(node, tree.Assign):
            for target in node.targets:
                if isinstance(target, tree.Path):
                    made[target.text] = made.get(target.text, 0) + 1
    return frozenset(name for name, count in made.items() if count == 1)


def fresh_arguments(project: Project, use: Use, names: frozenset[str]) -> Iterator[Misuse]:
    """Unsaved instances that `create` is told to store a reference to."""
    assert isinstance(use.on, Rows)
    known = project[info, use.on.model]
    for name, value in use.keywords:
        node = use.call.keyword(name)
        if not isinstance(value, One) or not value.fresh or not isinstance(value.model, Symbol) or node is None:
            continue
        if isinstance(node, tree.Path) and node.text not in names:
            continue
        found = known.names.get(name)
        if found is not None and found.kind in ("key", "one") and _numbers_itself(project, value.model):
            yield Misuse("given", use.on.model, name, node.at, use.method)
