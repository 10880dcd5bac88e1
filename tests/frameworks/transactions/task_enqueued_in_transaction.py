"""Whether a worker that gets the messages of the case at once finds other rows than there are in the end.

No broker is at hand: what stands in for Celery, Dramatiq and RQ lets the worker look at the database over a
connection of its own as soon as a message is sent, unless it is to wait.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

sys.path[:0] = [".", str(Path(__file__).resolve().parents[1])]

import sqlalchemy
from django.conf import settings
from django.db import connection, transaction
from sqlalchemy import Column, Integer
from sqlalchemy.orm import Session, declarative_base
from stored import Lazily

FILE = str(Path.cwd() / "rows.db")
seen: list[tuple[object, tuple[int, ...]]] = []
case: Any = Lazily()


def view(given: object) -> tuple[int, ...]:
    """What a worker finds that looks for a row."""
    queries = ("SELECT count(*) FROM rows WHERE id = ?", "SELECT count(*) FROM links WHERE id = ?")
    with sqlite3.connect(FILE) as worker:
        return tuple(worker.execute(query, (given,)).fetchone()[0] for query in queries)


def send(*given: object) -> None:
    """Let the worker look for all rows that a message names."""
    seen.extend((each, view(each)) for each in given if isinstance(each, int))


class Task:
    """A task of Celery."""

    def __init__(self, function: Callable[..., None], *given: object) -> None:
        self._function, self._given = function, given

    def s(self, *given: object) -> Task:
        """The task with values."""
        return Task(self._function, *given)

    def delay(self, *given: object) -> None:
        """Send it."""
        self.apply_async(given)

    def delay_on_commit(self, *given: object) -> None:
        """Send it when the transaction is over."""
        transaction.on_commit(lambda: self.delay(*given))

    def apply_async(self, args: Any = (), countdown: int = 0, queue: str = "") -> None:
        """Send it, maybe for later."""
        if not countdown:
            send(*self._given, *args)


class Celery:
    """An application of Celery."""

    def __init__(self, name: str, task_cls: type[Task] = Task) -> None:
        self.task = task_cls


class Row:
    """A row that Django saves."""

    mail = "x"

    def __init__(self, pk: int) -> None:
        self.pk, self.parents = pk, SimpleNamespace(add=self._add)

    def save(self) -> Row:
        """Insert it."""
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO rows (id) VALUES (%s)", [self.pk])
        return self

    def _add(self, other: Row) -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO links (id) VALUES (%s)", [other.pk])


class Order(declarative_base()):  # type: ignore[misc]
    """A row that SQLAlchemy saves."""

    __tablename__ = "rows"
    id = Column(Integer, primary_key=True)


def shared_task(*function: Any, **_: object) -> Any:
    """A task, or what makes one."""
    return Task(*function) if function else Task


def model() -> Any:
    """A model with rows that no task is about."""
    rows = SimpleNamespace(create=lambda name: Row(99).save(), values_list=lambda *_, **__: [1])
    return SimpleNamespace(objects=rows)


def placed(*orders: Order) -> None:
    """Give orders to the function of the case."""
    with Session(sqlalchemy.create_engine("")) as session:
        case.orders.place(session, *orders)


MODULES: dict[str, dict[str, Any]] = {
    "celery": {"Celery": Celery, "Task": Task, "shared_task": shared_task,
               "chain": lambda *tasks: Task(print, *(each for task in tasks for each in task._given))},
    "dramatiq": {"actor": lambda function: SimpleNamespace(send=send)},
    "redis": {"Redis": SimpleNamespace},
    "rq": {"Queue": lambda connection: SimpleNamespace(enqueue=lambda function, *given: send(*given))},
}  # fmt: skip
CALLS: dict[str, Callable[[], list[object]]] = {
    "bad": lambda: [case.services.register(Row(1)), case.services.invite(Row(2))],
    "bad-begin": lambda: [case.billing.close(Order(id=1))],
    "bad-read-in-worker": lambda: [case.models.process(Row(1).save(), [Row(2)])],
    "bad-session": lambda: [placed(Order(id=1))],
    "bad-through-helper": lambda: [case.views.View().post(SimpleNamespace(save=Row(1).save))],
    "good": lambda: [case.services.register(Row(1))],
    "good-nothing-written": lambda: [
        case.views.upload(model(), "a", {}, True),
        case.views.compare(model(), [1, 2], "default"),
    ],
    "good-own-task-class": lambda: [case.views.store(Row(1))],
    "good-session": lambda: [placed(Order(id=1), Order(id=2))],
}
for name, values in MODULES.items():
    sys.modules[name] = ModuleType(name)
    vars(sys.modules[name]).update(values)
engine = sqlalchemy.create_engine(f"sqlite:///{FILE}")
sqlalchemy.create_engine = lambda *_: engine
settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FILE}},
    CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
)
with sqlite3.connect(FILE) as made:
    made.executescript("CREATE TABLE rows (id INTEGER PRIMARY KEY); CREATE TABLE links (id INTEGER)")
CALLS[sys.argv[1]]()
early = [each for each, found in seen if found != view(each)]
print("looked for", seen, "too early", early)
sys.exit(1 if early else 0)
