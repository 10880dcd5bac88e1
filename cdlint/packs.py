"""Finding packs and what is in them: rules, and the facts that provide backend words.

A pack is a package. Each of its public modules is one rule, the attribute that is a `Rule`;
modules with a leading underscore hold facts. Installed packs, the built-in ones too, are
found through the entry point group `cdlint.packs`, others by their folder. To load a pack is
to run its code, so whoever calls `load` answers for the folders: see `config.require_packs`.

A pack whose `__init__` defines `CONCERNS`, beginnings of module names, is about repositories that
import such a module, and can be left out elsewhere: importing it would be in vain.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from types import FunctionType, ModuleType
from typing import Any

from .failure import Failure
from .rule import Rule

GROUP = "cdlint.packs"
_FOLDERS = "_cdlint_packs_"


class PackError(Failure):
    """A pack cannot be used."""


@dataclass(frozen=True, slots=True)
class Packs:
    """All that the loaded packs bring."""

    rules: Mapping[str, Rule]
    """By id, sorted."""
    providers: Mapping[Callable[..., Any], tuple[Callable[..., Any], ...]]
    """For each backend word the facts that provide for it, sorted by module and name."""
    versions: tuple[tuple[str, str], ...]
    """Each pack and the version of its distribution, or the digest of its folder's modules."""

    @property
    def options(self) -> dict[str, Mapping[str, Any]]:
        """The options of each rule with their defaults, as `config.validate` wants them."""
        return {name: rule.options for name, rule in self.rules.items()}


def load(extra: tuple[str, ...] = (), imported: frozenset[str] | None = None) -> Packs:
    """Import the installed packs and those in the folders `extra`. Raises `PackError`.

    Where `imported` says which top-level modules a repository imports, packs that do not concern it stay out.
    """
    rules: dict[str, Rule] = {}
    providing: dict[Callable[..., Any], set[Callable[..., Any]]] = {}
    versions: dict[str, str] = {}
    homes: dict[str, str] = {}
    for title, version, package in [*_installed(), *_folders(extra)]:
        name = package.__name__.rpartition(".")[2]
        if name in homes:
            raise PackError(f"two packs are named `{name}`: {homes[name]} and {title}")
        homes[name], versions[name] = title, version
        concerns = getattr(package, "CONCERNS", None)
        if imported is not None and concerns and not any(each.startswith(concerns) for each in imported):
            continue
        own, facts = _contents(title, package)
        rules.update((rule.id, rule) for rule in own)
        for fact in facts:
            providing.setdefault(fact.provides, set()).add(fact)
    return Packs(
        dict(sorted(rules.items())),
        {
            word: tuple(sorted(facts, key=_name))
            for word, facts in sorted(providing.items(), key=lambda item: _name(item[0]))
        },
        tuple(sorted(versions.items())),
    )


def _name(function: Callable[..., Any]) -> tuple[str, str]:
    return function.__module__, function.__qualname__


def _installed() -> Iterator[tuple[str, str, ModuleType]]:
    for value, version in _points():
        title = f"`{value}`"
        yield title, version, _imported(title, value)


@cache
def _points() -> tuple[tuple[str, str], ...]:
    """The packages that installed distributions name as packs, each with the version of its distribution."""
    from importlib.metadata import entry_points

    points = {point.value: point for point in entry_points(group=GROUP)}
    return tuple((value, point.dist.version if point.dist else "") for value, point in sorted(points.items()))


def _folders(folders: Iterable[str]) -> Iterator[tuple[str, str, ModuleType]]:
    for folder in dict.fromkeys(map(os.path.realpath, folders)):
        yield f"`{folder}`", _digest(folder), _from_folder(folder)


def _from_folder(folder: str) -> ModuleType:
    """Import a folder as a package under a name of its own, so that it can hide no other."""
    from importlib.util import module_from_spec, spec_from_file_location

    title, name = f"`{folder}`", os.path.basename(folder)
    initial = os.path.join(folder, "__init__.py")
    if not os.path.isfile(initial):
        raise PackError(f"the pack {title} is not a package: it has no `__init__.py`")
    if not name.isidentifier():
        raise PackError(f"the pack {title} needs a name that can be imported")
    parent = _FOLDERS + blake2b(os.fsencode(folder), digest_size=6).hexdigest()
    if parent not in sys.modules:
        sys.modules[parent] = ModuleType(parent)
        sys.modules[parent].__path__ = []
    full = f"{parent}.{name}"
    if full in sys.modules:
        return sys.modules[full]
    spec = spec_from_file_location(full, initial, submodule_search_locations=[folder])
    if spec is None or spec.loader is None:
        raise PackError(f"the pack {title} cannot be imported")
    package = sys.modules[full] = module_from_spec(spec)
    try:
        spec.loader.exec_module(package)
    except (Exception, SystemExit) as error:
        del sys.modules[full]
        raise PackError(_complaint(title, error)) from error
    return package


def _imported(title: str, module: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except (Exception, SystemExit) as error:
        raise PackError(_complaint(title, error)) from error


def _complaint(title: str, error: BaseException) -> str:
    return f"the pack {title} cannot be imported: {type(error).__name__}: {' '.join(str(error).split())}"


@cache
def _contents(title: str, package: ModuleType) -> tuple[tuple[Rule, ...], tuple[Any, ...]]:
    """The rules of a pack, and the facts that provide for backend words. Modules stay as they were imported."""
    rules, facts = [], []
    for module, public in _modules(title, package):
        if public:
            rules.append(_rule(title, module))
        facts += _providers(module)
    return tuple(rules), tuple(facts)


def _modules(title: str, package: ModuleType) -> Iterator[tuple[ModuleType, bool]]:
    """The modules of a pack, and whether each is a public one, which holds a rule."""
    yield package, False
    for found in sorted(pkgutil.iter_modules(package.__path__), key=lambda found: found.name):
        public = not found.name.startswith("_")
        if public and found.ispkg:
            raise PackError(f"the pack {title}: `{found.name}` is a package; a rule is one module")
        yield _imported(title, f"{package.__name__}.{found.name}"), public


def _rule(title: str, module: ModuleType) -> Rule:
    own = [
        value
        for value in vars(module).values()
        if isinstance(value, Rule) and getattr(value.check, "__module__", None) == module.__name__
    ]
    if len(own) != 1:
        name = module.__name__.rpartition(".")[2]
        raise PackError(
            f"the pack {title}: `{name}` holds {len(own) or 'no'} rules; a public module holds exactly one, "
            "and what is not a rule has a leading underscore"
        )
    return own[0]


def _providers(module: ModuleType) -> list[Any]:
    """The facts that a module itself defines and that provide for a backend word."""
    return [
        value
        for value in vars(module).values()
        if isinstance(value, FunctionType) and hasattr(value, "provides") and value.__module__ == module.__name__
    ]


def _digest(folder: str) -> str:
    """A digest of the modules in a folder; what cannot be read will not import either."""
    digest = blake2b(digest_size=8)
    for top, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            if name.endswith((".py", ".pyi")):
                path = os.path.join(top, name)
                try:
                    with open(path, "rb") as file:
                        content = file.read()
                except OSError:
                    continue
                digest.update(os.fsencode(os.path.relpath(path, folder)) + b"\0" + content + b"\0")
    return digest.hexdigest()
