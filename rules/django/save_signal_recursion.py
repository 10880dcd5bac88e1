"""A receiver of a save, or a `save()` method, saves the same model again without end.

## Why
`instance.save()` sends `pre_save` and `post_save` again, so a receiver that saves the instance calls
itself, and a new row of the same model does as well. Nothing fails until the first save: then
Python gives up after a thousand rounds with `RecursionError`, often after as many queries.

## Instead
Write the columns with `Model.objects.filter(pk=instance.pk).update(...)`, which sends no signals, set
them in `pre_save` without saving, or save only where `created` is true.

## Known limits
Any test on the way that may come out differently the next time counts as a guard, and so do loops,
handlers of exceptions, context managers and decorators. Saves in tasks and threads are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._save_recursion import Endless, endless


@rule(of=endless, severity="error", constraint="orm", precision="A")
def save_signal_recursion(project: Project, each: Endless) -> Iterator[Finding]:
    """A save that comes back to itself."""
    name, model = each.function.name, each.model.last if each.model is not None else "instance"
    related = [Evidence(Location(function.path, at), f"`{function.last}` saves it here") for function, at in each.chain]
    if each.by is not None:
        related.append(Evidence(each.by.at, f"`{each.by.function.last}` is called at every save"))
    if each.how == "pair" and each.back is not None:
        related.append(Evidence(each.back.at, f"`{each.back.function.last}` saves the first row again"))
        message = f"`{name}` saves the `{model}`, whose receiver `{each.back.function.last}` saves this row again."
    elif each.how == "create":
        message = f"`{name}` saves another `{model}` for each one that is saved, which calls it again without end."
    elif each.by is not None:
        message = f"`{name}` saves the `{model}` that it is told about, which calls it again without end."
    else:
        message = f"`{name}` saves the row again and so calls itself without end."
    yield Finding(each.at, message, tuple(related), symbol=f"{name}:{each.how}:{model}")
