"""A migration lies outside the folders in which Alembic looks for revisions.

## Why
Alembic loads the files of `versions/` only, without the folders in it. A revision anywhere else does not
exist for it: `alembic upgrade head` says that all is done, and the column is never added.

## Instead
Move the file into `versions/`, or name its folder in `version_locations`, or set
`recursive_version_locations = true`.

## Known limits
Only files below a folder with `env.py`, `script.py.mako` and `versions/` are looked at. Folders of archives,
and configurations whose locations are computed, are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Finding, Location, rule

from ._revisions import Stray, strays


@rule(of=strays, severity="error", constraint="layout")
def revision_outside_version_locations(project: Project, stray: Stray) -> Iterator[Finding]:
    """One finding for each revision."""
    message = f"Alembic never sees the revision `{stray.revision}`: it loads the files of `{stray.versions}/` only."
    cure = f"Move the file to `{stray.versions}/`."
    yield Finding(Location(stray.path, stray.at), message, symbol=stray.revision, cure=cure)
