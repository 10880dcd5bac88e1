"""Sessions that are used on after a flush has failed and nobody rolled back."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from cdlint.backend.sessions import dealings, dealings_in, session_at
from cdlint.backend.tables import tables
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import target
from cdlint.project.classes import function_facts
from cdlint.project.endings import never_returns
from cdlint.project.flow import Step, order, walk
from cdlint.project.memo import CyclicFact
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._uses import Use, users, uses

_ERRORS = frozenset(
    {
        "IntegrityError", "SQLAlchemyError", "DBAPIError", "DatabaseError", "OperationalError", "DataError",
        "StatementError", "FlushError",
    }
)  # fmt: skip
_BROAD = frozenset({"builtins.Exception", "builtins.BaseException"})

_LEAVING = frozenset({"abort", "exit", "_exit", "quit"})
"""What never returns."""
_FAILS = frozenset({"flush", "commit"})
_ASKS = frozenset({"all", "count", "first", "first_or_404", "get", "get_or_404", "one", "one_or_404", "one_or_none",
                   "paginate", "scalar"})  # fmt: skip
_State: TypeAlias = frozenset["Broken"]


class Broken(NamedTuple):
    """A session whose flush has failed in a `try`."""

    session: str
    flush: Use
    handler: At
    error: str


class Misuse(NamedTuple):
    """A use of a session that can only fail."""

    function: Symbol
    broken: Broken
    use: Use


def catching(project: Project) -> tuple[Symbol, ...]:
    """The functions that deal with sessions, or call what does, and catch something."""
    if not project[dealings]:
        return ()
    return tuple(symbol for path in project.paths for symbol in project[_catching_in, path])


def _catching_in(project: Project, path: str) -> tuple[Symbol, ...]:
    module = project.module(path)
    if module is None or is_aside(path):
        return ()
    names = project[users]
    return tuple(
        symbol
        for each in module.functions
        if each.calls and each.holds(tree.Try) and (each.mentions("Error") or each.mentions("Exception"))
        for symbol in (Symbol("function", path, each.qualname),)
        if not names.isdisjoint(each.lasts) or project[dealings_in, symbol]
    )


def misuses(project: Project, function: Symbol) -> tuple[Misuse, ...]:
    """The first use of each session after its flush has failed."""
    facts = function_facts(project, function)
    if facts is None:
        return ()
    try:
        follower = _Follower(project, function, facts)
        if follower.handlers:
            walk(facts.body, frozenset[Broken](), follower.step, frozenset.union)
    except CyclicFact:
        return ()
    return tuple(follower.found[key] for key in sorted(follower.found))


class _Follower:
    def __init__(self, project: Project, function: Symbol, facts: Function) -> None:
        self.project, self.function = project, function
        self.uses: dict[At, list[Use]] = {}
        for use in project[uses, function]:
            self.uses.setdefault(use.at, []).append(use)
        self.handlers: dict[At, tuple[Broken, ...]] = {}
        self.found: dict[tuple[At, str], Misuse] = {}
        if any(use.kind in _FAILS for each in self.uses.values() for use in each):
            for node in facts.nodes:
                if isinstance(node, tree.Try) and node.handlers:
                    self.note(node)

    def note(self, node: tree.Try) -> None:
        """What is broken when each handler of a `try` is entered."""
        flushes = [use for use in self.flushes(node.body) if use.certain]
        mended = {use.session for each in self.uses.values() for use in each if use.kind in ("rollback", "close")
                  and use.chain and any(use.at == flush.at for flush in flushes)}  # fmt: skip
        last = (
            self.flushes(node.body[-1:])
            if isinstance(node.body[-1], (tree.Expression, tree.Assign, tree.Return))
            else []
        )
        plain = [use for use in last if use.certain and len(use.chain) <= 1]
        for handler in node.handlers:
            error = self.error(handler)
            # What catches everything is mostly meant for something else, unless the flush ends the `try`.
            failing = plain if error == "Exception" else flushes if error else []
            broken = {use.session: use for use in reversed(failing) if use.session not in mended}
            self.handlers[handler.at] = tuple(
                Broken(session, use, handler.at, error) for session, use in sorted(broken.items())
            )

    def flushes(self, body: tuple[Node, ...]) -> list[Use]:
        """The uses in a `try` that leave the session broken when they fail."""
        found: list[Use] = []
        for node in body:
            if isinstance(node, tree.With):
                names = {name.text for _, name in node.items if isinstance(name, tree.Path)}
                if any(_mends(context) for context, _ in node.items):
                    continue
                found.extend(use for use in self.flushes(node.body) if use.session not in names)
            elif isinstance(node, tree.Try):
                found.extend(self.flushes((*node.orelse, *node.final)) if node.handlers else self.flushes(node.body))
            elif isinstance(node, (tree.If, tree.For, tree.While)):
                found.extend(self.flushes((*node.body, *node.orelse)))
            else:
                for call in tree.calls(node):
                    found.extend(use for use in self.uses.get(call.at, ()) if use.kind in _FAILS)
        return found

    def error(self, handler: tree.Handler) -> str:
        """The error of the database that a handler catches, as written; `""` when it catches none."""
        if handler.type is None:
            return "Exception"
        for each in handler.type.items if isinstance(handler.type, tree.Sequence) else (handler.type,):
            answer = evaluate(self.project, (self.function.path, self.function.name), each)
            if isinstance(answer, Symbol) and answer.kind == "external":
                if answer.name in _BROAD:
                    return "Exception"
                if answer.last in _ERRORS and "sqlalchemy" in answer.name:
                    return answer.last
        return ""

    def step(self, state: _State, step: Step) -> _State:
        if step.kind == "catch" and isinstance(step.node, tree.Handler):
            return state | frozenset(self.handlers.get(step.node.at, ()))
        if step.kind == "enter" and step.target is not None:
            state = frozenset(each for each in state if each.session != getattr(step.target, "text", ""))
        if not state or step.value is None:
            return state
        for node, _ in order(step.value):
            if isinstance(node, tree.Call) and state:
                state = self.called(state, node)
        return state

    def called(self, state: _State, call: tree.Call) -> _State:
        used = self.uses.get(call.at, ())
        name = getattr(call.func, "last", "").lower()
        if any(use.kind in ("rollback", "close", "begin", "savepoint") for use in used) or "rollback" in name:
            return frozenset()
        if not used and (name in _LEAVING or self.leaves(call)):
            return frozenset()
        for broken in sorted(state):
            use = next((use for use in used if use.session == broken.session and _needs(use)), None)
            if use is None and broken.session.startswith("="):
                use = self.asked(call, broken.session)
            if use is not None:
                self.found.setdefault((broken.handler, broken.session), Misuse(self.function, broken, use))
                state -= {broken}
        return frozenset() if not used and self.is_given(state, call) else state

    def leaves(self, call: tree.Call) -> bool:
        """Whether a call of a function of the repository always ends in an error."""
        called = target(self.project, evaluate(self.project, (self.function.path, self.function.name), call.func))
        return called is not None and self.project[never_returns, called]

    def asked(self, call: tree.Call, session: str) -> Use | None:
        """The end of a query that a model makes by itself, over the session of the application: `User.query.all()`."""
        node: Node = call
        while isinstance(node, (tree.Call, tree.Attribute)):
            node = node.func if isinstance(node, tree.Call) else node.value
        model, is_query, _ = (node.text if isinstance(node, tree.Path) else "").partition(".query.")
        last = getattr(call.func, "last", "")
        if not is_query or last not in _ASKS:
            return None
        answer = evaluate(self.project, (self.function.path, self.function.name), tree.Path(model, call.at))
        if all(answer != each.model for each in self.project[tables]):
            return None
        place = Location(self.function.path, call.at)
        return Use("read", session, call.at, place, f"{model}.query...{last}()", True, ())

    def is_given(self, state: _State, call: tree.Call) -> bool:
        """Whether a call that is not known gets one of the sessions: it may roll it back."""
        values = (*call.args, *(keyword.value for keyword in call.keywords))
        given = {value.text for value in values if isinstance(value, tree.Path)}
        if any(each.session in given for each in state):
            return True
        scope = (self.function.path, self.function.name)
        shared = any(each.session.startswith("=") for each in state)
        return shared and any(isinstance(self.project[session_at, (*scope, text)], Symbol) for text in given)


def _mends(context: Node) -> bool:
    value = context.value if isinstance(context, tree.Await) else context
    name = getattr(value.func if isinstance(value, tree.Call) else value, "last", "")
    return name in ("begin", "begin_nested")


def _needs(use: Use) -> bool:
    """Whether a use goes to the database at once."""
    if not use.certain:
        return False
    return use.kind in ("read", "flush", "commit") or use.what.endswith(
        ("execute()", "scalars()", "exec()", "delete()")
    )
