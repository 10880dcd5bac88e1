"""The command group: which commands there are, imported when they are asked for, and what ends them."""

from __future__ import annotations

import errno
import importlib
import os
from typing import Any

import click

from .. import __version__
from ..failure import Failure
from . import CANNOT, INTERRUPTED, PIPE_CLOSED, complain, silence

CONTEXT = {"auto_envvar_prefix": "CDLINT", "help_option_names": ["-h", "--help"], "max_content_width": 100}
_UNWRITABLE = (errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EBADF)
_COMMANDS = {
    "check": "check",
    "rule": "rule",
    "config": "config",
    "inspect": "inspect",
    "server": "others",
    "clean": "others",
    "completion": "others",
    "version": "others",
}


class Door(click.Group):
    """Imports a command's module only when it is used, and turns every failure into one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of the help."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f".{_COMMANDS[cmd_name]}", __package__)
        command: click.Command = getattr(module, cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, and name the nearest when there is none."""
        name = args[0]
        if name not in _COMMANDS and not name.startswith("-"):
            from ..readers import did_you_mean

            known = "a path goes after `check`" if os.path.exists(name) else "see `cdlint --help`"
            hint = did_you_mean(name, _COMMANDS) or f"; {known}"
            ctx.fail(f"no such command `{name}`{hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what goes wrong in it is said in one line."""
        try:
            return super().invoke(ctx)
        except Failure as failure:
            complain(str(failure))
        except KeyboardInterrupt:
            complain("interrupted")
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:
            silence()
            ctx.exit(PIPE_CLOSED)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno in _UNWRITABLE and error.filename is None:
                silence(1)
                complain(f"cannot write the output: {error.strerror}")
            else:
                _internal(error)
        ctx.exit(CANNOT)


def _internal(error: Exception) -> None:
    if os.environ.get("CDLINT_DEBUG", "0") not in ("", "0"):
        import traceback

        complain(traceback.format_exc())
        return
    reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    complain(f"internal error: {reason} (this is a bug of cdlint; set CDLINT_DEBUG=1 to see where)")


@click.group(
    cls=Door,
    context_settings=CONTEXT,
    epilog="Every option can be set by a variable, as CDLINT_OUTPUT_FORMAT. CDLINT_DEBUG=1 shows tracebacks.",
)
@click.version_option(__version__, "-V", "--version", message="cdlint %(version)s")
def cli() -> None:
    """cdlint: finds what is right line by line and wrong as a system.

    Reads a whole Flask, FastAPI or Django repository, without running it, and says where its parts do not fit.
    """
