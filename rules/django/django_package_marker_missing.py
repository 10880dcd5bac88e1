"""A folder of migrations without `__init__.py`, which Django takes for an app without migrations.

## Why
Django treats a `migrations` folder that is no regular package as if it were not there. `migrate`
then says that there is nothing to do, and the first query of the app fails with `no such table`.

## Instead
Add an empty `__init__.py` to the folder.

## Known limits
Only apps that the running settings certainly install are looked at, and none when
`MIGRATION_MODULES` says where migrations are. Commands and template tags work without the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Finding, rule

from ._markers import Unmarked, unmarked


@rule(of=unmarked, severity="error", constraint="layout")
def django_package_marker_missing(project: Project, each: Unmarked) -> Iterator[Finding]:
    """Migrations that are never run."""
    yield Finding(
        each.at,
        f"`{each.folder}` has no `__init__.py`, so Django runs none of the migrations of `{each.app}`.",
        symbol=each.folder,
        cure=f"Add an empty `{each.folder}__init__.py`.",
    )
