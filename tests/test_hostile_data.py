"""Bad input to what says how data is kept: silence, never a failure, never a guess.

SQL of any shape, models and functions that lead back to themselves, statements and functions of any length.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cdlint.inspect import models, sessions, shapes, transactions
from tests.conftest import opened

ALCHEMY = """from sqlalchemy import ForeignKey, create_engine, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str | None]


engine = create_engine("sqlite://")


"""
DJANGO = {
    "manage.py": 'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_.settings")\n',
    "requirements.txt": "django\ndjangorestframework\n",
    "site_/__init__.py": "",
    "site_/settings.py": 'INSTALLED_APPS = ["shop"]\nROOT_URLCONF = "site_.urls"\n'
    'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "x"}}\n',
    "site_/urls.py": "from django.urls import path\n\nfrom shop import views\n\n"
    'urlpatterns = [path("", views.index)]\n',
    "shop/__init__.py": "",
    "shop/models.py": "from django.db import models\n\n\nclass Item(models.Model):\n"
    "    name = models.CharField(max_length=9)\n"
    '    above = models.ForeignKey("self", on_delete=models.CASCADE, null=True)\n',
}
VIEWS = "from django.db.models import F, Q\nfrom django.shortcuts import render\n\nfrom .models import Item\n\n\n"
INDEX = 'def index(request):\n    return render(request, "a.html", {"rows": Item.objects.all()})\n\n\n'


@pytest.fixture
def findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What is found in some files, when nothing fails on the way, `inspect` included."""
    # A rule that fails raises then.
    monkeypatch.setenv("CDLINT_DEBUG", "1")

    def check(files: Mapping[str, str]) -> list[str]:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        session = opened(tmp_path)
        report = session.report()
        for kind in (models, sessions, shapes, transactions):
            kind.answer(session.project)
        return [f"{each.path}:{each.line} {each.rule}" for each in report.diagnostics]

    return check


def view(text: str) -> dict[str, str]:
    """A Django project with some more code in its views."""
    return {**DJANGO, "shop/views.py": VIEWS + INDEX + text}


def sqlite(statement: str, values: str = "") -> dict[str, str]:
    """A statement that is given to a driver."""
    return {
        "db.py": "import sqlite3\n\n\ndef run(value, table):\n    with sqlite3.connect('a.db') as connection:\n"
        f"        return connection.execute({statement}{values}).fetchall()\n",
    }


