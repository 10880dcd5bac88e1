"""Calls of the methods that managers and querysets of the repository have, with arguments that those do not take."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import functions_of

from ._querysets import Place, trace

_POSITIONAL = ("positional", "positional-only")
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
        complaint = _complaint(facts, call) if facts is not None and not facts.decorator_codes else ""
        if method is not None and complaint:
            found.append(Misfit(method, complaint, call.at))
    return tuple(found)


def _complaint(method: Function, call: tree.Call) -> str:
    """Why a method does not take the arguments of a call, `""` when it does or that is not known."""
    params = method.params[1:]
    positional = [each for each in params if each.kind in _POSITIONAL]
    names = {each.name for each in params if each.kind in ("positional", "keyword")}
    given = [each.name for each in call.keywords]
    if None in given or any(isinstance(each, tree.Starred) for each in call.args):
        return ""
    if len(call.args) > len(positional) and not any(each.kind == "*" for each in params):
        return f"with {len(call.args)} arguments by position, of which it takes {len(positional)}"
    extra = next((name for name in given if name not in names), None)
    if extra is not None and not any(each.kind == "**" for each in params):
        return f"with the keyword `{extra}`, which it does not take"
    filled = {each.name for each in positional[: len(call.args)]} | set(given)
    needed = [each.name for each in params if each.kind in (*_POSITIONAL, "keyword") and each.default_code is None]
    # The manager of a relation gives the instance whose it is.
    needed = needed if method.name not in _MAKING else []
    lacking = next((name for name in needed if name not in filled), None)
    return f"without `{lacking}`, which it needs" if lacking is not None else ""
