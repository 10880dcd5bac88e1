"""Which formats there are: each module beside this one writes a report in one of them, and decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, TextIO

if TYPE_CHECKING:
    from ..diagnostic import Report
    from ..rule import Rule
    from .style import Style

FORMATS: tuple[str, ...] = ("text", "concise", "json", "sarif", "github")


class SarifOptions(NamedTuple):
    """What a user may ask of the SARIF log."""

    category: str = ""
    """Goes into `automationDetails.id`; without it the uploader's category counts."""
    max_results: int = 5_000
    """What code scanning keeps of a run; 0 lifts it to the 25,000 that it accepts."""
    include_suppressed: bool = False
    """Code scanning opens alerts for suppressed results, other viewers grey them out."""


def write(
    report: Report, format: str, out: TextIO, *, style: Style, rules: Mapping[str, Rule], sarif: SarifOptions
) -> None:
    """Write the report to `out` in one of `FORMATS`. Only the module of that format is imported."""
    if format == "text":
        from . import text

        text.write(report, out, style, rules)
    elif format == "concise":
        from . import text

        text.write_concise(report, out, style, rules)
    elif format == "json":
        from . import json

        json.write(report, out)
    elif format == "sarif":
        from . import sarif as sarif_log

        sarif_log.write(report, out, rules, sarif)
    elif format == "github":
        from . import github

        github.write(report, out)
    else:
        raise ValueError(f"unknown format {format!r}")
