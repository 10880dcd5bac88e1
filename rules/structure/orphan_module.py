"""A module with routes, tables or handlers that nothing which starts the program imports.

## Why
A decorator such as `@app.get`, a mapped class or a listener does its work when its file is imported.
A file that nothing imports does none of it, and nothing fails: its URLs answer 404, its table is in no
`metadata`, its handlers are never called. Tests that import the file themselves hide it.

## Instead
Import the module where its neighbours are imported, or where the application is made. Delete it if it is
no longer wanted.

## Known limits
Nothing is said where it is not known how the program begins, of a module that a string, a command or a
file of settings names, nor of what code that loads modules by computed names may reach. Routers and
blueprints that are not included, URLconfs, signal handlers of Django and tasks of Celery have rules of
their own. Files that may be scripts or plugins, by their name, their place or what they do, are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Finding, Location, rule

from ._orphans import Orphan, orphans

_VERBS = {"route": "adds", "table": "maps", "listener": "connects", "task": "defines", "subclass": "defines"}


@rule(of=orphans, severity="warning", constraint="wiring", precision="B")
def orphan_module(project: Project, orphan: Orphan) -> Iterator[Finding]:
    """One finding a module, at the first thing in it that is lost."""
    first = orphan.registrations[0]
    more = len(orphan.registrations) - 1
    what = f"`{first.name}`" + (f" and {more} more" if more else "")
    whom = f"it and {orphan.more} more modules beside it" if orphan.more else "it"
    only = f"only tests import {whom}" if orphan.tests else f"nothing that starts the program imports {whom}"
    yield Finding(
        Location(orphan.path, first.at),
        f"`{orphan.module}` {_VERBS.get(first.kind, 'registers')} {what}, and {only}.",
        related=orphan.related,
        symbol=orphan.module,
        cure=f"Import `{orphan.module}` where the application is made, or delete it.",
    )
