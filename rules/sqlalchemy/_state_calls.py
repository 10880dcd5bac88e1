"""Calls on a path: into functions of the repository, of constructors, and of what SQLAlchemy brings."""

from __future__ import annotations

from typing import TypeAlias

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At
from cdlint.project.answers import Symbol, external
from cdlint.project.classes import ancestry, class_member, function_facts
from cdlint.project.flow import Step, walk
from cdlint.rule import Evidence

from ._models import model
from ._names import outside_word
from ._state_classes import links
from ._state_mutable import MUTATORS
from ._state_provided import given_instances, promised
from ._state_queries import COLUMN_OPTIONS, LOADERS, Given, option, refined, started
from ._state_reads import changed_in_place, note_unset
from ._state_rounds import one_of
from ._state_run import Frame, Run, assigned, entered, item_of, wrapped
from ._state_schemas import serialised
from ._state_scopes import left, opened
from ._state_sessions import EXTENSION_CALLS, extension_call, listed, query_call, result_call, session_call
from ._state_templates import page_of, rendered
from ._state_tests import decided, shown
from ._state_values import (
    Entity,
    Fields,
    Items,
    Known,
    Many,
    Options,
    Ref,
    Result,
    Row,
    Session,
    State,
    Statement,
    Thing,
    Value,
    join,
    refs,
)
from ._statements import MAKERS, receiver_of
from ._version import is_two

Keywords: TypeAlias = tuple[tuple[str | None, object, Value], ...]
DEPTH = 4
_SAME = frozenset({"list", "tuple", "set", "sorted", "reversed", "iter", "frozenset"})
_NEUTRAL = frozenset({"staticmethod", "classmethod", "property", "cached_property", "override", "hybrid_property"})
_LOADING = frozenset({"set_committed_value", "run_sync", "greenlet_spawn", "make_transient", "selectinload"})
_VALIDATING = frozenset({"model_validate", "from_orm"})
_TRACKED = (Ref, Many, Row, Items, Fields, Result, Statement, Options, Session)
_RETURNED = "<<returned>"
_EXTENSION = "flask_sqlalchemy.SQLAlchemy()"


def call(run: Run, node: tree.Call, state: State, awaited: bool) -> tuple[Value, State]:
    """What a call gives, and what is known after it."""
    receiver = receiver_of(node)
    name = getattr(node.func, "last", "") if receiver is not None else ""
    value: Value = None
    if receiver is not None:
        value, state = run.value(receiver, state)
    elif isinstance(node.func, tree.Path):
        value, state = run.value(node.func, state)
    else:
        _, state = run.value(node.func, state)
    given, state = _arguments(run, node, state)
    if isinstance(value, Items) and name in MUTATORS and isinstance(receiver, tree.Path):
        more = given.values[:1] if name == "append" else ()
        return None, state.bind(receiver.text, Items((*value.items, *more)) if more else None)
    page = page_of(run.project, run.frame.path, node)
    if page:
        state = rendered(run, page, given, state, node.at)
    if receiver is not None and name in MUTATORS:
        state = changed_in_place(run, receiver, state, f".{name}(...)")
    if isinstance(value, Session):
        return session_call(run, value, name, given, state, node, awaited)
    if isinstance(value, Result):
        return result_call(run, value, name, given, state, node.at)
    if isinstance(value, Statement):
        if value.kind == "query":
            return query_call(run, value, name, given, state, node.at)
        return refined(value, name, given), state
    if isinstance(value, Options):
        return option(run.project, run.frame.place, name, given, value), state
    if isinstance(value, (Many, Items, Fields)):
        return _of_collection(value, name, given, state)
    return _other(run, value, name, given, state, node, awaited)


def _arguments(run: Run, node: tree.Call, state: State) -> tuple[Given, State]:
    values, keywords = [], []
    for each in node.args:
        value, state = run.value(each, state)
        values.append(one_of(run, value, node.at))
    for keyword in node.keywords:
        value, state = run.value(keyword.value, state)
        keywords.append((keyword.name, keyword.value, one_of(run, value, node.at)))
    return Given(node.args, tuple(values), tuple(keywords)), state


def _of_collection(value: Value, name: str, given: Given, state: State) -> tuple[Value, State]:
    if name in ("pop", "copy", "__getitem__"):
        return (value if name == "copy" else item_of(value)), state
    if name in ("all", "unique"):
        return value, state
    if name == "get" and isinstance(value, Fields) and given.values and isinstance(given.values[0], Known):
        return dict(value.items).get(given.values[0].value), state
    return None, state


