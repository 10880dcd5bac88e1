"""How SQLAlchemy's words are spelled: public module paths, Flask-SQLAlchemy's `db`, SQLModel."""

from __future__ import annotations

import re

from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol

_SCRIPTS = re.compile(r"(?:^|[/_-])(?:scripts|bin|maintenance)/")
PACKAGES = ("sqlalchemy", "sqlmodel", "flask_sqlalchemy")
RELATIONSHIPS = frozenset({"relationship", "Relationship", "dynamic_loader"})
COLUMNS = frozenset({"Column", "mapped_column", "MappedColumn", "Field"})
DECLARATIVE_CALLS = frozenset({"declarative_base", "automap_base", "generate_base"})
DECLARATIVE_CLASSES = frozenset({"DeclarativeBase", "DeclarativeBaseNoMeta"})
OTHER_ATTRIBUTES = frozenset(
    {
        "synonym",
        "association_proxy",
        "column_property",
        "composite",
        "query_expression",
        "deferred",
        "hybrid_property",
        "hybrid_method",
    }
)
MAPPED_WRAPPERS = frozenset({"Mapped", "WriteOnlyMapped", "DynamicMapped", "AppenderQuery"})
DECLARED_ATTR = frozenset({"declared_attr", "directive", "cascading"})
_NEUTRAL_PACKAGES = frozenset(
    [
        "abc",
        "enum",
        "typing",
        "typing_extensions",
        "dataclasses",
        "collections",
        "builtins",
        "datetime",
        "functools",
        "json",
        "uuid",
        "pydantic",
        "flask_login",
        "werkzeug",
    ]
)
_NEUTRAL = frozenset(
    {
        "sqlalchemy.ext.asyncio.AsyncAttrs",
        "sqlalchemy.orm.MappedAsDataclass",
        "sqlalchemy.orm.DeclarativeBase",
        "sqlalchemy.orm.DeclarativeBaseNoMeta",
        "flask_security.UserMixin",
        "flask_security.RoleMixin",
        "sqlmodel.SQLModel",
        "sqlmodel.main.SQLModel",
    }
)


def word(answer: Answer | None) -> str:
    """The last word of something of SQLAlchemy, whatever path it is imported by, or `""`."""
    if not isinstance(answer, Symbol) or answer.kind != "external":
        return ""
    return outside_word(answer.name)


def outside_word(dotted: str) -> str:
    """`Column` for `sqlalchemy.Column`, `sqlalchemy.schema.Column` and `flask_sqlalchemy.SQLAlchemy().Column`."""
    package = dotted.partition(".")[0]
    if package not in PACKAGES:
        return ""
    owner, _, last = dotted.rpartition(".")
    if "(" in owner and not owner.endswith(("SQLAlchemy()", "declared_attr()")):
        return ""
    return last


def is_neutral(dotted: str) -> bool:
    """Whether a base outside the repository is known to bring neither columns nor a table name."""
    return dotted in _NEUTRAL or dotted.partition(".")[0] in _NEUTRAL_PACKAGES


def is_used(project: Project) -> bool:
    """Whether any file of the repository imports SQLAlchemy or one of the libraries on top of it."""
    return any(project[imports_it, path] for path in project.paths)


def imports_it(project: Project, path: str) -> bool:
    """Whether a file imports SQLAlchemy or one of the libraries on top of it."""
    module = project.module(path)
    return module is not None and any(each.module.partition(".")[0] in PACKAGES for each in module.imports)


def is_revision(project: Project, path: str) -> bool:
    """Whether a file is a migration, whose models are only as complete as it needs."""
    module = project.module(path)
    names = {binding.name for binding in module.bindings} if module is not None else set()
    return {"revision", "down_revision"} <= names


def is_script(project: Project, path: str) -> bool:
    """Whether a file is a script for those who maintain the application, which nobody waits for."""
    module = project.module(path) if _SCRIPTS.search(path) else None
    return module is not None and module.main.mentions("__main__")
