"""What happens to a driver's connection under a name: what is written on it, and whether it gets out of sight."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.calls import target
from cdlint.project.classes import function_facts, functions_of
from cdlint.project.constants import fold
from cdlint.project.values import Scope, evaluate
from cdlint.rule import Location

from ._commits import is_commit, last_of, may_commit

_WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE)\b(?!\s+(OR\s+\w+\s+)?((INTO|FROM)\s+)?temp\.)", re.IGNORECASE)
_ENDS = re.compile(r"\s*(COMMIT|ROLLBACK|END)\b(?!\s+TO\b)", re.IGNORECASE)
_TEMPORARY = re.compile(r"\bCREATE\s+(\w+\s+)?TEMP(ORARY)?\b", re.IGNORECASE)
_EXECUTES = frozenset({"execute", "executemany", "execute_insert"})
_LOOKED_AT = frozenset({"closing", "aclosing", "print", "isinstance", "repr", "str", "type", "id", "hasattr"})
_KEEPING = (
    tree.Return, tree.Yield, tree.Assign, tree.AugAssign, tree.Sequence, tree.Mapping, tree.Conditional, tree.Boolean,
    tree.Starred, tree.Walrus, tree.Comprehension, tree.Lambda,
)  # fmt: skip
Writes = tuple[tuple[Location, str], ...]


def cursors(facts: Function, name: str) -> Iterator[str]:
    """The names of a connection's cursors."""
    for node in facts.nodes:
        pairs: tuple[tuple[Node | None, Node | None], ...] = ()
        if isinstance(node, tree.Assign) and len(node.targets) == 1:
            pairs = ((node.value, node.targets[0]),)
        elif isinstance(node, tree.With):
            pairs = node.items
        for value, given in pairs:
            call = value.value if isinstance(value, tree.Await) else value
            if getattr(getattr(call, "func", None), "text", "") == f"{name}.cursor" and isinstance(given, tree.Path):
                yield given.text


def gets_out(project: Project, function: Symbol, facts: Function, names: Iterable[str]) -> bool:
    """Whether somebody else may get hold of what these names stand for, or of what commits it."""
    held = frozenset(names)
    for node in facts.nodes:
        inner = tree.children(node) if isinstance(node, _KEEPING) else []
        if isinstance(node, tree.Lambda):
            inner = list(tree.walk(node.body))
        elif isinstance(node, tree.Call):
            inner = [each for each in _values(node) if getattr(each, "text", "") not in held]
        elif isinstance(node, tree.Assign):
            several = len(node.targets) > 1 and not isinstance(node.value, tree.Constant)
            inner = [each for each in (node.value, *(node.targets if several else ())) if each is not None]
        if any(_is_it(each, held) for each in inner):
            return True
    inside = f"{function.name}."
    return any(
        name.startswith(inside)
        and held.difference(each.binds)
        and any(isinstance(part, tree.Path) and part.root in held for part in each.nodes)
        for name, each in project[functions_of, function.path].items()
    )


def _is_it(node: Node, names: frozenset[str]) -> bool:
    """Whether a value is a connection, or its method that commits."""
    if not isinstance(node, tree.Path):
        return False
    owner, _, last = node.text.rpartition(".")
    return node.text in names or (owner in names and is_commit(last))


def _values(call: tree.Call) -> tuple[Node, ...]:
    return (*call.args, *(keyword.value for keyword in call.keywords))


def owner(func: Node) -> str:
    """The name of what a method is called on, straight or on what another of its methods gave."""
    if isinstance(func, tree.Path):
        return func.text.rpartition(".")[0]
    if isinstance(func, tree.Attribute):
        value = func.value.value if isinstance(func.value, tree.Await) else func.value
        return owner(value.func) if isinstance(value, tree.Call) else ""
    return ""


def executes(call: tree.Call) -> bool:
    """Whether a call gives a statement to the database."""
    return last_of(call) in _EXECUTES and bool(call.args)


def is_ended(project: Project, scope: Scope, call: tree.Call) -> bool:
    """Whether a call on a connection may end its transaction."""
    last = last_of(call)
    if is_commit(last) or last in ("rollback", "executescript", "__exit__", "__aexit__"):
        return True
    return executes(call) and _ENDS.match(_text(project, scope, call.args[0])) is not None


