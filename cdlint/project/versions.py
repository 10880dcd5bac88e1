"""Which versions of a distribution the repository runs with, from all its manifests, and what proves it.

A folder with a manifest is a unit. A lock file at the unit or above it is more exact than
what the unit declares; of several units the one that most Python files belong to counts.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from ..facts import tree
from . import Project
from .lockfiles import pipenv, tables
from .manifest_files import conda, python_version, requirement_rank, requirements, setup_cfg
from .places import is_aside
from .ranges import contains, within
from .stated import (
    ASIDE,
    CONSTRAINT,
    DECLARED,
    EXTRA,
    LOCK,
    PROGRAM,
    PYTHON,
    SIDE,
    Include,
    Manifest,
    Problem,
    Stated,
    is_side,
    normal,
    requirement,
    stated,
)  # fmt: skip
from .toml_manifests import pipfile, pyproject

_READERS = (
    ("**/uv.lock", tables),
    ("**/poetry.lock", tables),
    ("**/pdm.lock", tables),
    ("**/Pipfile.lock", pipenv),
    ("**/pyproject.toml", pyproject),
    ("**/Pipfile", pipfile),
    ("**/setup.cfg", setup_cfg),
    ("**/environment.yml", conda),
    ("**/environment.yaml", conda),
    ("**/.python-version", python_version),
    ("**/runtime.txt", python_version),
)
_REQUIREMENTS = ("**/*requirements*.txt", "**/*requirements*.in", "**/requirements/*.txt", "**/requirements/*.in")
_CONSTRAINTS = re.compile(r"constraints?\b")


class Version(NamedTuple):
    """What one place says: an exact version, a specifier (`""` for any version), or why it is not known."""

    exact: str
    specifier: str
    why: str
    path: str
    line: int

    @property
    def text(self) -> str:
        """As one would read it."""
        return self.exact or self.specifier or ("unknown" if self.why else "any")


class Resolved(NamedTuple):
    """The version of a distribution. `others` are what else may be installed: other pins, other units."""

    distribution: str
    version: Version
    others: tuple[Version, ...]


def manifest(project: Project, key: tuple[str, str]) -> Manifest:
    """What one file says, for `(kind, path)`."""
    kind, path = key
    text = project.text(path)
    if text is None:
        return Manifest(())
    if kind == "setup.py":
        return _setup(project, path)
    if kind in ("requirements", "constraints"):
        return requirements(path, text, kind == "constraints")
    return next(reader for pattern, reader in _READERS if pattern == kind)(path, text)


def manifests(project: Project) -> tuple[tuple[str, Manifest], ...]:
    """Every manifest with the folder that it is about, included requirement files too."""
    found: list[tuple[str, Manifest]] = []
    for pattern, _ in _READERS:
        found.extend((_unit(path), project[manifest, (pattern, path)]) for path in project.files(pattern))
    found.extend((_unit(path), project[manifest, ("setup.py", path)]) for path in project.files("**/setup.py"))
    found.extend((unit, said) for unit, _, said in project[_requirement_files])
    return tuple(found)


def _requirement_files(project: Project) -> tuple[tuple[str, str, Manifest], ...]:
    """The requirement files of pip, those that others include too, each with the folder that it is about."""
    found = []
    first = dict.fromkeys(path for pattern in _REQUIREMENTS for path in project.files(pattern))
    pending = deque((_unit(path), path, bool(_CONSTRAINTS.search(path.rpartition("/")[2]))) for path in first)
    seen = set(first)
    while pending:
        unit, path, constrains = pending.popleft()
        said = project[manifest, ("constraints" if constrains else "requirements", path)]
        found.append((unit, path, said))
        for each in said.includes:
            if each.path not in seen:
                seen.add(each.path)
                pending.append((unit, each.path, each.constrains or constrains))
    return tuple(found)


def problems(project: Project) -> tuple[Problem, ...]:
    """What could not be read in any manifest."""
    return tuple(sorted({each for _, said in project[manifests] for each in said.problems}))


def include_problems(project: Project) -> tuple[Problem, ...]:
    """Lines of requirement files that include what is not there, or what includes them."""
    includes = {path: said.includes for _, path, said in project[_requirement_files]}
    found: list[Problem] = []
    done: set[str] = set()
    for start in includes:
        way: dict[str, Iterator[Include]] = {start: iter(includes[start])} if start not in done else {}
        while way:
            path = next(reversed(way))
            each = next(way[path], None)
            if each is None:
                done.add(path)
                del way[path]
            elif each.path in way:
                what = "itself" if each.path == path else f"`{each.path}`, which includes it"
                found.append(Problem(path, each.line, f"it includes {what}"))
            elif project.text(each.path) is None and not project.ignored(each.path):
                found.append(Problem(path, each.line, f"it includes `{each.path}`, which is not there"))
            elif each.path not in done:
                way[each.path] = iter(includes.get(each.path, ()))
    return tuple(sorted(found))


def statements(project: Project) -> dict[str, tuple[tuple[str, Stated], ...]]:
    """Distribution -> what each manifest says of it, with the manifest's folder."""
    found: dict[str, list[tuple[str, Stated]]] = {}
    for unit, said in project[manifests]:
        for each in said.stated:
            rank = ASIDE if is_aside(each.path) and requirement_rank(each.path) != SIDE else each.rank
            found.setdefault(each.name, []).append((unit, each._replace(rank=rank)))
    return {name: tuple(dict.fromkeys(all_of)) for name, all_of in found.items()}


def is_direct(project: Project, distribution: str) -> bool:
    """Whether a manifest names it as a dependency of the program or of an extra, not of its tests."""
    said = project[statements].get(normal(distribution), ())
    return any(each.kind == DECLARED and each.rank <= EXTRA for _, each in said)


