"""From findings to diagnostics: code points, source lines, fingerprints, hashes, order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
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


class _Lines:
    """The lines of the files that are shown, split once."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._lines: dict[str, list[str]] = {}

    def of(self, path: str) -> list[str]:
        if path not in self._lines:
            self._lines[path] = _LINE_END.split(self._texts.text(path) or "")
        return self._lines[path]

    def line(self, path: str, number: int) -> str:
        lines = self.of(path)
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def span(self, path: str, at: At) -> At:
        """A span of facts with columns from 1 in code points, the end after the start."""
        line, column, end_line, end_column = at
        start = self._column(path, line, column)
        end = self._column(path, end_line, end_column)
        if (end_line, end) < (line, start):
            end_line, end = line, start
        return line, start, end_line, end

    def _column(self, path: str, line: int, column: int) -> int:
        text = self.line(path, line)
        if text.isascii():
            return column + 1
        return len(text.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore")) + 1


def place(
    found: Sequence[tuple[Rule, Finding]],
    severities: Mapping[str, str],
    texts: Texts,
    reasons: Sequence[str] | None = None,
) -> tuple[Diagnostic, ...]:
    """The diagnostics of findings; `reasons` say why each is suppressed."""
    lines = _Lines(texts)
    given: Sequence[str | None] = reasons if reasons is not None else [None] * len(found)
    made = [
        _diagnostic(rule, finding, severities, lines, why) for (rule, finding), why in zip(found, given, strict=True)
    ]
    made.sort(key=lambda each: (each.path, each.line, each.column, each.rule, each.message, each.fingerprint))
    keys = distinct(each.fingerprint for each in made)
    hashes = _hashes(made, texts)
    return tuple(
        each._replace(fingerprint=key, line_hash=hashes.get((each.path, each.line), ""))
        for each, key in zip(made, keys, strict=True)
    )


def _diagnostic(
    rule: Rule, finding: Finding, severities: Mapping[str, str], lines: _Lines, why: str | None
) -> Diagnostic:
    path = finding.at.path
    line, column, end_line, end_column = lines.span(path, finding.at.at)
    last = min(end_line, line + EXCERPT_LINES - 1)
    return Diagnostic(
        rule.id,
        severities[rule.id],
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


def _places(evidence: Iterable[Evidence], lines: _Lines) -> tuple[Place, ...]:
    return tuple(_place(each.at, each.message, lines) for each in evidence)


def _place(at: Location, message: str, lines: _Lines) -> Place:
    return Place(at.path, *lines.span(at.path, at.at), message, lines.line(at.path, at.at[0]))


def _first_sentence(text: str) -> str:
    """The first sentence of a Markdown paragraph, on one line."""
    paragraph = " ".join(text.split("\n\n")[0].split())
    end = re.search(r"\.(\s|$)", paragraph)
    return paragraph[: end.start() + 1] if end else paragraph


def _hashes(made: Iterable[Diagnostic], texts: Texts) -> dict[tuple[str, int], str]:
    wanted: dict[str, set[int]] = {}
    for each in made:
        wanted.setdefault(each.path, set()).add(each.line)
    found = {}
    for path, numbers in wanted.items():
        try:
            text = texts.read(path).decode("utf-8", "replace")
        except OSError:
            continue
        found.update({(path, number): value for number, value in line_hashes(text, numbers).items()})
    return found
