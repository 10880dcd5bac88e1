"""Folders that Jinja environments of the repository's own read: names there are not those of the web framework."""

from __future__ import annotations

import posixpath

from cdlint.backend.collected import provides
from cdlint.backend.templates import JINJA, TemplateLookup, lookups
from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol, Unknown
from cdlint.project.calls import calls_of
from cdlint.project.constants import fold
from cdlint.project.folders import candidates, folder
from cdlint.project.modules import find_module
from cdlint.project.places import is_aside
from cdlint.project.roots import imported
from cdlint.project.values import Scope

_JINJA = frozenset({"jinja2", "jinja2.environment", "jinja2.loaders", "jinja2.sandbox"})
_LOADERS = frozenset({"FileSystemLoader", "PackageLoader"})


@provides(lookups)
def own_lookups(project: Project) -> tuple[TemplateLookup, ...]:
    """One lookup that is not known in full, since only its environments know what else it finds."""
    using = [path for path in project.paths if not _JINJA.isdisjoint(project[imported, path])]
    roots = tuple(dict.fromkeys(root for path in using for root in project[_loaded, path]))
    if not roots:
        return ()
    return (TemplateLookup("jinja2", JINJA, roots, "it is that of an environment of its own", (), True),)


def _loaded(project: Project, path: str) -> tuple[str, ...]:
    """The folders from which a file loads templates by itself, `""` where they are not known."""
    return tuple(
        root
        for function, call in (calls_of(project, path, _LOADERS) if not is_aside(path) else ())
        for root in _roots(project, (path, function.qualname), call, call.func.last == "PackageLoader")
    )


def _roots(project: Project, scope: Scope, call: tree.Call, packaged: bool) -> tuple[str, ...]:
    if packaged:
        return (_in_package(project, scope, call),)
    given = call.argument(0, "searchpath")
    nodes = given.items if isinstance(given, tree.Sequence) else (given,)
    found = [folder(project, scope, node) for node in nodes]
    return tuple(
        root
        for each in found
        for root in (("",) if isinstance(each, Unknown) else candidates(project, each, scope[0]) or ("",))
    )


def _in_package(project: Project, scope: Scope, call: tree.Call) -> str:
    name = fold(project, scope, call.argument(0, "package_name"))
    given = call.argument(1, "package_path")
    inside = "templates" if given is None else fold(project, scope, given)
    module = project[find_module, (scope[0], name)] if isinstance(name, str) and name else None
    if not isinstance(module, Symbol) or module.kind != "module" or not isinstance(inside, str):
        return ""
    home = module.path.rstrip("/") if module.path.endswith("/") else posixpath.dirname(module.path)
    return posixpath.normpath(posixpath.join(home, inside))
