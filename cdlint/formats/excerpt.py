"""How lines of source are shown, with the span marked under them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .escape import visible

_TAB = 4
_CUT = "..."
_MINIMUM = 40
_DEFAULT = 140


class Span(NamedTuple):
    """Where the marked text starts and ends, from 1, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Marked(NamedTuple):
    """A line as printed: its number (None for a line of marks), its text, its marks."""

    number: int | None
    text: str
    marks: str = ""


class _Line(NamedTuple):
    """A line cut to the room there is, and the display columns of the two positions asked for."""

    text: str
    start: int
    end: int


def excerpt(lines: Sequence[str], span: Span, mark: str, width: int) -> Iterator[Marked]:
    """The lines, which start at the span's, and under them the marks."""
    room = max(width or _DEFAULT, _MINIMUM) - len(str(span.end_line)) - len(" |  ")
    if span.line == span.end_line:
        line = _fit(lines[0], span.column - 1, span.end_column - 1, room)
        yield Marked(span.line, line.text)
        yield Marked(None, " " * line.start, mark * max(line.end - line.start, 1))
    else:
        yield from _bracket(lines, span, mark, room - 2)


def _bracket(lines: Sequence[str], span: Span, mark: str, room: int) -> Iterator[Marked]:
    """A span over several lines, drawn as a bracket on their left."""
    indent = len(lines[0]) - len(lines[0].lstrip())
    first = _fit(lines[0], span.column - 1, span.column, room)
    if span.column - 1 <= indent:
        yield Marked(span.line, f"/ {first.text}")
    else:
        yield Marked(span.line, f"  {first.text}")
        yield Marked(None, " ", "_" * (first.start + 1) + mark)
    for number, text in enumerate(lines[1:], start=span.line + 1):
        last = number == span.end_line
        line = _fit(text, span.end_column - 2 if last else 0, span.end_column - 1 if last else 1, room)
        yield Marked(number, f"| {line.text}")
        if last:
            yield Marked(None, "|", "_" * (line.start + 1) + mark)
    if span.line + len(lines) <= span.end_line:
        yield Marked(None, f"| {_CUT}")


def _fit(line: str, start: int, end: int, room: int) -> _Line:
    """The line in at most `room` columns, with the text at `start` inside; the positions count code points from 0."""
    line = line.rstrip("\r\n")
    start = min(max(start, 0), len(line))
    end = min(max(end, start), len(line))
    before, after = max(0, start - room), start + room + 1
    cells = _cells(line[before:after], start - before)
    widths = [_width(cell) for cell in cells]
    low, high = _window(widths, start - before, room, whole=before == 0 and after >= len(line))
    head = _CUT if before or low else ""
    tail = _CUT if before + high < len(line) else ""
    left = len(head) + sum(widths[low : start - before])
    covered = sum(widths[start - before : min(end - before, high)])
    text = head + "".join(cells[low:high]).rstrip() + tail
    return _Line(text, left, left + covered)


def _window(widths: list[int], start: int, room: int, *, whole: bool) -> tuple[int, int]:
    """Which cells are shown: all if they fit, else a third of the room before the start and the rest after it."""
    if whole and sum(widths) <= room:
        return 0, len(widths)
    room -= 2 * len(_CUT)
    low, used = start, 0
    while low > 0 and used + widths[low - 1] <= room // 3:
        low -= 1
        used += widths[low]
    high = start
    while high < len(widths) and used + widths[high] <= room:
        used += widths[high]
        high += 1
    return low, high


def _cells(line: str, start: int) -> list[str]:
    """What each code point is shown as: a tab as blanks to the next stop, a control character as its escape."""
    if "\t" not in line and line.isprintable():
        return list(line)
    cells = []
    column = 0
    for character in line:
        cell = " " * (_TAB - column % _TAB) if character == "\t" else visible(character)
        cells.append(cell)
        column += len(cell)
    return cells


def _width(cell: str) -> int:
    """The columns that a terminal gives a cell: two for wide characters, none for combining ones."""
    if cell.isascii():
        return len(cell)
    from unicodedata import category, east_asian_width

    if category(cell) in ("Mn", "Me"):
        return 0
    return 2 if east_asian_width(cell) in "WF" else 1