LONG = 200_000
STATEMENTS = {
    "not constant": "table.make(value)",
    "half of it": "'SELECT a FROM ' + table.make(value)",
    "200 KB": repr("SELECT " + "a, " * (LONG // 3) + "a FROM t"),
    "200 KB of values": repr("INSERT INTO t (a) VALUES " + "(1), " * (LONG // 5) + "(1)"),
    "200 KB of comments": repr("SELECT a FROM t " + "/* " * (LONG // 3)),
    "200 KB of blanks": repr(" " * LONG + "SELECT a FROM t"),
    "200 KB of dollars": repr("SELECT a FROM t " + "".join(f"$a{i}$ " for i in range(LONG // 8))),
    "brackets": repr("SELECT " + "(" * 3_000 + "1" + ")" * 3_000),
    "cases": repr("SELECT " + "CASE WHEN a THEN " * 500 + "1" + " END" * 500),
    "selects": repr("SELECT * FROM " + "(SELECT * FROM " * 500 + "t" + ")" * 500),
    "negations": repr("SELECT " + "NOT " * 4_000 + "a FROM t"),
    "conditions": repr("SELECT a FROM t WHERE " + " AND ".join(["a = 1"] * 400)),
    "semicolons": repr("SELECT 1" + ";" * 3_000),
    "nothing": repr(""),
    "zeros": repr("SELECT \0 FROM t"),
    "another dialect": repr("SELECT a FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY a ORDER BY b) = 1"),
    "a language of procedures": repr(
        "CREATE FUNCTION f() RETURNS trigger AS $$ BEGIN RETURN NEW; END $$ LANGUAGE plpgsql"
    ),
    "what grows": "'SELECT a FROM t' * 10 ** 9",
    "a pattern that grows": "'%1000000000d' % 3",
}


def test_statements_of_any_shape(findings: Any) -> None:
    files = {f"db{number}.py": sqlite(each)["db.py"] for number, each in enumerate(STATEMENTS.values())}
    assert findings(files) == []


@pytest.mark.parametrize(
    "schema",
    [
        "CREATE TABLE t (" * 9_000,
        "CREATE TABLE t (" * 600 + ")" * 600,
        "CREATE TABLE t (a int, b int);\n" * 3_000,
        "CREATE TABLE t (" + "a int, " * 1_000 + "b int)",
        "CREATE TABLE t (a int) " + "/* " * 60_000,
        "CREATE " * 20_000,
        "CREATE TABLE " + "'" * 100_001,
        "ALTER TABLE t ADD COLUMN a int;\n" * 3_000,
    ],
)
def test_schemas_of_any_shape(findings: Any, schema: str) -> None:
    assert findings({"schema.sql": schema, **sqlite('"SELECT a FROM t"')}) == []


@pytest.mark.parametrize(
    "growing",
    [
        "    text = text + text\n" * 60,
        "    more = text + text\n    text = more + more\n" * 60,
        "    text += ' , a'\n" * 1_500,
        "    text = f'{text} {text}' if text else text + text\n" * 60,
    ],
)
def test_a_statement_that_is_put_together_again_and_again(findings: Any, growing: str) -> None:
    body = f"import sqlite3\n\n\ndef run():\n    text = 'SELECT a FROM t'\n{growing}"
    assert findings({"db.py": f"{body}    return sqlite3.connect('a').execute(text).fetchall()\n"}) == []


def ring(count: int, one: str) -> str:
    """A piece of code again and again: `{i}` is its number, `{n}` that of the next one, the first after the last."""
    return "".join(one.format(i=i, n=(i + 1) % count) for i in range(count))


MODELS = {
    "classes that inherit from each other": {
        "m.py": ALCHEMY + ring(40, "class M{i}(M{n}):\n    a{i}: Mapped[int]\n\n\n"),
    },
    "the same in Django": {
        **DJANGO,
        "shop/models.py": DJANGO["shop/models.py"]
        + ring(40, "\n\nclass M{i}(M{n}):\n    a{i} = models.IntegerField()\n"),
        "shop/views.py": VIEWS + INDEX,
    },
    "keys in a circle": {
        "m.py": ALCHEMY
        + ring(
            40,
            "class M{i}(Base):\n    __tablename__ = 'm{i}'\n"
            "    id: Mapped[int] = mapped_column(ForeignKey('m{n}.id'), primary_key=True)\n\n\n",
        ),
    },
    "a long row of bases": {
        **DJANGO,
        "shop/models.py": DJANGO["shop/models.py"]
        + "".join(
            f"\n\nclass M{i}({f'M{i - 1}' if i else 'Item'}):\n    a{i} = models.IntegerField()\n" for i in range(80)
        ),
        "shop/views.py": VIEWS + INDEX + "def last():\n    return Item.objects.filter(m0__m1__m2__a2=1)\n",
    },
    "every model leads to every model": {
        **DJANGO,
        "shop/models.py": DJANGO["shop/models.py"]
        + "".join(
            f"\n\nclass M{i}(models.Model):\n"
            + "".join(
                f"    f{j} = models.ForeignKey('M{j}', on_delete=models.CASCADE, related_name='r{i}_{j}')\n"
                for j in range(15)
            )
            for i in range(15)
        ),
        "shop/views.py": VIEWS
        + INDEX.replace("Item.objects.all()", "Item.objects.filter(above__above__above__name='')"),
    },
    "schemas that hold each other": {
        "m.py": "from fastapi import FastAPI\nfrom pydantic import BaseModel\n\napp = FastAPI()\n\n\n"
        + ring(40, "class S{i}(BaseModel):\n    one: 'S{n}'\n    many: list['S{n}']\n\n\n")
        + "@app.get('/', response_model=S0)\ndef read():\n    return None\n",
    },
    "annotations of any depth": {
        "m.py": "from pydantic import BaseModel\n\n\nclass S(BaseModel):\n"
        f"    a: {'list[' * 60}int{']' * 60}\n    b: '{'list[' * 900}int{']' * 900}'\n"
        f"    c: {' | '.join(['int'] * 500)}\n"
        f"    d: '{' ' * 20_000}'\n",
    },
    "serializers in themselves": {
        **DJANGO,
        "shop/views.py": VIEWS + INDEX,
        "shop/serializers.py": "from rest_framework import serializers\n\nfrom .models import Item\n\n\n"
        + "".join(
            f"class S{i}(serializers.ModelSerializer):\n    above = S{max(i - 1, 0)}(read_only=True)\n\n"
            "    class Meta:\n        model = Item\n        fields = ['name', 'above']\n\n\n"
            for i in range(1, 60)
        ).replace("above = S0(", "above = serializers.CharField(")
        + "class Tree(serializers.ModelSerializer):\n    class Meta:\n        model = Item\n"
        "        fields = ['name']\n\n    def get_fields(self):\n        fields = super().get_fields()\n"
        "        fields['above'] = Tree(read_only=True)\n        return fields\n",
    },
}


@pytest.mark.parametrize("case", MODELS)
def test_models_that_lead_back_to_themselves(findings: Any, case: str) -> None:
    assert findings(MODELS[case]) == []


SAVE = "    Item(name='x').save()\n"
FUNCTIONS = {
    "a ring of 200": view(ring(200, "def f{i}(x):\n" + SAVE + "    return f{n}(x)\n\n\n")),
    "a ring that returns": view(ring(200, "def f{i}():\n    return f{n}().filter(name='')\n\n\n")),
    "a row of 300": view(
        "".join(f"def f{i}(x):\n    return f{i + 1}(x)\n\n\n" for i in range(300)) + f"def f300(x):\n{SAVE}"
    ),
    "a mesh": view(
        "".join(f"def f{i}(x):\n{SAVE}" + "".join(f"    f{j}(x)\n" for j in range(25)) + "\n\n" for i in range(25))
    ),
    "a ring with a session": {
        "m.py": ALCHEMY
        + ring(
            200,
            "async def f{i}(session: AsyncSession):\n    await session.commit()\n    return await f{n}(session)\n\n\n",
        ),
    },
    "a mesh with a session": {
        "m.py": ALCHEMY
        + "".join(
            f"def f{i}(session: Session):\n    session.add(User())\n    session.commit()\n"
            + "".join(f"    f{j}(session)\n" for j in range(25))
            + "\n\n"
            for i in range(25)
        ),
    },
    "dependencies in a ring": {
        "m.py": "from fastapi import Depends, FastAPI\n\napp = FastAPI()\n\n\n"
        + ring(60, "def d{i}(x=Depends(lambda: d{n})):\n    return x\n\n\n")
        + "@app.get('/')\ndef read(x=Depends(d0)):\n    return x\n",
    },
    "many branches": view(
        "def g(x):\n    rows = Item.objects.all()\n"
        + "".join(f"    if x == {i}:\n        rows = rows.filter(name='x').order_by('name')\n" for i in range(300))
        + "    return rows\n"
    ),
    "many branches with a session": {
        "m.py": ALCHEMY
        + "def f(session: Session, x):\n"
        + "".join(
            f"    if x == {i}:\n        session.add(User())\n    else:\n        session.flush()\n" for i in range(200)
        )
        + "    session.commit()\n",
    },
    "3,000 lines": view(
        "def g(x):\n"
        + "".join(
            f"    a{i} = Item.objects.get(pk={i})\n    a{i}.name = 'x'\n    print(a{i}.name)\n" for i in range(1_000)
        )
    ),
    "3,000 lines with a session": {
        "m.py": ALCHEMY
        + "def f(session: Session):\n"
        + "".join(
            f"    u{i} = session.get(User, {i})\n    u{i}.name = 'x'\n    print(u{i}.name)\n" for i in range(1_000)
        )
        + "    session.commit()\n",
    },
    "blocks in blocks": {
        "m.py": ALCHEMY
        + "def f(session: Session):\n"
        + "".join(f"{' ' * (4 + i)}with session.begin_nested():\n" for i in range(17))
        + f"{' ' * 22}session.flush()\n",
    },
    "handlers in handlers": view(
        "def g():\n"
        + "".join(f"{' ' * (4 + i)}try:\n" for i in range(17))
        + f"{' ' * 22}print(1)\n"
        + "".join(f"{' ' * (4 + i)}except ValueError:\n{' ' * (5 + i)}print(2)\n" for i in reversed(range(17)))
    ),
}


@pytest.mark.parametrize("case", FUNCTIONS)
def test_functions_of_any_shape(findings: Any, case: str) -> None:
    assert findings(FUNCTIONS[case]) == []


EXPRESSIONS = (
    "def g():\n    return Item.objects" + ".filter(name='x')" * 500 + "\n",
    "def g():\n    rows = Item.objects.all()\n" + "    rows = rows.filter(name='x')\n" * 500 + "    return rows\n",
    f"def g():\n    return Item.objects.filter({' | '.join(['Q(name=1)'] * 5_000)})\n",
    f"def g():\n    return Item.objects.filter({' | '.join(['Q(name=1)'] * 900)})\n",
    f"def g():\n    return Item.objects.annotate(z={' + '.join(['F(chr(1))'] * 900)})\n",
    f"def g():\n    return Item.objects.filter({'__'.join(['above'] * 300)}__name='x')\n",
    "def g(item: Item):\n    return item" + ".above" * 90 + ".name\n",
)


def test_expressions_of_any_length(findings: Any) -> None:
    files = dict(view(""))
    for number, each in enumerate(EXPRESSIONS):
        files[f"shop/part{number}.py"] = VIEWS + each
    assert findings(files) == []


def test_revisions_in_a_circle(findings: Any) -> None:
    revisions = {
        f"migrations/versions/r{i}.py": f"import sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'r{i}'\n"
        f"down_revision = 'r{(i + 1) % 30}'\n\n\ndef upgrade():\n    op.add_column('t', sa.Column('a', sa.Integer()))\n"
        f"    op.execute('{'x' * 9_000}')\n"
        for i in range(30)
    }
    places = "migrations/versions " * 900
    ini = f"[alembic]\nscript_location = migrations\nversion_locations = {places}\n{chr(10) * 9_000}"
    env = "from alembic import context\n\nfrom m import Base\n\ntarget_metadata = Base.metadata\ncontext.configure()\n"
    assert findings({"m.py": ALCHEMY, "alembic.ini": ini, "migrations/env.py": env, **revisions}) == []
