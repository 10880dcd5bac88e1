"""Whether running a function may commit: by what it calls, in whatever file, and by name where that is not known."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol, Unknown
from cdlint.project.calls import sites_in, target
from cdlint.project.classes import class_facts, class_member, descendants, function_facts, functions_of
from cdlint.project.memo import CyclicFact
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate

_WORDS = frozenset(
    {"begin", "atomic", "transactional", "autocommit", "transaction", "intransaction", "withtransaction"}
)
_PARTS = frozenset({"begin", "atomic", "transactional", "commits", "committing", "atomically"})
_ENDINGS = ("in_transaction", "with_transaction", "a_transaction")
_LIMIT = 250
"""How many functions are looked at before the answer is taken to be yes."""


def is_commit(name: str) -> bool:
    """Whether something of this name may commit, whatever it is."""
    lowered = name.lower()
    if "commit" in lowered or lowered.replace("_", "") in _WORDS:
        return True
    return not _PARTS.isdisjoint(lowered.split("_")) or lowered.endswith(_ENDINGS)


def may_commit(project: Project, function: Symbol) -> bool:
    """Whether running a function may commit something; False is certain as far as calls can be followed."""
    frontier, seen = [function], {function}
    while frontier:
        current = frontier.pop()
        if len(seen) > _LIMIT or project[_commits_itself, current]:
            return True
        for called in project[_run_by, current]:
            if called not in seen:
                seen.add(called)
                frontier.append(called)
    return False


def _commits_itself(project: Project, function: Symbol) -> bool:
    facts = function_facts(project, function)
    if facts is None:
        return False
    return any(is_commit(call.rpartition(".")[2]) for call in facts.calls) or any(
        is_commit(last_of(each)) for each in facts.decorators
    )


def last_of(node: Node) -> str:
    """The last word of a decorator or of another name."""
    return str(getattr(node.func if isinstance(node, tree.Call) else node, "last", ""))


def _run_by(project: Project, function: Symbol) -> tuple[Symbol, ...]:
    """The functions of the repository that a function may run."""
    facts = function_facts(project, function)
    if facts is None or is_aside(function.path):
        return ()
    found = dict.fromkeys(project[decorators_of, function])
    scope = (function.path, function.name)
    try:
        for site in sites_in(project, scope, *facts.body):
            found.update(dict.fromkeys(possible(project, site.call, site.answer)))
            found.update(dict.fromkeys(given_functions(project, scope, site.call)))
        for node in facts.every(tree.With):
            for context, _ in node.items:
                found.update(dict.fromkeys(leaving(project, scope, context)))
    except CyclicFact:
        return tuple(found)
    return tuple(found)


def decorators_of(project: Project, function: Symbol) -> tuple[Symbol, ...]:
    """The functions that decorators of the repository put around a function."""
    facts = function_facts(project, function)
    found: list[Symbol] = []
    for node in facts.decorators if facts is not None else ():
        made = node.func if isinstance(node, tree.Call) else node
        answer = evaluate(project, (function.path, function.name.rpartition(".")[0]), made)
        called = target(project, answer)
        if called is not None:
            prefix = f"{called.name}."
            own = project[functions_of, called.path]
            found.extend(
                Symbol("function", called.path, name) for name in own if name == called.name or name.startswith(prefix)
            )
    return tuple(found)


def commits_around(project: Project, function: Symbol) -> bool:
    """Whether a decorator of a function may commit what it leaves."""
    facts = function_facts(project, function)
    named = any(is_commit(last_of(each)) for each in facts.decorators) if facts is not None else True
    return named or any(project[may_commit, each] for each in project[decorators_of, function])


def possible(project: Project, call: tree.Call, answer: Answer) -> tuple[Symbol, ...]:
    """The functions of the repository that a call may run: by name when what it calls is not known."""
    called = target(project, answer)
    if called is not None:
        return (called, *project[_overrides, called])
    if isinstance(answer, Unknown) or _is_of_row(answer):
        return project[_by_name].get(getattr(call.func, "last", ""), ())
    return ()


def commits_in(project: Project, scope: tuple[str, str], call: tree.Call, answer: Answer) -> bool:
    """Whether what a call runs, itself or by what it is given, may commit."""
    runs = (*possible(project, call, answer), *given_functions(project, scope, call))
    return any(project[may_commit, each] for each in runs)


def _is_of_row(answer: Answer) -> bool:
    """Whether it is something of what a query gave, which may well be a row of the repository's own class."""
    return (
        isinstance(answer, Symbol)
        and answer.kind == "external"
        and (answer.name.count("()") > 1 or ".query." in answer.name)
    )


def _overrides(project: Project, method: Symbol) -> tuple[Symbol, ...]:
    """What subclasses put in the place of a method."""
    owner, _, name = method.name.rpartition(".")
    if not owner:
        return ()
    _, *below = project[descendants, Symbol("class", method.path, owner)]
    return tuple(
        Symbol("function", cls.path, f"{cls.name}.{name}")
        for cls in below
        if (facts := class_facts(project, cls)) is not None and name in facts.methods
    )


def given_functions(project: Project, scope: tuple[str, str], call: tree.Call) -> Iterator[Symbol]:
    """The functions of the repository that are handed to a call, which may run them."""
    for value in (*call.args, *(keyword.value for keyword in call.keywords)):
        if isinstance(value, tree.Path):
            answer = evaluate(project, scope, value)
            if isinstance(answer, Symbol) and answer.kind == "function":
                yield answer


def leaving(project: Project, scope: tuple[str, str], context: Node) -> tuple[Symbol, ...]:
    """The functions of the repository that may run when a `with` block of this context is left."""
    value = context.value if isinstance(context, tree.Await) else context
    answer = evaluate(project, scope, value)
    if isinstance(answer, Symbol) and answer.kind == "instance":
        cls = Symbol("class", answer.path, answer.name)
        found = (project[class_member, (cls, name)] for name in ("__exit__", "__aexit__"))
        return tuple(each for each in found if isinstance(each, Symbol) and each.kind == "function")
    if isinstance(answer, Unknown) and not isinstance(value, tree.Call):
        return (*project[_by_name].get("__exit__", ()), *project[_by_name].get("__aexit__", ()))
    return ()


def _by_name(project: Project) -> dict[str, tuple[Symbol, ...]]:
    found: dict[str, list[Symbol]] = {}
    for path in project.paths:
        for name, symbol in project[_named_in, path]:
            found.setdefault(name, []).append(symbol)
    return {name: tuple(symbols) for name, symbols in found.items()}


def _named_in(project: Project, path: str) -> tuple[tuple[str, Symbol], ...]:
    module = project.module(path)
    if module is None or is_aside(path):
        return ()
    return tuple((each.name, Symbol("function", path, each.qualname)) for each in module.functions[1:])
