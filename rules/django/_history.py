"""The table that `HistoricalRecords()` makes beside that of a model, and those that `register()` makes."""

from __future__ import annotations

from dataclasses import replace

from cdlint.backend.tables import Column, Table, UnknownTable
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._columns import Field
from ._setting_values import setting_value
from ._url_runs import Runs
from ._url_values import strings

_PLAIN = {"AutoField": "IntegerField", "BigAutoField": "BigIntegerField", "SmallAutoField": "SmallIntegerField"}
_FILES = ("FileField", "ImageField")


def history(world: Runs, model: Table, field: Field, label: str, user: str | None) -> Table:
    """The model's columns without their constraints, and those that say who changed what when."""
    assert model.model is not None
    at, name = field.at, model.model.last
    excluded = strings(field.option("excluded_fields")) or ()
    columns = [_copied(each) for each in model.columns if each.attr not in excluded]
    given = field.option("table_name")
    custom = field.option("custom_model_name")
    title = custom if isinstance(custom, str) else f"Historical{name}"
    table = given if isinstance(given, str) else f"{label}_{title.lower()}"
    columns += _added(world, field, user, at)
    symbol = Symbol("class", model.model.path, title)
    return Table(table, symbol, False, tuple(columns), (), model.complete, at)


def _copied(each: Column) -> Column:
    """A column of the model as its history has it."""
    kind = _PLAIN.get(each.type or "", "TextField" if each.type in _FILES else each.type)
    key = each.fk is not None
    return replace(
        each,
        type="ForeignKey" if key else kind,
        nullable=True if key else each.nullable,
        primary_key=False,
        unique=False,
        index=bool(each.unique or each.index),
        declared_in=None,
    )


def _added(world: Runs, field: Field, user: str | None, at: Location) -> list[Column]:
    uuid = setting_value(world.project, world.settings, "SIMPLE_HISTORY_HISTORY_ID_USE_UUID") is True
    long = field.option("history_change_reason_field") is not None
    found = [
        Column("history_id", "history_id", "UUIDField" if uuid else "AutoField", False, True, True,
               32 if uuid else None, None, uuid, False, None, at),
        Column("history_date", "history_date", "DateTimeField", False, False, False, None, None, False, True, None, at),
        Column("history_change_reason", "history_change_reason", "TextField" if long else "CharField", True, False,
               False, None if long else 100, None, False, False, None, at),
        Column("history_type", "history_type", "CharField", False, False, False, 1, None, False, False, None, at),
    ]  # fmt: skip
    if field.option("history_user_id_field") is None:
        kind, name = "ForeignKey", "history_user"
        found.append(Column(f"{name}_id", name, kind, True, False, False, None, user, False, True, None, at))
    return found


def registered_histories(project: Project, path: str) -> tuple[UnknownTable, ...]:
    """The models that `simple_history.register(Model)` gives a table of its own, which is not worked out."""
    module = project.module(path)
    if module is None or not any(each.module == "simple_history" for each in module.imports):
        return ()
    found = []
    for call in module.main.call_nodes:
        callee = evaluate(project, (path, ""), call.func)
        if isinstance(callee, Symbol) and callee.name == "simple_history.register" and call.args:
            what = f"the history of `{getattr(call.args[0], 'text', 'a model')}`"
            found.append(UnknownTable(Location(path, call.at), what, "its table is made by `register()`"))
    return tuple(found)
