"""Exits with 1 when an order stays although what belongs to it could not be written."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))


def with_django(settings_module: object) -> int:
    """The orders that are left when the second of two items is sold out."""
    import django
    from django.conf import settings
    from django.core.management import call_command

    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    given = getattr(settings_module, "DATABASES", {"default": {}})["default"]
    settings.configure(
        INSTALLED_APPS=["shop"], ROOT_URLCONF="urls", ALLOWED_HOSTS=["*"],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        DATABASES={"default": {**given, **database}}, MIGRATION_MODULES={"shop": None}, DEBUG_PROPAGATE_EXCEPTIONS=True,
    )  # fmt: skip
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    from django.test import Client
    from shop.models import Item, Order
    from shop.services import OutOfStock

    Item.objects.create(sku="a", stock=1)
    Item.objects.create(sku="b", stock=0)
    with contextlib.suppress(OutOfStock):
        body = json.dumps({"buyer": "ann", "skus": ["a", "b"]})
        Client().post("/orders/", data=body, content_type="application/json")
    return Order.objects.count()


def with_sqlalchemy() -> int:
    """The orders that are left when the second write fails."""
    import models
    import services
    from sqlalchemy.exc import IntegrityError

    with models.SessionLocal() as session:
        if hasattr(models, "Line"):
            session.add(models.Order(id=99, buyer="eve"))
            session.add(models.Line(order_id=99, sku="a"))
            session.commit()
        service = services.OrderService(session) if hasattr(services, "OrderService") else None
        given = () if service is not None else (session,)
        place = getattr(service or services, "place", None) or services.import_order
        with contextlib.suppress(
            IntegrityError, getattr(getattr(services, "crud", None), "OutOfStock", IntegrityError)
        ):
            place(*given, "ann", "a")
    with models.SessionLocal() as session:
        return session.query(models.Order).filter_by(buyer="ann").count()


left = with_django(__import__("settings")) if Path("settings.py").exists() else with_sqlalchemy()
# A log that is missing does no harm: what is written stays on purpose.
sys.exit(1 if left and sys.argv[1] != "good-log" else 0)
