"""The calls that make a statement, from `select(...)` to the session that runs it, through variables and helpers."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import function_facts, functions_of
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate

from ._handles import handle
from ._models import models
from ._names import is_used
from ._sessions import SESSIONS
from ._sources import entity
from ._statements import MAKERS, Place, bound_to, receiver_of, refines
from ._tables import core_tables

WHERE = frozenset({"where", "filter"})
LATER = frozenset({"order_by", "group_by", "having"})
JOINS = frozenset({"join", "outerjoin", "join_from", "outerjoin_from"})
SILENT = frozenset(
    {
        "filter_by", "limit", "offset", "distinct", "options", "execution_options", "with_for_update", "prefix_with",
        "populate_existing", "yield_per", "enable_eagerloads", "autoflush", "slice", "with_hint", "params", "fetch",
        "unique",
    }
)  # fmt: skip
_METHODS = WHERE | LATER | JOINS | SILENT | {"select_from", "add_columns"}
_SESSION_NAMES = frozenset({"async_session", "db_session", "session"})
_RUNNING = frozenset({"execute", "scalars", "scalar", "exec", "stream", "stream_scalars"})
_FETCHING = frozenset(
    {"all", "first", "one", "one_or_none", "scalar", "count", "first_or_404", "one_or_404", "paginate"}
)
_MAKING = frozenset({"select", "query"})
_DEPTH = 8


class Step(NamedTuple):
    """A call in the chain that makes a statement, and where its names are looked up."""

    method: str
    call: tree.Call
    place: Place


class Outline(NamedTuple):
    """A function: how many tables it names, whether it starts, refines or runs statements, and what it calls."""

    qualname: str
    tables: int
    starts: bool
    refines: bool
    runs: bool
    calls: frozenset[str]


# Which functions are looked at


def places(project: Project) -> tuple[Place, ...]:
    """The functions that run a statement about two tables; tests and examples are left out."""
    if not project[is_used] or not project[models]:
        return ()
    paths = [path for path in project.paths if not is_aside(path)]
    outlines = [(path, each) for path in paths for each in project[_outlines, path]]
    starts = {each.qualname.rpartition(".")[2] for _, each in outlines if each.starts and each.tables and not each.runs}
    builds = {
        (path, each.qualname)
        for path, each in outlines
        if (each.starts and each.tables > 1) or (each.refines and each.tables and not starts.isdisjoint(each.calls))
    }
    names = {qualname.rpartition(".")[2] for _, qualname in builds}
    return tuple(
        Place(path, each.qualname)
        for path, each in outlines
        if (path, each.qualname) in builds or (each.runs and not names.isdisjoint(each.calls))
    )


def _known(project: Project) -> tuple[frozenset[str], frozenset[str]]:
    """The names of classes and tables, and the words of the modules and packages that hold them."""
    symbols = (*project[models], *(each.variable for each in project[core_tables] if each.variable is not None))
    inner = {part for each in symbols for part in each.path.removesuffix(".py").split("/")[-2:]}
    return frozenset(each.last for each in symbols), frozenset(inner)


def _outlines(project: Project, path: str) -> tuple[Outline, ...]:
    module = project.module(path)
    names, holding = project[_known]
    if module is None:
        return ()
    single = {each.name for each in module.classes if each.name in names}
    single |= {each.name for each in module.bindings if each.name in names}
    several: set[str] = set()
    for each in module.imports:
        if each.name in names:
            single.add(each.alias)
        elif each.name == "*":
            single |= names
        elif (each.name or each.module.rpartition(".")[2]) in holding:
            several.add(each.alias)
    found = []
    for function in module.functions:
        called = function.lasts
        starts = not called.isdisjoint(_MAKING) or function.mentions(".query")
        refines, runs = not called.isdisjoint(WHERE | LATER | JOINS), not called.isdisjoint(_RUNNING | _FETCHING)
        if starts or refines or runs:
            tables = _counts(function, single, several) if starts or refines else 0
            found.append(Outline(function.qualname, tables, starts, refines, runs, called))
    return tuple(found)


def _counts(function: Function, single: set[str], several: set[str]) -> int:
    found = sum(function.mentions(name) for name in single)
    found += sum(call.endswith("aliased") for call in function.calls)
    return found + sum(len({text.split(".")[1] for text in function.paths_from(name)}) for name in several)


# How statements are made and run


def ran(project: Project, place: Place, call: tree.Call) -> Node | None:
    """The statement that a call runs."""
    name = getattr(call.func, "last", "")
    receiver = receiver_of(call)
    if receiver is None:
        return None
    if name in _FETCHING and not call.args:
        return receiver
    if name not in _RUNNING or not call.args:
        return None
    found = handle(project, place, receiver)
    known = found is not None and found.kind.endswith(("session", "connection"))
    # What is written out where it is run is whole, and nobody but a session has it run under that name.
    named = found is None and isinstance(call.args[0], tree.Call) and getattr(receiver, "last", "") in _SESSION_NAMES
    return call.args[0] if known or named else None


def handed(project: Project, place: Place, call: tree.Call) -> tuple[Step, ...] | None:
    """The statement that a call hands to a function of the repository which runs it."""
    for index, node in enumerate(call.args):
        if not isinstance(node, (tree.Path, tree.Call)):
            continue
        if isinstance(node, tree.Path) and "." in node.text:
            continue
        steps = chain(project, place, node)
        answer = evaluate(project, place, call.func) if steps else None
        facts = function_facts(project, answer) if isinstance(answer, Symbol) and answer.kind == "function" else None
        if steps is None or facts is None or not isinstance(answer, Symbol):
            continue
        params = [each for each in facts.params if each.kind.startswith("positional")]
        at = index + (1 if facts.owner and params and params[0].name in ("self", "cls") else 0)
        more = _runs(project, Place(answer.path, answer.name), params[at].name) if at < len(params) else None
        return (*steps, *more) if more is not None else None
    return None


def _runs(project: Project, place: Place, name: str) -> list[Step] | None:
    """What a function that certainly runs the statement of a parameter adds to it before."""
    function = project[functions_of, place.path][place.qualname]
    more: list[Step] = []
    for node in function.nodes:
        bound = bound_to(node, name)
        if bound is not None:
            if bound is node or not refines(bound, name, _METHODS):
                return None
            more += _refined(bound, place)
    for call in function.call_nodes:
        node = ran(project, place, call)
        if node is not None and refines(node, name, _METHODS):
            return [*more, *_refined(node, place)]
    return None


def chain(project: Project, place: Place, node: Node, depth: int = _DEPTH) -> tuple[Step, ...] | None:
    """The calls that make a statement, those of all paths together; None when some are not seen."""
    if depth <= 0:
        return None
    if isinstance(node, tree.Path):
        return _variable(project, place, node.text, depth) if "." not in node.text else _query_of(project, place, node)
    if not isinstance(node, tree.Call):
        return None
    name, receiver = getattr(node.func, "last", ""), receiver_of(node)
    if receiver is not None and name in _METHODS and not _is_maker(project, place, node):
        before = chain(project, place, receiver, depth)
        return (*before, Step(name, node, place)) if before is not None else None
    if _is_maker(project, place, node):
        return (Step("select", node, place),)
    return _returned(project, place, node, depth)


def _is_maker(project: Project, place: Place, node: tree.Call) -> bool:
    if getattr(node.func, "last", "") == "query":
        receiver = receiver_of(node)
        answer = evaluate(project, place, receiver) if receiver is not None else None
        return isinstance(answer, Symbol) and answer.name in SESSIONS
    if "select" not in getattr(node.func, "last", ""):
        return False
    answer = evaluate(project, place, node.func)
    return isinstance(answer, Symbol) and MAKERS.get(answer.name) == "select"


def _query_of(project: Project, place: Place, node: tree.Path) -> tuple[Step, ...] | None:
    """`User.query` selects the class."""
    owner, _, last = node.text.rpartition(".")
    found = entity(project, place, owner) if last == "query" else None
    if found is None or found.cls is None or found.attribute:
        return None
    return (Step("select", tree.Call(node, (tree.Path(owner, node.at),), (), node.at), place),)


def _variable(project: Project, place: Place, name: str, depth: int) -> tuple[Step, ...] | None:
    function = project[functions_of, place.path].get(place.qualname)
    if function is None or any(param.name == name for param in function.params) or name not in function.binds:
        return None
    starts: list[tuple[Step, ...]] = []
    more: list[Step] = []
    for node in function.nodes:
        bound = bound_to(node, name)
        if bound is None:
            continue
        if bound is node:
            return None
        if refines(bound, name, _METHODS):
            more += _refined(bound, place)
            continue
        found = chain(project, place, bound, depth - 1)
        if found is None:
            return None
        starts.append(found)
    return (*starts[0], *more) if len(starts) == 1 else None


def _refined(node: Node, place: Place) -> list[Step]:
    found = []
    while isinstance(node, tree.Call):
        found.append(Step(getattr(node.func, "last", ""), node, place))
        node = receiver_of(node) or node.func
    return found[::-1]


def _returned(project: Project, place: Place, call: tree.Call, depth: int) -> tuple[Step, ...] | None:
    """The statement that a function of the repository makes."""
    answer = evaluate(project, place, call.func)
    facts = function_facts(project, answer) if isinstance(answer, Symbol) and answer.kind == "function" else None
    if facts is None or not isinstance(answer, Symbol) or facts.is_async or facts.is_generator:
        return None
    if any(getattr(each, "last", "") not in ("staticmethod", "classmethod") for each in facts.decorators):
        return None
    nodes = [node.value for node in facts.every(tree.Return)]
    if len(nodes) != 1 or nodes[0] is None:
        return None
    return chain(project, Place(answer.path, answer.name), nodes[0], depth - 1)
