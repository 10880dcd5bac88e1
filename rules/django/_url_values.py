"""What the code of a URLconf makes: calls that are kept as they are written, lists, objects and choices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

from cdlint.project.answers import Symbol, Unknown
from cdlint.rule import Location

Value: TypeAlias = Any
"""A constant as itself, a `Symbol`, an `Unknown`, or one of the classes below."""

Keywords: TypeAlias = tuple[tuple[str, Value], ...]
"""Keyword arguments."""


LONGEST = 20_000
"""Lists and strings that grow longer are cut or given up: no project has such patterns."""


class Item(NamedTuple):
    """An item of a list; uncertain when it is there only under a condition."""

    value: Value
    certain: bool


class Listing:
    """A list, tuple or set that code builds up. `doubts` say where more may be added that is not known."""

    __slots__ = ("doubts", "items", "kind")

    def __init__(self, kind: str = "list", items: list[Item] | None = None) -> None:
        self.kind = kind
        self.items: list[Item] = items if items is not None else []
        self.doubts: list[tuple[Location, str]] = []

    def add(self, value: Value, certain: bool) -> None:
        """One more item."""
        if len(self.items) < LONGEST:
            self.items.append(Item(value, certain))

    def take(self, other: Listing, certain: bool) -> None:
        """All items of another list."""
        room = LONGEST - len(self.items)
        self.items.extend([item._replace(certain=item.certain and certain) for item in other.items[: max(room, 0)]])
        self.doubts.extend(doubt for doubt in list(other.doubts) if doubt not in self.doubts)

    def values(self) -> list[Value]:
        """What is in it."""
        return [item.value for item in self.items]


class Event(NamedTuple):
    """A method that was called on an object which nothing in the repository defines."""

    method: str
    args: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]
    at: Location
    certain: bool
    result: Value

    def argument(self, position: int, *names: str) -> Value:
        """An argument by position or one of its names; None when it is not given."""
        return argument(self.args, self.keywords, position, names)


class Made:
    """What a call of something outside the repository gave, and what was done with it."""

    __slots__ = ("args", "at", "attributes", "callee", "events", "keywords")

    def __init__(
        self, callee: Value, args: tuple[Value, ...], keywords: tuple[tuple[str, Value], ...], at: Location
    ) -> None:
        self.callee = callee
        self.args = args
        self.keywords = keywords
        self.at = at
        self.attributes: dict[str, Value] = {}
        self.events: list[Event] = []

    @property
    def name(self) -> str:
        """The dotted name of what was called, `""` when it was no plain name."""
        return self.callee.name if isinstance(self.callee, Symbol) and self.callee.kind == "external" else ""

    def argument(self, position: int, *names: str) -> Value:
        """An argument by position or one of its names; None when it is not given."""
        return argument(self.args, self.keywords, position, names)


class Object:
    """An instance of a class of the repository."""

    __slots__ = ("args", "at", "attributes", "cls", "events", "keywords")

    def __init__(
        self, cls: Symbol, args: tuple[Value, ...], keywords: tuple[tuple[str, Value], ...], at: Location
    ) -> None:
        self.cls = cls
        self.args = args
        self.keywords = keywords
        self.at = at
        self.attributes: dict[str, Value] = {}
        self.events: list[Event] = []

    def argument(self, position: int, *names: str) -> Value:
        """An argument of its construction by position or one of its names."""
        return argument(self.args, self.keywords, position, names)


class Table:
    """A dict whose keys are constants; `certain` is False for keys that may be missing."""

    __slots__ = ("items",)

    def __init__(self) -> None:
        self.items: dict[Any, Item] = {}


class Attribute(NamedTuple):
    """An attribute that nothing in the repository defines."""

    owner: Value
    name: str


class Method(NamedTuple):
    """A function of the repository with the object or class that it is called on."""

    function: Symbol
    owner: Value


class Closure:
    """A nested function and the names around it."""

    __slots__ = ("frame", "function")

    def __init__(self, function: Symbol, frame: Frame) -> None:
        self.function = function
        self.frame = frame


class Lambda(NamedTuple):
    """A lambda."""

    at: Location
    params: tuple[str, ...]
    body: Any


class Super(NamedTuple):
    """`super()`: the object, and the class whose bases come next."""

    owner: Value
    after: Symbol


class Either(NamedTuple):
    """One of several values."""

    values: tuple[Value, ...]


class Frame:
    """The names of a module or of a function that runs."""

    __slots__ = ("certain", "env", "parent", "path", "qualname", "returns", "yields")

    def __init__(self, path: str, qualname: str, parent: Frame | None, certain: bool) -> None:
        self.path = path
        self.qualname = qualname
        self.parent = parent
        self.certain = certain
        self.env: dict[str, Value] = {}
        self.returns: list[Value] = []
        self.yields = Listing()


def argument(
    args: tuple[Value, ...], keywords: tuple[tuple[str, Value], ...], position: int, names: tuple[str, ...]
) -> Value:
    """An argument by position or one of its names; None when it is not given."""
    for key, value in keywords:
        if key in names:
            return value
    return args[position] if 0 <= position < len(args) else None


def choices(value: Value) -> Iterator[tuple[Value, bool]]:
    """The values that something may be, each with whether it is that for sure."""
    if isinstance(value, Either):
        for each in value.values:
            for inner, _ in choices(each):
                yield inner, False
    else:
        yield value, True


def truth(value: Value) -> bool | None:
    """Whether a value counts as true; None when that is not known."""
    if isinstance(value, Listing):
        sure = any(item.certain for item in value.items)
        return True if sure else None if value.items or value.doubts else False
    if isinstance(value, (Symbol, Unknown, Attribute, Method, Super, Either, Lambda)):
        return None
    if isinstance(value, (Made, Object, Closure, Table)):
        return None
    return bool(value)


def either(values: list[Value]) -> Value:
    """One value out of several; lists are joined into one whose items are uncertain."""
    distinct: list[Value] = []
    for value in values:
        for inner, _ in choices(value):
            if not any(inner is other or (_plain(inner) and _plain(other) and inner == other) for other in distinct):
                distinct.append(inner)
    known = [value for value in distinct if not isinstance(value, Unknown) and value is not None]
    if known and all(isinstance(value, Listing) for value in known):
        if len(distinct) == 1:
            return known[0]
        joined = Listing(known[0].kind)
        for value in known:
            joined.take(value, False)
        return joined
    if len(distinct) == 1:
        return distinct[0]
    return Either(tuple(distinct)) if distinct else None


def _plain(value: Value) -> bool:
    return not isinstance(value, (Listing, Made, Object, Closure, Table))


def short(text: str) -> Value:
    """A string that was put together, unless it has grown out of all proportion."""
    return text if len(text) <= LONGEST else Unknown("a very long string")


def strings(value: Value) -> tuple[str, ...] | None:
    """A list of strings as a tuple; None when it is not one."""
    if isinstance(value, Listing) and not value.doubts:
        found = value.values()
        return tuple(found) if all(isinstance(each, str) for each in found) else None
    return None
