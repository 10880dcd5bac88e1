"""Exits with 1 when of two requests at the same time one change is lost.

The second request runs between what the first reads and what it writes. Where the first holds a lock on
its row, which SQLite does not know, the second waits for it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path.cwd()))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


class Guard:
    """What stands for a lock of the case: whoever finds it held comes later."""

    held = False

    def __enter__(self) -> None:
        if self.held:
            raise BlockingIOError
        self.held = True

    def __exit__(self, *error: object) -> None:
        self.held = False


def lost(operate: Callable[[], Any], number: Callable[[], int], owner: Any, write: str, locks: Any, lock: str) -> bool:
    """Whether two calls, the second inside the `write` of the first, change less than one does twice."""
    before = number()
    operate()
    step, waiting = number() - before, []
    plain, plain_lock = getattr(owner, write), getattr(locks, lock)

    def written(self: Any, *args: Any, **given: Any) -> Any:
        setattr(owner, write, plain)
        if not waiting:
            try:
                operate()
            except BlockingIOError:
                waiting.append(operate)
        return plain(self, *args, **given)

    def locked(self: Any, *args: Any, **given: Any) -> Any:
        if lock != "get" or given.get("with_for_update"):
            waiting.append(operate)
        return plain_lock(self, *args, **given)

    before = number()
    setattr(owner, write, written)
    setattr(locks, lock, locked)
    operate()
    setattr(locks, lock, plain_lock)
    for second in waiting:
        second()
    return number() - before != 2 * step


def with_django() -> bool:
    """The case has an application `shop`."""
    import django_cases

    django_cases.start()
    from django.db.models import Model, QuerySet
    from shop import models, views

    model = getattr(models, "Item", None) or models.Line
    name = "stock" if hasattr(models, "Item") else "quantity"
    row = model.objects.create(**{name: 10}, **({"sku": "a"} if name == "quantity" else {}))
    view = next(getattr(views, each) for each in ("buy", "add") if hasattr(views, each))
    given = ("a", 5) if name == "quantity" else (SimpleNamespace(method="POST"), row.pk)
    number = lambda: getattr(model.objects.get(pk=row.pk), name)  # noqa: E731
    return lost(lambda: view(*given), number, Model, "save", QuerySet, "select_for_update")


def with_sqlalchemy() -> bool:
    """The case has a function `buy`."""
    import main
    import models
    from sqlalchemy.orm import Session

    with models.SessionLocal() as session:
        session.add(models.Item(id=1, stock=10))
        session.commit()

    def number() -> int:
        with models.engine.connect() as connection:
            return connection.exec_driver_sql("select stock from items").scalar_one()

    if hasattr(main, "guard"):
        main.guard = Guard()
    return lost(lambda: main.buy(1), number, Session, "commit", Session, "get")


found = with_django() if Path("shop").exists() else with_sqlalchemy()
sys.exit(1 if found else 0)
