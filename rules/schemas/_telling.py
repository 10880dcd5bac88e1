"""How findings about schemas and models put their evidence into words."""

from __future__ import annotations

from cdlint.project import Project
from cdlint.project.classes import class_facts
from cdlint.rule import Evidence, Location

from ._drift import Drift
from ._pairs import Pair


def reason(pair: Pair) -> str:
    """What fails."""
    if pair.how != "response":
        return f"`{pair.how}` raises `ValidationError`"
    return "the response is an error 500"


def evidence(project: Project, drift: Drift) -> tuple[Evidence, ...]:
    """Where the schema is read from the model, and the model or its column."""
    pair = drift.pair
    what = f"an instance of `{pair.model.last}`" if not pair.through else f"what `{pair.through}` holds"
    where = "is returned here" if pair.how == "response" else "is read here"
    found = [Evidence(pair.at, f"{what} {where}")]
    if drift.column is not None:
        found.append(Evidence(drift.column.at, f"column `{drift.column.attr}`"))
    else:
        facts = class_facts(project, pair.model)
        if facts is not None:
            found.append(Evidence(Location(pair.model.path, facts.at), f"`{pair.model.last}` is defined here"))
    return tuple(found)
