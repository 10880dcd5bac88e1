"""What asks for a template by name: code that renders one, and templates that build on others."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.backend.collected import provides
from cdlint.backend.notices import run_notices
from cdlint.backend.templates import (
    MARKUP,
    Rendering,
    TemplateLookup,
    absolute,
    find,
    lookups,
    names_of,
    renderings,
    template,
    template_files,
)
from cdlint.diagnostic import Notice
from cdlint.project import Project
from cdlint.project.places import is_aside
from cdlint.project.templates import Reference
from cdlint.rule import Location


class Use(NamedTuple):
    """A place that asks for a template: `what` is the tag in a template, `""` in code.

    `asks` are the names that would do, each with the lookup that is asked for it.
    """

    at: Location
    what: str
    asks: tuple[tuple[TemplateLookup, str], ...]


def template_uses(project: Project) -> tuple[Use, ...]:
    """All places that ask for a template by a name that is known."""
    if all(each.unknown for each in project[lookups]):
        return ()
    found = [_rendering(project, each) for each in project[renderings] if each.names and not each.optional]
    for path, language in _readable(project):
        for each in project[_references, (path, language)]:
            found.append(_reference(project, path, each))
    return tuple(use for use in found if use is not None)


def _readable(project: Project) -> tuple[tuple[str, str], ...]:
    """The template files below folders of lookups that are known in full; of others nothing can be said."""
    roots = tuple(f"{root}/" if root else "" for each in project[lookups] if not each.unknown for root in each.roots)
    return tuple(each for each in project[template_files] if each[0].startswith(roots)) if roots else ()


def _references(project: Project, key: tuple[str, str]) -> tuple[Reference, ...]:
    """The templates that a template needs, whatever else it says."""
    found = project[template, key].references
    return tuple(each for each in found if each.names and not each.optional)


def _rendering(project: Project, rendering: Rendering) -> Use | None:
    known = [each for each in project[lookups] if each.key == rendering.lookup]
    asks = tuple((lookup, name) for lookup in known for name in rendering.names)
    return Use(rendering.at, "", asks) if asks else None


def _reference(project: Project, path: str, reference: Reference) -> Use | None:
    if is_aside(path):
        return None
    asks = tuple(
        dict.fromkeys(
            (lookup, absolute(name, own, lookup.language))
            for lookup, own in names_of(project, path)
            for name in reference.names
        )
    )
    return Use(Location(path, reference.at), reference.kind, asks) if asks else None


def missing(project: Project, use: Use) -> bool:
    """Whether it is sure that none of the templates is there."""
    return not any(_may_be(project, lookup, name) for lookup, name in use.asks)


def _may_be(project: Project, lookup: TemplateLookup, name: str) -> bool:
    if lookup.unknown or not lookup.roots or name.startswith(lookup.outside) or "." in name.partition("/")[0][:1]:
        return True
    if find(project, lookup, name):
        return True
    if any(project.ignored(f"{root}/{name}" if root else name) for root in lookup.roots):
        return True
    head, slash, _ = name.partition("/")
    return lookup.foreign and bool(slash) and not find(project, lookup, head)


def known_names(project: Project, lookup: TemplateLookup) -> tuple[str, ...]:
    """The names that a lookup finds."""
    found = {
        path[len(root) + 1 if root else 0 :]
        for root in lookup.roots
        for path in project.files(f"{root}/**/*" if root else "**/*")
    }
    return tuple(sorted(found))


@provides(run_notices)
def unread_templates(project: Project) -> tuple[Notice, ...]:
    """A notice about each template that cannot be read."""
    made = []
    for path, language in _readable(project):
        problem = project[template, (path, language)].problem
        if problem is not None and path.endswith(MARKUP) and not is_aside(path):
            made.append(Notice(f"the template cannot be read: {problem[0]}", path, problem[1]))
    return tuple(made)
