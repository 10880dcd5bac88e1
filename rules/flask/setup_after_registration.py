"""A blueprint gets a route or hook after it was registered, too late for the application.

## Why
`register_blueprint` hands to the application what the blueprint holds at that moment. A view
that is added later, often because its module is imported below the registration, is refused by
Flask (`AssertionError: The setup method 'route' can no longer be called`); older versions say
nothing, and its URL answers 404.

## Instead
Import the modules that hold the views first, and register the blueprint below.

## Known limits
The order is compared inside one function or module, and for modules that are imported in one
place only. What runs under a condition is left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._late import Late, late


@rule(of=late, severity="error", constraint="startup")
def setup_after_registration(project: Project, each: Late) -> Iterator[Finding]:
    """Report what comes too late."""
    registered = Evidence(each.registered, "the blueprint is registered here")
    if each.imported:
        yield Finding(
            each.at,
            f"This import adds views to blueprint `{each.blueprint}` after the blueprint was registered.",
            related=(registered, Evidence(each.route, "a view that comes too late")),
            symbol=f"{each.blueprint} {each.route.path}",
            cure="Move the import above the registration.",
        )
        return
    yield Finding(
        each.at,
        f"Blueprint `{each.blueprint}` was registered before, so `{each.method}` comes too late.",
        related=(registered,),
        symbol=f"{each.blueprint} {each.method}",
        cure="Register the blueprint below.",
    )
