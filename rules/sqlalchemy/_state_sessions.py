"""What the methods of sessions, results and queries do to the instances in sight, and what they give."""

from __future__ import annotations

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import functions_of
from cdlint.project.places import is_aside
from cdlint.rule import Location

from ._names import imports_it
from ._registry import is_related
from ._session_places import sqlalchemy_sessions
from ._state_queries import Given, joined_collection, refined, started
from ._state_run import Run
from ._state_values import (
    Entity,
    Items,
    Known,
    Many,
    Options,
    Page,
    Ref,
    Result,
    Row,
    Session,
    State,
    Statement,
    Value,
    options_about,
    refs,
)
from ._statements import receiver_of

LISTS = frozenset({"all", "fetchall", "partitions", "fetchmany", "unique_all"})
ONES = frozenset(
    {
        "first", "one", "one_or_none", "fetchone", "scalar", "scalar_one", "scalar_one_or_none", "first_or_404",
        "one_or_404",
    }
)  # fmt: skip
_STRICT = frozenset({"all", "fetchall", "one", "one_or_none", "fetchone", "scalar_one", "scalar_one_or_none", "for"})
"""What fails on rows that are joined with a collection unless they are made unique."""
_SCALARS = frozenset({"scalar", "scalar_one", "scalar_one_or_none"})


def expires(project: Project, is_async: bool) -> bool | None:
    """Whether a commit expires the instances of all sessions of a kind; None when they differ or are not known."""
    makers = [
        each
        for each in project[sqlalchemy_sessions]
        if each.kind in ("factory", "scoped") or (each.kind == "session" and each.expire_on_commit is not None)
    ]
    own = {each.expire_on_commit for each in makers if each.is_async == is_async}
    # `sessionmaker(class_=AsyncSession)` does not look like one of the other kind.
    found = own | {each.expire_on_commit for each in makers if each.expire_on_commit is not True}
    if found == {False}:
        return False
    return True if found == {True} and own and not project[_may_keep] else None


def _may_keep(project: Project) -> bool:
    """Whether some code says `expire_on_commit` in a way that is not seen as an option of a session."""
    seen = {each.at for each in project[sqlalchemy_sessions] if each.expire_on_commit is not None}
    return any(
        _says_otherwise(path, function, seen)
        for path in project.paths
        if not is_aside(path) and project[imports_it, path]
        for function in project[functions_of, path].values()
        if function.mentions("expire_on_commit")
    )


def _says_otherwise(path: str, function: Function, seen: set[Location]) -> bool:
    for node in function.nodes:
        if isinstance(node, tree.Call) and node.keyword("expire_on_commit") is not None:
            if Location(path, node.at) not in seen:
                return True
        elif "expire_on_commit" in (getattr(node, "last", ""), getattr(node, "value", "")):
            return True
    return False


# Sessions


def session_call(
    run: Run, session: Session, name: str, given: Given, state: State, call: tree.Call, awaited: bool
) -> tuple[Value, State]:
    """What a method of a session gives and does."""
    is_async = True if awaited else session.is_async if session.sure else None if name in _WAITING else False
    if name in _WAITING and session.is_async and not awaited:
        is_async = None
    session = session._replace(is_async=is_async if name in _WAITING else session.is_async)
    if awaited and name in _CHANGES:
        session = session._replace(is_async=True)
        for key, entity in state.heap.items():
            if entity.session == session.key and not entity.is_async:
                state = state.change(key, is_async=True)
    first = given.get(0, "statement")
    if name in ("execute", "scalars", "scalar", "exec", "stream", "stream_scalars"):
        return _executed(run, session, name, first, given, state, call.at)
    if name == "query":
        statement = started(run.project, run.frame.place, "query", given, run.frame.at(call.at), False)
        return statement._replace(session=session._replace(is_async=False)), state
    if name in ("get", "get_one", "get_or_404"):
        return _got(run, session, given, state, call)
    done = _CHANGES.get(name)
    return done(run, session, given, state, call.at) if done is not None else (None, _others(name, state))


_WAITING = frozenset(
    {"execute", "scalars", "scalar", "exec", "stream", "stream_scalars", "get", "get_one", "get_or_404"}
)


def _others(name: str, state: State) -> State:
    if name in ("run_sync", "expire", "expire_all", "expunge", "expunge_all", "merge", "bulk_save_objects"):
        for key in state.heap:
            state = state.lose(Ref(key))
    return state


def _executed(
    run: Run, session: Session, name: str, statement: Value, given: Given, state: State, at: At
) -> tuple[Value, State]:
    state = _asked(run, statement, state)
    if not isinstance(statement, Statement) or statement.kind != "select":
        return None, state
    options = given.get(9, "options")
    if options is not None:
        statement = refined(statement, "options", Given((), (options,), ())) or statement
    flat = name in ("scalars", "scalar", "stream_scalars") or (name == "exec" and statement.flat)
    result = Result("scalars" if flat else "rows", statement, session, session.is_async, run.frame.at(at))
    if name == "scalar":
        return _one(run, result, state, at)
    return result, state


