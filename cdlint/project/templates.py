"""What a text template says: templates it builds on, URLs it asks for, loops, and the paths it reads."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from ..facts.tree import At

NO_LOOP = -1
"""As the index of a loop: there is none."""
_LINE_END = re.compile(r"\r\n|\r|\n")


class Reference(NamedTuple):
    """Another template that this one uses.

    `kind`: `extends`, `include` or `import`. `names` are tried in order; none when the name is
    computed. `optional` says that it may be missing. `passes` are the names that it gets with the
    dotted paths they stand for (`""` when computed), `only` whether it gets nothing else.
    """

    kind: str
    names: tuple[str, ...]
    optional: bool
    passes: tuple[tuple[str, str], ...]
    only: bool
    loop: int
    at: At


class UrlCall(NamedTuple):
    """A URL that is asked for by the name of a route: `{% url 'x' a b=c %}`, `url_for('x', b=c)`.

    `callee` is the tag or function as written. `name` is `""` when it is computed. `positional`
    counts the plain arguments, `open` says whether more may be passed than is seen, `optional`
    whether it is harmless when there is no such route.
    """

    callee: str
    name: str
    positional: int
    keywords: tuple[str, ...]
    open: bool
    optional: bool
    at: At


class Loop(NamedTuple):
    """A `for`. `names` are what it binds, `over` the dotted path it goes through, `""` when computed.

    `parent` is the index of the loop around it in `Template.loops`, or `NO_LOOP`. Names given by
    `with` and `set` to a path stand as that path.
    """

    names: tuple[str, ...]
    over: str
    parent: int
    at: At


class Read(NamedTuple):
    """A dotted path that is read, calls and string subscripts left out: `post.author.name`.

    `loop` is the index of the innermost loop around it, or `NO_LOOP`.
    """

    path: str
    loop: int
    at: At


class Block(NamedTuple):
    """A block, with its place from its first tag to its last.

    `adds` says that what it stands in place of is shown as well: `super()`, `block.super`.
    """

    name: str
    at: At
    adds: bool


class Template(NamedTuple):
    """All that one template says, in source order. `problem` says why it cannot be read, with its line."""

    references: tuple[Reference, ...] = ()
    urls: tuple[UrlCall, ...] = ()
    loops: tuple[Loop, ...] = ()
    reads: tuple[Read, ...] = ()
    loads: tuple[str, ...] = ()
    """Tag libraries (`{% load x %}`)."""
    blocks: tuple[Block, ...] = ()
    """Those inside others stand before these."""
    problem: tuple[str, int] | None = None

    @property
    def replaced(self) -> frozenset[str]:
        """The blocks of the template it builds on of which it shows nothing."""
        return frozenset(each.name for each in self.blocks if not each.adds)

    def hides(self, at: At, taken: frozenset[str]) -> bool:
        """Whether a place stands in one of the blocks that templates building on this one have replaced."""
        return bool(taken) and any(each.name in taken and each.at[:2] <= at[:2] < each.at[2:] for each in self.blocks)

    def owner(self, read: Read | Loop) -> int:
        """The index of the loop that binds the first name of what is read, or `NO_LOOP`."""
        path, index = (read.path, read.loop) if isinstance(read, Read) else (read.over, read.parent)
        root = path.partition(".")[0]
        while index != NO_LOOP and root not in self.loops[index].names:
            index = self.loops[index].parent
        return index


class Places:
    """Turns offsets in a text into places as facts count them."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(end.end() for end in _LINE_END.finditer(text))]

    def at(self, start: int, end: int) -> At:
        """The place from one offset to another."""
        return (*self._point(start), *self._point(end))

    def _point(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, len(self._text[self._starts[line - 1] : offset].encode("utf-8", "surrogatepass"))
