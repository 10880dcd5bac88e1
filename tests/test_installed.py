"""Base classes of installed packages: read as text when asked for, unknown otherwise, never run."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cdlint.rules.django._routes import django_endpoints
from click.testing import CliRunner

from cdlint import installed
from cdlint.backend.tables import Table, tables, unknown_tables
from cdlint.cache import Cache
from cdlint.check import check
from cdlint.cli.main import cli
from cdlint.config import Config, ConfigError, Given, load
from cdlint.diagnostic import Report
from cdlint.environment import site_packages
from cdlint.session import Session, open_session

PACKAGES = {
    "mixes/__init__.py": "from .stamps import *\nfrom .stamps import Stamped as Dated\nopen('executed', 'w')\n",
    "mixes/stamps.py": """
from sqlalchemy import Column, DateTime, ForeignKey, Integer, String
from sqlalchemy.orm import DeclarativeBase, declared_attr, relationship
from .sizes import LONG
from mixes.types import Url
class Named:
    name = Column(String(LONG), unique=True)
class Stamped(Named):
    created = Column(DateTime, nullable=False)
    homepage = Column(Url)
    @declared_attr
    def author_id(cls):
        return Column(Integer, ForeignKey('users.id'))
    @declared_attr
    def author(cls):
        return relationship('User')
class Root(DeclarativeBase):
    id = Column(Integer, primary_key=True)
""",
    "mixes/sizes.py": "LONG = 77\n",
    "mixes/types.py": "from sqlalchemy import String\nfrom sqlalchemy.types import TypeDecorator\n"
    "class Url(TypeDecorator):\n    impl = String(200)\n",
    "djbits/__init__.py": "",
    "djbits/models.py": """
from django.db import models
from .limits import SHORT
class Ordered(models.Model):
    position = models.PositiveIntegerField(default=0)
    code = models.CharField(max_length=SHORT, unique=True)
    owner = models.ForeignKey('auth.User', on_delete=models.CASCADE)
    class Meta:
        abstract = True
class Thing(models.Model):
    size = models.IntegerField()
""",
    "djbits/limits.py": "SHORT = 12\n",
    "djbits/views.py": """
from django.views.generic import View
class Exporting(View):
    def get(self, request): ...
    def put(self, request): ...
""",
    "django/__init__.py": "raise SystemExit('executed')\n",
    "django/db/models/__init__.py": "from django.db.models.base import Model\n",
    "django/db/models/base.py": "class Model:\n    def get(self): ...\n",
    "broken/__init__.py": "class Never(:\n",
    "circle/__init__.py": "from .a import A\n",
    "circle/a.py": "from .b import B\nfrom other import C\nclass A(B, C): ...\nclass Me(Me): ...\n",
    "circle/b.py": "from .a import A\nclass B(A): ...\n",
    "other.py": "from circle import A\nfrom loop import gone as lost\nclass C(A): ...\n",
    "loop.py": "from loop import gone\nfrom other import lost\n",
}
SQL = """
from sqlalchemy import Column, Integer
from sqlalchemy.orm import DeclarativeBase
from mixes import Dated
class Base(DeclarativeBase): ...
class User(Dated, Base):
    __tablename__ = 'users'
    id = Column(Integer, primary_key=True)
