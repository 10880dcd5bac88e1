"""Where findings are written, in which format and dress."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Literal, NamedTuple, TextIO

from ..config import Config
from ..failure import Failure
from ..formats import FORMATS, SarifOptions, write
from ..formats.style import Style, wants_color

if TYPE_CHECKING:
    from ..diagnostic import Report
    from ..rule import Rule

Choice = Literal["auto", "always", "never"]
PLAIN_TEXT = ("text", "concise")


class Destination(NamedTuple):
    """One place to write to."""

    format: str
    path: str | None
    """None for the standard output."""


def destinations(given: Sequence[str], default: str) -> tuple[Destination, ...]:
    """The destinations of `-o`, each `FILE` or `FORMAT:FILE`; the standard output when there are none."""
    found = []
    for text in given:
        format, colon, path = text.partition(":")
        if not (colon and format in FORMATS):
            format, path = default, text
        if not path:
            raise Failure(f"--output-file: `{text}` names no file")
        found.append(Destination(format, None if path == "-" else path))
    return tuple(found) or (Destination(default, None),)


def style(stream: TextIO, color: Choice, root: str) -> Style:
    """How a stream is dressed: colours as asked for, links and width on a terminal only."""
    painted = wants_color(stream, color, os.environ)
    if not stream.isatty():
        return Style(painted, False, root, 0)
    import shutil

    return Style(painted, painted, root, shutil.get_terminal_size().columns)


def standard_output(format: str) -> TextIO:
    """The standard output; in UTF-8 for the formats that programs read."""
    if sys.stdout is None:
        return open(os.devnull, "w", encoding="utf-8")
    if format not in PLAIN_TEXT:
        encode = getattr(sys.stdout, "reconfigure", None)
        if encode:
            encode(encoding="utf-8", errors="backslashreplace")
    return sys.stdout


def emit(
    report: Report, places: Sequence[Destination], config: Config, color: Choice, sarif: SarifOptions, *, quiet: bool
) -> None:
    """Write the report to each destination. Notices of plain text go to stderr, see `tell`."""
    for place in places:
        with _opened(place) as out:
            if place.path is None:
                dress = style(out, color, config.root)
            else:
                dress = Style(color == "always", False, config.root, 0)
            shown = report
            if place.format in PLAIN_TEXT:
                if quiet and not report.diagnostics:
                    continue
                shown = report._replace(notices=())
            rules = _rules(place.format, dress, report, config)
            try:
                write(shown, place.format, out, style=dress, rules=rules, sarif=sarif)
                out.flush()
            except BrokenPipeError:
                raise
            except OSError as error:
                raise Failure(f"{place.path or 'the standard output'}: cannot be written: {error.strerror}") from None


def tell(report: Report, color: Choice, root: str) -> None:
    """Say on stderr what the user should know about the run."""
    if report.notices and sys.stderr is not None:
        from ..formats.text import notices_text

        text = notices_text(report.notices, style(sys.stderr, color, root))
        encoding = sys.stderr.encoding or "utf-8"
        sys.stderr.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stderr.flush()


def _opened(place: Destination) -> AbstractContextManager[TextIO]:
    if place.path is None:
        return nullcontext(standard_output(place.format))
    try:
        os.makedirs(os.path.dirname(place.path) or ".", exist_ok=True)
        return open(place.path, "w", encoding="utf-8", errors="backslashreplace", newline="\n")
    except OSError as error:
        raise Failure(f"{place.path}: cannot be written: {error.strerror}") from None


def _rules(format: str, dress: Style, report: Report, config: Config) -> Mapping[str, Rule]:
    """The rules where the format shows them; to load them is most of the work of a replayed run."""
    if format == "sarif" or (format in PLAIN_TEXT and dress.hyperlinks and report.diagnostics):
        from ..packs import load

        return load(config.packs).rules
    return {}
