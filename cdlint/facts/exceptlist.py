"""`except A, B:` (PEP 758) put into parentheses where the interpreter's own parser points at it.

It is by far the commonest syntax that an older Python refuses, since formatters write it. The
parser names the exact place, so no second parser is needed for files that have nothing else.
"""

from __future__ import annotations

import re

_HEAD = re.compile(rb"\s*except\s*\*?(?=\s)")


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
