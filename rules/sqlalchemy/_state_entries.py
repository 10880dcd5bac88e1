"""Which functions are followed: those that may hold instances, and on whose way something may go wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.endpoints import endpoints
from cdlint.backend.responses import Response, responses
from cdlint.backend.shape_fields import reads
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_facts, functions_of
from cdlint.project.places import is_aside

from ._models import model, models
from ._names import imports_it, is_revision, is_used
from ._registry import lineage
from ._state_classes import JOINED, lazy_names, links
from ._state_mutable import MUTATORS, is_untracked
from ._state_sessions import expires
from ._state_templates import rendering_in

_STARTING = frozenset(
    {
        "scalars", "scalar", "execute", "exec", "get", "get_one", "query", "first", "one", "scalar_one", "commit",
        "scalar_one_or_none", "one_or_none", "refresh", "add", "stream_scalars", "first_or_404", "get_or_404",
        "one_or_404", "paginate", "rollback", "add_all", "select", "options", "selectinload", "joinedload",
    }
)  # fmt: skip
_EXTENSION = frozenset({"query", "paginate", "get_or_404", "first_or_404", "one_or_404"})
"""What is called of Flask-SQLAlchemy's extension in files that do not import SQLAlchemy."""
_ROWS = frozenset({"first", "all", "one", "one_or_none", "fetchone", "fetchall"})
_LEVELS = 2
"""How many calls away from a session a function may be to be followed."""
_WAYS = 3
"""How many calls away from it something may go wrong."""


class Outline(NamedTuple):
    """A function: whether it may use a session, and the last names of what it calls."""

    name: str
    starts: bool
    calls: frozenset[str]
    hot: bool
    """Whether something may go wrong in its own code."""


class Signs(NamedTuple):
    """What to look for in code before it is followed."""

    attributes: frozenset[str]
    """Attributes that are loaded lazily, and properties that read such a one or change a value in place."""
    values: frozenset[str]
    """Attributes whose values the session does not see changing in place."""
    calls: frozenset[str]


def handlers(project: Project) -> frozenset[Symbol]:
    """The functions whose result FastAPI reads into an answer."""
    return frozenset(each.handler for each in project[endpoints] if each.framework == "fastapi")


def answers(project: Project) -> dict[Symbol, Response]:
    """What each of them makes of its result."""
    return {each.handler: each for each in project[responses]}


def signs(project: Project) -> Signs:
    """What may go wrong with the instances of this repository."""
    lazy = project[lazy_names]
    values: set[str] = set()
    calls = {"rollback", "joinedload", "contains_eager", "refresh"}
    for symbol in project[models]:
        values |= project[_untracked_of, symbol]
        if any(link.lazy in JOINED and link.collection for link in project[links, symbol].values()):
            calls |= {"execute", "scalars", "exec"}
    if project[expires, True]:
        calls |= {"commit", "begin"}
    if any("joinedload" in call for path in project.paths for call in project[_at_import, path]):
        calls |= {"execute", "scalars", "exec"}
    found = Signs(lazy, frozenset(values), frozenset(calls))
    while more := frozenset(_properties(project, found)) - found.attributes:
        found = found._replace(attributes=found.attributes | more)
    return found


def _pattern(names: frozenset[str]) -> re.Pattern[bytes]:
    """What finds the reads of attributes in code that is not decoded."""
    return re.compile(rf"\.(?:{'|'.join(map(re.escape, sorted(names)))})\b".encode())


def _patterns(project: Project) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """What finds the attributes that are loaded lazily, and those that may be changed in place."""
    return _pattern(project[signs].attributes), _pattern(project[signs].values)


def _at_import(project: Project, path: str) -> frozenset[str]:
    """What a module calls when it is imported."""
    module = project.module(path) if project[imports_it, path] else None
    return frozenset(module.main.calls) if module is not None else frozenset()


def _untracked_of(project: Project, cls: Symbol) -> frozenset[str]:
    each = project[model, cls]
    columns = each.columns if each is not None else ()
    return frozenset([column.attr for column in columns if is_untracked(project, (cls, column.attr))])


def _properties(project: Project, look: Signs) -> Iterator[str]:
    """The properties of mapped classes in whose code something may go wrong with an attribute."""
    lazy, values = _pattern(look.attributes), _pattern(look.values)
    for symbol in project[models]:
        for owner in project[lineage, symbol]:
            facts = class_facts(project, owner)
            for method in facts.methods if facts is not None else ():
                function = project[functions_of, owner.path].get(f"{owner.name}.{method}")
                if function is not None and function.decorator_codes and _concerns(function, look, lazy, values):
                    yield method


