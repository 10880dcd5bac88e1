"""The report as workflow commands, which GitHub Actions turns into annotations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from ..diagnostic import Diagnostic, Notice, Report
from .escape import printable, put

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def write(report: Report, out: TextIO) -> None:
    """Write one command for each finding and each notice."""
    for diagnostic in report.diagnostics:
        put(out, _command(_COMMANDS[diagnostic.severity], _properties(diagnostic), _text(diagnostic)))
    for notice in report.notices:
        put(out, _command("notice", _notice_properties(notice), notice.message))


def _command(name: str, properties: dict[str, str], text: str) -> str:
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {listed}::{_data(text)}\n"


def _data(text: str) -> str:
    return printable(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _properties(diagnostic: Diagnostic) -> dict[str, str]:
    properties = {
        "file": diagnostic.path,
        "line": str(diagnostic.line),
        "endLine": str(diagnostic.end_line),
        "col": str(diagnostic.column),
        "endColumn": str(diagnostic.end_column),
        "title": diagnostic.rule,
    }
    if diagnostic.line != diagnostic.end_line:
        # The runner warns about columns of a range of lines and drops them.
        del properties["col"], properties["endColumn"]
    return properties


def _notice_properties(notice: Notice) -> dict[str, str]:
    properties = {"title": "cdlint"}
    if notice.path:
        properties["file"] = notice.path
    if notice.line:
        properties["line"] = str(notice.line)
    return properties


def _text(diagnostic: Diagnostic) -> str:
    return "\n".join(_lines(diagnostic))


def _lines(diagnostic: Diagnostic) -> Iterator[str]:
    yield diagnostic.message
    for place in diagnostic.related:
        yield f"{place.path}:{place.line}:{place.column} {place.message}"
    for number, place in enumerate(diagnostic.chain, start=1):
        yield f"{number}. {place.path}:{place.line}:{place.column} {place.message}"
    if diagnostic.cure:
        yield f"help: {diagnostic.cure}"
