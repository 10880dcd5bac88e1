"""Models as other packs see them: what their instances have."""

from __future__ import annotations

from cdlint.backend.collected import provides
from cdlint.backend.entities import Attribute, Entity, added_attributes, entity
from cdlint.project import Project
from cdlint.project.answers import Symbol

from ._annotated import annotated_names, fetched_names
from ._lookups import added_names, unplaced
from ._query_graph import Name, back, info
from ._query_models import is_model

_KINDS = {"key": "one", "one": "one", "reverse-one": "one", "many": "many", "reverse": "many", "generic-many": "many",
          "column": "column", "id": "key", "pk": "column"}  # fmt: skip


@provides(entity)
def model_entity(project: Project, symbol: Symbol) -> Entity | None:
    """What instances of a model have; None for what is no model."""
    if not is_model(project, symbol):
        return None
    known = project[info, symbol]
    found = {name: Attribute("other", None) for name in known.attributes}
    for query, name in known.names.items():
        found.setdefault(name.accessor or query, _attribute(name, back(project, symbol, query, name)))
        if _is_open(name):
            found.setdefault(f"{query}_*", Attribute("other", None))
    for added in (*project[added_names], *project[unplaced]):
        found.setdefault(added, Attribute("other", None))
    return Entity(symbol, found, known.complete and "*" not in found)


def _is_open(name: Name) -> bool:
    return name.kind == "open" or (name.kind == "column" and not name.type)


def _attribute(name: Name, other: str) -> Attribute:
    target = name.target if isinstance(name.target, Symbol) else None
    return Attribute(_KINDS.get(name.kind, "other"), target, other)


@provides(added_attributes)
def model_annotations(project: Project) -> frozenset[str]:
    """The names that queries of models add to rows."""
    return project[annotated_names] | project[fetched_names]
