"""Template tags and filters by library, and what templates use of them without it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import NamedTuple

from cdlint.backend.templates import DJANGO, template_files
from cdlint.facts import tree
from cdlint.facts.model import Function, Module
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.calls import texts, words
from cdlint.project.django_templates import Bit, tokens
from cdlint.project.places import is_aside
from cdlint.project.templates import Places

from ._apps import installed
from ._libraries_known import FILTERS, LIBRARIES, TAGS
from ._settings import running

_TAG = re.compile(r"\s*([A-Za-z_][\w:-]*)(?!\S)")
_TEXT = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")
_FILTER = re.compile(r"\|\s*([A-Za-z_]\w*)")
_READING = TAGS.union(*(tags for tags, _ in LIBRARIES.values()))
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
    if module is None:
        return Library(frozenset(), frozenset(), True)
    made = [each for each in module.bindings if each.name == "register"]
    is_open = len(made) != 1 or made[0].callee.rpartition(".")[2] != "Library"
    given = (*_decorating(module), *_calling(module, {each.at for each in made}))
    filters = {name for kind, name in given if kind == "filter"}
    tags = {name for kind, name in given if kind != "filter"}
    if any(kind == "tag" for kind, _ in given):
        tags.update(word for function in module.functions for word in _stops(function))
    return Library(frozenset(tags), frozenset(filters), is_open or "" in tags | filters)


def _decorating(module: Module) -> Iterator[tuple[str, str]]:
    """What decorators register, by kind and name; `""` where that is not known."""
    for cls in module.classes:
        if any("register" in texts(code) or not _MAKING.isdisjoint(words(code)) for code in cls.decorator_codes):
            yield "tag", ""
    for function in module.functions:
        if any(not _MAKING.isdisjoint(words(code)) for code in function.decorator_codes):
            for node in function.decorators:
                func = node.func if isinstance(node, tree.Call) else node
                if _kind(func):
                    yield _kind(func), _name(node, function.name)
                elif getattr(func, "last", "") in _MAKING:
                    yield "tag", ""


def _calling(module: Module, made: set[At]) -> Iterator[tuple[str, str]]:
    """What calls register; `""` where the library is used in another way."""
    known = {each.name: each.name for each in module.functions} | {each.alias: each.name for each in module.imports}
    for function in module.functions:
        if not function.mentions("register"):
            continue
        called = {}
        for call in function.call_nodes:
            if _kind(call.func):
                called[call.func.at] = _kind(call.func), _registered(call, known)
        for node in function.every(tree.Path):
            if node.root == "register" and node.at not in made:
                yield called.get(node.at, ("tag", ""))


def _kind(func: tree.Node) -> str:
    owner, _, kind = getattr(func, "text", "").partition(".")
    return kind if owner == "register" and kind in _MAKING else ""


def _registered(call: tree.Call, known: dict[str, str | None]) -> str:
    """The name that `register.filter("name", function)` or `register.filter(function)` registers, `""` if unknown."""
    kind, given = _kind(call.func), call.args
    # What a function that is registered as a tag reads of the template may stand anywhere.
    if kind == "tag" or any(each.name in (None, "name", "end_name") for each in call.keywords):
        return ""
    if kind == "filter" and len(given) == 2:
        return _text(given[0])
    return known.get(getattr(given[0], "text", "")) or "" if len(given) == 1 else ""


def _name(node: tree.Node, own: str) -> str:
    """The name under which a decorator registers a function, `""` when it is not known."""
    if not isinstance(node, tree.Call):
        return own
    if node.keyword("end_name") is not None:
        return ""
    kind = _kind(node.func)
    given = node.keyword("name") or (node.args[0] if node.args and kind in ("filter", "tag") else None)
    if given is None:
        return own
    return _text(given)


def _text(node: tree.Node) -> str:
    return node.value if isinstance(node, tree.Constant) and isinstance(node.value, str) else ""


def _stops(function: Function) -> Iterator[str]:
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
    """Whether an entry of `TEMPLATES` is for another engine that may find the same files."""
    items = node.items if isinstance(node, tree.Mapping) else ()
    entries = {key.value: value for key, value in items if isinstance(key, tree.Constant)}
    if "BACKEND" not in entries:
        return False
    engine = str(getattr(entries["BACKEND"], "value", ""))
    if not engine.startswith("django.template.backends."):
        return True
    # In apps, Django's own Jinja engine looks into folders of another name.
    return not engine.endswith(".DjangoTemplates") and bool(getattr(entries.get("DIRS"), "items", "DIRS" in entries))


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
        unknown = {name for name in unknown if not _may_be_outside(project, name)}
        return tuple(_misspelled(loads, places, unknown, own))
    if any(own[name].open for name in loaded if name in own):
        return ()
    return tuple(_found(shown, places, own, loaded))


def _shown(text: str) -> Iterator[tuple[bool, Bit]]:
    """The tags (True) and values of a template, without what is commented out or left as it is."""
    until = ""
    for opening, token in tokens(text):
        said = token.text.split() if opening == "{%" else []
        if until:
            until = "" if " ".join(said) == until else until
        elif said[:1] == ["comment"]:
            until = "endcomment"
        elif said[:1] == ["verbatim"]:
            until = "end" + " ".join(said)
        else:
            yield opening == "{%", token


def _named(load: str) -> list[str]:
    """The libraries that `load a b` and `load x from a` name."""
    said = load.split()[1:]
    return said[said.index("from") + 1 :] if "from" in said else said


def _may_be_outside(project: Project, name: str) -> bool:
    """Whether a library may be that of a package, which mostly calls it like itself."""
    plain = name.replace("_", "").lower()
    return any(each in plain or plain in each for each in project[_outside_apps])


def _outside_apps(project: Project) -> frozenset[str]:
    """The parts of the names of installed apps that are not of the repository."""
    found = [app for each in project[running].modules for app in project[installed, each.path].apps]
    named = [app.entry.text for app in found if not app.package and not app.entry.text.startswith("django.")]
    parts = {part.replace("_", "").lower() for text in named for part in text.split(".") if part[:1].islower()}
    return frozenset(parts - {"apps", "contrib", "core", "django"})


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
        tag = _TAG.match(token.text) if is_tag else None
        # What a tag that is no tag of Django does with a `|` is its own affair.
        reads = tag is None or tag[1] in _READING
        used = [("filter", each[1], each.start(1)) for each in _FILTER.finditer(quiet)] if reads else []
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
