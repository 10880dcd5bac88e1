"""Strings in URLconfs: joined, formatted and taken apart, as far as their pieces are known."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from cdlint.project.answers import Unknown

from ._url_values import Item, Keywords, Listing, Value, short


def joined(parts: list[Value]) -> Value:
    """A format string, when all its pieces are known."""
    if all(isinstance(part, (str, int)) for part in parts):
        return short("".join(str(part) for part in parts))
    unknown = next((part for part in parts if isinstance(part, Unknown)), None)
    return unknown or Unknown("a format string")


def url_part(url: str, name: str) -> Value:
    """`urlparse(url).path` and the other texts in it."""
    try:
        part = getattr(urlsplit(url), name) if name in ("scheme", "netloc", "path", "query", "fragment") else None
    except ValueError:
        part = None
    return part if isinstance(part, str) else Unknown(f"the {name} of a URL")


def formatted(pattern: str, values: list[Value]) -> Value:
    """A string that is formatted with `%`, for plain holes."""
    for form in ("%d", "%r"):
        pattern = pattern.replace(form, "%s")
    pieces = pattern.split("%s")
    if len(pieces) != len(values) + 1 or "%" in "".join(pieces):
        return Unknown("a formatted string")
    mixed: list[Value] = [pieces[0]]
    for value, piece in zip(values, pieces[1:], strict=True):
        mixed += [value, piece]
    return joined(mixed)


def text_method(owner: str, name: str, args: tuple[Value, ...], keywords: Keywords) -> Value:
    """`"...".format(...)`, `", ".join(...)` and what strips strings."""
    texts = [each for each in args if isinstance(each, str)]
    if name == "format":
        given = {key: each for key, each in keywords if isinstance(each, (str, int))}
        if len(texts) == len(args) and not re.search(r"[{}]", re.sub(r"\{\w*\}", "", owner)):
            try:
                return short(owner.format(*texts, **given))
            except (IndexError, KeyError, ValueError):
                return Unknown("a formatted string")
    elif name == "join" and args and isinstance(args[0], Listing):
        parts = args[0].values()
        return short(owner.join(parts)) if all(isinstance(part, str) for part in parts) else Unknown("joined strings")
    elif name in ("strip", "lstrip", "rstrip", "lower", "upper", "replace", "removeprefix", "removesuffix"):
        if len(texts) == len(args):
            return short(getattr(owner, name)(*texts))
    elif name in ("split", "startswith", "endswith") and len(texts) == len(args) <= 1:
        found = getattr(owner, name)(*texts)
        return Listing("list", [Item(part, True) for part in found]) if name == "split" else found
    return Unknown(f"the result of `{name}`")
