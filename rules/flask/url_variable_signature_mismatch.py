"""A view does not take the variables that its URL rule gives it, or needs others.

## Why
Flask calls a view with the variables of the rule that matched, as keywords of the same names,
and with the rule's `defaults`. A parameter that is called differently, or a variable without a
parameter, raises `TypeError` on every request to that URL, which is answered with status 500.
Variables in the `url_prefix` of a blueprint count too: each of its views gets them.

## Instead
Call the parameters as the rule calls its variables: `def detail(user_id)` for
`/users/<int:user_id>`, with a default for what only some of the rules give.

## Known limits
Nothing is said of views with a decorator that is not known to hand its arguments on as they
are, of rules that are computed, nor where a `url_value_preprocessor` takes variables away.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._signatures import Mismatch, mismatches


@rule(of=mismatches, severity="error", constraint="wiring")
def url_variable_signature_mismatch(project: Project, mismatch: Mismatch) -> Iterator[Finding]:
    """Report a view that a request cannot call."""
    extra, missing = _listed(mismatch.extra), _listed(mismatch.missing)
    if extra and missing:
        message = f"Rule `{mismatch.rule}` gives {extra}, but view `{mismatch.view}` takes {missing}."
        cure = f"Use the same name in both: {extra} or {missing}."
    elif extra:
        message = f"Rule `{mismatch.rule}` gives {extra}, which view `{mismatch.view}` does not take."
        cure = f"Add {extra} to the parameters of `{mismatch.view}`."
    else:
        message = f"View `{mismatch.view}` needs {missing}, which rule `{mismatch.rule}` does not give."
        cure = f"Put {missing} into the rule, or give it a default."
    yield Finding(
        mismatch.at,
        message,
        related=(Evidence(mismatch.view_at, f"view `{mismatch.view}`"),),
        symbol=f"{mismatch.view} {mismatch.rule}",
        cure=cure,
    )


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(f"`{name}`" for name in names)
