"""`cdlint inspect`: what cdlint believes about a repository."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from .main import CONTEXT
from .options import configuration, existing, python_option, source_options

if TYPE_CHECKING:
    from ..config import Config


@click.group(context_settings=CONTEXT)
def inspect() -> None:
    """Show what cdlint believes about a project, and what it could not resolve."""


def _command(kind: str, help: str, drawn: bool) -> None:
    formats = ["text", "json", *(["mermaid", "dot"] if drawn else [])]

    @inspect.command(kind, context_settings=CONTEXT, help=help)
    @click.argument("path", default=".", metavar="[PATH]")
    @click.option(
        "--output-format",
        "format",
        type=click.Choice(formats),
        default="text",
        help="How to write it.",
        show_default=True,
    )
    @python_option
    @source_options
    def command(path: str, format: str, **flags: Any) -> None:
        from ..inspect import inspect as answer

        click.echo(answer(kind, _rooted(path), format), nl=False)


_command("imports", "The modules of a project and the imports between them.", drawn=True)
_command("models", "The tables of a project with all their columns.", drawn=True)
_command("routes", "The methods and paths that the application answers to.", drawn=False)
_command("sessions", "The engines, session factories and database sessions of a project.", drawn=False)
_command("shapes", "What the schemas, serializers and forms of a project accept and return.", drawn=False)
_command("stack", "The frameworks, database and other parts of a project, with versions and proof.", drawn=False)
_command("transactions", "The regions of code in which a database transaction is open.", drawn=False)


def _rooted(path: str) -> Config:
    """The configuration of a path, with the path as root: answers are about it and relative to it.

    A folder inside a package is none: its modules have their names from the whole project.
    """
    found = configuration(existing(path))
    if not os.path.isdir(path) or os.path.exists(os.path.join(path, "__init__.py")):
        return found
    return replace(found, root=os.path.realpath(path))
