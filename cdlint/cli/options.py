"""The options that several commands share: those that stand for settings, and where settings come from."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click
from click.core import ParameterSource
from click.types import StringParamType

from ..config import Config, Given, load
from ..failure import Failure
from ..readers import OUTPUT_FORMATS
from ..settings import SETTINGS

F = TypeVar("F", bound=Callable[..., Any])


class Words(StringParamType):
    """Text whose commas are read later: a variable with spaces is one value, not several."""

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        """The value of a variable as it stands."""
        return [rv]


_SELECTORS = "Comma-separated, may be given several times."
_PYTHON = click.option(
    "--python",
    metavar="PATH",
    help="Read the base classes that other packages bring from this virtual environment, as text.",
)
_SETTINGS_OPTIONS = (
    click.option("--select", type=Words(), multiple=True, metavar="RULES", help=f"Run these rules only. {_SELECTORS}"),
    click.option("--ignore", type=Words(), multiple=True, metavar="RULES", help="Do not run these rules."),
    click.option("--extend-select", type=Words(), multiple=True, metavar="RULES", help="Run these rules as well."),
    click.option(
        "--per-file-ignores",
        type=Words(),
        multiple=True,
        metavar="GLOB:RULE",
        help="Do not report a rule in the files that match.",
    ),
    click.option(
        "--exclude", type=Words(), multiple=True, metavar="GLOBS", help="Leave out these files, not the built-in list."
    ),
    click.option(
        "--extend-exclude", type=Words(), multiple=True, metavar="GLOBS", help="Leave out these files as well."
    ),
    click.option(
        "--respect-gitignore/--no-respect-gitignore", default=True, help="Leave out what git ignores. On by default."
    ),
    click.option(
        "--output-format",
        type=click.Choice(OUTPUT_FORMATS),
        help="How findings are written.  [default: text]",
    ),
    click.option(
        "--pack",
        "packs",
        type=Words(),
        multiple=True,
        metavar="DIR",
        help="Run the rules of the pack in this folder too. This runs the pack's code.",
    ),
    _PYTHON,
)
_SOURCE_OPTIONS = (
    click.option(
        "--config",
        "config_file",
        envvar="CDLINT_CONFIG",
        metavar="FILE",
        help="Use this cdlint.toml or pyproject.toml. It is trusted: the packs that it names are run.",
    ),
    click.option("--isolated", is_flag=True, help="Use no configuration file."),
)


def _apply(options: Sequence[Callable[[F], F]], function: F) -> F:
    for option in reversed(options):
        function = option(function)
    return function


def settings_options(function: F) -> F:
    """Add an option for each setting that has one."""
    return _apply(_SETTINGS_OPTIONS, function)


def python_option(function: F) -> F:
    """Add the option that names the environment to look up base classes in."""
    return _PYTHON(function)


def source_options(function: F) -> F:
    """Add the options that say which configuration file counts."""
    return _apply(_SOURCE_OPTIONS, function)


def configuration(path: str) -> Config:
    """The configuration for a path, as the options and variables of the running command say."""
    ctx = click.get_current_context()
    file, isolated = ctx.params.get("config_file"), bool(ctx.params.get("isolated"))
    if file and isolated:
        raise click.UsageError("`--config` and `--isolated` exclude each other")
    return load(path, file=file, isolated=isolated, given=given(ctx))


def given(ctx: click.Context) -> dict[str, Given]:
    """The settings that options or variables give."""
    found = {}
    for param in ctx.command.params:
        name = (param.name or "").replace("_", "-")
        source = ctx.get_parameter_source(param.name or "")
        if name not in SETTINGS or source not in (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT):
            continue
        value = ctx.params[param.name or ""]
        if source is ParameterSource.COMMANDLINE:
            origin = Given("flag", _flag(param, value), _value(name, value))
        else:
            origin = Given("environment", f"CDLINT_{(param.name or '').upper()}", _value(name, value))
        found[name] = origin
    return found


def _flag(param: click.Parameter, value: Any) -> str:
    return param.secondary_opts[0] if value is False and param.secondary_opts else param.opts[0]


def _value(name: str, value: Any) -> Any:
    """What an option gives, as TOML would hold it."""
    if not isinstance(value, tuple):
        return value
    if name == "packs":
        return list(value)
    items = [item.strip() for text in value for item in text.split(",") if item.strip()]
    if name != "per-file-ignores":
        return items
    table: dict[str, list[str]] = {}
    for item in items:
        pattern, colon, selector = item.rpartition(":")
        if not colon:
            raise Failure(f"--per-file-ignores: `{item}` must be a pattern and a rule, as `tests/*:flask`")
        table.setdefault(pattern.strip(), []).append(selector.strip())
    return table


def existing(path: str) -> str:
    """The path, which must be there."""
    if not os.path.lexists(path):
        raise Failure(f"there is no file or folder `{path}`")
    return path
