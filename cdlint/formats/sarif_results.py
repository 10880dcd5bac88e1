"""How findings become SARIF results: which are kept, which are one, and what each says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote

from ..diagnostic import Diagnostic, Place
from ..rule import SEVERITIES, Rule
from .escape import encodable, printable
from .sarif_rules import sentence

ROOT = "%SRCROOT%"
MOST = 25_000
"""Code scanning refuses a run with more results."""
_RELATED = 100
_STEPS = 1_000
_SNIPPET = 1_000


class Group(NamedTuple):
    """The findings of one rule on one line, which share an alert: the first and what the others add."""

    first: Diagnostic
    others: tuple[Diagnostic, ...]


def grouped(diagnostics: Sequence[Diagnostic]) -> list[Group]:
    """Findings of the same rule, file and line put together, in the order of their first."""
    groups: dict[tuple[str, str, int, bool], list[Diagnostic]] = {}
    for item in diagnostics:
        groups.setdefault((item.rule, item.path, item.line, item.suppressed is None), []).append(item)
    return [Group(first, tuple(others)) for first, *others in groups.values()]


def selected(groups: list[Group], rules: Mapping[str, Rule], limit: int) -> list[Group]:
    """The most severe, then the most precise groups when there are too many, in the order they had."""
    if len(groups) <= limit:
        return groups

    def weight(index: int) -> tuple[int, str, int]:
        first = groups[index].first
        rule = rules.get(first.rule)
        return SEVERITIES.index(first.severity), rule.precision if rule else "A", index

    return [groups[index] for index in sorted(sorted(range(len(groups)), key=weight)[:limit])]


def result(group: Group, rule_index: int) -> Any:
    """The SARIF result of a group."""
    import sarif_om as om

    first = group.first
    text, related = _message(group)
    made = om.Result(
        message=om.Message(text=text),
        rule_id=first.rule,
        rule_index=rule_index,
        level=first.severity,
        locations=[_location(first)],
        related_locations=[_location(place, number) for number, place in enumerate(related, start=1)] or None,
        # A file that cannot be read has no line hash, here or at the uploader: our key serves as well.
        partial_fingerprints={
            "primaryLocationLineHash": first.line_hash or first.fingerprint,
            "cdlint/v1": first.fingerprint,
        },
    )
    if first.chain:
        steps = [om.ThreadFlowLocation(location=_location(step)) for step in first.chain[:_STEPS]]
        made.code_flows = [om.CodeFlow(thread_flows=[om.ThreadFlow(locations=steps)])]
    if first.suppressed is not None:
        made.suppressions = [om.Suppression(kind="inSource", justification=encodable(first.suppressed) or None)]
    return made


def _message(group: Group) -> tuple[str, list[Place]]:
    """The text, and the places that it links to by number, from 1."""
    first, others = group
    known = {_itself(first)}
    places: list[Place] = []

    def links(items: Iterable[Place]) -> str:
        start = len(places)
        new = [item for item in dict.fromkeys(items) if item not in known]
        places.extend(new[: _RELATED - start])
        known.update(new)
        return "; ".join(_link(place, number) for number, place in enumerate(places[start:], start + 1))

    sentences = [sentence(first.message)]
    if first.cure:
        sentences.append(sentence(first.cure))
    if shown := links(first.related):
        sentences.append(f"See {shown}.")
    if shown := links(map(_itself, others)):
        sentences.append(f"Also on this line: {shown}.")
    if shown := links(place for other in others for place in other.related):
        sentences.append(f"See also {shown}.")
    return encodable(" ".join(sentences)), places


def _itself(diagnostic: Diagnostic) -> Place:
    return Place(diagnostic.path, *diagnostic[4:8], diagnostic.message, "")


def _link(place: Place, number: int) -> str:
    phrase = re.sub(r"([\\\[\]])", r"\\\1", place.message.strip().rstrip("."))
    return f"[{phrase or printable(place.path)}]({number})"


def _location(place: Place | Diagnostic, number: int = -1) -> Any:
    import sarif_om as om

    described = number > 0 or isinstance(place, Place)
    return om.Location(
        id=number,
        physical_location=physical(place.path, region(place)),
        message=om.Message(text=encodable(sentence(place.message))) if described else None,
    )


def physical(path: str, region: Any = None) -> Any:
    """A place in a file of the checked repository."""
    import sarif_om as om

    return om.PhysicalLocation(artifact_location=om.ArtifactLocation(uri=_uri(path), uri_base_id=ROOT), region=region)


def region(place: Place | Diagnostic) -> Any:
    """The four numbers of a span, and the text of a finding's."""
    import sarif_om as om

    line, column = max(place.line, 1), max(place.column, 1)
    end_line = max(place.end_line, line)
    end_column = max(place.end_column, column if end_line == line else 1)
    snippet = om.ArtifactContent(text=text) if isinstance(place, Diagnostic) and (text := _covered(place)) else None
    return om.Region(start_line=line, start_column=column, end_line=end_line, end_column=end_column, snippet=snippet)


def _covered(diagnostic: Diagnostic) -> str:
    """The text of the span, `""` when it is not all known or too long to be of use."""
    lines = list(diagnostic.source)
    if len(lines) != diagnostic.end_line - diagnostic.line + 1 or sum(map(len, lines)) > _SNIPPET:
        return ""
    lines[-1] = lines[-1][: diagnostic.end_column - 1]
    lines[0] = lines[0][diagnostic.column - 1 :]
    return encodable("\n".join(lines))


@lru_cache(maxsize=4096)
def _uri(path: str) -> str:
    """The path as a relative reference; bytes that are no UTF-8 keep their value."""
    try:
        return quote(path.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return quote(encodable(path))
