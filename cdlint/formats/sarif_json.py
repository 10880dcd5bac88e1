"""How objects of `sarif_om` become plain values for JSON."""

from __future__ import annotations

from typing import Any

_KEPT = {
    ("Result", "level"),
    ("Result", "kind"),
    ("ReportingConfiguration", "level"),
    ("ReportingConfiguration", "enabled"),
    ("Notification", "level"),
}
"""Written even when they equal the class's default: a result without a level takes its rule's."""

_TABLES: dict[type, dict[str, tuple[str, Any, bool]]] = {}


def plain(value: Any) -> Any:
    """The object as dicts, lists and scalars. What equals its default is left out, save for `_KEPT`."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    fields = _TABLES.get(type(value)) or _table(type(value))
    made = {}
    for name, item in vars(value).items():
        if item is not None:
            key, default, kept = fields[name]
            if kept or item != default:
                made[key] = plain(item)
    return made


def _table(kind: type) -> dict[str, tuple[str, Any, bool]]:
    """For each attribute of a class its name in the log, its default and whether it is always written."""
    import attr

    table: dict[str, tuple[str, Any, bool]] = {}
    for field in attr.fields(kind):
        default: Any = field.default
        if isinstance(default, attr.Factory):  # type: ignore[arg-type]
            default = default.factory()
        table[field.name] = (field.metadata["schema_property_name"], default, (kind.__name__, field.name) in _KEPT)
    _TABLES[kind] = table
    return table
