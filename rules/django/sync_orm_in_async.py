"""A query that runs synchronously in an `async def`, where Django refuses it.

## Why
Django raises `SynchronousOnlyOperation` when a query runs while an event loop does: `get()`,
`save()`, a `for` over a queryset, `transaction.atomic()`, or a relation that was not loaded along.
It makes no difference how many ordinary functions lie between the `async def` and the query.

## Instead
Await the asynchronous form (`aget()`, `asave()`, `async for`), load relations with
`select_related()`, or hand the whole function to a thread: `await sync_to_async(helper)(pk)`.

## Known limits
Queries are seen where the model is known: through variables, annotations, managers and relations
of the repository. Functions with decorators are not entered. Where the environment variable
`DJANGO_ALLOW_ASYNC_UNSAFE` is set, nothing is reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._sync_orm import Blocked, blocked


@rule(of=blocked, severity="error", constraint="async")
def sync_orm_in_async(project: Project, each: Blocked) -> Iterator[Finding]:
    """A query that an event loop forbids."""
    query, name = each.query, each.function.last
    what = query.what if query.what.startswith("`") or " " in query.what else f"`{query.what}`"
    if each.steps:
        called = each.steps[0].function.last
        message = f"`{name}` is `async` and calls `{called}()`, which runs a query synchronously ({what})."
        cure = f"Await `sync_to_async({called})(...)`."
    else:
        subject = what if what.startswith("`") else what[0].upper() + what[1:]
        message = f"{subject} runs a query synchronously in the `async` function `{name}`."
        cure = _cure(query.cure, query.what)
    chain = tuple(Evidence(step.at, f"`{step.function.last}()` is called") for step in each.steps)
    end = (Evidence(each.where, f"{what} runs the query"),) if each.steps else ()
    yield Finding(each.at, message, (), (*chain, *end), f"{each.function.name} {query.what}", cure)


def _cure(name: str, what: str) -> str:
    if name.startswith("select_related"):
        return f"Load it with the object: `{name}`."
    if name:
        return f"Await `{name}()`."
    return (
        "Write `async for`, or evaluate it in a thread."
        if "(" not in what
        else "Run it in a thread with `sync_to_async`."
    )
