"""Which distributions the repository declares as dependencies, by the name one would import."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from . import Project

_NAME = re.compile(r"\s*([A-Za-z0-9][\w.-]*)")
_QUOTED = re.compile(r"""["']([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(?:[<>=!~;@].*?)?["']""")
_KEY = re.compile(r"""^["']?([A-Za-z0-9][\w.-]*)["']?\s*=""", re.MULTILINE)
_OWN = re.compile(
    r"""^(?:\[(?:project|tool\.poetry|metadata)\]\n(?:(?!\[).*\n)*?|[ \t]*(?:setup\([ \t]*)?)"""
    r"""name\s*=\s*["']?([\w.-]+)""",
    re.MULTILINE,
)
_MAPPING = re.compile(r"""["']?(?<![\w.])([A-Za-z_]\w*(?:\.\w+)+)["']?\s*[=:]\s*["']?([\w./-]+)""")


def declared(project: Project) -> frozenset[str]:
    """Every declared dependency, lower case, with `_` for `-`; a `python-` or `py` in front left out too."""
    found: set[str] = set()
    for pattern, reader in _READERS:
        for path in project.files(pattern):
            for name in reader(project.text(path) or ""):
                plain = name.lower().replace("-", "_").replace(".", "_")
                found.update((plain, plain.removeprefix("python_"), plain.removeprefix("py")))
    return frozenset(found)


def mapped(project: Project) -> dict[str, str]:
    """Dotted package names that a build takes from a folder of another name: `package-dir` and its like."""
    found = {}
    for pattern in ("**/pyproject.toml", "**/setup.cfg", "**/setup.py"):
        for path in project.files(pattern):
            above = path.rpartition("/")[0]
            for match in _MAPPING.finditer(project.text(path) or ""):
                folder = "/".join(part for part in (*above.split("/"), *match[2].split("/")) if part not in ("", "."))
                if folder and project.exists(folder):
                    found[match[1]] = folder
    return found


def homes(project: Project) -> frozenset[tuple[str, str]]:
    """The folders of distributions that the repository itself makes: `(folder, name)`, lower case with `_` for `-`."""
    found: set[tuple[str, str]] = set()
    for pattern in ("**/pyproject.toml", "**/setup.cfg", "**/setup.py"):
        for path in project.files(pattern):
            match = _OWN.search(project.text(path) or "")
            if match is not None:
                found.add((path.rpartition("/")[0], match[1].lower().replace("-", "_").replace(".", "_")))
    return frozenset(found)


def own(project: Project) -> frozenset[str]:
    """The names of these distributions."""
    return frozenset(name for _, name in project[homes])


def is_declared(project: Project, name: str) -> bool:
    """Whether the repository depends on a distribution called like this module, and does not make it itself."""
    plain = name.lower()
    return plain in project[declared] and plain not in project[own]


def is_family(project: Project, name: str) -> bool:
    """Whether the repository depends on distributions that begin with this name, as parts of one namespace do."""
    plain = name.lower()
    return plain not in project[own] and any(each.startswith(f"{plain}_") for each in project[declared])


def _requirements(text: str) -> Iterator[str]:
    for line in text.splitlines():
        match = _NAME.match(line)
        if match and not line.lstrip().startswith(("#", "-")):
            yield match[1]


def _pyproject(text: str) -> Iterator[str]:
    import tomli

    try:
        table = tomli.loads(text)
    except (tomli.TOMLDecodeError, RecursionError):
        # What it may say counts as said, so that nothing is missed because of a comma.
        yield from _quoted(text)
        yield from (match[1] for match in _KEY.finditer(text))
        return
    yield from _dependencies(table)


def _dependencies(table: Any) -> Iterator[str]:
    """Names under every key that speaks of dependencies or packages, in whatever tool's table."""
    if not isinstance(table, dict):
        return
    for key, value in table.items():
        if key in ("packages", "dev-packages") or "dependenc" in key or key == "requires":
            yield from _named(value)
        else:
            yield from _dependencies(value)


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from _requirements(value)
    elif isinstance(value, list):
        for item in value:
            yield from _named(item) if isinstance(item, str) else ()
    elif isinstance(value, dict):
        for key, inner in value.items():
            # Either a table of names (`flask = "^3"`) or of groups (`test = ["pytest"]`).
            yield from _named(inner) if isinstance(inner, list) else (key, *_dependencies(inner))


def _quoted(text: str) -> Iterator[str]:
    for match in _QUOTED.finditer(text):
        yield match[1]


_READERS = (
    ("**/pyproject.toml", _pyproject),
    ("**/requirements*.txt", _requirements),
    ("**/requirements/*.txt", _requirements),
    ("**/requirements/*.in", _requirements),
    ("**/setup.cfg", _requirements),
    ("**/setup.py", _quoted),
    ("**/Pipfile", _pyproject),
)
