"""How a rule is described in a SARIF log, within what code scanning shows of it."""

from __future__ import annotations

import re
from typing import Any

from ..rule import Rule

_PRECISIONS = {"A": "very-high", "B": "high", "C": "medium"}
_PROBLEMS = {"error": "error", "warning": "warning", "note": "recommendation"}
_LIMIT = 1_024


def descriptor(identity: str, rule: Rule | None) -> Any:
    """The `reportingDescriptor` of a rule; only its id is known when it is not among those loaded."""
    import sarif_om as om

    if rule is None:
        text = sentence(identity)
        return om.ReportingDescriptor(
            id=identity,
            name=_name(identity),
            short_description=om.MultiformatMessageString(text=text),
            full_description=om.MultiformatMessageString(text=text),
            help=om.MultiformatMessageString(text=text, markdown=text),
            default_configuration=om.ReportingConfiguration(level="error"),
            properties={"precision": "very-high", "problem.severity": "error", "tags": [identity.partition("/")[0]]},
        )
    summary = clipped(sentence(rule.documentation.summary or rule.id))
    return om.ReportingDescriptor(
        id=rule.id,
        name=_name(rule.id),
        short_description=om.MultiformatMessageString(text=summary),
        full_description=om.MultiformatMessageString(text=_description(rule, summary)),
        help=om.MultiformatMessageString(text=_text(rule, summary), markdown=_markdown(rule, summary)),
        default_configuration=om.ReportingConfiguration(level=rule.severity),
        properties={
            "precision": _PRECISIONS[rule.precision],
            "problem.severity": _PROBLEMS[rule.severity],
            "tags": sorted({rule.constraint, rule.pack}),
        },
    )


def sentence(text: str) -> str:
    """The text, closed with a full stop."""
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


def clipped(text: str) -> str:
    """The text within the limit, cut between words."""
    return text if len(text) <= _LIMIT else text[: _LIMIT - 4].rpartition(" ")[0] + " ..."


def _name(identity: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"\W+", identity))


def _description(rule: Rule, summary: str) -> str:
    why = " ".join(rule.documentation.sections.get("Why", "").partition("\n\n")[0].split())
    return clipped(f"{summary} {why}".strip())


def _text(rule: Rule, summary: str) -> str:
    parts = [f"{title}: {' '.join(body.split())}" for title, body in rule.documentation.sections.items()]
    return "\n\n".join([summary, *parts])


def _markdown(rule: Rule, summary: str) -> str:
    parts = [f"## {title}\n\n{body}" for title, body in rule.documentation.sections.items()]
    return "\n\n".join([summary, *parts])