def version(project: Project, distribution: str) -> Resolved:
    """The version of a distribution, `python` included."""
    name = normal(distribution)
    said = [(unit, each) for unit, each in project[statements].get(name, ()) if each.kind != CONSTRAINT]
    if any(each.rank < ASIDE for _, each in said):
        said = [(unit, each) for unit, each in said if each.rank < ASIDE]
    declaring = {unit for unit, each in said if each.kind == DECLARED}
    locks = {unit for unit, each in said if each.kind == LOCK}
    used = {_nearest(unit, locks) for unit in declaring}
    units = sorted(declaring | (locks - used), key=lambda unit: (unit.count("/") + bool(unit), unit))
    if not units:
        return Resolved(name, Version("", "", "no manifest names it", "", 0), ())
    weights = _weights(project, units)
    units.sort(key=lambda unit: -weights[unit])
    found = [each for unit in units for each in _of_unit(project, name, unit, said, _nearest(unit, locks))]
    distinct = {(each.exact, each.specifier, each.why): each for each in reversed(found)}
    others = [each for each in reversed(distinct.values()) if each != found[0]]
    return Resolved(name, found[0], tuple(each for each in others if (each[:3] != found[0][:3])))


def satisfied(project: Project, when: tuple[tuple[str, str], ...]) -> bool:
    """Whether the version of every distribution certainly satisfies its specifier, for `(name, specifier)` pairs."""
    for distribution, specifier in when:
        found = project[version, distribution]
        for each in (found.version, *found.others):
            if each.why:
                return False
            good = contains(specifier, each.exact) if each.exact else within(each.specifier, specifier)
            if not good:
                return False
    return True


def _unit(path: str) -> str:
    folder = path.rpartition("/")[0]
    parent, _, last = folder.rpartition("/")
    return parent if last.lower() in ("requirements", "reqs", "deps", "dependencies", "constraints") else folder


def _nearest(folder: str, units: set[str]) -> str | None:
    """The folder or the first one above it that is a unit."""
    while folder not in units:
        if not folder:
            return None
        folder = folder.rpartition("/")[0]
    return folder


def _weights(project: Project, units: list[str]) -> dict[str, int]:
    """How many Python files have each unit as their nearest one."""
    weights = dict.fromkeys(units, 0)
    if len(units) > 1:
        known = set(units)
        for path in project.paths:
            unit = None if is_aside(path) else _nearest(path.rpartition("/")[0], known)
            if unit is not None:
                weights[unit] += 1
    return weights


def _of_unit(project: Project, name: str, unit: str, said: list[tuple[str, Stated]], lock: str | None) -> list[Version]:
    """What is installed in a unit: the locked version, else the pins, else the range."""
    own = [each for where, each in said if where == unit and each.kind == DECLARED]
    own = [each for each in own if each.rank == min(other.rank for other in own)]
    ranges = [each for each in own if not each.why and not each.marker and _pin(each) is None]
    locked = [each for where, each in said if where == lock and each.kind == LOCK]
    fitting = [each for each in locked if all(_fits(each, other) for other in ranges)]
    limits = [each for where, each in project[statements][name] if each.kind == CONSTRAINT and where == unit]
    pins = [each for each in (*own, *limits) if _pin(each) is not None]
    exact = [*fitting, *pins]
    if exact:
        return [_version(each) for each in dict.fromkeys(exact)]
    if any(each.why for each in own) or any(each.marker for each in own):
        return [_version(each) for each in sorted(own, key=lambda each: not each.why)]
    clauses = list(dict.fromkeys(each.specifier for each in (*own, *limits) if each.specifier and not each.why))
    best = next((each for each in own if each.specifier), own[0] if own else None)
    return [] if best is None else [Version("", ",".join(clauses), "", best.path, best.line)]


def _fits(locked: Stated, other: Stated) -> bool:
    return not other.specifier or contains(other.specifier, _pin(locked) or "") or _pin(locked) is None


def _pin(each: Stated) -> str | None:
    """The one version that a statement allows, None when there are more."""
    match = re.fullmatch(r"={2,3}([^,*]+)", each.specifier)
    return match[1] if match else None


def _version(each: Stated) -> Version:
    exact = _pin(each)
    return Version(exact or "", "" if exact else each.specifier, each.why, each.path, each.line)


def _setup(project: Project, path: str) -> Manifest:
    """`setup.py`: the literal lists that `setup` is called with."""
    module = project.module(path)
    found: list[Stated | None] = []
    for call in tree.calls(*(module.main.body if module else ())):
        if getattr(call.func, "last", "") != "setup":
            continue
        bound = {b.name: b.value for b in (module.bindings if module else ()) if b.kind == "assign"}
        for keyword in call.keywords:
            value = bound.get(keyword.value.text) if isinstance(keyword.value, tree.Path) else keyword.value
            if keyword.name == "install_requires":
                found.extend(_literals(value, path, PROGRAM))
            elif keyword.name == "extras_require" and isinstance(value, tree.Mapping):
                for key, items in value.items:
                    side = isinstance(key, tree.Constant) and is_side(str(key.value))
                    found.extend(_literals(items, path, SIDE if side else EXTRA))
            elif keyword.name == "python_requires" and isinstance(value, tree.Constant):
                found.append(stated(PYTHON, str(value.value), DECLARED, PROGRAM, path, value.at[0]))
    return Manifest(tuple(each for each in found if each is not None))


def _literals(value: tree.Node, path: str, rank: int) -> list[Stated | None]:
    items = value.items if isinstance(value, tree.Sequence) else ()
    return [
        requirement(item.value, DECLARED, rank, path, item.at[0])
        for item in items
        if isinstance(item, tree.Constant) and isinstance(item.value, str)
    ]
