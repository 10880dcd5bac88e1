"""Methods of queries and results that are called on a `select()` statement, which has none of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Code
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import calling, words
from cdlint.project.classes import functions_of
from cdlint.project.memo import CyclicFact
from cdlint.project.values import evaluate

from ._names import imports_it, is_used
from ._statements import MAKERS, NEUTRAL, Place, bound_to, is_local, receiver_of, refines

_PLAIN = frozenset(
    {
        "all", "first", "one", "one_or_none", "scalars", "scalar_one", "scalar_one_or_none", "fetchall", "fetchone",
        "first_or_404", "one_or_404", "get_or_404", "paginate",
    }
)  # fmt: skip
_COMMON = frozenset({"get", "delete", "update"})
"""Methods of much else: looked at where the function itself makes a statement."""
_LOOKED_AT = _PLAIN | _COMMON
_KEEPING = NEUTRAL | {
    "join", "outerjoin", "group_by", "having", "select_from", "with_only_columns", "add_columns", "prefix_with",
    "join_from", "outerjoin_from", "correlate", "slice", "fetch",
}  # fmt: skip
_SELECTS = frozenset(
    [
        *(f"{name}()" for name, kind in MAKERS.items() if kind == "select"),
        *(f"{module}.Select()" for module in ("sqlalchemy", "sqlalchemy.sql", "sqlalchemy.sql.expression")),
    ]
)
_CHAIN = re.compile(r"(.*?\bselect\(\)|.*?\bSelect\(\))((?:\.\w+\(\))*)", re.IGNORECASE)
_DEPTH = 6


class Misplaced(NamedTuple):
    """A call of such a method."""

    method: str
    at: At
    receiver: str
    """The variable that holds the statement, or `""`."""


def candidates(project: Project) -> tuple[Place, ...]:
    """The functions that call a method of one of these names and may hold a statement."""
    paths = project.paths if project[is_used] else ()
    return tuple(place for path in paths for place in project[_candidates_in, path])


def _candidates_in(project: Project, path: str) -> tuple[Place, ...]:
    makers = project[_makers]
    module = project.module(path)
    aliases = {each.alias for each in module.imports if each.name == "select"} if module is not None else set()
    found: list[Place] = []
    for function in calling(project, path, _LOOKED_AT):
        names = function.lasts
        takes = any(_mentions_select(param.annotation_code) for param in function.params)
        if "select" in names or takes or aliases & names or not (names.isdisjoint(makers) or names.isdisjoint(_PLAIN)):
            found.append(Place(path, function.qualname))
    return tuple(found)


def _makers(project: Project) -> frozenset[str]:
    """The names of functions that may give a statement to their callers."""
    paths = [path for path in project.paths if project[imports_it, path]]
    return frozenset().union(*[project[_makers_in, path] for path in paths])


def _makers_in(project: Project, path: str) -> frozenset[str]:
    module = project.module(path)
    return frozenset(
        function.name
        for function in (module.functions[1:] if module is not None else ())
        if _mentions_select(function.returns_code)
        or (function.returns_code is None and not function.is_async and _calls_select(function))
    )


def _calls_select(function: Function) -> bool:
    return any(call.rpartition(".")[2] == "select" for call in function.calls)


def _mentions_select(code: Code) -> bool:
    return code is not None and not {"Select", "SelectOfScalar"}.isdisjoint(words(code))


def misplaced(project: Project, place: Place) -> Iterator[Misplaced]:
    """The calls in a function of what a `select()` does not have."""
    function = project[functions_of, place.path].get(place.qualname)
    for call in tree.calls(*(function.body if function is not None else ())):
        name = getattr(call.func, "last", "")
        receiver = receiver_of(call) if name in _PLAIN or name in _COMMON else None
        if receiver is not None and is_select(project, place, receiver, _DEPTH):
            yield Misplaced(name, call.at, receiver.text if isinstance(receiver, tree.Path) else "")


def is_select(project: Project, place: Place, node: tree.Node, depth: int) -> bool:
    """Whether an expression is certainly a `select()` statement."""
    if depth <= 0:
        return False
    if isinstance(node, tree.Call) and getattr(node.func, "last", "") in _KEEPING:
        receiver = receiver_of(node)
        return receiver is not None and is_select(project, place, receiver, depth)
    if isinstance(node, tree.Path) and "." not in node.text and is_local(project, place, node.text):
        return _variable_is(project, place, node.text, depth)
    if not isinstance(node, (tree.Call, tree.Path)):
        return False
    try:
        answer = evaluate(project, place, node)
        called = evaluate(project, place, node.func) if isinstance(node, tree.Call) else None
    except CyclicFact:
        return False
    if isinstance(answer, Symbol):
        return answer.kind == "external" and _names_select(answer.name)
    if isinstance(called, Symbol) and called.kind == "function":
        return _returns_select(project, called, depth)
    return False


def _names_select(name: str) -> bool:
    match = _CHAIN.fullmatch(name)
    if match is None or match[1] not in _SELECTS:
        return False
    return all(part in _KEEPING for part in match[2].replace("()", "").split(".") if part)


def _variable_is(project: Project, place: Place, name: str, depth: int) -> bool:
    """Whether all that a local variable is given is such a statement."""
    function = project[functions_of, place.path][place.qualname]
    if any(param.name == name for param in function.params):
        answer = evaluate(project, place, tree.Path(name, function.at))
        if not (isinstance(answer, Symbol) and _names_select(answer.name)):
            return False
        found = True
    else:
        found = False
    for node in function.nodes:
        bound = bound_to(node, name)
        if bound is node:
            return False
        if bound is not None and not refines(bound, name, _KEEPING):
            if not is_select(project, place, bound, depth - 1):
                return False
            found = True
    return found


def _returns_select(project: Project, function: Symbol, depth: int) -> bool:
    """Whether a function of the repository without annotation certainly gives such a statement."""
    facts = project[functions_of, function.path].get(function.name)
    if facts is None or facts.is_async or facts.is_generator or facts.decorator_codes or facts.returns_code is not None:
        return False
    returned = [node.value for node in facts.every(tree.Return)]
    inner = Place(function.path, function.name)
    return len(returned) > 0 and all(is_select(project, inner, each, depth - 1) for each in returned)
