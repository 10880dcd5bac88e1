"""Which outside bases of models and views are known by name, so that installed packages need not be read for them."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.backend.collected import provides
from cdlint.facts.model import Binding
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import Ancestry, class_facts
from cdlint.project.installed import extended
from cdlint.project.outside import frameworks

from ._outside_models import outside_model
from ._view_table import ACTIONS, VIEW_VERBS

_PACKAGES = frozenset({"django", "rest_framework"})


@provides(frameworks)
def packages(project: Project) -> frozenset[str]:
    """The packages whose names this pack knows."""
    return _PACKAGES


def is_known_model(dotted: str) -> bool:
    """Whether it is known what a base brings to a model."""
    plain = dotted.startswith(("django.db.", "django.contrib.gis.db."))
    return plain or outside_model(dotted) is not None


def is_known_view(dotted: str) -> bool:
    """Whether it is known which verbs a base brings to a view."""
    last = dotted.rpartition(".")[2]
    return last in VIEW_VERBS or last in ACTIONS or dotted.partition(".")[0] in _PACKAGES


def model_ancestry(project: Project, symbol: Symbol) -> Ancestry:
    """The ancestry of a model, in packages as well where those may be read."""
    return extended(project, symbol, is_known_model)


def view_ancestry(project: Project, symbol: Symbol) -> Ancestry:
    """The ancestry of a view, in packages as well where those may be read."""
    return extended(project, symbol, is_known_view)


def view_fields(project: Project, symbol: Symbol) -> Iterator[tuple[Symbol, Binding]]:
    """The fields of a view and its ancestors, nearest first, each with the class that has it."""
    seen: set[str] = set()
    for owner in project[view_ancestry, symbol].first_party:
        facts = class_facts(project, owner)
        found = facts.fields if facts is not None else ()
        yield from ((owner, binding) for binding in found if binding.name not in seen)
        seen.update(binding.name for binding in found)
