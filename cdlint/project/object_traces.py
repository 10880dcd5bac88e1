"""The trace of what happens to watched objects when a module or function runs, and all of a repository's."""

from __future__ import annotations

from ..facts.model import Function
from . import Project
from .answers import Symbol, Unknown
from .classes import ancestry, class_facts, function_facts
from .object_frames import Frame
from .object_runs import Runs
from .objects import Instance, Items, Trace, Value, Watch, things_in
from .relevance import relevant


def trace(project: Project, key: tuple[Watch, str, str]) -> Trace:
    """What happens when a module's code (function `""`) or a function with unknown arguments runs."""
    watch, path, qualname = key
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
    result = run.body(frame, function)
    if qualname:
        run.escape(frame, result, function.at, f"it is returned by `{function.name}`")
    else:
        for name, held in sorted(frame.env.items()):
            if isinstance(held, (Items, Instance)) and things_in(held):
                run.escape(frame, held, function.at, f"it is kept in `{name}`")
    return Trace(path, qualname, tuple(run.happenings), frozenset(run.entered), run.steps < 0)


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
    modules = [project[trace, (watch, symbol.path, "")] for symbol in wanted if not symbol.name]
    entered = {symbol for each in modules for symbol in each.entered}
    rest = [project[trace, (watch, s.path, s.name)] for s in wanted if s.name and s not in entered]
    inner = {symbol for each in rest for symbol in each.entered}
    roots = [each for each in rest if Symbol("function", each.path, each.function) not in inner]
    return (*modules, *roots)
