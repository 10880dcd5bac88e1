"""The files with which a program begins: what commands start, and what makes an application."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.backend.collected import provides
from cdlint.backend.starts import Entry, Start, entries, starts
from cdlint.facts import tree
from cdlint.facts.model import Function, Import
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import inherits
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.rule import Location

_CLASSES = frozenset(
    {"APIFlask", "Application", "FastAPI", "Flask", "Litestar", "OpenAPI", "Quart", "Sanic", "Starlette"}
)
_MAKERS = frozenset(
    {
        "aiohttp.web.Application", "aiohttp.web_app.Application", "apiflask.APIFlask", "fastapi.FastAPI",
        "fastapi.applications.FastAPI", "flask.Flask", "flask.app.Flask", "flask_openapi3.OpenAPI",
        "litestar.Litestar", "quart.Quart", "sanic.Sanic", "starlette.applications.Starlette",
    }
)  # fmt: skip
_TOPS = frozenset(name.partition(".")[0] for name in _MAKERS)
SERVERS = frozenset(
    {"celery", "daphne", "fastapi", "flask", "granian", "gunicorn", "hypercorn", "uvicorn", "waitress-serve"}
)
"""Programs that import an application and run it."""


@provides(entries)
def started_files(project: Project) -> tuple[Entry, ...]:
    """The files that servers are told to load, and those that make an application."""
    found = [Entry(path, "", f"`{start.program}` loads it", start.at) for start, path in _served(project)]
    return (*found, *(entry for path in project.paths for entry in project[_applications, path]))


def _served(project: Project) -> Iterator[tuple[Start, str]]:
    for start in project[starts]:
        if start.program in SERVERS and len(start.paths) == 1 and start.paths[0].endswith(".py"):
            yield start, start.paths[0]


def _applications(project: Project, path: str) -> tuple[Entry, ...]:
    """The applications that a file makes, once when it is loaded or in a function that is called to make one."""
    module = project.module(path)
    if module is None or is_aside(path) or not any(_brings(each) for each in module.imports):
        return ()
    names = _CLASSES | {each.alias for each in module.imports if each.name in _CLASSES}
    return tuple(
        entry
        for function in module.functions
        if not names.isdisjoint(function.lasts)
        for entry in _made(project, path, function, names)
    )


def _brings(each: Import) -> bool:
    """Whether an import may bring a class of applications."""
    return each.name in _CLASSES or each.module.partition(".")[0] in _TOPS


def _made(project: Project, path: str, function: Function, names: frozenset[str]) -> Iterator[Entry]:
    for call in function.call_nodes:
        if not isinstance(call.func, tree.Path) or call.func.last not in names:
            continue
        answer = evaluate(project, (path, function.qualname), call.func)
        if isinstance(answer, Symbol) and _makes(project, answer):
            yield Entry(path, function.qualname, "the application is made here", Location(path, call.at))
            return


def _makes(project: Project, answer: Symbol) -> bool:
    """Whether it is the application class of a framework, or one of the repository that extends it."""
    return answer.name in _MAKERS or (answer.kind == "class" and inherits(project, answer, _MAKERS))
