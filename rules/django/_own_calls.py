"""Calls of the methods that managers and querysets of the repository have, with arguments that those do not take."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts.model import Function
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.arguments import Signature, complaint, parameters, shape_of
from cdlint.project.classes import functions_of

from ._querysets import Place, trace

_MAKING = frozenset(f"{way}{name}" for way in ("", "a") for name in ("create", "get_or_create", "update_or_create"))


class Misfit(NamedTuple):
    """A call of a method, and what is wrong with it in words."""

    method: Symbol
    complaint: str
    at: At


def misfits(project: Project, place: Place) -> tuple[Misfit, ...]:
    """Those of a function."""
    function = project[functions_of, place.path].get(place.qualname)
    own = dict(project[trace, place].own) if function is not None else {}
    found = []
    for call in function.call_nodes if function is not None and own else ():
        method = own.get(call.at)
        facts = project[functions_of, method.path].get(method.name) if method is not None else None
        wrong = complaint(_taken(facts), shape_of(call)) if facts is not None and not facts.decorator_codes else ""
        if method is not None and wrong:
            found.append(Misfit(method, wrong, call.at))
    return tuple(found)


def _taken(method: Function) -> Signature:
    """What a method takes. The manager of a relation gives the instance whose it is to those that make rows."""
    signature = parameters(method, dropped=True)
    return signature._replace(required=()) if method.name in _MAKING else signature
