"""Extension objects that are made without an application, and whether they ever get one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function, Module
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol, Unknown
from cdlint.project.classes import ancestry, class_facts, resolve_in
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._removed import at_least
from ._watch import APPLICATIONS
from ._wiring import wiring

_SQLALCHEMY = "flask_sqlalchemy.SQLAlchemy"
_EXTENSIONS = frozenset(
    {_SQLALCHEMY, "flask_login.LoginManager", "flask_jwt_extended.JWTManager", "flask_migrate.Migrate",
     "flask_mail.Mail", "flask_mailman.Mail", "flask_caching.Cache", "flask_limiter.Limiter", "flask_cors.CORS",
     "flask_wtf.CSRFProtect", "flask_wtf.csrf.CSRFProtect", "flask_session.Session", "flask_pymongo.PyMongo",
     "flask_socketio.SocketIO", "flask_babel.Babel", "flask_redis.FlaskRedis"}
)  # fmt: skip
_ALWAYS = _EXTENSIONS - {_SQLALCHEMY, "flask_mail.Mail", "flask_mailman.Mail", "flask_redis.FlaskRedis",
                         "flask_pymongo.PyMongo", "flask_caching.Cache", "flask_babel.Babel"}  # fmt: skip
"""Those that are made to protect or to serve, and do nothing so."""
_NEEDY = frozenset(
    {"session", "engine", "engines", "create_all", "drop_all", "reflect", "get_or_404", "first_or_404", "one_or_404",
     "paginate", "get_engine"}
)  # fmt: skip
"""What of a database asks for the application; tables may be described without one."""
_LAST = frozenset(name.rpartition(".")[2] for name in _EXTENSIONS)
_URI = frozenset({"SQLALCHEMY_DATABASE_URI", "SQLALCHEMY_BINDS"})


class Extension(NamedTuple):
    """A module's variable that holds an extension."""

    variable: Symbol
    cls: str
    at: Location
    app: Location


class Early(NamedTuple):
    """A database that is initialised before its address is set."""

    name: str
    at: Location
    setting: Location


def uninitialised(project: Project) -> tuple[Extension, ...]:
    """The extensions that are used and that no application is given to."""
    book = project[wiring]
    made = sorted((t.path, t.at) for t in book if t.cls in APPLICATIONS and not is_aside(t.path))
    found = [each for path in project.paths if made for each in project[_made_in, path]]
    if not found:
        return ()
    names = frozenset(symbol.last for symbol, _, _ in found)
    uses = [use for path in project.paths if not is_aside(path) for use in project[_uses_in, (path, names)]]
    if any(how == "unknown" for _, how in uses):
        return ()
    app = Location(*made[0])
    return tuple(
        Extension(symbol, cls, Location(symbol.path, at), app)
        for symbol, cls, at in found
        if {how for variable, how in uses if variable == symbol} <= {"read"}
        and (cls in _ALWAYS or (symbol, "read") in uses)
    )


def _made_in(project: Project, path: str) -> tuple[tuple[Symbol, str, tree.At], ...]:
    """The variables of a file that hold an extension which is made without an application."""
    module = None if is_aside(path) else project.module(path)
    if module is None or _is_revision(module):
        return ()  # A revision describes its tables by an object of its own.
    found = []
    for binding in module.bindings:
        if binding.callee.rpartition(".")[2] in _LAST and isinstance(binding.value, tree.Call):
            answer = evaluate(project, (path, ""), binding.value.func)
            if isinstance(answer, Symbol) and answer.name in _EXTENSIONS and not _given(project, path, binding.value):
                found.append((Symbol("variable", path, binding.name), answer.name, binding.at))
    return tuple(found)


def _is_revision(module: Module) -> bool:
    return "down_revision" in module.main.binds or any(each.module.startswith("alembic") for each in module.imports)


def _given(project: Project, path: str, call: tree.Call) -> bool:
    """Whether an extension may get its application when it is made."""
    if call.keyword("app") is not None or any(each.name is None for each in call.keywords):
        return True
    if call.keyword("message_queue") is not None:
        return True  # Such a `SocketIO` sends by way of the queue, from a process without an application.
    if not call.args:
        return False
    first = evaluate(project, (path, ""), call.args[0])
    return not (isinstance(first, Symbol) and (first.kind == "function" or first.name.startswith("flask_limiter.")))


def _uses_in(project: Project, key: tuple[str, frozenset[str]]) -> tuple[tuple[Symbol, str], ...]:
    """What a file does with variables of these names: `read`, `given`; or `unknown` for what may be any of them."""
    path, names = key
    module = project.module(path)
    if module is None:
        return ()
    spelled = {*names, *(each.alias for each in module.imports if each.name in names)}
    found: list[tuple[Symbol, str]] = []
    wanted = (*sorted(spelled), ".query")
    for function in module.functions:
        if any(each.endswith("init_app") for each in function.calls) or any(function.mentions(n) for n in wanted):
            found.extend(_uses(project, path, function, frozenset(spelled)))
    return tuple(dict.fromkeys(found))


def _uses(project: Project, path: str, function: Function, names: frozenset[str]) -> Iterator[tuple[Symbol, str]]:
    quiet = _quiet(project, path, function)
    for node in function.nodes:
        if isinstance(node, tree.Call) and getattr(node.func, "last", "") == "init_app":
            answer = evaluate(project, (path, function.qualname), node.func)
            if isinstance(answer, Unknown):
                yield Symbol("variable", "", ""), "unknown"
        if not isinstance(node, tree.Path) or node in quiet:
            continue
        for variable in _variables(project, path, function.qualname, node.text, names):
            how = _how(project, variable, node.text.rpartition(variable.last)[2])
            if how == "read" or (how and _runs(project, path, function)):
                yield variable, how
        if ".query" in node.text:
            yield from ((each, "read") for each in _of_model(project, path, function.qualname, node.text, names))


