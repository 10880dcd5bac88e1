"""What `pyproject.toml` and `Pipfile` say about dependencies, each with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..texts import UNDECODABLE
from .stated import (
    DECLARED,
    EXTRA,
    PROGRAM,
    PYTHON,
    SIDE,
    Manifest,
    Problem,
    Stated,
    caret,
    is_side,
    line_at,
    requirement,
    stated,
)  # fmt: skip

_KEY = re.compile(r"""^[ \t]*["']?([^\s"'=]+)["']?[ \t]*=""", re.MULTILINE)


class _Text:
    """The text of a manifest, to find lines in."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self._sections: dict[str, tuple[int, int]] = {}
        self._keys: dict[str, dict[str, int]] = {}

    def section(self, name: str) -> tuple[int, int]:
        """Where a table's header stands and where the next one of another table does."""
        if name not in self._sections:
            self._sections[name] = self._find(name)
        return self._sections[name]

    def _find(self, name: str) -> tuple[int, int]:
        found = re.search(rf"^\[\s*{re.escape(name)}\s*\]", self.text, re.MULTILINE)
        if found is None:
            return 0, len(self.text)
        after = re.compile(r"^\[", re.MULTILINE).search(self.text, found.end())
        return found.end(), after.start() if after else len(self.text)

    def quoted(self, value: str, section: str) -> int:
        """The line of a string inside a table, that of the table when it is written otherwise."""
        start, end = self.section(section)
        places = [self.text.find(f"{quote}{value}{quote}", start, end) for quote in "\"'"]
        return line_at(self.text, min((place for place in places if place >= 0), default=start))

    def key(self, name: str, section: str) -> int:
        """The line of a key inside a table."""
        start, end = self.section(section)
        if section not in self._keys:
            found = list(_KEY.finditer(self.text, start, end))
            self._keys[section] = {match[1]: match.end() for match in reversed(found)}
        return line_at(self.text, self._keys[section].get(name, start))


def pyproject(path: str, text: str) -> Manifest:
    """`pyproject.toml`: PEP 621, the groups of PEP 735, Poetry, and the development groups of other tools."""
    return _read(path, text, _pyproject)


def pipfile(path: str, text: str) -> Manifest:
    """`Pipfile`."""
    return _read(path, text, _pipfile)


def _read(path: str, text: str, reader: Any) -> Manifest:
    import tomli

    if UNDECODABLE in text:
        return Manifest((), (Problem(path, line_at(text, text.index(UNDECODABLE)), "it is not UTF-8"),))
    try:
        table = tomli.loads(text)
    except (tomli.TOMLDecodeError, RecursionError) as error:
        match = re.search(r"at line (\d+)", str(error))
        line = int(match[1]) if match else line_at(text, len(text.rstrip()))
        return Manifest((), (Problem(path, line, "it is not valid TOML"),))
    return Manifest(tuple(each for each in reader(table, _Text(path, text)) if each is not None))


def _at(table: Any, *keys: str) -> Any:
    for key in keys:
        table = table.get(key) if isinstance(table, dict) else None
    return table


def _pyproject(table: Any, text: _Text) -> Iterator[Stated | None]:
    python = _at(table, "project", "requires-python")
    if isinstance(python, str):
        yield stated(PYTHON, python, DECLARED, PROGRAM, text.path, text.key("requires-python", "project"))
    yield from _listed(_at(table, "project", "dependencies"), text, "project", PROGRAM)
    yield from _groups(_at(table, "project", "optional-dependencies"), text, "project.optional-dependencies", EXTRA)
    yield from _groups(_at(table, "dependency-groups"), text, "dependency-groups", EXTRA)
    yield from _groups(_at(table, "tool", "pdm", "dev-dependencies"), text, "tool.pdm.dev-dependencies", SIDE)
    yield from _listed(_at(table, "tool", "uv", "dev-dependencies"), text, "tool.uv", SIDE)
    yield from _listed(_at(table, "tool", "uv", "constraint-dependencies"), text, "tool.uv", PROGRAM, "constraint")
    section = "tool.poetry.dependencies"
    yield from _named(_at(table, "tool", "poetry", "dependencies"), text, section, PROGRAM)
    section = "tool.poetry.dev-dependencies"
    yield from _named(_at(table, "tool", "poetry", "dev-dependencies"), text, section, SIDE)
    for name, group in _items(_at(table, "tool", "poetry", "group")):
        section = f"tool.poetry.group.{name}.dependencies"
        yield from _named(_at(group, "dependencies"), text, section, _rank(name))


def _pipfile(table: Any, text: _Text) -> Iterator[Stated | None]:
    yield from _named(_at(table, "packages"), text, "packages", PROGRAM)
    yield from _named(_at(table, "dev-packages"), text, "dev-packages", SIDE)
    for key in ("python_full_version", "python_version"):
        version = _at(table, "requires", key)
        if isinstance(version, str):
            specifier = f"=={version}" if version.count(".") == 2 else f"=={version}.*"
            yield stated(PYTHON, specifier, DECLARED, PROGRAM, text.path, text.key(key, "requires"))
            return


def _rank(group: str) -> int:
    """What a group of dependencies is for, by its name."""
    return PROGRAM if group in ("main", "prod", "production") else SIDE if is_side(group) else EXTRA


def _items(table: Any) -> list[tuple[str, Any]]:
    return list(table.items()) if isinstance(table, dict) else []


def _listed(values: Any, text: _Text, section: str, rank: int, kind: str = DECLARED) -> Iterator[Stated | None]:
    for value in values if isinstance(values, list) else ():
        if isinstance(value, str):
            yield requirement(value, kind, rank, text.path, text.quoted(value, section))


def _groups(table: Any, text: _Text, section: str, rank: int) -> Iterator[Stated | None]:
    for name, values in _items(table):
        yield from _listed(values, text, section, max(rank, _rank(name)) if rank == SIDE else _rank(name))


def _named(table: Any, text: _Text, section: str, rank: int) -> Iterator[Stated | None]:
    """A table of names as Poetry and Pipenv have it; several versions with markers are one each."""
    for name, value in _items(table):
        line = text.key(name, section)
        for each in value if isinstance(value, list) else [value]:
            yield _one(name, each, text.path, rank, line)


def _one(name: str, value: Any, path: str, rank: int, line: int) -> Stated:
    version = value.get("version") if isinstance(value, dict) else value
    # Poetry's own key for Python, or an environment marker.
    marker = next((f"{key} {value[key]}" for key in ("markers", "python", "platform") if _at(value, key)), "")
    optional = EXTRA if _at(value, "optional") is True else rank
    if not isinstance(version, str):
        return Stated(stated(name, "", "", 0, path, line).name, "", "it is taken from an address", DECLARED, rank,
                      marker, path, line)  # fmt: skip
    specifier = caret(version)
    return stated(name, version if specifier is None else specifier, DECLARED, max(rank, optional), path, line, marker)
