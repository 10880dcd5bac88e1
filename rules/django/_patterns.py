"""The URL patterns of a project as Django keeps them: names, namespaces, pieces of the path and the view behind."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Location

from ._routes import root_urlconfs
from ._settings import aside
from ._urls import is_urlconf


class Space(NamedTuple):
    """A namespace around patterns: that of the instance, and that of the application."""

    instance: str
    app: str


class Piece(NamedTuple):
    """A part of the path of a pattern, as a route of `path()` or as a regular expression."""

    text: str
    regex: bool


LONGEST = 500
"""The longest regular expression that is taken apart: what is longer was written by a program."""

LANGUAGE = Piece("^[a-z]{2}/", True)
"""What `i18n_patterns` puts before its patterns, more or less."""

COMPUTED = Piece("(?:.*|)", True)
"""A part of a path that is not known."""


class Pattern(NamedTuple):
    """One pattern. `pieces` begin with those of the includes around it, `spaces` with the outermost.

    `view` is the function or class of the repository behind it, None for any other. `form` says
    how it is given: `function`, `as_view`, `class` (without `as_view()`), `uncalled` (`as_view`
    itself), `called` (the result of a call of a view), `string`, `wrapped` or `""`. `initial` are
    the keywords of `as_view`.
    """

    name: str
    spaces: tuple[Space, ...]
    pieces: tuple[Piece, ...]
    view: Symbol | None
    form: str
    initial: tuple[str, ...]
    extra: tuple[str, ...]
    at: Location
    certain: bool
    routed: bool = False
    """Made by a router."""
    handlers: tuple[str, ...] = ()
    """The methods of a viewset that answer, where they are said."""


class Opening(NamedTuple):
    """A place where there may be more patterns: below these namespaces, with these pieces before them.

    `outside` is the package that brings them, `""` when the repository decides it as it runs.
    """

    spaces: tuple[Space, ...]
    pieces: tuple[Piece, ...]
    outside: str
    at: Location


class Patterns(NamedTuple):
    """All patterns below one URLconf, in the order in which Django tries them."""

    root: str
    certain: bool
    found: tuple[Pattern, ...]
    openings: tuple[Opening, ...]


def served(project: Project) -> tuple[Patterns, ...]:
    """The patterns of each root URLconf that settings name."""
    return tuple(
        project[patterns_of, (root.settings, root.path)]._replace(certain=root.certain)
        for root in project[root_urlconfs]
        if root.settings
    )


def patterns_of(project: Project, key: tuple[str, str]) -> Patterns:
    """The patterns below a URLconf, for `(settings, path)`."""
    from ._patterns_walk import Walk

    settings, path = key
    walk = Walk(project, settings)
    walk.start(path)
    return Patterns(path, True, tuple(walk.found), tuple(walk.openings))


def every(project: Project) -> tuple[Patterns, ...]:
    """The patterns of every root, and of every other URLconf on its own: those of tests, of other sites."""
    roots = project[served]
    seen = {each.root for each in roots} | {part.at.path for each in roots for part in each.found}
    settings = next((root.settings for root in project[root_urlconfs]), "")
    rest = [path for path in project.paths if path not in seen and project[is_urlconf, path]]
    return (*roots, *(project[patterns_of, (settings, path)] for path in sorted(rest, key=aside)))