def _other(
    run: Run, value: Value, name: str, given: Given, state: State, node: tree.Call, awaited: bool
) -> tuple[Value, State]:
    """A call of something that only its name tells, or a method of it."""
    if isinstance(value, Ref):
        held, state = run.read(value, name, state, node.at)
        thing = held if isinstance(held, Thing) and held.symbol.kind == "function" else None
        if thing is not None:
            return inline(run, thing.symbol, (value, *given.values), given.keywords, state, node.at, awaited)
        return None, state
    if name in _VALIDATING and isinstance(value, Thing) and value.symbol.kind == "class":
        first = given.values[0] if given.values else None
        return None, serialised(run, value.symbol, first, state, node.at)
    if (
        isinstance(value, Thing)
        and value.symbol.name == _EXTENSION
        and name in EXTENSION_CALLS
        and receiver_of(node) is not None
    ):
        return extension_call(run, name, given, state, node)
    if name and isinstance(value, Thing):
        own = _method(run, value, name)
        if own is not None:
            return inline(run, own, (value, *given.values), given.keywords, state, node.at, awaited)
        value, state = run.read(value, name, state, node.at)
        if isinstance(value, (Session, Result, Statement)):
            return value, state
    if not isinstance(value, Thing):
        return None, _escape(given, state)
    symbol = value.symbol
    if symbol.kind == "function":
        bound = dict(value.fields).get("self")
        values = (bound, *given.values) if bound is not None else given.values
        return inline(run, symbol, values, given.keywords, state, node.at, awaited)
    if symbol.kind == "class":
        return _constructed(run, symbol, given, state, node.at)
    if symbol.kind == "external":
        return _outside(run, symbol, given, state, node, awaited)
    return None, _escape(given, state)


def _method(run: Run, thing: Thing, name: str) -> Symbol | None:
    """The method of the repository that is called on an instance."""
    if thing.symbol.kind != "instance":
        return None
    if name in dict(thing.fields):
        return None
    found = run.project[class_member, (Symbol("class", thing.symbol.path, thing.symbol.name), name)]
    known = isinstance(found, Symbol) and found.kind == "function"
    facts = function_facts(run.project, found) if known and isinstance(found, Symbol) else None
    if facts is None or any(getattr(each, "last", "") == "staticmethod" for each in facts.decorators):
        return None
    return found if isinstance(found, Symbol) else None


def _escape(given: Given, state: State) -> State:
    """Something that is not followed is given instances, and may load what they have."""
    for value in given.every:
        if not isinstance(value, Session):
            state = state.lose(value)
    return state


def _outside(
    run: Run, symbol: Symbol, given: Given, state: State, node: tree.Call, awaited: bool
) -> tuple[Value, State]:
    """A call of something outside the repository."""
    kind, word = MAKERS.get(symbol.name, ""), outside_word(symbol.name)
    if kind == "select":
        flat = symbol.name.startswith("sqlmodel.") and len(given.nodes) == 1
        return started(run.project, run.frame.place, "select", given, run.frame.at(node.at), flat), state
    if word in LOADERS or word in COLUMN_OPTIONS:
        return option(run.project, run.frame.place, word, given, None), state
    if symbol.name == f"builtins.{symbol.last}":
        return _builtin(run, symbol.last, given, state, node.at)
    if awaited or symbol.last in _LOADING:
        return None, _escape(given, state)
    for ref in (ref for value in given.every for ref in refs(value)):
        # It may be a session that is not known as one.
        state = state.lose(ref) if ref.key in state.heap and state.heap[ref.key].phase == "new" else state
    made = wrapped(external(f"{symbol.name}()"), f"{run.frame.tag}{run.frame.path}:{node.at[0]}:{node.at[1]}")
    return made, state


def _builtin(run: Run, name: str, given: Given, state: State, at: At) -> tuple[Value, State]:
    first = given.values[0] if given.values else None
    if name in _SAME:
        if isinstance(first, Result) or (isinstance(first, Statement) and first.kind == "query"):
            return listed(run, first, state, at, "for")
        return (first if isinstance(first, (Many, Items)) else None), state
    if name == "next":
        return item_of(first), state
    if name == "dict" and not given.values:
        return Fields(tuple((key, value) for key, _, value in given.keywords if key is not None)), state
    return None, state


