"""Code uses something that the installed Flask, Werkzeug or extension no longer has.

## Why
Flask and its relatives remove old names after a time of warnings: `before_first_request`,
`flask.escape`, `flask.json.JSONEncoder`, `werkzeug.urls.url_quote`. With a version that lacks
the name, importing it raises `ImportError` and reading it `AttributeError`, mostly while the
program starts.

## Instead
Use what took its place, which the finding names, or hold the distribution at an older version
in the manifest.

## Known limits
Nothing is said when no manifest names the distribution, nor of uses under `if` or in a `try`,
which may be there for several versions. A version that nothing holds back counts as the newest.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.versions import version
from cdlint.rule import Evidence, Finding, Location, rule

from ._removed import Use, removed_uses


@rule(of=removed_uses, severity="error", constraint="startup")
def removed_flask_api(project: Project, use: Use) -> Iterator[Finding]:
    """Report a use of what is gone."""
    distribution, since, instead = use.removed
    stated = project[version, distribution].version
    if stated.why:
        stated = project[version, "flask"].version
    fresh = ", which a fresh installation gives" if use.fresh else ""
    place = Location(stated.path, (stated.line, 0, stated.line, 0))
    yield Finding(
        use.at,
        f"`{use.name}` does not work with {distribution} {since} and later{fresh}.",
        related=(Evidence(place, f"the version here: {stated.text}"),) if stated.path else (),
        symbol=use.name,
        cure=f"Use {instead} instead.",
    )
