"""Where Flask looks templates up: in the folders of applications and blueprints."""

from __future__ import annotations

import posixpath

from cdlint.backend.collected import provides
from cdlint.backend.templates import JINJA, TemplateLookup, lookups
from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol, Unknown
from cdlint.project.constants import fold
from cdlint.project.folders import Folder, folder
from cdlint.project.modules import find_module
from cdlint.project.places import is_aside
from cdlint.project.values import Scope

from ._extensions import brought, extended
from ._watch import APPLICATIONS, BLUEPRINTS
from ._wiring import wiring

LOOKUP = "flask"
_LOADERS = ("jinja_loader", "create_global_jinja_loader", "jinja_env.loader", "jinja_options", "jinja_environment",
            "create_jinja_environment", "ChoiceLoader", "PrefixLoader")  # fmt: skip
_USERS = frozenset({"flask", "jinja2", "quart"})
_BUILT = frozenset({"dist", "build", "out", "public", "www"})


@provides(lookups)
def flask_lookups(project: Project) -> tuple[TemplateLookup, ...]:
    """One lookup: Flask asks the application first, then every blueprint."""
    made = [thing for thing in project[wiring] if thing.cls in APPLICATIONS | BLUEPRINTS]
    applications = [thing for thing in made if thing.cls in APPLICATIONS and not is_aside(thing.path)]
    if not applications:
        return ()
    places = sorted({(thing.path, thing.at, thing.cls in APPLICATIONS) for thing in made})
    found = [project[_folders, (path, at, application)] for path, at, application in places]
    roots = tuple(dict.fromkeys(each for each, _ in found if each is not None))
    doubts = [why for _, why in found if why]
    doubts += [f"`{path}` has a loader of its own" for path in project.paths if project[_own_loader, path]]
    return (TemplateLookup(LOOKUP, JINJA, roots, doubts[0] if doubts else "", project[brought], project[extended]),)


def _folders(project: Project, key: tuple[str, tree.At, bool]) -> tuple[str | None, str]:
    """The template folder of the application or blueprint that is made at a place, and why it is not known."""
    path, at, application = key
    call, scope = _call_at(project, path, at)
    if call is None or any(each.name is None for each in call.keywords):
        return None, f"the arguments in `{path}` are not known"
    given = call.argument(6 if application else 4, "template_folder")
    if given is None and not application:
        return None, ""
    home = _home(project, scope, call, 0 if application else 1)
    if home is None:
        return None, f"the folder of the application in `{path}` is not known"
    found = Folder("templates", True) if given is None else folder(project, scope, given)
    if isinstance(found, Unknown) or (found.loose and given is not None and not _is_text(project, scope, given)):
        empty = isinstance(given, tree.Constant) and given.value is None
        return None, "" if empty else f"the template folder in `{path}` is not known"
    root = posixpath.normpath(posixpath.join(home, found.path)) if found.loose else found.path
    if root.startswith("..") or (not project.exists(root) and _is_made(project, root)):
        return None, f"the template folder in `{path}` is not in the repository"
    return "" if root == "." else root, ""


def _is_text(project: Project, scope: Scope, node: Node) -> bool:
    return isinstance(fold(project, scope, node), str)


def _is_made(project: Project, root: str) -> bool:
    """Whether a folder that is missing is one that a build makes."""
    return project.ignored(root + "/") or not _BUILT.isdisjoint(root.split("/"))


def _call_at(project: Project, path: str, at: tree.At) -> tuple[tree.Call | None, Scope]:
    module = project.module(path)
    for function in module.functions if module else ():
        if not function.qualname or function.at[0] <= at[0] <= function.end_line:
            for call in function.call_nodes:
                if call.at == at:
                    return call, (path, function.qualname)
    return None, (path, "")


def _home(project: Project, scope: Scope, call: tree.Call, position: int) -> str | None:
    """The root folder of an application or blueprint: that of the module whose name it is given."""
    root = call.keyword("root_path")
    if root is not None:
        found = folder(project, scope, root)
        return found.path if isinstance(found, Folder) and not found.loose else None
    name = call.argument(position, "import_name")
    if isinstance(name, tree.Path) and name.text == "__name__":
        return posixpath.dirname(scope[0])
    known = fold(project, scope, name)
    module = project[find_module, (scope[0], known)] if isinstance(known, str) and known else None
    if not isinstance(module, Symbol) or module.kind != "module":
        return None
    return module.path.rstrip("/") if module.path.endswith("/") else posixpath.dirname(module.path)


def _own_loader(project: Project, path: str) -> bool:
    """Whether a file gives an application another way of loading templates."""
    module = None if is_aside(path) else project.module(path)
    if module is None or not any(each.module.partition(".")[0] in _USERS for each in module.imports):
        return False
    return any(
        function.name in _LOADERS or any(function.mentions(name) for name in _LOADERS) for function in module.functions
    )
