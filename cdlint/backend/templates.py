"""Templates: where their names are looked up, which ones code renders, and what each says."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from ..facts.tree import Node
from ..project import Project
from ..project.django_templates import django_template, loose_tag
from ..project.jinja_templates import jinja_template
from ..project.places import is_aside
from ..project.templates import Template
from ..project.values import Scope
from ..rule import Location
from .collected import collect

JINJA, DJANGO = "jinja", "django"
"""The two languages that are read."""
SUFFIXES = (
    ".html", ".htm", ".xhtml", ".txt", ".xml", ".j2", ".jinja", ".jinja2", ".jinja-html", ".djhtml", ".tpl", ".tmpl",
    ".email", ".eml", ".mail", ".text", ".mjml", ".md",
)  # fmt: skip
"""Files below a root that are read as templates though nothing is seen to use them."""

MARKUP = (".html", ".j2", ".jinja", ".jinja2")
"""Those of them that surely are templates."""


@dataclass(frozen=True, slots=True)
class TemplateLookup:
    """One way of finding templates by name, such as an application's loader.

    `key` names it for those that render. `roots` are the folders in which names are looked up,
    relative to the repository, without a slash at the end. `unknown` says why a name that is in
    none of them may exist all the same, `""` when it cannot. Libraries bring the names that begin
    with one of `outside` (`admin/`) and, where `foreign`, any in folders that no root has.
    """

    key: str
    language: str
    roots: tuple[str, ...]
    unknown: str
    outside: tuple[str, ...]
    foreign: bool


@dataclass(frozen=True, slots=True)
class Rendering:
    """A place that renders a template by name.

    `names` are tried in order; none when computed. `passes` are the names that the template gets,
    with the expressions of `scope` that they are; `open` says whether it may get more than is
    seen. `optional` says that a template that is missing does no harm.
    """

    lookup: str
    names: tuple[str, ...]
    at: Location
    scope: Scope
    passes: tuple[tuple[str, Node], ...]
    open: bool
    optional: bool


def lookups(project: Project) -> tuple[TemplateLookup, ...]:
    """All ways of finding templates."""
    return collect(project, lookups)


def renderings(project: Project) -> tuple[Rendering, ...]:
    """All places that render templates."""
    return collect(project, renderings)


def template(project: Project, key: tuple[str, str]) -> Template:
    """What a template says, for `(path, language)`."""
    path, language = key
    return project[django_template if language == DJANGO else jinja_template, path]


def unread_templates(project: Project) -> tuple[tuple[str, int, str], ...]:
    """The templates that cannot be read: where, and why. Files that only may be templates are left out."""
    found = []
    for path, language in project[template_files]:
        problem = project[template, (path, language)].problem if path.endswith(MARKUP) else None
        if problem is not None and not is_aside(path):
            found.append((path, problem[1], problem[0]))
    return tuple(found)


def loose_tags(project: Project) -> tuple[tuple[str, int], ...]:
    """Places in Django's templates where a tag is not closed on its line, so that it is shown as text."""
    texts = ((path, project.text(path)) for path, language in project[template_files] if language == DJANGO)
    found = ((path, loose_tag(text or "")) for path, text in texts if path.endswith(MARKUP) and not is_aside(path))
    return tuple((path, line) for path, line in found if line)


def template_files(project: Project) -> tuple[tuple[str, str], ...]:
    """The template files below all roots, each with its language, sorted."""
    found = {
        (path, lookup.language)
        for lookup in project[lookups]
        for root in lookup.roots
        for path in project.files(f"{root}/**/*" if root else "**/*")
        if path.endswith(SUFFIXES)
    }
    return tuple(sorted(found))


def names_of(project: Project, path: str) -> tuple[tuple[TemplateLookup, str], ...]:
    """The names under which a file is found, each with the lookup that finds it so."""
    found = []
    for lookup in project[lookups]:
        for root in lookup.roots:
            if not root or path.startswith(root + "/"):
                found.append((lookup, path[len(root) + 1 if root else 0 :]))
    return tuple(found)


def find(project: Project, lookup: TemplateLookup, name: str) -> tuple[str, ...]:
    """The files that a name may mean, the first that is tried first."""
    plain = _plain(name) if lookup.language == JINJA else name
    if not plain or plain.startswith("/") or "\\" in plain:
        return ()
    paths = (posixpath.normpath(f"{root}/{plain}" if root else plain) for root in lookup.roots)
    return tuple(path for path in dict.fromkeys(paths) if not path.startswith("..") and _is_there(project, path))


def _is_there(project: Project, path: str) -> bool:
    """Whether a file is there. Most that are tried lie in folders that are not, which many share."""
    folder = posixpath.dirname(path)
    return (not folder or project.exists(folder)) and project.exists(path)


def _plain(name: str) -> str:
    """A name as Jinja's loaders read it: without empty segments and dots, and never upwards."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    return "" if ".." in parts else "/".join(parts)


def absolute(name: str, user: str, language: str) -> str:
    """A name as a template called `user` means it: in Django `./` and `../` start from that one's folder."""
    if language != DJANGO or not name.startswith(("./", "../")):
        return name
    return posixpath.normpath(f"{posixpath.dirname(user)}/{name}").lstrip("/")
