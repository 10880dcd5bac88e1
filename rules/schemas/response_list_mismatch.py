"""A handler returns one row where its response is a list, or a list where its response is one.

## Why
FastAPI reads what a handler returns into the response model. One object is no list of objects, and a
list has none of the fields of one: every such response is an error 500 (`ResponseValidationError`). The
documentation of the API promises the wrong thing as well, so clients are generated for it.

## Instead
Say `response_model=UserOut` where one row is returned, and `response_model=list[UserOut]` where it is
several.

## Known limits
Reported when the handler is seen to return instances of one mapped class, a list or a dictionary that is
written out. Passed over are handlers with further decorators, root models, and schemas with a validator
that sees the whole input first.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._numbers import Misfit, misfits


@rule(of=misfits, severity="error", constraint="schema")
def response_list_mismatch(project: Project, each: Misfit) -> Iterator[Finding]:
    """One finding a return."""
    response = each.response
    shape, handler = response.shape.last, response.handler.last
    promised = f"a list of `{shape}`" if response.many else f"one `{shape}`"
    yield Finding(
        Location(response.handler.path, each.at),
        f"`{handler}` returns {each.what} where its response is {promised}: the answer is an error 500.",
        related=(Evidence(response.at, "the response"),),
        symbol=f"{response.handler.name}: {shape}",
        cure=f"Say `response_model={shape}`." if response.many else f"Say `response_model=list[{shape}]`.",
    )
