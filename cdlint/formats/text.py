"""The report for people: each finding with its source, the evidence, the way there and the cure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

from ..diagnostic import Diagnostic, Notice, Place, Report, Summary
from .escape import printable, put
from .excerpt import Span, excerpt
from .style import Style

if TYPE_CHECKING:
    from ..rule import Rule


def write(report: Report, out: TextIO, style: Style, rules: Mapping[str, Rule]) -> None:
    """Write the findings, the notices and one line that sums up."""
    for diagnostic in report.diagnostics:
        _print(out, [*_finding(diagnostic, style, rules), ""])
    _print(out, _closing(report, style))


def write_concise(report: Report, out: TextIO, style: Style, rules: Mapping[str, Rule]) -> None:
    """Write one line for each finding, then the notices and one line that sums up."""
    _print(out, (_headline(diagnostic, style, rules) for diagnostic in report.diagnostics))
    _print(out, _closing(report, style))


def notices_text(notices: Sequence[Notice], style: Style) -> str:
    """The notices, one line each; for a command that keeps them apart from the findings."""
    return "".join(f"{_notice(notice, style)}\n" for notice in notices)


def summary_text(summary: Summary) -> str:
    """One line that says what was found in how much, and does not call an empty run clean."""
    files = _count(summary.files, "file")
    counts = ((summary.errors, "error"), (summary.warnings, "warning"), (summary.notes, "note"))
    found = [_count(number, noun) for number, noun in counts if number]
    suppressed = f" ({summary.suppressed:,} suppressed)" if summary.suppressed else ""
    if found:
        return f"Found {', '.join(found)} in {files}{suppressed}."
    if not summary.files or not summary.rules:
        return f"Nothing was checked: {files}, {_count(summary.rules, 'rule')}."
    return f"All clear: {files}, {_count(summary.rules, 'rule')}, no findings{suppressed}."


def _closing(report: Report, style: Style) -> Iterator[str]:
    for notice in report.notices:
        yield _notice(notice, style)
    summary = summary_text(report.summary)
    found = report.summary.errors or report.summary.warnings or report.summary.notes
    yield style.paint("bold" if found or not summary.startswith("All clear") else "help", summary)


def _notice(notice: Notice, style: Style) -> str:
    where = f"{notice.path}:{notice.line}: " if notice.path and notice.line else f"{notice.path}: "
    return style.paint("note", "notice:") + " " + printable(where if notice.path else "") + printable(notice.message)


def _finding(diagnostic: Diagnostic, style: Style, rules: Mapping[str, Rule]) -> Iterator[str]:
    shown = [*_numbers(diagnostic), *(place.line for place in diagnostic.related if place.source.strip())]
    margin = len(str(max(shown, default=0)))
    yield _headline(diagnostic, style, rules)
    yield from _source(diagnostic.source, Span(*diagnostic[4:8]), "^", diagnostic.severity, margin, style)
    for place in diagnostic.related:
        yield from _evidence(place, margin, style)
    if diagnostic.chain:
        yield style.paint("bold", "steps:")
        width = len(str(len(diagnostic.chain)))
        for number, step in enumerate(diagnostic.chain, start=1):
            yield f"  {number:>{width}}. {_address(step, style)} {printable(step.message)}"
    if diagnostic.cure:
        yield style.paint("help", "help:") + " " + printable(diagnostic.cure)


def _numbers(diagnostic: Diagnostic) -> range:
    return range(diagnostic.line, diagnostic.line + len(diagnostic.source))


def _headline(diagnostic: Diagnostic, style: Style, rules: Mapping[str, Rule]) -> str:
    severity = style.paint(diagnostic.severity, diagnostic.severity)
    rule = style.paint("rule", printable(diagnostic.rule))
    if page := _page(rules.get(diagnostic.rule)):
        rule = style.link(page, rule)
    return f"{_address(diagnostic, style, bold=True)} {severity} {rule} {printable(diagnostic.message)}"


def _page(rule: Rule | None) -> str:
    """The file that documents the rule: its module, whose docstring is its page."""
    code = getattr(rule.check, "__code__", None) if rule else None
    return code.co_filename if code else ""


def _address(place: Place | Diagnostic, style: Style, *, bold: bool = False) -> str:
    text = printable(f"{place.path}:{place.line}:{place.column}")
    return style.link(place.path, style.paint("bold", text) if bold else text)


def _evidence(place: Place, margin: int, style: Style) -> Iterator[str]:
    arrow = style.paint("gutter", "-->")
    yield f"{' ' * margin}{arrow} {_address(place, style)} {printable(place.message)}"
    span = Span(place.line, place.column, place.end_line, place.end_column)
    if place.end_line != place.line:
        # Only the first line is known: mark what the span covers of it.
        span = Span(place.line, place.column, place.line, len(place.source.rstrip()) + 1)
    yield from _source((place.source,), span, "-", "gutter", margin, style)


def _source(lines: Sequence[str], span: Span, mark: str, role: str, margin: int, style: Style) -> Iterator[str]:
    """The excerpt behind a margin of line numbers; nothing when the file cannot be shown."""
    if not any(line.strip() for line in lines):
        return
    bar = style.paint("gutter", f"{' ' * margin} |")
    yield bar
    for line in excerpt(lines, span, mark, style.width):
        number = style.paint("gutter", f"{line.number:>{margin}} |") if line.number else bar
        yield f"{number} {line.text}{style.paint(role, line.marks)}".rstrip()
    yield bar


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _print(out: TextIO, lines: Iterable[str]) -> None:
    put(out, "".join(f"{line}\n" for line in lines))
