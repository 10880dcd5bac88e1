"""A handler's parameter, result or response model is of a type that FastAPI can make no field of.

## Why
FastAPI makes a Pydantic field of each parameter and of what the handler returns when the route is
registered. A mapped class of SQLAlchemy, a `Session`, or a class of no known kind is none: the
import of the module ends in `FastAPIError: Invalid args for response field!`, and the program does
not start.

## Instead
Take a session through `Annotated[Session, Depends(get_db)]`. Return a schema, or say which:
`response_model=UserOut`; with `response_model=None` the annotation is for readers only.

## Known limits
SQLModel classes, dataclasses, enums, typed dictionaries, and classes with hooks of Pydantic are
fields. Classes with bases that are not known are passed over, and imports for type checkers too.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Evidence, Finding, Location, rule

from ._types import Foreign, foreign

_CURES = {
    "a session or engine": "Write `Annotated[{type}, Depends(...)]` with what makes one.",
    "a mapped class": "Name a schema, or say `response_model=None` if the annotation is for readers.",
}


@rule(of=foreign, severity="error", constraint="wiring")
def non_pydantic_type_in_signature(project: Project, each: Foreign) -> Iterator[Finding]:
    """One finding a place."""
    name = _name(each.function)
    what = {
        "parameter": f"Parameter `{each.name}` of `{name}` is of type `{each.type}`",
        "annotation": f"`{name}` says that it returns `{each.type}`",
        "response_model": f"The response model of `{name}` is `{each.type}`",
    }[each.where]
    route = each.route is not None and each.where == "parameter"
    yield Finding(
        Location(each.path, each.at),
        f"{what}, {each.kind}: FastAPI can make no field of it, and the import fails.",
        related=(Evidence(each.route, "the route"),) if route and each.route is not None else (),
        symbol=f"{each.function.name}: {each.where} {each.name}",
        cure=_CURES.get(each.kind, "").format(type=each.type)
        if each.where != "parameter" or "session" in each.kind
        else "",
    )


def _name(function: Symbol) -> str:
    return function.name.removesuffix(".__init__").rpartition(".")[2]
