"""A template uses a tag or filter that no library it loads has.

## Why
`{% static "a.css" %}` without `{% load static %}`, or `{{ price|euros }}` where the filter is called
`euro`, raises `TemplateSyntaxError` as soon as the template is compiled: the page answers 500. What a
parent or an including template loads does not count.

## Instead
Load the library in each template that uses it, and use the names that it registers.

## Known limits
Templates that load a library of another package are passed over, as are those with a library that
registers names as it runs, and projects whose settings name further libraries.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Finding, Location, rule

from ._libraries import pages, strays


@rule(of=pages, severity="error", constraint="wiring")
def template_tag_unknown(project: Project, path: str) -> Iterator[Finding]:
    """One finding a name."""
    for each in project[strays, path]:
        if each.kind == "library":
            text = f"No app has a library `{each.name}` of template tags; there is one called `{each.where}`."
            yield Finding(Location(path, each.at), text, symbol=f"library:{each.name}", cure=f"Load `{each.where}`.")
            continue
        what = f"The tag `{each.name}`" if each.kind == "tag" else f"The filter `{each.name}`"
        where = f"is in `{each.where}`, which this template does not load" if each.where else "is in no library"
        yield Finding(
            Location(path, each.at),
            f"{what} {where}.",
            symbol=f"{each.kind}:{each.name}",
            cure=f"Add `{{% load {each.where} %}}`." if each.where else "",
        )
