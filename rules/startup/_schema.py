"""Whether the tables of a program are ever created: by its code, by migrations, or by SQL beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.starts import starts
from cdlint.facts import tree
from cdlint.facts.model import Class, Function, Module
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import inherits
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.rule import Evidence, Location

_ENGINES = frozenset({"create_engine", "create_async_engine", "SQLAlchemy"})
_MAKERS = (
    "sqlalchemy.create_engine", "sqlalchemy.engine.create_engine", "sqlmodel.create_engine",
    "sqlalchemy.ext.asyncio.create_async_engine", "flask_sqlalchemy.SQLAlchemy",
)  # fmt: skip
_APPLICATIONS = frozenset({"FastAPI", "Flask", "Application", "Starlette", "Litestar", "Sanic", "Quart"})
_OTHER = (
    "CREATE TABLE",
    "create table",
    "create_all",
    "autoload",
    "automap",
    "reflect",
    "alembic",
    "migrate",
    "upgrade",
)
_DJANGO = frozenset({"django.db.models.Model", "django.db.models.base.Model"})
_HOSTS = re.compile(r"makemigrations|run-syncdb|run_syncdb")
_HISTORY = ("**/alembic.ini", "**/*.sql", "**/versions/*.py", "**/migrations/*", "**/migrations/**/*", "**/atlas.hcl")


class Uncreated(NamedTuple):
    """A database whose tables are not created, where one would do so, and why not."""

    at: Location
    message: str
    cure: str
    related: tuple[Evidence, ...]


def uncreated(project: Project) -> tuple[Uncreated, ...]:
    """At most one for SQLAlchemy and one for Django, where the repository says how it is started."""
    if not project[starts]:
        return ()
    return (*_of_sqlalchemy(project), *_of_django(project))


def _of_sqlalchemy(project: Project) -> Iterator[Uncreated]:
    mapped = [place for path in project.paths for place in project[_mapped_in, path]]
    if not mapped or any(project.files(pattern) for pattern in _HISTORY):
        return
    engines = [place for path in project.paths for place in project[_engines_in, path]]
    if not engines or not any(project[_serves, path] for path in project.paths):
        return
    related = (Evidence(mapped[0], "a table that the program maps"),)
    places = [(path, how) for path in project.paths for how in project[_creates, path]]
    if not places:
        message = "No code of the repository creates the tables of this database, and it has no migrations."
        yield Uncreated(engines[0], message, "Call `metadata.create_all` when the application starts.", related)
        return
    served = [start for start in project[starts] if start.kind == "object" and start.program != "celery"]
    if served and all(how == "main" for _, how in places) and {path for path, _ in places} == {*served[0].paths}:
        message = (
            f'The tables are created under `__name__ == "__main__"` only, which `{served[0].program} '
            f"{served[0].target}` never runs."
        )
        path = places[0][0]
        at = Location(path, project[_first_creation, path])
        start = Evidence(served[0].at, "how the application is started")
        yield Uncreated(at, message, "Create them where the application is made or starts.", (start, *related))


def _mapped_in(project: Project, path: str) -> tuple[Location, ...]:
    """The classes of a file that SQLAlchemy maps to a table."""
    module = project.module(path)
    if module is None or is_aside(path):
        return ()
    return tuple(Location(path, cls.at) for cls in module.classes if _is_mapped(cls))


def _is_mapped(cls: Class) -> bool:
    named = any(field.name == "__tablename__" and field.kind == "assign" for field in cls.fields)
    return bool(cls.base_codes) and (named or any(name == "table" for name, _ in cls.keyword_codes))


def _engines_in(project: Project, path: str) -> tuple[Location, ...]:
    module = project.module(path)
    if module is None or is_aside(path):
        return ()
    names = _ENGINES | {each.alias for each in module.imports if each.name in _ENGINES}
    return tuple(place for function in module.functions for place in _made(project, path, function, names))


def _made(project: Project, path: str, function: Function, names: frozenset[str]) -> Iterator[Location]:
    for called in function.calls:
        if called.rpartition(".")[2] not in names:
            continue
        answer = evaluate(project, (path, function.qualname), tree.Path(called, (0, 0, 0, 0)))
        if isinstance(answer, Symbol) and answer.name in _MAKERS:
            found = (call.at for call in tree.calls(*function.body) if getattr(call.func, "text", "") == called)
            yield Location(path, next(found, function.at))


def _serves(project: Project, path: str) -> bool:
    """Whether a file makes an application that answers requests."""
    module = project.module(path)
    return (
        module is not None
        and not is_aside(path)
        and any(call.rpartition(".")[2] in _APPLICATIONS for function in module.functions for call in function.calls)
    )


def _creates(project: Project, path: str) -> tuple[str, ...]:
    """What in a file may create tables: `main` for a call under `__main__`, `other` for anything else."""
    module = project.module(path)
    if module is None or is_aside(path):
        return ()
    found = []
    for function in module.functions:
        if any(function.mentions(word) for word in _OTHER):
            inside = not function.qualname and _only_in_main(function) and not _speaks_otherwise(module)
            found.append("main" if inside else "other")
    if any(each.module.partition(".")[0] in ("alembic", "flask_migrate", "aerich") for each in module.imports):
        found.append("other")
    return tuple(found)


def _speaks_otherwise(module: Module) -> bool:
    words = [word for word in _OTHER if word != "create_all"]
    return any(function.mentions(word) for function in module.functions for word in words)


def _only_in_main(function: Function) -> bool:
    """Whether `create_all` is called in the module's own code, and under `__main__` only."""
    outside = [node for node in function.body if not _is_main(node)]
    inside = [node for node in function.body if _is_main(node)]
    return bool(_calls(inside)) and not _calls(outside)


