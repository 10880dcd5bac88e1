"""The calls by which a function certainly saves the row again that it was called about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_member, functions_of, resolve_in
from cdlint.project.flow import Step, walk
from cdlint.project.values import evaluate

from ._save_tests import SIGNALLED, Round, judged, said

_DEPTH = 3
_HARMLESS = frozenset({"staticmethod", "classmethod", "atomic"})
_STOPPING = frozenset({"disconnect", "mute_signals", "pause", "suspend"})
_NOTING = frozenset({"add", "append", "discard", "remove", "update", "pop", "clear", "setdefault"})


class Asked(NamedTuple):
    """A function with the parameter that holds the row, and what is known of the row."""

    function: Symbol
    name: str
    model: Symbol | None
    created: bool | None
    depth: int = _DEPTH


class Saving(NamedTuple):
    """A certain save. `how`: `save` of the row itself, `create` of another one of the same model, or a relation.

    `fields` are the columns of the row that tests on the way read. `chain` are the calls that lead there.
    """

    how: str
    at: At
    fields: frozenset[str]
    chain: tuple[tuple[Symbol, At], ...] = ()


class _State(NamedTuple):
    rows: frozenset[str]
    told: frozenset[str]
    made: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    tested: frozenset[str] = frozenset()
    guarded: bool = False


def savings(project: Project, asked: Asked) -> tuple[Saving, ...]:
    """What a function saves on some path that is taken again in the next round."""
    function = project[functions_of, asked.function.path].get(asked.function.name)
    if function is None or function.is_async or function.is_generator or not _may_save(function):
        return ()
    found: dict[At, Saving] = {}
    runner = _Runner(project, asked, function, found)
    told = SIGNALLED if asked.name == "instance" and asked.depth == _DEPTH else frozenset()
    walk(function.body, _State(frozenset({asked.name}), told), runner.step)
    return tuple(found[at] for at in sorted(found))


def _may_save(function: Function) -> bool:
    """Whether a function may save what it is given: a cheap look before its paths are followed."""
    return any(not call.startswith(("print", "log", "super")) for call in function.calls)


class _Runner:
    def __init__(self, project: Project, asked: Asked, function: Function, found: dict[At, Saving]) -> None:
        self.project, self.asked, self.function, self.found = project, asked, function, found
        self.scope = (asked.function.path, asked.function.name)

    def step(self, state: _State, step: Step) -> _State | None:
        if step.kind == "assume":
            about = Round(state.rows, self.asked.model, self.asked.created, state.told)
            verdict = judged(self.project, about, step.value, step.truth)
            if not verdict.possible:
                return None
            return state._replace(tested=state.tested | verdict.fields, guarded=state.guarded or verdict.guards)
        if step.kind in ("catch", "item"):
            return state._replace(guarded=True)
        if step.kind == "enter" and getattr(getattr(step.value, "func", step.value), "last", "") != "atomic":
            state = state._replace(guarded=True)
        for call in _certain(step.value):
            state = self.call(state, call)
        if step.kind in ("assign", "augment") and step.target is not None:
            state = self.assigned(state, step.target, step.value if step.kind == "assign" else None)
        return state

    def assigned(self, state: _State, target: Node, value: Node | None) -> _State:
        names = [node for node in tree.walk(target) if isinstance(node, tree.Path)]
        state = state._replace(told=state.told.difference([node.text for node in names]))
        if any(_is_shared(node) for node in names):
            return state._replace(guarded=True)
        if not isinstance(target, tree.Path):
            return state._replace(guarded=True) if any(node.root in state.rows for node in names) else state
        if "." in target.text:
            if target.root in state.rows:
                return state._replace(changed=state.changed | {target.text.split(".")[1]})
            return state
        rows, made = state.rows - {target.text}, state.made - {target.text}
        if isinstance(value, tree.Path) and value.text in state.rows:
            rows |= {target.text}
        elif isinstance(value, tree.Call) and self.is_model(state, value.func):
            made |= {target.text}
        elif self.is_same_row(state, value):
            rows |= {target.text}
        return state._replace(rows=rows, made=made)

    def is_model(self, state: _State, func: Node) -> bool:
        """Whether an expression is the model of the row."""
        if not isinstance(func, tree.Path) or self.asked.model is None:
            return False
        if func.text == "sender" or (func.root in state.rows and func.text.endswith(".__class__")):
            return True
        return resolve_in(self.project, *self.scope, func.text) == self.asked.model

    def is_same_row(self, state: _State, call: Node | None) -> bool:
        """`kwargs["instance"]` and `Model.objects.get(pk=instance.pk)`."""
        if call is not None and self.asked.name == "instance" and said(call) == "instance":
            return True
        if not isinstance(call, tree.Call) or not isinstance(call.func, tree.Path):
            return False
        if len(call.keywords) != 1 or call.args:
            return False
        owner, _, method = call.func.text.partition(".objects.")
        value = call.keywords[0].value
        given = isinstance(value, tree.Path) and value.root in state.rows and value.last in ("pk", "id")
        keyed = call.keywords[0].name in ("pk", "id")
        return keyed and given and method == "get" and self.is_model(state, tree.Path(owner, call.at))

    def call(self, state: _State, call: tree.Call) -> _State:
        func = call.func
        noting = isinstance(func, tree.Path) and _is_shared(func) and func.text.count(".") == 1 and func.last in _NOTING
        if noting or getattr(func, "last", "") in _STOPPING:
            return state._replace(guarded=True)
        if isinstance(func, tree.Attribute):
            if func.text == "save" and self.asked.name == "instance" and said(func.value) == "instance":
                self.note(state, "save", call.at)
            if func.text == "save" and isinstance(func.value, tree.Call) and self.is_model(state, func.value.func):
                self.note(state, "create", call.at)
            return state
        if not isinstance(func, tree.Path):
            return state
        root, _, rest = func.text.partition(".")
        if root in state.rows and rest and not rest.startswith("__class__"):
            return self.of_row(state, call, rest)
        if rest == "save" and root in state.made:
            self.note(state, "create", call.at)
        elif func.text.endswith((".objects.create", ".objects.update_or_create")):
            if self.is_model(state, tree.Path(func.text.rpartition(".objects.")[0], func.at)):
                self.note(state, "create" if func.last == "create" else "again", call.at)
        else:
            return self.helped(state, call)
        return state

    def of_row(self, state: _State, call: tree.Call, rest: str) -> _State:
        """A method of the row."""
        if rest == "save":
            self.note(state, "save", call.at)
            return state
        if rest.count(".") == 1 and rest.endswith(".save"):
            self.note(state, rest.partition(".")[0], call.at)
            return state
        if "." not in rest and self.asked.model is not None and self.asked.depth:
            found = self.project[class_member, (self.asked.model, rest)]
            if isinstance(found, Symbol) and found.kind == "function":
                self.follow(state, call, found, "self")
        return state._replace(changed=state.changed | {"*"})

    def helped(self, state: _State, call: tree.Call) -> _State:
        """A function that is given the row."""
        names = [getattr(node, "text", "") for node in call.args]
        named = {each.name: getattr(each.value, "text", "") for each in call.keywords}
        if state.rows.isdisjoint((*names, *named.values())):
            return state
        found = evaluate(self.project, self.scope, call.func) if self.asked.depth else None
        if isinstance(found, Symbol) and found.kind == "function":
            facts = self.project[functions_of, found.path].get(found.name)
            bound = facts is not None and bool(facts.owner) and "staticmethod" not in _decorators(facts)
            params = [param.name for param in facts.params[int(bound) :]] if facts is not None else []
            given = [param for param, name in zip(params, names, strict=False) if name in state.rows]
            given += [name for name, text in named.items() if text in state.rows and name in params]
            if facts is not None and _decorators(facts) <= _HARMLESS and given:
                self.follow(state, call, found, given[0])
        return state._replace(changed=state.changed | {"*"})

    def follow(self, state: _State, call: tree.Call, function: Symbol, name: str) -> None:
        inner = Asked(function, name, self.asked.model, None, self.asked.depth - 1)
        for each in self.project[savings, inner]:
            if not each.fields and each.how in ("save", "again", "create"):
                self.note(state, each.how, call.at, ((function, each.at), *each.chain))

    def note(self, state: _State, how: str, at: At, chain: tuple[tuple[Symbol, At], ...] = ()) -> None:
        """Take a save down that nothing on its way stops the next time."""
        changes = state.tested and ("*" in state.changed or not state.tested.isdisjoint(state.changed))
        if state.guarded or changes or (state.tested and how != "save"):
            return
        if how == "create" and self.asked.created is False:
            return
        if how != "create" and self.asked.created is True:
            return
        self.found.setdefault(at, Saving(how, at, state.tested, chain))


def _is_shared(node: tree.Path) -> bool:
    """Whether something is a class, a constant or a part of one: what is kept there is there the next time as well."""
    return node.root == "sender" or node.root[:1].isupper()


def _decorators(function: Function) -> set[str]:
    nodes = [each.func if isinstance(each, tree.Call) else each for each in function.decorators]
    return {getattr(each, "last", "?") for each in nodes}


def _certain(*nodes: Node) -> Iterator[tree.Call]:
    """The calls that run whenever an expression is evaluated, inner before outer."""
    for node in nodes:
        if node is None or isinstance(node, (tree.Lambda, tree.Comprehension)):
            continue
        if isinstance(node, tree.Boolean):
            yield from _certain(node.values[0])
        elif isinstance(node, tree.Conditional):
            yield from _certain(node.test)
        else:
            yield from _certain(*tree.children(node))
            if isinstance(node, tree.Call):
                yield node
