"""The configuration of a run: which project a path belongs to, and its settings with where each came from."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from . import configfile, selection
from .configfile import ConfigFile, shown
from .failure import Failure
from .readers import Layers, Wrong, convert, did_you_mean
from .settings import SETTINGS, Settings

__all__ = ["Config", "ConfigError", "Given", "Layers", "load", "validate"]

_ADDITIVE = ("extend-select", "ignore", "extend-exclude", "packs")
_RESET_BY_SELECT = ("extend-select", "ignore")


class ConfigError(Failure):
    """The configuration cannot be used; one line for each problem."""


class Given(NamedTuple):
    """A value that somebody gave, as TOML would hold it."""

    kind: Literal["file", "environment", "flag"]
    at: str
    """The file's path, the variable's name or the flag as it is written."""
    value: Any


@dataclass(frozen=True, kw_only=True)
class Config(Settings):
    """The settings of one project."""

    root: str
    """The absolute path of the project: what is indexed, and what paths and patterns are relative to."""
    file: ConfigFile | None = field(default=None, compare=False, repr=False)
    given: Mapping[str, tuple[Given, ...]] = field(default_factory=dict, compare=False, repr=False)
    """For each setting that is not at its default, who said so."""
    refused_packs: tuple[str, ...] = ()
    """Folders of packs that only the repository itself asks for, so that they are not run."""

    @property
    def excluded(self) -> tuple[str, ...]:
        """All patterns of what to leave out."""
        return self.exclude + self.extend_exclude

    @property
    def key(self) -> str:
        """All settings that findings depend on, as text: equal for equal settings."""
        names = [each.attribute for each in SETTINGS.values() if each.name != "output-format"]
        return repr([(name, getattr(self, name)) for name in names])

    def origin(self, name: str) -> str:
        """Where the value of a setting came from, in words."""
        found = [
            self.file.place((name,)) if each.kind == "file" and self.file else f"{each.kind} {each.at}"
            for each in self.given.get(name, ())
        ]
        return ", ".join(found) or "default"


def load(
    path: str, *, file: str | None = None, isolated: bool = False, given: Mapping[str, Given] | None = None
) -> Config:
    """The configuration for a path, which need not exist.

    The nearest folder at or above it that has a configuration makes the project, looked for up
    to the top of its git repository; else that top does; else the folder itself, or the one
    above it where it is a package. `file` is used instead of what would be found, `isolated`
    uses none, `given` is laid over what the file says.
    """
    path = os.path.realpath(path)
    folder = path if os.path.isdir(path) else os.path.dirname(path)
    found = None if isolated or file else _nearest(folder)
    if file:
        found = _named(file)
    root = _root(folder, found, trusted=bool(file))
    layers: list[Mapping[str, Given]] = []
    if found:
        layers.append({key: Given("file", found.path, value) for key, value in found.table.items()})
    return _build(root, found, [*layers, given or {}], trusted=bool(file))


def validate(config: Config, known: Mapping[str, Mapping[str, Any]]) -> None:
    """Check what needs the installed rules, by id with their options' defaults. Raises `ConfigError`.

    Apart from `load`, so that a run that only replays need not know the rules.
    """
    problems = [*_unknown_rules(config, known), *_wrong_options(config, known), *_missing_roots(config)]
    if problems:
        raise ConfigError("\n".join(problems))


def names_rules(config: Config) -> bool:
    """Whether a setting names packs or rules, which `validate` can only judge when all of them are known."""
    return bool(config.rules) or next(_selectors(config), None) is not None


def require_packs(config: Config) -> None:
    """Refuse a configuration that needs packs which nobody but the repository asks for."""
    if config.refused_packs:
        where = config.file.place(("packs",)) if config.file else ""
        raise ConfigError(
            f"{where}: `packs` names code to run, and this file was found in the checked repository, "
            "whose code is never run unasked. If you trust it, say so: "
            f"`--config {shown(config.file.path) if config.file else ''}`, or `--pack` with the folder"
        )


_MARKS = (".gitignore", "Dockerfile", "manage.py", "pyproject.toml", "requirements.txt", "setup.cfg", "setup.py")
"""What the top folder of a project holds, where no git says which it is."""


def _nearest(folder: str) -> ConfigFile | None:
    for each in configfile.ancestors(folder):
        found = configfile.in_folder(each)
        if found or os.path.lexists(os.path.join(each, ".git")):
            return found
    return None


def _named(file: str) -> ConfigFile:
    found = configfile.read(os.path.realpath(file))
    if found is None:
        raise ConfigError(f"{shown(file)}: has no table `[tool.cdlint]`")
    return found


def _root(folder: str, found: ConfigFile | None, *, trusted: bool) -> str:
    above = configfile.ancestors(folder)
    if found:
        home = os.path.dirname(found.path)
        if not trusted or home in above:
            return home
    for each in above:
        if os.path.lexists(os.path.join(each, ".git")):
            return each
    return next((each for each in above if not _is_inner(each)), folder)


def _is_inner(folder: str) -> bool:
    """Whether a folder is a package of something around it, and nothing says that it is a project itself."""
    marked = any(os.path.lexists(os.path.join(folder, name)) for name in _MARKS)
    return os.path.isfile(os.path.join(folder, "__init__.py")) and not marked


def _build(root: str, file: ConfigFile | None, layers: list[Mapping[str, Given]], *, trusted: bool) -> Config:
    values: dict[str, Any] = {}
    origins: dict[str, tuple[Given, ...]] = {}
    refused: tuple[str, ...] = ()
    problems: list[str] = []
    for layer in layers:
        if "select" in layer and layer["select"].kind != "file":
            for name in _RESET_BY_SELECT:
                values.pop(name, None)
                origins.pop(name, None)
        for name, value in _read(layer, file, problems):
            given = layer[name]
            if name == "packs" and given.kind == "file" and not trusted:
                value, refused = (), value
            added = name in _ADDITIVE and name in values
            values[name] = values[name] + value if added else value
            origins[name] = (*origins[name], given) if added else (given,)
    if problems:
        raise ConfigError("\n".join(problems))
    attributes = {SETTINGS[name].attribute: value for name, value in values.items()}
    return Config(root=root, file=file, given=origins, refused_packs=refused, **attributes)


def _read(layer: Mapping[str, Given], file: ConfigFile | None, problems: list[str]) -> Iterator[tuple[str, Any]]:
    for name, given in layer.items():
        setting = SETTINGS.get(name)
        if setting is None:
            problems.append(f"{_where(file, given, (name,))}: unknown setting{did_you_mean(name, SETTINGS)}")
            continue
        try:
            value = setting.kind.read(given.value)
        except Wrong as wrong:
            problems.append(f"{_where(file, given, (name, *wrong.at), wrong.value)}: {wrong}")
        else:
            if name == "packs":
                value = _folders(value, given)
            elif name == "python" and value:
                found = _environment(value, given)
                if found is None:
                    problems.append(f"{_where(file, given, (name,))}: `{value}` has no site-packages to read")
                    continue
                value = found
            yield name, value


def _environment(path: str, given: Given) -> str | None:
    """The folder of packages behind a path that is relative to its file, or to where the command runs."""
    from .environment import site_packages

    return site_packages(os.path.join(_base(given), os.path.expanduser(path)))


def _base(given: Given) -> str:
    return os.path.dirname(given.at) if given.kind == "file" else os.getcwd()


def _folders(folders: tuple[str, ...], given: Given) -> tuple[str, ...]:
    """Folders of packs as absolute paths: relative to their file, or to where the command runs."""
    return tuple(os.path.realpath(os.path.join(_base(given), folder)) for folder in folders)


def _where(file: ConfigFile | None, given: Given, keys: tuple[str | int, ...], value: str | None = None) -> str:
    """The beginning of a message: the flag or variable, or the file, the line and the key."""
    if given.kind == "file" and file:
        return f"{file.place(keys, value)}: `{_dotted((*file.prefix, *keys))}`"
    return given.at


def _dotted(keys: Iterable[str | int]) -> str:
    text = ""
    for key in keys:
        if isinstance(key, int):
            text += f"[{key}]"
        else:
            name = key if key.replace("-", "").replace("_", "").isalnum() else f'"{key}"'
            text += f".{name}" if text else name
    return text


def _unknown_rules(config: Config, known: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Selectors that take in no rule: a misspelt one would silently check nothing."""
    refused = {os.path.basename(folder).replace("_", "-") for folder in config.refused_packs}
    names = {*known, *(rule.partition("/")[0] for rule in known)}
    for name, keys, selector in _selectors(config):
        if selection.matching(selector, known) or selector.partition("/")[0] in refused or selector == "ALL":
            continue
        where = _where_of(config, name, keys, selector)
        yield f"{where}: no rule matches `{selector}`{did_you_mean(selector, names)}"


