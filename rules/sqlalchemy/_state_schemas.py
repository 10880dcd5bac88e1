"""What a schema reads of the instances that it is made from."""

from __future__ import annotations

from cdlint.backend.shape_fields import Read, reads
from cdlint.facts.tree import At
from cdlint.project.answers import Symbol
from cdlint.rule import Evidence

from ._state_run import Run, item_of
from ._state_values import Items, Many, Ref, Row, State, Value

_DEPTH = 4


def serialised(run: Run, shape: Symbol, value: Value, state: State, at: At, depth: int = _DEPTH) -> State:
    """An instance, or each item of a collection, is read into a shape."""
    if isinstance(value, (Many, Items)):
        item = item_of(value)
        value = Ref(item.key, True) if isinstance(item, Ref) and isinstance(value, Many) and value.at else item
    if isinstance(value, Row):
        return _of_row(run, shape, value, state, at)
    if not isinstance(value, Ref) or depth <= 0:
        return state
    frame = run.frame
    for each in reads(run.project, shape):
        if value.key not in state.heap:
            break
        run.schema = (shape, each.at)
        run.frame = frame._replace(chain=(*frame.chain, _step(shape, each)))
        held, state = run.read(value, each.name, state, at)
        run.schema = None
        if each.shape is not None:
            state = serialised(run, each.shape, held, state, at, depth - 1)
        run.frame = frame
    return state


def _of_row(run: Run, shape: Symbol, row: Row, state: State, at: At) -> State:
    """A row is read into a shape, which asks for attributes of the instance that is in it."""
    first = next((each for each in reads(run.project, shape) if each.required), None)
    if first is not None and len(row.columns) == 1:
        _, state = run.read(row, first.name, state, at)
    return state


def _step(shape: Symbol, each: Read) -> Evidence:
    return Evidence(each.at, f"`{shape.last}.{each.name}` reads it")
