"""A setting is read under a name that no settings class or module defines.

## Why
`settings.DATABASE_URL` raises `AttributeError` when the field is called `database_url`, or was
renamed or never written. It fails at the first request that comes by, since nothing checks the
names of settings before.

## Instead
Read the name that is defined, or define the setting.

## Known limits
Classes that take undeclared keys (`extra="allow"`), settings modules with star imports that cannot be
followed, names that a string mentions anywhere (`setattr`, `hasattr`, patches), and reads inside a `try`
that takes the error are left alone. Keys of Flask's `app.config` are reported where nothing else in the
repository names them, unless it is filled from a file, from the environment or from what is computed.
An object that lacks twenty keys and more is taken to be filled in some way that is not seen.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._settings_reads import drifting, filled_unseen, unset


@rule(of=drifting, severity="error", constraint="startup")
def settings_key_drift(project: Project, path: str) -> Iterator[Finding]:
    """One finding for each setting that a file reads in vain."""
    for each in project[unset, path]:
        if each.holder in project[filled_unseen]:
            continue
        message = f"`{each.key}` is read from `{each.holder}`, which does not define it."
        if not each.path:
            message = f"`{each.key}` is read from `{each.holder}`, but nothing ever sets it."
        elif each.holder == "django.conf.settings" and not each.key.isupper():
            message = f"`{each.key}` is read from `{each.holder}`, which takes only names in capitals from its module."
        related = (Evidence(Location(each.path, (1, 0, 1, 0)), "where the settings are defined"),) if each.path else ()
        cure = f"Read `{each.similar}`." if each.similar else ""
        yield Finding(each.at, message, related, symbol=f"{each.holder}.{each.key}", cure=cure)
