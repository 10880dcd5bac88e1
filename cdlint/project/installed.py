"""Classes of installed packages, for packs that meet a base which neither the repository nor they know."""

from __future__ import annotations

import sys
from collections.abc import Callable

from . import Project
from .answers import Symbol, Unknown
from .classes import TRANSPARENT, Ancestry, ancestry
from .names import resolve
from .outside import installed_file

_HOPS = 8
_MOST = 500


def installed_class(project: Project, dotted: str) -> Symbol | Unknown:
    """The class behind a dotted name of an installed package, re-exports followed."""
    if not project.setting("python"):
        return Unknown("installed packages are not read")
    for _ in range(_HOPS):
        answer = _step(project, dotted)
        if answer is None:
            return Unknown(f"`{dotted}` is not found among the installed packages")
        if answer.kind == "class":
            return answer
        if answer.kind != "external" or answer.name == dotted:
            break
        dotted = answer.name
    return Unknown(f"`{dotted}` is no class that could be read")


def _step(project: Project, dotted: str) -> Symbol | None:
    """What the deepest module of the name says of the rest of it."""
    parts = dotted.split(".")
    if parts[0] in sys.stdlib_module_names or len(parts) > 12:
        return None
    for depth in range(len(parts) - 1, 0, -1):
        path = installed_file(project, ".".join(parts[:depth]))
        if path is not None:
            answer = project[resolve, (path, ".".join(parts[depth:]))]
            return answer if isinstance(answer, Symbol) else None
    return None


def extended(project: Project, symbol: Symbol, known: Callable[[str], bool]) -> Ancestry:
    """The ancestry of a class that goes on in installed packages, save at bases that are `known` by name.

    What lies in packages comes after what lies in the repository.
    """
    above = project[ancestry, symbol]
    if not above.external or not project.setting("python"):
        return above
    classes = dict.fromkeys(above.first_party)
    external: dict[str, None] = {}
    unknown = dict.fromkeys(above.unknown)
    waiting = list(above.external)
    for dotted in waiting:
        stays = dotted in external or dotted in TRANSPARENT or known(dotted) or len(classes) > _MOST
        found = None if stays else project[installed_class, dotted]
        if not isinstance(found, Symbol):
            external[dotted] = None
        elif found not in classes:
            more = project[ancestry, found]
            classes.update(dict.fromkeys(more.first_party))
            unknown.update(dict.fromkeys(more.unknown))
            waiting.extend(more.external)
    return Ancestry(tuple(classes), tuple(external), tuple(unknown))
