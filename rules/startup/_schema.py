"""Whether the tables that SQLAlchemy maps are ever created: by the program, by migrations, or by SQL beside it."""

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
from cdlint.project.constants import fold
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
    "sqlite_master",
    "inspect",
    "__table__",
)
_ADDRESS = re.compile(r"SQLALCHEMY_DATABASE_URI[\"']?\]?\s*(?::[^=\n]*)?=(?!=)\s*([^\s,)]+)")
_LITERAL = re.compile(r"[rf]?[\"']sqlite:")
_HISTORY = (
    "**/alembic.ini", "**/*.sql", "**/versions/*.py", "**/migrations/*", "**/migrations/**/*", "**/atlas.hcl",
    "**/*.db", "**/*.sqlite", "**/*.sqlite3", "**/*.dump",
)  # fmt: skip
_TEXTS = (
    "**/*.sh", "**/*Makefile", "**/*Dockerfile*", "**/Procfile", "**/*.y*ml", "**/*.md", "**/*.rst", "**/*.txt",
    "**/*.toml", "**/*.cfg", "**/*.ini", "**/*.json", "**/*ustfile", "**/Pipfile", "**/README*", "**/*.lock",
)  # fmt: skip
_SPOKEN = re.compile(
    r"(?i)create[ _-]?all|create[ _-]table|alembic|migrat|(?:init|create|setup)[ _-]?(?:the )?(?:db|database)|schema"
)


class Uncreated(NamedTuple):
    """A database whose tables are not created, where one would do so, and why not."""

    at: Location
    message: str
    cure: str
    related: tuple[Evidence, ...]


class Engine(NamedTuple):
    """Where an engine is made, and its address: `""` when it is not known, None when a configuration has it."""

    at: Location
    url: str | None


def uncreated(project: Project) -> tuple[Uncreated, ...]:
    """At most one, where the repository says how it is started and has its own file of SQLite."""
    if not project[starts]:
        return ()
    mapped = [place for path in project.paths for place in project[_mapped_in, path]]
    if not mapped or any(project.files(pattern) for pattern in _HISTORY):
        return ()
    engines = [each for path in project.paths for each in project[_engines_in, path]]
    if not engines or not any(project[_serves, path] for path in project.paths) or not _is_own(project, engines):
        return ()
    places = [(path, how) for path in project.paths for how in project[_creates, path]]
    if any(how == "other" for _, how in places) or _is_spoken_of(project):
        return ()
    related = (Evidence(mapped[0], "a table that the program maps"),)
    if not places:
        message = "No code of the repository creates the tables of this database, and it has no migrations."
        cure = "Call `metadata.create_all` when the application starts."
        return (Uncreated(engines[0].at, message, cure, related),)
    return tuple(_under_main(project, {path for path, _ in places}, related))


def _under_main(project: Project, paths: set[str], related: tuple[Evidence, ...]) -> Iterator[Uncreated]:
    """The tables are created when a file is run as a script, and nothing says that it ever is."""
    served = [start for start in project[starts] if start.kind == "object" and start.program != "celery"]
    if not served or paths != {*served[0].paths} or len(paths) != 1:
        return
    path = served[0].paths[0]
    name = path.rpartition("/")[2]
    scripts = any(path in start.paths and start.kind != "object" for start in project[starts])
    if scripts or any(f"python {name}" in text or f"python3 {name}" in text for text in _texts(project)):
        return
    message = (
        f'The tables are created under `__name__ == "__main__"` only, which `{served[0].program} '
        f"{served[0].target}` never runs."
    )
    start = Evidence(served[0].at, "how the application is started")
    cure = "Create them where the application is made or starts."
    yield Uncreated(Location(path, project[_first_creation, path]), message, cure, (start, *related))


def _is_own(project: Project, engines: list[Engine]) -> bool:
    """Whether every database is a file of SQLite, or none at all, which only the program itself can fill."""
    plain = [each.url for each in engines if each.url is not None]
    if any(not url.startswith("sqlite") for url in plain):
        return False
    if len(plain) == len(engines):
        return True
    written = [
        match[1]
        for path in project.paths
        for match in _ADDRESS.finditer(project.text(path) or "")
        if not is_aside(path)
    ]
    return bool(written) and all(_LITERAL.match(each) for each in written)


def _is_spoken_of(project: Project) -> bool:
    """Whether anything beside the code speaks of a schema, or of a command that makes one."""
    return any(_SPOKEN.search(text) for text in _texts(project))


def _texts(project: Project) -> Iterator[str]:
    paths = dict.fromkeys(path for pattern in _TEXTS for path in project.files(pattern))
    return (project.text(path) or "" for path in paths)


def _mapped_in(project: Project, path: str) -> tuple[Location, ...]:
    """The classes of a file that SQLAlchemy maps to a table."""
    module = project.module(path)
    if module is None or is_aside(path):
        return ()
    return tuple(Location(path, cls.at) for cls in module.classes if _is_mapped(cls))


def _is_mapped(cls: Class) -> bool:
    named = any(field.name == "__tablename__" and field.kind == "assign" for field in cls.fields)
    return bool(cls.base_codes) and (named or any(name == "table" for name, _ in cls.keyword_codes))


def _engines_in(project: Project, path: str) -> tuple[Engine, ...]:
    module = project.module(path)
    if module is None or is_aside(path):
        return ()
    names = _ENGINES | {each.alias for each in module.imports if each.name in _ENGINES}
    return tuple(each for function in module.functions for each in _made(project, path, function, names))


def _made(project: Project, path: str, function: Function, names: frozenset[str]) -> Iterator[Engine]:
    for called in function.calls:
        if called.rpartition(".")[2] not in names:
            continue
        scope = (path, function.qualname)
        answer = evaluate(project, scope, tree.Path(called, (0, 0, 0, 0)))
        if not isinstance(answer, Symbol) or answer.name not in _MAKERS:
            continue
        for call in function.call_nodes:
            if getattr(call.func, "text", "") == called:
                url = fold(project, scope, call.argument(0, "url"), infer=False)
                flask = answer.name.startswith("flask")
                yield Engine(Location(path, call.at), None if flask else url if isinstance(url, str) else "")


def _serves(project: Project, path: str) -> bool:
    """Whether a file makes an application that answers requests."""
    module = project.module(path)
    return (
        module is not None
        and not is_aside(path)
        and any(call.rpartition(".")[2] in _APPLICATIONS for function in module.functions for call in function.calls)
    )


def _creates(project: Project, path: str) -> tuple[str, ...]:
    """What in a file may create tables: `main` for a call under `__main__`, `other` for anything else, in tests too."""
    module = project.module(path)
    if module is None:
        return ("other",)
    found = []
    for function in module.functions:
        if any(function.mentions(word) for word in _OTHER):
            inside = not function.qualname and _only_in_main(function) and not _speaks_otherwise(module)
            found.append("main" if inside and not is_aside(path) else "other")
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
