"""An extension is used that no application is given to, or before its settings are there.

## Why
An extension object that is made without an application (`db = SQLAlchemy()`) does nothing until
`init_app(app)` connects the two. When the factory leaves that out, or a second object is made
beside the one that it initialises, the first use fails (`RuntimeError: The current Flask app is
not registered with this 'SQLAlchemy' instance`), or protection such as CSRF is silently off.
Flask-SQLAlchemy 3 reads the address of the database in `init_app`, so it must be set before.

## Instead
Call `init_app(app)` where the application is made, behind its configuration, once for each
extension, and import that one object everywhere.

## Known limits
Nothing is said of an extension that is handed to code which may initialise it, nor when
`init_app` is called on something that is not known, such as the items of a list.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._initialised import Early, Extension, early, uninitialised


def _subjects(project: Project) -> tuple[Extension | Early, ...]:
    return (*project[uninitialised], *project[early])


@rule(of=_subjects, severity="error", constraint="startup")
def extension_not_initialised(project: Project, each: Extension | Early) -> Iterator[Finding]:
    """Report an extension without its application, or without its settings."""
    if isinstance(each, Early):
        yield Finding(
            each.at,
            f"`{each.name}` is initialised before the address of its database is set, which it reads right away.",
            related=(Evidence(each.setting, "the address is set here"),),
            symbol=f"early {each.name}",
            cure="Set the configuration first.",
        )
        return
    name = each.variable.last
    yield Finding(
        each.at,
        f"Extension `{name}` (`{each.cls.rpartition('.')[2]}`) is used, but no application is ever given to it.",
        related=(Evidence(each.app, "an application is made here"),),
        symbol=name,
        cure=f"Call `{name}.init_app(app)` where the application is made.",
    )
