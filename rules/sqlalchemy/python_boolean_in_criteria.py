"""A condition of a query uses `and`, `or`, `not`, `is`, `in` or a chained comparison on a column.

## Why
Python decides these operators itself, before SQLAlchemy sees them: `User.a == 1 and User.b == 2`
is only one of the two conditions, `User.deleted_at is None` is always false and
`not User.active` always the same. Other conditions raise `TypeError` when the query is built.
The query runs, and it returns the wrong rows.

## Instead
Pass several conditions to `where()`, or use `and_()` and `or_()`; write `.is_(None)`, `.in_()`,
`.between()` and `~` or `not_()`.

## Known limits
Only conditions written as an argument of `where()`, `filter()`, `having()`, `join()`, `case()`,
`and_()` and their like are looked at, and only columns whose class is known.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Finding, Location, rule

from ._criteria import Misuse, Question, misuses, questions

_EFFECTS = {
    "and": "`and` keeps only one of its conditions, since Python decides it and not the database",
    "or": "`or` keeps only one of its conditions, since Python decides it and not the database",
    "not": "`not` is decided by Python and not by the database",
    "is": "`is` is decided by Python and is always false for a column",
    "is not": "`is not` is decided by Python and is always true for a column",
    "in": "`in` is decided by Python and not by the database",
    "not in": "`not in` is decided by Python and not by the database",
    "chain": "a chained comparison hides an `and`, which Python decides and not the database",
}
_CURES = {
    "and": "Pass the conditions as separate arguments, or join them with `and_()`.",
    "or": "Join the conditions with `or_()`.",
    "not": "Negate the condition with `~` or `not_()`.",
    "is": "Write `{column}.is_(...)`.",
    "is not": "Write `{column}.is_not(...)`.",
    "in": "Write `{column}.in_(...)`.",
    "not in": "Write `{column}.not_in(...)`.",
    "chain": "Write `{column}.between(...)`, or two conditions.",
}


@rule(of=questions, severity="error", constraint="query")
def python_boolean_in_criteria(project: Project, question: Question) -> Iterator[Finding]:
    """One finding an operator."""
    for misuse in misuses(project, question):
        yield _finding(question, misuse)


def _finding(question: Question, misuse: Misuse) -> Finding:
    message = f"In the condition on `{misuse.column}`, {_EFFECTS[misuse.kind]}."
    cure = _CURES[misuse.kind].format(column=misuse.column)
    symbol = f"{question.qualname}:{misuse.column}:{misuse.kind}"
    return Finding(Location(question.path, misuse.at), message, symbol=symbol, cure=cure)
