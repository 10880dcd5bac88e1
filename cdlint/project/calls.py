"""The call graph: what each call of a function means, and what its callers can rely on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..facts import tree
from ..facts.model import Function
from ..facts.tree import At, Code, Node
from . import Project
from .answers import Answer, Symbol
from .classes import class_member, function_facts
from .values import Scope, evaluate


class CallSite(NamedTuple):
    """One call. `answer` is what is called; `awaited` whether `await` stands right before it."""

    call: tree.Call
    answer: Answer
    awaited: bool

    @property
    def at(self) -> At:
        """Where the call stands."""
        return self.call.at


def all_functions(project: Project) -> tuple[Symbol, ...]:
    """Every function of the repository, by path and position, each module's own code first."""
    return tuple(symbol for path in project.paths for symbol in project[_functions_in, path])


def _functions_in(project: Project, path: str) -> tuple[Symbol, ...]:
    module = project.module(path)
    return tuple(dict.fromkeys(Symbol("function", path, each.qualname) for each in module.functions)) if module else ()


def sites(project: Project, function: Symbol) -> tuple[CallSite, ...]:
    """The calls that run when a function runs, in source order.

    Those inside lambdas and nested functions run when somebody calls those, so they are left out.
    """
    facts = function_facts(project, function)
    return (
        tuple(site for node in facts.body for site in sites_in(project, (function.path, function.name), node))
        if facts
        else ()
    )


def sites_in(project: Project, scope: Scope, *nodes: Node) -> Iterator[CallSite]:
    """The calls that run when these nodes of a function run."""
    for call, awaited in running(nodes):
        yield CallSite(call, evaluate(project, scope, call.func), awaited)


def running(nodes: tuple[Node, ...]) -> Iterator[tuple[tree.Call, bool]]:
    """The calls that run when these nodes run, in source order, and whether `await` stands right before each."""
    stack, awaited = [*nodes[::-1]], None
    while stack:
        node = stack.pop()
        kind = type(node)
        if node is None or kind is tree.Lambda:
            continue
        if kind is tree.Call:
            yield node, node is awaited
        elif kind is tree.Await:
            awaited = node.value
        stack += tree.children(node)[::-1]


def target(project: Project, answer: Answer) -> Symbol | None:
    """The first-party function whose body runs when the answer is called, if it is known."""
    if not isinstance(answer, Symbol):
        return None
    if answer.kind == "function":
        return answer
    if answer.kind in ("class", "instance"):
        name = "__init__" if answer.kind == "class" else "__call__"
        method = project[class_member, (Symbol("class", answer.path, answer.name), name)]
        return method if isinstance(method, Symbol) and method.kind == "function" else None
    return None


def callees(project: Project, function: Symbol) -> tuple[tuple[Symbol, At], ...]:
    """The first-party functions that a function calls, each with the first call's place."""
    found: dict[Symbol, At] = {}
    for site in project[sites, function]:
        called = target(project, site.answer)
        if called is not None and called != function and _runs(project, called, site):
            found.setdefault(called, site.at)
    return tuple(found.items())


def _runs(project: Project, called: Symbol, site: CallSite) -> bool:
    """Calling an `async def` or a generator does not run its body; awaiting or looping does."""
    facts = function_facts(project, called)
    return facts is not None and (not facts.is_async or site.awaited or facts.is_generator)


def called_names(project: Project, path: str) -> frozenset[str]:
    """The last names of all that a module calls or decorates with, to look for before any body is read."""
    module = project.module(path)
    found = set(project[callers_by_name, path])
    for function in module.functions if module else ():
        for code in function.decorator_codes:
            found |= words(code)
    return frozenset(found)


def calling(project: Project, path: str, names: frozenset[str]) -> tuple[Function, ...]:
    """The functions of a file that call something with one of these last names, in their order there."""
    by_name = project[callers_by_name, path]
    wanted = names & by_name.keys()
    module = project.module(path) if wanted else None
    if module is None:
        return ()
    places = sorted({place for name in wanted for place in by_name[name]})
    return tuple([module.functions[place] for place in places])


def calls_of(project: Project, path: str, names: frozenset[str]) -> Iterator[tuple[Function, tree.Call]]:
    """The calls in a file of something with one of these last names, each with the function that it stands in."""
    for function in calling(project, path, names):
        for call in function.call_nodes:
            if getattr(call.func, "last", "") in names:
                yield function, call


def callers_by_name(project: Project, path: str) -> dict[str, tuple[int, ...]]:
    """Last name -> the functions of a file that call something of that name, as indexes."""
    module = project.module(path)
    found: dict[str, list[int]] = {}
    for place, function in enumerate(module.functions if module else ()):
        for call in function.calls:
            found.setdefault(call[call.rfind(".") + 1 :], []).append(place)
    return {name: tuple(places) for name, places in found.items()}


def words(code: Code) -> set[str]:
    """The last segments of the names and texts in an encoded expression."""
    return {text[text.rfind(".") + 1 :] for text in texts(code)}


def texts(*codes: Code) -> list[str]:
    """The names and texts in encoded expressions, in no particular order."""
    found: list[str] = []
    stack = [*codes]
    while stack:
        for part in stack.pop() or ():
            if type(part) is str:
                found.append(part)
            # What ends in a number is a place.
            elif type(part) is tuple and part and type(part[-1]) is not int:
                stack.append(part)
    return found


def callers(project: Project) -> dict[Symbol, tuple[Symbol, ...]]:
    """First-party function -> the functions that call it, as far as that is known."""
    found: dict[Symbol, list[Symbol]] = {}
    for function in project[all_functions]:
        for called, _ in project[callees, function]:
            found.setdefault(called, []).append(function)
    return {called: tuple(by) for called, by in found.items()}
