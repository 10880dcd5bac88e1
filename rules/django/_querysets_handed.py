"""Rows that are handed on: made a text of, given to a call that takes many, or to one that loads their relations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cdlint.facts import tree
from cdlint.project.answers import Symbol
from cdlint.project.classes import functions_of

from ._querysets_events import Read
from ._querysets_values import Items, One, Rows, Value

if TYPE_CHECKING:
    from ._querysets import Tracer


def texts(tracer: Tracer, node: tree.FString) -> None:
    """Follow the parts of an f-string; an instance among them is made a text of."""
    for part in node.parts:
        as_text(tracer, tracer.value(part), part)


def as_text(tracer: Tracer, value: Value, node: tree.Node) -> None:
    """Note that a row is made a text of, which runs its `__str__`."""
    if isinstance(value, One) and value.loop:
        tracer.reads.append(Read(value, "__str__", node.at, True))


def handed(tracer: Tracer, node: tree.Call, given: Value) -> None:
    """Note the rows that a call with `many=` is given, as serializers are."""
    if any(each.name == "many" for each in node.keywords):
        value = tracer.forced(given)
        if isinstance(value, (Rows, Items)):
            tracer.handed.append((node.at, value))


def fetched(tracer: Tracer, given: tree.Node, paths: frozenset[str]) -> None:
    """Note that the rows of a variable, or of several, have these relations from here on."""
    for node in given.items if isinstance(given, tree.Sequence) else (given,):
        if isinstance(node, tree.Path) and node.text in tracer.env:
            tracer.env[node.text] = _with(tracer.forced(tracer.env[node.text]), paths)


def filled(tracer: Tracer, given: tree.Node, called: Symbol, index: int) -> None:
    """Note that a row has from here on what the function assigns to it that it is given to."""
    function = tracer.project[functions_of, called.path].get(called.name)
    if function is None or index >= len(function.params):
        return
    name = function.params[index].name
    targets = [
        each.text for node in function.every(tree.Assign) for each in node.targets if isinstance(each, tree.Path)
    ]
    fetched(tracer, given, frozenset(each.partition(".")[2] for each in targets if each.startswith(f"{name}.")))


def _with(value: Value, paths: frozenset[str]) -> Value:
    if isinstance(value, Items):
        return Items(_with(value.item, paths))
    return value._replace(prefetched=value.prefetched | paths) if isinstance(value, (Rows, One)) else value


def chosen_by(reads: Sequence[Read], call: tree.Call, keywords: tuple[tuple[str, Value], ...]) -> str:
    """The `loop` of the row that a condition of a query names, or its key; `""` when there is none."""
    # A key that may be the row or its number is looked at before.
    rows = [value for name, value in keywords if isinstance(value, One) and name not in ("pk", "id")]
    found = [value.loop for value in rows if value.loop and not value.within]
    places = {each.value.at for each in call.keywords}
    found += [read.row.loop for read in reads if read.text in ("pk", "id") and read.at in places]
    return found[0] if found else ""
