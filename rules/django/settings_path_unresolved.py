"""A setting names a module, class or model of the project that does not exist.

## Why
Django imports middleware, authentication backends, context processors, URLconfs and the user model
from the strings in the settings. After a module moved, or when a class is written differently, the
name is still a valid string: the server fails when it starts, or at the first request.

## Instead
Name the module and class as they are, from the folder that holds `manage.py`.

## Known limits
Only settings that the project's own starting points name are read, and only strings that are there
whatever the environment says. Names in packages outside the repository are not checked.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._settings_paths import BadPath, bad_paths


@rule(of=bad_paths, severity="error", constraint="startup")
def settings_path_unresolved(project: Project, each: BadPath) -> Iterator[Finding]:
    """A name that leads nowhere."""
    related = (Evidence(each.near, f"`{each.part}` binds no `{each.text.rpartition('.')[2]}`"),) if each.near else ()
    yield Finding(each.at, _said(each), related, symbol=f"{each.setting} {each.text}")


def _said(each: BadPath) -> str:
    if each.why == "module":
        return f"`{each.setting}` names `{each.text}`, and there is no module `{each.part}`."
    if each.why == "name":
        return f"`{each.setting}` names `{each.text}`, and `{each.part}` has no `{each.text.rpartition('.')[2]}`."
    if each.why == "label":
        return f"`AUTH_USER_MODEL` is `{each.text}`, and no installed app has the label `{each.part}`."
    if each.why == "model":
        return f"`AUTH_USER_MODEL` is `{each.text}`, and that app has no model `{each.part}`."
    return f"`DEFAULT_AUTO_FIELD` names `{each.text}`, and Django has no such field."
