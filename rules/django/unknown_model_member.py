"""An attribute of an instance, or a method of its rows, is not there or is called wrongly.

## Why
`order.totl` raises AttributeError when the line runs, and so does `Order.objects.recent()` when the
method is on another manager, was renamed, or was never written; with other arguments than it takes
it raises TypeError. Django makes most attributes of models and managers itself, so that editors and
type checkers know little about them.

## Instead
Use the name that the model, its manager or queryset has, or write what is missing.

## Known limits
Only models are looked at all of whose bases, fields and relations are known, and rows that a
function follows from a model, a relation, an annotation or another function of the repository. The
user's model is left out, as are names that a query or an assignment anywhere adds, and what is asked
for with `hasattr` or inside a `try`.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts, functions_of
from cdlint.rule import Evidence, Finding, Location, rule

from ._members import is_set
from ._own_calls import misfits
from ._passed_rows import knowing
from ._query_graph import Model, info
from ._querysets import Place, trace

_EXPECTED = frozenset({"AttributeError", "Exception", "BaseException"})
_ASKING = frozenset({"hasattr", "getattr", "isinstance", "type", "issubclass", "cast"})


@rule(of=knowing, severity="error", constraint="query")
def unknown_model_member(project: Project, place: Place) -> Iterator[Finding]:
    """One finding a name."""
    traced = project[trace, place]
    function = project[functions_of, place.path].get(place.qualname)
    asked = _asked(function) if function is not None else frozenset()
    caught = _caught(function) if function is not None else ()
    told = _told(function) if function is not None else frozenset()
    for row, name, at in dict.fromkeys(traced.sets):
        if any(_is_within(at, each) for each in caught) or at in told:
            continue
        if not name.endswith("_set") and name not in asked and not is_set(project, name):
            text = f"Instances of `{_last(row.model)}` have no attribute `{name}`."
            yield _finding(project, place, row.model, (name, at, text))
    for rows, name, at in dict.fromkeys(traced.unmet):
        if name not in asked and not any(_is_within(at, each) for each in caught):
            owner = " or ".join(f"`{each.last}`" for each in rows.managers) or "the manager of Django"
            text = f"`{name}()` is called on rows of `{_last(rows.model)}`, and {owner} has no such method."
            yield _finding(project, place, rows.model, (name, at, text))

    for each in misfits(project, place):
        name = each.method.name.rpartition(".")[2]
        yield Finding(
            Location(place.path, each.at),
            f"`{name}()` is called {each.complaint}.",
            related=_defined(project, each.method),
            symbol=f"{place.qualname}:{each.method.name}",
            cure=f"Make the call and the parameters of `{each.method.name}` agree.",
        )


def _defined(project: Project, method: Symbol) -> tuple[Evidence, ...]:
    facts = project[functions_of, method.path].get(method.name)
    return (Evidence(Location(method.path, facts.at), f"`{facts.name}` is defined here"),) if facts is not None else ()


def _last(model: Model) -> str:
    return model.last if isinstance(model, Symbol) else model


def _asked(function: Function) -> frozenset[object]:
    """What a function asks of an object before it reads it."""
    asking = [call for call in function.call_nodes if getattr(call.func, "last", "") in _ASKING]
    constants = (each.value for call in asking for each in call.args if isinstance(each, tree.Constant))
    return frozenset(each for each in constants if isinstance(each, str))


def _caught(function: Function) -> tuple[tree.At, ...]:
    """The blocks of a function in which an AttributeError is expected."""
    return tuple(
        node.at
        for node in function.every(tree.Try)
        if any(each.type is None or not _EXPECTED.isdisjoint(_names(each.type)) for each in node.handlers)
    )


def _told(function: Function) -> frozenset[tree.At]:
    """What is read of variables whose type the code says itself, which it may know better."""
    notes = [node for node in function.every(tree.Assign) if node.annotation is not None]
    names = {target.text for node in notes for target in node.targets if isinstance(target, tree.Path)}
    return frozenset(node.at for node in function.every(tree.Path) if node.root in names) if names else frozenset()


def _names(node: tree.Node) -> set[str]:
    return {each.last for each in tree.walk(node) if isinstance(each, tree.Path)}


def _is_within(at: tree.At, around: tree.At) -> bool:
    return around[:2] <= at[:2] and at[2:] <= around[2:]


def _finding(project: Project, place: Place, model: Model, said: tuple[str, tree.At, str]) -> Finding:
    name, at, text = said
    facts = class_facts(project, model) if isinstance(model, Symbol) else None
    names = {each.accessor or query for query, each in project[info, model].names.items()}
    if isinstance(model, Symbol):
        for owner in project[ancestry, model].first_party:
            own = class_facts(project, owner)
            names.update(own.methods if own is not None else ())
    near = get_close_matches(name, sorted(names), n=1, cutoff=0.6)
    return Finding(
        Location(place.path, at),
        text,
        related=(Evidence(Location(model.path, facts.at), f"`{model.last}` is defined here"),)
        if isinstance(model, Symbol) and facts is not None
        else (),
        symbol=f"{place.qualname}:{_last(model)}.{name}",
        cure=f"Did you mean `{near[0]}`?" if near else "",
    )
