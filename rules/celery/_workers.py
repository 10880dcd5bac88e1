"""Which modules workers load, and which names they are asked for in vain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.starts import starts
from cdlint.facts import tree
from cdlint.facts.model import Module
from cdlint.project import Project
from cdlint.project.answers import Symbol, Unknown
from cdlint.project.classes import resolve_in
from cdlint.project.constants import fold
from cdlint.project.imports import targets
from cdlint.project.modules import find_module, module_name
from cdlint.project.places import is_aside
from cdlint.project.roots import index
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._tasks import Task, may_be_made, tasks, uses_celery

_IMPORTS = frozenset({"imports", "include", "CELERY_IMPORTS", "CELERY_INCLUDE", "CELERYD_IMPORTS"})
_SPOKEN = (
    "**/*.sh", "**/Procfile*", "**/Makefile", "**/*Dockerfile*", "**/*.y*ml", "**/*.md", "**/*.service", "**/*.conf",
    "**/*.ini", "**/*.toml", "**/*.rst",
)  # fmt: skip
_COMMAND = re.compile(r"\bcelery[\"',]*\s(?:[^\n|;&]{0,300}?[\s\"'])?(?:-A|--app)[\"',]*[\s=]+[\"']?([A-Za-z_][\w.:]*)")
_INCLUDED = re.compile(r"\bcelery[\"',]*\s[^\n|;&]{0,300}?\s[\"']?(?:-I|--include)[\"',]*[\s=]+[\"']?([\w.,]+)")
_SENDS = (".delay", ".apply_async", ".s", ".si", ".signature")
_LOADERS = ("import_module", "walk_packages", "iter_modules", "find_modules", "import_string", "__import__")


class Workers(NamedTuple):
    """The files that workers load; `why` says why there may be more, `""` when there are none.

    `apps` are the places where applications are made.
    """

    apps: tuple[Location, ...]
    files: frozenset[str]
    why: str


class Unlisted(NamedTuple):
    """A name that a schedule or `send_task` asks for, where, and the task that may be meant."""

    name: str
    at: Location
    similar: str


def workers(project: Project) -> Workers:
    """What all workers together load."""
    apps = [place for path in project.paths for place in project[_apps_in, path]]
    roots = {place.path for place in apps}
    roots.update(path for start in project[starts] if start.program == "celery" for path in start.paths)
    named = _commanded(project, sorted(roots))
    roots.update(named or ())
    if not named:
        # Any module that has the application may be the one that the worker is started with.
        roots.update(path for path in project.paths if not is_aside(path) and _imports_one_of(project, path, roots))
    roots.update(_included(project, sorted(roots)))
    why = ""
    for path in sorted(roots | _configured(project)):
        found = project[_named_modules, path]
        if isinstance(found, Unknown):
            why = why or found.why
            continue
        for name in found:
            answer = project[find_module, (path, name)]
            if isinstance(answer, Symbol) and answer.kind == "module":
                roots.add(answer.path)
    roots.update(list(_discovered(project, roots)))
    files = _closure(project, roots)
    loading = "" if why else next((path for path in sorted(files) if project[_loads_by_name, path]), "")
    return Workers(tuple(apps), frozenset(files), f"`{loading}` loads modules by computed names" if loading else why)


def _loads_by_name(project: Project, path: str) -> bool:
    module = project.module(path)
    return module is not None and any(call.endswith(_LOADERS) for f in module.functions for call in f.calls)


def _commanded(project: Project, near: list[str]) -> tuple[str, ...]:
    """The modules that commands name as the application of a worker; none when one cannot be followed."""
    found: dict[str, None] = {}
    for name in dict.fromkeys(
        name for pattern in _SPOKEN for path in project.files(pattern) for name in _said(project, path)
    ):
        parts = name.replace(":", ".").split(".")
        places = [
            answer.path
            for depth in range(len(parts), 0, -1)
            for path in near
            if isinstance(answer := project[find_module, (path, ".".join(parts[:depth]))], Symbol)
            and answer.kind == "module"
            and answer.path.endswith(".py")
        ]
        if not places:
            return ()
        found[places[0]] = None
    return tuple(found)


def _included(project: Project, near: list[str]) -> set[str]:
    """The modules that commands tell workers to import."""
    names = {name for pattern in _SPOKEN for path in project.files(pattern) for name in project[_included_in, path]}
    answers = [project[find_module, (path, name)] for name in sorted(names) for path in near]
    return {each.path for each in answers if isinstance(each, Symbol) and each.kind == "module"}


def _included_in(project: Project, path: str) -> tuple[str, ...]:
    text = project.text(path) or ""
    if "celery" not in text or is_aside(path):
        return ()
    return tuple(name for match in _INCLUDED.finditer(text) for name in match[1].split(",") if name)


def _said(project: Project, path: str) -> tuple[str, ...]:
    text = project.text(path) or ""
    if "celery" not in text or is_aside(path):
        return ()
    return tuple(match[1] for match in _COMMAND.finditer(text))


def _imports_one_of(project: Project, path: str, files: set[str]) -> bool:
    return any(imported in files and kind != "type-only" for imported, kind in project[targets, path])


def _apps_in(project: Project, path: str) -> tuple[Location, ...]:
    module = project.module(path)
    if module is None or is_aside(path) or not any(each.module.startswith("celery") for each in module.imports):
        return ()
    found: list[Location] = []
    for function in module.functions:
        for called in function.calls:
            if called.rpartition(".")[2] == "Celery":
                answer = evaluate(project, (path, function.qualname), tree.Path(called, (0, 0, 0, 0)))
                if isinstance(answer, Symbol) and answer.name in ("celery.Celery", "celery.app.Celery"):
                    found.extend(Location(path, c.at) for c in function.call_nodes if _text(c) == called)
    return tuple(found)


def _text(call: tree.Call) -> str:
    return call.func.text if isinstance(call.func, tree.Path) else ""


def _configured(project: Project) -> set[str]:
    """The files that may hold the configuration: those that speak of what workers import."""
    return {path for path in project.paths if not is_aside(path) and project[_speaks, path]}


def _speaks(project: Project, path: str) -> bool:
    module = project.module(path)
    if module is None:
        return False
    if any(each.name in _IMPORTS for each in (*module.bindings, *(f for cls in module.classes for f in cls.fields))):
        return True
    return any(function.mentions("elery") for function in module.functions) and any(
        function.mentions(name) for function in module.functions for name in _IMPORTS
    )


def _named_modules(project: Project, path: str) -> tuple[str, ...] | Unknown:
    """The modules that a file tells workers to import: `include=`, `imports`, `autodiscover_tasks`."""
    module = project.module(path)
    found: list[str] = []
    for scope, node in _lists(module) if module is not None else ():
        value = fold(project, (path, scope), node)
        if isinstance(value, str):
            value = (value,)
        if isinstance(value, Unknown) or not isinstance(value, tuple) or not all(isinstance(e, str) for e in value):
            return Unknown(f"`{path}` computes what workers import")
        found.extend(each for each in value if isinstance(each, str))
    for scope, call in _discoveries(module) if module is not None else ():
        packages = call.argument(0, "packages")
        related = call.argument(1, "related_name")
        name = fold(project, (path, scope), related) if related is not None else "tasks"
        value = fold(project, (path, scope), packages) if packages is not None else ()
        if packages is None or isinstance(packages, tree.Lambda):
            continue
        if isinstance(value, Unknown) or not isinstance(value, tuple) or not (isinstance(name, str) or name is None):
            return Unknown(f"`{path}` computes where tasks are discovered")
        found.extend(f"{each}.{name}" if name else f"{each}" for each in value)
        found.extend(f"{each}" for each in value)
    return tuple(found)


def _lists(module: Module) -> Iterator[tuple[str, tree.Node]]:
    for binding in module.bindings:
        if binding.name in _IMPORTS and binding.kind == "assign" and binding.value is not None:
            yield "", binding.value
    for cls in module.classes:
        for field in cls.fields:
            if field.name in _IMPORTS and isinstance(field.value, tree.Sequence):
                yield cls.qualname, field.value
    for function in module.functions:
        if not any(word in call for call in function.calls for word in ("Celery", "conf", "update")) and not any(
            function.mentions(word) for word in _IMPORTS
        ):
            continue
        for node in function.nodes:
            if isinstance(node, tree.Call):
                for keyword in node.keywords:
                    if keyword.name in _IMPORTS:
                        yield function.qualname, keyword.value
            elif isinstance(node, tree.Mapping):
                for key, value in node.items:
                    if isinstance(key, tree.Constant) and key.value in _IMPORTS:
                        yield function.qualname, value
            elif isinstance(node, tree.Assign) and node.value is not None and _sets_imports(node.targets[0]):
                yield function.qualname, node.value


def _sets_imports(target: tree.Node) -> bool:
    """`app.conf.imports` and `app.conf["imports"]`."""
    if isinstance(target, tree.Subscript):
        return isinstance(target.index, tree.Constant) and target.index.value in _IMPORTS
    return isinstance(target, tree.Path) and "." in target.text and target.last in _IMPORTS


def _discoveries(module: Module) -> Iterator[tuple[str, tree.Call]]:
    for function in module.functions:
        if any(call.endswith("autodiscover_tasks") for call in function.calls):
            for call in function.call_nodes:
                if getattr(call.func, "last", "") == "autodiscover_tasks":
                    yield function.qualname, call


def _discovered(project: Project, roots: set[str]) -> Iterator[str]:
    """What `autodiscover_tasks()` of Django finds: `tasks` beside every application, and what Django itself loads."""
    everywhere = False
    for path in sorted(roots):
        for open_, name in project[_discovers, path]:
            everywhere = everywhere or open_
            if everywhere:
                yield from (
                    each
                    for each in project.paths
                    if each.endswith((f"/{name}.py", f"/{name}/__init__.py")) or each == f"{name}.py"
                )
    if everywhere:
        yield from (
            path for path in project.paths if path.endswith(("/models.py", "/apps.py", "/admin.py", "/urls.py"))
        )
        yield from (path for path in project.paths if path.endswith(("/settings.py", "/__init__.py")) and "/" in path)


def _discovers(project: Project, path: str) -> tuple[tuple[bool, str], ...]:
    """Per call: whether it looks beside every application, and for modules of which name."""
    module = project.module(path)
    found = []
    for _, call in _discoveries(module) if module is not None else ():
        packages, related = call.argument(0, "packages"), call.keyword("related_name")
        name = related.value if isinstance(related, tree.Constant) else "tasks"
        found.append((packages is None or isinstance(packages, tree.Lambda), str(name)))
    return tuple(found)


def _is_read(project: Project, path: str) -> bool:
    return project.module(path) is not None


def _closure(project: Project, roots: set[str]) -> set[str]:
    found = {path for path in roots if path.endswith(".py")}
    waiting = sorted(found)
    while waiting:
        path = waiting.pop()
        above = path.rpartition("/")[0]
        packages = [f"{above}/__init__.py"] if above else []
        for imported in (*packages, *(each for each, kind in project[targets, path] if kind != "type-only")):
            if imported not in found and imported.endswith(".py") and project[_is_read, imported]:
                found.add(imported)
                waiting.append(imported)
    return found


def unloaded(project: Project) -> tuple[tuple[Task, Location], ...]:
    """The tasks in modules that no worker loads, the first of each module."""
    known = project[tasks]
    if not known:
        return ()
    there = project[workers]
    if not there.apps or there.why:
        return ()
    found: dict[str, tuple[Task, Location]] = {}
    for task in known.values():
        if task.function.path not in there.files and project[is_sent, task.function]:
            found.setdefault(task.function.path, (task, there.apps[0]))
    return tuple(found.values())


def is_sent(project: Project, task: Symbol) -> bool:
    """Whether any code sends a task to a worker."""
    return any(task in project[_sent_in, path] for path in project.paths if not is_aside(path))


def _sent_in(project: Project, path: str) -> frozenset[Symbol]:
    module = project.module(path)
    found = set()
    for function in module.functions if module is not None else ():
        for called in function.calls:
            if called.endswith(_SENDS):
                answer = resolve_in(project, path, function.qualname, called.rpartition(".")[0])
                if isinstance(answer, Symbol) and answer.kind == "function":
                    found.add(answer)
    return frozenset(found)


def unlisted(project: Project) -> tuple[Unlisted, ...]:
    """The names that schedules ask for and that no task has."""
    if not project[uses_celery] or not project[tasks]:
        return ()
    if any(not task.known for task in project[tasks].values()):
        return ()
    return tuple(each for path in project.paths if not is_aside(path) for each in project[_asked, path])


def _asked(project: Project, path: str) -> tuple[Unlisted, ...]:
    module = project.module(path)
    found = []
    for function in module.functions if module is not None else ():
        sends = any(call.endswith("send_task") for call in function.calls)
        if not sends and not (function.mentions("schedule") and function.mentions("task")):
            continue
        for node in function.nodes:
            name = _entry(node) if isinstance(node, tree.Mapping) else _sends(node) if sends else None
            if name is not None and _is_own(project, name.value, node) and not _is_there(project, name.value):
                found.append(Unlisted(name.value, Location(path, name.at), _similar(project, name.value)))
    return tuple(found)


def _entry(node: tree.Mapping) -> tree.Constant | None:
    """The name in an entry of a schedule: `{"task": ..., "schedule": ...}`."""
    items = {key.value: value for key, value in node.items if isinstance(key, tree.Constant)}
    name = items.get("task") if "schedule" in items else None
    return name if isinstance(name, tree.Constant) and isinstance(name.value, str) else None


def _sends(node: tree.Node) -> tree.Constant | None:
    if isinstance(node, tree.Call) and getattr(node.func, "last", "") == "send_task":
        name = node.argument(0, "name")
        return name if isinstance(name, tree.Constant) and isinstance(name.value, str) else None
    return None


def _is_own(project: Project, name: str, node: tree.Node) -> bool:
    """Whether only the repository can have a task of this name: its module is one of it, and has tasks."""
    module, _, _ = name.rpartition(".")
    if not module or module.partition(".")[0] not in project[index].tops:
        return False
    if isinstance(node, tree.Mapping):
        return True
    place = "/" + module.replace(".", "/")
    return any(
        f"/{task.function.path}".endswith((f"{place}.py", f"{place}/__init__.py")) for task in project[tasks].values()
    )


def _is_there(project: Project, name: str) -> bool:
    for task in project[tasks].values():
        if task.name:
            if task.name == name:
                return True
            continue
        function = task.function.name.rpartition(".")[2]
        whole = f".{task.function.path.removesuffix('.py').removesuffix('/__init__').replace('/', '.')}.{function}"
        if whole.endswith(f".{name}"):
            return True
    return project[may_be_made, name] or any(name in project[_texts, path] for path in project.paths)


def _texts(project: Project, path: str) -> frozenset[str]:
    """The names that classes of tasks give themselves."""
    module = project.module(path)
    return frozenset(
        field.value.value
        for cls in (module.classes if module is not None else ())
        for field in cls.fields
        if field.name == "name" and isinstance(field.value, tree.Constant) and isinstance(field.value.value, str)
    )


def _similar(project: Project, name: str) -> str:
    from difflib import get_close_matches

    known = [
        task.name or f"{module_name(project, task.function.path)}.{task.function.name}"
        for task in project[tasks].values()
    ]
    last = name.rpartition(".")[2]
    same = [each for each in known if each.rpartition(".")[2] == last]
    return (same if len(same) == 1 else get_close_matches(name, known, n=1, cutoff=0.7) or [""])[0]
