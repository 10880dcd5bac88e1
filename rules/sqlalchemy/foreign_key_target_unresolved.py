"""A foreign key names a table or column that no model defines.

## Why
The string is looked up when the table is first joined, written or created, so it fails with
`NoReferencedTableError` or `NoReferencedColumnError` far away from the line that is wrong.
Most often the class name, the singular or the attribute was written in place of the table's
or column's name, or the schema is missing.

## Instead
Name the table and column as they are in the database: `ForeignKey("users.id")` for
`__tablename__ = "users"`, and `ForeignKey("app.users.id")` for a table in the schema `app`.

## Known limits
Nothing is said when some table of the same metadata has a computed name, is reflected from the
database or belongs to another package. Models inside migrations are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._references import Reference, references
from ._registry import Entry, close_to, entries, open_metadata


@rule(of=references, severity="error", constraint="orm")
def foreign_key_target_unresolved(project: Project, reference: Reference) -> Iterator[Finding]:
    """At most one finding a foreign key."""
    parts = reference.text.split(".")
    if len(parts) < 2 or not all(parts) or project[open_metadata, reference.metadata]:
        return
    tables = project[entries, reference.metadata]
    *schema, table, column = parts
    prefix = ".".join(schema) or reference.default_schema
    key = f"{prefix}.{table}" if prefix else table
    found = tables.get(key, ())
    at = Location(reference.path, reference.at)
    if found:
        if all(entry.complete and column not in entry.columns for entry in found):
            yield _no_column(reference, at, key, column, found)
        return
    if any(entry.schema is None and entry.name == table for each in tables.values() for entry in each):
        return
    yield _no_table(reference, at, key, table, column, tables)


def _no_column(reference: Reference, at: Location, key: str, column: str, found: tuple[Entry, ...]) -> Finding:
    names = sorted({name for entry in found for name in entry.columns})
    near = close_to(column, names)
    message = f"{_says(reference)}, but the table `{key}` has no column `{column}`."
    evidence = Evidence(Location(found[0].path, found[0].at), f"the table `{key}` is defined here")
    return Finding(at, message, (evidence,), symbol=reference.symbol, cure=f"Did you mean `{near}`?" if near else "")


def _no_table(
    reference: Reference, at: Location, key: str, table: str, column: str, tables: dict[str, tuple[Entry, ...]]
) -> Finding:
    message = f"{_says(reference)}, but no model or table is named `{key}`."
    same = [name for name in tables if name.rpartition(".")[2] == table]
    plural = [name for name in tables if name in (f"{table}s", f"{table}es", table.removesuffix("s"), table.lower())]
    near = same[0] if len(same) == 1 else plural[0] if len(plural) == 1 else close_to(key, tables)
    evidence: tuple[Evidence, ...] = ()
    if near:
        entry = tables[near][0]
        evidence = (Evidence(Location(entry.path, entry.at), f"the table `{near}` is defined here"),)
    cure = f"Write `{near}.{column}` if that table is meant." if near else ""
    return Finding(at, message, evidence, symbol=reference.symbol, cure=cure)


def _says(reference: Reference) -> str:
    return f"The foreign key of `{reference.holder}` refers to `{reference.text}`"
