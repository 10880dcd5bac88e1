"""Suppressing comments: `# cdlint: ignore[rule, ...] reason` and `# cdlint: ignore-file[...]`."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator

from .tree import At

_COMMENT = re.compile(r"#\s*cdlint:\s*(?P<verb>[\w-]+)\s*(?:\[(?P<rules>[^\]]*)\])?\s*(?P<reason>.*)")
_LAYOUT = {tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER, tokenize.ENCODING}


def suppressions(source: bytes) -> tuple[tuple[tuple[str, ...], str, bool, tuple[int, int], At], ...]:
    """Raw `Suppression` facts of a file, in order.

    A comment after code covers the whole statement's lines; one alone on its line covers
    the next statement. Decorators belong to the `def` or `class` line below them.
    """
    found = []
    pending: list[tuple[tuple[str, ...], str, At]] = []
    start = 0
    head = ""
    for token in _tokens(source):
        if token.type == tokenize.COMMENT and (match := _COMMENT.match(token.string)):
            verb = match["verb"]
            rules = tuple(rule.strip() for rule in (match["rules"] or "").split(",") if rule.strip())
            at = (*token.start, *token.end)
            if verb == "ignore-file":
                found.append((rules, match["reason"].strip(), True, (0, 0), at))
            elif verb == "ignore":
                pending.append((rules, match["reason"].strip(), at))
        elif token.type == tokenize.NEWLINE:
            if head != "@":
                end = token.end[0]
                found.extend((rules, reason, False, (min(start, at[0]), end), at) for rules, reason, at in pending)
                pending, start = [], 0
            head = ""
        elif token.type not in _LAYOUT:
            start = start or token.start[0]
            head = head or token.string
    found.extend((rules, reason, False, (at[0], at[0]), at) for rules, reason, at in pending)
    return tuple(sorted(found, key=lambda item: item[4]))


def _tokens(source: bytes) -> Iterator[tokenize.TokenInfo]:
    """The tokens up to the first that this Python cannot read."""
    try:
        yield from tokenize.tokenize(io.BytesIO(source).readline)
    except (tokenize.TokenError, SyntaxError, UnicodeDecodeError):
        return
