"""What a function can do, through calls, in whatever file: effects and the shortest chain to each.

Which outside calls have which effect is said by packs: they fill `effect_names`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..facts.tree import At
from . import Project
from .answers import Answer, Symbol
from .calls import CallSite, callees, sites

DEPTH = 8
"""How many calls deep effects are followed."""


class Step(NamedTuple):
    """One call on the way to an effect: where it stands and what is called there."""

    path: str
    at: At
    callee: str


class Effect(NamedTuple):
    """Something a function can do. `chain` ends in the outside call that does it."""

    kind: str
    name: str
    """The outside callable, `requests.post`."""
    chain: tuple[Step, ...]


def effect_names(project: Project) -> Mapping[str, str]:
    """Outside callable -> kind of effect, from all packs; a key that ends in `*` is a prefix.

    Kinds: `network`, `mail`, `enqueue`, `sleep`, `file`, `process`, `database`, `commit`, ...
    """
    found: dict[str, str] = {}
    for provider in project.provided(effect_names):
        found.update(project[provider])
    return found


def effect_of(project: Project, answer: Answer) -> str:
    """The kind of effect of calling something outside, or `""`."""
    if not isinstance(answer, Symbol) or answer.kind != "external":
        return ""
    names = project[effect_names]
    if answer.name in names:
        return names[answer.name]
    parts = answer.name.split(".")
    for depth in range(len(parts), 0, -1):
        kind = names.get(".".join(parts[:depth]) + ".*")
        if kind is not None:
            return kind
    return ""


def direct_effects(project: Project, function: Symbol) -> tuple[Effect, ...]:
    """The effects of the outside calls in a function's own body, in source order."""
    return tuple(effect for site in project[sites, function] if (effect := site_effect(project, function.path, site)))


def site_effect(project: Project, path: str, site: CallSite) -> Effect | None:
    """The effect of one call if it goes straight outside."""
    kind = effect_of(project, site.answer)
    if not kind or not isinstance(site.answer, Symbol):
        return None
    return Effect(kind, site.answer.name, (Step(path, site.at, site.answer.name),))


def effects(project: Project, function: Symbol) -> tuple[Effect, ...]:
    """What running a function can do: per kind the shortest chain, then the first in source order."""
    best: dict[str, Effect] = {}
    frontier: list[tuple[Symbol, tuple[Step, ...]]] = [(function, ())]
    seen = {function}
    for _ in range(DEPTH):
        following: list[tuple[Symbol, tuple[Step, ...]]] = []
        for current, chain in frontier:
            for effect in project[direct_effects, current]:
                best.setdefault(effect.kind, Effect(effect.kind, effect.name, (*chain, *effect.chain)))
            for called, at in project[callees, current]:
                if called not in seen:
                    seen.add(called)
                    following.append((called, (*chain, Step(current.path, at, called.name))))
        frontier = following
    return tuple(best.values())
