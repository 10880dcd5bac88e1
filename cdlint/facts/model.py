"""What is known of one file: a `Module` of imports, definitions, names and encoded bodies.

These are facts about the text alone. They name no other file and no framework, hold no
reference to the syntax tree, and are equal when the file says the same.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar

from .codec import decode
from .fields import BLOCKS
from .scope import CallShape
from .tree import TAG, At, Attribute, Call, Code, Expression, Node, Path, walk

T = TypeVar("T", bound=tuple[Any, ...])
_EXPRESSION, _CALL, _PATH, _ATTRIBUTE = TAG[Expression], TAG[Call], TAG[Path], TAG[Attribute]
_BLOCKS = {TAG[cls]: places for cls, places in BLOCKS.items()}
_STARTS = {cls: marshal.dumps((tag, *cls.__annotations__), 2)[:10] for cls, tag in TAG.items()}
"""What an encoded node begins with: `marshal` writes how long the tuple is, then the tag."""

EdgeKind: TypeAlias = Literal["runtime", "type-only", "deferred", "conditional"]
"""When an import runs: on import of its file, never, inside a function, or if something holds."""


class Import(NamedTuple):
    """One imported name.

    `module` is as written, leading dots included. `name` is None for `import a.b`, `"*"`
    for a star. `alias` is the name that it binds (`a` for `import a.b`, `"*"` for a star);
    `renamed` says whether an `as` was written. `scope` is the qualified name of the
    function around it, `""` on module or class level.
    """

    module: str
    name: str | None
    alias: str
    renamed: bool
    kind: EdgeKind
    scope: str
    at: At


class Param(NamedTuple):
    """A parameter. `kind`: `positional-only`, `positional`, `*`, `keyword`, `**`."""

    name: str
    kind: str
    annotation_code: Code
    default_code: Code
    at: At

    @property
    def annotation(self) -> Node | None:
        """The annotation, if any."""
        return decode(self.annotation_code)

    @property
    def default(self) -> Node | None:
        """The default, if any."""
        return decode(self.default_code)


class Function(NamedTuple):
    """A function, method or nested function; `""` is the module's own code.

    `calls` are the distinct dotted callees inside (`session.add`; `?.all` when called on
    something that is not a name), without those of nested functions. `binds` are its local
    names, parameters included.
    """

    qualname: str
    name: str
    owner: str
    """Qualified name of the class it is a method of, or `""`."""
    parent: str
    """Qualified name of the function around it, or `""`."""
    params: tuple[Param, ...]
    decorator_codes: tuple[Code, ...]
    returns_code: Code
    is_async: bool
    is_generator: bool
    conditional: bool
    calls: tuple[str, ...]
    awaited: tuple[str, ...]
    """Those of `calls` that `await` stands before, every time."""
    shapes: tuple[CallShape, ...]
    """The distinct ways in which each of `calls` is called."""
    binds: tuple[str, ...]
    outer: tuple[str, ...]
    """Names declared `global` or `nonlocal`."""
    at: At
    """Of its name in the `def` line."""
    end_line: int
    body_code: bytes

    @property
    def decorators(self) -> tuple[Node, ...]:
        """Its decorators, outermost first."""
        return tuple([decode(code) for code in self.decorator_codes])

    @property
    def returns(self) -> Node | None:
        """The annotation of what it returns, if any."""
        return decode(self.returns_code)

    @property
    def lasts(self) -> frozenset[str]:
        """The last names of its `calls`."""
        return _lasts(self.calls)

    @property
    def body(self) -> tuple[Node, ...]:
        """Its statements, decoded when first asked for."""
        return _decoded(self.body_code)

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Everything in its body, outer before inner, in source order, decoded when first asked for."""
        return _walked(self.body_code)

    @property
    def call_nodes(self) -> tuple[Call, ...]:
        """The calls among its nodes."""
        return _called(self.body_code)

    def every(self, kind: type[T]) -> tuple[T, ...]:
        """The nodes of one kind; nothing is decoded where there is none."""
        return tuple([node for node in self.nodes if type(node) is kind]) if _STARTS[kind] in self.body_code else ()

    def statements(self) -> Iterator[Code]:
        """Its statements and those inside them, still encoded, in source order. Parts with blocks are among them."""
        stack = list(reversed(marshal.loads(self.body_code)))
        while stack:
            code = stack.pop()
            yield code
            for place in reversed(_BLOCKS.get(code[0], ())):
                stack.extend(reversed(code[place]))

    def holds(self, kind: type[Node]) -> bool:
        """Whether a statement of this kind is inside, found without decoding anything."""
        return _STARTS[kind] in self.body_code and any(code[0] == TAG[kind] for code in self.statements())

    def drops(self, names: frozenset[str]) -> bool:
        """Whether a call of one of these last names is a statement by itself, found without decoding anything."""
        return any(
            code[0] == _EXPRESSION and code[1][0] == _CALL and _last(code[1][1]) in names for code in self.statements()
        )

    def mentions(self, text: str) -> bool:
        """Whether its body may hold a name or string with this text; False is certain, and nothing is decoded."""
        return text.encode() in self.body_code

    def paths_from(self, name: str) -> frozenset[str]:
        """The dotted names in its body that start with `name.`: all paths from it, and maybe some strings.

        Nothing is decoded: `marshal` writes a text as its type, its length and itself.
        """
        start, code, found = (name + ".").encode(), self.body_code, set()
        at = code.find(start)
        while at >= 0:
            text = code[at : at + _length_before(code, at)].decode("utf-8", "replace")
            if all(map(str.isidentifier, text.split("."))):
                found.add(text)
            at = code.find(start, at + 1)
        return frozenset(found)


