"""A template is rendered, extended or included by a name that no template folder has.

## Why
Templates are found by name when a request is served, not when the program starts. A file that
was renamed, moved or never written goes unnoticed until somebody opens the page: then Jinja
raises `TemplateNotFound`, Django `TemplateDoesNotExist`, and the answer is status 500.

## Instead
Write the template, or give the name that it has below one of the folders in which templates
are looked up.

## Known limits
Nothing is said of names that are computed, of loaders other than folders, of folders that are
not known or that a build makes, nor of names that a library may bring.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._suggest import nearest
from ._templates import Use, known_names, missing, template_uses

_VERBS = {"": "rendered", "extends": "extended", "include": "included", "import": "imported"}


@rule(of=template_uses, severity="error", constraint="wiring")
def template_not_found(project: Project, use: Use) -> Iterator[Finding]:
    """Report a use of a template that is in no folder."""
    if not missing(project, use):
        return
    lookup, name = use.asks[0]
    known = known_names(project, lookup)
    same = [each for each in known if each.endswith("/" + name) or name.endswith("/" + each)]
    near = same[0] if len(same) == 1 else nearest(name, known)
    path = next((path for root in lookup.roots if project.exists(path := f"{root}/{near}")), "") if near else ""
    roots = ", ".join(f"`{root}/`" for root in lookup.roots[:3]) + (" and others" if len(lookup.roots) > 3 else "")
    yield Finding(
        use.at,
        f"Template `{name}` is {_VERBS[use.what]} here and is in none of the template folders ({roots}).",
        related=(Evidence(Location(path, (1, 0, 1, 0)), f"`{near}` is there"),) if path else (),
        symbol=name,
        cure=f"Did you mean `{near}`?" if path else f"Write `{lookup.roots[0]}/{name}`, or correct the name.",
    )
