"""The declared versions fail with each other, or lack a name that the code imports from them.

## Why
An open range installs the newest release. passlib 1.7 cannot use bcrypt 5: hashing any password raises
`ValueError`; Flask 2.2 cannot be imported with Werkzeug 3; `from pydantic import BaseSettings` is an error
since version 2. It works where an older release is still installed, and nowhere else.

## Instead
Set the bound that is missing (`bcrypt<5`), lock the versions, or write the code for the version that
is installed.

## Known limits
Only pairs and names of a small dated table, each with its source. A lock file, an upper bound, and a
pinned package that may hold another one back make it silent.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Finding, rule

from ._conflicts import Conflict, conflicts


@rule(of=conflicts, severity="error", constraint="startup")
def incompatible_versions(project: Project, each: Conflict) -> Iterator[Finding]:
    """One finding for each pair and each import."""
    yield Finding(each.at, each.message, each.related, symbol=each.symbol, cure=each.cure)