def _asked(run: Run, statement: Value, state: State) -> State:
    """A query writes what is pending, and loads again what it finds of what was expired."""
    for key, entity in state.heap.items():
        related = not isinstance(statement, Statement) or any(
            column is None or is_related(run.project, column, entity.cls) for column in statement.columns
        )
        if entity.phase == "pending" or (entity.expired is not None and related and entity.detached is None):
            state = state.lose(Ref(key))
    return state


def _got(run: Run, session: Session, given: Given, state: State, call: tree.Call) -> tuple[Value, State]:
    """`session.get(User, 1, options=[...])`."""
    shown = given._replace(nodes=given.nodes[:1] or tuple(n for k, n, _ in given.keywords if k == "entity"))
    statement = started(run.project, run.frame.place, "get", shown, run.frame.at(call.at), False)
    cls = statement.columns[0] if len(statement.columns) == 1 else None
    if cls is None:
        return None, state
    options = given.get(9, "options")
    if options is not None:
        statement = refined(statement, "options", Given((), (options,), ())) or statement
    state = _asked(run, statement, state)
    return _instance(run, statement, cls, session, state, call.at, 0)


def _instance(
    run: Run, statement: Statement, cls: Symbol, session: Session, state: State, at: At, index: int
) -> tuple[Value, State]:
    """An instance that a session loads here."""
    key = f"{run.frame.tag}{run.frame.path}:{at[0]}:{at[1]}:{index}"
    chosen = options_about(statement, lambda each: is_related(run.project, each, cls))
    phase = "lost" if chosen.open or session.is_async is None else "stored"
    how = f"{statement.kind}({cls.last})"
    entity = Entity(cls, session.key, session.is_async, phase, chosen.loads, statement.at, how, same=statement.same)
    names = {name: value for name, value in state.names.items() if not name.startswith(f"<{key}")}
    heap = {old: each for old, each in state.heap.items() if not old.startswith(f"{key}.")}
    return Ref(key), State(names, heap).put(key, entity)


def _add(run: Run, session: Session, given: Given, state: State, at: At) -> tuple[Value, State]:
    for value in given.values:
        for ref in refs(value):
            entity = state.heap.get(ref.key)
            if entity is not None and entity.phase in ("new", "pending"):
                state = state.change(ref.key, phase="pending", session=session.key, is_async=session.is_async)
            elif entity is not None and not entity.session:
                state = state.change(ref.key, session=session.key, is_async=session.is_async)
    return None, state


def _flush(run: Run, session: Session, given: Given, state: State, at: At) -> tuple[Value, State]:
    for key, entity in state.heap.items():
        if entity.phase == "pending":
            same = entity.session == session.key
            state = state.change(key, phase="stored") if same else state.lose(Ref(key))
    return None, state


def _commit(run: Run, session: Session, given: Given, state: State, at: At) -> tuple[Value, State]:
    return None, ended(run, session, state, at, "commit")


def _rollback(run: Run, session: Session, given: Given, state: State, at: At) -> tuple[Value, State]:
    return None, ended(run, session, state, at, "rollback")


def ended(run: Run, session: Session, state: State, at: At, why: str) -> State:
    """A transaction ends: its instances are expired."""
    if why == "commit":
        _, state = _flush(run, session, Given((), (), ()), state, at)
    for key, entity in state.heap.items():
        if entity.phase == "new" or entity.detached is not None or not entity.session:
            continue
        if entity.session != session.key or entity.phase == "pending":
            state = state.lose(Ref(key))
            continue
        expire = True if why == "rollback" else run.project[expires, bool(entity.is_async)]
        if expire is None:
            state = state.lose(Ref(key))
        elif expire and entity.phase in ("stored", "lost"):
            state = state.change(key, phase="stored", expired=run.frame.at(at), why=why, assigned=frozenset())
    return state


def _refresh(run: Run, session: Session, given: Given, state: State, at: At) -> tuple[Value, State]:
    names = given.get(1, "attribute_names")
    for ref in refs(given.get(0, "instance")):
        entity = state.heap.get(ref.key)
        if entity is None:
            continue
        if entity.phase in ("new", "pending"):
            if entity.phase == "pending":
                run.tell("refresh", at, entity.cls, "", origin=entity.origin, how=entity.how)
            state = state.lose(ref)
        elif names is None and given.node(1, "attribute_names") is None:
            state = state.change(ref.key, expired=None, assigned=frozenset())
        elif isinstance(names, Items) and all(isinstance(each, Known) for each in names.items):
            more = frozenset(each.value for each in names.items)
            state = state.change(ref.key, assigned=entity.assigned | more)
            state = state.change(ref.key, expired=None, phase=entity.phase if entity.expired is None else "lost")
        else:
            state = state.lose(ref)
    return None, state


def _close(run: Run, session: Session, given: Given, state: State, at: At) -> tuple[Value, State]:
    return None, detached(run, session, state, at)


