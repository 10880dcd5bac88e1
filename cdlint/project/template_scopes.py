"""The names that hold while a template is read from top to bottom, and what is noted on the way."""

from __future__ import annotations

from ..facts.tree import At
from ..texts import UNDECODABLE
from .templates import NO_LOOP, Block, Loop, Places, Read, Reference, Template, UrlCall

_ABOVE = ("super", "block.super")
"""What stands for the block that a block replaces, in either language."""
UNSEEN = ""
"""What a name stands for that is not known: a macro's parameter, a computed value."""


def undecodable(text: str) -> Template | None:
    """What is said of a template that is no UTF-8; None when it is."""
    place = text.find(UNDECODABLE)
    return None if place < 0 else Template(problem=("it is not UTF-8", text.count("\n", 0, place) + 1))


class Unpaired(Exception):
    """A tag without its end, or an end without its tag."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset

    def template(self, text: str) -> Template:
        """What is said of the text in which it stands."""
        return Template(problem=(self.message, text.count("\n", 0, self.offset) + 1))


class Pairs:
    """Which tags are open, of those that need an end."""

    def __init__(self, ended: frozenset[str]) -> None:
        self._ended = ended
        self._open: list[tuple[str, int]] = []

    def tag(self, name: str, offset: int) -> None:
        """A tag at an offset. Raises Unpaired; of tags that nobody knows nothing is asked."""
        if name in self._ended:
            self._open.append((name, offset))
        elif name.startswith("end") and name[3:] in self._ended:
            inner, start = self._open.pop() if self._open else ("", offset)
            if not inner:
                raise Unpaired(f"`{name}` ends nothing", offset)
            if inner != name[3:]:
                raise Unpaired(f"`{inner}` is not ended before `{name}`", start)

    def finish(self) -> None:
        """The end of the text. Raises Unpaired."""
        if self._open:
            name, offset = self._open[-1]
            raise Unpaired(f"`{name}` is never ended", offset)


class Reading:
    """Collects what a template says; both readers fill it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.places = Places(text)
        self.references: list[Reference] = []
        self.urls: list[UrlCall] = []
        self.loops: list[Loop] = []
        self.reads: list[Read] = []
        self.loads: list[str] = []
        self.blocks: list[Block] = []
        self._begun: list[tuple[str, int, int]] = []
        self._scopes: list[tuple[str, dict[str, str], int]] = [("", {}, NO_LOOP)]

    @property
    def loop(self) -> int:
        """The index of the innermost loop."""
        return self._scopes[-1][2]

    def finish(self) -> Template:
        """What was said."""
        return Template(
            tuple(self.references),
            tuple(self.urls),
            tuple(self.loops),
            tuple(self.reads),
            tuple(self.loads),
            tuple(self.blocks),
        )

    def at(self, start: int, end: int) -> At:
        """The place between two offsets."""
        return self.places.at(start, end)

    def meaning(self, path: str) -> str:
        """The path with names of `with` and `set` replaced, `""` when it starts from something unknown."""
        root, dot, rest = path.partition(".")
        for _, names, _ in reversed(self._scopes):
            if root in names:
                return names[root] + dot + rest if names[root] else UNSEEN
        return path

    def read(self, path: str, start: int, end: int) -> None:
        """A path is read."""
        meant = self.meaning(path)
        if meant:
            self.reads.append(Read(meant, self.loop, self.at(start, end)))

    def begin_block(self, name: str, start: int) -> None:
        """The tag of a block, at an offset."""
        self._begun.append((name, start, len(self.reads)))

    def end_block(self, end: int) -> None:
        """The tag that ends the innermost block."""
        if self._begun:
            name, start, first = self._begun.pop()
            adds = any(each.path in _ABOVE for each in self.reads[first:])
            self.blocks.append(Block(name, self.at(start, end), adds))

    def name(self, name: str, path: str) -> None:
        """A name stands for a path from here to the end of its scope."""
        self._scopes[-1][1][name] = path

    def enter(self, tag: str, names: dict[str, str] | None = None) -> None:
        """A tag with an end begins, in which names stand for paths."""
        self._scopes.append((tag, dict(names or {}), self.loop))

    def enter_loop(self, names: tuple[str, ...], over: str, at: At) -> None:
        """A loop begins."""
        self.loops.append(Loop(names, over, self.loop, at))
        self._scopes.append(("for", {name: name for name in names}, len(self.loops) - 1))

    def leave(self, tag: str) -> None:
        """A tag ends, and with it whatever was left open inside."""
        for index in range(len(self._scopes) - 1, 0, -1):
            if self._scopes[index][0] == tag:
                del self._scopes[index:]
                return
