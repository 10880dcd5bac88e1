"""The project: import roots, what names mean across files, what expressions stand for, calls and effects."""

from __future__ import annotations

from typing import ClassVar

import pytest

from cdlint.facts import tree
from cdlint.project.answers import Absent, Symbol, Unknown, external
from cdlint.project.calls import called_names, callees, calling, sites
from cdlint.project.classes import ancestry, class_member
from cdlint.project.imports import edges, graph
from cdlint.project.modules import find_module, module_name
from cdlint.project.names import resolve
from cdlint.project.values import evaluate


def meaning(project, path, text):
    return project[resolve, (path, text)]


def value(project, path, text, function=""):
    return evaluate(project, (path, function), tree.Path(text, (1, 0, 1, 0)))


class TestNames:
    def test_through_imports_aliases_reexports_and_stars(self, project):
        made = project(
            {
                "app/__init__.py": "from .core import *\nfrom .other import thing as renamed\n",
                "app/core.py": "__all__ = ['f']\ndef f(): ...\ndef hidden(): ...\n",
                "app/other.py": "class thing:\n    class Inner: ...\n    def method(self): ...\n",
                "use.py": "import app\nimport app.other as o\nfrom app import renamed\nalias = o.thing\n",
            }
        )
        thing = Symbol("class", "app/other.py", "thing")
        assert meaning(made, "use.py", "app.f") == Symbol("function", "app/core.py", "f")
        assert meaning(made, "use.py", "renamed") == thing
        assert meaning(made, "use.py", "alias") == thing
        assert meaning(made, "use.py", "o.thing.method") == Symbol("function", "app/other.py", "thing.method")
        assert meaning(made, "use.py", "o.thing.Inner") == Symbol("class", "app/other.py", "thing.Inner")
        assert meaning(made, "use.py", "app.hidden") == Absent("app/__init__.py")
        assert meaning(made, "use.py", "app.core") == Symbol("module", "app/core.py", "")

    def test_outside_and_builtins(self, project):
        made = project({"a.py": "import os.path\nfrom flask import Flask as F\nfrom x import *\n", "b.py": ""})
        assert meaning(made, "a.py", "F.route") == external("flask.Flask.route")
        assert meaning(made, "a.py", "os.path.join") == external("os.path.join")
        assert isinstance(meaning(made, "a.py", "anything"), Unknown)
        assert meaning(made, "b.py", "len") == external("builtins.len")

    @pytest.mark.parametrize(
        "source",
        [
            "def __getattr__(name): ...\n",
            "globals().update(x=1)\n",
            "for n in 'ab':\n    globals()[n] = 1\n",
            "exec('x = 1')\n",
            "import sys\nsys.modules[__name__] = object()\n",
        ],
    )
    def test_what_may_exist_is_unknown(self, project, source):
        assert isinstance(meaning(project({"a.py": source}), "a.py", "x"), Unknown)

    def test_runtime_bindings_win(self, project):
        made = project(
            {
                "a.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from b import X\nelse:\n"
                "    X = None\ntry:\n    from b import Y\nexcept ImportError:\n    Y = None\n",
                "b.py": "class X: ...\nclass Y: ...\n",
            }
        )
        assert meaning(made, "a.py", "X") == Symbol("variable", "a.py", "X")
        assert meaning(made, "a.py", "Y") == Symbol("class", "b.py", "Y")

    def test_what_is_made_of_itself_in_many_places_ends(self, project):
        steps = "".join(f"    def step{n}(self):\n        self.found = self.found.more()\n" for n in range(20))
        again = "made = made.more()\n" * 20
        made = project({"a.py": f"class Search:\n    def __init__(self):\n        self.found = []\n{steps}{again}"})
        assert isinstance(value(made, "a.py", "self.found", "Search.step3"), Unknown)
        assert isinstance(value(made, "a.py", "made.more"), Unknown)

    def test_circles_end(self, project):
        made = project({"a.py": "from b import x\ny = x\n", "b.py": "from a import x\nfrom a import *\n"})
        assert isinstance(meaning(made, "a.py", "x"), Unknown)


