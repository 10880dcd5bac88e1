"""Bad input to what says how a program is wired and started: a notice or an `unknown` with its line, and no guess."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cdlint.inspect import routes, stack
from tests.conftest import opened

LONG = 20_000
FLASK = """from flask import Flask, render_template

app = Flask(__name__)


@app.get("/")
def index():
    return render_template("a.html")
"""
FLASK_APP = {"app.py": FLASK, "requirements.txt": "flask\n", "templates/a.html": "{{ name }}\n"}
DJANGO_APP = {
    "requirements.txt": "django\n",
    "manage.py": 'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_.settings")\n',
    "site_/__init__.py": "",
    "site_/settings.py": 'INSTALLED_APPS = ["shop"]\nROOT_URLCONF = "site_.urls"\nTEMPLATES = [\n    {"BACKEND": '
    '"django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "DIRS": []},\n]\n',
    "site_/urls.py": "from django.urls import path\n\nfrom shop import views\n\n"
    'urlpatterns = [path("", views.index, name="index")]\n',
    "shop/__init__.py": "",
    "shop/views.py": "from django.shortcuts import render\n\n\ndef index(request):\n"
    '    return render(request, "a.html", {})\n',
    "shop/templates/a.html": "{{ name }}\n",
}


class Answer:
    """What was said of a repository: findings, notices, and what `inspect stack` could not resolve."""

    def __init__(self, root: Path, files: Mapping[str, str | bytes]) -> None:
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        session = opened(root)
        report = session.report()
        self.findings = [f"{each.path}:{each.line} {each.rule}" for each in report.diagnostics]
        self.notices = [f"{each.path}:{each.line}: {each.message}" for each in report.notices]
        self.routes = routes.answer(session.project)["routes"]
        found = stack.answer(session.project)["unknown"]
        self.unknown = [f"{each['file']}:{each['line']}: {each['what']}: {each['why']}" for each in found]


@pytest.fixture
def answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    # A rule that fails raises then.
    monkeypatch.setenv("CDLINT_DEBUG", "1")
    return lambda files: Answer(tmp_path, files)


MANIFESTS = {
    "Pipfile": (
        'flask = "*"\n[[[',
        "Pipfile:2: a manifest: it is not valid TOML",
    ),
    "pyproject.toml": (
        b'[project]\nname = "a"\n# caf\xe9\n',
        "pyproject.toml:3: a manifest: it is not UTF-8",
    ),
    "poetry.lock": (
        '[[package]]\nname = "a"\nversion = "1"\n\n[[package',
        "poetry.lock:5: a manifest: it is not valid TOML",
    ),
    "uv.lock": (
        '[[package]]\nname = "a"\nversion = "1"\n<<<<<<< HEAD\nsource = { registry = "x" }\n',
        "uv.lock:4: a manifest: it is not valid TOML",
    ),
    "pdm.lock": (
        '[[package]]\nname = "a"\nversion = "1',
        "pdm.lock:3: a manifest: it is not valid TOML",
    ),
    "Pipfile.lock": (
        '{\n    "default": [',
        "Pipfile.lock:2: a manifest: it is not valid JSON",
    ),
    "setup.cfg": (
        "[metadata]\nname\n",
        "setup.cfg:2: a manifest: it is no section, key or value",
    ),
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_that_does_not_parse(answer: Any, name: str) -> None:
    content, expected = MANIFESTS[name]
    if name == "pyproject.toml":
        # The configuration is read from it as well, which is an error of the run: here only as a manifest.
        found = answer({"app.py": FLASK, f"back/{name}": content, "templates/a.html": ""})
        expected = f"back/{expected}"
    else:
        found = answer({"app.py": FLASK, name: content, "templates/a.html": ""})
    assert expected in found.unknown
    assert [each.partition(" the manifest cannot be read: ")[0] for each in found.notices] == [
        ":".join(expected.split(":")[:2]) + ":"
    ]
    assert found.findings == []
    assert [each["path"] for each in found.routes] == ["/"]


def test_requirement_files_that_include_themselves(answer: Any) -> None:
    found = answer(
        {
            **FLASK_APP,
            "requirements.txt": "-r requirements.txt\nflask\n-r other.txt\n-r gone.txt\n",
            "other.txt": "-r requirements.txt\n",
        }
    )
    assert found.unknown == [
        "other.txt:1: a requirement file: it includes `requirements.txt`, which includes it",
        "requirements.txt:1: a requirement file: it includes itself",
        "requirements.txt:4: a requirement file: it includes `gone.txt`, which is not there",
    ]
    assert (found.findings, found.notices) == ([], [])


def test_a_requirement_file_of_windows_is_read(answer: Any) -> None:
    assert answer({**FLASK_APP, "requirements.txt": "flask\r\nuvicorn\r\n".encode("utf-16")}).unknown == []


JINJA = {
    "{% if x %}{{ url_for('nope')\n{% endif": "a.html:1: a template: `{{` is never closed",
    "a\n{% block x %}": "a.html:2: a template: `block` is never ended",
    "{% if x %}\n{% endfor %}": "a.html:1: a template: `if` is not ended before `endfor`",
    "\n\n{% endif %}{{ url_for('nope') }}": "a.html:3: a template: `endif` ends nothing",
    "{% set x %}": "a.html:1: a template: `set` is never ended",
    "{{ (((( }}{{ url_for('nope') }}": "a.html:1: a template: unexpected '}', expected ')'",
    "{# no end {{ url_for('nope') }}": "a.html:1: a template: Missing end of comment tag",
}


@pytest.mark.parametrize("text", JINJA)
def test_a_jinja_template_that_cannot_be_read(answer: Any, text: str) -> None:
    found = answer({**FLASK_APP, "templates/a.html": text})
    assert [each.removeprefix("templates/") for each in found.unknown] == [JINJA[text]]
    assert len(found.notices) == 1
    assert found.findings == []


@pytest.mark.parametrize(
    ("text", "expected", "notices"),
    [
        ("a\n{% if a %}", "a.html:2: a template: `if` is never ended", 1),
        ("{% for a in b %}{% endif %}", "a.html:1: a template: `for` is not ended before `endif`", 1),
        ("{% comment %}{% url 'nope' %}", "a.html:1: a template: `comment` is never ended", 1),
        (
            "a\n{% url\n'nope' %}",
            "a.html:2: a tag of a template: it is not closed on its line, so it is shown as text",
            0,
        ),
    ],
)
def test_a_django_template_that_cannot_be_read(answer: Any, text: str, expected: str, notices: int) -> None:
    found = answer({**DJANGO_APP, "shop/templates/a.html": text})
    assert [each.removeprefix("shop/templates/") for each in found.unknown] == [expected]
    assert (len(found.notices), found.findings) == (notices, [])


def test_nothing_is_guessed_from_half_a_template(answer: Any) -> None:
    found = answer({**FLASK_APP, "templates/a.html": b"a\n\xff\xfe\x00 caf\xe9 {{ url_for('nope') }}"})
    assert found.unknown == ["templates/a.html:2: a template: it is not UTF-8"]
    assert found.notices == ["templates/a.html:2: the template cannot be read: it is not UTF-8"]
    assert found.findings == []


IMAGE = "FROM python:3.12\nWORKDIR /srv\nCOPY . .\n"
STARTS = {
    "a variable": ("Dockerfile", IMAGE + "ARG M\nCMD uvicorn $M:app\n", "5: a start command: `$M` is only known"),
    "substitutions": (
        "Dockerfile",
        IMAGE + 'CMD ["sh", "-c", "exec gunicorn ${M}:app $(cat args) `date`"]\n',
        "4: a start command: `${M}` and `$(cat args)` and `date` are only known when it runs",
    ),
    "a list": ("Dockerfile", IMAGE + 'CMD ["gunicorn", "$M:app"]\n', "4: a start command: `$M:app` is not expanded"),
    "a configuration": (
        "Dockerfile",
        IMAGE + 'CMD ["gunicorn", "-c", "conf.py"]\n',
        "4: a start command: it names no `module:object`",
    ),
    "a here-document": (
        "Dockerfile",
        IMAGE + "RUN <<EOF\nCMD uvicorn gone:app\nEOF\nCMD uvicorn app:app\n",
        "7: a start command: line 4 may put other files into its image",
    ),
    "another image": (
        "Dockerfile",
        "FROM company/base\nCOPY . .\nCMD uvicorn app:app\n",
        "3: a start command: line 1 may put other files into its image",
    ),
    "a quote": (
        "run.sh",
        '#!/bin/sh\nfor i in {1..3}; do uvicorn "$M:app\n',
        "2: a start command: a quote is not closed on its line",
    ),
    "a folder": (
        "run.sh",
        'cd "$D"\nuvicorn app:app\n',
        "2: a start command: the folder that it runs in is only known",
    ),
    "no application": ("Procfile", "web: flask run\n", "1: a start command: nothing says which application it runs"),
    "a process": ("Procfile", "web: python $SCRIPT\n", "1: a start command: `$SCRIPT` is only known when it runs"),
}


@pytest.mark.parametrize("case", STARTS)
def test_a_start_command_that_cannot_be_resolved(answer: Any, case: str) -> None:
    name, text, expected = STARTS[case]
    found = answer({**FLASK_APP, name: text})
    assert len(found.unknown) == 1
    assert found.unknown[0].startswith(f"{name}:{expected}")
    assert (found.findings, found.notices) == ([], [])


def test_start_commands_that_are_resolved_are_not_unknown(answer: Any) -> None:
    image = f'{IMAGE}ENV M=app\nENTRYPOINT ["./entry.sh"]\nCMD uvicorn $M:app --port $PORT\n'
    script = '#!/bin/sh\ncat <<EOF\nuvicorn $M\nEOF\nx=$((1<<2))\nexec "$@"\n'
    assert answer({**FLASK_APP, "Dockerfile": image, "entry.sh": script}).unknown == []


def test_a_compose_file_that_does_not_parse(answer: Any) -> None:
    found = answer({**FLASK_APP, "docker-compose.yml": "services:\n\tweb:\n  command: [gunicorn, 'app:ap'\n"})
    assert [each.partition(": found")[0] for each in found.unknown] == ["docker-compose.yml:2: a compose file"]
    assert [each.partition(": found")[0] for each in found.notices] == [
        "docker-compose.yml:2: the file cannot be read",
    ]


def test_settings_that_compute_everything(answer: Any) -> None:
    settings = (
        "import os\n\nINSTALLED_APPS = os.environ['APPS'].split()\nROOT_URLCONF = os.environ['URLS']\n"
        "TEMPLATES = make()\nglobals().update(os.environ)\n"
    )
    found = answer({**DJANGO_APP, "site_/settings.py": settings})
    said = [each.rpartition(": ")[0] for each in found.unknown]
    assert "site_/settings.py:3: `INSTALLED_APPS`" in said
    assert "site_/settings.py:4: `ROOT_URLCONF`" in said
    named = 'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", os.environ["WHICH"])\n'
    found = answer({**DJANGO_APP, "manage.py": named})
    assert "manage.py:3: the settings module: its name is computed" in found.unknown


ALIASES = "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12))
QUIET = {
    "variables that double": {"Dockerfile": "FROM python:3\nENV A=xx\n" + "ENV A=$A$A\n" * 100 + "CMD python $A\n"},
    "the same in a shell": {"run.sh": "A=xx\n" + "A=$A$A\n" * 100 + "python $A\n"},
    "lists in lists": {"Dockerfile": f"FROM python:3\nCOPY {'[' * LONG}\nCMD {'[' * LONG}\n"},
    "flags": {"Dockerfile": f"FROM python:3\nCOPY {'--a=' * LONG}\n"},
    "stages that copy in a circle": {
        "Dockerfile": "FROM python:3 AS a\n" + "COPY --from=b / /\n" * 50 + "FROM python:3 AS b\n"
        "" + "COPY --from=a / /\n" * 50 + "CMD uvicorn app:app\n"
    },
    "here-documents without end": {"Dockerfile": "FROM python:3\n" + "".join(f"RUN <<E{i}\n" for i in range(5_000))},
    "brackets": {"run.sh": "(" * LONG + "\n" + "$(" * LONG + "\n" + "${" * LONG + "\npython app.py\n"},
    "quotes": {"run.sh": "'\"" * LONG + "\n" + "`" * (LONG + 1) + "\npython app.py\n"},
    "many commands": {
        "run.sh": "python app.py && " * 1_000 + "true\n",
        "Makefile": "a:\n" + "\tpython app.py\n" * 1_000,
    },
    "a long process": {"Procfile": f"web: {'a:' * LONG}\n{'-' * LONG}\n"},
    "aliases": {"docker-compose.yml": f"a0: &a0 [x]\n{ALIASES}services:\n  web:\n    command: *a11\n"},
    "deep lists": {"docker-compose.yml": "services: {web: {command: " + "[" * LONG},
    "requirements": {
        "requirements.txt": f"flask{' ' * LONG}x\n{'a-' * LONG}\nflask>={'1.' * LONG}\n-r {'-r ' * LONG}\n"
    },
    "numbers": {"requirements.txt": f"flask=={'9' * 5_000}\n", "Pipfile": f'[packages]\nflask = "^{"9" * 5_000}"\n'},
    "requirements in a mesh": {f"requirements/{i}.txt": "".join(f"-r {j}.txt\n" for j in range(20)) for i in range(20)},
    "many packages": {"Pipfile": "[packages]\n" + "".join(f'p{i} = "*"\n' for i in range(1_000))},
    "tables in tables": {"Pipfile": f"[packages]\na = {'{a=' * LONG}", "back/Pipfile": f"[packages]\na = {'[' * LONG}"},
    "objects in objects": {"Pipfile.lock": "[" * LONG, "back/Pipfile.lock": '{\n        "a": {' * 5_000},
    "packages without names": {
        "poetry.lock": "[[package]]\n" * 5_000,
        "back/uv.lock": "[[package]]\n" + "x = 1\n" * 9_000,
    },
    "blanks": dict.fromkeys(("pyproject.toml", "setup.py", "alembic.ini", ".env", "a.cfg"), "\n" * LONG + " " * LONG),
    "addresses": {".env": f"{'DB' * LONG}\nDATABASE_URL={'a:' * LONG}\nDATABASE_URL=postgres://{'@' * LONG}"},
}
TEMPLATES = (
    "{{ " + "(" * LONG,
    "{{ " + "(" * 4_000 + "a" + ")" * 4_000 + " }}",
    "{% if a %}" * 5_000,
    "{% if a %}" * 3_000 + "{% endif %}" * 3_000,
    "{{ " + "f(" * 2_000 + "1" + ")" * 2_000 + " }}",
    "{% set a = b.c %}" + "{% set a = a.c.c %}" * 300 + "{{ a }}",
)


def test_no_finding_and_no_failure(answer: Any) -> None:
    files = {f"part{number}/{name}": text for number, each in enumerate(QUIET.values()) for name, text in each.items()}
    found = answer({**FLASK_APP, **files})
    assert found.findings == []
    assert [each["path"] for each in found.routes] == ["/"]


def test_jinja_templates_of_any_shape(answer: Any) -> None:
    files = {f"templates/{number}.html": text for number, text in enumerate(TEMPLATES)}
    mesh = {f"templates/m{i}.html": "".join(f"{{% include 'm{j}.html' %}}" for j in range(12)) for i in range(12)}
    assert answer({**FLASK_APP, **files, **mesh}).findings == []


def test_django_templates_of_any_shape(answer: Any) -> None:
    texts = [
        "{{ " + "(" * LONG,
        "{{ " * LONG,
        "{% if a %}" * 5_000,
        "{% for a in b.c %}" * 1_000 + "{{ a.b }}" + "{% endfor %}" * 1_000,
        "{% with a=a.b %}" * 1_000 + "{{ a.c }}" + "{% endwith %}" * 1_000,
        "{% if " + "'\"" * LONG + " %}",
        "{{ a" + "|add:c" * 5_000 + " }}",
        "{% comment %}" * 5_000,
    ]
    files = {f"shop/templates/{number or 'a'}.html": text for number, text in enumerate(texts)}
    assert answer({**DJANGO_APP, **files}).findings == []


@pytest.mark.parametrize(
    "line",
    [
        "A = ['a']\n" + "A = A + A\n" * 60 + "INSTALLED_APPS += A",
        "S = 'a'\n" + "S = S + S\n" * 60 + "STATIC_URL = S",
        "INSTALLED_APPS += ['x'] * 10 ** 9",
        "MEDIA_URL = 'x' * 10 ** 9 + '%1000000000d' % 3",
    ],
)
def test_settings_that_grow_are_not_worked_out(answer: Any, line: str) -> None:
    assert answer({**DJANGO_APP, "site_/settings.py": f"{DJANGO_APP['site_/settings.py']}{line}\n"}).findings == []


def test_routers_in_each_other(answer: Any) -> None:
    count = 18
    made = "".join(f"r{i} = APIRouter()\n" for i in range(count))
    joined = "".join(f"r{i}.include_router(r{j})\n" for i in range(count) for j in range(i + 1, count))
    found = answer(
        {
            "main.py": "from fastapi import APIRouter, FastAPI\n\napp = FastAPI()\n"
            f"{made}{joined}app.include_router(r0)\n"
        }
    )
    assert (found.findings, found.routes) == ([], [])


def test_patterns_of_any_shape(answer: Any) -> None:
    patterns = (
        "(" * 80 + "a" + ")" * 80, "^" + "(a)?" * 100 + "$", "^" + "(a+)+" * 60 + "b$", "^" + "[a" * 2_000 + "$",
        "^" + "(?:" * 400 + "a" + ")" * 400, "^(a+)+$",
    )  # fmt: skip
    listed = "".join(f"    re_path(r'{each}', views.index),\n" for each in patterns)
    urls = (
        "from django.urls import include, path, re_path\n\nfrom shop import views\n\nurlpatterns = [\n"
        f"    path('', views.index, name='index'),\n{listed}    path('x/', include('site_.urls')),\n]\n"
    )
    found = answer({**DJANGO_APP, "site_/urls.py": urls})
    assert [each for each in found.findings if "contract" not in each] == []