def _runs(project: Project, path: str, function: Function) -> bool:
    return not function.qualname or bool(function.owner) or project[_called, (path, function.name)]


def _how(project: Project, variable: Symbol, rest: str) -> str:
    """What reading an attribute of an extension, or handing it on (`""`), does with it."""
    if not rest or rest.startswith((".init_app", ".app")):
        # Whoever gets it may initialise it.
        return "given"
    database = any(symbol == variable and cls == _SQLALCHEMY for symbol, cls, _ in project[_made_in, variable.path])
    return "" if database and rest.split(".")[1] not in _NEEDY else "read"


def _of_model(project: Project, path: str, scope: str, text: str, names: frozenset[str]) -> Iterator[Symbol]:
    """The database of a model, in `Model.query`."""
    answer = resolve_in(project, path, scope, text.partition(".query")[0])
    if isinstance(answer, Symbol) and answer.kind == "class":
        for owner in project[ancestry, answer].first_party:
            facts = class_facts(project, owner)
            for base in facts.bases if facts is not None else ():
                if isinstance(base, tree.Path):
                    yield from _variables(project, owner.path, "", base.text, names)


def _variables(project: Project, path: str, scope: str, text: str, names: frozenset[str]) -> Iterator[Symbol]:
    parts = text.split(".")
    for count in range(1, min(len(parts), 4) + 1):
        if parts[count - 1] in names:
            answer = resolve_in(project, path, scope, ".".join(parts[:count]))
            if isinstance(answer, Symbol) and answer.kind == "variable":
                yield answer
                return


def _quiet(project: Project, path: str, function: Function) -> frozenset[Node]:
    """The places where an extension is handed to Flask-Migrate, which does not initialise it, or is assigned."""
    found: set[Node] = set()
    for node in function.nodes:
        if isinstance(node, tree.Call):
            answer = evaluate(project, (path, function.qualname), node.func)
            if isinstance(answer, Symbol) and answer.name.startswith(("flask_migrate.Migrate", "flask_admin.")):
                found.update([*node.args, *(each.value for each in node.keywords)])
        elif isinstance(node, tree.Assign):
            found.update(each for each in node.targets if isinstance(each, tree.Path))
    return frozenset(found)


def _called(project: Project, key: tuple[str, str]) -> bool:
    """Whether anything but itself and tests mentions a function, so that it may run; factories are run by name."""
    path, name = key
    if name in ("create_app", "make_app") or _is_mentioned(project, path, name, name):
        return True
    return any(project[_is_mentioned_in, (each, name)] for each in project.paths if each != path and not is_aside(each))


def _is_mentioned_in(project: Project, key: tuple[str, str]) -> bool:
    return _is_mentioned(project, *key, "")


def _is_mentioned(project: Project, path: str, name: str, itself: str) -> bool:
    module = project.module(path)
    return module is not None and any(
        each.mentions(name) and (not itself or each.qualname != itself) for each in module.functions
    )


def early(project: Project) -> tuple[Early, ...]:
    """The databases that are initialised before their address is set, where that is refused."""
    if not project[wiring] or not project[at_least, ("flask-sqlalchemy", "3.0")]:
        return ()
    return tuple(each for path in project.paths if not is_aside(path) for each in project[_early_in, path])


def _early_in(project: Project, path: str) -> tuple[Early, ...]:
    module = project.module(path)
    found = []
    for function in module.functions if module is not None else ():
        if function.mentions("SQLALCHEMY_DATABASE_URI") or function.mentions("SQLALCHEMY_BINDS"):
            made = _order(project, path, function)
            if made is not None:
                found.append(made)
    return tuple(found)


def _order(project: Project, path: str, function: Function) -> Early | None:
    """The initialisation in the statements of a function that stands before the only settings of the address."""
    start: tuple[str, tree.At] | None = None
    for node in function.body:
        setting = _sets(node)
        if start is None and setting is None and any("config" in each.text.split(".") for each in _paths(node)):
            return None
        if setting is not None:
            return None if start is None else Early(start[0], Location(path, start[1]), Location(path, setting))
        start = start or _starts(project, path, function, node)
    return None


def _paths(node: Node) -> Iterator[tree.Path]:
    return (each for each in tree.walk(node) if isinstance(each, tree.Path))


def _sets(node: Node) -> tree.At | None:
    """Where a statement sets the address of the database."""
    if isinstance(node, tree.Assign):
        for target in node.targets:
            if not isinstance(target, tree.Subscript) or getattr(target.value, "last", "") != "config":
                continue
            if isinstance(target.index, tree.Constant) and target.index.value in _URI:
                return node.at
    return None


def _starts(project: Project, path: str, function: Function, node: Node) -> tuple[str, tree.At] | None:
    """The database that a statement initialises."""
    value = node.value if isinstance(node, (tree.Expression, tree.Assign)) else None
    if not isinstance(value, tree.Call):
        return None
    answer = evaluate(project, (path, function.qualname), value.func)
    if not isinstance(answer, Symbol):
        return None
    if answer.name == f"{_SQLALCHEMY}().init_app":
        return value.func.text.rpartition(".")[0] if isinstance(value.func, tree.Path) else "", value.at
    if answer.name == _SQLALCHEMY and value.args:
        return getattr(node.targets[0], "text", "") if isinstance(node, tree.Assign) else "", value.at
    return None
