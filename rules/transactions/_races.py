"""Numbers that are read from a row, changed in Python and written back, with nothing against a second writer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.sessions import changes_in, dealings_in
from cdlint.backend.tables import tables
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.calls import calling, target
from cdlint.project.classes import class_facts, function_facts
from cdlint.project.memo import CyclicFact
from cdlint.project.places import is_aside
from cdlint.project.values import Scope, evaluate

from ._writes import blocks

_NUMBERS = frozenset(
    {
        "IntegerField", "PositiveIntegerField", "PositiveSmallIntegerField", "SmallIntegerField", "BigIntegerField",
        "PositiveBigIntegerField", "DecimalField", "FloatField", "Integer", "BigInteger", "SmallInteger", "Numeric",
        "Float", "Double", "DECIMAL", "INTEGER", "BIGINT", "SMALLINT", "NUMERIC", "FLOAT",
    }
)  # fmt: skip
_SAVES = frozenset({"save", "asave", "commit", "flush"})
_GETS = frozenset({"get", "first", "last", "earliest", "latest", "aget", "afirst", "alast"})
_PAIRS = frozenset({"get_or_create", "update_or_create", "aget_or_create", "aupdate_or_create"})
_SHORTCUTS = frozenset({"get_object_or_404", "aget_object_or_404"})
_GUARDS = ("select_for_update", "with_for_update", "lock", "Lock", "SERIALIZABLE", "LOCK", "mutex", "semaphore")
_GETTING = re.compile(r"_?(get|find|fetch|load|read|retrieve|by|require)(_|\Z)")
_LOCKING = ("_for_update", "_lock", "lock_", "Lock")
_LOCKS = ("lock", "semaphore", "mutex", "condition")
_OPERATORS = tuple(f"{length}{operator}" for length in ("\x01", "\x01\x00\x00\x00") for operator in "+-")
"""How the operators stand in an encoded body, after their length: without them nothing needs to be decoded."""
_ISOLATED = ("SERIALIZABLE", "REPEATABLE READ", "REPEATABLE_READ")
_ASIDE = frozenset({"scripts", "commands", "migrations", "tasks", "jobs", "cli", "cron", "versions", "integration",
                    "management", "alembic", "importers", "fixtures"})  # fmt: skip


class Race(NamedTuple):
    """`at` is the change; `loaded` where the row is read, None for a method of the model itself."""

    function: Symbol
    what: str
    at: At
    loaded: At | None
    saved: At
    model: Symbol


def numbers(project: Project) -> dict[Symbol, frozenset[str]]:
    """Model -> its numeric columns."""
    return {
        each.model: frozenset(
            c.attr
            for c in each.columns
            if c.type in _NUMBERS and not c.primary_key and not c.fk and not _is_counted(c.attr)
        )
        for each in project[tables]
        if each.model is not None
    }


def _is_counted(name: str) -> bool:
    """Whether a column counts the changes of its row, so that who comes too late is told."""
    return name in ("version", "revision") or name.endswith(("_version", "_revision"))


def _is_versioned(project: Project, model: Symbol) -> bool:
    facts = class_facts(project, model)
    return facts is not None and any("version_id_col" in repr(each.value_code) for each in facts.fields)


def writing(project: Project) -> tuple[Symbol, ...]:
    """The functions that save something and are run by requests, as far as their place tells."""
    return tuple(symbol for path in project.paths for symbol in project[_writing_in, path])


def _writing_in(project: Project, path: str) -> tuple[Symbol, ...]:
    if is_aside(path) or not _ASIDE.isdisjoint(path.replace(".py", "").split("/")):
        return ()
    return tuple(
        Symbol("function", path, each.qualname)
        for each in calling(project, path, _SAVES)
        if each.qualname
        and not any(each.mentions(word) for word in _GUARDS)
        and any(map(each.mentions, _OPERATORS))
        and any(True for _ in _changes(each.body))
    )


def _changes(body: tuple[Node, ...]) -> Iterator[tuple[tree.Path, At]]:
    """Where an attribute of a local name gets a value made of its old one."""
    for node in _statements(body):
        if isinstance(node, tree.AugAssign):
            if node.op.rstrip("=") in ("+", "-") and _is_attribute(node.target) and not _has_call(node.value, "F"):
                yield node.target, node.at
        elif isinstance(node, tree.Assign) and len(node.targets) == 1 and _is_attribute(node.targets[0]):
            value = node.value
            terms = value.terms if isinstance(value, tree.Binary) and value.op in ("+", "-") else ()
            again = any(getattr(term, "text", "") == node.targets[0].text for term in terms)
            if again and not _has_call(value, "F"):
                yield node.targets[0], node.at


def _statements(body: tuple[Node, ...]) -> Iterator[Node]:
    for node in body:
        yield node
        for inner in blocks(node):
            yield from _statements(inner)


def _is_attribute(target: Node) -> bool:
    return isinstance(target, tree.Path) and target.text.count(".") in (1, 2)


def _has_call(node: Node, name: str) -> bool:
    return any(getattr(call.func, "last", "") == name for call in tree.calls(node))


def races(project: Project, function: Symbol) -> Iterator[Race]:
    """Each changed attribute once."""
    facts = function_facts(project, function)
    if facts is None:
        return
    seen: set[str] = set()
    try:
        for target, at in _changes(facts.body):
            found = None if target.text in seen else _race(project, function, facts, target, at)
            if found is not None and not _is_isolated(project) and not _is_guarded(project, function, facts, at):
                seen.add(target.text)
                yield found
    except CyclicFact:
        return


def _is_guarded(project: Project, function: Symbol, facts: Function, at: At) -> bool:
    """Whether a block around a change may hold a lock."""
    for node in facts.nodes:
        if isinstance(node, tree.With) and tree.within(at, node.at):
            for context, _ in node.items:
                value = context.value if isinstance(context, tree.Await) else context
                func = value.func if isinstance(value, tree.Call) else value
                answer = evaluate(project, (function.path, function.name), func)
                called = target(project, answer)
                opened = function_facts(project, called) if called is not None else None
                if opened is not None and any(map(opened.mentions, _GUARDS)):
                    return True
                name = answer.name.lower() if isinstance(answer, Symbol) else ""
                if any(word in name for word in _LOCKS) or (not name and value is func):
                    return True
    return False


def _race(project: Project, function: Symbol, facts: Function, target: tree.Path, at: At) -> Race | None:
    scope = (function.path, function.name)
    name = target.root
    if target.text.count(".") == 2:
        return _through(project, function, facts, target, at)
    if facts.owner and facts.params and name == facts.params[0].name:
        model: Symbol | None = Symbol("class", function.path, facts.owner)
        loaded: At | None = None
        saved = _saved_with(facts, name, at)
        if saved is None or facts.name in ("save", "__init__", "clean"):
            return None
        if model is None or target.last not in project[numbers].get(model, ()):
            return None
        if not _called_on_loaded(project, model, facts.name):
            return None
    else:
        model, loaded, saved = _loaded(project, scope, facts, target, at)
    if model is None or saved is None or target.last not in project[numbers].get(model, ()):
        return None
    return None if _is_versioned(project, model) else Race(function, target.text, at, loaded, saved, model)


def reached(project: Project) -> dict[tuple[str, str], Symbol | None]:
    """(relation to one, numeric column) -> the model at its end; None where there are several such."""
    found: dict[tuple[str, str], set[Symbol]] = {}
    for each in project[tables]:
        for relation in each.relations:
            if relation.target is not None and relation.kind == "many-to-one":
                for column in project[numbers].get(relation.target, ()):
                    found.setdefault((relation.name, column), set()).add(relation.target)
    return {key: next(iter(models)) if len(models) == 1 else None for key, models in found.items()}


def _through(project: Project, function: Symbol, facts: Function, target: tree.Path, at: At) -> Race | None:
    """`line.item.stock -= 1`: the row behind a relation, where nothing of the file locks any."""
    root, relation, column = target.text.split(".")
    model = project[reached].get((relation, column))
    own = facts.params[0].name if facts.owner and facts.params else ""
    if model is None or root == own or _is_versioned(project, model):
        return None
    saved = _saved(project, (function.path, function.name), facts, f"{root}.{relation}", at)
    module = project.module(function.path)
    locks = module is None or any(each.mentions("_for_update") for each in module.functions)
    return None if saved is None or locks else Race(function, target.text, at, None, saved, model)


def _loaded(
    project: Project, scope: Scope, facts: Function, target: tree.Path, at: At
) -> tuple[Symbol | None, At | None, At | None]:
    """The model of a local name that was loaded here, where, and where it is saved."""
    values = [value for value, _ in project[local_assignments, scope].get(target.root, ())]
    pairs = list(_paired(facts.body, target.root))
    if len(pairs) == 1 and not [each for each in values if each is not None and each.at != pairs[0].at]:
        model = _of_manager(project, scope, pairs[0])
        return model, pairs[0].at, _saved_with(facts, target.root, at)
    value = values[0].value if values and isinstance(values[0], tree.Await) else values[0] if values else None
    if len(values) != 1 or not isinstance(value, tree.Call):
        return None, None, None
    model = _of_manager(project, scope, value)
    if model is not None:
        return model, value.at, _saved_with(facts, target.root, at)
    change = next((each for each in project[changes_in, Symbol("function", *scope)] if each.at == target.at), None)
    known = (m for m, columns in project[numbers].items() if target.last in columns and _names(value, m))
    model = next(known, None) if change is not None else None
    if change is None or model is None:
        model = _fetched(project, scope, value, target.last)
        return model, value.at, _saved(project, scope, facts, target.root, at) if model is not None else None
    ends = [
        event.at
        for dealing in project[dealings_in, Symbol("function", *scope)]
        if dealing.session == change.session or (change.shared and dealing.origin == "shared")
        for event in dealing.of("commit", "flush")
        if event.at > at
    ]
    return model, value.at, ends[0] if ends else None


def _fetched(project: Project, scope: Scope, value: tree.Call, column: str) -> Symbol | None:
    """The model of the row that a function of the repository says it gets, where its file locks none."""
    made = evaluate(project, scope, value)
    model = Symbol("class", made.path, made.name) if isinstance(made, Symbol) and made.kind == "instance" else None
    if model is None or column not in project[numbers].get(model, ()):
        return None
    getter = target(project, evaluate(project, scope, value.func))
    module = project.module(getter.path) if getter is not None else None
    if getter is None or module is None or not _GETTING.match(getter.last):
        return None
    return None if any(each.mentions(word) for each in module.functions for word in _LOCKING) else model


def _paired(body: tuple[Node, ...], name: str) -> Iterator[tree.Call]:
    """The calls of `get_or_create` and the like whose row a name is."""
    for node in _statements(body):
        if isinstance(node, tree.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], tree.Sequence):
            value = node.value.value if isinstance(node.value, tree.Await) else node.value
            first = node.targets[0].items[0] if node.targets[0].items else None
            called = getattr(value.func, "last", "") if isinstance(value, tree.Call) else ""
            if isinstance(value, tree.Call) and called in _PAIRS and getattr(first, "text", "") == name:
                yield value


def _names(value: tree.Call, model: Symbol) -> bool:
    return any(isinstance(each, tree.Path) and model.last in each.text.split(".") for each in tree.walk(value))


def _of_manager(project: Project, scope: Scope, value: tree.Call) -> Symbol | None:
    """The model whose manager a row is loaded with."""
    last = getattr(value.func, "last", "")
    if last in _SHORTCUTS and value.args:
        path = value.args[0]
    elif last in _GETS or last in _PAIRS:
        path = value.func
        while isinstance(path, (tree.Call, tree.Attribute)):
            path = path.func if isinstance(path, tree.Call) else path.value
        if not isinstance(path, tree.Path) or ".objects" not in path.text:
            return None
    else:
        return None
    while isinstance(path, (tree.Call, tree.Attribute)):
        path = path.func if isinstance(path, tree.Call) else path.value
    if not isinstance(path, tree.Path):
        return None
    answer = evaluate(project, scope, tree.Path(path.text.partition(".objects")[0], path.at))
    return answer if isinstance(answer, Symbol) and answer in project[numbers] else None


def _saved_with(facts: Function, name: str, at: At) -> At | None:
    """Where `name.save()` is called after the change."""
    return next(
        (
            call.at
            for call in facts.call_nodes
            if getattr(call.func, "text", "") in (f"{name}.save", f"{name}.asave") and call.at > at
        ),
        None,
    )


def _saved(project: Project, scope: Scope, facts: Function, name: str, at: At) -> At | None:
    """Where a row is saved after the change, by itself or with all others of a session."""
    dealings = project[dealings_in, Symbol("function", *scope)]
    ends = (end.at for each in dealings for end in each.of("commit", "flush") if end.at > at)
    return _saved_with(facts, name, at) or next(ends, None)


def _called_on_loaded(project: Project, model: Symbol, name: str) -> bool:
    """Whether a method is called on rows that were loaded for it, and never where something is locked."""
    loaded = False
    for path in project.paths:
        for each in calling(project, path, frozenset({name})) if not is_aside(path) else ():
            if any(map(each.mentions, _GUARDS)):
                return False
            loaded = loaded or _loads_for(project, (path, each.qualname), each, model, name)
    return loaded


def _loads_for(project: Project, scope: Scope, facts: Function, model: Symbol, name: str) -> bool:
    for call in facts.call_nodes:
        if getattr(call.func, "last", "") != name:
            continue
        owner: Node | None = call.func.value if isinstance(call.func, tree.Attribute) else None
        if isinstance(call.func, tree.Path) and call.func.text.count(".") == 1:
            values = [value for value, _ in project[local_assignments, scope].get(call.func.root, ())]
            owner = values[0] if len(values) == 1 else None
        owner = owner.value if isinstance(owner, tree.Await) else owner
        if isinstance(owner, tree.Call) and _of_manager(project, scope, owner) == model:
            return True
    return False


def _is_isolated(project: Project) -> bool:
    return any(project[_isolates, path] for path in project.paths)


def _isolates(project: Project, path: str) -> bool:
    module = project.module(path)
    return module is not None and any(each.mentions(word) for each in module.functions for word in _ISOLATED)
