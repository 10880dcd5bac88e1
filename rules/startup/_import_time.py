"""What the program does beyond its process while its modules are imported."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.stack import databases
from cdlint.backend.starts import Entry, entries, starts
from cdlint.facts import tree
from cdlint.facts.model import Import, Module
from cdlint.facts.nodes import TAG
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import target
from cdlint.project.imports import edges, importers
from cdlint.project.manifests import declared
from cdlint.project.modules import known_paths
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._doings import LASTS, doing
from ._entries import SERVERS
from ._runs import Doing, look, reaches

_FOLDERS = frozenset({"alembic", "bin", "commands", "management", "migrations", "scripts", "tools", "versions"})
_DRIVERS = frozenset(
    {
        "asyncmy",
        "asyncpg",
        "aiomysql",
        "cx_oracle",
        "mysql_connector",
        "mysql_connector_python",
        "mysqlclient",
        "oracledb",
    }
    | {"pg8000", "psycopg", "psycopg2", "psycopg2_binary", "psycopg_binary", "pymssql", "pymysql", "pyodbc"}
)
_COMPUTED = frozenset({TAG[tree.Call], TAG[tree.Subscript], TAG[tree.Attribute]})
_TALKING = frozenset({"elasticsearch", "httpx", "pymongo", "redis", "requests", "sqlalchemy", "sqlmodel", "urllib3"})
_IMPORTED = "this line imports the module when the program starts"
_SERVING = re.compile(r"(?:^|\.)(?:run|run_app|run_forever|serve|serve_forever|start_polling|mainloop)$")


class Early(NamedTuple):
    """A line that does something while its file is imported. `imported` is the line that imports the file."""

    at: Location
    written: str
    doing: Doing
    imported: Location
    why: str


def early(project: Project) -> tuple[Early, ...]:
    """The lines of the running program that do something beyond the process at import."""
    loaded = project[loading]
    found = []
    for path in sorted(loaded):
        for at, written, what in project[at_import, path]:
            if _counts(project, path, what):
                found.append(Early(Location(path, at), written, what, *loaded[path]))
    return tuple(found)


def loading(project: Project) -> dict[str, tuple[Location, str]]:
    """The files that are surely loaded when the program starts, each with the line that shows it and a phrase."""
    found: dict[str, tuple[Location, str]] = {}
    level: list[tuple[str, Location, str]] = []
    for entry in project[entries]:
        level.append((entry.path, entry.at, entry.what))
        if entry.function:
            level += [(path, Location(entry.path, at), _IMPORTED) for path, at in _inside(project, entry)]
    while level:
        following: list[tuple[str, Location, str]] = []
        for path, at, why in level:
            if path not in found:
                found[path] = at, why
                following += [(each, Location(path, line), _IMPORTED) for each, line in project[surely_imports, path]]
        level = following
    return found


def surely_imports(project: Project, path: str) -> tuple[tuple[str, At], ...]:
    """The files that a file imports under no condition, their packages included, and where."""
    module = project.module(path)
    if module is None:
        return ()
    guarded = {module.imports[each.ref].at for each in module.bindings if each.kind == "import" and each.guard}
    certain = {each.at for each in module.imports if each.kind == "runtime" and not each.scope} - guarded
    return _files(project, path, certain)


def _files(project: Project, path: str, certain: set[At]) -> tuple[tuple[str, At], ...]:
    found: dict[str, At] = {}
    known = project[known_paths]
    for edge in project[edges, path]:
        if edge.at in certain and edge.imported.endswith(".py"):
            found.setdefault(edge.imported, edge.at)
            folder = edge.imported.rpartition("/")[0]
            while folder and (package := f"{folder}/__init__.py") in known:
                found.setdefault(package, edge.at)
                folder = folder.rpartition("/")[0]
    return tuple((each, at) for each, at in found.items() if each != path)


def _inside(project: Project, entry: Entry) -> tuple[tuple[str, At], ...]:
    """The files that the function which makes an application imports before anything else can happen."""
    module = project.module(entry.path)
    function = next((each for each in module.functions if each.qualname == entry.function), None) if module else None
    if module is None or function is None:
        return ()
    lines = [node for node in _plain(function.body) if isinstance(node, tree.ImportStatement)]
    return _files(project, entry.path, {module.imports[index].at for node in lines for index in node.indexes})


def _plain(body: tuple[Node, ...]) -> Iterator[Node]:
    for node in body:
        yield from _plain(node.body) if isinstance(node, tree.With) else (node,)


def at_import(project: Project, path: str) -> tuple[tuple[At, str, Doing], ...]:
    """What the own code of a file surely does beyond the process, with the call as it is written."""
    module = project.module(path)
    if module is None or is_aside(path) or not _FOLDERS.isdisjoint(path.split("/")) or _serves(module):
        return ()
    roots = _roots(project, path, module)
    matters = any(_matters(project, path, module, call, roots) for call in module.main.calls)
    found: list[tuple[At, str, Doing]] = []
    for statement in (*(module.main.body if matters else ()), *_defaults(module)):
        # Of several things in one statement the first says enough.
        found.extend(sorted(_of_statement(project, path, statement, roots), key=lambda each: each[0])[:1])
    return tuple(found)


def _defaults(module: Module) -> Iterator[Node]:
    """The defaults of parameters, which are computed when the file is imported; those in functions are not."""
    for function in module.functions:
        for param in function.params if not function.parent else ():
            if isinstance(param.default_code, tuple) and param.default_code[0] in _COMPUTED:
                yield param.default


def _of_statement(
    project: Project, path: str, statement: Node, roots: frozenset[str]
) -> Iterator[tuple[At, str, Doing]]:
    done = look(project, (path, ""), (statement,), roots)
    for each in done.done:
        yield each.at, each.written, Doing(each.kind, each.written, each.phrase, ())
    for function, at in done.called:
        found = project[reaches, function]
        if found is not None:
            yield at, f"{function.last}()", found


def _matters(project: Project, path: str, module: Module, call: str, roots: frozenset[str]) -> bool:
    """Whether something that the own code of a file calls may count: asked by name, before that code is read."""
    root, last = call.partition(".")[0], call.rpartition(".")[2]
    if root == "?":
        return last in LASTS and (module.main.mentions("query") or any(_talks(each) for each in module.imports))
    if last not in LASTS and root not in roots:
        return False
    answer = evaluate(project, (path, ""), tree.Path(call, (0, 0, 0, 0)))
    if last in LASTS and (not isinstance(answer, Symbol) or doing(project, answer) is not None):
        return True
    inner = target(project, answer)
    return inner is not None and project[reaches, inner] is not None


def _talks(each: Import) -> bool:
    return each.module.partition(".")[0] in _TALKING


def _roots(project: Project, path: str, module: Module) -> frozenset[str]:
    """The names in a file that lead to functions and classes of the repository, or to what one of those makes."""
    lines = {each.at for each in project[edges, path]}
    mine = {each.alias for each in module.imports if each.at in lines and not each.scope}
    mine |= {each.name for each in module.functions if not each.parent and not each.owner}
    mine |= {each.name for each in module.classes if not each.parent}
    return frozenset(mine | {each.name for each in module.bindings if each.callee.partition(".")[0] in mine})


def _serves(module: Module) -> bool:
    """Whether a file starts a server or a loop in its own code: it is run, and nobody imports it."""
    if not any(_SERVING.search(call) for call in module.main.calls):
        return False
    plain = [node for node in module.main.body if not (isinstance(node, tree.If) and _is_guard(node))]
    names = [getattr(each.func, "text", "") for each in tree.calls(*plain)]
    return any(_SERVING.search(name) and not name.startswith(("asyncio.", "subprocess.")) for name in names)


def _is_guard(node: tree.If) -> bool:
    """Whether what stands under a test runs only when the file is run as a program."""
    return any(isinstance(each, tree.Constant) and each.value == "__main__" for each in tree.walk(node.test))


def _counts(project: Project, path: str, doing: Doing) -> bool:
    """Whether it is wrong here: a file of SQLite is always there, and so are tables that were just made."""
    if doing.kind == "loop":
        # Nobody imports what is run itself, so its loop is the only one.
        served = any(start.program in SERVERS and path in start.paths for start in project[starts])
        return served or any(not is_aside(by) for by, _ in project[importers].get(path, ()))
    if doing.kind == "tables":
        return project[has_server]
    if doing.kind == "query" and not project[has_server]:
        return not any(project[_makes_tables, each] for each in {path, *(step.at.path for step in doing.chain)})
    return True


def has_server(project: Project) -> bool:
    """Whether the database is certainly one that runs as a server of its own."""
    names = {each.name for each in project[databases]}
    if "sqlite" in names:
        return False
    return bool(names - {"mongodb"}) or not _DRIVERS.isdisjoint(project[declared])


def _makes_tables(project: Project, path: str) -> bool:
    module = project.module(path)
    return module is None or any(function.mentions("create_all") for function in module.functions)
