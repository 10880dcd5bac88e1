"""Whether the repository's own task class already waits for the commit."""

from __future__ import annotations

from cdlint.project import Project
from cdlint.project.classes import all_classes, class_facts, functions_of, inherits

_TASKS = frozenset({"celery.Task", "celery.app.task.Task", "celery.task.Task", "celery.contrib.django.task.DjangoTask"})
_PUBLISHING = ("delay", "apply_async", "send", "send_with_options")


def own_publishing(project: Project) -> bool:
    """Whether a task class of the repository publishes in its own way."""
    for symbol in project[all_classes]:
        facts = class_facts(project, symbol)
        if facts is None or not facts.base_codes or not set(_PUBLISHING) & set(facts.methods):
            continue
        if inherits(project, symbol, _TASKS) and any(
            "on_commit" in call
            for name, function in project[functions_of, symbol.path].items()
            if name.startswith(f"{symbol.name}.")
            for call in function.calls
        ):
            return True
    return False


def waits_for_commit(project: Project, name: str) -> bool:
    """Whether enqueuing this may wait for the commit by itself."""
    return name.startswith("celery.") and project[own_publishing]
