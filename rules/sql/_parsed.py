"""What a parser says of a statement: that it is none, or which tables, aliases and columns in it are not there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

from cdlint.backend.stack import databases
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.classes import functions_of
from cdlint.project.places import is_aside

from ._composed import HOLE
from ._schema import LONGEST, SOME, Schema, plain, schema
from ._sites import Place, Site, families, sites, varying

if TYPE_CHECKING:
    from sqlglot import exp

_DIALECTS = {"postgresql": "postgres", "sqlite": "sqlite", "mysql": "mysql", "mariadb": "mysql"}
_FORMATS = re.compile(r"%\((\w+)\)s|%s")
_PLACES = re.compile(r"(?<![:\w]):[A-Za-z_]\w*|\$\d+|\?")
_EXTENDED = re.compile(r"<<?%|%>>?|::\s*[A-Za-z_]\w*")
"""Operators and types that an extension of the database may bring."""
_QUIET = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_TRAILING = re.compile(r",\s*(\b(?:FROM|WHERE|GROUP\s+BY|ORDER\s+BY|HAVING|RETURNING)\b|\))", re.IGNORECASE)
"""Commas that the parser forgives and no database does."""
_CONFLICT = re.compile(r"^(\s*UPDATE)\s+OR\s+\w+", re.IGNORECASE)
"""A word of SQLite that the parser does not know."""
_VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
_SYSTEM = re.compile(r"(pg_|sqlite_|information_schema|dual$|json_|jsonb_|generate_series|unnest|pragma_)")
_PSEUDO = frozenset({"excluded", "new", "old", "values"})
_HIDDEN = frozenset(
    {"", "*", "rowid", "oid", "ctid", "xmin", "xmax", "_rowid_", "tableoid", "current_timestamp", "current_date",
     "current_time", "current_user", "value", "key", "rank", "level", "true", "false", "null", "default"}
)  # fmt: skip


class Lack(NamedTuple):
    """Something in a statement. `kind`: `syntax`, `table`, `alias` or `column`; `of` is the table of a column."""

    kind: str
    name: str
    of: str
    at: At
    declared: tuple[str, int] | None


def lacks(project: Project, place: Place) -> tuple[Lack, ...]:
    """What is wrong with the statements in a function."""
    found: list[Lack] = []
    for site in project[sites, place]:
        found.extend(_lacks(project, place, site))
    ways: dict[At, list[Site]] = {}
    for site in project[varying, place]:
        ways.setdefault(site.call.at, []).append(site)
    for each in ways.values():
        found.extend(_common(project, place, each))
    return tuple(dict.fromkeys(found))


def _common(project: Project, place: Place, ways: list[Site]) -> Iterator[Lack]:
    """The columns that a statement names in vain, in whatever way it is put together with that name."""
    said = [(site.text.lower(), {*_lacks(project, place, site)}) for site in ways]
    for each in dict.fromkeys(lack for _, lacks_ in said for lack in lacks_ if lack.kind == "column"):
        if all(each in lacks_ for text, lacks_ in said if each.name in text):
            yield each


def _lacks(project: Project, place: Place, site: Site) -> Iterator[Lack]:
    text = _CONFLICT.sub(r"\1", _FORMATS.sub(":p", site.text).replace("%%", "%"))
    verb = text.lstrip(" \t\r\n(").split(None, 1)
    if len(text) > LONGEST or not verb or verb[0].upper() not in _VERBS or "{" in text:
        return
    dialect = site.dialect or _dialect(project)
    trailing = _TRAILING.search(_QUIET.sub("''", text))
    parsed = parse(text, dialect) if trailing is None else trailing[1]
    if isinstance(parsed, str) and trailing is None:
        # The parser does not take a placeholder everywhere where it takes what stands in for it.
        usual = _EXTENDED.sub(lambda match: "=" if "%" in match[0] else "::text", text)
        others = [parse(_PLACES.sub(value, usual), dialect) for value in (" 1 ", " '1' ")]
        others += [parse(text, each) for each in _spoken(project, place) if each != dialect]
        parsed = next((each for each in others if not isinstance(each, str)), parsed)
    if parsed is None:
        return
    if isinstance(parsed, str):
        if dialect:
            yield Lack("syntax", parsed, dialect, site.at, None)
        return
    known = project[schema]
    strict = site.driver != "django" and _is_whole(project, known, site)
    for kind, name, of in _unknown(parsed, known, strict):
        yield Lack(kind, name, of, site.at, known.places.get(of))


def _dialect(project: Project) -> str:
    names = {each.name for each in project[databases] if not is_aside(each.at.path)}
    return _DIALECTS.get(names.pop(), "") if len(names) == 1 else ""


def _spoken(project: Project, place: Place) -> frozenset[str]:
    """The dialects that a function speaks of, as one does that asks which database it has."""
    function = project[functions_of, place.path].get(place.qualname)
    return frozenset(each for name, each in _DIALECTS.items() if function is not None and function.mentions(name))


def _is_whole(project: Project, known: Schema, site: Site) -> bool:
    """Whether a table that is not known is certainly not there."""
    if SOME in known.columns:
        return False
    if site.driver == "text":
        return known.closed and not any(project[_creates_elsewhere, path] for path in project.paths)
    return "other" not in project[families] and bool(known.places)


def _creates_elsewhere(project: Project, path: str) -> bool:
    module = project.module(path)
    return module is not None and any(
        call.rpartition(".")[2] in ("create_table", "reflect", "rename_table")
        for function in module.functions
        for call in function.calls
    )


def parse(text: str, dialect: str) -> exp.Expression | str | None:
    """The tree of a statement; the words at which it ends when it is none; None when that is not known."""
    import logging

    import sqlglot
    from sqlglot.errors import ParseError, SqlglotError

    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    try:
        found: Any = sqlglot.parse(text, dialect=dialect or None)
    except ParseError as error:
        first = error.errors[0] if error.errors else {}
        return str(first.get("highlight") or "").strip() or None
    except (SqlglotError, RecursionError, ValueError):
        return None
    return found[0] if len(found) == 1 and found[0] is not None else None


def _unknown(tree: exp.Expression, known: Schema, strict: bool) -> Iterator[tuple[str, str, str]]:
    from sqlglot import exp

    ctes = {each.alias_or_name.lower() for each in tree.find_all(exp.CTE)}
    tables: dict[str, str | None] = {}
    for table in tree.find_all(exp.Table):
        name = table.name.lower()
        simple = isinstance(table.this, exp.Identifier) and not (table.db and table.db.lower() != "public")
        is_known = simple and name not in ctes and name in known.columns
        tables[table.alias_or_name.lower()] = name if is_known else None
        missing = strict and simple and name not in ctes and name not in known.columns and not _SYSTEM.match(name)
        # A library may well create tables of its own; hardly one that is nearly called like one of these.
        if missing and _is_near(name, known.columns):
            yield "table", name, ""
    names = set(tables) | ctes | _PSEUDO
    for kind in (exp.Subquery, exp.TableAlias, exp.Lateral, exp.Unnest):
        names |= {str(each.alias_or_name or "").lower() for each in tree.find_all(kind)}
        names |= {each.name.lower() for each in tree.find_all(exp.TableAlias)}
    if tables and tree.find(exp.Command) is None:
        yield from _columns(tree, known, tables, names)


def _gives_names(tree: exp.Expression) -> bool:
    """Whether a statement has columns of its own making, or a part that varies where it may make some."""
    from sqlglot import exp

    inner = [each for each in tree.find_all(exp.Subquery) if isinstance(each.parent, (exp.From, exp.Join))]
    varied = any(HOLE[1:] in part.sql() for each in tree.find_all(exp.Select) for part in each.expressions)
    return bool(inner) or varied or tree.find(exp.CTE, exp.Lateral, exp.Unnest, exp.Values) is not None


def _is_near(name: str, tables: Iterable[str]) -> bool:
    if get_close_matches(name, tables, n=1, cutoff=0.75):
        return True
    return any(len(each) > 4 and (name.endswith(f"_{each}") or each.endswith(f"_{name}")) for each in tables)


def _columns(
    tree: exp.Expression, known: Schema, tables: dict[str, str | None], names: set[str]
) -> Iterator[tuple[str, str, str]]:
    from sqlglot import exp

    labels = {each.alias.lower() for each in tree.find_all(exp.Alias)}
    read = sorted({each.name.lower() for each in tree.find_all(exp.Table)})
    plainly = all(tables.values()) and all(known.columns.get(each) for each in read) and not _gives_names(tree)
    for column in tree.find_all(exp.Column):
        name, owner = column.name.lower(), column.table.lower()
        if column.args.get("db") or isinstance(column.this, exp.Star) or name in _HIDDEN:
            continue
        if owner and owner not in names:
            yield "alias", owner, name
        elif owner or (plainly and not column.this.quoted and name not in labels | names):
            table = tables.get(owner)
            every = [table] if table is not None else [] if owner else read
            if every and not any(name in (known.columns.get(each) or {name}) for each in every):
                yield "column", name, "`, `".join(every)
    if isinstance(tree, exp.Insert) and isinstance(tree.this, exp.Schema):
        table = plain(tree.this.this.name)
        columns = known.columns.get(table)
        keys = tree.find(exp.OnConflict)
        named = (*tree.this.expressions, *(each.this for each in (keys and keys.args.get("conflict_keys")) or ()))
        for each in named if columns else ():
            plain_name = isinstance(each, (exp.Identifier, exp.Column))
            if plain_name and columns and each.name.lower() not in columns:
                yield "column", each.name.lower(), table
