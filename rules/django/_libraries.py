"""Template tags and filters by library, and what templates use of them without it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import NamedTuple

from cdlint.backend.templates import DJANGO, template_files
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.calls import words
from cdlint.project.django_templates import Bit, tokens
from cdlint.project.places import is_aside
from cdlint.project.templates import Places

from ._libraries_known import FILTERS, LIBRARIES, TAGS

_TAG = re.compile(r"\s*([A-Za-z_]\w*)\b")
_TEXT = re.compile(r"\"[^\"]*\"|'[^']*'")
_FILTER = re.compile(r"\|\s*([A-Za-z_]\w*)")
_MAKING = frozenset({"filter", "tag", "simple_tag", "inclusion_tag", "simple_block_tag", "assignment_tag"})


class Library(NamedTuple):
    """What a module registers. `open` says that there may be more."""

    tags: frozenset[str]
    filters: frozenset[str]
    open: bool


class Stray(NamedTuple):
    """Something that a template uses. `kind`: `library`, `tag` or `filter`; `where` is the library that has it."""

    kind: str
    name: str
    where: str
    at: At


def libraries(project: Project) -> dict[str, Library]:
    """The libraries of the repository by name."""
    found: dict[str, Library] = {}
    for path in project.paths:
        folder, _, name = path.rpartition("/")
        if folder.rpartition("/")[2] == "templatetags" and name != "__init__.py" and not is_aside(path):
            stem, each = name.removesuffix(".py"), project[_library, path]
            before = found.get(stem, each)
            found[stem] = Library(before.tags | each.tags, before.filters | each.filters, before.open or each.open)
        elif "templatetags" in folder.split("/") and folder.rpartition("/")[2] != "templatetags":
            # What a package in there registers is not read.
            found[folder.rpartition("templatetags/")[2].partition("/")[0]] = Library(frozenset(), frozenset(), True)
    return found


def _library(project: Project, path: str) -> Library:
    module = project.module(path)
    tags: set[str] = set()
    filters: set[str] = set()
    made = [each for each in module.bindings if each.name == "register"] if module is not None else []
    is_open = len(made) != 1 or made[0].callee.rpartition(".")[2] != "Library"
    decorating: set[At] = set()
    for function in module.functions if module is not None else ():
        named = any(not _MAKING.isdisjoint(words(code)) for code in function.decorator_codes)
        for node in function.decorators if named else ():
            kind = _kind(node.func if isinstance(node, tree.Call) else node)
            name = _name(node, function.name, kind)
            decorating.add(node.at)
            is_open = is_open or (bool(kind) and not name)
            (filters if kind == "filter" else tags).update([name] if kind and name else ())
            if kind == "tag":
                tags.update(_texts(function))
    for function in module.functions if module is not None else ():
        for call in function.call_nodes if any(each.startswith("register.") for each in function.calls) else ():
            if call.at not in decorating and getattr(call.func, "text", "").startswith("register."):
                kind, name = _registered(call)
                is_open = is_open or not name or kind == "tag"
                (filters if kind == "filter" else tags).add(name)
    return Library(frozenset(tags), frozenset(filters), is_open)


def _kind(func: tree.Node) -> str:
    text = getattr(func, "text", "")
    return text.removeprefix("register.") if text.removeprefix("register.") in _MAKING else ""


def _registered(call: tree.Call) -> tuple[str, str]:
    """What `register.filter("name", function)` registers; no name when that is not known."""
    kind, given = _kind(call.func), call.args[0] if call.args else None
    # What is written there for other kinds is the file of a template, and the function comes in a call of its own.
    said = isinstance(given, tree.Constant) and kind in ("filter", "tag")
    name = given.value if said and isinstance(given, tree.Constant) else getattr(given, "last", "")
    return kind, name if kind and isinstance(name, str) and call.keyword("name") is None else ""


def _name(node: tree.Node, own: str, kind: str) -> str:
    """The name under which a decorator registers a function, `""` when it is not known."""
    if not isinstance(node, tree.Call):
        return own
    given = node.keyword("name") or (node.args[0] if node.args and kind in ("filter", "tag") else None)
    if given is None:
        return own
    return given.value if isinstance(given, tree.Constant) and isinstance(given.value, str) else ""


def _texts(function: Function) -> Iterator[str]:
    """The names up to which a tag may read, such as `else`."""
    for each in function.every(tree.Constant):
        if isinstance(each.value, str):
            yield from each.value.split()


def pages(project: Project) -> tuple[str, ...]:
    """The templates of Django alone, where no settings say more about libraries or add an engine."""
    files = project[template_files]
    others = {path for path, language in files if language != DJANGO}
    found = tuple(path for path, language in files if language == DJANGO and path not in others and not is_aside(path))
    return found if found and not any(project[_says_more, path] for path in project.paths) else ()


def _says_more(project: Project, path: str) -> bool:
    module = project.module(path)
    if module is None or not (main := module.main).mentions("TEMPLATES"):
        return False
    names = ("libraries", "builtins", "add_to_builtins")
    said = [each.value for each in module.bindings if each.name == "TEMPLATES" and each.value is not None]
    return any(map(main.mentions, names)) or any(_is_of_others(node) for each in said for node in tree.walk(each))


def _is_of_others(node: tree.Node) -> bool:
    """Whether an entry of `TEMPLATES` is for an engine of a package, which may find the same files."""
    items = node.items if isinstance(node, tree.Mapping) else ()
    engines = [value for key, value in items if isinstance(key, tree.Constant) and key.value == "BACKEND"]
    return any(not str(getattr(each, "value", "")).startswith("django.template.backends.") for each in engines)


def strays(project: Project, file: str) -> tuple[Stray, ...]:
    """What a template uses that it has not loaded."""
    text = project.text(file)
    if text is None or ("{%" not in text and "|" not in text):
        return ()
    shown = tuple(_shown(text))
    own = project[libraries]
    loads = [(token, _named(token.text)) for is_tag, token in shown if is_tag and token.text.split()[:1] == ["load"]]
    loaded = {name for _, names in loads for name in names}
    unknown = {name for name in loaded if name not in own and name not in LIBRARIES}
    places = Places(text)
    if unknown:
        return tuple(_misspelled(loads, places, unknown, own))
    if any(own[name].open for name in loaded if name in own):
        return ()
    return tuple(_found(shown, places, own, loaded))


def _shown(text: str) -> Iterator[tuple[bool, Bit]]:
    """The tags (True) and values of a template, without what is commented out or left as it is."""
    until = ""
    for opening, token in tokens(text):
        words = token.text.split() if opening == "{%" else []
        if until:
            until = "" if " ".join(words) == until else until
        elif words[:1] == ["comment"]:
            until = "endcomment"
        elif words[:1] == ["verbatim"]:
            until = "end" + " ".join(words)
        else:
            yield opening == "{%", token


def _named(load: str) -> list[str]:
    """The libraries that `load a b` and `load x from a` name."""
    words = load.split()[1:]
    return words[words.index("from") + 1 :] if "from" in words else words


def _misspelled(
    loads: list[tuple[Bit, list[str]]], places: Places, unknown: set[str], own: dict[str, Library]
) -> Iterator[Stray]:
    """Libraries that are called nearly like one of the repository; others may be those of any package."""
    for token, names in loads:
        for name in names:
            near = get_close_matches(name, sorted(own), n=1, cutoff=0.85) if name in unknown else []
            if near:
                unknown.discard(name)
                begin = token.start + token.text.rindex(name)
                yield Stray("library", name, near[0], places.at(begin, begin + len(name)))


def _found(
    shown: tuple[tuple[bool, Bit], ...], places: Places, own: dict[str, Library], loaded: set[str]
) -> Iterator[Stray]:
    tags, filters = set(TAGS), set(FILTERS)
    for name in loaded:
        if name in LIBRARIES:
            tags |= LIBRARIES[name][0]
            filters |= LIBRARIES[name][1]
        if name in own:
            tags |= own[name].tags
            filters |= own[name].filters
    seen: set[tuple[str, str]] = set()
    for is_tag, token in shown:
        quiet = _TEXT.sub(lambda match: " " * len(match[0]), token.text)
        used = [("filter", each[1], each.start(1)) for each in _FILTER.finditer(quiet)]
        tag = _TAG.match(token.text) if is_tag else None
        if tag is not None:
            used.insert(0, ("tag", tag[1], tag.start(1)))
        for kind, name, start in used:
            known = filters if kind == "filter" else tags
            if name in known or (kind == "tag" and name.startswith("end")) or (kind, name) in seen:
                continue
            seen.add((kind, name))
            begin = token.start + start
            yield Stray(kind, name, _home(kind, name, own), places.at(begin, begin + len(name)))


def _home(kind: str, name: str, own: dict[str, Library]) -> str:
    """The library that has a tag or filter."""
    standard = [each for each, has in LIBRARIES.items() if name in (has[1] if kind == "filter" else has[0])]
    mine = [each for each, has in own.items() if name in (has.filters if kind == "filter" else has.tags)]
    return (mine or standard or [""])[0]
