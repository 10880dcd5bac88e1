"""Models of an app that is not in `INSTALLED_APPS`, or an entry there that cannot be loaded.

## Why
Django refuses to define a model whose module lies in no installed app: the first import of it
raises `RuntimeError: Model class ... isn't in an application in INSTALLED_APPS`, and with it
the URLconf or the view that imports it. An entry that names nothing, an `AppConfig` whose
`name` is not its package, and two apps of one label stop the program as well. The list is
often the sum of several lists in several files, so nobody sees the gap.

## Instead
Add the app's package to the list of local apps, as `"orders"` or `"orders.apps.OrdersConfig"`.
Let `AppConfig.name` be the full dotted path of the package, and give one of two apps with the
same last segment a `label` of its own.

## Known limits
Only settings that `manage.py`, `wsgi.py`, Celery and the like name as the default are read, and
a missing app is reported only when all of them are known completely: one list that is read from
the environment silences the rule. Models that nothing imports when the project starts are left
alone, so are those with `Meta.app_label`, and tests and example projects.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._problems import BrokenEntry, MissingApp, broken_entries, missing_apps


def _problems(project: Project) -> tuple[MissingApp | BrokenEntry, ...]:
    return (*missing_apps(project), *broken_entries(project))


@rule(of=_problems, severity="error", constraint="startup")
def app_not_installed(project: Project, problem: MissingApp | BrokenEntry) -> Iterator[Finding]:
    """An app that is left out, or an entry that stops Django."""
    yield _missing(problem) if isinstance(problem, MissingApp) else _broken(problem)


def _missing(problem: MissingApp) -> Finding:
    model = problem.models[0]
    others = len(problem.models) - 1
    more = f" and {others} more model{'s' * (others > 1)}" if others else ""
    return Finding(
        problem.at,
        f"`{problem.name}` is not installed, so importing its model `{model.symbol.name}`{more} raises `RuntimeError`.",
        related=(
            Evidence(model.at, f"`{model.symbol.name}` is a model without `app_label`"),
            Evidence(problem.imported_at, "its module is imported here"),
        ),
        symbol=problem.name,
        cure=f'Add `"{problem.name}"` to this list.',
    )


def _broken(problem: BrokenEntry) -> Finding:
    app = problem.app
    entry = app.entry
    listed = Evidence(entry.at, f"installed as `{entry.text}`")
    if problem.why == "absent":
        message = f"`{entry.text}` in `INSTALLED_APPS` names no module and no class."
        return Finding(entry.at, message, symbol=entry.text, cure="Name the app's package or its `AppConfig` class.")
    if problem.why == "name":
        at: Location = app.name_at or entry.at
        message = f"`{app.name}` cannot be imported: the package of this `AppConfig` is `{problem.expected}`."
        return Finding(at, message, (listed,), symbol=entry.text, cure=f'Write `name = "{problem.expected}"`.')
    earlier = problem.other or entry
    return Finding(
        entry.at,
        f"`{entry.text}` has the app label `{app.label}`, which `{earlier.text}` already has.",
        related=(Evidence(earlier.at, f"the first app with the label `{app.label}`"),),
        symbol=entry.text,
        cure="Remove the entry that is there twice."
        if earlier.text == entry.text
        else "Give one of the two `AppConfig` classes a `label` of its own.",
    )
