"""YAML as plain values with their lines, or why a text cannot be read: what it says is never built into objects."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

LONGEST = 300_000
"""How many characters a text may have: files that people write have far fewer."""
_DEEPEST = 40
_LARGEST = 50_000
"""How many values a text may stand for, those counted again that an alias repeats."""


class Text(NamedTuple):
    """A scalar, as it reads after quotes and folding; `plain` says that it had no quotes and was no block."""

    value: str
    plain: bool
    line: int


class Items(NamedTuple):
    """A sequence."""

    values: tuple[Value, ...]
    line: int


class Table(NamedTuple):
    """A mapping in the order of its keys, what `<<` merges into it included; other keys than texts are left out."""

    pairs: tuple[tuple[Text, Value], ...]
    line: int

    def get(self, name: str) -> Value | None:
        """The value of a key, None when it is not there; of several the last counts."""
        return next((value for key, value in reversed(self.pairs) if key.value == name), None)

    def line_of(self, name: str) -> int:
        """The line on which a key stands, that of the mapping when it is not there."""
        return next((key.line for key, _ in reversed(self.pairs) if key.value == name), self.line)


class Strange(NamedTuple):
    """A value with a tag of its own, of which only its reader knows what it stands for."""

    line: int


class Unreadable(NamedTuple):
    """A text that is no YAML, or more than is read of any, from this line on."""

    why: str
    line: int


Value: TypeAlias = "Text | Items | Table | Strange"


def read(text: str) -> Value | Unreadable:
    """The first document of a text."""
    import yaml

    if len(text) > LONGEST:
        return Unreadable(f"it has more than {LONGEST:,} characters", 1)
    try:
        return _read(yaml, yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return Unreadable(str(error.problem or "it is no YAML"), mark.line + 1 if mark is not None else 1)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return Unreadable(f"it is no YAML: {' '.join(str(error).split())[:80]}", 1)


class _Sized(NamedTuple):
    """A value and how many it stands for."""

    value: Value
    size: int


class _Open(NamedTuple):
    """A sequence or mapping that is being read."""

    start: Any
    found: list[_Sized]


def _read(yaml: Any, events: Any) -> Value | Unreadable:
    """Put the events of one document together, without recursion: how deep it may be is said here."""
    anchors: dict[str, _Sized] = {}
    stack: list[_Open] = []
    for event in events:
        line, start = event.start_mark.line + 1, event
        if isinstance(event, yaml.CollectionStartEvent):
            stack.append(_Open(event, []))
            if len(stack) > _DEEPEST:
                return Unreadable(f"it is nested more than {_DEEPEST} deep", line)
            continue
        if isinstance(event, yaml.ScalarEvent):
            made = _Sized(_scalar(event, line), 1)
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in anchors:
                return Unreadable(f"nothing is called `{event.anchor[:40]}`", line)
            made = anchors[event.anchor]
        elif isinstance(event, yaml.CollectionEndEvent):
            start, found = stack.pop()
            made = _closed(start, found, isinstance(start, yaml.MappingStartEvent))
        elif isinstance(event, yaml.DocumentEndEvent):
            break
        else:
            continue
        if made.size > _LARGEST:
            return Unreadable(f"it stands for more than {_LARGEST:,} values", line)
        if start.anchor is not None and not isinstance(event, yaml.AliasEvent):
            anchors[start.anchor] = made
        if not stack:
            return made.value
        stack[-1].found.append(made)
    return Table((), 1)


def _scalar(event: Any, line: int) -> Value:
    if event.tag is not None and not event.tag.startswith("tag:yaml.org,2002:"):
        return Strange(line)
    return Text(event.value, not event.style, line)


def _closed(start: Any, found: list[_Sized], is_table: bool) -> _Sized:
    line = start.start_mark.line + 1
    size = 1 + sum(each.size for each in found)
    values = tuple(each.value for each in found)
    if start.tag is not None and not start.tag.startswith("tag:yaml.org,2002:"):
        return _Sized(Strange(line), 1)
    return _Sized(_table(values, line) if is_table else Items(values, line), size)


def _table(values: tuple[Value, ...], line: int) -> Table:
    """A mapping; what is merged into it stands first, so that its own keys win."""
    own: list[tuple[Text, Value]] = []
    merged: list[tuple[Text, Value]] = []
    for key, value in zip(values[::2], values[1::2], strict=True):
        if not isinstance(key, Text):
            continue
        if key.value == "<<" and key.plain:
            # Of several the first wins.
            sources = reversed(value.values) if isinstance(value, Items) else (value,)
            merged.extend(pair for each in sources if isinstance(each, Table) for pair in each.pairs)
        else:
            own.append((key, value))
    return Table((*merged, *own), line)
