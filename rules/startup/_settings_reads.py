"""Where settings are read that nothing defines: of classes and modules of settings, of Django, of Flask."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function, Import, Module
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Absent, Symbol
from cdlint.project.classes import resolve_in
from cdlint.project.imports import targets
from cdlint.project.names import lookup
from cdlint.project.places import is_aside
from cdlint.project.roots import index
from cdlint.project.values import annotated, evaluate
from cdlint.rule import Location

from ._flask_keys import flask_unset
from ._settings_objects import DJANGO, holds_settings, lacks, members

_WORDS = re.compile(r"(?i)settings|config|conf\b")
_ZERO: At = (0, 0, 0, 0)
_HANDLED = frozenset({"AttributeError", "Exception", "BaseException"})
_MODULE_OF_SETTINGS = re.compile(r"(\w+\.)+\w*settings\w*(\.\w+)*")
_LOADERS = frozenset({"configurations", "dynaconf", "goodconf"})
"""Packages that give settings to Django in their own way."""
_MANY = 20


class Read(NamedTuple):
    """A setting that is read, `key` of `holder`, and where the holder is defined (`""`: in no one place)."""

    key: str
    holder: str
    path: str
    at: Location
    similar: str


def drifting(project: Project) -> tuple[str, ...]:
    """The files that read such settings, tests left out."""
    return tuple(path for path in project.paths if not is_aside(path) and project[unset, path])


def filled_unseen(project: Project) -> frozenset[str]:
    """The holders that lack so many keys that something must set them in a way that is not seen."""
    keys = {(each.holder, each.key) for path in project[drifting] for each in project[unset, path]}
    counts = Counter(holder for holder, _ in keys)
    return frozenset(holder for holder, count in counts.items() if count >= _MANY)


def unset(project: Project, path: str) -> tuple[Read, ...]:
    """The settings that a file reads in vain, each once."""
    module = project.module(path)
    if module is None:
        return ()
    found: dict[tuple[str, str], Read] = {}
    for each in (*_of_objects(project, path, module), *_of_django(project, path, module)):
        if not project[_is_provided, each.key]:
            found.setdefault((each.holder, each.key), each)
    for key, at in flask_unset(project, path, module):
        found.setdefault(("app.config", key), Read(key, "app.config", "", Location(path, at), ""))
    return tuple(found.values())


def _of_objects(project: Project, path: str, module: Module) -> Iterator[Read]:
    if not _may_hold(module):
        return
    shared = {}
    names = [each.alias for each in module.imports if each.kind != "type-only" and _speaks(each)]
    names += [each.name for each in module.bindings if each.kind == "assign" and _WORDS.search(each.callee)]
    for name in names:
        value = _value(project, (path, ""), name) if name != "*" else None
        if value is not None:
            shared[name] = value
    for function in module.functions:
        known = {name: value for name, value in shared.items() if function.paths_from(name)}
        if known:
            hidden = {name for around in _around(module, function) for name in around.binds}
            known = {name: value for name, value in known.items() if name not in hidden}
        speaking = _speaking(function)
        known.update(_locals(project, path, function, speaking))
        for name, value in known.items():
            for text in sorted(function.paths_from(name)):
                yield from _read(project, (path, function), value, name, text)
        if speaking:
            yield from _of_getters(project, path, function, speaking)


def _of_getters(project: Project, path: str, function: Function, named: list[str]) -> Iterator[Read]:
    """What is read straight of the result of a call, as in `get_settings().debug`."""
    getters = {call for call in named if _gives(project, path, function, call)}
    for node in function.nodes if getters else ():
        if isinstance(node, tree.Attribute) and isinstance(node.value, tree.Call):
            call = getattr(node.value.func, "text", "")
            value = evaluate(project, (path, function.qualname), node.value) if call in getters else None
            key = node.text.partition(".")[0]
            if isinstance(value, Symbol) and value.kind == "instance" and lacks(project, value, key):
                similar = _nearest(project, value, key)
                yield Read(key, value.name, value.path, Location(path, node.at), similar)


def _around(module: Module, function: Function) -> Iterator[Function]:
    """A function and those around it, without the module itself."""
    names = {function.qualname, function.parent}
    while function.parent:
        function = next(each for each in module.functions if each.qualname == function.parent)
        names.add(function.parent)
    yield from (each for each in module.functions if each.qualname in names and each.qualname)


def _speaking(function: Function) -> list[str]:
    """What a function calls by a name that speaks of settings."""
    return [call for call in function.calls if _WORDS.search(call)] if _may_speak(" ".join(function.calls)) else []


def _may_speak(text: str) -> bool:
    return "onf" in text or "ettings" in text or "ONF" in text or "ETTINGS" in text


def _may_hold(module: Module) -> bool:
    """Whether a file imports or makes anything whose name speaks of settings, other than Django's."""
    named = " ".join([f"{each.module} {each.name} {each.alias}" for each in module.imports])
    return (_may_speak(named) and any(_speaks(each) for each in module.imports)) or any(
        each.callee and ("ettings" in each.callee or "onfig" in each.callee) for each in module.bindings
    )