def writes_rows(project: Project, scope: Scope, statement: Node) -> bool:
    """Whether a statement certainly changes rows, by its first words."""
    if isinstance(statement, tree.Path) and "." not in statement.text:
        values = [value for value, _ in project[local_assignments, scope].get(statement.text, ())]
        if values:
            return all(value is not None and _WRITES.match(_text(project, scope, value)) for value in values)
    return _WRITES.match(_text(project, scope, statement)) is not None


def _text(project: Project, scope: Scope, statement: Node) -> str:
    """How a statement begins, `""` when that is not known."""
    node: Node | None = statement
    while isinstance(node, (tree.FString, tree.Binary)) or (
        isinstance(node, tree.Call) and isinstance(node.func, tree.Attribute)
    ):
        inner = node.parts if isinstance(node, tree.FString) else node.terms if isinstance(node, tree.Binary) else ()
        node = (inner[0] if inner else None) if not isinstance(node, tree.Call) else node.func.value
    folded = fold(project, scope, node, infer=False) if node is not None else None
    return folded if isinstance(folded, str) else ""


def makes_temporary(facts: Function) -> bool:
    """Whether a function makes a table that is gone with its connection anyway."""
    return any(
        isinstance(node, tree.Constant) and isinstance(node.value, str) and _TEMPORARY.search(node.value)
        for node in facts.nodes
    )


def handed(project: Project, scope: Scope, call: tree.Call, names: frozenset[str]) -> Writes | None:
    """What a call writes on a connection that it is given, None when it may end its transaction or keep it."""
    given = [place for place, value in _places(call) if getattr(value, "text", "") in names]
    answer = evaluate(project, scope, call.func) if given else None
    if not given or (isinstance(answer, Symbol) and answer.kind == "external" and answer.last in _LOOKED_AT):
        return ()
    called = target(project, answer) if answer is not None else None
    facts = function_facts(project, called) if called is not None else None
    if called is None or facts is None or facts.name == "__init__" or project[may_commit, called]:
        return None
    found: Writes = ()
    for place in given:
        name = _parameter(facts, place)
        writes = project[_written_on, (called, name)] if name else None
        if writes is None:
            return None
        found += writes
    return found


def _places(call: tree.Call) -> Iterator[tuple[int | str, Node]]:
    """The positions and names under which a call gives values, no positions after a starred one."""
    for index, each in enumerate(call.args):
        if isinstance(each, tree.Starred):
            break
        yield index, each
    for keyword in call.keywords:
        yield keyword.name or "", keyword.value


def _parameter(facts: Function, place: int | str) -> str:
    """The parameter that a value goes to, `""` when that is not known."""
    if isinstance(place, str):
        return place if any(each.name == place for each in facts.params) else ""
    bound = bool(facts.owner) and not any(last_of(each) == "staticmethod" for each in facts.decorators)
    names = [each.name for each in facts.params if each.kind in ("positional-only", "positional")]
    place += bound
    return names[place] if place < len(names) else ""


def _written_on(project: Project, key: tuple[Symbol, str]) -> Writes | None:
    """What a function writes on the connection in one of its parameters, None when it may end it or keep it."""
    function, name = key
    facts = function_facts(project, function)
    scope = (function.path, function.name)
    names = frozenset({name, *cursors(facts, name)}) if facts is not None else frozenset()
    if facts is None or makes_temporary(facts) or gets_out(project, function, facts, names):
        return None
    if any(_enters(node, name) for node in facts.nodes):
        return None
    found: Writes = ()
    for call in facts.call_nodes:
        if owner(call.func) in names:
            if is_ended(project, scope, call):
                return None
            if executes(call) and writes_rows(project, scope, call.args[0]):
                found += ((Location(function.path, call.at), written(call)),)
        inner = handed(project, scope, call, names)
        if inner is None:
            return None
        found += inner
    return found


def _enters(node: Node, name: str) -> bool:
    return isinstance(node, tree.With) and any(getattr(context, "text", "") == name for context, _ in node.items)


def written(call: tree.Call) -> str:
    """A call as one would speak of it."""
    return f"{getattr(call.func, 'text', 'execute')}()"
