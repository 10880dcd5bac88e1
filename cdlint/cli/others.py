"""The small commands: `server`, `clean`, `completion`, `version`."""

from __future__ import annotations

from typing import Any

import click

from .. import __version__
from ..failure import Failure
from .main import CONTEXT, cli
from .options import configuration, existing, source_options


@click.command(context_settings=CONTEXT)
@click.option("--stdio", is_flag=True, help="Accepted because editors pass it; there is no other way.")
@click.pass_context
def server(ctx: click.Context, stdio: bool) -> None:
    """Run the language server, on the standard input and output."""
    try:
        from ..lsp import serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise Failure("the language server needs pygls, which is not installed: install `cdlint[server]`") from None
    ctx.exit(serve())


@click.command(context_settings=CONTEXT)
@click.argument("path", default=".", metavar="[PATH]")
@click.option("--cache-dir", metavar="DIR", help="The cache is here and not in the user's cache folder.")
@source_options
def clean(path: str, cache_dir: str | None, **flags: Any) -> None:
    """Remove what is cached of the project that PATH belongs to."""
    from ..cache import Cache

    cache = Cache(configuration(existing(path)).root, cache_dir)
    cache.clear()
    if cache.notices:
        raise Failure("\n".join(notice.message for notice in cache.notices))


@click.command(context_settings=CONTEXT)
@click.argument("shell", type=click.Choice(["bash", "fish", "zsh"]))
def completion(shell: str) -> None:
    """Print the script that completes `cdlint` in a shell.

    For bash: `cdlint completion bash >> ~/.bashrc`.
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    if found is None:
        raise Failure(f"there is no completion for `{shell}`")
    click.echo(found(cli, {}, "cdlint", "_CDLINT_COMPLETE").source())


@click.command(context_settings=CONTEXT)
def version() -> None:
    """Print the version."""
    click.echo(f"cdlint {__version__}")
