"""The report as JSON, one finding a line, for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TextIO

from ..diagnostic import Diagnostic, Place, Report
from .escape import encodable


def write(report: Report, out: TextIO) -> None:
    """Write the report as one JSON object, its keys sorted."""
    out.write('{"diagnostics": [')
    _write_lines(out, map(_diagnostic, report.diagnostics))
    out.write('], "notices": [')
    _write_lines(out, (notice._asdict() for notice in report.notices))
    out.write(f'], "summary": {_dump(report.summary._asdict())}, "suppressed": [')
    _write_lines(out, map(_diagnostic, report.suppressed))
    out.write("]}\n")


def _write_lines(out: TextIO, items: Iterable[dict[str, Any]]) -> None:
    between = "\n  "
    for item in items:
        out.write(between + _dump(item))
        between = ",\n  "
    if between[0] == ",":
        out.write("\n")


def _dump(item: dict[str, Any]) -> str:
    return json.dumps(_clean(item), sort_keys=True)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list) else value


def _diagnostic(diagnostic: Diagnostic) -> dict[str, Any]:
    made: dict[str, Any] = {
        "rule": diagnostic.rule,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "path": diagnostic.path,
        "line": diagnostic.line,
        "column": diagnostic.column,
        "end_line": diagnostic.end_line,
        "end_column": diagnostic.end_column,
        "related": list(map(_place, diagnostic.related)),
        "chain": list(map(_place, diagnostic.chain)),
        "cure": diagnostic.cure,
        "fix": None,
        "fingerprint": diagnostic.fingerprint,
    }
    if diagnostic.suppressed is not None:
        made["reason"] = diagnostic.suppressed
    return made


def _place(place: Place) -> dict[str, Any]:
    plain = place._asdict()
    del plain["source"]
    return plain
