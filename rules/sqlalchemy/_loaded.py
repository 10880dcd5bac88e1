"""Which files may have been loaded when a line runs: imports in Python's order, followed from wherever it can start."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import functions_of
from cdlint.project.imports import edges
from cdlint.project.loading import packages_of
from cdlint.project.memo import CyclicFact
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate

_COMPUTED = frozenset(
    {
        "import_module", "__import__", "walk_packages", "iter_modules", "import_string", "find_modules", "exec",
        "exec_module", "load_module", "spec_from_file_location", "entry_points", "iter_entry_points", "run_module",
        "run_path", "import_submodules", "autodiscover", "autodiscover_tasks",
    }
)  # fmt: skip
_APPLICATIONS = frozenset({"Flask", "FastAPI", "Quart", "Starlette", "Litestar", "Sanic", "APIFlask"})
_MODULE = "<module>"
_DEPTH = 4


class Line(NamedTuple):
    """A place in a function, `""` for the module's own code."""

    path: str
    scope: str
    at: At


class Way(NamedTuple):
    """How a line comes to run: the calls that lead to it, the outermost first, and what starts the outermost.

    `start`: `module` (while its file is loaded), `main` (when its file is run as a script), or `callback`
    (something outside calls the function, once the program is loaded).
    """

    start: str
    lines: tuple[Line, ...]


class Direct(NamedTuple):
    """A file that another one loads."""

    path: str
    at: At
    scope: str
    sure: bool
    named: bool
    """Whether the import names it, and not just something in its package."""


def directs(project: Project, path: str) -> tuple[Direct, ...]:
    """What a file loads itself, in the order of its lines; what stands in a function has its `scope`."""
    module = project.module(path)
    scopes = {each.at: each.scope for each in module.imports} if module is not None else {}
    found = [Direct(each, (0, 0, 0, 0), "", True, False) for each in project[packages_of, path]]
    for edge in project[edges, path]:
        if edge.imported.endswith(".py") and edge.kind != "type-only":
            scope = scopes.get(edge.at, "") if edge.kind == "deferred" else ""
            for each in (*project[packages_of, edge.imported], edge.imported):
                found.append(Direct(each, edge.at, scope, edge.kind == "runtime", each == edge.imported))
    return tuple(each for each in found if each.path != path)


def loaders(project: Project) -> dict[str, tuple[tuple[str, Direct], ...]]:
    """File -> the files that load it, and where; tests left out."""
    found: dict[str, list[tuple[str, Direct]]] = {}
    for path in project.paths:
        if not is_aside(path):
            for each in project[directs, path]:
                found.setdefault(each.path, []).append((path, each))
    return {path: tuple(each) for path, each in found.items()}


def reached(
    project: Project, paths: Iterable[str], names: frozenset[str] | None, skip: frozenset[tuple[str, At]] = frozenset()
) -> set[str]:
    """The files, and all that they load. `names` are the functions whose own imports count, None for every one."""
    found = set(paths)
    waiting = list(found)
    while waiting:
        path = waiting.pop()
        for each in project[directs, path]:
            inner = not each.scope or names is None or each.scope.rpartition(".")[2] in names
            if inner and each.path not in found and (path, each.at) not in skip:
                found.add(each.path)
                waiting.append(each.path)
    return found


def is_computed(project: Project, path: str) -> bool:
    """Whether a file may load others that no import names."""
    module = project.module(path)
    if module is None or module.dynamic or module.opaque:
        return True
    return any(
        call.rpartition(".")[2] in _COMPUTED or "load_models" in call or "import_models" in call or "import_all" in call
        for function in module.functions
        for call in function.calls
    )


# How a line comes to run


def ways(project: Project, line: Line, depth: int = _DEPTH) -> tuple[Way, ...] | None:
    """All the ways; None when they cannot be told."""
    if depth <= 0:
        return None
    if not line.scope:
        return (Way("main" if _is_under_main(project, line) else "module", (line,)),)
    found: list[Way] = []
    callers, handed = project[callers_of, (line.path, line.scope)]
    if handed or not callers:
        found.append(Way("callback", (line,)))
    for each in callers:
        above = ways(project, each, depth - 1)
        if above is None:
            return None
        found += [Way(way.start, (*way.lines, line)) for way in above]
    return tuple(found)