def _is_main(node: Node) -> bool:
    return isinstance(node, tree.If) and any(
        isinstance(each, tree.Constant) and each.value == "__main__" for each in tree.walk(node.test)
    )


def _calls(nodes: list[Node]) -> list[tree.Call]:
    return [call for call in tree.calls(*nodes) if getattr(call.func, "last", "") == "create_all"]


def _first_creation(project: Project, path: str) -> tree.At:
    module = project.module(path)
    found = _calls(list(module.main.body)) if module is not None else []
    return found[0].at if found else (1, 0, 1, 0)


def _of_django(project: Project) -> Iterator[Uncreated]:
    """A project whose applications have models and no migrations at all, and nothing that makes them."""
    manage = [path for path in project.paths if path.rpartition("/")[2] == "manage.py" and not is_aside(path)]
    started = any(path in manage for start in project[starts] for path in start.paths)
    if not started or any("/migrations/" in f"/{path}" for path in project.paths):
        return
    models = [place for path in project.paths if not is_aside(path) for place in project[_django_models, path]]
    if not models or any(project.files(pattern) for pattern in ("**/*.sql", "**/versions/*.py")):
        return
    folder = models[0].path.rpartition("/")[0]
    if project.ignored(f"{folder}/migrations/0001_initial.py") or _is_made(project):
        return
    message = "The repository has no migrations for this model, so `migrate` creates no table for it."
    yield Uncreated(models[0], message, "Run `makemigrations` with the application's label and commit the result.", ())


def _django_models(project: Project, path: str) -> tuple[Location, ...]:
    module = project.module(path)
    if module is None or not any(each.module.startswith("django.db") for each in module.imports):
        return ()
    found = []
    for cls in module.classes:
        symbol = Symbol("class", path, cls.qualname)
        inner = [each for each in module.classes if each.parent == cls.qualname and each.name == "Meta"]
        loose = any(field.name in ("abstract", "managed", "proxy") for each in inner for field in each.fields)
        if inherits(project, symbol, _DJANGO) and not loose:
            found.append(Location(path, cls.at))
    return tuple(found)


def _is_made(project: Project) -> bool:
    """Whether anything speaks of making migrations or tables without them."""
    patterns = (
        "**/*.sh",
        "**/Makefile",
        "**/*Dockerfile*",
        "**/*.y*ml",
        "**/*.md",
        "**/*.rst",
        "**/*.txt",
        "**/*.toml",
    )
    texts = (project.text(path) or "" for pattern in patterns for path in project.files(pattern))
    if any(_HOSTS.search(text) for text in texts):
        return True
    mentions = ("makemigrations", "syncdb", "MIGRATION_MODULES", "schema_editor", "CREATE TABLE")
    return any(
        function.mentions(word)
        for path in project.paths
        if (module := project.module(path)) is not None and not is_aside(path)
        for function in module.functions
        for word in mentions
    )
