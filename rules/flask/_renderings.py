"""What renders templates in Flask."""

from __future__ import annotations

from cdlint.backend.collected import provides
from cdlint.backend.rendered import Renderer, Renderers, rendered
from cdlint.backend.templates import Rendering, renderings
from cdlint.project import Project

from ._templates import LOOKUP, flask_lookups

_RENDERERS = Renderers(
    LOOKUP,
    tuple(
        Renderer(f"{module}.{name}", (0,), keyword, False)
        for module in ("flask", "flask.templating", "quart", "quart.templating", "apiflask")
        for name, keyword in (
            ("render_template", "template_name_or_list"),
            ("stream_template", "template_name_or_list"),
            ("get_template_attribute", "template_name"),
        )
    ),
)


@provides(renderings)
def flask_renderings(project: Project) -> tuple[Rendering, ...]:
    """Every call that renders a template, and those of helpers that pass a name on."""
    return project[rendered, _RENDERERS] if project[flask_lookups] else ()
