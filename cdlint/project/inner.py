"""What a class says in an inner class such as `Meta`, through the bases of both."""

from __future__ import annotations

from ..facts.tree import Node
from . import Project
from .answers import Symbol, Unknown
from .classes import ancestry, class_facts, classes_of
from .constants import fold


def option(project: Project, symbol: Symbol, inner: str, name: str) -> tuple[Symbol, Node] | None:
    """The value of an option with the inner class that holds it: the nearest one counts, with its own bases."""
    for owner in project[ancestry, symbol].first_party:
        nearest = Symbol("class", owner.path, f"{owner.name}.{inner}")
        if nearest.name not in project[classes_of, owner.path]:
            continue
        for holder in project[ancestry, nearest].first_party:
            facts = class_facts(project, holder)
            for binding in facts.fields if facts else ():
                if binding.name == name and binding.value_code is not None:
                    return holder, binding.value
        return None
    return None


def names(project: Project, symbol: Symbol, inner: str, name: str) -> tuple[str, ...] | str | None:
    """A list of names, or one string such as `__all__`; `()` when there is none, None when it is not known."""
    found = option(project, symbol, inner, name)
    if found is None:
        return ()
    holder, value = found
    known = fold(project, (holder.path, holder.name), value)
    if isinstance(known, str):
        return known
    if known is None:
        return ()
    if isinstance(known, Unknown) or not isinstance(known, tuple):
        return None
    return known if all(isinstance(each, str) for each in known) else None
