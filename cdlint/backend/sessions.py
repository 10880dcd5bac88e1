"""Database sessions: where they are made, and what functions do with them."""

from __future__ import annotations

from dataclasses import dataclass

from ..facts.tree import At
from ..project import Project
from ..project.answers import Answer, Symbol, Unknown
from ..rule import Location
from .collected import collect


@dataclass(frozen=True, slots=True)
class Session:
    """A place that makes a session, or something that makes sessions.

    `kind`: `session`, `factory`, `scoped` (one for each thread, task or request) or `engine`.
    `name` is what holds it, `""` when nothing does; `function` the function around, `""` on
    module level. `closed`: `with`, `call` (its `close()`), or `""` when nothing here closes it.
    """

    kind: str
    name: str
    function: str
    is_async: bool
    expire_on_commit: bool | None
    """None when it is computed; for an engine always."""
    closed: str
    how: str
    at: Location


@dataclass(frozen=True, slots=True)
class Event:
    """Something that is done with a session.

    `kind`: `write`, `flush`, `commit`, `rollback`, `close`, `begin`, `savepoint`, or `read` for all
    else that talks to the database. `what` is the code, such as `db.add()`.
    """

    kind: str
    at: At
    what: str


@dataclass(frozen=True, slots=True)
class Dealing:
    """What one function does with one session, in source order.

    `session` is how the function writes it (`db`, `self.session`), `value` the dotted expression
    that it stands for. `origin` says where it comes from: `parameter`, `attribute`, `made` (by the
    function itself), `shared` (a variable of a module).
    """

    function: Symbol
    session: str
    value: str
    origin: str
    events: tuple[Event, ...]

    @property
    def is_connection(self) -> bool:
        """Whether it is a connection, opened or given, which keeps no objects to flush."""
        return self.value.endswith((".connect()", "Connection()"))

    def of(self, *kinds: str) -> tuple[Event, ...]:
        """The events of these kinds."""
        return tuple(each for each in self.events if each.kind in kinds)


@dataclass(frozen=True, slots=True)
class UnknownSession:
    """Something that looks like a session and could not be resolved: what it is and why not."""

    at: Location
    what: str
    why: str
    made: bool = False
    """It is code that seems to make one, not a name that is used like one."""


@dataclass(frozen=True, slots=True)
class Change:
    """An assignment that changes a row: an attribute of an instance that a session loaded."""

    at: At
    what: str
    """The target, such as `user.name`."""
    session: str
    shared: bool
    """The session is that of the application, not one that the function was given."""


@dataclass(frozen=True, slots=True)
class Load:
    """A local name that holds an instance which a session of the function has loaded."""

    name: str
    session: str
    at: At


def sessions(project: Project) -> tuple[Session, ...]:
    """The sessions of all packs."""
    return collect(project, sessions)


def dealings(project: Project) -> tuple[Dealing, ...]:
    """What functions do with sessions, from all packs."""
    return tuple(each for fact in project.provided(dealings) for each in project[fact])


def dealings_of(project: Project) -> dict[Symbol, tuple[Dealing, ...]]:
    """Function -> what it does with each of its sessions."""
    found: dict[Symbol, list[Dealing]] = {}
    for each in project[dealings]:
        found.setdefault(each.function, []).append(each)
    return {function: tuple(each) for function, each in found.items()}


def dealings_in(project: Project, function: Symbol) -> tuple[Dealing, ...]:
    """What a function does with each of its sessions."""
    return project[dealings_of].get(function, ())


def unknown_sessions(project: Project) -> tuple[UnknownSession, ...]:
    """What all packs could not resolve about sessions."""
    return collect(project, unknown_sessions)


def session_at(project: Project, key: tuple[str, str, str]) -> Answer:
    """The session that a name of a function stands for, for `(path, function, name)`, as some pack knows it."""
    answer: Answer = Unknown("no pack knows it")
    for fact in project.provided(session_at):
        answer = project[fact, key]
        if isinstance(answer, Symbol):
            break
    return answer


def changes_in(project: Project, function: Symbol) -> tuple[Change, ...]:
    """The assignments of a function that certainly change rows, from all packs."""
    return tuple(each for fact in project.provided(changes_in) for each in project[fact, function])


def loads_in(project: Project, function: Symbol) -> tuple[Load, ...]:
    """The instances that a function certainly loads, and with which session, from all packs."""
    return tuple(each for fact in project.provided(loads_in) for each in project[fact, function])
