"""Which file of an import cycle Python comes to first, as far as the repository shows."""

from __future__ import annotations

from cdlint.project import Project
from cdlint.project.imports import importers

from ._cycles import cycles, loads, outside_importers
from ._program import TEST_FOLDERS
from ._startup import Failure, load

_STARTS = frozenset(
    ["__main__", "app", "application", "asgi", "celery", "cli", "main", "manage", "run", "server", "worker", "wsgi"]
)


def failures(project: Project) -> tuple[Failure, ...]:
    """The imports that fail in every way in that the repository uses, or in the one of a program it holds."""
    found: dict[frozenset[str], Failure] = {}
    for group in project[cycles]:
        for failure in project[_of_group, group]:
            found.setdefault(frozenset(frame.path for frame in failure.chain), failure)
    return tuple(found.values())


def _of_group(project: Project, group: tuple[str, ...]) -> tuple[Failure, ...]:
    members = frozenset(group)
    outside = {o for path in group for o in project[outside_importers].get(path, ())}
    firsts: dict[str, str] = {}
    results: dict[str, Failure | None] = {}

    def outcome(entry: str) -> Failure | None:
        if entry not in results:
            results[entry] = _certain(project, members, entry)
        return results[entry]

    programs = sorted(path for path in outside or group if _is_program_start(project, path, members))
    started = dict.fromkeys(_first(project, path, members, firsts) for path in programs)
    real = [failure for first in started if first and (failure := outcome(first))]
    if real:
        return tuple(real)
    used = sorted({_first(project, path, members, firsts) for path in sorted(outside)} - {""}) or list(group)
    used = [*(path for path in group if _is_discovered(project, path) and path not in used), *used]
    every = []
    for entry in used:
        failure = outcome(entry)
        if failure is None:
            return ()
        every.append(failure)
    return tuple(every)


def _is_discovered(project: Project, path: str) -> bool:
    """Whether a framework loads the file by its name, before what imports it: a module of a Django app."""
    folder, _, name = path.rpartition("/")
    if name == "models.py":
        return any(project.exists(f"{folder}/{other}") for other in ("apps.py", "admin.py", "migrations"))
    return name in ("admin.py", "apps.py")


def _certain(project: Project, members: frozenset[str], entry: str) -> Failure | None:
    """The failure that happens with and without the imports that depend on something."""
    without = load(project, members, entry, optional=False)
    if without is None:
        return None
    return without if load(project, members, entry, optional=True) == without else None


def _is_program_start(project: Project, path: str, members: frozenset[str]) -> bool:
    """A file that is run and not imported, by its name or by what it does when it is run."""
    *folders, name = path.split("/")
    if not TEST_FOLDERS.isdisjoint(folders):
        return False
    if any(importer not in members for importer, _ in project[importers].get(path, ())):
        return False
    return name.removesuffix(".py") in _STARTS or project[_says_main, path]


def _says_main(project: Project, path: str) -> bool:
    """Whether a file does something when it is run: equal for nearly all edits."""
    module = project.module(path)
    return module is not None and module.main.mentions("__main__")


def _first(project: Project, path: str, members: frozenset[str], known: dict[str, str]) -> str:
    """The file of the group that loading a file comes to first, `""` for none.

    `known` collects the answers for the files on the way.
    """
    trail: list[str] = []
    stack = [iter((path,))]
    while stack:
        each = next(stack[-1], None)
        if each is None:
            stack.pop()
            if trail:
                known[trail.pop()] = ""
        elif each in members or known.get(each):
            found = each if each in members else known[each]
            known.update(dict.fromkeys(trail, found))
            return found
        elif each not in known:
            known[each] = ""
            trail.append(each)
            stack.append(iter(project[loads, each]))
    return ""
