"""The settings: each field is the one definition of a setting's name, type, default, meaning and schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from . import readers
from .readers import Kind, Layers

DEFAULT_EXCLUDE = (
    ".bzr",
    ".direnv",
    ".eggs",
    ".git",
    ".hg",
    ".mypy_cache",
    ".nox",
    ".pytest_cache",
    ".ruff_cache",
    ".svn",
    ".tox",
    ".venv",
    "__pycache__",
    "__pypackages__",
    "node_modules",
    "site-packages",
    "venv",
)


def _setting(kind: Kind, default: Any, doc: str) -> Any:
    return field(default=default, metadata={"kind": kind, "doc": doc})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting, with the value that holds where nothing else is said."""

    select: tuple[str, ...] | None = _setting(
        readers.SELECTORS, None, "The rules to run, in place of those that are on by default."
    )
    extend_select: tuple[str, ...] = _setting(
        readers.SELECTORS, (), "Rules to run besides `select` or those that are on by default."
    )
    ignore: tuple[str, ...] = _setting(
        readers.SELECTORS, (), "Rules not to run. The more specific selector wins over a broader one."
    )
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = _setting(
        readers.PER_FILE, (), "File patterns, and the rules whose findings are not reported in the files that match."
    )
    severity: tuple[tuple[str, str], ...] = _setting(
        readers.SEVERITY, (), "Rules or packs, and the severity of their findings. Notes alone do not fail a run."
    )
    source_roots: tuple[str, ...] = _setting(
        readers.ROOTS, (), "Folders that absolute imports start from. Found by cdlint itself when empty."
    )
    exclude: tuple[str, ...] = _setting(
        readers.PATTERNS, DEFAULT_EXCLUDE, "File patterns to leave out, in place of the built-in ones."
    )
    extend_exclude: tuple[str, ...] = _setting(readers.PATTERNS, (), "File patterns to leave out besides `exclude`.")
    respect_gitignore: bool = _setting(readers.BOOLEAN, True, "Whether to leave out what git ignores.")
    max_file_size: int = _setting(
        readers.SIZE, 5_000_000, 'The size in bytes, or as "5 MB", above which a file is not read.'
    )
    packs: tuple[str, ...] = _setting(
        readers.FOLDERS,
        (),
        "Folders that hold further packs, relative to the file. They are run, and so only when the file is named "
        "by `--config` or the folder by `--pack`: what a repository says of itself never makes cdlint run its code.",
    )
    python: str = _setting(
        readers.PATH,
        "",
        "A virtual environment, an interpreter in one, or a folder of packages, relative to the file: base classes "
        "from other packages are looked up there, as text; nothing in it is run. Not read when empty.",
    )
    output_format: str = _setting(readers.choice(readers.OUTPUT_FORMATS), "text", "How findings are written.")
    layers: tuple[Layers, ...] = _setting(
        readers.LAYERS, (), "Contracts over layers: which modules are in each, the highest layer first."
    )
    rules: tuple[tuple[str, tuple[tuple[str, Any], ...]], ...] = _setting(
        readers.OPTIONS, (), "The options of single rules, a table for each rule id."
    )


class Setting(NamedTuple):
    """One setting as users know it."""

    name: str
    attribute: str
    kind: Kind
    default: Any
    doc: str


SETTINGS: Mapping[str, Setting] = {
    each.name.replace("_", "-"): Setting(
        each.name.replace("_", "-"), each.name, each.metadata["kind"], each.default, each.metadata["doc"]
    )
    for each in fields(Settings)
}


def schema(known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The JSON schema of `[tool.cdlint]` and of `cdlint.toml`, for rules by id with their options' defaults."""
    properties: dict[str, Any] = {}
    for setting in SETTINGS.values():
        properties[setting.name] = {"description": setting.doc, **setting.kind.schema}
        if setting.default is not None:
            properties[setting.name]["default"] = setting.kind.plain(setting.default)
    properties["rules"]["properties"] = {rule: _options(options) for rule, options in sorted(known.items())}
    properties["rules"]["additionalProperties"] = False
    packs = sorted({rule.partition("/")[0] for rule in known})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "cdlint",
        "description": "The table [tool.cdlint] of pyproject.toml, or the whole of cdlint.toml.",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "$defs": {
            "selector": {
                "description": f"Rules: {readers.SELECTOR_FORM}.",
                "anyOf": [{"enum": ["ALL", *packs, *sorted(known)]}, {"type": "string", "pattern": r"[*?\[]"}],
            }
        },
    }


def _options(options: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: readers.option_schema(default) for name, default in sorted(options.items())},
        "additionalProperties": False,
    }
