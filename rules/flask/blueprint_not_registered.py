"""A blueprint with routes is registered on no application, so none of its URLs is served.

## Why
Routes on a blueprint wait until `register_blueprint` gives them to an application. When that
call is missing, nothing fails: the module imports and its views can be called. Every request
to its URLs is answered with 404, and `url_for` for its endpoints raises `BuildError`.

## Instead
Register the blueprint where the application is made, or on a blueprint that is registered:
`app.register_blueprint(bp)`. Delete the blueprint if it is no longer wanted.

## Known limits
Nothing is said when the repository makes no application (a library), when the blueprint is
passed to code that cannot be seen, kept in a container that is not followed, returned to an
unknown caller or used by tests, nor when blueprints are registered that are not known (a loop
over modules that are imported by computed names).
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.backend.endpoints import Router
from cdlint.backend.setups import Setup, uncalled
from cdlint.backend.wiring import operations
from cdlint.project import Project
from cdlint.project.object_traces import traces
from cdlint.rule import Evidence, Finding, rule

from ._watch import REGISTER, WATCH
from ._wiring import flask_blueprints, wiring


def _unserved(project: Project) -> tuple[Router | Setup, ...]:
    return (*project[flask_blueprints], *uncalled(project, project[wiring], project[traces, WATCH], REGISTER))


@rule(of=_unserved, severity="error", constraint="wiring")
def blueprint_not_registered(project: Project, blueprint: Router | Setup) -> Iterator[Finding]:
    """Report a blueprint whose routes no application serves."""
    if isinstance(blueprint, Setup):
        yield Finding(
            blueprint.at,
            f"Nothing calls `{blueprint.name}`, so the blueprint that it makes answers 404."
            if blueprint.made
            else f"Nothing calls `{blueprint.name}`, so the blueprints that it registers answer 404.",
            related=(
                Evidence(blueprint.joining, "it is made here" if blueprint.made else "they would be registered here"),
            ),
            symbol=blueprint.name,
            cure="Register what it returns where the application is made."
            if blueprint.made
            else "Call it with the application where that is made.",
        )
        return
    if blueprint.reached is not False or not blueprint.operations:
        return
    things = [each for each in project[wiring] if (each.path, each.at) == (blueprint.at.path, blueprint.at.at)]
    route = next(iter(operations(project[wiring], things[0])))
    count = "1 route" if blueprint.operations == 1 else f"{blueprint.operations} routes"
    yield Finding(
        blueprint.at,
        f"Blueprint `{blueprint.name}` with {count} is registered on no application, so its URLs answer 404.",
        related=(Evidence(route.at, "a route that is not served"),),
        symbol=blueprint.name,
    )
