"""Where `Jinja2Templates` looks templates up, and what renders them."""

from __future__ import annotations

from cdlint.backend.collected import provides
from cdlint.backend.rendered import Renderer, Renderers, rendered
from cdlint.backend.templates import JINJA, Rendering, TemplateLookup, lookups, renderings
from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol, Unknown
from cdlint.project.calls import calls_of
from cdlint.project.folders import candidates, folder
from cdlint.project.places import is_aside
from cdlint.project.values import Scope, evaluate

from ._wiring import wiring

_LOOKUP = "fastapi"
_MAKERS = frozenset(f"{module}.templating.Jinja2Templates" for module in ("fastapi", "starlette"))
_RENDERERS = Renderers(
    _LOOKUP,
    tuple(
        Renderer(f"{maker}().{method}", positions, "name", True)
        for maker in sorted(_MAKERS)
        for method, positions in (("TemplateResponse", (1, 0)), ("get_template", (0,)), ("env.get_template", (0,)))
    ),
)


@provides(lookups)
def starlette_lookups(project: Project) -> tuple[TemplateLookup, ...]:
    """One lookup in the folders of all `Jinja2Templates`."""
    found = [each for path in project.paths for each in project[_made_in, path]] if project[wiring] else []
    if not found:
        return ()
    roots = tuple(dict.fromkeys(root for roots, _ in found for root in roots))
    doubts = [why for _, why in found if why]
    return (TemplateLookup(_LOOKUP, JINJA, roots, doubts[0] if doubts else "", (), False),)


def _made_in(project: Project, path: str) -> tuple[tuple[tuple[str, ...], str], ...]:
    """The folders of each `Jinja2Templates` that a file makes, and why they are not known."""
    found = []
    for function, call in calls_of(project, path, frozenset({"Jinja2Templates"})) if not is_aside(path) else ():
        scope = (path, function.qualname)
        callee = evaluate(project, scope, call.func)
        if isinstance(callee, Symbol) and callee.name in _MAKERS:
            found.append(_roots(project, scope, call.argument(0, "directory")))
    return tuple(found)


def _roots(project: Project, scope: Scope, given: Node | None) -> tuple[tuple[str, ...], str]:
    nodes = given.items if isinstance(given, tree.Sequence) else (given,)
    roots: list[str] = []
    for node in nodes:
        found = folder(project, scope, node)
        places = () if isinstance(found, Unknown) else candidates(project, found, scope[0])
        if not any(project.exists(each) for each in places):
            return tuple(roots), f"the template folder in `{scope[0]}` is not known"
        roots.extend(places)
    return tuple(roots), ""


@provides(renderings)
def starlette_renderings(project: Project) -> tuple[Rendering, ...]:
    """Every call that renders a template by such an object."""
    return project[rendered, _RENDERERS] if project[starlette_lookups] else ()
