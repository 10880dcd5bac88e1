"""Template tags of the repository: the functions behind them, the templates they fill, and where they are used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.templates import DJANGO, template
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.places import is_aside
from cdlint.project.templates import Places

_TAG = re.compile(r"\{%\s*(\w+)\s?([^%]*)%\}")
_WORD = re.compile(r"""(?:(?P<key>\w+)=)?(?P<value>[A-Za-z_]\w*(?:\.\w+)*|"[^"]*"|'[^']*'|[^\s"']+)\S*""")
_SHOWN = re.compile(r"\{\{\s*[A-Za-z_]\w*(?:\.\w+)*")
_KINDS = ("inclusion_tag", "simple_tag")
_BRANCH = re.compile(r"\{%\s*(if\w*|elif|else|endif\w*)\b([^%]*)%\}")
_ROUND = re.compile(r"\s*forloop\.(?:first|last|(?:rev)?counter0?\s*==\s*\d+)\s*")


class Tag(NamedTuple):
    """A tag: its library, the function behind it, and the template that it fills, `""` for none."""

    name: str
    library: str
    function: Symbol
    params: tuple[str, ...]
    template: str
    at: At


class TagCall(NamedTuple):
    """A tag in a template. `given` are the parameters that get a path, each with the loop that it is read in."""

    tag: Tag
    given: tuple[tuple[str, str, int], ...]
    at: At


def tags(project: Project) -> dict[str, tuple[Tag, ...]]:
    """The tags of the repository by name."""
    found: dict[str, list[Tag]] = {}
    for path in project.paths:
        for each in project[_tags_in, path] if "templatetags/" in path and not is_aside(path) else ():
            found.setdefault(each.name, []).append(each)
    return {name: tuple(alike) for name, alike in found.items()}


def _tags_in(project: Project, path: str) -> tuple[Tag, ...]:
    module = project.module(path)
    library = path.rpartition("/")[2].removesuffix(".py")
    return tuple(
        found
        for function in (module.functions if module else ())
        if function.decorator_codes and (found := _tag(path, library, function)) is not None
    )


def _tag(path: str, library: str, function: Function) -> Tag | None:
    for node in function.decorators:
        func = node.func if isinstance(node, tree.Call) else node
        kind = getattr(func, "last", "")
        if kind not in _KINDS or "." not in getattr(func, "text", ""):
            continue
        call = node if isinstance(node, tree.Call) else tree.Call(func, (), (), func.at)
        named, filled, context = call.keyword("name"), call.argument(0, "filename"), call.keyword("takes_context")
        name = named.value if isinstance(named, tree.Constant) else function.name
        file = filled.value if kind == "inclusion_tag" and isinstance(filled, tree.Constant) else ""
        params = tuple(param.name for param in function.params)
        params = params[1:] if isinstance(context, tree.Constant) and context.value is True else params
        if isinstance(name, str) and isinstance(file, str) and (file or kind == "simple_tag"):
            at = filled.at if file and filled is not None else function.at
            return Tag(name, library, Symbol("function", path, function.qualname), params, file, at)
    return None


def tag_calls(project: Project, file: str) -> tuple[TagCall, ...]:
    """The uses of the repository's tags in a template that are given something."""
    known = project[template, (file, DJANGO)]
    own = project[tags] if known.loads else {}
    text = project.text(file) if own else None
    return tuple(_calls(project, file, text, own)) if text else ()


def _calls(project: Project, file: str, text: str, own: dict[str, tuple[Tag, ...]]) -> Iterator[TagCall]:
    known = project[template, (file, DJANGO)]
    places = Places(text)
    reads = {read.at[:2]: read for read in known.reads}
    for match in _TAG.finditer(text):
        loaded = [each for each in own.get(match[1], ()) if each.library in known.loads or each.name in known.loads]
        if len(loaded) != 1:
            continue
        given: list[tuple[str, str, int]] = []
        for index, word in enumerate(_WORD.finditer(match[2])):
            start = match.start(2) + word.start("value")
            read = reads.get(places.at(start, start)[:2])
            name = word["key"] or (loaded[0].params[index] if index < len(loaded[0].params) else "")
            if read is not None and name:
                given.append((name, read.path, read.loop))
            elif word["value"] == "as":
                break
        if given:
            yield TagCall(loaded[0], tuple(given), places.at(match.start(), match.end()))


def once(project: Project, file: str) -> tuple[tuple[tuple[int, int], tuple[int, int]], ...]:
    """From where to where a template stands in branches that one round of a loop takes: `{% if forloop.first %}`."""
    text = project.text(file) or ""
    if "forloop." not in text:
        return ()
    places = Places(text)
    found: list[tuple[tuple[int, int], tuple[int, int]]] = []
    open_at: list[int | None] = []
    for match in _BRANCH.finditer(text):
        opens, closes = match[1].startswith("if"), match[1].startswith("endif")
        before = open_at.pop() if not opens and open_at else None
        if before is not None:
            found.append((places.at(before, before)[:2], places.at(match.start(), match.start())[:2]))
        if not closes:
            parts = match[2].split(" and ") if match[1] in ("if", "elif") and " or " not in match[2] else []
            alone = any(_ROUND.fullmatch(part) for part in parts)
            open_at.append(match.end() if alone else None)
    return tuple(found)


def printed(project: Project, file: str) -> frozenset[tuple[int, int]]:
    """Where the paths start that a template shows as such, as `{{ book }}`."""
    text = project.text(file) or ""
    places = Places(text)
    found = (match.end() - len(match[0][2:].lstrip()) for match in _SHOWN.finditer(text))
    return frozenset(places.at(start, start)[:2] for start in found)
