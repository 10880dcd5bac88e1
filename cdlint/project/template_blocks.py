"""Blocks of templates: what one that builds on another puts in the place of what stands there."""

from __future__ import annotations

import re
from typing import NamedTuple, TypeAlias

from . import Project
from .templates import Places

Point: TypeAlias = tuple[int, int]
_TAG = re.compile(r"\{%[-+]?\s*(block|endblock)\b\s*(\w*)")
_ABOVE = re.compile(r"\bsuper\s*\(|\bblock\.super\b")


class Block(NamedTuple):
    """A block, from its first tag to its last. `adds` says that what it stands for is shown as well."""

    name: str
    start: Point
    end: Point
    adds: bool


def blocks(project: Project, path: str) -> tuple[Block, ...]:
    """The blocks of a template, in either language, those inside others included."""
    text = project.text(path) or ""
    if "endblock" not in text:
        return ()
    places, found, opened = Places(text), list[Block](), list[tuple[str, int]]()
    for tag in _TAG.finditer(text):
        if tag[1] == "block":
            opened.append((tag[2], tag.start()))
        elif opened:
            name, start = opened.pop()
            at = places.at(start, tag.start())
            found.append(Block(name, at[:2], at[2:], _ABOVE.search(text, start, tag.start()) is not None))
    return tuple(sorted(found, key=lambda each: each.start))


def replaced(project: Project, path: str) -> frozenset[str]:
    """The blocks of the template that a template builds on which it shows nothing of."""
    return frozenset(each.name for each in project[blocks, path] if not each.adds)


def is_hidden(project: Project, path: str, at: Point, taken: frozenset[str]) -> bool:
    """Whether a place of a template stands in one of the blocks that templates building on it have replaced."""
    return bool(taken) and any(each.name in taken and each.start <= at < each.end for each in project[blocks, path])
