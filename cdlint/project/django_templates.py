"""The Django template language, split by its documented token syntax: `{% tag %}`, `{{ value }}`, `{# note #}`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from . import Project
from .template_scopes import UNSEEN, Pairs, Reading, Unpaired, undecodable
from .templates import Reference, Template, UrlCall

_OPENING = re.compile(r"\{[%{#]")
_CLOSING = {"{%": "%}", "{{": "}}", "{#": "#}"}
_BIT = re.compile(r"""(?:[^\s'"]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|['"])+""")
_STRING = re.compile(r"""(?:_\()?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\)?""")
_PLAIN = re.compile(r""""([^"\\]*)"|'([^'\\]*)'""")
_NAMED = re.compile(r"(\w+)=(.+)", re.DOTALL)
_PATH = re.compile(r"(?:^|(?<=:)|(?<=[(,]))[A-Za-z_]\w*(?:\.\w+)*")
_WHOLE = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*")
_WORDS = frozenset(
    {"and", "or", "not", "in", "is", "as", "by", "with", "only", "from", "reversed", "True", "False", "None", "on",
     "off", "silent", "asvar", "count", "noop", "trimmed", "context"}
)  # fmt: skip
_ENDED = frozenset(
    {"autoescape", "block", "comment", "filter", "for", "if", "ifchanged", "spaceless", "verbatim", "with"}
)  # fmt: skip


class Bit(NamedTuple):
    """One word of a tag and where it starts."""

    text: str
    start: int


def django_template(project: Project, path: str) -> Template:
    """What a template in Django's language says."""
    text = project.text(path)
    return read_django(text) if text is not None and ("{%" in text or "{{" in text) else Template()


def loose_tag(text: str) -> int:
    """The line of the first `{%` that its own line does not close, which Django shows as text; 0 for none."""
    lines = enumerate(text.split("\n"), start=1) if "{%" in text else ()
    return next((number for number, line in lines if line.rfind("{%") > line.rfind("%}")), 0)


def read_django(text: str) -> Template:
    """What a text in Django's template language says."""
    unread = undecodable(text)
    if unread is not None:
        return unread
    reading = Reading(text)
    pairs = Pairs(_ENDED)
    try:
        _read(reading, pairs, text)
        pairs.finish()
    except Unpaired as error:
        return error.template(text)
    return reading.finish()


def _read(reading: Reading, pairs: Pairs, text: str) -> None:
    until = ""
    for opening, token in tokens(text):
        if opening == "{{":
            if not until:
                _value(reading, token)
            continue
        bits = [Bit(each[0], token.start + each.start()) for each in _BIT.finditer(token.text)]
        words = " ".join(bit.text for bit in bits)
        if until and words != until:
            continue
        if bits:
            pairs.tag(bits[0].text, token.start)
        if until:
            until = ""
        elif bits and bits[0].text == "comment":
            until = "endcomment"
        elif bits and bits[0].text == "verbatim":
            until = "end" + words
        elif bits:
            _tag(reading, bits[0], bits[1:])


def tokens(text: str) -> Iterator[tuple[str, Bit]]:
    """What opens each tag and value, and what stands in it; both end on their line."""
    at, line_end = 0, -1
    closed = dict.fromkeys(_CLOSING, True)
    while (found := _OPENING.search(text, at)) is not None:
        opening, start = found[0], found.end()
        if start > line_end:
            line_end = text.find("\n", start)
            line_end = len(text) if line_end < 0 else line_end
            closed = dict.fromkeys(_CLOSING, True)
        # What is not closed once is not closed later on that line either.
        end = text.find(_CLOSING[opening], start, line_end) if closed[opening] else -1
        closed[opening] = end >= 0
        at = found.start() + 1 if end < 0 else end + 2
        if end >= 0 and opening != "{#":
            yield opening, Bit(text[start:end], start)


def _tag(reading: Reading, tag: Bit, bits: list[Bit]) -> None:
    name = tag.text
    if name in ("extends", "include"):
        _reference(reading, name, bits)
    elif name == "url":
        _url(reading, bits)
    elif name == "for":
        _for(reading, bits)
    elif name == "with":
        _with(reading, bits)
    elif name in ("endfor", "endwith"):
        reading.leave(name[3:])
    elif name == "load":
        words = [bit.text for bit in bits]
        reading.loads.extend(words[words.index("from") + 1 :] if "from" in words else words)
    elif name == "block" and bits:
        reading.begin_block(bits[0].text, tag.start)
    elif name == "endblock":
        reading.end_block(tag.start)
    elif not name.startswith("end"):
        for bit in bits:
            _value(reading, bit)
        if len(bits) > 2 and bits[-2].text == "as":
            reading.name(bits[-1].text, UNSEEN)


def _reference(reading: Reading, kind: str, bits: list[Bit]) -> None:
    if not bits:
        return
    words = [bit.text for bit in bits]
    given = bits[words.index("with") + 1 :] if "with" in words else []
    passes = [(each[1], _meaning(reading, each[2])) for bit in given if (each := _NAMED.fullmatch(bit.text))]
    for bit in given:
        _value(reading, bit)
    name = _constant(words[0])
    at = reading.at(bits[0].start, bits[0].start + len(words[0]))
    names = (name,) if name else ()
    reading.references.append(Reference(kind, names, False, tuple(passes), "only" in words, reading.loop, at))


def _url(reading: Reading, bits: list[Bit]) -> None:
    if not bits:
        return
    name, rest = bits[0], bits[1:]
    saved = len(rest) >= 2 and rest[-2].text == "as"
    if saved:
        reading.name(rest.pop().text, UNSEEN)
        rest.pop()
    for bit in rest:
        _value(reading, bit)
    named = [_NAMED.fullmatch(bit.text) for bit in rest]
    keywords = tuple(each[1] for each in named if each)
    at = reading.at(name.start, name.start + len(name.text))
    positional = len(rest) - len(keywords)
    reading.urls.append(UrlCall("url", _constant(name.text), positional, keywords, False, saved, at))


def _for(reading: Reading, bits: list[Bit]) -> None:
    words = [bit.text for bit in bits]
    if "in" not in words:
        reading.enter("for")
        return
    middle = words.index("in")
    names = tuple(name for word in words[:middle] for name in word.split(",") if name)
    over = bits[middle + 1 :][:1]
    for bit in over:
        _value(reading, bit)
    path = _meaning(reading, over[0].text) if over else UNSEEN
    start, end = bits[0].start, bits[-1].start + len(words[-1])
    reading.enter_loop(names, path, reading.at(start, end))


def _with(reading: Reading, bits: list[Bit]) -> None:
    for bit in bits:
        _value(reading, bit)
    named = {each[1]: _meaning(reading, each[2]) for bit in bits if (each := _NAMED.fullmatch(bit.text))}
    if len(bits) == 3 and bits[1].text == "as":
        named = {bits[2].text: _meaning(reading, bits[0].text)}
    reading.enter("with", named)


def _meaning(reading: Reading, text: str) -> str:
    """The path that an expression is; `""` when it is more than a path."""
    return reading.meaning(text) if _WHOLE.fullmatch(text) and text not in _WORDS else UNSEEN


def _value(reading: Reading, bit: Bit) -> None:
    """Note the paths in an expression: the value itself and the arguments of its filters."""
    lead = len(bit.text) - len(bit.text.lstrip())
    # Strings are blanked so that places stay.
    text = _STRING.sub(lambda found: " " * len(found[0]), bit.text.strip())
    start = bit.start + lead
    named = _NAMED.fullmatch(text)
    if named:
        start, text = start + named.start(2), named[2]
    for found in _PATH.finditer(text):
        if found[0] not in _WORDS:
            reading.read(found[0], start + found.start(), start + found.end())


def _constant(text: str) -> str:
    """The text of a string literal, `""` for anything else."""
    found = _PLAIN.fullmatch(text)
    return (found[1] or found[2] or "") if found else ""
