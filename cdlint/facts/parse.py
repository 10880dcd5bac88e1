"""The bytes of one file in, its facts as bytes out."""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from .comments import suppressions
from .exceptlist import all_parenthesized, are_handlers, parenthesized
from .extract import extract
from .model import Broken, encode

_FRAMES_TO_PARSE = 1000
_FRAMES_TO_ENCODE = 600
"""Less than the usual limit of 1,000: whoever decodes needs more frames than it took to encode."""
_LISTS = 50
"""How many exception lists without parentheses are mended one by one before the fallback reads the file."""
_TOO_DEEP = Broken("too-deep", "the code is nested too deeply to be parsed", 1, 0)


def facts_of(source: bytes, max_bytes: int) -> bytes:
    """Encoded facts (`model.load` reads them) of a Python file.

    Code that the running interpreter refuses is read by the fallback parser, since a
    repository may well be written for a newer Python.
    """
    if len(source) > max_bytes:
        return encode(Broken("too-large", f"the file has {len(source):,} bytes", 1, 0))
    try:
        return _encoded(parse(source), source, frozenset())
    except SyntaxError as error:
        return _refused(source, error)
    except ValueError as error:
        return encode(_broken(error, source))
    except (RecursionError, MemoryError):
        return encode(_TOO_DEEP)


def _refused(source: bytes, error: SyntaxError) -> bytes:
    """A file that the interpreter refuses: read once its exception lists are mended, else by the fallback."""
    older = parenthesized(source, error)
    if older is None:
        return _second_look(source, error)
    try:
        mended, numbers = all_parenthesized(older)
        module = parse(mended)
        if are_handlers(module, numbers):
            return _encoded(module, mended, frozenset())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass
    return _one_by_one(older, error)


def _one_by_one(older: bytes, refused: SyntaxError) -> bytes:
    """The same where the parser has to be asked for the place of each list."""
    for _ in range(_LISTS):
        try:
            return _encoded(parse(older), older, frozenset())
        except SyntaxError as error:
            mended = parenthesized(older, error)
            if mended is None:
                return _second_look(older, error)
            older = mended
        except (ValueError, RecursionError, MemoryError):
            break
    return _second_look(older, refused)


def parse(source: bytes) -> ast.Module:
    """The syntax tree, without the warnings that parsing may print."""
    with warnings.catch_warnings(), _recursion(_FRAMES_TO_PARSE):
        warnings.simplefilter("ignore")
        return ast.parse(source)


def _encoded(module: ast.Module, source: bytes, names: frozenset[str]) -> bytes:
    notes = suppressions(source) if b"cdlint:" in source else ()
    try:
        with _recursion(_FRAMES_TO_ENCODE):
            raw = extract(module, notes, names, _lines(source))
        return encode(raw)
    except (RecursionError, ValueError):
        return encode(_TOO_DEEP)


def _second_look(source: bytes, error: SyntaxError) -> bytes:
    from .fallback import NotRead, downlevel

    broken = _broken(error, source)
    if not _worth_a_second_look(error):
        return encode(broken)
    try:
        older = downlevel(source)
        if older is None:
            return encode(broken)
        module = older.restore(parse(older.source))
    except NotRead as why:
        return encode(_unread(broken, str(why)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return encode(_unread(broken, "rewriting it for older Pythons does not help"))
    return _encoded(module, older.source, older.names)


@contextmanager
def _recursion(frames: int) -> Iterator[None]:
    """The same number of frames for each file: what is too deep must not depend on the caller."""
    before = sys.getrecursionlimit()
    depth, frame = 0, sys._getframe()
    while frame.f_back is not None:
        depth, frame = depth + 1, frame.f_back
    sys.setrecursionlimit(depth + frames)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _worth_a_second_look(error: Exception) -> bool:
    """Only plain syntax errors can be newer syntax; the fallback parser dies of deep nesting."""
    text = str(error)
    final = "too many" in text or "null byte" in text or _is_decoding(text)
    return isinstance(error, SyntaxError) and not final


_DECODING = (
    "codec can't decode", "encoding problem", "unknown encoding", "(unicode error)", "is not a text encoding",
    "decoding with",
)  # fmt: skip


def _is_decoding(text: str) -> bool:
    return any(words in text for words in _DECODING)


def _unread(broken: Broken, why: str) -> Broken:
    """For a file that may be in order: this Python refuses it, but nobody else could say."""
    return broken._replace(kind="too-deep", message=f"this Python cannot read it ({broken.message}), and {why}")


def _broken(error: Exception, source: bytes) -> Broken:
    text = str(getattr(error, "msg", "") or error)
    if _is_decoding(text) and "\\N" not in text and "escape" not in text:
        return Broken("undecodable", text.removeprefix("(unicode error) "), _line(error, source), 0)
    # Columns are in UTF-8 bytes everywhere, but in code points here.
    before = str(getattr(error, "text", "") or "")[: max((getattr(error, "offset", 1) or 1) - 1, 0)]
    return Broken("syntax", text, _line(error, source), len(before.encode(errors="replace")))


def _line(error: Exception, source: bytes) -> int:
    return min(max(getattr(error, "lineno", 1) or 1, 1), _lines(source))


def _lines(source: bytes) -> int:
    return source.count(b"\n") + source.count(b"\r") - source.count(b"\r\n") + 1
