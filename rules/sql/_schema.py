"""The tables that the repository creates: by its models, by `CREATE TABLE` in its code and in its `.sql` files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.tables import tables, unknown_tables
from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.places import is_aside

_CREATE = re.compile(
    r"\bCREATE\s+(?:TEMP(?:ORARY)?\s+|UNLOGGED\s+|VIRTUAL\s+)?(TABLE|VIEW|MATERIALIZED\s+VIEW)\s+"
    r"(?:IF\s+NOT\s+EXISTS\s+)?([\w.\"`\[\]]+)\s*(\(?)",
    re.IGNORECASE,
)
_ADD = re.compile(
    r"\bALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?([\w.\"`]+)\s+(ADD\s+(?:COLUMN\s+)?(?:IF\s+NOT\s+EXISTS\s+)?[\w\"`]+|RENAME)",
    re.IGNORECASE,
)
_VERBS, _NOUNS = (
    (b"CREATE", b"ALTER", b"create ", b"alter ", b"Create "),
    (b"TABLE", b"VIEW", b"table ", b"Table ", b" view "),
)
_BEGINNING = re.compile(rb"(?:create|alter)\s.{0,200}?(?:table|view)", re.IGNORECASE | re.DOTALL)
_CONSTRAINTS = frozenset(
    {"CONSTRAINT", "PRIMARY", "FOREIGN", "UNIQUE", "CHECK", "KEY", "INDEX", "EXCLUDE", "LIKE", "FULLTEXT", "SPATIAL"}
)
_TYPES = frozenset(
    {"TEXT", "INTEGER", "INT", "BIGINT", "SMALLINT", "VARCHAR", "CHAR", "CHARACTER", "BLOB", "BYTEA", "BOOLEAN", "BOOL",
     "DATE", "TIME", "TIMESTAMP", "TIMESTAMPTZ", "DATETIME", "UUID", "JSON", "JSONB", "REAL", "DOUBLE", "FLOAT",
     "NUMERIC", "DECIMAL", "SERIAL", "BIGSERIAL"}
)  # fmt: skip
"""After one of these words a column is meant that is named `key` or `index`."""
_COMMENTS = re.compile(r"--[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_HIDDEN = re.compile(
    r"\bCREATE\s+(?:\w+\s+){0,2}(?:TABLE|VIEW)(?:\s+IF\s+NOT\s+EXISTS)?\s*(?:$|\S*[{%])", re.IGNORECASE
)
"""The beginning of a table whose name is put in later."""
SOME = "?"
"""Stands for a table whose name is not known."""
LONGEST = 200_000
_LONGEST_TABLE = 10_000


class Column(NamedTuple):
    """A column. `needed` when a row has to be given a value for it."""

    name: str
    needed: bool


class Known(NamedTuple):
    """A table with its columns; None when they are not all known."""

    name: str
    columns: tuple[Column, ...] | None
    path: str
    line: int


def created(project: Project) -> dict[str, tuple[Known, ...]]:
    """Name in lower case, without schema -> the tables of that name, from DDL."""
    found: dict[str, list[Known]] = {}
    for path in project.paths:
        for each in project[_created_in, path]:
            found.setdefault(each.name, []).append(each)
    for path in project.files("**/*.sql"):
        for each in of_text(project.text(path) or "", path, 1):
            found.setdefault(each.name, []).append(each)
    return {name: tuple(each) for name, each in found.items()}


def _created_in(project: Project, path: str) -> tuple[Known, ...]:
    module = project.module(path) if not is_aside(path) else None
    found: list[Known] = []
    for function in module.functions if module is not None else ():
        if _may_create(function.body_code):
            for node in function.nodes:
                if isinstance(node, tree.Constant) and isinstance(node.value, str):
                    found.extend(of_text(node.value, path, node.at[0]))
    for cls in module.classes if module is not None and found else ():
        for binding in cls.fields:
            if isinstance(binding.value, tree.Constant) and isinstance(binding.value.value, str):
                found.extend(of_text(binding.value.value, path, binding.at[0]))
    return tuple(found)


def _may_create(code: bytes) -> bool:
    """Whether code that is not decoded may hold such a statement."""
    words = any(noun in code for noun in _NOUNS) and any(verb in code for verb in _VERBS)
    return words and _BEGINNING.search(code) is not None


def of_text(text: str, path: str, line: int) -> Iterator[Known]:
    """The tables that a piece of SQL creates or changes."""
    if len(text) > LONGEST or not re.search(r"(?i)\b(create|alter)\b", text):
        return
    bare = _COMMENTS.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    if _HIDDEN.search(bare):
        yield Known(SOME, None, path, line)
    for match in _CREATE.finditer(bare):
        at = line + bare.count("\n", 0, match.start())
        begun = bool(match[3]) and match[1].upper() == "TABLE"
        body = _inside(bare, match.end()) if begun else None
        columns = tuple(_columns(body)) if body is not None else None
        partly = columns is not None and ("{" in (body or "") or "%s" in (body or "") or not columns)
        yield Known(plain(match[2]), None if partly else columns, path, at)
        if begun and body is None:
            # It does not end: nobody knows what else is made in it.
            yield Known(SOME, None, path, line)
            return
    for match in _ADD.finditer(bare):
        yield Known(plain(match[1]), None, path, line)


def plain(name: str) -> str:
    """A name as it is compared: without schema and quotes, in lower case."""
    return name.rpartition(".")[2].strip('"`[]').lower()


def _inside(text: str, start: int) -> str | None:
    """What stands between the parenthesis before a place and the one that closes it."""
    depth, at = 1, start
    end = min(len(text), start + _LONGEST_TABLE)
    while at < end:
        if text[at] == "'":
            at = text.find("'", at + 1, end)
            if at < 0:
                return None
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            return text[start:at]
        at += 1
    return None


def split(text: str) -> Iterator[str]:
    """The parts between commas that stand in no parentheses and no quotes."""
    depth, start, quoted = 0, 0, False
    for at, sign in enumerate(text):
        if sign == "'":
            quoted = not quoted
        elif not quoted and sign in "([":
            depth += 1
        elif not quoted and sign in ")]":
            depth -= 1
        elif sign == "," and depth == 0 and not quoted:
            yield text[start:at].strip()
            start = at + 1
    yield text[start:].strip()


def _columns(body: str) -> Iterator[Column]:
    keys = {plain(name) for group in re.findall(r"(?i)PRIMARY\s+KEY\s*\(([^)]*)\)", body) for name in group.split(",")}
    for part in split(body):
        words = part.split()
        typed = len(words) > 1 and words[1].upper().partition("(")[0].rstrip(",") in _TYPES
        if not words or (words[0].upper().partition("(")[0] in _CONSTRAINTS and not typed):
            continue
        rest = " ".join(words[1:]).upper()
        filled = re.search(
            r"\b(DEFAULT|GENERATED|SERIAL|BIGSERIAL|SMALLSERIAL|AUTO_INCREMENT|AUTOINCREMENT|IDENTITY)\b", rest
        )
        key = "PRIMARY KEY" in rest or plain(words[0]) in keys
        integer_key = key and re.match(r"INTEGER\b|INT\b", rest) is not None
        needed = ("NOT NULL" in rest or (key and not integer_key)) and filled is None and not integer_key
        yield Column(plain(words[0]), needed)


def modelled(project: Project) -> dict[str, frozenset[str] | None]:
    """Name in lower case, without schema -> the columns that models give the table, None when not all are known."""
    found: dict[str, frozenset[str] | None] = {}
    for table in project[tables]:
        if table.name and not table.abstract:
            name = plain(table.name)
            columns = frozenset(column.name.lower() for column in table.columns)
            # One that has nothing but its key gets its columns in a way that is not seen.
            names = columns if table.complete and len(columns) > 1 else None
            before = found.get(name, frozenset())
            found[name] = None if names is None or before is None else names | before
    return found


class Schema(NamedTuple):
    """The tables of the repository. `closed` says that there are no others."""

    columns: dict[str, frozenset[str] | None]
    closed: bool
    places: dict[str, tuple[str, int]]


def schema(project: Project) -> Schema:
    """Every table that code or DDL of the repository creates."""
    columns = dict(project[modelled])
    places: dict[str, tuple[str, int]] = {}
    for name, each in project[created].items():
        own = frozenset(column.name for one in each for column in one.columns or ())
        partly = any(one.columns is None for one in each)
        before = columns.get(name, frozenset())
        columns[name] = None if partly or before is None else own | before
        places.setdefault(name, (each[0].path, each[0].line))
    closed = bool(columns) and not any("table" in each.what for each in project[unknown_tables])
    return Schema(columns, closed, places)
