"""`cdlint config`: the settings in force, their schema, and whether a configuration is valid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from ..config import Config, validate
from ..configfile import shown
from ..settings import SETTINGS
from .main import CONTEXT
from .options import configuration, existing, settings_options, source_options


@click.group(context_settings=CONTEXT)
def config() -> None:
    """Show, describe or check the configuration."""


@config.command(context_settings=CONTEXT)
@click.argument("path", default=".", metavar="[PATH]")
@settings_options
@source_options
def show(path: str, **flags: Any) -> None:
    """Show each setting, its value, and where that comes from.

    With `--output-format json`, as JSON.
    """
    show_valid(configuration(existing(path)))


@config.command(context_settings=CONTEXT)
def schema() -> None:
    """Print the JSON schema of cdlint.toml and `[tool.cdlint]`, with the options of the installed rules."""
    import json

    from ..packs import load
    from ..settings import schema as describe

    click.echo(json.dumps(describe(load().options), indent=2))


@config.command(context_settings=CONTEXT)
@click.argument("path", default=".", metavar="[PATH]")
@source_options
def check(path: str, **flags: Any) -> None:
    """Say whether the configuration for PATH is valid: 0 if it is, 2 if not."""
    found = configuration(existing(path))
    validate(found, _known(found))
    click.echo(
        f"{shown(found.file.path)} is valid." if found.file else "There is no configuration file; defaults hold."
    )


def _known(found: Config) -> Mapping[str, Mapping[str, Any]]:
    from ..packs import load

    return load(found.packs).options


def show_valid(found: Config) -> None:
    """Print the settings as TOML with their origins, or as JSON if that is the format."""
    validate(found, _known(found))
    plain = {name: _plain(found, name) for name in SETTINGS}
    if found.output_format == "json":
        import json

        settings = {name: {"value": value, "from": found.origin(name)} for name, value in plain.items()}
        file = found.file.path if found.file else None
        click.echo(json.dumps({"root": found.root, "file": file, "settings": settings}, indent=2))
        return
    click.echo(f"# project: {shown(found.root)}")
    for name, value in plain.items():
        origin = found.origin(name)
        if name == "packs" and found.refused_packs:
            origin += "; not run, since the checked repository itself asks for it"
        if value is None:
            click.echo(f"# {name}: the rules that are on by default  # {origin}")
        else:
            click.echo(f"{name} = {_toml(value)}  # {origin}")


def _plain(found: Config, name: str) -> Any:
    setting = SETTINGS[name]
    value = getattr(found, setting.attribute)
    if name == "packs":
        value += found.refused_packs
    return None if value is None else setting.kind.plain(value)


def _toml(value: Any) -> str:
    """A value in TOML, on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, dict):
        pairs = ", ".join(f"{_quoted(key)} = {_toml(each)}" for key, each in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    return str(value)


def _quoted(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
