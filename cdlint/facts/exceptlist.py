"""`except A, B:` (PEP 758) put into parentheses where the interpreter's own parser points at it.

It is by far the commonest syntax that an older Python refuses, since formatters write it. The
parser names the place of the first, and the others of a file look like it, so no second parser is
needed for files that have nothing else.
"""

from __future__ import annotations

import ast
import re
from typing import Any

_HEAD = re.compile(rb"\s*except\s*\*?(?=\s)")
_ALIKE = re.compile(rb"([ \t]*except) ([\w.]+(?:, ?[\w.]+)+)(:[ \t]*(?:#.*)?\r?)")


def parenthesized(source: bytes, error: SyntaxError) -> bytes | None:
    """The source with the list that the error is about in parentheses; None when it is about something else.

    The blank after `except` makes room for the parenthesis, so only the colon moves.
    """
    if "multiple exception types" not in error.msg or error.lineno is None or error.lineno != error.end_lineno:
        return None
    lines = source.split(b"\n")
    line = lines[error.lineno - 1]
    head = _HEAD.match(line)
    end = (error.end_offset or 0) - 1
    if head is None or not line.isascii() or line[end : end + 1] != b":":
        return None
    lines[error.lineno - 1] = line[: head.end()] + b"(" + line[head.end() + 1 : end] + b")" + line[end:]
    return b"\n".join(lines)


def all_parenthesized(source: bytes) -> tuple[bytes, frozenset[int]]:
    """The source with all lines in parentheses that look like such a list, and their numbers.

    Some may stand in a string: `are_handlers` tells, once the result is parsed.
    """
    lines = source.split(b"\n")
    numbers = set()
    for number, line in enumerate(lines, start=1):
        found = _ALIKE.fullmatch(line) if b"except " in line else None
        if found:
            lines[number - 1] = b"%b(%b)%b" % found.groups()
            numbers.add(number)
    return b"\n".join(lines), frozenset(numbers)


def are_handlers(module: ast.Module, numbers: frozenset[int]) -> bool:
    """Whether an `except` clause stands on each of these lines."""
    found: set[int] = set()
    stack: list[Any] = [module]
    while stack:
        node = stack.pop()
        if type(node) is ast.ExceptHandler:
            found.add(node.lineno)
        for field in ("body", "handlers", "orelse", "finalbody", "cases"):
            value = getattr(node, field, None)
            if type(value) is list:
                stack.extend(value)
    return numbers <= found
