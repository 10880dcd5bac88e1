"""Strings and lists of strings that are known in part, and how settings combine them.

A list holds entries that are certain or possible and says why there may be more. An entry
that a format string makes has `*` for the part that is not known.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from cdlint.project.answers import Unknown
from cdlint.rule import Location

_MOST = 5_000
"""How many entries a list may have, and how many characters a string."""


class Entry(NamedTuple):
    """One string, where it is written, the statement that holds it, and whether it is surely there."""

    text: str
    at: Location
    holder: Location
    sure: bool


class Text(NamedTuple):
    """A string: one of these; `why` says why it may be another, `""` when it may not."""

    entries: tuple[Entry, ...]
    why: str = ""


class Items(NamedTuple):
    """A list or tuple of strings; `why` says why there may be more, `""` when there are not."""

    entries: tuple[Entry, ...]
    why: str = ""


class Many(NamedTuple):
    """A tuple of values, as a function returns."""

    values: tuple[Value, ...]


Value: TypeAlias = "Text | Items | Many | Unknown"


def merge(values: list[Value], always: bool = True) -> Value:
    """One of these values."""
    if all(value == values[0] for value in values) and (always or not isinstance(values[0], Items)):
        return values[0]
    tuples = [value for value in values if isinstance(value, Many)]
    if len(tuples) == len(values) and len({len(each.values) for each in tuples}) == 1:
        return Many(tuple(merge(list(column)) for column in zip(*(each.values for each in tuples), strict=True)))
    why = next((why for value in values if (why := doubt(value))), "")
    entries: dict[Entry, None] = {}
    lists = [value for value in values if isinstance(value, (Text, Items))]
    texts = [{entry.text for entry in each.entries if entry.sure} for each in lists]
    common = set.intersection(*texts) if texts and always else set()
    earlier: set[str] = set()
    for value in lists:
        for entry in value.entries:
            if entry.text not in earlier:
                sure = entry.sure and entry.text in common and len(lists) == len(values) and isinstance(value, Items)
                entries[entry._replace(sure=sure)] = None
        earlier.update(entry.text for entry in value.entries)
    if any(isinstance(value, Items) for value in values):
        return Items(_distinct(entries), why)
    return Text(_distinct(entries), why) if lists else Unknown(why or "several values are possible")


def _distinct(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Entries without those that are written at the same place twice."""
    return tuple({(entry.text, entry.at): entry for entry in entries}.values())


def doubt(value: Value) -> str:
    """Why a value may be another, `""` when it may not."""
    if isinstance(value, Unknown):
        return value.why or "unknown"
    return value.why if isinstance(value, (Text, Items)) else "a tuple of values"


def each(value: Value) -> Value:
    """One item of a list."""
    return Text(value.entries, value.why) if isinstance(value, Items) else Unknown("an item of a loop")


def appended(old: Value, added: Value) -> Value:
    """A list after `append`, `insert` or `add`."""
    if isinstance(added, Text):
        sure = len(added.entries) == 1 and not added.why
        added = Items(tuple(entry._replace(sure=entry.sure and sure) for entry in added.entries), added.why)
    return concatenated([old, added])


def removed(old: Value, gone: Value) -> Value:
    """A list after `remove`."""
    if not isinstance(old, Items) or not isinstance(gone, Text) or gone.why:
        return Unknown("an item is removed")
    texts = {entry.text for entry in gone.entries}
    if len(texts) == 1:
        return Items(tuple(entry for entry in old.entries if entry.text not in texts), old.why)
    return Items(tuple(entry._replace(sure=entry.sure and entry.text not in texts) for entry in old.entries), old.why)


def concatenated(values: list[Value]) -> Value:
    """`a + b`: of lists all their entries, of strings one string."""
    lists = [value for value in values if isinstance(value, Items)]
    if sum(len(each.entries) for each in lists) > _MOST:
        return Unknown("more entries than are followed")
    if lists:
        why = next((doubt(value) for value in values if not isinstance(value, Items) or value.why), "")
        return Items(tuple(entry for each in lists for entry in each.entries), why)
    texts = [value for value in values if isinstance(value, Text)]
    if texts and len(texts) == len(values):
        return _joined(texts)
    return Unknown(next((doubt(value) for value in values if isinstance(value, Unknown)), "computed"))


def _joined(texts: list[Text]) -> Value:
    found = [""]
    for text in texts:
        found = [head + entry.text for head in found for entry in text.entries]
        if len(found) > 100 or max(map(len, found), default=0) > _MOST:
            return Unknown("a string of many forms")
    why = next((text.why for text in texts if text.why), "")
    first = texts[0].entries[0] if texts[0].entries else None
    return Text(tuple(first._replace(text=text) for text in found), why) if first else Unknown("an empty choice")


def possible(value: Value) -> Value:
    """The same entries, none of them certain."""
    if isinstance(value, Items):
        return Items(tuple(entry._replace(sure=False) for entry in value.entries), value.why)
    return value
