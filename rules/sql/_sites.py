"""Where SQL text is given to a database: the text, the driver that takes it, and the values that go with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

from cdlint.facts import tree
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.calls import calling
from cdlint.project.classes import functions_of, resolve_in
from cdlint.project.constants import fold
from cdlint.project.memo import CyclicFact
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate

from ._composed import composed

_FAMILIES = {
    "asyncpg": "asyncpg", "sqlite3": "sqlite", "aiosqlite": "sqlite", "psycopg2": "psycopg", "psycopg": "psycopg",
    "psycopg_pool": "psycopg", "aiopg": "psycopg", "pymysql": "mysql", "MySQLdb": "mysql", "aiomysql": "mysql",
}  # fmt: skip
_OTHERS = frozenset(
    {"sqlalchemy", "sqlmodel", "django", "databases", "peewee", "tortoise", "pony", "records", "duckdb"}
)
"""With one of these, an object that is not known may well be theirs."""
_BY_DRIVER = {
    "asyncpg": frozenset({"execute", "executemany", "fetch", "fetchrow", "fetchval", "cursor", "prepare"}),
    "sqlite": frozenset({"execute", "executemany", "execute_fetchall", "execute_insert"}),
    "psycopg": frozenset({"execute", "executemany"}),
    "mysql": frozenset({"execute", "executemany"}),
    "django": frozenset({"execute", "executemany"}),
    "text": frozenset({"execute", "scalar", "scalars", "exec", "stream", "stream_scalars"}),
}
METHODS = frozenset().union(*_BY_DRIVER.values()) - {"cursor", "prepare"}
"""What is called to give a statement to any of them."""
_DATABASES = {"asyncpg": "postgres", "sqlite": "sqlite", "psycopg": "postgres", "mysql": "mysql"}
_PAST = frozenset({"migrations", "versions", "alembic", "revisions"})
_DJANGO = ("django.db.connection", "django.db.connections", "django.db.utils.connection", "django.db.transaction")
_LONGEST = 20_000
"""The longest statement that is read: nobody wrote a longer one by hand."""


class Place(NamedTuple):
    """A function of a file."""

    path: str
    qualname: str


Reader: TypeAlias = Callable[[Project, Place, Node], tuple[str, ...]]
"""What says which texts an expression of a function may come to."""


class Site(NamedTuple):
    """A call that gives SQL to a database. `driver` is one of `_BY_DRIVER`; `at` the text, `call` the call."""

    driver: str
    method: str
    text: str
    at: At
    call: tree.Call
    bound: bool
    """Whether values may be bound to the statement elsewhere."""

    @property
    def dialect(self) -> str:
        """The database that the driver talks to, `""` when any may be."""
        return _DATABASES.get(self.driver, "")


def families(project: Project) -> frozenset[str]:
    """The drivers that the code that serves imports, and `other` for a library that stands between."""
    found: set[str] = set()
    for path in project.paths:
        found |= project[_families_in, path]
    return frozenset(found)


def _families_in(project: Project, path: str) -> frozenset[str]:
    module = project.module(path) if not is_aside(path) else None
    roots = {each.module.partition(".")[0] for each in (module.imports if module is not None else ())}
    found = {_FAMILIES[root] for root in roots if root in _FAMILIES}
    if "mysql.connector" in {each.module for each in (module.imports if module is not None else ())}:
        found.add("mysql")
    return frozenset(found | {"other" for root in roots if root in _OTHERS})


def direct(project: Project) -> tuple[Place, ...]:
    """The functions that give something to a database themselves."""
    if not project[families]:
        return ()
    return tuple(place for path in project.paths for place in project[_direct_in, path])


def _direct_in(project: Project, path: str) -> tuple[Place, ...]:
    module = project.module(path) if _is_present(path) else None
    return tuple(
        Place(path, function.qualname)
        for function in (module.functions if module is not None else ())
        if any("." in call and call.rpartition(".")[2] in METHODS for call in function.calls)
    )


def _is_present(path: str) -> bool:
    """Whether a file serves; a migration speaks of the tables as they were at its time."""
    return not is_aside(path) and _PAST.isdisjoint(path.split("/"))


def executing(project: Project) -> tuple[Place, ...]:
    """The functions that give something to a database, themselves or by a function of the repository."""
    from ._forwarded import forwarders

    own = project[direct]
    names = frozenset(project[forwarders]) if own else frozenset()
    paths = [path for path in project.paths if names and _is_present(path)]
    calling_them = [Place(path, each.qualname) for path in paths for each in calling(project, path, names)]
    return tuple(dict.fromkeys((*own, *calling_them)))


def sites(project: Project, place: Place) -> tuple[Site, ...]:
    """The calls in a function that give constant SQL to a database that is known."""
    return _sites(project, place, _constant)


def varying(project: Project, place: Place) -> tuple[Site, ...]:
    """Those that give it SQL which the function puts together, once for each way to do so."""
    return _sites(project, place, _put_together)


def _sites(project: Project, place: Place, reader: Reader) -> tuple[Site, ...]:
    from ._forwarded import forwarded

    function = project[functions_of, place.path].get(place.qualname)
    found = [*forwarded(project, place, reader)]
    for call in tree.calls(*(function.body if function is not None else ())):
        name = getattr(call.func, "last", "")
        if name in METHODS and call.args and not isinstance(call.args[0], tree.Starred) and function is not None:
            found.extend(_of_call(project, place, call, name, reader))
    return tuple(found)


def _of_call(project: Project, place: Place, call: tree.Call, name: str, reader: Reader) -> Iterator[Site]:
    text, bound, home = text_call(project, place, call.args[0])
    if text is not None:
        at = text.at if home.path == place.path else call.args[0].at
        for each in reader(project, home, text) if name in _BY_DRIVER["text"] else ():
            yield Site("text", name, each, at, call, bound)
        return
    texts = statements(project, place, call.args[0], reader)
    driver = driver_of(project, place, call, name) if texts else ""
    for each in texts if driver else ():
        yield Site(driver, name, each, call.args[0].at, call, False)


def statements(project: Project, place: Place, node: Node, reader: Reader) -> tuple[str, ...]:
    """The statements that an expression may be."""
    return tuple([each for each in reader(project, place, node) if _is_sql(each)])


def _constant(project: Project, place: Place, node: Node) -> tuple[str, ...]:
    folded = fold(project, place, node, infer=False)
    return (folded,) if isinstance(folded, str) and len(folded) <= _LONGEST else ()


def _put_together(project: Project, place: Place, node: Node) -> tuple[str, ...]:
    return () if _constant(project, place, node) else composed(project, place, node)


def _is_sql(text: str) -> bool:
    verb = text.lstrip(" \t\r\n(").partition(" ")[0].strip().upper()
    return verb.partition("\n")[0] in (
        "SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "REPLACE", "CREATE", "ALTER", "DROP", "TRUNCATE", "MERGE",
    )  # fmt: skip


def text_call(project: Project, place: Place, node: Node) -> tuple[Node | None, bool, Place]:
    """The text in `text("...")` of SQLAlchemy, here or in the variable that holds it; whether it is bound; where."""
    bound = False
    if isinstance(node, tree.Path):
        node, place = _held(project, place, node)
    while isinstance(node, tree.Call) and isinstance(node.func, tree.Attribute):
        node, bound = node.func.value, True
    if not isinstance(node, tree.Call) or not node.args:
        return None, False, place
    answer = value_of(project, place, node.func)
    known = answer.name if isinstance(answer, Symbol) and answer.kind == "external" and answer.last == "text" else ""
    outside = known.startswith(("sqlalchemy.", "flask_sqlalchemy.", "sqlmodel."))
    return (node.args[0], bound, place) if outside else (None, False, place)


def _held(project: Project, place: Place, node: tree.Path) -> tuple[Node, Place]:
    """The one value of a variable of the function or of a module, and where it is given."""
    if "." not in node.text and place.qualname:
        local = project[local_assignments, place].get(node.text, ())
        if local:
            return (local[0][0], place) if len(local) == 1 and local[0][0] is not None else (node, place)
    answer = resolve_in(project, place.path, place.qualname, node.text)
    if not isinstance(answer, Symbol) or answer.kind != "variable":
        return node, place
    module = project.module(answer.path)
    given = [each.value for each in module.bindings if each.name == answer.name] if module is not None else []
    return (given[0], Place(answer.path, "")) if len(given) == 1 and given[0] is not None else (node, place)


def driver_of(project: Project, place: Place, call: tree.Call, name: str) -> str:
    """The driver behind what a method is called on."""
    answer = value_of(project, place, call.func)
    if isinstance(answer, Symbol):
        if answer.kind != "external":
            return ""
        if answer.name.startswith(_DJANGO) and ".cursor()" in answer.name:
            return "django"
        family = _FAMILIES.get(answer.name.partition(".")[0], "")
        return family if family and name in _BY_DRIVER[family] else ""
    only = project[families]
    if len(only) != 1 or "other" in only or name in project[_own_methods]:
        return ""
    family = next(iter(only))
    return family if name in _BY_DRIVER[family] else ""


def _own_methods(project: Project) -> frozenset[str]:
    """The methods of classes of the repository with the name of one of a driver."""
    return frozenset(name for path in project.paths for name in project[_own_methods_in, path])


def _own_methods_in(project: Project, path: str) -> frozenset[str]:
    module = project.module(path)
    return METHODS.intersection(each.name for each in module.functions) if module is not None else frozenset()


def value_of(project: Project, place: Place, node: Node) -> Answer | None:
    """What a node of a function means; None when that cannot be told without itself."""
    try:
        return evaluate(project, place, node)
    except CyclicFact:
        return None


def values(project: Project, place: Place, node: Node | None) -> Node | None:
    """A tuple, list or dict that is written out, here or in the one assignment of the variable that holds it."""
    if isinstance(node, tree.Path) and "." not in node.text:
        given = [value for value, _ in project[local_assignments, place].get(node.text, ())] if place.qualname else []
        function = project[functions_of, place.path].get(place.qualname)
        changed = function is None or any(call.startswith(f"{node.text}.") for call in function.calls)
        written = function is not None and any(
            isinstance(each, tree.Subscript) and getattr(each.value, "text", "") == node.text
            for assign in function.nodes
            if isinstance(assign, (tree.Assign, tree.Delete))
            for each in assign.targets
        )
        node = given[0] if len(given) == 1 and not changed and not written else None
    return node if isinstance(node, (tree.Sequence, tree.Mapping)) else None
