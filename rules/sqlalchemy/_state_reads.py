"""What reading and setting attributes of instances, rows and other values does on a path."""

from __future__ import annotations

from cdlint.facts import tree
from cdlint.facts.tree import At, Node
from cdlint.project.answers import Symbol
from cdlint.project.classes import function_facts

from ._registry import is_related
from ._state_classes import LAZY, Link, columns, is_required, links, made_by_database, member_of, references
from ._state_mutable import is_untracked
from ._state_rounds import is_once
from ._state_run import UNSET, Run
from ._state_values import (
    Entity,
    Fields,
    Known,
    Many,
    Options,
    Page,
    Ref,
    Row,
    Session,
    State,
    Statement,
    Thing,
    Value,
    beyond,
    loaded,
    options_about,
)

AWAITABLE = Symbol("external", "", "awaitable_attrs")
_ROW = frozenset({"count", "index", "tuple", "t"})


def read_attribute(run: Run, value: Value, name: str, state: State, at: At) -> tuple[Value, State]:
    """What an attribute of a value is, and what is known after it was read."""
    if isinstance(value, Ref) and value.key not in state.heap:
        return None, state
    if isinstance(value, Ref):
        return _of_instance(run, value, name, state, at)
    if isinstance(value, Row):
        return _of_row(run, value, name, at), state
    if isinstance(value, Session):
        return (value if name in ("session", "sync_session") else None), state
    if isinstance(value, (Fields, Page)):
        held = value.held if isinstance(value, Page) and name == "items" else None
        return (dict(value.items).get(name) if isinstance(value, Fields) else held), state
    if isinstance(value, Statement):
        return None, state
    if isinstance(value, Thing):
        if value.symbol == AWAITABLE:
            ref = value.fields[0][1]
            return _loaded_now(run, ref, name, state)
        known = dict(value.fields)
        return (known[name] if name in known else run.attribute_of(value, name)), state
    return None, state


def _of_row(run: Run, row: Row, name: str, at: At) -> Value:
    classes = [column for column in row.statement.columns if column is not None]
    for column, value in zip(row.statement.columns, row.columns, strict=False):
        if column is not None and column.last == name:
            return value
    if len(classes) == len(row.statement.columns) and name not in _ROW and not name.startswith("_"):
        origin = row.statement.at
        if any(name in run.project[links, cls] or name in run.project[columns, cls] for cls in classes):
            run.tell("row", at, classes[0], name, origin=origin, how=_written(row.statement), since=None)
    return None


def _written(statement: Statement) -> str:
    names = ", ".join(column.last if column is not None else "..." for column in statement.columns)
    return f"{statement.kind}({names})"


def _of_instance(run: Run, ref: Ref, name: str, state: State, at: At) -> tuple[Value, State]:
    entity = state.heap[ref.key]
    if name == "awaitable_attrs":
        return Thing(AWAITABLE, (("of", ref),)), state
    link = run.project[links, entity.cls].get(name)
    if link is not None:
        return _follow(run, ref, entity, link, state, at)
    if name in entity.assigned:
        return None, state
    if name in run.project[columns, entity.cls]:
        if entity.phase in ("new", "pending"):
            unset = name == run.project[made_by_database, entity.cls]
            return (Thing(UNSET, (("of", ref), ("name", Known(name)), ("at", Known(at)))) if unset else None), state
        return None, _column_read(run, ref, entity, name, state, at)
    member = member_of(run.project, entity.cls, name)
    if isinstance(member, Symbol) and member.kind == "function":
        facts = function_facts(run.project, member)
        decorators = {getattr(node, "last", "") for node in (facts.decorators if facts is not None else ())}
        if decorators & {"property", "cached_property", "hybrid_property"}:
            from ._state_calls import inline

            return inline(run, member, (ref,), (), state, at, False)
        return Thing(member, (("self", ref),)), state
    return None, state


def _column_read(run: Run, ref: Ref, entity: Entity, name: str, state: State, at: At) -> State:
    """A column that was expired is read from the database again."""
    if entity.phase != "stored" or entity.expired is None:
        return state
    if entity.detached is not None:
        _tell(run, "detached", at, entity, name, entity.detached)
    elif entity.is_async:
        _tell(run, "expired", at, entity, name, entity.expired)
    else:
        return state.change(ref.key, expired=None)
    return state.lose(ref)


def _tell(run: Run, kind: str, at: At, entity: Entity, name: str, since: object) -> None:
    run.tell(
        kind, at, entity.cls, name, origin=entity.origin, how=entity.how, since=since, why=entity.why,
        parents=entity.parents,
    )  # fmt: skip


def _follow(run: Run, ref: Ref, entity: Entity, link: Link, state: State, at: At) -> tuple[Value, State]:
    """A relationship is read: loaded before, loaded now, or not to be loaded."""
    how = loaded(entity.loads, link.name) or link.lazy
    fresh = entity.phase == "stored" and link.name not in entity.assigned
    if not link.collection and f"{ref.key}.{link.name}" not in state.heap and _is_at_hand(run, ref, link, state):
        # It may be the same instance for all of them, such as the one that a loop's rows belong to.
        ref = Ref(ref.key)
    if fresh and entity.expired is not None and how is not None:
        state = _column_read(run, ref, entity, link.name, state, at)
        entity = state.heap[ref.key]
    elif fresh and how in LAZY:
        _unloaded(run, ref, entity, link, state, at)
    state = state.change(ref.key, assigned=entity.assigned | {link.name})
    given = f"<{ref.key}.{link.name}>"
    if given in state.names:
        return state.names[given], state
    return _reached(run, ref, state.heap[ref.key], link, how, state, at)


