"""Exits with 1 when the SQL of the case lacks a column that its conditions name, or SQLAlchemy refuses them."""

from __future__ import annotations

import sys
from typing import Any

from sqlalchemy import Select, create_engine, event
from sqlalchemy.orm import Session
from stored import Lazily

case: Any = Lazily()
engine = create_engine("sqlite://")


def conditions(statement: Any) -> str:
    """Everything behind `FROM`."""
    return str(statement if isinstance(statement, Select) else statement.statement).partition("FROM")[2]


def tells(statement: Any, *columns: str) -> bool:
    """Whether the conditions are about all of the columns."""
    return all(column in conditions(statement) for column in columns)


def sent(*columns: str) -> Any:
    """A function that says whether a query of the case is sent with conditions on all of the columns."""

    def run(query: Any) -> bool:
        case.models.Base.metadata.create_all(engine)
        said: list[str] = []
        event.listen(engine, "before_cursor_execute", lambda *given: said.append(given[2].partition("FROM")[2]))
        with Session(engine) as session:
            query(session)
        return all(column in said[-1] for column in columns)

    return run


def _and_is() -> set[bool]:
    both, never, always = case.queries.found(Session(engine), "x")
    return {tells(both, "users.id", "users.name"), tells(never, "users.name"), tells(always, "users.name")}


def _tables() -> set[bool]:
    return {tells(case.queries.statement, "posts.id"), tells(case.queries.statement, "users.age")}


VERDICTS = {
    "bad-and-is": _and_is,
    "bad-nested": lambda: {bool(case.queries.build(Session(engine), [1]))},
    "bad-table-columns": _tables,
    "good-overloaded": lambda: {
        sent("users.name = ", "users.active", "users.age", "users_1.name", "BETWEEN")(asked("Ada"))
    },
    "good-python-values": lambda: {
        sent("users.id", "users.name IS", "users.active", "users.age", "users.name = ")(
            lambda session: case.queries.found(session, "x", 3, [1])
        ),
        case.queries.chosen(case.models.User.name, []) == ([], True),
    },
    "good-same-names": lambda: {case.objects.shown(case.objects.User()) == [True, True]},
}


def asked(name: str) -> Any:
    """The query of a search for a name."""
    search = case.queries.Search()
    search.name = name
    return search.query


try:
    verdicts = VERDICTS[sys.argv[1]]()
except TypeError as error:
    verdicts = {"not defined" not in str(error)}
assert len(verdicts) == 1, "only some conditions"
sys.exit(0 if verdicts.pop() else 1)
