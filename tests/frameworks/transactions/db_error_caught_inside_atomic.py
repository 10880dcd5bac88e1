"""Exits with 1 when a number that is there already breaks the transaction that went on."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django_shop import start

start()

import models
import services
from django.db.transaction import TransactionManagementError

models.Order.objects.create(number="1")
calls = {
    "bad-decorated-loop": lambda: services.load(["1", "2"]),
    "bad-repository": lambda: services.Service().find_or_add("1"),
    "good-nothing-follows": lambda: (services.place(["1", "2"]), services.once("1")),
    "good-own-savepoint": lambda: (services.place("1"), services.found("1")),
}
try:
    calls.get(sys.argv[1], lambda: services.place("1"))()
except TransactionManagementError:
    sys.exit(1)
sys.exit(0)
