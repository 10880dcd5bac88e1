"""Saves that never end: receivers and `save()` methods that save the row again, and pairs that save each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts, functions_of
from cdlint.rule import Location

from ._query_entities import model_entity
from ._query_models import is_model
from ._save_paths import Asked, Saving, savings
from ._save_receivers import Receiver, receivers
from ._settings import aside


class Endless(NamedTuple):
    """A save that comes back. `how`: `save`, `create` or `pair`; `back` is the receiver that a pair comes back by."""

    how: str
    function: Symbol
    model: Symbol | None
    at: Location
    chain: tuple[tuple[Symbol, At], ...]
    by: Receiver | None
    back: Receiver | None = None


def endless(project: Project) -> tuple[Endless, ...]:
    """The saves that never end; tests are left out."""
    found = [*_of_receivers(project), *_pairs(project)]
    for path in project.paths:
        found += project[_overrides_in, path]
    return tuple({each.at: each for each in found}.values())


def _rounds(receiver: Receiver) -> Iterator[Asked]:
    for created in (False, True) if receiver.signal == "post_save" else (None,):
        yield Asked(receiver.function, "instance", receiver.sender, created)


def _of_receivers(project: Project) -> Iterator[Endless]:
    for receiver in project[receivers]:
        for asked in _rounds(receiver):
            for each in project[savings, asked]:
                if each.how in ("save", "create", "again") and _stays(project, receiver.function, asked.model, each):
                    how = "save" if each.how == "save" else "create"
                    at = Location(receiver.function.path, each.at)
                    yield Endless(how, receiver.function, receiver.sender, at, each.chain, receiver)


def _stays(project: Project, function: Symbol, model: Symbol | None, saving: Saving) -> bool:
    """Whether nothing else that runs at a save may change the columns that stand in the tests."""
    if model is None or not saving.fields:
        return True
    others = [each.function for each in project[receivers] if each.sender in (None, model)]
    above = project[ancestry, model].first_party
    others += [Symbol("function", owner.path, f"{owner.name}.save") for owner in above]
    for other in others:
        facts = project[functions_of, other.path].get(other.name) if other != function else None
        if facts is not None and any(facts.mentions(f".{name}") or facts.mentions(name) for name in saving.fields):
            return False
    return True


def _pairs(project: Project) -> Iterator[Endless]:
    """Receivers of two models each of which saves the row of the other that belongs to its own."""
    found: dict[tuple[Symbol, Symbol], list[tuple[Receiver, Saving]]] = {}
    for receiver in project[receivers]:
        known = project[model_entity, receiver.sender] if receiver.sender is not None else None
        for each in project[savings, next(_rounds(receiver))] if known is not None else ():
            relation = known.attributes.get(each.how) if known is not None else None
            target = relation.target if relation is not None and relation.kind == "one" else None
            if receiver.sender is not None and target is not None and target != receiver.sender:
                found.setdefault((receiver.sender, target), []).append((receiver, each))
    for (model, target), ways in found.items():
        for receiver, each in ways:
            back = [
                other for other in found.get((target, model), ()) if _returns(project, (model, target), each, other[1])
            ]
            if back and (model.path, model.name) < (target.path, target.name):
                at = Location(receiver.function.path, each.at)
                yield Endless("pair", receiver.function, target, at, (), receiver, back[0][0])


def _returns(project: Project, models: tuple[Symbol, Symbol], there: Saving, back: Saving) -> bool:
    """Whether two relations are the two ends of one, so that the way back leads to the same row."""
    for model, one, other in ((models[0], there, back), (models[1], back, there)):
        known = project[model_entity, model]
        if known is not None and known.attributes[one.how].back == other.how:
            return True
    return False


def _overrides_in(project: Project, path: str) -> tuple[Endless, ...]:
    """The `save()` methods of the models of a file that call themselves."""
    module = project.module(path) if not aside(path) else None
    found = []
    for function in module.functions if module is not None else ():
        if function.name != "save" or not function.owner or not any(c.startswith("self.") for c in function.calls):
            continue
        model = Symbol("class", path, function.owner)
        if class_facts(project, model) is None or not is_model(project, model):
            continue
        symbol = Symbol("function", path, function.qualname)
        for each in project[savings, Asked(symbol, "self", model, None)]:
            if each.how == "save" and _stays(project, symbol, model, each):
                found.append(Endless("save", symbol, model, Location(path, each.at), each.chain, None))
    return tuple(found)