def _constructed(run: Run, cls: Symbol, given: Given, state: State, at: At) -> tuple[Value, State]:
    """A new instance: of a mapped class, or of another one with what its `__init__` keeps."""
    if run.project[model, cls] is not None:
        key = f"{run.frame.tag}new:{at[0]}:{at[1]}"
        phase = "lost" if given.values or any(name is None for name, _, _ in given.keywords) else "new"
        for name, _, value in given.keywords:
            if name is not None:
                note_unset(run, value, name, cls, state)
                if name in run.project[links, cls]:
                    # Adding the one adds the other, and what was given is what is read later.
                    state = state.lose(value).bind(f"<{key}.{name}>", value)
                    # Before 2.0 it comes into the session of what it is given.
                    phase = phase if run.project[is_two] else "lost"
        names = frozenset(name for name, _, _ in given.keywords if name is not None)
        entity = Entity(cls, "", None, phase, (), run.frame.at(at), f"{cls.last}(...)", names)
        return Ref(key), state.put(key, entity)
    fields = fields_of(run, cls, cls, given.values, given.keywords) if given.every else ()
    return Thing(Symbol("instance", cls.path, cls.name), fields), state


def fields_of(
    run: Run, cls: Symbol, above: Symbol, values: tuple[Value, ...], keywords: Keywords
) -> tuple[tuple[str, Value], ...]:
    """What the `__init__` of a class, looked for from one of its ancestors on, keeps of its arguments."""
    owners = run.project[ancestry, cls].first_party
    for owner in owners[owners.index(above) :] if above in owners else ():
        init = Symbol("function", owner.path, f"{owner.name}.__init__")
        facts = function_facts(run.project, init)
        if facts is not None:
            return kept(run, cls, init, facts, promised(run, init, facts, bound(facts, (None, *values), keywords)))
    return ()


def kept(
    run: Run, cls: Symbol, init: Symbol, facts: Function, names: dict[str, Value]
) -> tuple[tuple[str, Value], ...]:
    """What `self.name = parameter` keeps, in an `__init__` and in the one that it calls of its base."""
    found: dict[str, Value] = {}
    own = facts.params[0].name if facts.params else "self"
    frame, run.frame = run.frame, run.frame._replace(path=init.path, function=init.name)
    for node in facts.body:
        if isinstance(node, tree.Assign) and isinstance(node.value, tree.Path):
            held = names.get(node.value.text)
            for target in node.targets:
                if isinstance(target, tree.Path) and target.text.startswith(f"{own}.") and held is not None:
                    found[target.text[len(own) + 1 :]] = held
        call = node.value if isinstance(node, tree.Expression) else None
        if isinstance(call, tree.Call) and isinstance(call.func, tree.Attribute) and call.func.text == "__init__":
            given, _ = _arguments(run, call, State({key: held for key, held in names.items() if not refs(held)}, {}))
            owners = run.project[ancestry, cls].first_party
            here = Symbol("class", init.path, init.name.rpartition(".")[0])
            following = owners[owners.index(here) + 1 :] if here in owners else ()
            if following:
                found.update(fields_of(run, cls, following[0], given.values, given.keywords))
    run.frame = frame
    return tuple(found.items())


# Into functions


def bound(facts: Function, values: tuple[Value, ...], keywords: Keywords) -> dict[str, Value]:
    """What the parameters of a function are in one call."""
    names: dict[str, Value] = {}
    rest = list(values)
    named = {name: value for name, _, value in keywords if name is not None}
    for param in facts.params:
        if param.kind in ("positional", "positional-only") and rest:
            names[param.name] = rest.pop(0)
        elif param.name in named:
            names[param.name] = named[param.name]
        elif param.kind == "*":
            names[param.name], rest = Items(tuple(rest)), []
        elif isinstance(param.default, tree.Constant):
            names[param.name] = Known(param.default.value)
    return names