def detached(run: Run, session: Session, state: State, at: At) -> State:
    """A session is closed: its instances are on their own."""
    for key, entity in state.heap.items():
        if entity.session == session.key and entity.phase == "stored":
            state = state.change(key, detached=run.frame.at(at))
        elif entity.session == session.key:
            state = state.lose(Ref(key))
    return state


def _delete(run: Run, session: Session, given: Given, state: State, at: At) -> tuple[Value, State]:
    for value in given.values:
        for ref in refs(value):
            state = state.change(ref.key, phase="gone")
    return None, state


_CHANGES = {
    "add": _add, "add_all": _add, "flush": _flush, "commit": _commit, "rollback": _rollback, "refresh": _refresh,
    "close": _close, "aclose": _close, "delete": _delete,
}  # fmt: skip


EXTENSION_CALLS = {"get_or_404": "get", "first_or_404": "scalar", "one_or_404": "scalar", "paginate": ""}
"""What Flask-SQLAlchemy's extension has of its own over its session, with the session's method that it is."""


def extension_call(run: Run, name: str, given: Given, state: State, call: tree.Call) -> tuple[Value, State]:
    """What such a call gives."""
    session = Session(f"{getattr(receiver_of(call), 'text', '')}.session", False)
    if EXTENSION_CALLS[name]:
        return session_call(run, session, EXTENSION_CALLS[name], given, state, call, False)
    asked = given.get(0, "select")
    if not isinstance(asked, Statement) or asked.kind != "select":
        return None, state
    return paged(run, Result("scalars", asked, session, False, run.frame.at(call.at), True), state, call.at)


# Results and queries


def result_call(run: Run, result: Result, name: str, given: Given, state: State, at: At) -> tuple[Value, State]:
    """What a method of a result gives."""
    if name == "unique":
        return result._replace(unique=True), state
    if name == "scalars":
        index = given.get(0, "index")
        known = index is None or index == Known(0)
        return (result._replace(shape="scalars") if known else None), state
    if name in ("tuples", "yield_per", "freeze"):
        return result, state
    if name in LISTS:
        return listed(run, result, state, at, name)
    return _one(run, result, state, at, name) if name in ONES else (None, state)


def query_call(run: Run, query: Statement, name: str, given: Given, state: State, at: At) -> tuple[Value, State]:
    """What a method of a legacy query gives."""
    session = query.session or Session("", False)
    cls = query.columns[0] if len(query.columns) == 1 else None
    if name in LISTS:
        return listed(run, query, state, at, name)
    if name == "paginate":
        return paged(run, query, state, at)
    if name in ("get", "get_or_404", "first", "one", "one_or_none", "first_or_404", "one_or_404"):
        state = _asked(run, query, state)
        return _instance(run, query, cls, session, state, at, 0) if cls is not None else (None, state)
    return refined(query, name, given), state


def listed(run: Run, value: Result | Statement, state: State, at: At, how: str) -> tuple[Value, State]:
    """All that a result or a query holds."""
    if isinstance(value, Statement):
        session = value.session or Session("", False)
        state = _asked(run, value, state)
        shape = "scalars" if len(value.columns) == 1 else "rows"
        value = Result(shape, value, session, session.is_async, run.frame.at(at), True)
    item, state = _row(run, value, state, at, how)
    return Many(item, None if value.statement.single else value.at), state


def paged(run: Run, value: Result | Statement, state: State, at: At) -> tuple[Value, State]:
    """One page of what a result or a query holds."""
    held, state = listed(run, value, state, at, "all")
    return (Page(held) if isinstance(held, Many) else None), state


def _one(run: Run, result: Result, state: State, at: At, name: str = "scalar") -> tuple[Value, State]:
    shaped = result._replace(shape="scalars") if name in _SCALARS else result
    return _row(run, shaped, state, at, name)


def _row(run: Run, result: Result, state: State, at: At, how: str) -> tuple[Value, State]:
    """One row of a result, or the first of its columns."""
    statement = result.statement
    values: list[Value] = []
    session = result.session._replace(is_async=result.is_async)
    place = result.at.at
    for index, cls in enumerate(statement.columns):
        value: Value = None
        if cls is not None:
            value, state = _instance(run, statement, cls, session, state, place, index)
            if index == 0 and how in _STRICT and not result.unique and not statement.open:
                _check_unique(run, cls, statement, at)
        values.append(value)
    if result.shape == "scalars":
        return (values[0] if values else None), state
    return Row(tuple(values), statement, result.at), state


def _check_unique(run: Run, cls: Symbol, statement: Statement, at: At) -> None:
    options: Options = options_about(statement, lambda each: is_related(run.project, each, cls))
    found = joined_collection(run.project, cls, options.loads)
    if found is not None:
        name, by_mapper = found
        why = "mapper" if by_mapper else ""
        run.tell("unique", at, cls, name, origin=statement.at, how=f"{statement.kind}({cls.last})", why=why)
