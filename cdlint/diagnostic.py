"""What a run has to say, ready to be printed: the engine makes it, `formats` write it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

SEVERITIES = ("error", "warning", "note")
"""The gravest first."""


class Place(NamedTuple):
    """Evidence in some file. Lines and columns count from 1, columns in code points, the end exclusive."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    message: str
    source: str
    """The text of the first line, `""` when the file cannot be shown."""


class Diagnostic(NamedTuple):
    """One finding, placed and explained.

    `path` is relative to the checked root, with `/`. `related` is the evidence elsewhere and
    `chain` the path of calls or imports that leads there, both in reading order. `fingerprint`
    holds no line numbers; `line_hash` is code scanning's `primaryLocationLineHash`.
    """

    rule: str
    severity: str
    """`error`, `warning` or `note`."""
    message: str
    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    source: tuple[str, ...]
    """The text of the lines it covers, at most three."""
    related: tuple[Place, ...]
    chain: tuple[Place, ...]
    cure: str
    """What to do, one sentence, or `""`."""
    fingerprint: str
    line_hash: str
    suppressed: str | None
    """The reason given by the comment that suppresses it (may be `""`), None when it stands."""


class Notice(NamedTuple):
    """What the user should know about the run itself: a file not read, nothing found to check."""

    message: str
    path: str = ""
    line: int = 0


class Summary(NamedTuple):
    """What was looked at."""

    files: int
    """Python files of the repository that were read."""
    rules: int
    """Rules that were asked."""
    errors: int
    warnings: int
    notes: int
    suppressed: int


class Report(NamedTuple):
    """All that a run says, sorted by path, line, column, rule."""

    diagnostics: tuple[Diagnostic, ...]
    """Those that stand; suppressed ones are in `suppressed`."""
    suppressed: tuple[Diagnostic, ...]
    notices: tuple[Notice, ...]
    summary: Summary


def count(shown: tuple[Diagnostic, ...], hidden: tuple[Diagnostic, ...], files: int, rules: int) -> Summary:
    """The summary of a run over so many files and rules."""
    counts = {severity: sum(each.severity == severity for each in shown) for severity in SEVERITIES}
    return Summary(files, rules, counts["error"], counts["warning"], counts["note"], len(hidden))


def narrowed(report: Report, only: tuple[str, ...] | None) -> Report:
    """The report about some files and folders; what was looked at stays the whole repository."""
    if only is None or "" in only or "." in only:
        return report
    inside = _inside(only)
    shown = tuple(each for each in report.diagnostics if inside(each.path))
    hidden = tuple(each for each in report.suppressed if inside(each.path))
    summary = count(shown, hidden, report.summary.files, report.summary.rules)
    return report._replace(diagnostics=shown, suppressed=hidden, summary=summary)


def _inside(only: tuple[str, ...]) -> Callable[[str], bool]:
    exact = frozenset(only)
    folders = tuple(f"{path.rstrip('/')}/" for path in only)
    return lambda path: path in exact or path.startswith(folders)


def to_plain(report: Report) -> tuple[Any, ...]:
    """The report as nested plain tuples, which `marshal` can write."""
    return tuple(_plain(part) for part in report)


def _plain(value: Any) -> Any:
    return tuple(_plain(item) for item in value) if isinstance(value, tuple) else value


def from_plain(raw: tuple[Any, ...]) -> Report:
    """A report from `to_plain`."""
    standing, suppressed, notices, summary = raw
    return Report(
        tuple(_diagnostic(item) for item in standing),
        tuple(_diagnostic(item) for item in suppressed),
        tuple(Notice._make(item) for item in notices),
        Summary._make(summary),
    )


def _diagnostic(raw: tuple[Any, ...]) -> Diagnostic:
    made = Diagnostic._make(raw)
    return made._replace(
        related=tuple(Place._make(item) for item in made.related),
        chain=tuple(Place._make(item) for item in made.chain),
    )
