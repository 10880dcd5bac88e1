"""Jinja templates, by the tokens of Jinja's own lexer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from . import Project
from .template_scopes import UNSEEN, Pairs, Reading, Unpaired, undecodable
from .templates import Reference, Template, UrlCall

_LINE_END = re.compile(r"\r\n|\r")
_ENDS = {"endfor": "for", "endwith": "with", "endmacro": "macro", "endcall": "call", "endblock": "block"}
_ENDED = frozenset({"autoescape", "block", "call", "filter", "for", "if", "macro", "set", "with"})
_LONGEST = 500
"""How many tokens the arguments of a call may have."""
_WORDS = frozenset(
    {"and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "True", "False", "None", "recursive",
     "scoped", "required", "as", "import", "with", "without", "context", "ignore", "missing"}
)  # fmt: skip


class _Token(NamedTuple):
    """A token inside `{{ }}` or `{% %}`. `kind`: `name`, `string`, `operator`, `other`."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def jinja_template(project: Project, path: str) -> Template:
    """What a Jinja template says."""
    text = project.text(path)
    return read_jinja(text) if text is not None and ("{%" in text or "{{" in text) else Template()


def read_jinja(text: str) -> Template:
    """What a text in Jinja's language says."""
    from jinja2 import TemplateSyntaxError

    # The lexer does so too, and no line or column moves by it.
    text = _LINE_END.sub("\n", text)
    unread = undecodable(text)
    if unread is not None:
        return unread
    reading = Reading(text)
    pairs = Pairs(_ENDED)
    try:
        for statement, tokens in _tags(text):
            if statement and tokens:
                # `{% set a = 1 %}` holds nothing, `{% set a %}` does.
                if tokens[0].text != "set" or all(token.text != "=" for token in tokens):
                    pairs.tag(tokens[0].text, tokens[0].start)
                _statement(reading, tokens)
            elif not statement:
                _expression(reading, tokens)
        pairs.finish()
    except TemplateSyntaxError as error:
        return Template(problem=(str(error.message), error.lineno))
    except Unpaired as error:
        return error.template(text)
    return reading.finish()


def _tags(text: str) -> Iterator[tuple[bool, list[_Token]]]:
    """Each `{% %}` (True) and `{{ }}` (False) with its tokens."""
    from jinja2 import Environment

    position = begun = 0
    opened = ""
    tokens: list[_Token] = []
    for _, kind, value in Environment(autoescape=True).lex(text):
        # What `-` strips is in no token.
        position = max(position, text.find(value, position))
        if kind in ("block_begin", "variable_begin"):
            tokens, opened, begun = [], value, position
        elif kind in ("block_end", "variable_end"):
            yield kind == "block_end", tokens
            opened = ""
        elif kind in ("name", "string", "operator"):
            tokens.append(_Token(kind, value, position))
        elif kind in ("integer", "float"):
            tokens.append(_Token("other", value, position))
        position += len(value)
    if opened:
        raise Unpaired(f"`{opened}` is never closed", begun)


def _statement(reading: Reading, tokens: list[_Token]) -> None:
    tag, rest = tokens[0].text, tokens[1:]
    if tag in ("extends", "include", "import", "from"):
        _reference(reading, tag, rest)
    elif tag == "for":
        _for(reading, rest)
    elif tag in ("set", "with"):
        _assignments(reading, tag, rest)
    elif tag in ("macro", "call"):
        _macro(reading, tag, rest)
    elif tag == "block" and rest:
        reading.begin_block(rest[0].text, tokens[0].start)
        reading.enter("block")
    elif tag in _ENDS:
        if tag == "endblock":
            reading.end_block(tokens[0].start)
        reading.leave(_ENDS[tag])
    elif not tag.startswith("end"):
        _expression(reading, rest)


def _reference(reading: Reading, tag: str, tokens: list[_Token]) -> None:
    words = [token.text for token in tokens]
    stop = next((i for i, token in enumerate(tokens) if token.kind == "name" and token.text in _AFTER), len(tokens))
    given = tokens[:stop]
    if not given:
        return
    strings = [token for token in given if token.kind == "string"]
    brackets = given[0].text in ("[", "(")
    shaped = all(token.kind == "string" or (brackets and token.text in "[](),") for token in given)
    names = tuple(_string(token) for token in strings) if shaped and (brackets or len(given) == 1) else ()
    for index, word in enumerate(words):
        if tag in ("import", "from") and index > stop and tokens[index].kind == "name" and word not in _WORDS:
            reading.name(word, UNSEEN)
    if not names:
        _expression(reading, given)
    kind = "import" if tag == "from" else tag
    only = "without" in words or (kind == "import" and "with" not in words)
    at = reading.at(given[0].start, given[-1].end)
    known = names if all(names) else ()
    reading.references.append(Reference(kind, known, "missing" in words, (), only, reading.loop, at))


_AFTER = frozenset({"ignore", "with", "without", "as", "import"})


def _for(reading: Reading, tokens: list[_Token]) -> None:
    middle = next((i for i, token in enumerate(tokens) if token.text == "in"), len(tokens))
    names = tuple(token.text for token in tokens[:middle] if token.kind == "name")
    rest = tokens[middle + 1 :]
    stop = next((i for i, each in enumerate(rest) if each.text in ("if", "recursive")), len(rest))
    _expression(reading, rest[:stop])
    over = _whole(reading, rest[:stop])
    reading.enter_loop(names, over, reading.at(tokens[0].start, tokens[-1].end) if tokens else (1, 0, 1, 0))
    _expression(reading, rest[stop:])


