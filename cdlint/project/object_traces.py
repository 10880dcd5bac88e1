"""The trace of what happens to watched objects when a module or function runs, and all of a repository's."""

from __future__ import annotations

from collections.abc import Iterable

from ..facts import tree
from ..facts.model import Function
from . import Project
from .answers import Symbol, Unknown
from .classes import ancestry, class_facts, function_facts, resolve_in
from .object_frames import Frame
from .object_runs import Runs
from .objects import Instance, Items, Thing, Trace, Value, Watch, things_in
from .places import is_aside
from .relevance import relevant
from .values import annotated


def trace(project: Project, key: tuple[Watch, str, str, Thing | None]) -> Trace:
    """What happens when a module's code (function `""`) or a function with unknown arguments runs.

    A thing in the key is what a parameter annotated as such a one is given; that this happens is not certain.
    """
    watch, path, qualname, single = key
    function = function_facts(project, Symbol("function", path, qualname))
    run = Runs(project, watch, project[relevant, watch])
    frame = Frame(path, qualname, None, ())
    if function is None:
        return Trace(path, qualname, (), frozenset())
    if not qualname:
        run.modules[path] = frame
    else:
        run.stack.append(Symbol("function", path, qualname))
        run.parameters(frame, function, _self(project, path, function), ())
        for name in _takes(project, watch, path, function) if single else ():
            frame.env[name] = single
    result = run.body(frame, function)
    if qualname:
        run.escape(frame, result, function.at, f"it is returned by `{function.name}`")
    else:
        for name, held in sorted(frame.env.items()):
            if isinstance(held, (Items, Instance)) and things_in(held):
                run.escape(frame, held, function.at, f"it is kept in `{name}`")
    happenings = run.happenings
    if single:
        guessed = (path, function.at[0], 0)
        happenings = [each._replace(conditions=(guessed, *each.conditions)) for each in happenings]
    return Trace(path, qualname, tuple(happenings), frozenset(run.entered), run.steps < 0)


def _takes(project: Project, watch: Watch, path: str, function: Function) -> tuple[str, ...]:
    """The parameters of a function that are annotated as an object of which a program makes one."""
    found = []
    for param in function.params if watch.single else ():
        known = annotated(project, (path, function.qualname), param.annotation) if param.annotation_code else None
        if isinstance(known, Symbol) and known.kind == "instance":
            names = project[ancestry, Symbol("class", known.path, known.name)].external
        else:
            names = (known.name.removesuffix("()"),) if isinstance(known, Symbol) else ()
        if not watch.single.isdisjoint(names):
            found.append(param.name)
    return tuple(found)


def _takers(project: Project, watch: Watch, symbol: Symbol) -> tuple[str, ...]:
    """The parameters that a function nobody is seen to call may be given what a program makes one of."""
    facts = function_facts(project, symbol)
    taken = _takes(project, watch, symbol.path, facts) if facts else ()
    return taken if taken and facts and (facts.decorator_codes or _is_kept(project, symbol, facts)) else ()


def _is_kept(project: Project, symbol: Symbol, facts: Function) -> bool:
    """Whether other code names a function without being seen to call it: it hands it to someone who may."""
    for path in project.paths:
        module = None if is_aside(path) else project.module(path)
        for each in module.functions if module is not None else ():
            if not each.mentions(facts.name) or (path, each.qualname) == (symbol.path, symbol.name):
                continue
            nodes = (node for node in each.every(tree.Path) if node.last == facts.name)
            if any(resolve_in(project, path, each.qualname, node.text) == symbol for node in nodes):
                return True
    return False


def _single(watch: Watch, traces_: Iterable[Trace]) -> Thing | None:
    """The object of which a program makes one, if it does."""
    things = {each.receiver for trace_ in traces_ for each in trace_.happenings if each.kind == "made"}
    made = [each for each in things if isinstance(each, Thing) and each.cls in watch.single]
    return min(made, key=repr) if len({(each.path, each.at) for each in made}) == 1 else None


def _self(project: Project, path: str, function: Function) -> tuple[Value, ...]:
    """The object that a method is called on when nobody is seen to call it."""
    cls = Symbol("class", path, function.owner)
    facts = class_facts(project, cls) if function.owner else None
    if facts is None or any(getattr(each, "last", "") == "staticmethod" for each in function.decorators):
        return ()
    if any(getattr(each, "last", "") == "classmethod" for each in function.decorators):
        return (cls,)
    outside = project[ancestry, cls].external
    if outside:
        return (Unknown(f"an object of `{cls.name}`"),)
    return (Instance(cls, (), (), (("", 0, 0),)),)


def traces(project: Project, watch: Watch) -> tuple[Trace, ...]:
    """All that happens: every module's code, and the functions that no module's code is seen to run."""
    wanted = sorted(project[relevant, watch])
    modules = [project[trace, (watch, symbol.path, "", None)] for symbol in wanted if not symbol.name]
    entered = {symbol for each in modules for symbol in each.entered}
    left = {symbol: _takers(project, watch, symbol) for symbol in wanted if symbol.name and symbol not in entered}
    alone = [project[trace, (watch, s.path, s.name, None)] for s, taken in left.items() if not taken]
    single = _single(watch, (*modules, *alone))
    given = [project[trace, (watch, s.path, s.name, single)] for s, taken in left.items() if taken]
    rest = sorted((*alone, *given), key=lambda each: (each.path, each.function))
    inner = {symbol for each in rest for symbol in each.entered}
    roots = [each for each in rest if Symbol("function", each.path, each.function) not in inner]
    return (*modules, *roots)
