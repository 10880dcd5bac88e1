"""What a rule is: a documented generator from the items of one fact to findings.

The id comes from the module's path, the documentation from its docstring:

    rules/flask/blueprint_not_registered.py   ->   flask/blueprint-not-registered
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .facts.model import Suppression
from .facts.tree import At
from .project import Project
from .project.versions import satisfied

SEVERITIES = ("error", "warning", "note")
CONSTRAINTS = (
    "architecture", "layout", "wiring", "startup", "orm", "query", "transaction", "async",
    "schema", "contract", "security",
)  # fmt: skip
_SPECIFIER = re.compile(r"(?:(?:~=|==|!=|<=|>=|<|>) ?\d[\w.!+*]*(?:, ?|$))+")
SECTIONS = ("Why", "Instead", "Known limits")


class Location(NamedTuple):
    """A place in a file, by path relative to the root and span as facts count it."""

    path: str
    at: At


class Evidence(NamedTuple):
    """A place elsewhere and what it shows, a phrase that can stand alone."""

    at: Location
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect, at the line that a person would edit.

    `message` is one sentence that ends in a full stop and names things in backticks.
    `related` is the evidence in other places, `chain` the path of calls or imports, both in
    reading order. `symbol` is what the finding is about (a qualified name, an edge, a column):
    with the rule and the path it makes the fingerprint, so it must not hold line numbers.
    `cure` says what to do here when the rule's *Instead* section is too general.
    """

    at: Location
    message: str
    related: tuple[Evidence, ...] = ()
    chain: tuple[Evidence, ...] = ()
    symbol: str = ""
    cure: str = ""


@dataclass(frozen=True, slots=True)
class Documentation:
    """A rule's page: one sentence, then the sections of `SECTIONS`, as Markdown."""

    summary: str
    sections: Mapping[str, str]

    @classmethod
    def parse(cls, docstring: str) -> Documentation:
        """Split a module docstring at its `## ` headings."""
        head, *parts = re.split(r"^## ", docstring.strip(), flags=re.MULTILINE)
        sections = {}
        for part in parts:
            title, _, body = part.partition("\n")
            sections[title.strip()] = body.strip()
        return cls(" ".join(head.split()), sections)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, with everything that the engine, the formats and its page need."""

    id: str
    check: Callable[[Project, Any], Iterable[Finding]]
    of: Callable[[Project], Iterable[Any]]
    """The fact whose items it is asked about, one call each."""
    severity: str
    constraint: str
    precision: str
    """A: certain when it reports. B: very likely a defect. C: convention."""
    default: bool
    """Whether it is on without being selected."""
    documentation: Documentation
    options: Mapping[str, Any] = field(default_factory=dict)
    """Option names and their defaults; the type of the default is the type of the option."""
    when: Mapping[str, str] = field(default_factory=dict)
    """Distributions and the versions that it is about; asked only where all of them certainly are of those."""

    @property
    def pack(self) -> str:
        """The first part of the id."""
        return self.id.partition("/")[0]

    def concerns(self, project: Project) -> bool:
        """Whether the versions that the project runs with are those that the rule is about."""
        return not self.when or project[satisfied, tuple(sorted(self.when.items()))]


class Unused(NamedTuple):
    """A suppressing comment that suppresses nothing. `rules` are those that it names in vain."""

    path: str
    suppression: Suppression
    rules: tuple[str, ...]
    unknown: tuple[str, ...]
    """Those among them that no installed pack has."""


def unused_suppressions(project: Project) -> tuple[Unused, ...]:
    """The subjects of a rule that is asked last: only the engine knows them, when all others ran."""
    return ()


def rule(
    *,
    of: Callable[[Project], Iterable[Any]],
    severity: str,
    constraint: str,
    precision: str = "A",
    default: bool = True,
    options: Mapping[str, Any] | None = None,
    when: Mapping[str, str] | None = None,
) -> Callable[[Callable[[Project, Any], Iterator[Finding]]], Rule]:
    """Turn the one public generator of a rule's module into the rule."""
    for distribution, specifier in (when or {}).items():
        if not _SPECIFIER.fullmatch(specifier):
            raise ValueError(f"`{specifier}` does not say which versions of {distribution}")

    def make(check: Callable[[Project, Any], Iterator[Finding]]) -> Rule:
        module = sys.modules[check.__module__]
        pack, name = check.__module__.split(".")[-2:]
        documentation = Documentation.parse(module.__doc__ or "")
        identity = f"{pack}/{name}".replace("_", "-")
        return Rule(
            identity, check, of, severity, constraint, precision, default, documentation, dict(options or {}),
            dict(when or {}),
        )  # fmt: skip

    return make
