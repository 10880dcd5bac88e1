"""Queries that run synchronously inside `async def`: called there, evaluated there, or in helpers that it calls."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import sites, target
from cdlint.project.classes import class_member, function_facts, functions_of
from cdlint.rule import Location

from ._querysets import Place, Tracer, forced
from ._querysets_names import step
from ._querysets_values import One, Rows, Value, loads
from ._settings import aside

UNSAFE = "DJANGO_ALLOW_ASYNC_UNSAFE"
_RUN_NOW = {
    name: f"a{name}"
    for name in (
        "get", "first", "last", "earliest", "latest", "create", "get_or_create", "update_or_create", "update", "delete",
        "count", "exists", "aggregate", "bulk_create", "bulk_update", "in_bulk", "contains", "explain", "add", "set",
        "remove", "clear",
    )
}  # fmt: skip
_OF_ONE = {"save": "asave", "delete": "adelete", "refresh_from_db": "arefresh_from_db"}
_EATING = frozenset(
    {"list", "tuple", "set", "sorted", "len", "bool", "sum", "any", "all", "dict", "max", "min", "frozenset"}
)
_LOADING = frozenset({"aget", "afirst", "alast", "aearliest", "alatest"})
_OUTSIDE = {
    "django.shortcuts.get_object_or_404": "aget_object_or_404",
    "django.shortcuts.get_list_or_404": "aget_list_or_404",
    "django.contrib.auth.authenticate": "aauthenticate",
    "django.contrib.auth.login": "alogin",
    "django.db.transaction.atomic": "",
    "django.db.connection.cursor": "",
}
_DEPTH = 3


class Query(NamedTuple):
    """A query that runs at once. `cure` is the asynchronous way to write it, `""` when there is none."""

    at: At
    what: str
    cure: str


class Step(NamedTuple):
    """A call on the way to a query."""

    function: Symbol
    at: Location


class Blocked(NamedTuple):
    """An `async def` with a query that it runs synchronously, and the calls in between."""

    function: Symbol
    at: Location
    query: Query
    where: Location
    steps: tuple[Step, ...]


def blocked(project: Project) -> tuple[Blocked, ...]:
    """The queries that raise because an event loop is running."""
    found = [each for path in project.paths if not aside(path) for each in project[_in_file, path]]
    if found and any(project[_allows, path] for path in project.paths):
        return ()
    return tuple(found)


def uses_django(project: Project) -> bool:
    """Whether any file imports Django's models."""
    return any(project[_imports_models, path] for path in project.paths)


def _imports_models(project: Project, path: str) -> bool:
    module = project.module(path)
    return module is not None and any(each.module.startswith("django.") for each in module.imports)


def _in_file(project: Project, path: str) -> tuple[Blocked, ...]:
    module = project.module(path)
    if not project[uses_django] or module is None or not any(each.is_async for each in module.functions):
        return ()
    found = []
    for facts in module.functions:
        if facts.is_async:
            function = Symbol("function", path, facts.qualname)
            for query in project[queries, function]:
                place = Location(path, query.at)
                found.append(Blocked(function, place, query, place, ()))
            found += _through(project, function)
    return tuple(found)


def _allows(project: Project, path: str) -> bool:
    """Whether a file lets queries run in an event loop."""
    module = project.module(path)
    return module is not None and any(each.mentions(UNSAFE) for each in module.functions)


def _through(project: Project, function: Symbol) -> list[Blocked]:
    """The queries in functions that an `async def` calls as they are."""
    found = []
    for site in project[sites, function]:
        called = target(project, site.answer)
        if called is not None and not site.awaited:
            at = Location(function.path, site.at)
            hit = _first(project, called, _DEPTH)
            if hit is not None:
                query, where, steps = hit
                found.append(Blocked(function, at, query, where, (Step(called, at), *steps)))
    return found


def _first(project: Project, function: Symbol, depth: int) -> tuple[Query, Location, tuple[Step, ...]] | None:
    """The first query that a synchronous function runs whenever it is called."""
    facts = function_facts(project, function)
    if facts is None or facts.is_async or facts.is_generator or not _is_plain(facts):
        return None
    sure = _whatever_is_given(facts)
    for query in project[queries, function]:
        if query.at in sure:
            return query, Location(function.path, query.at), ()
    for site in project[sites, function] if depth > 1 else ():
        called = target(project, site.answer) if site.at in sure else None
        if called is not None and called != function and not site.awaited:
            hit = _first(project, called, depth - 1)
            if hit is not None:
                query, where, steps = hit
                return query, where, (Step(called, Location(function.path, site.at)), *steps)
    return None


def _whatever_is_given(facts: Function) -> frozenset[At]:
    """Where the expressions stand that no argument decides about: the caller may know that others are not reached."""
    static = any(getattr(each, "last", "") == "staticmethod" for each in facts.decorators)
    params = {param.name for param in facts.params[1 if facts.owner and not static else 0 :]}
    found: set[At] = set()
    stack: list[Node] = list(reversed(facts.body))
    while stack:
        node = stack.pop()
        if node is None:
            continue
        if hasattr(node, "at"):
            found.add(node.at)
        if isinstance(node, (tree.If, tree.Conditional, tree.While)):
            asked = any(isinstance(each, tree.Path) and each.root in params for each in tree.walk(node.test))
            if (
                asked
                and isinstance(node, tree.If)
                and any(isinstance(each, tree.Return) for each in tree.walk(*node.body))
            ):
                return frozenset(found)
            stack.extend((node.test,) if asked else reversed(tuple(tree.children(node))))
            continue
        stack.extend(reversed(tuple(tree.children(node))))
    return frozenset(found)


