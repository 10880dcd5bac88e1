"""Which files nothing loads: no import leads to them from a file that may be started or that a framework finds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cdlint.backend.starts import entries
from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.imports import importers, targets
from cdlint.project.loading import packages_of
from cdlint.project.modules import find_module, known_folders, known_paths, submodule
from cdlint.project.places import is_aside
from cdlint.project.roots import index

from ._program import is_sample

_STARTS = re.compile(
    r"(?:__main__|_?apps?|application|asgi|beat|bot|celery\w*|cli|conf|config\w*|conftest|consumer|create_\w+|cron"
    r"|daemon|dodo|env|fabfile|gunicorn\w*|hooks|init\w*|load_\w+|locustfile|main|manage\w*|migrat\w+|noxfile"
    r"|plugins?|populate\w*|run\w*|sched\w+|script\w*|seed\w*|server?|settings\w*|setup|start\w*|tasks|worker\w*|wsgi"
    r"|\w+_(?:app|bot|cli|job|main|server|script|worker))\.py"
)
_FOUND = re.compile(
    r"(?:admin|apps|models|urls|signals?|receivers|handlers|translation|search_indexes|documents|permissions|checks"
    r"|cms_\w+|wagtail_hooks|sitemaps|feeds|cron|jobs|consumers|routing|rules|adapters|lookups|resources)\.py"
)
"""Names by which Django and what extends it look for modules in packages."""
_FOLDERS = frozenset(
    {
        "addons", "alembic", "archive", "attic", "backup", "bin", "commands", "contrib", "deprecated", "drafts",
        "experimental", "experiments", "extensions", "legacy", "management", "migrations", "notebooks", "old", "plugin",
        "plugins", "scripts", "settings", "templatetags", "tools", "unused", "versions",
    }
)  # fmt: skip


def unloaded(project: Project) -> frozenset[str]:
    """The files outside of tests that no file which may be started leads to."""
    known = project[importers]
    mine = [path for path in project.paths if not is_aside(path)]
    begun = {entry.path for entry in project[entries]}
    first = [path for path in mine if path in begun or not _is_imported(known.get(path, ()), path)]
    reached = project[closure, tuple(path for path in first if path in begun or project[may_start, path])]
    # Those that are left import each other at most.
    rest = tuple(path for path in mine if path not in reached and project[may_start, path])
    reached |= project[closure, rest]
    return frozenset(path for path in mine if path not in reached and not path.endswith("__init__.py"))


def _is_imported(pairs: tuple[tuple[str, str], ...], path: str) -> bool:
    return any(by != path and kind != "type-only" and not is_aside(by) for by, kind in pairs)


def closure(project: Project, paths: tuple[str, ...]) -> frozenset[str]:
    """The files that these lead to, themselves included."""
    reached = set[str]()
    stack = list(paths)
    while stack:
        path = stack.pop()
        if path not in reached:
            reached.add(path)
            stack.extend(project[leads_to, path])
    return frozenset(reached)


def importing(project: Project, path: str) -> frozenset[str]:
    """The files outside of tests that import this one, directly or through others."""
    seen = set[str]()
    stack = [path]
    while stack:
        for by, kind in project[importers].get(stack.pop(), ()):
            if by not in seen and kind != "type-only" and not is_aside(by):
                seen.add(by)
                stack.append(by)
    return frozenset(seen - {path})


def leads_to(project: Project, path: str) -> tuple[str, ...]:
    """What a file may load whenever it runs, its packages and the modules in their `__all__` included."""
    found = dict.fromkeys(project[packages_of, path])
    for imported, kind in project[targets, path]:
        if kind != "type-only" and imported.endswith(".py"):
            found.update(dict.fromkeys((*project[packages_of, imported], imported)))
    if path.endswith("__init__.py"):
        found.update(dict.fromkeys((*_exported(project, path), *_inner(project, path))))
    found.pop(path, None)
    return tuple(found)


def _inner(project: Project, path: str) -> Iterator[str]:
    """The modules that a package imports from itself, though it binds their names to something else later."""
    module = project.module(path)
    for each in module.imports if module is not None else ():
        if each.name not in (None, "*") and each.kind != "type-only":
            target = project[find_module, (path, each.module)]
            if isinstance(target, Symbol) and target.path == path:
                inner = submodule(project, target, str(each.name))
                if inner is not None and inner.path.endswith(".py"):
                    yield inner.path


def _exported(project: Project, path: str) -> tuple[str, ...]:
    """The modules of a package that `from package import *` loads; all when nobody can tell."""
    module = project.module(path)
    folder = path.removesuffix("__init__.py")
    if module is None or not module.exports_known:
        return tuple(each for each in project.paths if each.startswith(folder))
    places = (f"{folder}{name}{end}" for name in module.exports or () for end in (".py", "/__init__.py"))
    return tuple(place for place in places if place in project[known_paths])


def may_start(project: Project, path: str) -> bool:
    """Whether somebody may run a file, or a framework may find it, as far as its name and its place tell."""
    *folders, name = path.split("/")
    if name == "__init__.py":
        # A package that is found by its name, where others have a module.
        name = f"{folders.pop()}.py" if folders else name
        return bool(_STARTS.fullmatch(name) or _FOUND.fullmatch(name) or not _FOLDERS.isdisjoint(folders))
    if _STARTS.fullmatch(name) or not _FOLDERS.isdisjoint(folders) or not name.removesuffix(".py").isidentifier():
        return True
    module = project.module(path)
    if module is None or module.dynamic or module.main.mentions("__main__") or project[is_sample, path]:
        return True
    return bool(_FOUND.fullmatch(name)) and any(each.module.startswith("django") for each in module.imports)


_RUNNING = frozenset({"commit", "create_all", "drop_all", "execute", "main", "parse_args", "print", "run"})


def is_script(project: Project, path: str) -> bool:
    """Whether a file does something of its own as soon as it runs, so that somebody may run it."""
    module = project.module(path)
    if module is None:
        return True
    if not any(call.rpartition(".")[2] in _RUNNING or "." not in call for call in module.main.calls):
        return False
    own = {each.name for each in module.functions if not each.parent and not each.owner}
    calls = [each.value for each in module.main.body if isinstance(each, tree.Expression)]
    names = [getattr(each.func, "text", "") for each in calls if isinstance(each, tree.Call)]
    return any(name in own or name.rpartition(".")[2] in _RUNNING for name in names)


def vague(project: Project, path: str) -> frozenset[str]:
    """The last names of the imports of a file that may mean something of the repository and could not be followed."""
    module = project.module(path)
    found: set[str] = set()
    inner = project[_tails]
    for each in module.imports if module is not None and not is_aside(path) else ():
        target = project[find_module, (path, each.module)]
        if isinstance(target, Symbol) and (
            target.kind == "module"
            or not (target.name.partition(".")[0] in _tops(project) or "/".join(each.module.split(".")[-2:]) in inner)
        ):
            continue
        found.update((each.module.rpartition(".")[2], each.name or ""))
    return frozenset(found)


def _tails(project: Project) -> frozenset[str]:
    """The last two names of the paths of modules and packages below others: an image may have them at its top."""
    places = (*project[known_folders], *[path.removesuffix(".py") for path in project.paths])
    return frozenset("/".join(place.split("/")[-2:]) for place in places if place.count("/") > 1)


def _tops(project: Project) -> dict[str, tuple[str, ...]]:
    return project[index].tops
