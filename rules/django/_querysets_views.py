"""What views of Django and of packages give that do not say it themselves: their rows and their object."""

from __future__ import annotations

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_member

from ._querysets_managers import default_manager
from ._querysets_names import class_attribute
from ._querysets_values import Cls, Later, Rows, Value


def outside_view(project: Project, this: Symbol, name: str) -> Value:
    """`self.get_queryset()` and `self.get_object()` of a class built on an outside view."""
    from ._querysets import forced

    if this.kind != "instance" or name not in ("get_queryset", "get_object"):
        return None
    cls = Symbol("class", this.path, this.name)
    if name == "get_object":
        own = project[class_member, (cls, "get_queryset")]
        rows: Value = None
        if isinstance(own, Symbol) and own.kind == "function":
            rows = forced(project, Later(own, (("self", this),)))
        rows = rows if isinstance(rows, Rows) else outside_view(project, this, "get_queryset")
        return rows.row() if isinstance(rows, Rows) else None
    return view_rows(project, this)


def view_rows(project: Project, this: Symbol) -> Value:
    """The rows of a view that does not make them itself: its `queryset`, or all of its `model`."""
    cls = Symbol("class", this.path, this.name)
    found = project[class_attribute, (cls, "queryset")]
    if isinstance(found, Rows):
        return found._replace(loose=True, origin=None)
    found = project[class_attribute, (cls, "model")]
    return default_manager(project, found.model) if isinstance(found, Cls) else None
