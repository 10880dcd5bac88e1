"""Asking the rules about a project, and turning what they find into diagnostics."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

from . import selection
from .backend.notices import run_notices
from .config import Config
from .diagnostic import Notice, Report, count
from .facts.model import Broken
from .placing import Placer
from .project import Project
from .project.outside import is_installed
from .rule import Finding, Rule, unused_suppressions
from .suppress import apply


class Crash(NamedTuple):
    """A rule that failed on one of its subjects."""

    rule: str
    error: str


def run(project: Project, rules: Mapping[str, Rule], config: Config, placer: Placer, files: int) -> Report:
    """All that the selected rules say of the whole repository, sorted by path, line, column, rule."""
    selected = selection.enabled(config, {name: rule.default for name, rule in rules.items()})
    chosen = [name for name in selected if rules[name].concerns(project)]
    found: list[tuple[Rule, Finding]] = []
    crashes: list[Crash] = []
    late = []
    for name in chosen:
        rule = rules[name]
        if rule.of is unused_suppressions:
            late.append(rule)
            continue
        for finding in project.memo.get((_ask_all, name), partial(_ask_all, project, rule)):
            if isinstance(finding, Crash):
                crashes.append(finding)
            elif not is_installed(finding.at.path) and not selection.is_ignored_in(config, name, finding.at.path):
                found.append((rule, finding))
    standing, suppressed, unused = apply(project, found, frozenset(chosen), frozenset(rules))
    for rule in late:
        standing.extend((rule, finding) for each in unused for finding in rule.check(project, each))
    severities = {name: selection.severity(config, name, rules[name].severity) for name in chosen}
    shown = placer.place(standing, severities)
    reasons = [why for *_, why in suppressed]
    hidden = placer.place([(rule, finding) for rule, finding, _ in suppressed], severities, reasons)
    told = _told(project, crashes)
    notices = (*_crash_notices(crashes), *_unread(project), *told)
    return Report(shown, hidden, tuple(dict.fromkeys(notices)), count(shown, hidden, files, len(chosen)))


def _ask_all(project: Project, rule: Rule) -> tuple[Finding | Crash, ...]:
    """What a rule finds in all of its subjects; each subject's answer is memoised by itself."""
    found: list[Finding | Crash] = []
    try:
        subjects = tuple(project[rule.of])
    except Exception as error:
        return (_crash(rule.id, error),)
    for subject in subjects:
        found.extend(project.memo.get((rule.check, subject), partial(_ask, project, rule, subject)))
    return tuple(found)


def _ask(project: Project, rule: Rule, subject: Any) -> tuple[Finding | Crash, ...]:
    try:
        return tuple(rule.check(project, subject))
    except Exception as error:
        return (_crash(rule.id, error),)


def _told(project: Project, crashes: list[Crash]) -> tuple[Notice, ...]:
    """What the packs have to say about the run."""
    try:
        return project[run_notices]
    except Exception as error:
        crashes.append(_crash("notices of a pack", error))
        return ()


def _crash(name: str, error: Exception) -> Crash:
    """One rule's failure costs neither the run nor the findings of the others."""
    if os.environ.get("CDLINT_DEBUG"):
        raise error
    if isinstance(error, RecursionError):
        return Crash(name, "")
    return Crash(name, f"{type(error).__name__}: {error}".splitlines()[0][:200])


def _crash_notices(crashes: Iterable[Crash]) -> list[Notice]:
    return [
        Notice(f"internal error: {crash.rule} failed ({crash.error}); set CDLINT_DEBUG=1 to see where")
        if crash.error
        else Notice(f"{crash.rule} did not look at everything: what leads to what goes too deep here")
        for crash in dict.fromkeys(crashes)
    ]


def _unread(project: Project) -> list[Notice]:
    """Files whose module is unknown although they may be valid."""
    notices = []
    for path in project.paths:
        facts = project.facts(path)
        if isinstance(facts, Broken) and facts.kind in ("too-large", "too-deep"):
            notices.append(Notice(f"not checked, its names are unknown: {facts.message}", path))
    return notices
