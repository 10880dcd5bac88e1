"""The bytes of one file in, its facts as bytes out."""

from __future__ import annotations

import ast
import warnings

from .comments import suppressions
from .extract import extract
from .model import Broken, encode


def facts_of(source: bytes, max_bytes: int) -> bytes:
    """Encoded facts (`model.load` reads them) of a Python file.

    Code that the running interpreter refuses is read by the fallback parser, since a
    repository may well be written for a newer Python.
    """
    if len(source) > max_bytes:
        return encode(Broken("too-large", f"the file has {len(source):,} bytes", 1, 0))
    extra: frozenset[str] = frozenset()
    try:
        module = parse(source)
    except (SyntaxError, ValueError) as error:
        from .fallback import downlevel

        older = downlevel(source) if _worth_a_second_look(error) else None
        if older is None:
            return encode(_broken(error, source))
        try:
            module = parse(older.source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return encode(_broken(error, source))
        extra = older.names
    except (RecursionError, MemoryError):
        return encode(Broken("syntax", "the code is nested too deeply to be parsed", 1, 0))
    notes = suppressions(source) if b"cdlint:" in source else ()
    return encode(extract(module, notes, extra, source.count(b"\n") + 1))


def parse(source: bytes) -> ast.Module:
    """The syntax tree, without the warnings that parsing may print."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def _worth_a_second_look(error: Exception) -> bool:
    """Only plain syntax errors can be newer syntax; the fallback parser dies of deep nesting."""
    text = str(error)
    return isinstance(error, SyntaxError) and "too many" not in text and "null byte" not in text and not _is_decoding(text)


def _is_decoding(text: str) -> bool:
    return "codec can't decode" in text or "encoding problem" in text or "unknown encoding" in text or "(unicode error)" in text


def _broken(error: Exception, source: bytes) -> Broken:
    text = str(getattr(error, "msg", "") or error)
    line = min(max(getattr(error, "lineno", 1) or 1, 1), source.count(b"\n") + 1)
    column = max((getattr(error, "offset", 1) or 1) - 1, 0)
    if _is_decoding(text) and "\\N" not in text and "escape" not in text:
        return Broken("undecodable", text.removeprefix("(unicode error) "), line, 0)
    return Broken("syntax", text, line, column)