def _is_under_main(project: Project, line: Line) -> bool:
    module = project.module(line.path)
    return any(
        isinstance(node, tree.If)
        and node.at[:2] <= line.at[:2] <= node.at[2:]
        and any(isinstance(each, tree.Constant) and each.value == "__main__" for each in tree.walk(node.test))
        for node in (module.main.body if module is not None else ())
    )


def callers_of(project: Project, key: tuple[str, str]) -> tuple[tuple[Line, ...], bool]:
    """The calls of a function outside tests, and whether it is also handed on as a value or decorated."""
    path, scope = key
    name = scope.rpartition(".")[2]
    function = project[functions_of, path].get(scope)
    found: list[Line] = []
    handed = function is not None and any(
        getattr(each.func if isinstance(each, tree.Call) else each, "last", "") not in ("staticmethod", "classmethod")
        for each in function.decorators
    )
    for other, qualname in project[_mentioning, name]:
        called, given = _uses(project, other, qualname, Symbol("function", path, scope))
        found += called
        handed = handed or given
    return tuple(found), handed


def _mentioning(project: Project, name: str) -> tuple[tuple[str, str], ...]:
    """The functions outside tests that may name something so."""
    paths = (path for path in project.paths if not is_aside(path))
    return tuple((path, each) for path in paths for each in project[_mentioning_in, (path, name)])


def _mentioning_in(project: Project, key: tuple[str, str]) -> tuple[str, ...]:
    path, name = key
    functions = module.functions if (module := project.module(path)) is not None else ()
    return tuple(dict.fromkeys(each.qualname for each in functions if each.mentions(name)))


def _uses(project: Project, path: str, scope: str, target: Symbol) -> tuple[list[Line], bool]:
    """Where a function calls another, and whether it names it otherwise."""
    body = project[functions_of, path][scope].body
    called = [each for each in tree.calls(*body) if getattr(each.func, "last", "") == target.last]
    lines = [Line(path, scope, each.at) for each in called if _means(project, path, scope, each.func, target)]
    heads = {each.func.at for each in called}
    others = (each for each in tree.walk(*body) if isinstance(each, tree.Path) and each.last == target.last)
    return lines, any(each.at not in heads and _means(project, path, scope, each, target) for each in others)


def _means(project: Project, path: str, scope: str, node: tree.Node, target: Symbol) -> bool:
    try:
        return evaluate(project, (path, scope), node) == target
    except CyclicFact:
        return False


# What may be loaded by then


def loaded(project: Project, way: Way) -> tuple[set[str], set[str]]:
    """What the file of the outermost line loads itself before it, and what anything that starts there may load."""
    first = way.lines[0]
    if way.start == "callback":
        names = None
        if _is_before_serving(project, first):
            names = _called_before(project, way) | project[_called_at_load]
        every = reached(project, _above(project, first.path), names, _afterwards(project, way))
        every |= _in_function(project, way, names)
        return every, every
    names = _called_before(project, way)
    own = _before(project, first.path, first.at, names) | _in_function(project, way, names)
    if way.start == "main":
        return own, own
    return own, own | _by_importers(project, first.path)


def _in_function(project: Project, way: Way, names: frozenset[str] | None) -> set[str]:
    """What the functions on the way load themselves before they go on."""
    found: set[str] = set()
    for line in way.lines:
        inner = [each.path for each in project[directs, line.path] if each.scope == line.scope and each.at < line.at]
        found |= reached(project, inner if line.scope else [], names)
    return found


def _before(project: Project, path: str, at: At, names: frozenset[str]) -> set[str]:
    inner = [
        each.path
        for each in project[directs, path]
        if (not each.scope and each.at < at) or (each.scope and each.scope.rpartition(".")[2] in names)
    ]
    return reached(project, inner, names)


def _by_importers(project: Project, path: str) -> set[str]:
    """What the files that lead to this one, whichever comes first, may have loaded before they come to it."""
    found: set[str] = set()
    seen, waiting = {path}, [path]
    while waiting:
        current = waiting.pop()
        for importer, each in project[loaders].get(current, ()):
            before = [
                one.path for one in project[directs, importer] if one.at < each.at or (each.scope and not one.scope)
            ]
            found |= reached(project, [one for one in before if one not in seen], None)
            if importer not in seen:
                seen.add(importer)
                waiting.append(importer)
    return found


