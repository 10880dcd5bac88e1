"""Whether the repository runs with SQLAlchemy 2, whose API lacks much of what 1.x had."""

from __future__ import annotations

from cdlint.project import Project
from cdlint.project.versions import satisfied, version

from ._names import PACKAGES

_SINCE_TWO = frozenset(
    {"Mapped", "mapped_column", "DeclarativeBase", "DeclarativeBaseNoMeta", "MappedAsDataclass", "async_sessionmaker"}
)
"""Names that 1.4 does not have, imported from `sqlalchemy`."""

_NEEDING_TWO = (("sqlalchemy", ">=2"), ("flask-sqlalchemy", ">=3.1"), ("sqlmodel", ">=0.0.12"))
"""What SQLAlchemy 2 is, and what needs it."""


def is_two(project: Project) -> bool:
    """Whether it is 2.0 or newer: by a pin or a range, by what is imported, or because any version is taken."""
    if any(project[satisfied, (need,)] for need in _NEEDING_TWO):
        return True
    found = project[version, "sqlalchemy"]
    said = (found.version, *found.others)
    if any(each.exact or each.specifier for each in said):
        # A range that reaches below 2 leaves it to what the code needs.
        return not any(each.exact for each in said) and project[_imports_newer]
    return project[_imports_newer] or all(not each.why for each in said)


def _imports_newer(project: Project) -> bool:
    return any(project[_newer_in, path] for path in project.paths)


def _newer_in(project: Project, path: str) -> bool:
    module = project.module(path)
    return module is not None and any(
        each.name in _SINCE_TWO and each.module.partition(".")[0] in PACKAGES for each in module.imports
    )
