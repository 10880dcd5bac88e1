"""What a command line is about: one project, which of its files are reported on, and a buffer in place of one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from .. import configfile
from ..config import Config
from ..failure import Failure
from .options import existing


class Target(NamedTuple):
    """The project, and the part of it that is asked about."""

    config: Config
    only: tuple[str, ...] | None
    """Files and folders relative to the root; None for all."""
    overlay: Mapping[str, bytes]


def target(
    paths: Sequence[str], stdin_filename: str | None, configure: Callable[[str], Config], *, by_folder: bool
) -> Target:
    """The target of the paths given; `-` reads the standard input as the text of `stdin_filename`.

    `by_folder`: a folder below that has a configuration is a project of its own.
    """
    if "-" in paths or (stdin_filename and not paths):
        return _buffer(paths, stdin_filename, configure)
    if stdin_filename:
        raise Failure("`--stdin-filename` names the text of the standard input, so the only path may be `-`")
    full = [os.path.realpath(existing(path)) for path in paths or ["."]]
    try:
        common = os.path.commonpath(full)
    except ValueError:
        raise Failure("the paths lie on different drives; check them one at a time") from None
    config = configure(common)
    for path, shown in zip(full, paths or ["."], strict=True):
        home = _home(config, path, by_folder)
        if home is not None:
            raise Failure(
                f"`{shown}` belongs to the project `{configfile.shown(home)}`, other paths to "
                f"`{configfile.shown(config.root)}`; check one project at a time"
            )
    only = {os.path.relpath(path, config.root).replace(os.sep, "/") for path in full}
    return Target(config, None if "." in only else tuple(sorted(only)), {})


def _buffer(paths: Sequence[str], filename: str | None, configure: Callable[[str], Config]) -> Target:
    if len(paths) > 1:
        raise Failure("`-` reads the standard input and must be the only path")
    if not filename:
        raise Failure("`-` needs `--stdin-filename`: what a file means depends on where it stands")
    full = os.path.realpath(filename)
    if os.path.isdir(full):
        raise Failure(f"`{filename}` is a folder; `--stdin-filename` names a file")
    config = configure(full)
    path = os.path.relpath(full, config.root).replace(os.sep, "/")
    if path.startswith("../"):
        raise Failure(f"`{filename}` lies outside the project `{configfile.shown(config.root)}`")
    return Target(config, (path,), {path: sys.stdin.buffer.read() if sys.stdin else b""})


def _home(config: Config, path: str, by_folder: bool) -> str | None:
    """The root of another project that a path belongs to; None when it belongs to the one at hand."""
    for folder in configfile.ancestors(path if os.path.isdir(path) else os.path.dirname(path)):
        if folder == config.root:
            return None
        if by_folder and configfile.in_folder(folder):
            return folder
        if os.path.lexists(os.path.join(folder, ".git")):
            return folder
    return os.path.dirname(path)


def is_below(path: str, place: str) -> bool:
    """Whether a path is a place or lies in it."""
    return path == place or path.startswith(f"{place}/")


def has_python(config: Config, path: str) -> bool:
    """Whether there is a Python file at a path or anywhere below it, excluded or not."""
    full = os.path.join(config.root, path)
    if not os.path.isdir(full):
        return True
    return any(name.endswith(".py") for _, _, names in os.walk(full) for name in names)
