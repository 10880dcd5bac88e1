"""Words for objects that code makes and passes around before it serves: what they are, what happens to them.

An application object, a router, a registry: made by a class from outside, handed through
helpers and factories, and told what to do by calls. A `Watch` says which classes matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

from ..facts.tree import At
from .answers import Symbol, Unknown

Context: TypeAlias = tuple[tuple[str, int, int], ...]
"""The calls (file, line, column) and loop turns that lead to a place, outermost first.

As conditions: the branches (file, line, number). A number from `ON` is of a branch that runs
with the defaults that stand in the code, from `OFF` of one that does not.
"""

ON, OFF = 1000, 2000
GAP = "\x00"
"""In a `Text`: a piece that is not known."""


def certain(conditions: Context) -> bool:
    """Whether all of these branches run, settings being as the code has them."""
    return all(ON <= branch < OFF for _, _, branch in conditions)


def off(conditions: Context) -> bool:
    """Whether one of these branches does not run, settings being as the code has them."""
    return any(branch >= OFF for _, _, branch in conditions)


class Watch(NamedTuple):
    """Which objects to follow.

    `classes` are the dotted names of their classes as users import them, `verbs` the methods
    that matter when they are called, `decorators` those that matter as decorators, `harmless`
    functions from outside that may be given a thing without anything happening to it. `makes`
    are the methods of things that return a new thing, each with its class; `records` classes and
    functions from outside whose calls say something by themselves, such as a route in a list.
    `single` are the classes of which a program makes one: a parameter that nobody is seen to give
    and that is annotated as one is that one, if no other is made. `settings` is the attribute under
    which things carry settings by name.
    """

    classes: frozenset[str]
    verbs: frozenset[str]
    decorators: frozenset[str]
    harmless: frozenset[str]
    makes: tuple[tuple[str, str], ...] = ()
    records: frozenset[str] = frozenset()
    single: frozenset[str] = frozenset()
    settings: str = ""


class Thing(NamedTuple):
    """An object of a watched class. Two calls of one factory make two things."""

    cls: str
    own: Symbol | None
    """The class of the repository that it is of, when that is a subclass."""
    path: str
    at: At
    context: Context


class Literal(NamedTuple):
    """A constant."""

    value: Any


class Text(NamedTuple):
    """A string of which pieces are not known; each is a `GAP`."""

    pattern: str


class Record(NamedTuple):
    """A call of one of the watched records, with its arguments."""

    name: str
    args: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]
    path: str
    at: At

    def argument(self, position: int, name: str) -> Value | None:
        """An argument by position or name; None when it is not given."""
        return _argument(self.args, self.keywords, position, name)


class Items(NamedTuple):
    """A list, tuple or set whose items are known."""

    items: tuple[Value, ...]


class Table(NamedTuple):
    """A dict whose keys and values are known."""

    items: tuple[tuple[Value, Value], ...]

    @classmethod
    def of(cls, pairs: Iterable[tuple[Value, Value]]) -> Table:
        """A dict in which what is said later of a key takes the place of what was said before."""
        known: dict[Value, tuple[Value, Value]] = {}
        for place, (key, value) in enumerate(pairs):
            known[key if isinstance(key, (Literal, Symbol)) else place] = (key, value)
        return cls(tuple(known.values()))


class Bound(NamedTuple):
    """An attribute of a thing or of a container, dotted when read in a row."""

    owner: Value
    name: str


class Method(NamedTuple):
    """A function of the repository with the object that it is called on."""

    function: Symbol
    owner: Value


class Partial(NamedTuple):
    """A callable with some arguments given already."""

    target: Value
    args: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]


class Instance(NamedTuple):
    """An object of a class of the repository that is not a watched one."""

    cls: Symbol
    args: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]
    context: Context


class Pending(NamedTuple):
    """What a method of a thing returned: calling it with a function decorates that."""

    happening: Happening


Value: TypeAlias = Any
"""Any of these, a `Symbol` (function, class, module, external expression) or `Unknown`."""


class Happening(NamedTuple):
    """Something that is done with a thing.

    `kind`: `made`, `call`, `decorate` (a method used as a decorator of `handler`), `set` (an
    attribute is assigned) or `escape` (it is handed to code that cannot be seen). `conditions`
    are the branches under which it happens, `result` is the thing that a method returned.
    """

    kind: str
    receiver: Thing | Unknown
    method: str
    args: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]
    handler: Symbol | None
    path: str
    at: At
    handler_at: At | None
    conditions: Context
    result: Thing | None = None

    @property
    def certain(self) -> bool:
        """Whether it happens whenever the code runs."""
        return certain(self.conditions)

    def argument(self, position: int, name: str) -> Value | None:
        """An argument by position or name; None when it is not given."""
        return _argument(self.args, self.keywords, position, name)

    @property
    def spread(self) -> bool:
        """Whether more arguments may be given than are seen (`**options`, `*rest`)."""
        return any(key == "**" for key, _ in self.keywords) or any(isinstance(each, Spread) for each in self.args)


def _argument(
    args: tuple[Value, ...], keywords: tuple[tuple[str, Value], ...], position: int, name: str
) -> Value | None:
    found = next((value for key, value in keywords if key == name), None)
    return found if found is not None or position >= len(args) else args[position]


class Spread(NamedTuple):
    """`*value` in a call, where the value is unknown."""


class Trace(NamedTuple):
    """What happens when a module's code or a function runs, in order."""

    path: str
    function: str
    happenings: tuple[Happening, ...]
    entered: frozenset[Symbol]
    """Functions whose bodies were followed."""
    cut: bool = False
    """Whether it takes more steps than are followed, so that more may happen."""


def things_in(value: Value, depth: int = 6) -> tuple[Thing, ...]:
    """The things that a value is or holds."""
    if isinstance(value, Thing):
        return (value,)
    if depth <= 0:
        return ()
    parts: tuple[Value, ...] = ()
    if isinstance(value, Items):
        parts = value.items
    elif isinstance(value, Table):
        parts = tuple(part for pair in value.items for part in pair)
    elif isinstance(value, Partial):
        parts = (value.target, *value.args, *(part for _, part in value.keywords))
    elif isinstance(value, (Instance, Record)):
        parts = (*value.args, *(part for _, part in value.keywords))
    elif isinstance(value, (Bound, Method)):
        parts = (value.owner,)
    return tuple(dict.fromkeys(thing for part in parts for thing in things_in(part, depth - 1)))
