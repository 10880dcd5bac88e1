"""Which model the rows are of that every call of a function gives to a parameter without an annotation."""

from __future__ import annotations

from collections import Counter

from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import calls_of
from cdlint.project.classes import function_facts
from cdlint.project.places import is_aside

from ._query_uses import following
from ._querysets import Place, trace
from ._querysets_values import Later, One, Value

_ANYTHING = frozenset("*")


def knowing(project: Project) -> tuple[Place, ...]:
    """The functions that may ask something of models, with what their calls say of their parameters."""
    told = project[passed_rows]
    found = dict.fromkeys(project[following])
    for function in told:
        found.setdefault(Place(function.path, function.name))
    return tuple(
        each._replace(given=told.get(Symbol("function", each.path, each.qualname), ())) if not each.given else each
        for each in found
    )


def passed_rows(project: Project) -> dict[Symbol, tuple[tuple[str, Value], ...]]:
    """Function -> the parameters that all its calls give an instance of one model."""
    calls: dict[Symbol, dict[tuple[str, tree.At], Later]] = {}
    for place in project[following]:
        for at, later in project[trace, place].entered:
            if any(isinstance(value, One) for name, value in later.given if name != "self"):
                calls.setdefault(later.function, {})[place.path, at] = later
    told = {function: _agreed(project, function, tuple(several.values())) for function, several in calls.items()}
    names = frozenset(function.last for function, given in told.items() if given)
    uses: Counter[str] = Counter()
    for path in project.paths if names else ():
        if not is_aside(path):
            uses.update(project[_used_in, (path, names)])
    return {
        function: given for function, given in told.items() if given and uses[function.last] == len(calls[function])
    }


def _agreed(project: Project, function: Symbol, calls: tuple[Later, ...]) -> tuple[tuple[str, Value], ...]:
    facts = function_facts(project, function)
    if facts is None or facts.decorator_codes or is_aside(function.path):
        return ()
    found: list[tuple[str, Value]] = []
    for param in facts.params:
        rows = [dict(each.given).get(param.name) for each in calls] if param.annotation_code is None else [None]
        known = [each for each in rows if isinstance(each, One)]
        if len(known) == len(rows) and len({each.model for each in known}) == 1 and param.name != "self":
            names = frozenset(name for each in known for name in each.names)
            found.append((param.name, One(known[0].model, _ANYTHING, _ANYTHING, names=names)))
    return tuple(sorted(found))


def _used_in(project: Project, key: tuple[str, frozenset[str]]) -> tuple[str, ...]:
    """These names, as often as a file calls one, or says one at all that it defines or imports."""
    path, names = key
    module = project.module(path)
    if module is None:
        return ()
    here = names & {*(each.name for each in module.functions), *(each.name for each in module.imports if each.name)}
    found = [name for _, call in calls_of(project, path, names) if (name := getattr(call.func, "last", "")) not in here]
    for function in module.functions if here else ():
        if any(map(function.mentions, here)):
            said = (node.last for node in function.nodes if isinstance(node, (tree.Path, tree.Attribute)))
            found += [name for name in said if name in here]
    return tuple(found)
