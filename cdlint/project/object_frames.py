"""Where names live while code is followed, and values that live only as long."""

from __future__ import annotations

from typing import Any

from .answers import Symbol, Unknown
from .objects import Bound, Context, Instance, Items, Literal, Method, Partial, Record, Table, Value

NOTHING = Unknown("nothing is known of it")
SEVERAL = "several values are possible"


class Frame:
    """The names of a running function, class body or module."""

    __slots__ = ("context", "depth", "env", "parent", "path", "qualname", "returns")

    def __init__(self, path: str, qualname: str, parent: Frame | None, context: Context) -> None:
        self.path = path
        self.qualname = qualname
        self.parent = parent
        self.context = context
        self.env: dict[str, Value] = {}
        self.returns: list[Value] = []
        self.depth = 0
        """How many conditions held when it began."""


class Closure:
    """A nested function with the frame around it. Lives only while its module or function runs."""

    __slots__ = ("frame", "function")

    def __init__(self, function: Symbol, frame: Frame) -> None:
        self.function = function
        self.frame = frame


class Super:
    """`super()`: the object, and the class whose bases come next."""

    __slots__ = ("after", "owner")

    def __init__(self, owner: Value, after: Symbol) -> None:
        self.owner = owner
        self.after = after


def plain(value: Value) -> Value:
    """A value that may outlive the run: without closures."""
    if isinstance(value, Closure):
        return value.function
    if isinstance(value, Super):
        return NOTHING
    if isinstance(value, Items):
        return Items(tuple(plain(item) for item in value.items))
    if isinstance(value, Table):
        return Table(tuple((plain(key), plain(item)) for key, item in value.items))
    if isinstance(value, Partial):
        return Partial(plain(value.target), *plain_arguments(value.args, value.keywords))
    if isinstance(value, Record):
        args, keywords = plain_arguments(value.args, value.keywords)
        return value._replace(args=args, keywords=keywords)
    if isinstance(value, Instance):
        return Instance(value.cls, *plain_arguments(value.args, value.keywords), value.context)
    if isinstance(value, (Bound, Method)):
        return value._replace(owner=plain(value.owner))
    return value


def plain_arguments(
    args: tuple[Value, ...], keywords: tuple[tuple[str, Value], ...]
) -> tuple[tuple[Value, ...], tuple[tuple[str, Value], ...]]:
    """Arguments that may outlive the run."""
    return tuple(plain(each) for each in args), tuple((key, plain(each)) for key, each in keywords)


def unwrap(value: Value) -> Any:
    """The constant in a value, as `constants` has it."""
    if isinstance(value, Literal):
        return value.value
    if isinstance(value, Items):
        items = tuple(unwrap(item) for item in value.items)
        return next((item for item in items if isinstance(item, Unknown)), items)
    return value if isinstance(value, Unknown) else Unknown("a value that is not a constant")
