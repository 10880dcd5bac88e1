"""What surely runs when a body runs: the calls on all its paths, and those in the functions that they call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.starts import entries
from cdlint.facts import tree
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol, Unknown, external
from cdlint.project.calls import target
from cdlint.project.classes import function_facts
from cdlint.project.values import Scope, evaluate
from cdlint.rule import Evidence, Location

from ._doings import LASTS, doing

_DEPTH = 5
_PLAIN = frozenset({type(None), tree.Constant, tree.Lambda, tree.Path, tree.ImportStatement})
"""What runs no call by itself."""


class Doing(NamedTuple):
    """Something that reaches beyond the process: its kind, the call and a phrase, and the way to it."""

    kind: str
    name: str
    phrase: str
    chain: tuple[Evidence, ...]


class Done(NamedTuple):
    """A call that reaches beyond the process itself: how it is written, and the kind, name and phrase of `Doing`."""

    at: At
    written: str
    kind: str
    name: str
    phrase: str


class _Steps(NamedTuple):
    done: tuple[Done, ...]
    called: tuple[tuple[Symbol, At], ...]


def surely(body: tuple[Node, ...]) -> Iterator[tuple[tree.Call, bool]]:
    """The calls that run whenever a body does, and whether they are awaited; it ends where a path may leave."""
    for node in body:
        if isinstance(node, tree.Try) and not all(_raises(each) for each in node.handlers):
            # What may fail is provided for.
            if _leaves(node):
                return
        elif isinstance(node, tree.Try):
            yield from surely((*node.body, *node.orelse, *node.final))
        elif isinstance(node, (tree.If, tree.While)):
            yield from _in_expression(node.test)
            if _leaves(node):
                return
        elif isinstance(node, tree.For):
            yield from _in_expression(node.iterable)
            if _is_filled(node.iterable):
                yield from surely(node.body)
        elif isinstance(node, tree.With):
            for context, _ in node.items:
                yield from _in_expression(context)
            if not any(getattr(getattr(each, "func", None), "last", "") == "suppress" for each, _ in node.items):
                yield from surely(node.body)
        elif isinstance(node, tree.ClassDef):
            yield from surely(node.body)
        elif isinstance(node, (tree.Match, tree.Def)):
            continue
        else:
            yield from _in_expression(node)


def _raises(handler: tree.Handler) -> bool:
    """Whether a handler only says it in other words."""
    return bool(handler.body) and isinstance(handler.body[-1], tree.Raise)


def _is_filled(node: Node) -> bool:
    """Whether a loop over this surely has a first round."""
    return isinstance(node, tree.Sequence) and any(not isinstance(each, tree.Starred) for each in node.items)


def _leaves(node: Node) -> bool:
    return any(isinstance(each, (tree.Return, tree.Raise, tree.Jump)) for each in tree.walk(node))


def _in_expression(node: Node) -> Iterator[tuple[tree.Call, bool]]:
    stack: list[tuple[Node, bool]] = [(node, False)]
    while stack:
        each, awaited = stack.pop()
        if type(each) in _PLAIN:
            continue
        if isinstance(each, tree.Call):
            yield each, awaited
        inner = isinstance(each, tree.Await)
        if isinstance(each, tree.Conditional):
            stack.append((each.test, False))
        elif isinstance(each, tree.Boolean):
            stack.append((each.values[0], False))
        elif isinstance(each, tree.Comprehension):
            first = each.generators[0]
            stack.append((first.iterable, False))
            if _is_filled(first.iterable) and len(each.generators) == 1 and not first.conditions:
                stack.append((each.element, False))
        else:
            stack.extend((child, inner) for child in reversed(tree.children(each)))


def steps(project: Project, function: Symbol) -> _Steps:
    """What a function surely does itself, and the functions that it surely calls."""
    facts = function_facts(project, function)
    if facts is None:
        return _Steps((), ())
    return look(project, (function.path, function.name), facts.body)


def look(project: Project, scope: Scope, body: tuple[Node, ...], roots: frozenset[str] | None = None) -> _Steps:
    """What a body surely does itself, and the functions that it surely calls; of those only from `roots`, if given."""
    done: list[Done] = []
    called: dict[Symbol, At] = {}
    opened = dict(_opened(project, scope, body))
    for call, awaited in surely(body):
        last = getattr(call.func, "last", "")
        if (
            last not in LASTS
            and roots is not None
            and not (isinstance(call.func, tree.Path) and call.func.root in roots)
        ):
            continue
        answer = evaluate(project, scope, call.func)
        if not isinstance(answer, Symbol) and last in LASTS:
            answer = _through(opened, call.func)
        found = doing(project, answer) if last in LASTS else None
        if found is not None and isinstance(answer, Symbol):
            done.append(Done(call.at, _written(call), found[0], answer.name, found[1]))
        inner = target(project, answer)
        if inner is not None and _runs(project, inner, awaited):
            called.setdefault(inner, call.at)
    return _Steps(tuple(done), tuple(called.items()))


def _opened(project: Project, scope: Scope, body: tuple[Node, ...]) -> Iterator[tuple[str, Symbol]]:
    """The names that `with` gives to outside things, and what those are."""
    for node in body:
        for context, name in node.items if isinstance(node, tree.With) else ():
            if isinstance(name, tree.Path):
                answer = evaluate(project, scope, context)
                if isinstance(answer, Symbol) and answer.kind == "external":
                    yield name.text, answer
        if isinstance(node, tree.With):
            yield from _opened(project, scope, node.body)


def _through(opened: dict[str, Symbol], func: Node) -> Answer:
    """What is read from something that `with` opened; unknown where a call is in between."""
    owner = opened.get(func.root) if isinstance(func, tree.Path) else None
    if owner is None or not isinstance(func, tree.Path):
        return Unknown("not opened here")
    return external(f"{owner.name}.{func.text.partition('.')[2]}")


def _written(call: Node) -> str:
    """A call as it is written, its arguments left out but for those of the last."""
    return f"{_text(call.func)}()"


def _text(node: Node) -> str:
    if isinstance(node, tree.Path):
        return node.text
    if isinstance(node, tree.Attribute):
        return f"{_text(node.value)}.{node.text}"
    return f"{_text(node.func)}(...)" if isinstance(node, tree.Call) else "..."


def _runs(project: Project, function: Symbol, awaited: bool) -> bool:
    facts = function_facts(project, function)
    return facts is not None and not facts.is_generator and (awaited or not facts.is_async)


def reaches(project: Project, function: Symbol) -> Doing | None:
    """The first thing beyond the process that calling a function surely does, by the shortest way."""
    makers = {Symbol("function", each.path, each.function) for each in project[entries] if each.function}
    level: list[tuple[Symbol, tuple[Evidence, ...]]] = [(function, ())]
    seen = {function}
    for _ in range(_DEPTH):
        following: list[tuple[Symbol, tuple[Evidence, ...]]] = []
        for current, chain in level:
            found = project[steps, current]
            if not makers.isdisjoint({current, *(each for each, _ in found.called)}):
                return None  # It makes the application: what it does is how the program starts.
            if found.done:
                done = found.done[0]
                end = Evidence(Location(current.path, done.at), f"`{done.written}` {done.phrase}")
                return Doing(done.kind, done.written, done.phrase, (*chain, end))
            for inner, at in found.called:
                if inner not in seen:
                    seen.add(inner)
                    step = Evidence(Location(current.path, at), f"`{current.last}` calls `{inner.last}`")
                    following.append((inner, (*chain, step)))
        level = following
    return None
