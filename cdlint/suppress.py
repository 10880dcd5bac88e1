"""Which findings are suppressed by a comment, and which comments suppress nothing."""

from __future__ import annotations

from .facts.model import Suppression
from .project import Project
from .rule import Finding, Rule, Unused


def apply(
    project: Project, found: list[tuple[Rule, Finding]], ran: frozenset[str], known: frozenset[str]
) -> tuple[list[tuple[Rule, Finding]], list[tuple[Rule, Finding, str]], tuple[Unused, ...]]:
    """Split the findings into those that stand and those suppressed, with the reasons; and the unused comments.

    A comment names rules by id. One that names a rule that was not asked in this run may be of
    use in another, so it is not called unused.
    """
    comments = project[_comments]
    used: set[tuple[str, Suppression, str]] = set()
    standing: list[tuple[Rule, Finding]] = []
    suppressed: list[tuple[Rule, Finding, str]] = []
    for rule, finding in found:
        match = next((note for note in comments.get(finding.at.path, ()) if _covers(note, rule.id, finding)), None)
        if match is None:
            standing.append((rule, finding))
        else:
            used.add((finding.at.path, match, rule.id))
            suppressed.append((rule, finding, match.reason))
    unused = []
    for path, notes in comments.items():
        for note in notes:
            idle = tuple(
                name for name in note.rules if (path, note, name) not in used and (name in ran or name not in known)
            )
            if idle or not note.rules:
                unused.append(Unused(path, note, idle, tuple(name for name in idle if name not in known)))
    return standing, suppressed, tuple(unused)


def _comments(project: Project) -> dict[str, tuple[Suppression, ...]]:
    """The suppressing comments of each file that has any."""
    return {path: notes for path in project.paths if (notes := project[_comments_in, path])}


def _comments_in(project: Project, path: str) -> tuple[Suppression, ...]:
    module = project.module(path)
    return module.suppressions if module is not None else ()


def _covers(note: Suppression, rule: str, finding: Finding) -> bool:
    return rule in note.rules and (note.whole_file or note.lines[0] <= finding.at.at[0] <= note.lines[1])
