"""How a terminal is dressed: colours, links, width."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal, NamedTuple, TextIO

_CODES = {
    "bold": "1",
    "error": "1;31",
    "warning": "1;33",
    "note": "1;34",
    "rule": "36",
    "gutter": "34",
    "help": "1;32",
}


class Style(NamedTuple):
    """What the stream can show. Plain by default."""

    color: bool = False
    hyperlinks: bool = False
    """OSC 8 links, understood by terminals only."""
    root: str = ""
    """The absolute path of the checked root, for links only: it is never printed."""
    width: int = 0
    """Columns of the terminal, 0 when unknown."""

    def paint(self, role: str, text: str) -> str:
        """The text in the colour of its role."""
        return f"\x1b[{_CODES[role]}m{text}\x1b[0m" if self.color and text else text

    def link(self, path: str, text: str) -> str:
        """The text as a link to a file, by its path from the root or absolute."""
        if not self.hyperlinks:
            return text
        from urllib.parse import quote

        target = os.path.join(self.root, path).replace(os.sep, "/")
        host = os.uname().nodename if hasattr(os, "uname") else ""
        address = f"file://{host}/{quote(os.fsencode(target).lstrip(b'/'), safe='/:')}"
        return f"\x1b]8;;{address}\x1b\\{text}\x1b]8;;\x1b\\"


def wants_color(stream: TextIO, choice: Literal["auto", "always", "never"], environ: Mapping[str, str]) -> bool:
    """Whether to colour: what was chosen, else NO_COLOR, then FORCE_COLOR or CLICOLOR_FORCE, then the terminal."""
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return environ.get("TERM") != "dumb" and not stream.closed and stream.isatty()