class TestRoots:
    def test_src_layout_namespace_and_monorepo(self, project):
        made = project(
            {
                "src/lib/__init__.py": "",
                "src/lib/a.py": "",
                "backend/app/core/config.py": "x = 1\n",
                "backend/app/main.py": "from app.core.config import x\n",
                "tests/test_a.py": "from lib.a import nothing\nfrom app.core import config\nimport helper\n",
                "tests/helper.py": "",
            }
        )
        assert module_name(made, "src/lib/a.py") == "lib.a"
        assert module_name(made, "backend/app/core/config.py") == "app.core.config"
        assert made[find_module, ("tests/test_a.py", "lib.a")] == Symbol("module", "src/lib/a.py", "")
        assert made[find_module, ("tests/test_a.py", "helper")] == Symbol("module", "tests/helper.py", "")
        assert made[find_module, ("tests/test_a.py", "lib.gone")] == Absent("src/lib/__init__.py")
        assert made[find_module, ("tests/test_a.py", "requests")] == external("requests")

    def test_a_folder_without_init_in_one_service_and_a_package_of_that_name_in_another(self, project):
        made = project(
            {
                "one/app/main.py": "from app.routes import orders\n",
                "one/app/routes/orders.py": "",
                "two/app/__init__.py": "",
                "two/app/main.py": "from app.routes import users\n",
                "two/app/routes/__init__.py": "",
                "two/app/routes/users.py": "",
                "three/app/main.py": "from app.routes import carts\n",
                "three/app/routes/__init__.py": "",
                "three/app/routes/carts.py": "",
            }
        )
        assert made[find_module, ("one/app/main.py", "app.routes")] == Symbol("module", "one/app/routes/", "")

    def test_a_program_called_run_makes_the_package_around_it_a_root(self, project):
        made = project(
            {
                "src/__init__.py": "",
                "src/run.py": "from web.app import make\n",
                "src/web/__init__.py": "",
                "src/web/app.py": "from web.views import index\n",
                "src/web/views.py": "index = 1\n",
            }
        )
        assert made[find_module, ("src/run.py", "web.app")] == Symbol("module", "src/web/app.py", "")

    def test_same_name_in_two_services(self, project):
        made = project(
            {
                "one/app/__init__.py": "",
                "one/app/db.py": "",
                "one/main.py": "import app.db\n",
                "two/app/__init__.py": "",
                "two/app/db.py": "",
                "two/main.py": "import app.db\n",
                "tools/x.py": "import app.db\n",
            }
        )
        assert made[find_module, ("one/main.py", "app.db")] == Symbol("module", "one/app/db.py", "")
        assert made[find_module, ("two/main.py", "app.db")] == Symbol("module", "two/app/db.py", "")
        assert isinstance(made[find_module, ("tools/x.py", "app.db")], Unknown)

    def test_a_folder_gives_way_to_a_declared_distribution(self, project):
        made = project(
            {
                "alembic/env.py": "from alembic import op\n",
                "pyproject.toml": '[project]\ndependencies = ["alembic>=1"]\n',
            }
        )
        assert meaning(made, "alembic/env.py", "op") == external("alembic.op")


class TestImports:
    def test_kinds_and_submodules(self, project):
        made = project(
            {
                "p/__init__.py": "from . import a\nfrom .b import *\n",
                "p/a.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from p import b\n"
                "def f():\n    import p.c\n    from importlib import import_module\n    import_module('p.d')\n",
                "p/b.py": "def c(): ...\n",
                "p/c.py": "from p import c\n",
                "p/d.py": "try:\n    from p import a\nexcept ImportError:\n    a = None\n",
            }
        )
        found = {(e.importer, e.imported, e.kind) for path in made.paths for e in made[edges, path]}
        assert found == {
            ("p/__init__.py", "p/a.py", "runtime"),
            ("p/__init__.py", "p/b.py", "runtime"),
            ("p/a.py", "p/b.py", "type-only"),
            ("p/a.py", "p/c.py", "deferred"),
            ("p/a.py", "p/d.py", "dynamic"),
            ("p/c.py", "p/__init__.py", "runtime"),
            ("p/d.py", "p/a.py", "conditional"),
        }
        assert made[graph].has_edge("p/a.py", "p/c.py")


class TestValues:
    FILES: ClassVar = {
        "db.py": "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\n",
        "deps.py": "from typing import Annotated\nfrom fastapi import Depends\nfrom sqlalchemy.orm import Session\n"
        "def get(): ...\nDep = Annotated[Session, Depends(get)]\n",
        "repo.py": "from db import db\nfrom deps import Dep\n\nclass Repo:\n    kind: str = 'x'\n"
        "    def __init__(self, session: Dep | None = None):\n        self.session = session\n        self.db = db\n"
        "    def all(self) -> 'list[Repo]': ...\n    @property\n    def twin(self) -> 'Repo': ...\n\n"
        "def make() -> Repo: ...\n\ndef use(dep: Dep, other):\n    repo = make()\n    late = repo\n"
        "    if dep:\n        odd = 1\n    else:\n        odd = repo\n    again = other\n    again = again.x\n",
    }

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("dep.commit", external("sqlalchemy.orm.Session().commit")),
            ("repo.session.add", external("sqlalchemy.orm.Session().add")),
            ("late.db.session", external("flask_sqlalchemy.SQLAlchemy().session")),
            ("repo.all", Symbol("function", "repo.py", "Repo.all")),
            ("repo.twin.twin", Symbol("instance", "repo.py", "Repo")),
            ("db.Model", external("flask_sqlalchemy.SQLAlchemy().Model")),
        ],
    )
    def test_known(self, project, text, expected):
        assert value(project(self.FILES), "repo.py", text, "use") == expected

    @pytest.mark.parametrize("text", ["other", "odd", "again", "repo.nothing"])
    def test_unknown(self, project, text):
        assert isinstance(value(project(self.FILES), "repo.py", text, "use"), Unknown)