def _unloaded(run: Run, ref: Ref, entity: Entity, link: Link, state: State, at: At) -> None:
    if entity.detached is not None:
        _tell(run, "detached", at, entity, link.name, entity.detached)
        return
    if not link.collection and _is_at_hand(run, ref, link, state):
        return
    if entity.is_async:
        _tell(run, "lazy", at, entity, link.name, None)
    elif entity.is_async is False and ref.each and not loaded(entity.loads, link.name) and not is_once(run, at):
        if not link.collection and entity.same & run.project[references, (entity.cls, link.name)]:
            # All of them refer to one row, which the session keeps.
            return
        _tell(run, "loop", at, entity, link.name, None)


def _is_at_hand(run: Run, ref: Ref, link: Link, state: State) -> bool:
    """Whether an instance that may be the one at the other end is in the session already."""
    if link.target is None:
        return True
    return any(key != ref.key and is_related(run.project, other.cls, link.target) for key, other in state.heap.items())


def _reached(
    run: Run, ref: Ref, entity: Entity, link: Link, how: str | None, state: State, at: At
) -> tuple[Value, State]:
    """The instance or instances behind a relationship."""
    if link.target is None or link.collection is None or how in (None, "dynamic", "write_only", "raise", "noload"):
        return None, state
    key = f"{ref.key}.{link.name}"
    if key not in state.heap:
        lost = entity.phase != "stored" or len(key) > 160
        state = state.put(
            key,
            entity._replace(
                cls=link.target,
                loads=beyond(entity.loads, link.name, link.target),
                phase="lost" if lost else "stored",
                assigned=frozenset(),
                same=frozenset(),
                parents=(*entity.parents, f"{entity.cls.last}.{link.name}"),
            ),
        )
    item = Ref(key, ref.each)
    return (Many(Ref(key), run.frame.at(at)) if link.collection else item), state


def _loaded_now(run: Run, ref: Ref, name: str, state: State) -> tuple[Value, State]:
    """`await user.awaitable_attrs.posts` loads what it names."""
    entity = state.heap[ref.key]
    link = run.project[links, entity.cls].get(name)
    state = state.change(ref.key, assigned=entity.assigned | {name}, expired=None)
    if link is None:
        return None, state
    return _reached(run, ref, state.heap[ref.key], link, "select", state, (0, 0, 0, 0))


# Setting


def set_attribute(run: Run, target: tree.Path, value: Value, state: State) -> State:
    """`user.name = value`."""
    owner, _, name = target.text.rpartition(".")
    held, state = run.value(tree.Path(owner, target.at), state)
    if not isinstance(held, Ref) or held.key not in state.heap:
        return state.bind(target.text, value)
    entity = state.heap[held.key]
    own = isinstance(value, Thing) and value.symbol == UNSET and dict(value.fields)["of"].key == held.key
    if not own:
        note_unset(run, value, name, entity.cls, state)
    link = run.project[links, entity.cls].get(name)
    if link is not None and link.collection and entity.phase == "stored" and name not in entity.assigned:
        # The old items are loaded to be compared with the new ones.
        how = loaded(entity.loads, name) or link.lazy
        if how in LAZY and entity.is_async and entity.expired is None and entity.detached is None:
            _tell(run, "lazy", target.at, entity, name, None)
    state = state.change(held.key, assigned=entity.assigned | {name})
    return state.bind(f"<{held.key}.{name}>", value) if link is not None else state


def note_unset(run: Run, value: Value, name: str, cls: Symbol, state: State) -> None:
    """Tell when a key that is still empty is given to a column of another instance."""
    if isinstance(value, Thing) and value.symbol == UNSET and name in run.project[columns, cls]:
        fields = dict(value.fields)
        entity = state.heap.get(fields["of"].key)
        # An empty column that may stay so is often filled in later, through the relationship.
        if entity is not None and (is_required(run.project, (cls, name)) or not run.frame.chain):
            run.tell(
                "unflushed", fields["at"].value, entity.cls, fields["name"].value, origin=entity.origin,
                how=entity.how, why=f"{cls.last}.{name}",
            )  # fmt: skip


def set_item(run: Run, target: tree.Subscript, value: Value, state: State) -> State:
    """`document.data["key"] = value` changes a value in place."""
    key, state = run.value(target.index, state)
    held = state.names.get(target.value.text) if isinstance(target.value, tree.Path) else None
    if isinstance(target.value, tree.Path) and isinstance(held, Fields) and isinstance(key, Known):
        return state.bind(target.value.text, Fields(tuple({**dict(held.items), key.value: value}.items())))
    inner: Node = target.value
    while isinstance(inner, tree.Subscript):
        inner = inner.value
    return changed_in_place(run, inner, state, "[...] = ...")


def changed_in_place(run: Run, node: Node, state: State, how: str) -> State:
    """A column's value is changed without the session's knowledge."""
    if not isinstance(node, tree.Path) or "." not in node.text:
        return state
    owner, _, name = node.text.rpartition(".")
    was, run.silent = run.silent, run.silent + 1
    held, _ = run.value(tree.Path(owner, node.at), state)
    run.silent = was
    if isinstance(held, Ref) and held.key in state.heap:
        entity = state.heap[held.key]
        known = entity.phase in ("stored", "lost") and entity.session and name not in entity.assigned
        if known and is_untracked(run.project, (entity.cls, name)):
            run.tell("mutable", node.at, entity.cls, name, origin=entity.origin, how=entity.how, why=how)
    return state


def chosen(entity_cls: Symbol, run: Run, statement: Statement) -> Options:
    """The options of a statement for instances of a class."""
    return options_about(statement, lambda cls: is_related(run.project, cls, entity_cls))