def _speaks(each: Import) -> bool:
    if not _may_speak(f"{each.module} {each.name} {each.alias}"):
        return False
    last = f"{each.module.rpartition('.')[2]} {each.name or ''} {each.alias}"
    return each.module != "django.conf" and _WORDS.search(last) is not None


def _value(project: Project, scope: tuple[str, str], text: str) -> Symbol | None:
    first = project[lookup, (scope[0], text)] if not scope[1] else None
    if isinstance(first, Symbol) and first.kind in ("external", "function"):
        return None
    answer = evaluate(project, scope, tree.Path(text, _ZERO))
    return answer if isinstance(answer, Symbol) and holds_settings(answer) else None


def _locals(project: Project, path: str, function: Function, named: list[str]) -> Iterator[tuple[str, Symbol]]:
    """The local names of a function that hold settings: parameters by their annotations, results of getters."""
    if not function.qualname:
        return
    for param in function.params:
        if param.annotation_code is not None and any(w in repr(param.annotation_code) for w in ("ettings", "onfig")):
            answer = annotated(project, (path, function.qualname), param.annotation)
            if isinstance(answer, Symbol) and answer.kind == "instance" and holds_settings(answer):
                yield param.name, answer
    if any(_gives(project, path, function, call) for call in named):
        params = {param.name for param in function.params}
        for name in function.binds:
            if name not in params and name not in function.outer and function.paths_from(name):
                value = _value(project, (path, function.qualname), name)
                if value is not None and value.kind == "instance":
                    yield name, value


def _gives(project: Project, path: str, function: Function, called: str) -> bool:
    """Whether a call is one of a function or class of the repository that gives an object of settings."""
    answer = resolve_in(project, path, function.qualname, called)
    if not isinstance(answer, Symbol) or answer.kind not in ("function", "class"):
        return False
    call = tree.Call(tree.Path(called, _ZERO), (), (), _ZERO)
    value = evaluate(project, (path, function.qualname), call)
    return isinstance(value, Symbol) and value.kind == "instance" and holds_settings(value)


def _read(project: Project, where: tuple[str, Function], value: Symbol, name: str, text: str) -> Iterator[Read]:
    parts = text.split(".")[1:]
    path, function = where
    for depth, key in enumerate(parts):
        if lacks(project, value, key):
            if value.kind == "module":
                # A name that a module lacks is reported for every module alike.
                return
            at = _place(function, text, ".".join([name, *parts[: depth + 1]]))
            if at is not None:
                yield Read(key, value.name, value.path, Location(path, at), _nearest(project, value, key))
            return
        inner = evaluate(project, (path, function.qualname), tree.Path(".".join([name, *parts[: depth + 1]]), _ZERO))
        if not isinstance(inner, Symbol) or inner.kind != "instance" or not holds_settings(inner):
            return
        value = inner


def _nearest(project: Project, value: Symbol, key: str) -> str:
    from difflib import get_close_matches

    if value.kind == "module":
        return ""
    names = sorted(project[members, Symbol("class", value.path, value.name)] or ())
    same = [name for name in names if name.lower() == key.lower()]
    return (same or get_close_matches(key, names, n=1, cutoff=0.7) or [""])[0]


def _place(function: Function, text: str, until: str) -> At | None:
    """Where a dotted name is read in a function; None where it is assigned, or its absence is provided for."""
    handled = [
        node.at
        for node in function.nodes
        if isinstance(node, tree.Try)
        and any(h.type is None or _HANDLED & {getattr(n, "last", "") for n in tree.walk(h.type)} for h in node.handlers)
    ]
    targets = {
        target.at
        for node in function.nodes
        if isinstance(node, (tree.Assign, tree.AugAssign))
        for target in (node.targets if isinstance(node, tree.Assign) else (node.target,))
        if isinstance(target, tree.Path)
    }
    dead = tuple(_unreached(function.body))
    for node in function.nodes:
        if isinstance(node, tree.Path) and (node.text == text or node.text.startswith(until + ".")):
            inside = any(at[0] <= node.at[0] <= at[2] for at in (*handled, *dead))
            if node.at not in targets and not inside:
                return node.at
    return None


def _unreached(block: tuple[tree.Node, ...]) -> Iterator[At]:
    """The statements of a block, and of those in it, that stand behind a `raise` or `return`."""
    ended = False
    for node in block:
        if ended:
            yield node.at
        ended = ended or isinstance(node, (tree.Raise, tree.Return))
        for field in node if not ended else ():
            if isinstance(field, tuple) and field and all(type(each) in tree.TAG for each in field):
                yield from _unreached(field)


def _is_provided(project: Project, key: str) -> bool:
    """Whether a string names the setting anywhere, so that something may set it or ask for it first."""
    quoted = re.compile(rf"[\"']{re.escape(key)}[\"']")
    for path in project.paths:
        module = project.module(path)
        if module is not None and any(function.mentions(key) for function in module.functions):
            text = project.text(path) or ""
            if quoted.search(text) or re.search(rf"\.{re.escape(key)}\s*(?::[^=\n]+)?=[^=]", text):
                return True
    return False


