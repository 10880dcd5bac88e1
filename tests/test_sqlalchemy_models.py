"""The tables of small SQLAlchemy projects, held against what the mapper itself made of them.

Each file under `data/sqlalchemy_models` is a project: its sources after `### path`, then `### truth`, the columns
that SQLAlchemy had when the sources were imported, one a line, and `### unknown`, what cdlint says it cannot tell.
A column that only SQLAlchemy has starts with `- `, one that only cdlint has with `+ `: those must stand in `unknown`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from cdlint.rules.sqlalchemy._provided import mapped_tables, unknowns

from cdlint.backend.tables import Column, served, tables
from cdlint.project import Project

CASES = sorted((Path(__file__).parent / "data" / "sqlalchemy_models").glob("*.txt"))
Make = Callable[[Mapping[str, str]], Project]


def parts(path: Path) -> dict[str, str]:
    """The sections of a case by name."""
    return dict(re.findall(r"^### (\S+)\n(.*?)(?=^### |\Z)", path.read_text(), re.DOTALL | re.MULTILINE))


def line(table: str, column: Column) -> str:
    """A column as the cases write it."""
    length = f"({column.max_length})" if column.max_length else ""
    flags = {
        "null": column.nullable,
        "pk": column.primary_key,
        "unique": column.unique and not column.primary_key,
        "index": column.index,
        "default": column.has_default,
    }
    words = [f"{table}.{column.name}", f"{column.type or '?'}{length}", *(name for name, on in flags.items() if on)]
    return " ".join([*words, *(["->", column.fk] if column.fk else [])])


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_columns_are_those_of_the_mapper(path: Path, project: Make) -> None:
    case = parts(path)
    truth = case.pop("truth").splitlines()
    unknown = case.pop("unknown", "").splitlines()
    made = project(case)
    found = {
        line(each.name, c) for each in made[mapped_tables] if each.name and not each.abstract for c in each.columns
    }
    expected = {each.removeprefix("+ ") for each in truth if not each.startswith("- ")}
    assert found == expected
    assert sorted(f"{each.what}: {each.why}" for each in made[unknowns]) == unknown
    assert unknown or not any(each.startswith(("- ", "+ ")) for each in truth)


def test_an_abstract_base_is_shown_with_its_columns(project: Make) -> None:
    made = project(
        {
            "base.py": "from sqlalchemy import Column, Integer\nfrom sqlalchemy.orm import declarative_base\n"
            "Base = declarative_base()\nclass Numbered(Base):\n    __abstract__ = True\n"
            "    id = Column(Integer, primary_key=True)\nclass Empty(Base):\n    __abstract__ = True\n",
            "user.py": "from base import Numbered\nclass User(Numbered):\n    __tablename__ = 'user'\n",
        }
    )
    found = [(each.name, each.model.name if each.model else "", each.abstract) for each in made[mapped_tables]]
    assert found == [("user", "User", False), (None, "Numbered", True)]
    (column,) = made[mapped_tables][0].columns
    assert column.declared_in is not None
    assert column.declared_in.name == "Numbered"


def test_a_class_that_a_call_maps_has_its_table_and_relations(project: Make) -> None:
    made = project(
        {
            "user.py": "class User: ...\nclass Post: ...\n",
            "orm.py": "from sqlalchemy import Column, ForeignKey, Integer, Table\n"
            "from sqlalchemy.orm import registry, relationship\nfrom user import Post, User\nreg = registry()\n"
            "users = Table('users', reg.metadata, Column('id', Integer, primary_key=True))\n"
            "posts = Table('posts', reg.metadata, Column('user_id', ForeignKey(users.c.id), primary_key=True))\n"
            "reg.map_imperatively(User, users, properties={'posts': relationship(Post)})\n"
            "reg.map_imperatively(Post, posts)\n",
        }
    )
    found = {each.name: each for each in made[mapped_tables]}
    assert [(name, each.model.name if each.model else "") for name, each in found.items()] == [
        ("users", "User"),
        ("posts", "Post"),
    ]
    assert [each.name for each in found["users"].relations] == ["posts"]
    assert found["posts"].columns[0].fk == "users.id"


def test_models_that_a_migration_makes_for_itself_are_not_the_applications(project: Make) -> None:
    head = "from sqlalchemy import Column, Integer\nfrom sqlalchemy.orm import declarative_base\n"
    head += "Base = declarative_base()\n"
    user = "class User(Base):\n    __tablename__ = 'user'\n    id = Column(Integer, primary_key=True)\n"
    made = project(
        {
            "app.py": head + user,
            "migrations/versions/a1.py": "revision = 'a1'\ndown_revision = None\n"
            f"{head}{user}    old = Column(Integer)\n",
        }
    )
    assert [(each.at.path, len(each.columns)) for each in made[mapped_tables]] == [("app.py", 1)]


def test_of_columns_that_settings_choose_from_the_first_is_shown(project: Make) -> None:
    made = project(
        {
            "app.py": "from typing import Annotated\nfrom conf import SHORT\nfrom sqlalchemy import String, Text\n"
            "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\nclass Base(DeclarativeBase): ...\n"
            "key = Annotated[str, mapped_column(String(9), primary_key=True) if SHORT else\n"
            "    mapped_column(Text, primary_key=True)]\n"
            "class User(Base):\n    __tablename__ = 'user'\n    id: Mapped[key]\n"
            "    name = mapped_column(String(5), nullable=False) if SHORT else mapped_column(Text, nullable=False)\n",
        }
    )
    (table,) = made[mapped_tables]
    assert [line("user", each) for each in table.columns] == ["user.id String(9) pk", "user.name String(5)"]


def test_tables_of_tests_are_not_served_but_those_of_a_part_that_is_called_tests(project: Make) -> None:
    head = "from sqlalchemy import Column, Integer\nfrom sqlalchemy.orm import declarative_base\n"
    head += "Base = declarative_base()\n"
    user = "class User(Base):\n    __tablename__ = '{}'\n    id = Column(Integer, primary_key=True)\n"
    made = project(
        {
            "app.py": head + user.format("user"),
            "tests/test_app.py": head + user.format("made_up"),
            "quiz/tests/models.py": head + user.format("quiz"),
            "quiz/tests/migrations/__init__.py": "",
        }
    )
    made.equip({}, {tables: (mapped_tables,)})
    assert [each.name for each in made[served]] == ["quiz", "user"]


def test_the_type_of_a_column_with_an_own_annotation_is_not_told(project: Make) -> None:
    made = project(
        {
            "models.py": "from sqlmodel import Field, SQLModel\nfrom lazy import Lazy\n"
            "class User(SQLModel, table=True):\n    id: int = Field(primary_key=True)\n    level: Lazy[int] = 0\n"
            "    other: Lazy = Field(default=0)\n",
            "lazy.py": "class Lazy:\n    def __class_getitem__(cls, item): return item\n",
        }
    )
    assert [each.type for table in made[mapped_tables] for each in table.columns] == ["Integer", None, None]
