"""A Celery task lies in a module that no worker loads, or a schedule names a task that is not there.

## Why
The worker only knows the tasks of the modules that it imported. Whatever is sent under another name is
thrown away with `NotRegistered`, in the log of the worker: the caller sees nothing of it.

## Instead
Name the module in `include=[...]` or `autodiscover_tasks([...])`, import it where the application is
made, or move the task into the module that is discovered (`tasks.py`).

## Known limits
Everything that an import of the application, `include`, `imports`, or `autodiscover_tasks` may load counts as
loaded, imports inside functions too. Lists that are computed, and modules loaded by computed names, make it
silent. Names for `send_task` are checked only when their module is one of the repository that has tasks.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.classes import function_facts
from cdlint.rule import Evidence, Finding, Location, rule

from ._tasks import Task
from ._workers import Unlisted, unlisted, unloaded


def lost(project: Project) -> tuple[Unlisted | tuple[Task, Location], ...]:
    """The tasks that no worker loads, and the names that no task has."""
    return (*project[unloaded], *project[unlisted])


@rule(of=lost, severity="error", constraint="wiring")
def task_not_discoverable(project: Project, each: Unlisted | tuple[Task, Location]) -> Iterator[Finding]:
    """One finding for each module with tasks, and for each name."""
    if isinstance(each, Unlisted):
        cure = f"Name `{each.similar}`." if each.similar else ""
        yield Finding(each.at, f"There is no task `{each.name}`.", symbol=each.name, cure=cure)
        return
    task, app = each
    facts = function_facts(project, task.function)
    name = task.function.name
    at = Location(task.function.path, facts.at if facts is not None else (1, 0, 1, 0))
    message = f"The task `{name}` is in `{task.function.path}`, which no worker loads."
    yield Finding(at, message, (Evidence(app, "the application, which does not come to it"),), symbol=name)
