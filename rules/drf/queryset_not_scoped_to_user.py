"""A view lets every signed-in user change, delete or read the rows of all others.

## Why
`queryset = Order.objects.all()` with `IsAuthenticated` says who may come in, not whose rows they may
touch. The view fills in the owner of what is created, and yet any user who guesses a key can read,
change and delete what belongs to someone else.

## Instead
Write `get_queryset()` that filters by the owner, or add a permission with `has_object_permission()`.

## Known limits
Only views are looked at whose one permission is `IsAuthenticated` and whose bases, filters and
serializer have nothing to do with the request, over models with a relation that this view fills with
the user or that other code picks rows by. A view that only reads is reported where another view shows
users just their own rows and nothing else takes all of them. Tests are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._scoping import Unscoped, unscoped


@rule(of=unscoped, severity="warning", constraint="wiring", precision="B")
def queryset_not_scoped_to_user(project: Project, each: Unscoped) -> Iterator[Finding]:
    """A view over everybody's rows."""
    verb, model = "change" if each.changes else "read", each.model.last
    yield Finding(
        each.at,
        f"Every signed-in user can {verb} any `{model}` through `{each.view.last}`, whoever its `{each.owner}` is.",
        related=(Evidence(each.sign, f"`{each.owner}` is the user of the request"),),
        symbol=f"{each.view.name}:{model}",
        cure=f"Write `get_queryset()` that filters by `{each.owner}=self.request.user`, or check each object.",
    )
