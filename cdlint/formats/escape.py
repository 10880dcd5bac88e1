"""What of a checked repository must not reach a terminal or a parser as it is."""

from __future__ import annotations

from typing import TextIO


def printable(text: str) -> str:
    """The text with control, format and surrogate characters spelled out, such as `\\x1b` and `\\u202e`.

    A file name, a comment or a string of a hostile repository could else move the cursor,
    forge lines of a log or turn the reading direction.
    """
    return text if text.isprintable() else "".join(map(visible, text))


def visible(character: str) -> str:
    """The character itself, or its escape when it cannot be printed."""
    return character if character.isprintable() else ascii(character)[1:-1]


def encodable(text: str) -> str:
    """The text with lone surrogates replaced by U+FFFD, since JSON parsers may refuse them."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def put(out: TextIO, text: str) -> None:
    """Write to a stream, with escapes for what its encoding lacks."""
    encoding = getattr(out, "encoding", None) or "utf-8"
    out.write(text if text.isascii() else text.encode(encoding, "backslashreplace").decode(encoding))
