"""A command or a library of template tags that stands where Django does not look for it.

## Why
Django finds commands and template tags by their place: `management/commands/` and `templatetags/`
of an installed app. Anywhere else, or in a package that is not installed, `manage.py seed` says
`Unknown command: 'seed'`, and `{% load prices %}` raises `TemplateSyntaxError`.

## Instead
Move the file to `<app>/management/commands/<name>.py` or `<app>/templatetags/<name>.py`, and
install the app.

## Known limits
A module that anything imports or names in a string is left alone, and so are commands without a
`handle()`, and packages that are made for other projects.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Finding, rule

from ._markers import Misplaced, misplaced


@rule(of=misplaced, severity="error", constraint="layout")
def django_magic_module_misplaced(project: Project, each: Misplaced) -> Iterator[Finding]:
    """A module that Django never finds."""
    what = f"the command `{each.name}`" if each.kind == "command" else f"the template tags `{each.name}`"
    if each.why == "app":
        package = each.expected.rstrip("/").rpartition("/")[2]
        message = f"Django does not find {what}: `{package}` is no installed app."
        cure = f"Add `{package}` to `INSTALLED_APPS`, or move the file into an app that is there."
    elif each.why == "nested":
        message = f"Django does not find {what}: it lies in a folder below `management/commands/`."
        cure = "Move the file into `management/commands/` itself."
    else:
        message = f"Django does not find {what}: it looks only in `{each.expected}` of installed apps."
        cure = f"Move the file into `{each.expected}` of its app."
    yield Finding(each.at, message, symbol=each.name, cure=cure)
