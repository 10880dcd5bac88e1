"""Names of packages by which most files must mean another one than the repository's own, since they find nothing."""

from __future__ import annotations

from collections import Counter

from cdlint.project import Project
from cdlint.project.answers import Absent, Symbol
from cdlint.project.modules import find_module
from cdlint.project.names import lookup

MANY = 20
"""So many files do not all fail: no program of theirs would start, and somebody would have noticed."""


def is_doubted(project: Project, path: str, name: str) -> bool:
    """Whether many files import what the package of this name lacks, and more than find what they want."""
    return not project[doubted].isdisjoint(_keys(path, name.partition(".")[0]))


def doubted(project: Project) -> frozenset[tuple[str, str]]:
    """The first names of such packages, each with the folder whose files all go by it, `""` for all.

    Where some of a part is found, as in `shop.orders`, what is not was lost there, and the part is the right one.
    """
    asked = [(path, project[_asked, path]) for path in project.paths]
    found = {part for _, parts in asked for part, failed in parts if not failed}
    fails: Counter[tuple[str, str]] = Counter()
    works: Counter[tuple[str, str]] = Counter()
    for path, parts in asked:
        tops: dict[str, bool] = {}
        for part, failed in parts:
            top = part.partition(".")[0]
            tops[top] = tops.get(top, False) or (failed and part not in found)
        for top, in_vain in tops.items():
            (fails if in_vain else works).update(_keys(path, top))
    return frozenset(key for key, count in fails.items() if count >= MANY and count > works[key])


def _keys(path: str, top: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("", top), (path.partition("/")[0], top)


def _asked(project: Project, path: str) -> tuple[tuple[str, bool], ...]:
    """The parts of packages of the repository from which a file imports, two names long, and whether that fails."""
    module = project.module(path)
    found: dict[str, bool] = {}
    for each in module.imports if module is not None else ():
        if each.module.startswith("."):
            continue
        named = each.name not in (None, "*")
        target = project[find_module, (path, each.module)]
        if isinstance(target, Symbol) and target.kind == "module":
            target = project[lookup, (target.path, each.name or "")] if named else target
        elif not isinstance(target, Absent):
            continue
        part = ".".join([*each.module.split("."), *([each.name or ""] if named else [])][:2])
        found[part] = found.get(part, False) or isinstance(target, Absent)
    return tuple(sorted(found.items()))