def _last(code: Code) -> str:
    """The last segment of an encoded path or attribute, `""` of anything else."""
    text = code[1] if code[0] == _PATH else code[2] if code[0] == _ATTRIBUTE else ""
    return str(text[text.rfind(".") + 1 :])


def _length_before(code: bytes, at: int) -> int:
    """The length of the text that starts at this place, 0 if none does."""
    # The high bit of a type says that later texts may refer to this one.
    if at >= 2 and code[at - 2] & 0x7F in b"zZ":
        return code[at - 1]
    if at >= 5 and code[at - 5] & 0x7F in b"aAtu":
        return int.from_bytes(code[at - 4 : at], "little")
    return 0


@lru_cache(maxsize=20_000)
def _lasts(calls: tuple[str, ...]) -> frozenset[str]:
    return frozenset([call[call.rfind(".") + 1 :] for call in calls])


@lru_cache(maxsize=20_000)
def _decoded(body_code: bytes) -> tuple[Node, ...]:
    return tuple([decode(code) for code in marshal.loads(body_code)])


@lru_cache(maxsize=20_000)
def _walked(body_code: bytes) -> tuple[Node, ...]:
    return tuple(walk(*_decoded(body_code)))


@lru_cache(maxsize=20_000)
def _called(body_code: bytes) -> tuple[Call, ...]:
    return tuple([node for node in _walked(body_code) if type(node) is Call])


class Class(NamedTuple):
    """A class. `fields` are the assignments in its body, `methods` the names of its functions."""

    qualname: str
    name: str
    parent: str
    """Qualified name of the function or class around it, or `""`."""
    base_codes: tuple[Code, ...]
    keyword_codes: tuple[tuple[str | None, Code], ...]
    decorator_codes: tuple[Code, ...]
    fields: tuple[Binding, ...]
    methods: tuple[str, ...]
    conditional: bool
    at: At
    """Of its name in the `class` line."""
    end_line: int

    @property
    def bases(self) -> tuple[Node, ...]:
        """Its bases as written."""
        return tuple([decode(code) for code in self.base_codes])

    @property
    def keywords(self) -> tuple[tuple[str | None, Node], ...]:
        """Keywords of the class statement, such as `metaclass=` and `table=`."""
        return tuple([(name, decode(code)) for name, code in self.keyword_codes])

    @property
    def decorators(self) -> tuple[Node, ...]:
        """Its decorators, outermost first."""
        return tuple([decode(code) for code in self.decorator_codes])


