"""From findings to diagnostics: code points, source lines, fingerprints, hashes, order."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from .diagnostic import Diagnostic, Place
from .facts.tree import At
from .fingerprint import distinct, fingerprint, line_hashes
from .rule import Evidence, Finding, Location, Rule

EXCERPT_LINES = 3
_LINE_END = re.compile(r"\r\n|\r|\n")


class Texts(Protocol):
    """Where the texts of files come from; `source.Tree` is one."""

    def text(self, path: str) -> str | None:
        """The text of a file, None when there is none."""

    def read(self, path: str) -> bytes:
        """Its content. Raises OSError."""


class Placer:
    """Places findings, and keeps what it placed until a file that it shows changes."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self._lines: dict[str, list[str]] = {}
        self._placed: dict[tuple[str, str, Finding, str | None], Diagnostic] = {}
        self._hashes: dict[tuple[str, int], str] = {}

    def forget(self, paths: Collection[str]) -> None:
        """Drop what depends on the texts of these files."""
        changed = frozenset(paths)
        self._lines = {path: lines for path, lines in self._lines.items() if path not in changed}
        self._hashes = {key: value for key, value in self._hashes.items() if key[0] not in changed}
        self._placed = {key: each for key, each in self._placed.items() if changed.isdisjoint(_paths(each))}

    def place(
        self, found: Sequence[tuple[Rule, Finding]], severities: Mapping[str, str], reasons: Sequence[str] | None = None
    ) -> tuple[Diagnostic, ...]:
        """The diagnostics of findings, sorted; `reasons` say why each is suppressed."""
        given: Sequence[str | None] = reasons if reasons is not None else [None] * len(found)
        made = [self._one(rule, each, severities[rule.id], why) for (rule, each), why in zip(found, given, strict=True)]
        made.sort(key=lambda each: (each.path, each.line, each.column, each.rule, each.message, each.fingerprint))
        keys = distinct(each.fingerprint for each in made)
        self._hash(made)
        return tuple(
            each._replace(fingerprint=key, line_hash=self._hashes.get((each.path, each.line), ""))
            for each, key in zip(made, keys, strict=True)
        )

    def line(self, path: str, number: int) -> str:
        """One line of a file, `""` when there is none."""
        if path not in self._lines:
            self._lines[path] = _LINE_END.split(self.texts.text(path) or "")
        lines = self._lines[path]
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def span(self, path: str, at: At) -> At:
        """A span of facts with columns from 1 in code points, the end not before the start."""
        line, column, end_line, end_column = at
        start = self._column(path, line, column)
        end = self._column(path, end_line, end_column)
        return (line, start, end_line, end) if (end_line, end) >= (line, start) else (line, start, line, start)

    def _column(self, path: str, line: int, column: int) -> int:
        text = self.line(path, line)
        if text.isascii():
            return column + 1
        return len(text.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore")) + 1

    def _one(self, rule: Rule, finding: Finding, severity: str, why: str | None) -> Diagnostic:
        key = (rule.id, severity, finding, why)
        if key not in self._placed:
            self._placed[key] = _diagnostic(self, rule, finding, severity, why)
        return self._placed[key]

    def _hash(self, made: Iterable[Diagnostic]) -> None:
        """Work out the line hashes that are still missing."""
        wanted: dict[str, set[int]] = {}
        for each in made:
            if (each.path, each.line) not in self._hashes:
                wanted.setdefault(each.path, set()).add(each.line)
        for path, numbers in wanted.items():
            try:
                text = self.texts.read(path).decode("utf-8", "replace")
            except OSError:
                continue
            self._hashes.update({(path, number): value for number, value in line_hashes(text, numbers).items()})


def _paths(diagnostic: Diagnostic) -> frozenset[str]:
    return frozenset((diagnostic.path, *(each.path for each in (*diagnostic.related, *diagnostic.chain))))


def _diagnostic(lines: Placer, rule: Rule, finding: Finding, severity: str, why: str | None) -> Diagnostic:
    path = finding.at.path
    line, column, end_line, end_column = lines.span(path, finding.at.at)
    last = min(end_line, line + EXCERPT_LINES - 1)
    return Diagnostic(
        rule.id,
        severity,
        finding.message,
        path,
        line,
        column,
        end_line,
        end_column,
        tuple(lines.line(path, number) for number in range(line, last + 1)),
        _places(finding.related, lines),
        _places(finding.chain, lines),
        finding.cure or _first_sentence(rule.documentation.sections.get("Instead", "")),
        fingerprint(rule.id, path, finding.symbol, finding.message),
        "",
        why,
    )


def _places(evidence: Iterable[Evidence], lines: Placer) -> tuple[Place, ...]:
    return tuple(_place(each.at, each.message, lines) for each in evidence)


def _place(at: Location, message: str, lines: Placer) -> Place:
    return Place(at.path, *lines.span(at.path, at.at), message, lines.line(at.path, at.at[0]))


def _first_sentence(text: str) -> str:
    """The first sentence of a Markdown paragraph, on one line."""
    paragraph = " ".join(text.split("\n\n")[0].split())
    end = re.search(r"\.(\s|$)", paragraph)
    return paragraph[: end.start() + 1] if end else paragraph
