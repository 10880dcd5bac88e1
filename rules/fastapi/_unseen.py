"""Whether a FastAPI application is made of which no route is seen, which must not look like a clean run."""

from __future__ import annotations

from cdlint.backend.books import unseen_of
from cdlint.backend.collected import provides
from cdlint.backend.notices import run_notices
from cdlint.diagnostic import Notice
from cdlint.project import Project

from ._wiring import wiring


@provides(run_notices)
def unseen_routes(project: Project) -> tuple[Notice, ...]:
    """A notice about applications without a route."""
    return unseen_of(project[wiring], "FastAPI")