def _of_django(project: Project, path: str, module: Module) -> Iterator[Read]:
    names = [each.alias for each in module.imports if each.module == "django.conf" and each.name == "settings"]
    if not names or "/migrations/" in path or not project[django_settings] or not _is_in_project(project, path):
        # An old migration speaks of the settings of its day.
        return
    if project[_computes]:
        return
    for function in module.functions:
        read = [text for name in names for text in function.paths_from(name)]
        hidden = {name for around in _around(module, function) for name in around.binds} if read else set()
        for text in sorted(text for text in read if text.partition(".")[0] not in hidden):
            key = text.split(".")[1]
            if key.isupper():
                if key in DJANGO or project[_is_defined, key]:
                    continue
            elif not project[_is_hidden, key]:
                continue
            at = _place(function, text, ".".join(text.split(".")[:2]))
            if at is not None:
                yield Read(key, "django.conf.settings", project[django_settings][0], Location(path, at), "")


def _computes(project: Project) -> bool:
    """Whether code sets settings of computed names, as in `setattr(settings, name, value)`."""
    return any(not is_aside(path) and project[_computes_in, path] for path in project.paths)


def _computes_in(project: Project, path: str) -> bool:
    module = project.module(path)
    if module is None or not any(each.module == "django.conf" and each.name == "settings" for each in module.imports):
        return False
    return any(
        getattr(call.func, "text", "") == "setattr"
        and len(call.args) > 1
        and getattr(call.args[0], "text", "") == "settings"
        and not isinstance(call.args[1], tree.Constant)
        for function in module.functions
        if "setattr" in function.calls
        for call in function.call_nodes
    )


def _is_in_project(project: Project, path: str) -> bool:
    """Whether a file is found from where the settings are, or by a file that is."""
    owners = project[index].owners
    return owners.get(path, "") in project[_project_roots]


def _project_roots(project: Project) -> frozenset[str]:
    owners = project[index].owners
    own = {owners.get(path, "") for path in project[django_settings]}
    inside = (path for path in project.paths if owners.get(path, "") in own)
    return frozenset(own | {owners[other] for path in inside for other, _ in project[targets, path] if other in owners})


def _is_hidden(project: Project, key: str) -> bool:
    """Whether a settings module has a name that Django does not load, since it is not all in capitals."""
    if key.startswith("_") or key in ("configure", "configured", "default_settings", "is_overridden"):
        return False
    if any(each.module.partition(".")[0] in _LOADERS for path in project.paths for each in _imports(project, path)):
        return False
    return any(key in _assigned(project, path) for path in project[django_settings])


def _imports(project: Project, path: str) -> tuple[Import, ...]:
    module = project.module(path)
    return module.imports if module is not None else ()


def _assigned(project: Project, path: str) -> set[str]:
    module = project.module(path)
    return {each.name for each in module.bindings if each.kind == "assign"} if module is not None else set()


def django_settings(project: Project) -> tuple[str, ...]:
    """The settings modules of a project that can be run: those that list its applications."""
    if not any(path.rpartition("/")[2] == "manage.py" and not is_aside(path) for path in project.paths):
        return ()
    mine = [path for path in project.paths if not is_aside(path)]
    if any(_WORDS.search(path) and not isinstance(project.facts(path), Module) for path in mine):
        # Nobody knows what a file of settings defines that cannot be read.
        return ()
    return tuple(path for path in mine if project[_lists_apps, path])


def _lists_apps(project: Project, path: str) -> bool:
    module = project.module(path)
    return module is not None and any(each.name == "INSTALLED_APPS" for each in module.bindings)


def _is_defined(project: Project, key: str) -> bool:
    """Whether any module or class of the repository binds the name, or a settings module may have it otherwise."""
    settings = project[django_settings]
    if any(not isinstance(project[lookup, (path, key)], Absent) or project[_takes_over, path] for path in settings):
        return True
    return any(key in project[_bound, path] for path in project.paths)


def _takes_over(project: Project, path: str) -> bool:
    """Whether a settings module has something called that loads others by name: `load("shop.settings.base")`."""
    module = project.module(path)
    body = module.main.body if module is not None else ()
    calls = (each.value for each in body if isinstance(each, tree.Expression) and isinstance(each.value, tree.Call))
    texts = (getattr(arg, "value", None) for call in calls for arg in call.args)
    return any(isinstance(text, str) and _MODULE_OF_SETTINGS.fullmatch(text) is not None for text in texts)


def _bound(project: Project, path: str) -> frozenset[str]:
    """The names in capitals that a file binds, in modules and classes; with `AppConf` its prefix is not known."""
    module = project.module(path)
    if module is None:
        return frozenset()
    found = {each.name for each in module.bindings} | {f.name for cls in module.classes for f in cls.fields}
    return frozenset(name for name in found if name.isupper())
