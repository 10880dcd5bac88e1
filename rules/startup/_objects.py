"""Which modules and objects that something is started from are not there."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.project import Project
from cdlint.project.answers import Absent
from cdlint.project.names import lookup, namespace
from cdlint.rule import Location

from ._named import Named, named_objects
from ._starts import Launch, is_elsewhere, launches, located

_CALL = re.compile(r"\(.*\)\Z", re.DOTALL)
_MAKERS = ("FastAPI", "Flask", "Starlette", "Celery", "get_wsgi_application", "get_asgi_application", "Application")


class Missing(NamedTuple):
    """A module or an attribute that a start names in vain.

    `path` is the module that lacks the attribute, `""` when the module itself is missing;
    `similar` is what may have been meant.
    """

    at: Location
    what: str
    module: str
    name: str
    path: str
    similar: str


def missing(project: Project) -> tuple[Missing, ...]:
    """Everything that is named as the object or module to start and is not there."""
    found = [each for launch in project[launches] for each in _of_launch(project, launch)]
    found.extend(each for named in project[named_objects] for each in _of_named(project, named))
    return tuple(dict.fromkeys(found))


def _of_launch(project: Project, launch: Launch) -> Iterator[Missing]:
    wanted = launch.target
    if not launch.said.command.certain or wanted.kind != "object" or not launch.folders:
        return
    if wanted.program == "flask" and ("/" in wanted.text or ".py" in wanted.text):
        return
    text = f"{wanted.program} {wanted.text}"
    module, _, attribute = _CALL.sub("", wanted.text).partition(":")
    if not re.fullmatch(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", module):
        return
    found = [path for path, _ in launch.found]
    elsewhere = is_elsewhere(project, launch, module)
    if not found and wanted.program in ("celery", "flask") and not attribute and "." in module:
        # What stands behind the last dot may be an object as well.
        module, _, attribute = module.rpartition(".")
        elsewhere = elsewhere or is_elsewhere(project, launch, module)
        places = (*launch.folders, *launch.more)
        found = [path for folder in places for path, _ in located(project, folder, module)]
        if not any(path.endswith(".py") for path in found) or any(path.endswith("__init__.py") for path in found):
            module, attribute = f"{module}.{attribute}", ""
            found = [path for path in found if path.endswith("__init__.py") and not _lacks(project, path, module)]
    yield from _checked(project, launch.said.at, text, module, attribute, found, not elsewhere)


def _of_named(project: Project, named: Named) -> Iterator[Missing]:
    module, _, attribute = _CALL.sub("", named.text).partition(":")
    found = [path for folder in named.folders for path, _ in located(project, folder, module)]
    yield from _checked(project, named.at, named.what, module, attribute, found, named.complete)


def _checked(
    project: Project, at: Location, what: str, module: str, attribute: str, found: list[str], complete: bool
) -> Iterator[Missing]:
    name = attribute.partition(".")[0]
    if not found:
        if complete and module.partition(".")[0] not in sys.stdlib_module_names:
            yield Missing(at, what, module, "", "", _moved(project, module))
        return
    if name and all(_lacks(project, path, name) for path in found):
        yield Missing(at, what, module, name, found[0], _similar(project, found[0], name))


def _lacks(project: Project, path: str, name: str) -> bool:
    """Whether a file surely has no attribute of this name, for a module the last part of which is asked for too."""
    if not path.endswith(".py"):
        return False
    answer = project[lookup, (path, name.rpartition(".")[2])]
    return isinstance(answer, Absent) and answer.path == path


def _moved(project: Project, module: str) -> str:
    """The one module of the repository that ends like the one that is asked for, `""` when there is none."""
    last = module.rpartition(".")[2]
    ends = (f"/{last}.py", f"/{last}/__init__.py")
    found = [path for path in project.paths if f"/{path}".endswith(ends)]
    return found[0].removesuffix(".py").removesuffix("/__init__").replace("/", ".") if len(found) == 1 else ""


def _similar(project: Project, path: str, name: str) -> str:
    """The application that a module makes under another name, else a name that is much alike."""
    from difflib import get_close_matches

    module = project.module(path)
    made = [each.name for each in (module.bindings if module else ()) if each.callee.rpartition(".")[2] in _MAKERS]
    space = project[namespace, path]
    close = get_close_matches(name, sorted(space.names) if space is not None else [], n=1, cutoff=0.7)
    return made[0] if len(made) == 1 else close[0] if close else ""
