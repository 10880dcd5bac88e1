"""The report as a SARIF 2.1.0 log, for code scanning: one run, one result for each rule and line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from .. import __version__
from ..diagnostic import Diagnostic, Notice, Report
from ..rule import Rule
from . import SarifOptions
from .escape import encodable
from .sarif_json import plain
from .sarif_results import MOST, ROOT, grouped, physical, result, selected
from .sarif_rules import descriptor, sentence

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def write(report: Report, out: TextIO, rules: Mapping[str, Rule], options: SarifOptions) -> None:
    """Write the log, result by result, so that never more than one is held as objects.

    It holds no absolute path, time, user or random id: equal reports give equal bytes.
    """
    groups = grouped(_diagnostics(report, options))
    kept = selected(groups, rules, min(options.max_results or MOST, MOST))
    names = sorted({*rules, *(group.first.rule for group in kept)})
    indexes = {name: index for index, name in enumerate(names)}
    notifications = [_notification(notice) for notice in report.notices]
    if len(kept) < len(groups):
        notifications.append(_cut(len(kept), len(groups)))
    run = _run([descriptor(name, rules.get(name)) for name in names], notifications, options.category)
    _stream(out, run, (result(group, indexes[group.first.rule]) for group in kept))


def _diagnostics(report: Report, options: SarifOptions) -> tuple[Diagnostic, ...]:
    if not options.include_suppressed:
        return report.diagnostics
    everything = (*report.diagnostics, *report.suppressed)
    return tuple(sorted(everything, key=lambda item: (item.path, item.line, item.column, item.rule)))


def _run(rules: list[Any], notifications: list[Any], category: str) -> Any:
    import sarif_om as om

    driver = om.ToolComponent(name="cdlint", version=__version__, semantic_version=__version__, rules=rules)
    root = om.ArtifactLocation(description=om.Message(text="The root of the checked repository."))
    invocation = om.Invocation(execution_successful=True, tool_execution_notifications=notifications)
    made = om.Run(
        tool=om.Tool(driver=driver),
        invocations=[invocation],
        original_uri_base_ids={ROOT: root},
        column_kind="unicodeCodePoints",
    )
    if category:
        # What follows the last slash names the single run, which must not differ between runs.
        made.automation_details = om.RunAutomationDetails(id=category.rstrip("/") + "/")
    return made


def _notification(notice: Notice) -> Any:
    import sarif_om as om

    place = None
    if notice.path:
        region = om.Region(start_line=notice.line) if notice.line > 0 else None
        place = [om.Location(physical_location=physical(notice.path, region))]
    message = om.Message(text=encodable(sentence(notice.message)))
    return om.Notification(message=message, level="warning", locations=place)


def _cut(kept: int, total: int) -> Any:
    import sarif_om as om

    text = f"{total - kept} of {total} results are left out: the {kept} most severe and most certain ones are kept."
    return om.Notification(message=om.Message(text=text), level="warning")


def _stream(out: TextIO, run: Any, results: Iterable[Any]) -> None:
    import sarif_om as om

    log = plain(om.SarifLog(schema_uri=_SCHEMA, version="2.1.0", runs=[]))
    del log["runs"]
    out.write(f'{_dump(log)[:-1]},"runs":[{_dump(plain(run))[:-1]},"results":[')
    between = "\n"
    for item in results:
        out.write(between + _dump(plain(item)))
        between = ",\n"
    out.write("\n]}]}\n")


def _dump(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