def _is_plain(facts: Function) -> bool:
    """Whether the decorators of a function leave it a function that runs when it is called."""
    return all(getattr(each, "last", "") in ("staticmethod", "classmethod", "atomic") for each in facts.decorators)


def queries(project: Project, function: Symbol) -> tuple[Query, ...]:
    """The queries that a function runs itself, those that a lambda or nested function holds left out."""
    facts = project[functions_of, function.path].get(function.name)
    if facts is None or not _may_query(facts):
        return ()
    tracer = Watch(project, Place(function.path, function.name), facts)
    tracer.block(facts.body)
    found = {query.at: query for query in (*tracer.found, *direct(tracer, project))}
    for site in project[sites, function]:
        if isinstance(site.answer, Symbol) and site.answer.kind == "external" and site.answer.name in _OUTSIDE:
            cure = _OUTSIDE[site.answer.name]
            found[site.at] = Query(site.at, f"{site.answer.last}()", cure)
    return tuple(found[at] for at in sorted(found))


def _may_query(facts: Function) -> bool:
    """Whether a body may hold a query, by the names in it."""
    lasts = facts.lasts
    if not lasts.isdisjoint({*_RUN_NOW, *_OF_ONE, *_LOADING, "all", "filter", "exclude", "atomic", "cursor"}):
        return True
    return not lasts.isdisjoint({name.rpartition(".")[2] for name in _OUTSIDE}) or facts.mentions("objects")


def direct(tracer: Watch, project: Project) -> list[Query]:
    """The calls that run a query."""
    found = []
    for use in tracer.uses:
        call = use.call
        shown = f"{getattr(call.func, 'text', '') or '….' + use.method}()"
        if isinstance(use.on, Rows) and use.method in _RUN_NOW:
            found.append(Query(call.at, shown, _RUN_NOW[use.method]))
        elif isinstance(use.on, One) and use.method in _OF_ONE and not _own(project, use.on, use.method):
            found.append(Query(call.at, shown, _OF_ONE[use.method]))
    return found


def _own(project: Project, row: One, method: str) -> bool:
    """Whether a model has a method of this name of its own that is a coroutine."""
    if not isinstance(row.model, Symbol) or row.model.kind != "class":
        return False
    member = project[class_member, (row.model, method)]
    facts = function_facts(project, member) if isinstance(member, Symbol) else None
    return facts is not None and facts.is_async


class Watch(Tracer):
    """Follows a function and writes down where rows are evaluated and relations loaded."""

    def __init__(self, project: Project, place: Place, function: Function) -> None:
        super().__init__(project, place, function)
        self.found: list[Query] = []
        self.seen: dict[int, Value] = {}
        self.fetched: set[str] = set()

    def value(self, node: Node) -> Value:
        """What an expression is, remembered for the call or loop around it."""
        if isinstance(node, tree.Lambda):
            return None
        found = super().value(node)
        if node is not None:
            self.seen[id(node)] = found
        if isinstance(node, tree.Call) and isinstance(node.func, tree.Path) and node.func.text in _EATING:
            for each in node.args[:1]:
                self.eaten(each, f"{node.func.text}()", node.at)
        elif isinstance(node, tree.Subscript) and not isinstance(node.index, tree.Slice):
            self.eaten(node.value, "[...]", node.at)
        elif isinstance(node, tree.Comprehension):
            for each in node.generators if node.kind != "generator" else ():
                if not each.is_async:
                    self.eaten(each.iterable, "a comprehension", each.iterable.at)
        elif isinstance(node, tree.Path):
            self.relation(node)
        return found

    def eaten(self, node: Node, how: str, at: At) -> None:
        """Note that rows are evaluated, if they are rows and not in a list already."""
        rows = forced(self.project, self.seen.get(id(node)))
        if isinstance(rows, Rows) and not rows.manager and not rows.loaded and not rows.vague:
            self.found.append(Query(at, how, ""))

    def loop(self, node: tree.For) -> None:
        """A plain loop over rows evaluates them."""
        super().loop(node)
        if not node.is_async:
            self.eaten(node.iterable, "`for`", node.iterable.at)

    def statement(self, node: Node) -> bool:
        """Follow a statement; what a query gave has no relation loaded but those that it asked for."""
        if isinstance(node, tree.For) and node.is_async and isinstance(node.target, tree.Path):
            self.fetched.add(node.target.text)
        elif isinstance(node, tree.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], tree.Path):
            name, value = node.targets[0].text, node.value
            call = value.value if isinstance(value, tree.Await) else None
            loaded = (
                isinstance(call, tree.Call) and getattr(call.func, "last", getattr(call.func, "text", "")) in _LOADING
            )
            (self.fetched.add if loaded else self.fetched.discard)(name)
        ended = super().statement(node)
        if isinstance(node, (tree.If, tree.While)):
            self.eaten(node.test, "a condition", node.test.at)
        return ended

    def relation(self, node: tree.Path) -> None:
        """Note that a relation is read which the query did not load."""
        root, _, rest = node.text.partition(".")
        name = rest.partition(".")[0]
        held = self.env.get(root)
        if not name or root not in self.fetched or not isinstance(held, One) or f"{root}.{name}" in self.env:
            return
        inner = step(self.project, held, name)
        if isinstance(inner, One) and not loads(held.selected, name) and not loads(held.prefetched, name):
            self.found.append(Query(node.at, f"{root}.{name}", f'select_related("{name}")'))