class TestClasses:
    FILES: ClassVar = {
        "base.py": "class Base:\n    def save(self): ...\nclass Mixin: ...\n",
        "models.py": "from base import Base, Mixin\nfrom django.db import models\n\nclass A(Mixin, Base): ...\n"
        "class B(A, models.Model): ...\nclass C(A): ...\nclass D(C, unknown()): ...\n",
    }

    def test_ancestry(self, project):
        made = project(self.FILES)
        found = made[ancestry, Symbol("class", "models.py", "B")]
        assert [each.name for each in found.first_party] == ["B", "A", "Mixin", "Base"]
        assert found.external == ("django.db.models.Model",)
        assert made[ancestry, Symbol("class", "models.py", "C")].complete

    def test_members(self, project):
        made = project(self.FILES)
        save = Symbol("function", "base.py", "Base.save")
        assert made[class_member, (Symbol("class", "models.py", "B"), "save")] == save
        assert made[class_member, (Symbol("class", "models.py", "B"), "objects")] == external(
            "django.db.models.Model.objects"
        )
        assert isinstance(made[class_member, (Symbol("class", "models.py", "C"), "gone")], Absent)
        assert isinstance(made[class_member, (Symbol("class", "models.py", "D"), "gone")], Unknown)


class TestCalls:
    def test_sites_and_callees(self, project):
        made = project(
            {
                "a.py": "from b import B, go\n\nasync def f(b: B):\n    b.run()\n    await go()\n"
                "    x = lambda: b.later()\n    go()\n    return B()\n",
                "b.py": "class B:\n    def __init__(self): ...\n    def run(self): ...\n    def later(self): ...\n\n"
                "async def go(): ...\n",
            }
        )
        f = Symbol("function", "a.py", "f")
        assert [(site.call.func.text, site.awaited) for site in made[sites, f]] == [
            ("b.run", False),
            ("go", True),
            ("go", False),
            ("B", False),
        ]
        assert [symbol.name for symbol, _ in made[callees, f]] == ["B.run", "go", "B.__init__"]


class TestPromisesOfOthers:
    def test_an_import_inside_a_function_is_followed_to_its_value(self, project):
        source = "def f():\n    from ext import db\n    return db.session\n"
        made = project({"ext.py": "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\n", "use.py": source})
        assert value(made, "use.py", "db.session", "f") == external("flask_sqlalchemy.SQLAlchemy().session")

    def test_a_type_variable_is_what_the_class_of_the_object_says(self, project):
        base = (
            "from typing import Generic, TypeVar\nT = TypeVar('T')\nU = TypeVar('U')\n"
            "class Repository(Generic[U, T]):\n    async def get(self, key: int) -> T | None: ...\n"
            "    def other(self) -> list[T]: ...\n"
        )
        use = (
            "from base import Repository\nclass User: ...\nclass Users(Repository[int, User]): ...\n"
            "class Plain(Repository): ...\n"
            "async def f(users: Users, plain: Plain):\n    a = await users.get(1)\n    b = plain.get(1)\n"
            "    c = users.other()\n"
        )
        made = project({"base.py": base, "use.py": use})
        assert value(made, "use.py", "a", "f") == Symbol("instance", "use.py", "User")
        assert isinstance(value(made, "use.py", "b", "f"), Unknown)
        assert value(made, "use.py", "c", "f") == external("builtins.list()")


class TestFoldersPutOnThePath:
    def test_a_folder_in_a_package_that_code_puts_on_the_path(self, project):
        settings = "import os, sys\ndef root(*x): return os.path.join('.', *x)\nsys.path.insert(0, root('apps'))\n"
        made = project(
            {
                "portal/__init__.py": "",
                "portal/settings.py": settings,
                "portal/urls.py": "from shop.views import show\nimport portal.settings\n",
                "portal/apps/__init__.py": "",
                "portal/apps/shop/__init__.py": "",
                "portal/apps/shop/views.py": "def show(): ...\n",
            }
        )
        assert meaning(made, "portal/urls.py", "show") == Symbol("function", "portal/apps/shop/views.py", "show")
        assert module_name(made, "portal/apps/shop/views.py") == "shop.views"

    def test_the_same_folder_when_nobody_does(self, project):
        made = project(
            {
                "portal/__init__.py": "",
                "portal/urls.py": "from shop.views import show\n",
                "portal/apps/__init__.py": "",
                "portal/apps/shop/__init__.py": "",
                "portal/apps/shop/views.py": "def show(): ...\n",
            }
        )
        assert meaning(made, "portal/urls.py", "show") == external("shop.views.show")


class TestCallers:
    def test_functions_are_found_by_the_last_names_of_what_they_call(self, project):
        made = project({"a.py": "run()\ndef f():\n    a.run(b.go())\ndef g():\n    go()\n@kept\ndef h(): ...\n"})

        def names(*wanted):
            return [each.qualname for each in calling(made, "a.py", frozenset(wanted))]

        assert names("run") == ["", "f"]
        assert names("go", "run") == ["", "f", "g"]
        assert names("other") == names() == []
        assert calling(made, "b.py", frozenset({"run"})) == ()
        assert made[called_names, "a.py"] == {"run", "go", "kept"}
