"""Statements into which values are formatted: the pieces of the text, and where a value stands among them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import functions_of
from cdlint.project.constants import fold
from cdlint.project.places import is_aside

from ._forwarded import forwarders, statement
from ._outside import comes_from_outside, given_to
from ._sites import Place, driver_of, families, value_of

Piece: TypeAlias = "str | Node"
_VERB = re.compile(r"\s*(?:\(+\s*)?(SELECT|INSERT|UPDATE|DELETE|WITH|REPLACE|MERGE)\b", re.IGNORECASE)
_UTILITY = re.compile(
    r"\s*(?:ALTER|ATTACH|COMMENT|COPY|CREATE|DO|DROP|GRANT|LISTEN|LOAD|LOCK|NOTIFY|PRAGMA|REVOKE|SET|SHOW|TRUNCATE|USE)\b",
    re.IGNORECASE,
)
"""Statements to which no value can be bound."""
_COMPARED = re.compile(r"(?:<>|!=|[<>]=?|=|\bI?LIKE|\bIN\s*\(|\bVALUES\s*\((?:[^()]|\([^()]*\))*,?)\s*$", re.IGNORECASE)
_STRINGS = re.compile(r"'(?:[^']|'')*'")
_COMMENTS = re.compile(r"--[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_IDENTIFIER = re.compile(
    r"table|tbl|schema|column|col$|field|index|constraint|seq|database|db_?name|view|alias|ident|sql|query|where|clause|"
    r"condition|filter|placeholder|param|expr|order|direction|sort|join|suffix|prefix|interval|dialect|operator|func"
)
"""How names of pieces of SQL and of things in the database are called."""
_OF_CLASSES = re.compile(r"\._meta\.|\.__\w+__")
"""What a class says of itself, such as the name of its table."""
_CATALOG = re.compile(r"information_schema|\bpg_\w+|sqlite_master|pragma_", re.IGNORECASE)
"""Statements about the database itself, whose values are names of things in it."""
_PIECES = re.compile(r"\{\{|\}\}|\{(\w*)(?:![rsa])?(?::[^{}]*)?\}")
_FORMATS = re.compile(r"%(?:\((\w+)\))?[-+ #0]*\d*(?:\.\d+)?([a-zA-Z%])")
_BY_HAND = frozenset(
    {"migrations", "versions", "alembic", "revisions", "scripts", "commands", "tools", "management", "bin", "cli",
     "dev", "hack", "contrib", "maint-scripts"}
)  # fmt: skip
"""Folders of code that somebody runs who could write the statement as well."""
_EXECUTING = frozenset({"execute", "executemany", "fetch", "fetchrow", "fetchval", "execute_fetchall", "executescript"})
_MAKING = frozenset({"text", "RawSQL", "raw", "extra"})
_DEPTH = 4


class Formatted(NamedTuple):
    """A value that is formatted into a statement. `name` is how the code writes it, `quoted` whether in quotes."""

    name: str
    quoted: bool
    at: At
    call: At


def building(project: Project) -> tuple[Place, ...]:
    """The functions that may give a statement to a database which they put together."""
    if not project[families]:
        return ()
    return tuple(place for path in project.paths for place in project[_building_in, path])


def _building_in(project: Project, path: str) -> tuple[Place, ...]:
    by_hand = not _BY_HAND.isdisjoint(path.split("/"))
    module = project.module(path) if not is_aside(path) and not by_hand else None
    words = _EXECUTING | _MAKING | frozenset(project[forwarders])
    return tuple(
        Place(path, function.qualname)
        for function in (module.functions[1:] if module is not None else ())
        if not words.isdisjoint(function.lasts)
        and (function.params or function.binds)
        and any(map(function.mentions, _SIGNS))
    )


_SIGNS = ("SELECT", "select", "INSERT", "insert", "UPDATE", "update", "DELETE", "delete", "='", "= '", "LIKE", "like")


def formatted(project: Project, place: Place) -> tuple[Formatted, ...]:
    """The values that a function formats into statements, one a statement."""
    function = project[functions_of, place.path].get(place.qualname)
    found: list[Formatted] = []
    for call in tree.calls(*(function.body if function is not None else ())):
        if function is not None:
            for node, partial in _statements(project, place, call):
                found.extend(_in_statement(project, place, function, call, node, partial))
    return tuple({each.at: each for each in reversed(found)}.values())[::-1]


def _statements(project: Project, place: Place, call: tree.Call) -> Iterator[tuple[Node, bool]]:
    """The texts that a call takes as SQL, and whether they may be a part of a statement only."""
    name = getattr(call.func, "last", "")
    handed = statement(project, place, call)
    if handed is not None:
        yield handed[1], False
    elif name in _EXECUTING and call.args:
        if driver_of(project, place, call, name):
            yield call.args[0], False
    elif name in _MAKING:
        answer = value_of(project, place, call.func)
        known = answer.name if isinstance(answer, Symbol) and answer.kind == "external" else ""
        if name == "text" and call.args and known.startswith(("sqlalchemy.", "sqlmodel.", "flask_sqlalchemy.")):
            yield call.args[0], True
        elif name in ("raw", "RawSQL") and call.args and known.startswith("django."):
            yield call.args[0], name == "RawSQL"
        elif name == "extra" and known.startswith("django."):
            for given in (call.keyword("where"), call.keyword("select")):
                if isinstance(given, tree.Sequence):
                    yield from ((each, True) for each in given.items)
                elif isinstance(given, tree.Mapping):
                    yield from ((value, True) for _, value in given.items)


def _in_statement(
    project: Project, place: Place, function: Function, call: tree.Call, node: Node, partial: bool
) -> Iterator[Formatted]:
    for text, at in _texts(function, node):
        pieces = list(_pieces(project, place, text, _DEPTH))
        whole = "".join(each if isinstance(each, str) else "0" for each in pieces)
        if not (_VERB.match(whole) or (partial and not _UTILITY.match(whole))) or _CATALOG.search(whole):
            continue
        for index, piece in enumerate(pieces):
            if isinstance(piece, str):
                continue
            before = "".join(each if isinstance(each, str) else "0" for each in pieces[:index])
            after = pieces[index + 1] if index + 1 < len(pieces) else ""
            quoted = _is_quoted(before)
            name = _name(piece)
            if quoted is None or _IDENTIFIER.search(name.rpartition(".")[2].lower()) or _OF_CLASSES.search(name):
                continue
            if not quoted and not _is_compared(before, after):
                continue
            if comes_from_outside(project, place, piece, quoted):
                yield Formatted(name or "...", quoted, at, call.at)
                break


def _is_quoted(before: str) -> bool | None:
    """Whether a place is inside a string of the statement; None inside a quoted identifier."""
    rest = _STRINGS.sub("", _COMMENTS.sub("", before))
    if rest.count('"') % 2 or rest.count("`") % 2:
        return None
    return rest.count("'") % 2 == 1


def _is_compared(before: str, after: Piece) -> bool:
    """Whether a value is expected at a place."""
    follows = after[:1] if isinstance(after, str) else "0"
    return _COMPARED.search(before) is not None and not (follows.isalnum() or follows in ("_", ".", "("))


def _name(node: Node) -> str:
    """How the code writes a value, `""` for what is more than a name."""
    if isinstance(node, tree.Path):
        return node.text
    if isinstance(node, tree.Subscript):
        key = node.index.value if isinstance(node.index, tree.Constant) else ""
        return f'{_name(node.value)}["{key}"]' if isinstance(key, str) and key else _name(node.value)
    if isinstance(node, tree.Call):
        inner = (
            node.args[0]
            if len(node.args) == 1 and isinstance(node.func, tree.Path) and "." not in node.func.text
            else None
        )
        return _name(inner) if inner is not None else f"{getattr(node.func, 'text', '')}()"
    return ""


# The text


def _texts(function: Function, node: Node) -> Iterator[tuple[Node, At]]:
    """What a statement is: the expression, or what is assigned to the variable that holds it."""
    if isinstance(node, tree.Path) and "." not in node.text:
        if not any(param.name == node.text for param in function.params):
            yield from given_to(function, node.text)
        return
    yield node, node.at


def _pieces(project: Project, place: Place, node: Node, depth: int) -> Iterator[Piece]:
    """The constant parts of a text and what is formatted in between, in order."""
    if isinstance(node, tree.Constant):
        yield node.value if isinstance(node.value, str) else node
    elif isinstance(node, tree.FString):
        for part in node.parts:
            if isinstance(part, tree.Constant) and isinstance(part.value, str):
                yield part.value
            else:
                yield from _inserted(project, place, part)
    elif isinstance(node, tree.Binary) and node.op == "+" and depth:
        for term in node.terms:
            yield from _pieces(project, place, term, depth - 1)
    elif isinstance(node, tree.Binary) and node.op == "%" and len(node.terms) == 2:
        yield from _percent(project, place, *node.terms)
    elif isinstance(node, tree.Call) and getattr(node.func, "last", "") == "format":
        yield from _format(project, place, node)
    elif isinstance(node, tree.Call) and getattr(node.func, "last", "") in ("strip", "dedent") and depth:
        inner = node.func.value if isinstance(node.func, tree.Attribute) else node.args[0] if node.args else node
        yield from _pieces(project, place, inner, depth - 1) if inner is not node else (node,)
    else:
        yield from _inserted(project, place, node)


def _inserted(project: Project, place: Place, node: Node) -> Iterator[Piece]:
    """A value that is formatted in: its text when it is constant."""
    folded = fold(project, place, node, infer=False)
    yield str(folded) if isinstance(folded, (str, int, float)) else node


def _percent(project: Project, place: Place, pattern: Node, values: Node) -> Iterator[Piece]:
    text = fold(project, place, pattern, infer=False)
    if not isinstance(text, str):
        return
    given = values.items if isinstance(values, tree.Sequence) and values.kind == "tuple" else (values,)
    named = {}
    for key, value in values.items if isinstance(values, tree.Mapping) else ():
        if isinstance(key, tree.Constant):
            named[key.value] = value
    last = position = 0
    for found in _FORMATS.finditer(text):
        yield text[last : found.start()]
        last = found.end()
        if found[2] == "%":
            yield "%"
            continue
        value = named.get(found[1]) if found[1] else given[position] if position < len(given) else None
        position += not found[1]
        if value is not None and found[2] in "sra":
            yield from _inserted(project, place, value)
        else:
            yield "0"
    yield text[last:]


def _format(project: Project, place: Place, call: tree.Call) -> Iterator[Piece]:
    func = call.func
    owner = func.value if isinstance(func, tree.Attribute) else tree.Path(func.text.rpartition(".")[0], func.at)
    text = fold(project, place, owner, infer=False)
    if not isinstance(text, str):
        return
    last = position = 0
    for found in _PIECES.finditer(text):
        yield text[last : found.start()]
        last = found.end()
        if found[1] is None:
            yield found[0][0]
            continue
        key = found[1] or str(position)
        position += not found[1]
        value = call.keyword(key)
        if key.isdecimal():
            value = call.args[int(key)] if int(key) < len(call.args) else None
        if value is not None and ":d" not in found[0]:
            yield from _inserted(project, place, value)
        else:
            yield "0"
    yield text[last:]