def inline(
    run: Run,
    symbol: Symbol,
    values: tuple[Value, ...],
    keywords: Keywords,
    state: State,
    at: At,
    awaited: bool,
) -> tuple[Value, State]:
    """Follow a call into a function of the repository."""
    facts = function_facts(run.project, symbol)
    every = (*values, *(value for _, _, value in keywords))
    concerned = any(isinstance(value, _TRACKED) for value in every) or symbol in run.worth
    if facts is None or not concerned or not _may_follow(run, facts, symbol, awaited):
        for value in every:
            state = state.lose(value)
        return None, state
    if any(getattr(each, "last", "") == "classmethod" for each in facts.decorators):
        values = (None, *values) if not (values and isinstance(values[0], Thing)) else values
    names = bound(facts, values, keywords)
    held = {key: value for key, value in state.names.items() if key.startswith("<") and key[1] != "<"}
    # The same call on another path, in the same state of the world.
    key = (symbol, run.frame.tag, at, tuple(names.items()), tuple(held.items()), tuple(state.heap.items()))
    if key not in run.done:
        run.done[key] = _followed(run, symbol, facts, {**names, **held}, state, at)
    value, kept, heap = run.done[key]
    return value, State({**state.names, **kept}, heap)


def _followed(
    run: Run, symbol: Symbol, facts: Function, names: dict[str, Value], state: State, at: At
) -> tuple[Value, dict[str, Value], dict[str, Entity]]:
    """What a call gives, what is known of attributes after it, and of instances."""
    outer, run.left = run.frame, run.left - 1
    step = Evidence(outer.at(at), f"calls `{symbol.name}`")
    run.frame = Frame(symbol.path, symbol.name, f"{outer.tag}{at[0]}:{at[1]}>", (*outer.chain, step), [])
    run.stack = (*run.stack, symbol)
    names, state = given_instances(run, facts, names, state)
    outcome = walk(facts.body, State(names, state.heap), lambda s, e: step_of(run, s, e), join, 4)
    results = [(each.names.get(_RETURNED), each) for each in outcome.returns]
    results += [(Known(None), each) for each in outcome.ends]
    run.frame, run.stack = outer, run.stack[:-1]
    if not results:
        # It always raises: what follows is not reached, so nothing is said about it.
        return None, {}, state.heap
    after = results[0][1]
    for _, each in results[1:]:
        after = after if after == each else join(after, each)
    found = [value for value, _ in results if value != Known(None)] or [Known(None)]
    kept = {key: value for key, value in after.names.items() if key.startswith("<") and key[1] != "<"}
    one = found[0] if all(value == found[0] for value in found) else None
    if one is None:
        for value in found:
            after = after.lose(value)
    return one, kept, after.heap


def _may_follow(run: Run, facts: Function, symbol: Symbol, awaited: bool) -> bool:
    if symbol in run.stack or len(run.stack) > DEPTH or run.left <= 0 or facts.is_generator:
        return False
    if facts.is_async and not awaited:
        return False
    return all(getattr(node, "last", "") in _NEUTRAL for node in facts.decorators)


def step_of(run: Run, state: State, each: Step) -> State | None:
    """What one step of a function does to what is known."""
    if each.kind == "assume":
        value = decided(run, each.value, state)
        possible = not isinstance(value, Known) or bool(value.value) is each.truth
        return shown(run, each.value, each.truth, state) if possible else None
    if each.kind == "item" and each.target is not None and each.value is not None:
        was, run.silent = run.silent, run.silent + 1
        value, state = run.value(each.value, state)
        run.silent = was
        if value is not None and isinstance(each.node, tree.For) and _is_replaced(each.node):
            value = None
        return entered(run, each.target, value, state, each.value.at)
    if each.kind == "enter":
        return opened(run, state, each)
    if each.kind == "leave":
        return left(run, state, each.value)
    if each.kind in ("define", "delete", "catch"):
        return state
    value, state = run.value(each.value, state)
    if each.kind == "assign" and each.target is not None:
        return assigned(run, each.target, value, state)
    if each.kind == "augment" and each.target is not None:
        return _augmented(run, each.target, state)
    if each.kind == "return":
        return State({**state.names, _RETURNED: value, "<<at>": Known(each.node.at)}, state.heap)
    return state


def _is_replaced(loop: tree.For) -> bool:
    """Whether the body assigns a name that the loop goes through: what it goes through stays what it was."""
    names = {each.root for each in tree.walk(loop.iterable) if isinstance(each, tree.Path)}
    return any(
        isinstance(target, tree.Path) and target.text in names
        for each in tree.walk(*loop.body)
        if isinstance(each, tree.Assign)
        for target in each.targets
    )


def _augmented(run: Run, target: tree.Node, state: State) -> State:
    """`document.tags += [...]` assigns, which a session sees."""
    _, state = run.value(target, state)
    return assigned(run, target, None, state)