class Binding(NamedTuple):
    """A name that a module or class body binds, in order, repeated when bound again.

    `kind`: `import` (`ref` into `Module.imports`), `function`, `class` (`ref` into those),
    `assign`, `augment` (`+=`), `annotation` (no value), `target` (of a loop, with, except or
    pattern) and `delete`. `callee` is the dotted callee when the value is a call. `guard` says
    under what it runs: `""` always, `type-only`, `main` (under `__name__ == "__main__"`), `if`,
    `else`, `try`, `except`, `loop`.
    """

    name: str
    kind: str
    ref: int
    value_code: Code
    annotation_code: Code
    callee: str
    guard: str
    at: At

    @property
    def value(self) -> Node | None:
        """What is assigned, if it is an assignment of one value to this name alone."""
        return decode(self.value_code)

    @property
    def annotation(self) -> Node | None:
        """Its annotation, if any."""
        return decode(self.annotation_code)


class Suppression(NamedTuple):
    """`# cdlint: ignore[rule, ...] reason`; `whole_file` for `ignore-file`.

    `lines` are the physical lines it covers. No rules means that the brackets are missing.
    """

    rules: tuple[str, ...]
    reason: str
    whole_file: bool
    lines: tuple[int, int]
    at: At


class Unbound(NamedTuple):
    """A name loaded where no scope of the file and no builtin binds it."""

    name: str
    at: At


class Module(NamedTuple):
    """All facts of one file.

    `functions[0]` is the module's own code. `exports` is `__all__` when it is a plain list of
    strings, else None; `exports_known` is False when it is computed. `dynamic` says why names
    may exist that no statement shows (`__getattr__`, `globals()`, `exec`), or is `""`.
    """

    imports: tuple[Import, ...]
    functions: tuple[Function, ...]
    classes: tuple[Class, ...]
    bindings: tuple[Binding, ...]
    exports: tuple[str, ...] | None
    exports_known: bool
    dynamic: str
    unbound: tuple[Unbound, ...]
    suppressions: tuple[Suppression, ...]
    opaque: bool
    """Some code was nested too deeply to keep."""
    lines: int

    @property
    def main(self) -> Function:
        """The module's own code as a function named `""`."""
        return self.functions[0]


class Broken(NamedTuple):
    """A file without facts. `kind`: `syntax`, `undecodable`, `unreadable`, `too-large` or `too-deep`.

    `syntax` is certain. `too-deep` means that no parser at hand can tell whether the file is in order.
    """

    kind: str
    message: str
    line: int
    column: int


FORMAT = 5
"""Raised whenever facts have another shape, or say more or otherwise, so that no cache is misread."""


def encode(raw: tuple[Any, ...]) -> bytes:
    """Raw facts (plain tuples in the order of the fields above) as bytes."""
    return marshal.dumps(tuple(raw), 4)


def load(data: bytes) -> Module | Broken:
    """Facts from `encode`. Raises ValueError, EOFError or TypeError on anything else."""
    raw = marshal.loads(data)
    if len(raw) == len(Broken._fields):
        return Broken._make(raw)
    imports, functions, classes, bindings, exports, exports_known, dynamic, unbound, notes, opaque, lines = raw
    return Module(
        _all(Import, imports),
        tuple([_function(item) for item in functions]),
        tuple([_class(item) for item in classes]),
        _all(Binding, bindings),
        exports,
        exports_known,
        dynamic,
        _all(Unbound, unbound),
        _all(Suppression, notes),
        opaque,
        lines,
    )


def _all(make: type[T], raw: Iterable[Any]) -> tuple[T, ...]:
    """Raw items as named tuples. `_make` would count the fields of each, which `FORMAT` answers for."""
    return tuple(map(partial(tuple.__new__, make), raw))


def _function(raw: tuple[Any, ...]) -> Function:
    return tuple.__new__(Function, (*raw[:4], _all(Param, raw[4]), *raw[5:]))


def _class(raw: tuple[Any, ...]) -> Class:
    return tuple.__new__(Class, (*raw[:6], _all(Binding, raw[6]), *raw[7:]))
