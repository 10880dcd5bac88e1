"""The values that are followed through a function: instances, queries, results, sessions, loader options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from cdlint.project.answers import Symbol
from cdlint.rule import Location

Value: TypeAlias = Any
"""One of the classes below; None for what is not followed."""


class Load(NamedTuple):
    """A loader option: for instances of a class, the relationships to go along, and how the last is loaded."""

    cls: Symbol
    path: tuple[str, ...]
    how: str


class Options(NamedTuple):
    """Loader options. `open` when there may be more than are seen."""

    loads: tuple[Load, ...]
    open: bool = False
    last: Symbol | None = None
    """The class that a further option is about."""


class Statement(NamedTuple):
    """A select, or a legacy query of a `session`. A column is a class, or None for a bare value."""

    kind: str
    columns: tuple[Symbol | None, ...]
    loads: tuple[Load, ...]
    open: bool
    at: Location
    session: Session | None = None
    single: bool = False
    """Whether it gives one row at most."""
    flat: bool = False
    """Whether SQLModel's `exec` gives what is selected, not rows of it."""
    same: frozenset[str] = frozenset()
    """The attributes that are asked to have one value in all rows."""


class Session(NamedTuple):
    """A session. `key` tells it from others, `sure` is False when only its name says that it is one."""

    key: str
    is_async: bool | None
    sure: bool = True


class Result(NamedTuple):
    """What a session gives for a statement: `rows`, or `scalars` when only the first column is left."""

    shape: str
    statement: Statement
    session: Session
    is_async: bool | None
    at: Location
    unique: bool = False


class Ref(NamedTuple):
    """An instance of a mapped class. `each` when it is one of many that a loop goes through."""

    key: str
    each: bool = False


class Many(NamedTuple):
    """A collection whose items are alike."""

    item: Value
    at: Location | None = None


class Row(NamedTuple):
    """A row of a result."""

    columns: tuple[Value, ...]
    statement: Statement
    at: Location


class Thing(NamedTuple):
    """What a name stands for, as far as names say; `fields` are known attributes of an instance."""

    symbol: Symbol
    fields: tuple[tuple[str, Value], ...] = ()


class Known(NamedTuple):
    """A constant."""

    value: Any


class Items(NamedTuple):
    """A list or tuple that is written out."""

    items: tuple[Value, ...]


class Fields(NamedTuple):
    """A dict that is written out, as far as its keys are strings."""

    items: tuple[tuple[str, Value], ...]


class Page(NamedTuple):
    """What Flask-SQLAlchemy gives for one page of a query."""

    held: Many


class Entity(NamedTuple):
    """What is known of an instance on one path.

    `phase`: `new` (made here), `pending` (added), `stored`, or `lost` (what it has loaded is not known).
    """

    cls: Symbol
    session: str
    is_async: bool | None
    phase: str
    loads: tuple[Load, ...]
    origin: Location
    how: str
    assigned: frozenset[str] = frozenset()
    expired: Location | None = None
    why: str = ""
    """What expired it: `commit` or `rollback`."""
    detached: Location | None = None
    parents: tuple[str, ...] = ()
    """The relationships gone through from the instance that was queried: `User.posts`, `Post.comments`."""
    same: frozenset[str] = frozenset()
    """The attributes that have one value in all instances of the query."""


class State(NamedTuple):
    """What is known on one path; the dicts are never changed in place."""

    names: dict[str, Value]
    heap: dict[str, Entity]

    def bind(self, name: str, value: Value) -> State:
        """With a name bound; None forgets it."""
        below = f"{name}."
        names = {key: old for key, old in self.names.items() if not key.startswith(below)}
        names[name] = value
        return State(names, self.heap)

    def put(self, key: str, entity: Entity) -> State:
        """With something else known of an instance."""
        return State(self.names, {**self.heap, key: entity})

    def change(self, key: str, **changes: Any) -> State:
        """With some of it changed."""
        entity = self.heap.get(key)
        return self if entity is None else self.put(key, entity._replace(**changes))

    def lose(self, value: Value) -> State:
        """With nothing known any more of what the instances in a value have loaded."""
        state = self
        for ref in refs(value):
            if state.heap[ref.key].phase != "lost" if ref.key in state.heap else False:
                state = state.change(ref.key, phase="lost", expired=None, detached=None)
        return state


def refs(value: Value) -> list[Ref]:
    """The instances inside a value."""
    if isinstance(value, Ref):
        return [value]
    if isinstance(value, Many):
        return refs(value.item)
    parts: tuple[Value, ...] = ()
    if isinstance(value, Items):
        parts = value.items
    elif isinstance(value, Row):
        parts = value.columns
    elif isinstance(value, (Thing, Fields)):
        parts = tuple(each for _, each in (value.fields if isinstance(value, Thing) else value.items))
    elif isinstance(value, Page):
        parts = (value.held,)
    return [ref for part in parts for ref in refs(part)]


def join(one: State, other: State) -> State:
    """What is known whichever of two paths was taken."""
    names = {key: value for key, value in one.names.items() if key in other.names and other.names[key] == value}
    names.update({key: None for key in (*one.names, *other.names) if key not in names})
    heap = dict(one.heap)
    for key, entity in other.heap.items():
        mine = heap.get(key)
        heap[key] = entity if mine is None or mine == entity else _uncertain(mine)
    return State(names, heap)


def _uncertain(entity: Entity) -> Entity:
    return entity._replace(phase="lost", expired=None, detached=None)


def loaded(loads: tuple[Load, ...], name: str) -> str:
    """How options load a relationship of an instance: `""` when none of them names it; the last one counts."""
    return next((load.how for load in reversed(loads) if load.path == (name,)), "")


def beyond(loads: tuple[Load, ...], name: str, cls: Symbol) -> tuple[Load, ...]:
    """The options that go on behind a relationship to a class."""
    return tuple(Load(cls, load.path[1:], load.how) for load in loads if load.path[0] == name and len(load.path) > 1)


def options_about(statement: Statement, is_about: Callable[[Symbol], bool]) -> Options:
    """The options of a statement whose class is one that is asked for."""
    return Options(tuple(load for load in statement.loads if is_about(load.cls)), statement.open)