"""
DJANGO = {
    "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')\n",
    "settings.py": "ROOT_URLCONF = 'urls'\nINSTALLED_APPS = ['django.contrib.auth', 'djbits', 'shop']\n",
    "urls.py": "from django.urls import path\nfrom shop.views import Export\n"
    "urlpatterns = [path('export', Export.as_view())]\n",
    "shop/__init__.py": "",
    "shop/models.py": "from django.db import models\nfrom djbits.models import Ordered, Thing\n"
    "class Item(Ordered):\n    title = models.CharField(max_length=9)\n"
    "class Big(Thing):\n    more = models.IntegerField()\n",
    "shop/views.py": "from djbits.views import Exporting\nclass Export(Exporting):\n    def post(self, request): ...\n",
}


def written(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    written(tmp_path / "venv/lib/python3.11/site-packages", PACKAGES)
    return written(tmp_path / "venv", {"bin/python": "", "lib/python3.9/site-packages/old.py": ""})


def configured(root: Path, python: Path | None) -> Config:
    given = {"python": Given("flag", "--python", str(python))} if python is not None else {}
    return load(str(root), isolated=True, given=given)


def opened(tmp_path: Path, files: Mapping[str, str], python: Path | None) -> Session:
    return open_session(configured(written(tmp_path / "app", {**files, ".git/HEAD": ""}), python))


def table(session: Session, name: str) -> Table:
    return next(each for each in session.project[tables] if each.name == name)


def columns(found: Table) -> dict[str, tuple[Any, ...]]:
    return {each.name: (each.type, each.max_length, each.nullable, each.unique, each.fk) for each in found.columns}


def places(found: Table) -> set[str]:
    return {*(each.at.path for each in found.columns), *(each.at.path for each in found.relations)}


def verbs(session: Session) -> set[str]:
    return {each.method for each in session.project[django_endpoints] if each.path == "/export"}


class TestSqlalchemy:
    def test_without_the_flag_a_mixin_is_unknown(self, tmp_path: Path, venv: Path) -> None:
        session = opened(tmp_path, {"models.py": SQL}, None)
        assert set(columns(table(session, "users"))) == {"id"}
        assert [each.why for each in session.project[unknown_tables]] == [
            "the base `mixes.Dated` is not in the repository"
        ]

    def test_columns_of_a_mixin_that_is_exported_again(self, tmp_path: Path, venv: Path) -> None:
        session = opened(tmp_path, {"models.py": SQL}, venv)
        found = table(session, "users")
        assert columns(found) == {
            "id": ("Integer", None, False, False, None),
            "name": ("String", 77, True, True, None),
            "created": ("DateTime", None, False, False, None),
            "homepage": ("Url", 200, True, False, None),
            "author_id": ("Integer", None, True, False, "users.id"),
        }
        assert found.complete
        assert not session.project[unknown_tables]
        assert [(each.name, each.target and each.target.name) for each in found.relations] == [("author", "User")]

    def test_everything_is_placed_in_the_repository(self, tmp_path: Path, venv: Path) -> None:
        session = opened(tmp_path, {"models.py": SQL}, venv)
        found = table(session, "users")
        assert places(found) == {"models.py"}
        assert session.project.paths == ("models.py",)

    def test_a_root_of_a_package_has_more_tables_than_are_seen(self, tmp_path: Path, venv: Path) -> None:
        text = (
            "from mixes import Root\nfrom sqlalchemy import Column, ForeignKey, Integer\n"
            "class Item(Root):\n    __tablename__ = 'items'\n    far = Column(Integer, ForeignKey('far_away.id'))\n"
        )
        session = opened(tmp_path, {"models.py": text}, venv)
        assert set(columns(table(session, "items"))) == {"id", "far"}
        assert not session.report().diagnostics


class TestDjango:
    def test_without_the_flag(self, tmp_path: Path, venv: Path) -> None:
        session = opened(tmp_path, DJANGO, None)
        assert not [each for each in session.project[tables] if each.complete]
        assert verbs(session) == {"POST"}

    def test_fields_of_an_abstract_model(self, tmp_path: Path, venv: Path) -> None:
        session = opened(tmp_path, DJANGO, venv)
        found = table(session, "shop_item")
        assert columns(found) == {
            "id": ("AutoField", None, False, True, None),
            "title": ("CharField", 9, False, False, None),
            "position": ("PositiveIntegerField", None, False, False, None),
            "code": ("CharField", 12, False, True, None),
            "owner_id": ("ForeignKey", None, False, False, "auth_user.id"),
        }
        assert found.complete
        assert places(found) == {"shop/models.py"}

    def test_a_model_with_a_table_of_its_own_is_linked_to(self, tmp_path: Path, venv: Path) -> None:
        found = table(opened(tmp_path, DJANGO, venv), "shop_big")
        assert {name: each[4] for name, each in columns(found).items()} == {
            "thing_ptr_id": "djbits_thing.id",
            "more": None,
        }

    def test_verbs_of_a_view(self, tmp_path: Path, venv: Path) -> None:
        assert verbs(opened(tmp_path, DJANGO, venv)) == {"GET", "POST", "PUT"}


class TestHostile:
    @pytest.mark.parametrize("base", ["broken.Never", "other.lost", "nothing.Here", "os.sep"])
    def test_what_cannot_be_read_stays_unknown(self, tmp_path: Path, venv: Path, base: str) -> None:
        text = f"import {base.partition('.')[0]}\n{SQL}class Odd({base}, Base):\n    __tablename__ = 'odd'\n"
        session = opened(tmp_path, {"models.py": text}, venv)
        assert not table(session, "odd").complete
        assert "internal error" not in str(session.report().notices)

    def test_pipes_folders_and_links_end(self, tmp_path: Path, venv: Path) -> None:
        packages = venv / "lib/python3.11/site-packages"
        os.mkfifo(packages / "pipe.py")
        (packages / "folder.py").mkdir()
        (packages / "turning").symlink_to(packages / "turning")
        (packages / "linked").symlink_to(packages / "mixes")
        text = "from linked.stamps import Stamped\nimport pipe, folder, turning\n" + SQL
        for name, base in (("a", "pipe.X"), ("b", "folder.X"), ("c", "turning.X"), ("d", "Stamped")):
            text += f"class {name}({base}, Base):\n    __tablename__ = '{name}'\n"
        session = opened(tmp_path, {"models.py": text}, venv)
        assert [table(session, name).complete for name in "abcd"] == [False, False, False, True]

    @pytest.mark.parametrize("base", ["circle.A", "circle.a.Me", "other.C"])
    def test_circles_end(self, tmp_path: Path, venv: Path, base: str) -> None:
        text = f"import {base.partition('.')[0]}\n{SQL}class Odd({base}, Base):\n    __tablename__ = 'odd'\n"
        text += f"    key = Column(Integer, primary_key=True)\nclass View({base}): ...\n"
        session = opened(tmp_path, {**DJANGO, "shop/models.py": text}, venv)
        assert set(columns(table(session, "odd"))) == {"key"}
        assert "internal error" not in str(session.report().notices)

    def test_nothing_is_run_or_written(self, tmp_path: Path, venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        before = sorted((tmp_path / "venv").rglob("*"))
        opened(tmp_path, {"models.py": SQL, **DJANGO}, venv).report()
        assert sorted((tmp_path / "venv").rglob("*")) == before
        assert not (tmp_path / "executed").exists()

    def test_too_many_and_too_large_modules(self, tmp_path: Path, venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(installed, "MOST", 2)
        session = opened(tmp_path, {"models.py": SQL}, venv)
        assert "name" not in {each.name for each in table(session, "users").columns if each.max_length}
        assert "more than 2 modules" in str(session.report().notices)
        (venv / "lib/python3.11/site-packages/mixes/stamps.py").write_text("#" * 5_000_001)
        assert not table(opened(tmp_path, {"models.py": SQL}, venv), "users").complete


class TestEnvironment:
    def test_ways_to_name_it(self, venv: Path) -> None:
        packages = venv / "lib/python3.11/site-packages"
        for path in (venv, venv / "bin/python", packages):
            assert site_packages(str(path)) == str(packages)
        assert site_packages(str(venv / "lib")) is None
        assert site_packages(str(venv / "none")) is None

    def test_the_interpreter_of_an_environment_is_a_link(self, tmp_path: Path, venv: Path) -> None:
        (tmp_path / "python3").write_text("")
        (venv / "bin/python").unlink()
        (venv / "bin/python").symlink_to(tmp_path / "python3")
        assert site_packages(str(venv / "bin/python")) == str(venv / "lib/python3.11/site-packages")

    def test_none_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match=r"--python: .* has no site-packages to read"):
            configured(tmp_path, tmp_path)
        run = CliRunner().invoke(cli, ["inspect", "models", str(tmp_path), "--python", str(tmp_path)])
        assert run.exit_code == 2

    def test_flag_variable_and_file(self, tmp_path: Path, venv: Path) -> None:
        root = str(written(tmp_path / "app", {"models.py": SQL, ".git/HEAD": ""}))

        def known(*flags: str, env: dict[str, str] | None = None) -> int:
            run = CliRunner().invoke(cli, ["inspect", "models", root, "--output-format", "json", *flags], env=env)
            return len(json.loads(run.output)["models"][0]["columns"])

        assert known() == 1
        assert known("--python", str(venv)) == 5
        assert known(env={"CDLINT_PYTHON": str(venv)}) == 5
        written(tmp_path / "app", {"cdlint.toml": "python = '../venv'\n"})
        assert known() == 5
        assert known("--python", "") == 1

    def test_a_report_is_given_again_only_while_the_packages_are_the_same(
        self, tmp_path: Path, venv: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        root = written(tmp_path / "app", {"models.py": SQL})
        config, cache = configured(root, venv), Cache(str(root), str(tmp_path / "cache"))
        made = []
        report = Session.report

        def counted(session: Session) -> Report:
            made.append(session)
            return report(session)

        monkeypatch.setattr(Session, "report", counted)
        first = check(config, cache=cache)
        assert check(config, cache=cache) == first
        assert len(made) == 1
        written(venv / "lib/python3.11/site-packages/mixes", {"stamps.py": "class Stamped: ...\n"})
        check(config, cache=cache)
        assert len(made) == 2
