"""A model is imported while Django is still loading the apps.

## Why
Django imports the package and the `apps` module of every installed app first, and only then the
models. An import on the top level of `orders/__init__.py` or `orders/apps.py` that leads to a model,
however far, raises `AppRegistryNotReady: Apps aren't loaded yet`, and nothing starts.

## Instead
Import models inside `AppConfig.ready()` or inside the function that needs them, and keep
`__init__.py` of apps empty.

## Known limits
Only imports that run whenever the file is imported are followed. Imports inside functions, under
conditions or for type checkers are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._wired_early import Early, early


@rule(of=early, severity="error", constraint="startup")
def models_imported_before_registry(project: Project, each: Early) -> Iterator[Finding]:
    """An import that comes too early."""
    last = len(each.steps) - 1
    chain = tuple(
        Evidence(at, f"{each.what} needs the apps" if index == last else "imports the next file")
        for index, at in enumerate(each.steps)
    )
    raises = "while Django loads the apps, which raises `AppRegistryNotReady`."
    far = "" if last <= 1 else f" over {last - 1} more file{'s' * (last > 2)}"
    message = f"This import leads to {each.what}{far} {raises}"
    if not last:
        message = f"{each.what[0].upper()}{each.what[1:]} is needed here {raises}"
    yield Finding(each.at, message, (), chain if last else (), f"{each.start} {each.what}")
