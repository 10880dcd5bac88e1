"""`url_for` asks for an endpoint that no view has, or leaves out a variable of its URL.

## Why
An endpoint is called after the view's function, behind the name of its blueprint and a dot.
`url_for` looks it up when the line runs: a name that is misspelled, lacks its blueprint or
belongs to a view that was renamed raises `BuildError`, and the page that holds the link
answers with status 500. So does a URL whose variables are not all given.

## Instead
Write the whole name, `url_for("users.detail", user_id=user.id)`, with a value for each
variable of the rule. `flask routes` lists all endpoints.

## Known limits
Nothing is said of names that are computed, of views that are registered where it cannot be
followed, nor of names that an extension may bring. A name that starts with a dot is taken to
be right when any blueprint has such a view.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._endpoints import names
from ._url_uses import UrlUse, is_unknown, lacking, url_uses


@rule(of=url_uses, severity="error", constraint="wiring")
def url_for_unknown_endpoint(project: Project, use: UrlUse) -> Iterator[Finding]:
    """Report an endpoint that is not there, or a variable that is not given."""
    if is_unknown(project, use):
        yield _unknown(project, use)
        return
    found = lacking(project, use)
    if found is None:
        return
    endpoint, variable = found
    yield Finding(
        use.at,
        f"The URL of endpoint `{use.name}` needs `{variable}`, which is not given here.",
        related=(Evidence(endpoint.registered.at, f"its rule is `{endpoint.rule}`"),),
        symbol=f"{use.name}({variable})",
        cure=f'Give it: `url_for("{use.name}", {variable}=...)`.',
    )


def _unknown(project: Project, use: UrlUse) -> Finding:
    known = {each.name: each for each in project[names].endpoints}
    last = use.name.rpartition(".")[2]
    same = sorted(name for name in known if name.rpartition(".")[2] == last)
    near = same if len(same) == 1 else get_close_matches(use.name, sorted(known), n=1, cutoff=0.7)
    related = (Evidence(known[near[0]].registered.at, f"endpoint `{near[0]}`"),) if near else ()
    return Finding(
        use.at,
        f"No view has the endpoint `{use.name}`, so asking for its URL raises `BuildError`.",
        related=related,
        symbol=use.name,
        cure=f"Did you mean `{near[0]}`?" if near else "",
    )
