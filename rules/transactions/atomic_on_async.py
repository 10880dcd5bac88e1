"""`transaction.atomic` is used on or in an `async def`, where Django's transactions do not work.

## Why
Django's connections belong to threads. Entering `atomic()` in a coroutine raises
`SynchronousOnlyOperation`, and as the decorator of an `async def` it covers only the making of the
coroutine: the body would run after the transaction is over.

## Instead
Put the work of the transaction into a plain function with `atomic()`, and await it through
`sync_to_async`.

## Known limits
Only `atomic` that is the innermost decorator, or that a `with` in the coroutine itself enters, is
looked at. Projects that set `DJANGO_ALLOW_ASYNC_UNSAFE` are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.places import is_aside
from cdlint.rule import Finding, rule

from ._async import misused
from ._reach import transacting


@rule(of=transacting, severity="error", constraint="transaction")
def atomic_on_async(project: Project, function: Symbol) -> Iterator[Finding]:
    """One finding a use."""
    for each in misused(project, function) if not is_aside(function.path) else ():
        if each.kind == "function":
            message = f"`{each.how}` decorates the coroutine `{function.last}`, whose body it does not cover."
        else:
            message = f"`{each.how}` is entered in the coroutine `{function.last}`, which Django refuses."
        cure = "Move the transaction into a plain function and await it through `sync_to_async`."
        yield Finding(each.opening, message, symbol=f"{function.name}: {each.kind}", cure=cure)
