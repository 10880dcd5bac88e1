"""What goes wrong with instances on the paths of functions: every one of them is followed once, for all rules."""

from __future__ import annotations

from cdlint.backend.collected import provides
from cdlint.backend.responses import FailingRead, Response, failing_reads
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import function_facts, functions_of
from cdlint.project.flow import walk
from cdlint.project.memo import CyclicFact

from ._state_calls import call, step_of
from ._state_classes import links
from ._state_entries import answers, entries, handlers, holders
from ._state_provided import parameters
from ._state_reads import read_attribute
from ._state_run import Frame, Run, Seen
from ._state_schemas import serialised
from ._state_telling import cure
from ._state_values import Known, Ref, State, join

_SAVING = (".commit", ".flush", ".add", ".add_all", ".merge", ".save", ".update", ".begin", ".refresh")


def observed(project: Project, function: Symbol) -> tuple[Seen, ...]:
    """What goes wrong in a function and what it calls, for `(function)` as nobody in particular calls it."""
    facts = function_facts(project, function)
    if facts is None:
        return ()
    run = Run(project, Frame(function.path, function.name, "", (), []), project[holders])
    run.calling, run.reading, run.stack = call, read_attribute, (function,)
    try:
        start = parameters(run, facts, State({}, {}))
        outcome = walk(facts.body, start, lambda state, each: step_of(run, state, each), join, 8)
        response = project[_response_of, function]
        if function in project[handlers]:
            run.response = function
            for state in outcome.returns:
                _answered(run, response, state)
    except CyclicFact:
        return ()
    return tuple(run.seen.values())


def _answered(run: Run, response: Response | None, state: State) -> None:
    value, at = state.names.get("<<returned>"), state.names.get("<<at>")
    place = at.value if isinstance(at, Known) else (1, 0, 1, 0)
    if response is not None:
        serialised(run, response.shape, value, state, place)
    elif isinstance(value, Ref) and value.key in state.heap:
        entity = state.heap[value.key]
        if entity.expired is not None:
            run.read(value, "id", state, place)


def _response_of(project: Project, function: Symbol) -> Response | None:
    return project[answers].get(function)


def all_seen(project: Project) -> dict[str, tuple[Seen, ...]]:
    """Everything that goes wrong, by kind, each place once and with the shortest way to it."""
    best: dict[tuple[object, ...], Seen] = {}
    for function in project[entries]:
        for each in project[observed, function]:
            place = each.origin if each.kind == "loop" else each.at
            key = (each.kind, place, each.cls, each.name, each.response if each.kind != "loop" else None)
            if key not in best or len(each.chain) < len(best[key].chain):
                best[key] = each
    found: dict[str, list[Seen]] = {}
    for each in best.values():
        found.setdefault(each.kind, []).append(each)
    return {kind: tuple(sorted(seen, key=lambda each: (each.at, each.name))) for kind, seen in found.items()}


def lazy_reads(project: Project) -> tuple[Seen, ...]:
    """Relationships that code reads of instances of an async session, which cannot load them then."""
    return tuple(each for each in project[all_seen].get("lazy", ()) if not each.response)


def expired_reads(project: Project) -> tuple[Seen, ...]:
    """Attributes that are read of instances of an async session after its commit expired them."""
    return project[all_seen].get("expired", ())


def detached_reads(project: Project) -> tuple[Seen, ...]:
    """Attributes that are read of instances whose session is closed, and that are not loaded."""
    return tuple(each for each in project[all_seen].get("detached", ()) if not each.response)


def looped_reads(project: Project) -> tuple[Seen, ...]:
    """Relationships that are loaded for one instance after the other."""
    return project[all_seen].get("loop", ())


def unflushed_keys(project: Project) -> tuple[Seen, ...]:
    """Keys that are read of new instances before the database made them."""
    return tuple(
        each
        for kind in ("unflushed", "refresh")
        for each in project[all_seen].get(kind, ())
        if kind == "refresh" or not _assigns(project, each, frozenset(project[links, each.cls]))
    )


def misread_rows(project: Project) -> tuple[Seen, ...]:
    """Attributes of entities that are read of rows."""
    return project[all_seen].get("row", ())


def repeated_rows(project: Project) -> tuple[Seen, ...]:
    """Results joined with a collection that are not made unique."""
    return project[all_seen].get("unique", ())


def unseen_changes(project: Project) -> tuple[Seen, ...]:
    """Lists and dicts of columns that are changed in place."""
    return tuple(each for each in project[all_seen].get("mutable", ()) if not _is_told(project, each))


def _is_told(project: Project, each: Seen) -> bool:
    """Whether the function tells the session about the change, assigns the attribute, or has no use for saving it."""
    for function in _around(project, each):
        if any(call.endswith(("flag_modified", "flag_dirty")) for call in function.calls):
            return True
        if not any(call.endswith(_SAVING) for call in function.calls) and _is_shown(function, each):
            return True
        if any(_is_written(call, each.name) for call in function.call_nodes):
            return True
    return _assigns(project, each, frozenset({each.name}))


def _is_written(call: tree.Call, name: str) -> bool:
    """Whether a statement writes what was changed: `update(User).values(tags=user.tags)`."""
    value = call.keyword(name) if getattr(call.func, "last", "") == "values" else None
    return isinstance(value, tree.Path) and value.text.endswith(f".{name}")


def _is_shown(function: Function, each: Seen) -> bool:
    """Whether what was changed is given on from the same function, behind all changes."""
    reads = [node for node in function.nodes if isinstance(node, tree.Path) and node.text.endswith(f".{each.name}")]
    targets = [
        target.value.at
        for node in function.nodes
        if isinstance(node, tree.Assign)
        for target in node.targets
        if isinstance(target, tree.Subscript) and target.value is not None
    ]
    return any(node.at[:2] > each.at.at[:2] and node.at not in targets for node in reads)


def _assigns(project: Project, each: Seen, names: frozenset[str]) -> bool:
    """Whether the function assigns an attribute of one of these names."""
    return any(
        isinstance(target, tree.Path) and "." in target.text and target.last in names
        for function in _around(project, each)
        for node in function.nodes
        if isinstance(node, tree.Assign)
        for target in node.targets
    )


def _around(project: Project, each: Seen) -> list[Function]:
    """The functions whose lines hold the place."""
    every = project[functions_of, each.at.path].values()
    return [one for one in every if one.qualname and one.at[0] <= each.at.at[0] <= one.end_line]


@provides(failing_reads)
def failing(project: Project) -> tuple[FailingRead, ...]:
    """What the answers of endpoints read of instances that cannot load it any more."""
    found: dict[tuple[object, ...], FailingRead] = {}
    for kind in ("lazy", "detached"):
        for each in project[all_seen].get(kind, ()):
            if each.response is not None and each.reading is not None:
                # Two endpoints that answer with what one line loads are one defect.
                key = (each.reading[0], each.cls, each.name, each.origin)
                read = FailingRead(
                    each.response, *each.reading, each.cls, each.name, kind, each.origin, each.how, each.at, each.chain,
                    cure(each),
                )  # fmt: skip
                found.setdefault(key, read)
    return tuple(found.values())
