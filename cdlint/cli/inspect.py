"""`cdlint inspect`: what cdlint believes about a repository."""

from __future__ import annotations

from typing import Any

import click

from .main import CONTEXT
from .options import configuration, existing, source_options


@click.group(context_settings=CONTEXT)
def inspect() -> None:
    """Show what cdlint believes about a project, and what it could not resolve."""


@inspect.command(context_settings=CONTEXT)
@click.argument("path", default=".", metavar="[PATH]")
@click.option(
    "--output-format",
    "format",
    type=click.Choice(["text", "json", "mermaid", "dot"]),
    default="text",
    help="How to write it.",
)
@source_options
def imports(path: str, format: str, **flags: Any) -> None:
    """The modules of a project and the imports between them."""
    from ..inspect import imports as answer

    click.echo(answer(configuration(existing(path)), format), nl=False)