def _concerns(function: Function, look: Signs, lazy: re.Pattern[bytes], values: re.Pattern[bytes]) -> bool:
    """Whether code reads an attribute that is loaded lazily, or may change the value of a column in place."""
    code = function.body_code
    if look.attributes and lazy.search(code) is not None:
        return True
    return bool(look.values) and values.search(code) is not None and _changes(function, look.values)


def _changes(function: Function, names: frozenset[str]) -> bool:
    """Whether a function calls `x.name.append(...)` or the like, or sets `x.name[...]`."""
    for call in function.calls:
        owner, _, method = call.rpartition(".")
        if method in MUTATORS and owner[owner.rfind(".") + 1 :] in names:
            return True
    return any(
        isinstance(each, tree.Subscript) and getattr(each.value, "last", "") in names
        for node in function.nodes
        if isinstance(node, (tree.Assign, tree.AugAssign, tree.For, tree.With))
        for target in _targets(node)
        for each in tree.walk(target)
    )


def _targets(node: tree.Assign | tree.AugAssign | tree.For | tree.With) -> tuple[tree.Node | None, ...]:
    if isinstance(node, tree.Assign):
        return node.targets
    return tuple(target for _, target in node.items) if isinstance(node, tree.With) else (node.target,)


def entries(project: Project) -> tuple[Symbol, ...]:
    """The functions that are worth following by themselves."""
    found = {Symbol("function", path, each.name) for path, each in project[_outlines] if each.hot}
    found = _with_callers(project, found, _WAYS) & project[holders]
    expiring = project[expires, True]
    if expiring or project[lazy_names]:
        found |= {each for each in project[handlers] if not is_aside(each.path) and project[_may_fail, each]}
    return tuple(sorted(found, key=lambda each: (each.path, each.name)))


def _may_fail(project: Project, handler: Symbol) -> bool:
    """Whether making the answer out of what a handler returns may read what is not loaded."""
    if project[expires, True]:
        return True
    names = project[signs].attributes
    response = project[answers].get(handler)
    waiting = [response.shape] if response is not None else []
    seen = set(waiting)
    while waiting:
        for each in reads(project, waiting.pop()):
            if each.name in names:
                return True
            if each.shape is not None and each.shape not in seen:
                seen.add(each.shape)
                waiting.append(each.shape)
    return False


def holders(project: Project) -> frozenset[Symbol]:
    """The functions that may hold instances: those that use a session, and their callers."""
    outlines = project[_outlines]
    chosen = {Symbol("function", path, each.name) for path, each in outlines if each.starts}
    chosen = _with_callers(project, chosen, _LEVELS)
    if outlines:
        # What a handler is given by its dependencies may come from a session that it does not see.
        chosen |= {each for each in project[handlers] if not is_aside(each.path)}
    return frozenset(chosen)


def _with_callers(project: Project, chosen: set[Symbol], levels: int) -> set[Symbol]:
    """The functions and those that call something of their names, so many calls away.

    A name that mostly means something else is no sign.
    """
    named = Counter(each.name.rpartition(".")[2] for _, each in project[_outlines])
    found, fresh = set(chosen), set(chosen)
    for _ in range(levels):
        words = {name for name, count in Counter(each.last for each in fresh).items() if 3 * count >= named[name]}
        words = {word for word in words if not word.startswith("__")}
        callers = {
            Symbol("function", path, each.name) for path, each in project[_outlines] if not words.isdisjoint(each.calls)
        }
        fresh = callers - found
        found |= callers
    return found


def _outlines(project: Project) -> tuple[tuple[str, Outline], ...]:
    if not project[is_used] or not project[models]:
        return ()
    return tuple((path, each) for path in project.paths if not is_aside(path) for each in project[_outline, path])


def _outline(project: Project, path: str) -> tuple[Outline, ...]:
    module = project.module(path)
    if module is None or is_revision(project, path):
        return ()
    uses, look, rendering = project[imports_it, path], project[signs], project[rendering_in, path]
    lazy, values = project[_patterns]
    found = []
    for function in module.functions[1:]:
        calls = function.lasts
        known = uses or not calls.isdisjoint(_EXTENSION) or function.mentions("session")
        starts = (known and not calls.isdisjoint(_STARTING)) or any(".query." in each for each in function.calls)
        hot = (
            function.qualname in rendering or _is_hot(function, calls, look) or _concerns(function, look, lazy, values)
        )
        found.append(Outline(function.qualname, starts, calls, hot))
    return tuple(found)


def _is_hot(function: Function, calls: frozenset[str], look: Signs) -> bool:
    """Whether what a function calls may go wrong."""
    if not calls.isdisjoint(look.calls):
        return True
    if not calls.isdisjoint({"execute", "exec"}) and not calls.isdisjoint(_ROWS) and "scalars" not in calls:
        return True
    return not calls.isdisjoint({"add", "add_all", "refresh"}) and function.mentions(".id")
