"""Which files are loaded when the program starts, as far as imports say."""

from __future__ import annotations

from cdlint.backend.starts import starts
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.imports import targets
from cdlint.project.loading import needs
from cdlint.project.modules import find_module
from cdlint.project.places import is_aside

_STARTS = frozenset(
    {
        "__main__.py", "admin.py", "app.py", "application.py", "apps.py", "asgi.py", "celery.py", "main.py",
        "manage.py", "models.py", "run.py", "server.py", "settings.py", "urls.py", "wsgi.py",
    }
)  # fmt: skip


def loaded(project: Project) -> frozenset[str]:
    """The files that something which starts the program imports, that included."""
    waiting = [path for start in project[starts] for path in start.paths]
    waiting += [path for path in project.paths if path.rpartition("/")[2] in _STARTS]
    found = {path for path in waiting if path.endswith(".py") and not is_aside(path)}
    waiting = sorted(found)
    while waiting:
        for imported, kind in project[targets, waiting.pop()]:
            if kind == "runtime" and imported not in found and imported.endswith(".py") and not is_aside(imported):
                found.add(imported)
                waiting.append(imported)
    return frozenset(found)


def tops(project: Project, path: str) -> frozenset[str]:
    """The first names of the modules that a file surely imports absolutely."""
    found = (need.module.partition(".")[0] for need in project[needs, path])
    return frozenset(name for name in found if name)


def importers_of(project: Project, top: str) -> tuple[tuple[str, int], ...]:
    """The files that surely import a module from outside, with the line, those loaded at the start only."""
    found = []
    for path in sorted(project[loaded]):
        if top not in project[tops, path]:
            continue
        for need in project[needs, path]:
            if need.module.partition(".")[0] == top:
                answer = project[find_module, (path, need.module)]
                if isinstance(answer, Symbol) and answer.kind == "external":
                    found.append((path, need.line))
                    break
    return tuple(found)
