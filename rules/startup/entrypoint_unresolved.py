"""A start command names a module or an application object that the repository does not have.

## Why
The server, worker or script stops at once: uvicorn with `Attribute "app" not found in module`,
gunicorn with `Failed to find attribute`, Celery with `Module has no attribute`, Django with
`ModuleNotFoundError`. Tests that import the application directly do not notice.

## Instead
Name the module as seen from the folder in which the command runs, and the variable that holds
the application: `uvicorn app.main:app`.

## Known limits
Read are shell scripts, `Procfile`, `Makefile`, `Dockerfile`, compose files, the scripts of `pyproject.toml`,
`uvicorn.run` and the settings of Django. Commands with variables that the file does not set, images whose base is not
a plain one, and packages that a build may install elsewhere are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._objects import Missing, missing


@rule(of=missing, severity="error", constraint="startup")
def entrypoint_unresolved(project: Project, each: Missing) -> Iterator[Finding]:
    """One finding for each start that cannot come to its object."""
    if not each.path:
        message = f"`{each.what}` names a module `{each.module}`, and there is none."
        cure = f"Perhaps `{each.similar}` is meant." if each.similar else ""
        yield Finding(each.at, message, symbol=each.what, cure=cure)
        return
    message = f"`{each.what}` takes `{each.name}` from `{each.path}`, which has nothing of that name."
    cure = f"Name `{each.module}:{each.similar}`." if each.similar else f"Define `{each.name}` in `{each.path}`."
    related = (Evidence(Location(each.path, (1, 0, 1, 0)), f"the module, without `{each.name}`"),)
    yield Finding(each.at, message, related, symbol=each.what, cure=cure)
