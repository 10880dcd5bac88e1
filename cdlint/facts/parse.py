"""The bytes of one file in, its facts as bytes out."""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from .comments import suppressions
from .extract import extract
from .model import Broken, encode

_FRAMES = 600
_TOO_DEEP = "the code is nested too deeply to be parsed"


def facts_of(source: bytes, max_bytes: int) -> bytes:
    """Encoded facts (`model.load` reads them) of a Python file.

    Code that the running interpreter refuses is read by the fallback parser, since a
    repository may well be written for a newer Python.
    """
    if len(source) > max_bytes:
        return encode(Broken("too-large", f"the file has {len(source):,} bytes", 1, 0))
    with _bounded_recursion():
        try:
            return _facts_of(source)
        except (SyntaxError, ValueError) as error:
            return _second_look(source, error)
        except (RecursionError, MemoryError):
            return encode(Broken("too-deep", _TOO_DEEP, 1, 0))


def _facts_of(source: bytes) -> bytes:
    return _encoded(parse(source), source, frozenset())


def _encoded(module: ast.Module, source: bytes, names: frozenset[str]) -> bytes:
    notes = suppressions(source) if b"cdlint:" in source else ()
    raw = extract(module, notes, names, source.count(b"\n") + 1)
    try:
        return encode(raw)
    except ValueError:
        return encode(Broken("too-deep", _TOO_DEEP, 1, 0))


def _second_look(source: bytes, error: SyntaxError | ValueError) -> bytes:
    from .fallback import NotRead, downlevel

    if not _worth_a_second_look(error):
        return encode(_broken(error, source))
    try:
        older = downlevel(source)
        if older is None:
            return encode(_broken(error, source))
        module = older.restore(parse(older.source))
    except NotRead as why:
        return encode(_unread(error, source, str(why)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return encode(_unread(error, source, "its newer syntax is not known"))
    return _encoded(module, older.source, older.names)


def parse(source: bytes) -> ast.Module:
    """The syntax tree, without the warnings that parsing may print."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


@contextmanager
def _bounded_recursion() -> Iterator[None]:
    """The same number of frames for each file, so that what is too deep does not depend on the caller.

    It leaves room below the usual limit of 1,000 for those that decode what was encoded.
    """
    before = sys.getrecursionlimit()
    depth, frame = 0, sys._getframe()
    while frame.f_back is not None:
        depth, frame = depth + 1, frame.f_back
    sys.setrecursionlimit(depth + _FRAMES)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _worth_a_second_look(error: Exception) -> bool:
    """Only plain syntax errors can be newer syntax; the fallback parser dies of deep nesting."""
    text = str(error)
    return isinstance(error, SyntaxError) and "too many" not in text and "null byte" not in text and not _is_decoding(text)


def _is_decoding(text: str) -> bool:
    return "codec can't decode" in text or "encoding problem" in text or "unknown encoding" in text or "(unicode error)" in text


def _unread(error: Exception, source: bytes, why: str) -> Broken:
    """For a file that may be in order: this Python refuses it, but nobody else could say."""
    broken = _broken(error, source)
    return broken._replace(kind="too-deep", message=f"this Python cannot read it ({broken.message}), and {why}")


def _broken(error: Exception, source: bytes) -> Broken:
    text = str(getattr(error, "msg", "") or error)
    line = min(max(getattr(error, "lineno", 1) or 1, 1), source.count(b"\n") + 1)
    column = max((getattr(error, "offset", 1) or 1) - 1, 0)
    if _is_decoding(text) and "\\N" not in text and "escape" not in text:
        return Broken("undecodable", text.removeprefix("(unicode error) "), line, 0)
    return Broken("syntax", text, line, column)
