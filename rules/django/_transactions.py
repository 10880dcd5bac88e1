"""What opens a transaction in Django."""

from __future__ import annotations

from cdlint.backend.collected import provides
from cdlint.backend.transactions import Opener, openers
from cdlint.project import Project

_ADAPTERS = ("django.utils.decorators.method_decorator",)


@provides(openers)
def django_openers(project: Project) -> tuple[Opener, ...]:
    """`atomic`, as a block, a decorator, or adapted to a method."""
    return (
        Opener("django.db.transaction.atomic", True, _ADAPTERS),
        Opener("django.db.transaction.Atomic", True, _ADAPTERS),
    )
