"""What the parameters of a function are when nobody is seen calling it: sessions, and what dependencies give."""

from __future__ import annotations

from cdlint.facts.model import Function, Param
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import words
from cdlint.project.classes import class_member, function_facts
from cdlint.project.flow import walk
from cdlint.project.memo import CyclicFact
from cdlint.project.values import annotated, evaluate
from cdlint.rule import Evidence

from ._models import model, models
from ._names import PACKAGES
from ._providers import provider_of
from ._state_run import Frame, Run, wrapped
from ._state_values import Entity, Known, Ref, Session, State, Thing, Value, join

_DEPTH = 4


def parameters(run: Run, facts: Function, state: State, depth: int = _DEPTH) -> State:
    """The names of a function with what its parameters are."""
    frame = run.frame
    static = any(getattr(each, "last", "") == "staticmethod" for each in facts.decorators)
    for position, param in enumerate(facts.params):
        if position == 0 and facts.owner and not static:
            kind = "class" if any(getattr(d, "last", "") == "classmethod" for d in facts.decorators) else "instance"
            value: Value = Thing(Symbol(kind, frame.path, facts.owner))  # type: ignore[arg-type]
        else:
            value, state = _parameter(run, param, state, depth)
        if value is not None:
            state = state.bind(param.name, value)
    return state


def _parameter(run: Run, param: Param, state: State, depth: int) -> tuple[Value, State]:
    scope = (run.frame.path, run.frame.function)
    provider = provider_of(run.project, scope, param)
    if provider is not None and depth > 0:
        where, node = provider
        answer = evaluate(run.project, where, node)
        if isinstance(answer, Symbol) and answer.kind == "function":
            value, state = provided(run, answer, state, param.at, depth)
            if value is not None:
                return value, state
        if isinstance(answer, Symbol) and answer.kind == "class":
            return _made(run, answer, state, depth)
    return _said(run, param, state)


def _said(run: Run, param: Param, state: State) -> tuple[Value, State]:
    """What the annotation of a parameter says that it is."""
    try:
        found = annotated(run.project, (run.frame.path, run.frame.function), param.annotation)
    except CyclicFact:
        return None, state
    if not isinstance(found, Symbol):
        return None, state
    if found.kind == "instance":
        cls = Symbol("class", found.path, found.name)
        if run.project[model, cls] is not None:
            key = f"{run.frame.tag}{param.name}"
            entity = Entity(cls, "", None, "lost", (), run.frame.at(param.at), f"parameter `{param.name}`")
            return Ref(key), state.put(key, entity)
        return Thing(found), state
    value = wrapped(found, f"{run.frame.tag}{param.name}")
    return value, state


def given_instances(run: Run, facts: Function, names: dict[str, Value], state: State) -> tuple[dict[str, Value], State]:
    """The names of a function that is called, with the instances that only annotations of parameters tell."""
    for param in facts.params:
        if names.get(param.name) is None and not run.project[model_names].isdisjoint(words(param.annotation_code)):
            value, state = _said(run, param, state)
            names = {**names, param.name: value} if isinstance(value, Ref) else names
    return names, state


def model_names(project: Project) -> frozenset[str]:
    """The last names of the mapped classes."""
    return frozenset(cls.last for cls in project[models])


def promised(run: Run, init: Symbol, facts: Function, names: dict[str, Value]) -> dict[str, Value]:
    """What is given to a constructor, by its annotations where the values do not tell: a session, its maker."""
    found = dict(names)
    for param in facts.params[1:] if facts.params else ():
        held = found.get(param.name)
        is_told = not isinstance(held, Thing) or held.symbol.kind != "external"
        if param.annotation_code is None or (held is not None and is_told):
            continue
        if isinstance(held, Thing) and held.symbol.name.partition(".")[0] in PACKAGES:
            continue
        try:
            said = annotated(run.project, (init.path, init.name), param.annotation)
        except CyclicFact:
            continue
        if isinstance(said, Symbol) and said.kind == "external" and said.name.partition(".")[0] in PACKAGES:
            found[param.name] = wrapped(said, f"{run.frame.tag}{init.path}:{init.name}:{param.name}")
    return found


def provided(run: Run, provider: Symbol, state: State, at: At, depth: int) -> tuple[Value, State]:
    """What a dependency gives: what it returns, or what it yields first."""
    facts = function_facts(run.project, provider)
    if facts is None or provider in run.stack or run.left <= 0:
        return None, state
    outer, run.left = run.frame, run.left - 1
    step = Evidence(outer.at(at), f"`{provider.name}` provides it")
    # The same dependency gives the same object wherever it is asked for.
    run.frame = Frame(provider.path, provider.name, f"dep:{provider.path}:{provider.name}>", (*outer.chain, step), [])
    run.stack = (*run.stack, provider)
    inner = parameters(run, facts, State({}, state.heap), depth - 1)
    value, after = _result(run, facts, inner)
    if isinstance(value, Session):
        value = value._replace(key=f"dep:{provider.path}:{provider.name}")
    run.frame, run.stack = outer, run.stack[:-1]
    return value, State(state.names, after.heap)


def yielded(run: Run, manager: Symbol, values: tuple[Value, ...], state: State, at: At) -> tuple[Value, State]:
    """What a context manager yields."""
    facts = function_facts(run.project, manager)
    if facts is None or manager in run.stack or run.left <= 0:
        return None, state
    outer, run.left = run.frame, run.left - 1
    run.frame = Frame(manager.path, manager.name, f"{outer.tag}{at[0]}:{at[1]}>", outer.chain, [])
    run.stack = (*run.stack, manager)
    names = {param.name: value for param, value in zip(facts.params, values, strict=False)}
    value, after = _result(run, facts, State(names, state.heap))
    run.frame, run.stack = outer, run.stack[:-1]
    return value, State(state.names, after.heap)


def _result(run: Run, facts: Function, state: State) -> tuple[Value, State]:
    from ._state_calls import step_of

    outcome = walk(facts.body, state, lambda s, e: step_of(run, s, e), join, 4)
    found = list(run.frame.yields)
    if not facts.is_generator:
        found = [(each.names.get("<<returned>"), each) for each in outcome.returns]
    found = [each for each in found if each[0] != Known(None)]
    if not found or any(value != found[0][0] for value, _ in found):
        return None, state
    after = found[0][1]
    for _, each in found[1:]:
        after = after if after == each else join(after, each)
    return found[0][0], after


def _made(run: Run, cls: Symbol, state: State, depth: int) -> tuple[Value, State]:
    """A class as a dependency: its `__init__` is given what it depends on itself."""
    from ._state_calls import kept

    init = run.project[class_member, (cls, "__init__")]
    facts = function_facts(run.project, init) if isinstance(init, Symbol) else None
    thing = Thing(Symbol("instance", cls.path, cls.name))
    if facts is None or not isinstance(init, Symbol) or init in run.stack:
        return thing, state
    outer = run.frame
    run.frame = Frame(init.path, init.name, f"dep:{init.path}:{init.name}>", outer.chain, [])
    run.stack = (*run.stack, init)
    inner = parameters(run, facts, State({}, state.heap), depth - 1)
    run.frame, run.stack = outer, run.stack[:-1]
    return thing._replace(fields=kept(run, cls, init, facts, inner.names)), State(state.names, inner.heap)
