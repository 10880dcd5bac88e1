"""Exits with 1 when rows are found that the case says it leaves out, or no lock is asked for that it says it takes."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django.test import RequestFactory
from django_cases import modules, start

start()
module = {each.__name__.rpartition(".")[2]: each for each in modules()}
models = module["models"]
Order = models.Order


def _orders():
    first = models.Customer.objects.create(name="a")
    other = models.Customer.objects.create(name="b")
    for customer in (first, other, first):
        Order.objects.create(customer=customer)
    found = list(module["services"].open_orders(first).values_list("pk", flat=True))
    return len(found) == 2


def _reminders():
    Order.objects.create(hidden=True)
    return module["reports"].reminders() == []


def _view():
    customer = models.Customer.objects.create(name="a")
    Order.objects.create(customer=customer, paid=True)
    view = module["views"].OrderList()
    view.setup(RequestFactory().get("/?open=1"))
    return not view.get_queryset().exists()


def _cleared():
    customer = models.Customer.objects.create(name="a")
    Order.objects.create(customer=customer)
    return list(module["services"].open_orders(customer)) == [] and not Order.objects.exists()


CASES = {
    "bad": _orders,
    "bad-manager-method": _reminders,
    "bad-view": _view,
    "good": _cleared,
    "good-asked-again": lambda: module["services"].is_path() and not module["services"].is_path("nothing"),
    "good-own-method": lambda: module["services"].asked() == ("paid",),
}
sys.exit(0 if CASES[sys.argv[1]]() else 1)
