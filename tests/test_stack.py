"""Versions come from all kinds of manifests with their lines, rules are asked by them, databases are told from code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cdlint.cli.output import style
from cdlint.cli.rule import described, page
from cdlint.facts.parse import facts_of
from cdlint.inspect import sessions, stack, transactions
from cdlint.packs import load
from cdlint.project import Project
from cdlint.project.ranges import within
from cdlint.project.stated import caret
from cdlint.project.versions import Resolved, is_direct, problems, satisfied, version
from cdlint.rule import rule
from tests.conftest import LIMIT, Memory

PACKS = load()
Make = Callable[[Mapping[str, str]], Project]


def with_packs(files: Mapping[str, str]) -> Project:
    facts = {path: facts_of(text.encode(), LIMIT) for path, text in files.items() if path.endswith(".py")}
    return Project(facts, Memory(files), None, PACKS.providers)


def said(project: Project, name: str) -> tuple[str, str]:
    found = project[version, name].version
    return found.text, f"{found.path}:{found.line}"


UV = """version = 1

[[package]]
name = "flask"
version = "3.0.2"
source = { registry = "x" }

[[package]]
name = "app"
version = "0.1.0"
source = { editable = "." }
"""
PIPENV = """{
    "_meta": {},
    "default": {
        "flask": {
            "hashes": [
                "sha256:1"
            ],
            "version": "==1.0.2"
        }
    }
}
"""


@pytest.mark.parametrize(
    ("path", "text", "name", "expected"),
    [
        ("uv.lock", UV, "flask", ("3.0.2", "uv.lock:5")),
        ("poetry.lock", UV, "Flask", ("3.0.2", "poetry.lock:5")),
        ("pdm.lock", UV.replace('"3.0.2"', '"3.0.3"'), "flask", ("3.0.3", "pdm.lock:5")),
        ("Pipfile.lock", PIPENV, "flask", ("1.0.2", "Pipfile.lock:8")),
        (
            "requirements.txt",
            "# x\nFlask[async]==2.3.2 \\\n    --hash=sha256:1  # why\n",
            "flask",
            ("2.3.2", "requirements.txt:2"),
        ),
        (
            "requirements/prod.txt",
            "flask >= 2, < 3 ; python_version > '3.8'\n",
            "flask",
            (">=2,<3", "requirements/prod.txt:1"),
        ),
        (
            "pyproject.toml",
            '[project]\nname = "x"\ndependencies = [\n  "a",\n  "flask~=2.1",\n]\n',
            "flask",
            ("~=2.1", "pyproject.toml:5"),
        ),
        ("pyproject.toml", '[project]\nrequires-python = ">=3.11"\n', "python", (">=3.11", "pyproject.toml:2")),
        ("pyproject.toml", '[dependency-groups]\nmain = ["flask==2.0"]\n', "flask", ("2.0", "pyproject.toml:2")),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies]\npython = "^3.10"\nflask = {version = "^2.1.3", extras = ["x"]}\n',
            "flask",
            (">=2.1.3,<3", "pyproject.toml:3"),
        ),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies]\npython = "^3.10"\n',
            "python",
            (">=3.10,<4", "pyproject.toml:2"),
        ),
        (
            "Pipfile",
            '[packages]\nflask = "*"\n[requires]\npython_version = "3.7"\n',
            "python",
            ("==3.7.*", "Pipfile:4"),
        ),
        (
            "setup.cfg",
            "[options]\npython_requires = >=3.8\ninstall_requires =\n    flask>=1\n",
            "flask",
            (">=1", "setup.cfg:4"),
        ),
        (
            "setup.py",
            "from setuptools import setup\nNEEDS = [\n    'flask<3',\n]\nsetup(name='x', install_requires=NEEDS)\n",
            "flask",
            ("<3", "setup.py:3"),
        ),
        (
            "environment.yml",
            "name: x\nchannels:\n  - conda-forge\ndependencies:\n  - flask=2.1\n  - pip:\n    - django==4.2\n",
            "flask",
            ("==2.1.*", "environment.yml:5"),
        ),
        (".python-version", "3.12\n", "python", ("==3.12.*", ".python-version:1")),
        ("runtime.txt", "python-3.12.4\n", "python", ("3.12.4", "runtime.txt:1")),
        (
            "requirements.txt",
            ("flask @ git+https://example.org/flask.git\n"),
            "flask",
            ("unknown", "requirements.txt:1"),
        ),
    ],
)
def test_every_kind_of_manifest(project: Make, path: str, text: str, name: str, expected: tuple[str, str]) -> None:
    assert said(project({path: text}), name) == expected


def test_includes_and_constraints_are_followed_once(project: Make) -> None:
    made = project(
        {
            "requirements.txt": "-r requirements.txt\n-r deps/base.txt\n-c constraints.txt\n",
            "deps/base.txt": "flask>=2\n",
            "constraints.txt": "flask==2.2.5\nunused==1.0\n",
        }
    )
    assert said(made, "flask") == ("2.2.5", "constraints.txt:1")
    assert not project({"constraints.txt": ""})[version, "unused"].version.path


def test_the_lock_above_is_more_exact_and_must_fit(project: Make) -> None:
    declared = {"backend/pyproject.toml": '[project]\ndependencies = ["flask>=3"]\n'}
    assert said(project({**declared, "uv.lock": UV}), "flask") == ("3.0.2", "uv.lock:5")
    stale = UV.replace("3.0.2", "2.0.0")
    assert said(project({**declared, "uv.lock": stale}), "flask") == (">=3", "backend/pyproject.toml:2")


def test_the_unit_with_most_of_the_code_counts(project: Make) -> None:
    made = project(
        {
            "sdk/requirements.txt": "flask==1.0\n",
            "server/requirements.txt": "flask==3.0\n",
            "docs/requirements.txt": "flask==0.1\n",
            **{f"server/app/m{number}.py": "" for number in range(3)},
            "sdk/a.py": "",
        }
    )
    found: Resolved = made[version, "flask"]
    assert found.version.exact == "3.0"
    assert [each.exact for each in found.others] == ["1.0"]


def test_tests_and_tools_are_not_the_program(project: Make) -> None:
    made = project({"requirements.txt": "flask==3.0\n", "requirements-dev.txt": "flask==2.0\ncelery\n"})
    assert said(made, "flask") == ("3.0", "requirements.txt:1")
    assert is_direct(made, "flask")
    assert not is_direct(made, "celery")


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("pyproject.toml", "[project]\ndependencies = [\n<<<<<<< HEAD\n", 3),
        ("requirements.txt", "flask\n<<<<<<< HEAD\n", 2),
        (".python-version", "my-virtualenv\n", 1),
    ],
)
def test_what_cannot_be_read_is_named(project: Make, path: str, text: str, line: int) -> None:
    (problem,) = project({path: text})[problems]
    assert (problem.path, problem.line) == (path, line)


@pytest.mark.parametrize(
    "path", ["pyproject.toml", "uv.lock", "Pipfile", "Pipfile.lock", "setup.cfg", "environment.yml", "requirements.txt"]
)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0",
        "[",
        "[[package]]\nname = ",
        "a = " + "[" * 5000,
        "[project]\ndependencies = 3\n[tool.poetry]\ndependencies = ['x']\ngroup = 1",
    ],
)
def test_bad_manifests_do_no_harm(project: Make, path: str, text: str) -> None:
    made = project({path: text})
    assert made[version, "flask"].version.why
    assert not made[satisfied, (("flask", "<9"),)]


@pytest.mark.parametrize(
    ("narrow", "wide", "expected"),
    [
        (">=0.100,<0.137", "<0.137", True),
        (">=0.100", "<0.137", False),
        ("", "<0.137", False),
        ("==0.136.*", "<0.137", True),
        ("~=0.136.0", "<0.137", True),
        ("<=0.137", "<0.137", False),
        (">=2,<3", "~=2.0", True),
        (">=2.1", "!=2.0", True),
        (">=2,!=2.0", "!=2.0", True),
        (">=2", "!=2.0", False),
        (">1.0", ">1.0", True),
        (">=1.0", ">1.0", False),
        ("==1.5", "==1.*", True),
        (">=1.4,<1.4.50", "==1.4.*", True),
        ("<2.0b1", "<2", False),
        ("<2", "<2.0b1", True),
        ("===1.0", "<2", False),
        (">=1,<2", ">=1,<1.5", False),
        ("==nonsense", "<2", False),
    ],
)
def test_a_range_within_another(narrow: str, wide: str, expected: bool) -> None:
    assert within(narrow, wide) is expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("^1.2.3", ">=1.2.3,<2"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("~1.2.3", ">=1.2.3,<1.3"),
        ("~1", ">=1,<2"),
        ("1.2.*", "==1.2.*"),
        ("2.0", "==2.0"),
        ("*", ""),
        (">=1,<2", ">=1,<2"),
        ("~=1.4", "~=1.4"),
        ("^1 || ^2", None),
    ],
)
def test_versions_as_poetry_writes_them(written: str, expected: str | None) -> None:
    assert caret(written) == expected


@pytest.mark.parametrize(
    ("requirements", "asked"),
    [
        ("fastapi==0.136.9\n", True),
        ("fastapi==0.137.0\n", False),
        ("fastapi<0.137\n", True),
        ("fastapi>=0.1\n", False),
        ("fastapi\n", False),
        ("", False),
        ("fastapi==0.1; python_version<'3'\nfastapi==0.200; python_version>='3'\n", False),
    ],
)
def test_a_rule_is_asked_where_the_version_is_certain(project: Make, requirements: str, asked: bool) -> None:
    made = rule(of=lambda project: (), severity="error", constraint="wiring", when={"fastapi": "<0.137"})(_finds)
    assert made.concerns(project({"requirements.txt": requirements})) is asked
    assert rule(of=lambda project: (), severity="error", constraint="wiring")(_finds).concerns(project({}))


def _finds(project: Project, subject: Any) -> Any:
    yield from ()


def test_a_rule_must_say_which_versions() -> None:
    with pytest.raises(ValueError, match="fastapi"):
        rule(of=lambda project: (), severity="error", constraint="wiring", when={"fastapi": "new ones"})


def databases(files: Mapping[str, str]) -> list[tuple[str, str | None, bool, str]]:
    found = stack.answer(with_packs(files))["stack"]
    return [
        (each["name"], each["driver"], each["default"], f"{each['file']}:{each['line']}")
        for each in found
        if each["part"] == "database"
    ]


@pytest.mark.parametrize(
    ("path", "code", "expected"),
    [
        (
            "app/db.py",
            "from sqlalchemy import create_engine\ne = create_engine(f'mysql+pymysql://{u}/x')\n",
            ("mysql", "pymysql", False, "app/db.py:2"),
        ),
        ("app/db.py", "import os\nURL = os.getenv('DB', 'sqlite:///x.db')\n", ("sqlite", None, True, "app/db.py:2")),
        (
            "app/db.py",
            "import os\nclass Config:\n    URI = os.environ.get('DB') or 'postgres://x'\n",
            ("postgresql", None, True, "app/db.py:3"),
        ),
        (
            "app/db.py",
            "def url():\n    return PostgresDsn.build(scheme='postgresql+asyncpg', host='x')\n",
            ("postgresql", "asyncpg", False, "app/db.py:2"),
        ),
        (
            "app/db.py",
            "from sqlalchemy import create_engine\nKIND = 'oracle'\ne = create_engine(KIND + '://x')\n",
            ("oracle", None, False, "app/db.py:3"),
        ),
        (
            "app/settings.py",
            "DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': 'x'}}\n",
            ("postgresql", None, False, "app/settings.py:1"),
        ),
        (
            "app/settings.py",
            "K = 'django.db.backends.mysql'\nDATABASES = {'default': {'ENGINE': K, 'NAME': 'x'}}\n",
            ("mysql", None, False, "app/settings.py:2"),
        ),
        (
            "app/settings.py",
            "DATABASES = {'default': {'ENGINE': env('E', default='django.db.backends.sqlite3'), 'NAME': 'x'}}\n",
            ("sqlite", None, True, "app/settings.py:1"),
        ),
        (
            "alembic.ini",
            "[alembic]\nsqlalchemy.url = postgresql+psycopg://x\n",
            ("postgresql", "psycopg", False, "alembic.ini:2"),
        ),
        (".env.example", "DATABASE_URL=mysql://x\n", ("mysql", None, True, ".env.example:1")),
    ],
)
def test_the_database_is_told_from_code_and_settings(
    path: str, code: str, expected: tuple[str, str | None, bool, str]
) -> None:
    assert databases({path: code}) == [expected]


def test_what_is_no_database() -> None:
    assert (
        databases(
            {
                "a.py": (
                    "SEARCH = {'default': {'ENGINE': 'haystack.backends.solr_backend.SolrEngine'}}\nx = 'https://x'\n"
                )
            }
        )
        == []
    )
    found = stack.answer(
        with_packs({"a.py": "from sqlalchemy import create_engine\ndef f(url):\n    return create_engine(url)\n"})
    )
    assert [each["what"] for each in found["unknown"]] == [
        "the version of `sqlalchemy`",
        "the database of `create_engine`",
    ]


def test_the_stack_shows_what_is_used() -> None:
    found = stack.answer(
        with_packs(
            {
                "uv.lock": UV,
                "app.py": "from flask import Flask\nimport celery\n",
                "requirements.txt": "psycopg2==2.9\nattrs==1.0\n",
            }
        )
    )
    assert [(each["part"], each["name"], each["version"]) for each in found["stack"]] == [
        ("framework", "flask", "3.0.2"),
        ("driver", "psycopg2", "2.9"),
        ("queue", "celery", None),
    ]
    assert [(each["file"], each["line"]) for each in found["unknown"]] == [("app.py", 2)]
    assert stack.rows(found)[0] == ("framework", "flask", "3.0.2", "uv.lock:5", "")


def test_sessions_and_transactions() -> None:
    made = with_packs(
        {
            "db.py": "from sqlalchemy.ext.asyncio import create_async_engine, async_sessionmaker\n"
            "engine = create_async_engine('sqlite+aiosqlite://')\n"
            "Local = async_sessionmaker(engine, expire_on_commit=False)\n"
            "async def get():\n    async with Local() as session:\n        yield session\n",
            "views.py": (
                "from django.db import transaction\ndef view(request):\n"
                "    with transaction.atomic():\n        work()\n"
            ),
        }
    )
    found = sessions.answer(made)["sessions"]
    assert [
        (each["kind"], each["name"], each["async"], each["expire_on_commit"], each["closed"]) for each in found
    ] == [
        ("engine", "engine", True, None, None),
        ("factory", "Local", True, False, None),
        ("session", "session", True, False, "with"),
    ]
    (only,) = transactions.answer(made)["transactions"]
    assert (only["function"], only["first_line"], only["how"]) == ("views:view", 4, "transaction.atomic()")


def test_the_page_of_a_rule_says_when_it_is_asked() -> None:
    made = rule(of=lambda project: (), severity="error", constraint="wiring", when={"fastapi": "<0.137"})(_finds)
    assert described(made)["when"] == {"fastapi": "<0.137"}
    assert "`fastapi <0.137`" in "\n".join(page(made, style(sys.stdout, "never", "")))
