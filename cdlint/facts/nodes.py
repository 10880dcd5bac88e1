"""The classes of decoded nodes; `tree` says what they are for."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

At: TypeAlias = tuple[int, int, int, int]
Code: TypeAlias = Any
"""An encoded node: a plain tuple that starts with a tag, or None."""


class Path(NamedTuple):
    """A name and the attributes read from it: `a`, `a.b.c`."""

    text: str
    at: At

    @property
    def root(self) -> str:
        """The name it starts from."""
        return self.text.partition(".")[0]

    @property
    def last(self) -> str:
        """Its last segment."""
        return self.text.rpartition(".")[2]


class Attribute(NamedTuple):
    """Attributes read from something that is not a name: `f().a.b` has text `a.b`."""

    value: Node
    text: str
    at: At

    @property
    def last(self) -> str:
        """Its last segment."""
        return self.text.rpartition(".")[2]


class Keyword(NamedTuple):
    """A keyword argument; `name` is None for `**value`."""

    name: str | None
    value: Node


class Call(NamedTuple):
    """A call; starred positional arguments are `Starred`."""

    func: Node
    args: tuple[Node, ...]
    keywords: tuple[Keyword, ...]
    at: At

    def keyword(self, name: str) -> Node | None:
        """The value of one keyword argument, if it is written out."""
        return next((k.value for k in self.keywords if k.name == name), None)

    def argument(self, position: int, name: str | None = None) -> Node | None:
        """The argument at a position or under a name; None when absent or hidden by `*args`."""
        if name is not None and (value := self.keyword(name)) is not None:
            return value
        head = self.args[: position + 1]
        return None if len(head) <= position or any(isinstance(a, Starred) for a in head) else head[position]


class Constant(NamedTuple):
    """A literal: str, bytes, int, float, complex, bool, None or Ellipsis."""

    value: Any
    at: At


class FString(NamedTuple):
    """An f-string: its literal pieces are Constants, the rest are expressions."""

    parts: tuple[Node, ...]
    at: At


class Subscript(NamedTuple):
    """`value[index]`."""

    value: Node
    index: Node
    at: At


class Slice(NamedTuple):
    """`lower:upper:step` inside a subscript."""

    lower: Node | None
    upper: Node | None
    step: Node | None
    at: At


class Binary(NamedTuple):
    """A chain of one arithmetic operator, flat: `a + b + c` has three terms."""

    op: str
    terms: tuple[Node, ...]
    at: At


class Boolean(NamedTuple):
    """`and` / `or` over two or more values."""

    op: str
    values: tuple[Node, ...]
    at: At


class Unary(NamedTuple):
    """`not x`, `-x`, `+x`, `~x`."""

    op: str
    value: Node
    at: At


class Compare(NamedTuple):
    """`terms[0] ops[0] terms[1] ops[1] ...`."""

    ops: tuple[str, ...]
    terms: tuple[Node, ...]
    at: At


class Conditional(NamedTuple):
    """`body if test else orelse`."""

    test: Node
    body: Node
    orelse: Node
    at: At


class Await(NamedTuple):
    """`await value`."""

    value: Node
    at: At


class Yield(NamedTuple):
    """`yield value`, or `yield from value` when delegated."""

    value: Node | None
    delegated: bool
    at: At


class Lambda(NamedTuple):
    """A lambda: the names of its parameters and its body."""

    params: tuple[str, ...]
    body: Node
    at: At


class Sequence(NamedTuple):
    """A `list`, `tuple` or `set` display; `kind` is that word."""

    kind: str
    items: tuple[Node, ...]
    at: At


class Mapping(NamedTuple):
    """A dict display; a None key is `**value`."""

    items: tuple[tuple[Node | None, Node], ...]
    at: At


class Generator(NamedTuple):
    """One `for target in iterable if ...` of a comprehension."""

    target: Node
    iterable: Node
    conditions: tuple[Node, ...]
    is_async: bool


class Comprehension(NamedTuple):
    """A comprehension; `kind` is list, set, dict or generator, `value` only for dict."""

    kind: str
    element: Node
    value: Node | None
    generators: tuple[Generator, ...]
    at: At


class Walrus(NamedTuple):
    """`name := value`."""

    name: str
    value: Node
    at: At


class Starred(NamedTuple):
    """`*value` in a call or a display."""

    value: Node
    at: At


class Opaque(NamedTuple):
    """Code nested too deeply to be kept: nothing is known about it."""

    at: At


class Expression(NamedTuple):
    """An expression as a statement."""

    value: Node
    at: At


class Assign(NamedTuple):
    """`targets = value`; with an annotation there is one target and maybe no value."""

    targets: tuple[Node, ...]
    value: Node | None
    annotation: Node | None
    at: At


class AugAssign(NamedTuple):
    """`target op= value`."""

    target: Node
    op: str
    value: Node
    at: At


class Return(NamedTuple):
    """`return value`."""

    value: Node | None
    at: At


class Raise(NamedTuple):
    """`raise error from cause`."""

    error: Node | None
    cause: Node | None
    at: At


class Delete(NamedTuple):
    """`del targets`."""

    targets: tuple[Node, ...]
    at: At


class Assert(NamedTuple):
    """`assert test, message`."""

    test: Node
    message: Node | None
    at: At


class If(NamedTuple):
    """`if`; an `elif` is an If alone in `orelse`."""

    test: Node
    body: tuple[Node, ...]
    orelse: tuple[Node, ...]
    at: At


class For(NamedTuple):
    """`for` / `async for`."""

    target: Node
    iterable: Node
    body: tuple[Node, ...]
    orelse: tuple[Node, ...]
    is_async: bool
    at: At


class While(NamedTuple):
    """`while`."""

    test: Node
    body: tuple[Node, ...]
    orelse: tuple[Node, ...]
    at: At


class With(NamedTuple):
    """`with` / `async with`; items are (context, target or None)."""

    items: tuple[tuple[Node, Node | None], ...]
    body: tuple[Node, ...]
    is_async: bool
    at: At


class Handler(NamedTuple):
    """`except type as name:`."""

    type: Node | None
    name: str | None
    body: tuple[Node, ...]
    at: At


class Try(NamedTuple):
    """`try`, with its handlers, `else` and `finally`."""

    body: tuple[Node, ...]
    handlers: tuple[Handler, ...]
    orelse: tuple[Node, ...]
    final: tuple[Node, ...]
    at: At


class Case(NamedTuple):
    """`case pattern if guard:`; `values` are the expressions in the pattern. It has no place of its own."""

    values: tuple[Node, ...]
    guard: Node | None
    body: tuple[Node, ...]


class Match(NamedTuple):
    """`match subject:`."""

    subject: Node
    cases: tuple[Case, ...]
    at: At


class ImportStatement(NamedTuple):
    """An import; `indexes` point into `Module.imports`."""

    indexes: tuple[int, ...]
    at: At


class Def(NamedTuple):
    """A function definition; `ref` points into `Module.functions`."""

    ref: int
    at: At


class ClassDef(NamedTuple):
    """A class definition; `ref` points into `Module.classes`, the body is here."""

    ref: int
    body: tuple[Node, ...]
    at: At


class Jump(NamedTuple):
    """`pass`, `break` or `continue`; `kind` is that word."""

    kind: str
    at: At


class Scoping(NamedTuple):
    """`global` or `nonlocal`; `kind` is that word."""

    kind: str
    names: tuple[str, ...]
    at: At


Node: TypeAlias = Any
"""Any of the classes above. `isinstance` and `match` tell which."""

CLASSES: tuple[type, ...] = (
    Path, Attribute, Call, Constant, FString, Subscript, Slice, Binary, Boolean, Unary,
    Compare, Conditional, Await, Yield, Lambda, Sequence, Mapping, Comprehension, Walrus,
    Starred, Opaque, Expression, Assign, AugAssign, Return, Raise, Delete, Assert, If, For,
    While, With, Try, Match, ImportStatement, Def, ClassDef, Jump, Scoping, Keyword,
    Generator, Handler, Case,
)  # fmt: skip
TAG: dict[type, int] = {cls: tag for tag, cls in enumerate(CLASSES)}
