"""A URLconf that no `include()` reaches, or an `include()` that Django cannot resolve.

## Why
A view answers only under a pattern that the root URLconf reaches. An app whose `urls.py` is
never included works in review and in its unit tests, and every request to it is a 404. An
`include()` of a module that does not exist stops the program at the first request or check,
and `include(..., namespace=...)` of a URLconf without `app_name` raises `ImproperlyConfigured`.

## Instead
Include the module in the root URLconf, `path("orders/", include("orders.urls"))`, or delete it.
Set `app_name` in the included module before giving the include a `namespace`.

## Known limits
A URLconf is reported only in a project whose settings name one known `ROOT_URLCONF`, and when no
other file includes, imports or names it in any string. Packages for other projects are left
alone, and so is everything once a URLconf is included by a computed name.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Evidence, Finding, Location, rule

from ._settings import aside
from ._unreached import Unreached, unreached
from ._urls import Include, includes, names_absent


def _problems(project: Project) -> tuple[Unreached | Include, ...]:
    wrong = [
        each
        for path in project.paths
        if not aside(path)
        for each in project[includes, path]
        if names_absent(each) or _without_app_name(project, each) is not None
    ]
    return (*unreached(project), *wrong)


@rule(of=_problems, severity="error", constraint="wiring")
def urlconf_not_included(project: Project, problem: Unreached | Include) -> Iterator[Finding]:
    """A URLconf that is left out, or an include that Django cannot resolve."""
    if isinstance(problem, Unreached):
        yield _unreached(problem)
    elif names_absent(problem):
        message = f"`include()` names `{problem.written}`, and there is no such module."
        yield Finding(problem.at, message, symbol=problem.written, cure="Name the module that holds `urlpatterns`.")
    else:
        yield _no_app_name(problem, _without_app_name(project, problem))


def _unreached(problem: Unreached) -> Finding:
    return Finding(
        problem.at,
        f"No `include()` leads to `{problem.name}`, so none of its routes exist.",
        related=(Evidence(problem.root, f"`{problem.root_name}` is the root URLconf"),),
        symbol=problem.name,
        cure=f'Add `path("...", include("{problem.name}"))` to `{problem.root_name}`.',
    )


def _no_app_name(problem: Include, module: str | None) -> Finding:
    what = f"`{problem.written}`" if problem.written else "what it includes"
    related = (Evidence(Location(module, (1, 0, 1, 0)), "no `app_name` is bound here"),) if module else ()
    return Finding(
        problem.at,
        f"`include()` gives a `namespace`, but {what} has no `app_name`.",
        related=related,
        symbol=problem.written,
        cure="Set `app_name` in the included module.",
    )


def _without_app_name(project: Project, each: Include) -> str | None:
    """The file that lacks the `app_name` which an include's namespace needs; None when all is well."""
    if not each.namespace or each.app_name or not each.modern or not isinstance(each.target, Symbol):
        return None
    path = each.target.path
    module = project.module(path) if each.target.kind == "module" else None
    if module is None or module.dynamic:
        return None
    names = {binding.name for binding in module.bindings}
    return None if names & {"app_name", "*"} else path