def _selectors(config: Config) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Every selector in the settings: the setting, the keys below it, and the selector."""
    for name in ("select", "extend-select", "ignore"):
        for selector in getattr(config, SETTINGS[name].attribute) or ():
            yield name, (), selector
    for pattern, selectors in config.per_file_ignores:
        for selector in selectors:
            yield "per-file-ignores", (pattern,), selector
    for selector, _ in config.severity:
        yield "severity", (selector,), selector


def _wrong_options(config: Config, known: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    refused = {os.path.basename(folder).replace("_", "-") for folder in config.refused_packs}
    for rule, options in config.rules:
        if rule not in known:
            if rule.partition("/")[0] not in refused:
                yield f"{_where_of(config, 'rules', (rule,))}: no such rule{did_you_mean(rule, known)}"
            continue
        for name, value in options:
            where = _where_of(config, "rules", (rule, name))
            if name not in known[rule]:
                yield f"{where}: the rule has {_option_names(known[rule])}{did_you_mean(name, known[rule])}"
                continue
            try:
                convert(value, known[rule][name])
            except Wrong as wrong:
                yield f"{where}: {wrong}"


def _option_names(options: Mapping[str, Any]) -> str:
    names = ", ".join(f"`{name}`" for name in sorted(options))
    return f"no such option, only {names}" if names else "no options"


def _missing_roots(config: Config) -> Iterator[str]:
    for folder in config.source_roots:
        if not os.path.isdir(os.path.join(config.root, folder)):
            yield f"{_where_of(config, 'source-roots', (), folder)}: there is no folder `{folder}`"


def _where_of(config: Config, name: str, keys: tuple[str, ...], value: str | None = None) -> str:
    """Where a value stands that passed `load`: the flag or variable if that holds it, else the file."""
    givens = config.given.get(name, ())
    holding = [each for each in givens if value is None or value in str(each.value)]
    given = (holding or list(givens))[-1]
    return _where(config.file, given, (name, *keys), value)