def _above(project: Project, path: str) -> set[str]:
    """The file, and the files that lead to it and may be what a program starts with."""
    found, waiting = {path}, [path]
    while waiting:
        for importer, each in project[loaders].get(waiting.pop(), ()):
            if each.named and importer not in found:
                found.add(importer)
                waiting.append(importer)
    return {each for each in found if each == path or _may_start(project, each)}


def _may_start(project: Project, path: str) -> bool:
    """Whether nothing imports a file, or it makes an application or runs something itself."""
    if not any(each.named for _, each in project[loaders].get(path, ())):
        return True
    module = project.module(path)
    words = module.main.lasts if module is not None else frozenset()
    return module is None or module.main.mentions("__main__") or not words.isdisjoint(_APPLICATIONS | {"create_app"})


def _called_before(project: Project, way: Way) -> frozenset[str]:
    """The names of the functions that may have been called when the line is reached."""
    found: set[str] = set()
    for line in way.lines:
        for call in _calls_of(project, line):
            if call.at < line.at:
                found.add(getattr(call.func, "last", ""))
    return frozenset(found) | _inside(project, found)


def _inside(project: Project, names: set[str]) -> frozenset[str]:
    """What functions of these names call, and what those call."""
    calls = project[_called_by]
    found, waiting = set[str](), list(names)
    while waiting:
        for name in calls.get(waiting.pop(), frozenset()) - found:
            found.add(name)
            waiting.append(name)
    return frozenset(found)


def _called_by(project: Project) -> dict[str, frozenset[str]]:
    """Name of functions outside tests -> the names of all that they call; `_MODULE` for what modules call."""
    found: dict[str, set[str]] = {}
    for path in project.paths:
        for name, called in project[_called_in, path] if not is_aside(path) else ():
            found.setdefault(name, set()).update(called)
    return {name: frozenset(called) for name, called in found.items()}


def _called_in(project: Project, path: str) -> tuple[tuple[str, frozenset[str]], ...]:
    functions = module.functions if (module := project.module(path)) is not None else ()
    return tuple((each.name if each.qualname else _MODULE, each.lasts) for each in functions)


def _called_at_load(project: Project) -> frozenset[str]:
    """What the modules of the program may call while they are loaded, all the way down."""
    return _inside(project, {_MODULE})


def _is_before_serving(project: Project, line: Line) -> bool:
    """Whether a function makes the application, or runs as it starts: no handler has been called by then."""
    function = project[functions_of, line.path].get(line.scope)
    if function is None:
        return False
    words = {getattr(each.func if isinstance(each, tree.Call) else each, "last", "") for each in function.decorators}
    makes = any(
        getattr(call.func, "last", "") in _APPLICATIONS and call.at < line.at for call in _calls_of(project, line)
    )
    return "asynccontextmanager" in words or (makes and not words)


def _calls_of(project: Project, line: Line) -> Iterator[tree.Call]:
    function = project[functions_of, line.path].get(line.scope)
    return tree.calls(*(function.body if function is not None else ()))


def _afterwards(project: Project, way: Way) -> frozenset[tuple[str, At]]:
    """The imports that run only after the line: in the functions on the way, and in what they alone call later."""
    found: set[tuple[str, At]] = set()
    for line in way.lines:
        found |= {
            (line.path, each.at)
            for each in project[directs, line.path]
            if each.scope == line.scope and each.at > line.at
        }
        late = {getattr(call.func, "last", "") for call in _calls_of(project, line) if call.at > line.at}
        early = {getattr(call.func, "last", "") for call in _calls_of(project, line) if call.at < line.at}
        for name in late - early - {""}:
            if not any(each != (line.path, line.scope) for each in project[_mentioning, name]):
                for path, scopes in project[_defining].get(name, ()):
                    found |= {(path, each.at) for each in project[directs, path] if each.scope in scopes}
    return frozenset(found)


def _defining(project: Project) -> dict[str, tuple[tuple[str, frozenset[str]], ...]]:
    """Name -> the files outside tests with functions of it, and those functions."""
    found: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for path in project.paths:
        for name, scopes in project[_defined_in, path].items() if not is_aside(path) else ():
            found.setdefault(name, []).append((path, scopes))
    return {name: tuple(each) for name, each in found.items()}


def _defined_in(project: Project, path: str) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for function in (module.functions if (module := project.module(path)) is not None else ())[1:]:
        found.setdefault(function.name, set()).add(function.qualname)
    return {name: frozenset(scopes) for name, scopes in found.items()}