def _assignments(reading: Reading, tag: str, tokens: list[_Token]) -> None:
    """`set a = x`, `set a, b = x`, `with a = x, b = y`."""
    parts = _split(tokens)
    named: dict[str, str] = {}
    for part in parts:
        texts = [token.text for token in part]
        if "=" in texts:
            middle = texts.index("=")
            _expression(reading, part[middle + 1 :])
            if middle == 1 and part[0].kind == "name":
                alone = tag == "with" or len(parts) == 1
                named[texts[0]] = _whole(reading, part[middle + 1 :]) if alone else UNSEEN
        else:
            named.update({token.text: UNSEEN for token in part if token.kind == "name"})
    if tag == "with":
        reading.enter("with", named)
        return
    for name, path in named.items():
        reading.name(name, path)


def _macro(reading: Reading, tag: str, tokens: list[_Token]) -> None:
    """Inside a macro its parameters hide the names around it."""
    opening = next((i for i, token in enumerate(tokens) if token.text == "("), len(tokens))
    if tag == "call" and opening:
        _expression(reading, tokens)
        reading.enter(tag)
        return
    closing = next((i for i, token in enumerate(tokens) if token.text == ")"), len(tokens))
    _expression(reading, tokens[closing:])
    names = [part[0].text for part in _split(tokens[opening + 1 : closing]) if part]
    reading.enter(tag, dict.fromkeys([*names, "caller", "varargs", "kwargs"], UNSEEN))


def _split(tokens: list[_Token]) -> list[list[_Token]]:
    """The parts between commas that are in no bracket."""
    parts: list[list[_Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
        if token.text == "," and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts if parts != [[]] else []


def _expression(reading: Reading, tokens: list[_Token]) -> None:
    """Note the paths and the URL calls in an expression."""
    index = 0
    before = ""
    while index < len(tokens):
        token = tokens[index]
        starts = token.kind == "name" and token.text not in _WORDS and before not in (".", "|", "is", "not")
        keyword = starts and index + 1 < len(tokens) and tokens[index + 1].text == "=" and before in (",", "(")
        if starts and not keyword:
            path, after = _path(tokens, index)
            called = after < len(tokens) and tokens[after].text == "("
            if called and path.rpartition(".")[2] == "url_for":
                _url(reading, path, tokens, after)
            else:
                reading.read(path, token.start, tokens[after - 1].end)
            index, token = after, tokens[after - 1]
        else:
            index += 1
        before = token.text


def _path(tokens: list[_Token], index: int) -> tuple[str, int]:
    """The dotted path that starts at a name, and the index behind it."""
    names = [tokens[index].text]
    index += 1
    while index < len(tokens):
        rest = tokens[index : index + 3]
        if rest[0].text == "." and len(rest) > 1 and rest[1].kind in ("name", "other"):
            names.append(rest[1].text)
            index += 2
        elif rest[0].text == "[" and len(rest) == 3 and rest[1].kind == "string" and rest[2].text == "]":
            names.append(_string(rest[1]))
            index += 3
        elif rest[0].text == "(" and len(rest) > 2 and rest[1].text == ")" and rest[2].text == ".":
            # `post.comments.all().first`: a call without arguments in the middle of a path.
            index += 2
        else:
            break
    return ".".join(names), index


def _whole(reading: Reading, tokens: list[_Token]) -> str:
    """The path that an expression is, a call without arguments at its end included; `""` when it is more."""
    if not tokens or tokens[0].kind != "name" or tokens[0].text in _WORDS:
        return UNSEEN
    path, after = _path(tokens, 0)
    rest = [token.text for token in tokens[after:]]
    return reading.meaning(path) if rest in ([], ["(", ")"]) else UNSEEN


def _url(reading: Reading, callee: str, tokens: list[_Token], opening: int) -> None:
    """`url_for("name", key=value)`."""
    depth, closing = 0, opening
    for closing in range(opening, min(len(tokens), opening + _LONGEST)):
        depth += (tokens[closing].text in ("(", "[", "{")) - (tokens[closing].text in (")", "]", "}"))
        if depth == 0:
            break
    parts = _split(tokens[opening + 1 : closing])
    keywords, positional, loose = [], [], depth > 0
    for part in parts:
        if len(part) > 1 and part[0].kind == "name" and part[1].text == "=":
            keywords.append(part[0].text)
        elif part and part[0].text in ("**", "*"):
            loose = True
        else:
            positional.append(part)
    first = positional[0] if positional else []
    name = _string(first[0]) if len(first) == 1 and first[0].kind == "string" else ""
    start, end = (first[0].start, first[-1].end) if first else (tokens[opening].start, tokens[opening].end)
    at = reading.at(start, end)
    reading.urls.append(UrlCall(callee, name, max(0, len(positional) - 1), tuple(keywords), loose, False, at))


def _string(token: _Token) -> str:
    """The text of a string, `""` when it is not plain."""
    text = token.text[1:-1]
    return "" if "\\" in text else text
