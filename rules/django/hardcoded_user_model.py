"""Django's own `User` is used in a project whose `AUTH_USER_MODEL` is another model.

## Why
With another user model `auth.User` is swapped out: it has no table and no manager. A query on it
raises `AttributeError: Manager isn't available; 'auth.User' has been swapped`, a relation to it
fails the system checks so that nothing starts, and a form of it cannot save.

## Instead
Call `get_user_model()` in code, and relate models to `settings.AUTH_USER_MODEL`.

## Known limits
Annotations, `isinstance` and imports that are not used are left alone, and so are projects in which
`AUTH_USER_MODEL` depends on the environment. One place is reported for each way of use in a file.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._users import Hard, hardcoded

_SAID = {
    "query": ("`auth.User` is queried, but it is swapped for `{}` and has no manager.", "Use `get_user_model()`."),
    "relation": (
        "This relation leads to `auth.User`, which is swapped for `{}`.",
        "Relate to `settings.AUTH_USER_MODEL`.",
    ),
    "form": ("This is made of `auth.User`, which is swapped for `{}`.", "Use `get_user_model()`."),
}


@rule(of=hardcoded, severity="error", constraint="orm")
def hardcoded_user_model(project: Project, each: Hard) -> Iterator[Finding]:
    """A use of the model that is not there."""
    message, cure = _SAID[each.why]
    related = (Evidence(each.setting, "`AUTH_USER_MODEL` chooses the model"),)
    yield Finding(each.at, message.format(each.chosen), related, symbol=each.why, cure=cure)
