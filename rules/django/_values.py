"""What the names of a settings module hold, followed statement by statement without running it.

Settings are built up: star imports of a base module, `A + B`, `+=`, `.append()`, branches.
So the statements are followed in order, and a list is known in part: the entries that are
certain or possible, and why there may be more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol, Unknown
from cdlint.project.memo import CyclicFact
from cdlint.project.modules import find_module
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._expressions import Scope, evaluated, named
from ._known import Items, Many, Text, Value, appended, concatenated, each, merge, removed


class Values(NamedTuple):
    """The names of a settings module; `why` says why there may be others, or other values."""

    names: dict[str, Value]
    imported: dict[str, tuple[str, str]]
    """Name -> the file and name that it is imported from."""
    why: str


def module_values(project: Project, path: str) -> Values:
    """What the names of a module hold when it has run, for the strings and lists of strings among them."""
    module = project.module(path)
    if module is None:
        return Values({}, {}, "the file could not be read")
    scope = Scope(project, path)
    follow(scope, module.main.body)
    if module.dynamic:
        _doubt(scope, f"the module uses `{module.dynamic}`")
    return Values(scope.env, scope.imported, scope.why)


def value_of(project: Project, path: str, name: str) -> Value | None:
    """What a name of a module holds; None when nothing says that it exists."""
    try:
        values = project[module_values, path]
    except CyclicFact:
        return Unknown("modules that are defined by each other")
    if name in values.names:
        return values.names[name]
    if name in values.imported and values.imported[name] != (path, name):
        return value_of(project, *values.imported[name])
    return Unknown(values.why) if values.why else None


def follow(scope: Scope, body: Iterable[Node]) -> None:
    """Run statements on a scope."""
    for node in body:
        scope.budget[0] -= 1
        if scope.budget[0] < 0:
            _doubt(scope, "more statements than settings have")
            return
        scope.holder = Location(scope.path, _heading(node))
        _statement(scope, node)


def _heading(node: Node) -> tree.At:
    """The span that names a statement: its first target, else the whole."""
    at: tree.At = node.targets[0].at if isinstance(node, tree.Assign) else node.at
    return node.target.at if isinstance(node, tree.AugAssign) else at


def _statement(scope: Scope, node: Node) -> None:
    if isinstance(node, tree.Assign):
        if node.value is not None:
            value = evaluated(scope, node.value)
            for target in node.targets:
                _assign(scope, target, value)
    elif isinstance(node, tree.AugAssign):
        _augment(scope, node)
    elif isinstance(node, tree.Expression):
        if isinstance(node.value, tree.Call):
            _mutate(scope, node.value)
    elif isinstance(node, tree.ImportStatement):
        _import(scope, node)
    elif isinstance(node, tree.Return):
        scope.returned.append(evaluated(scope, node.value))
    elif isinstance(node, tree.Delete):
        for target in node.targets:
            _assign(scope, target, Unknown("deleted"))
    else:
        _compound(scope, node)


def _compound(scope: Scope, node: Node) -> None:
    if isinstance(node, tree.If):
        _branches(scope, [node.body, node.orelse])
    elif isinstance(node, tree.Try):
        _branches(scope, [(*node.body, *node.orelse), *[(*node.body, *h.body) for h in node.handlers]])
        follow(scope, node.final)
    elif isinstance(node, tree.For):
        _assign(scope, node.target, each(evaluated(scope, node.iterable)))
        _branches(scope, [node.body, ()])
    elif isinstance(node, tree.While):
        _branches(scope, [node.body, ()])
    elif isinstance(node, tree.With):
        follow(scope, node.body)
    elif isinstance(node, tree.Match):
        _branches(scope, [case.body for case in node.cases] + [()])


def _branches(scope: Scope, bodies: list[tuple[Node, ...]]) -> None:
    """Follow each body from the same start; what they disagree on is possible, not certain."""
    before, guarded, imported = dict(scope.env), scope.guarded, dict(scope.imported)
    ends: list[dict[str, Value]] = []
    scope.guarded = True
    for body in bodies:
        scope.env = dict(before)
        follow(scope, body)
        ends.append(scope.env)
    scope.guarded = guarded
    scope.imported |= imported
    merged: dict[str, Value] = {}
    for name in dict.fromkeys(name for end in ends for name in end):
        merged[name] = merge([end[name] for end in ends if name in end], all(name in end for end in ends))
    scope.env = merged


def _assign(scope: Scope, target: Node, value: Value) -> None:
    if isinstance(target, tree.Sequence):
        values = value.values if isinstance(value, Many) and len(value.values) == len(target.items) else None
        for index, item in enumerate(target.items):
            _assign(scope, item, values[index] if values else Unknown("unpacked"))
    elif isinstance(target, tree.Path) and "." not in target.text:
        scope.env[target.text] = value
        scope.imported.pop(target.text, None)
    elif isinstance(target, tree.Subscript) and isinstance(target.value, tree.Path):
        name = target.value.text
        if isinstance(scope.env.get(name), Items):
            joined = concatenated([scope.env[name], value])
            _replace(scope, name, joined if isinstance(joined, Items) else Unknown("an item is replaced"))


def _augment(scope: Scope, node: tree.AugAssign) -> None:
    if not isinstance(node.target, tree.Path) or "." in node.target.text:
        return
    added = evaluated(scope, node.value)
    old = named(scope, node.target.text)
    grown = concatenated([old, added]) if node.op.startswith("+") else Unknown(f"`{node.op}`")
    _replace(scope, node.target.text, grown)


def _replace(scope: Scope, name: str, value: Value) -> None:
    """Change a list in place: whatever else names the same list changes with it."""
    old = scope.env.get(name)
    for other, held in list(scope.env.items()):
        if held is old and isinstance(old, Items):
            scope.env[other] = value
    scope.env[name] = value
    scope.imported.pop(name, None)


def _mutate(scope: Scope, call: tree.Call) -> None:
    """A call that stands alone: `APPS.append("x")`, or one that is given the list."""
    if isinstance(call.func, tree.Path) and call.func.last == "include" and not scope.function:
        _split(scope, call)
        return
    if isinstance(call.func, tree.Path) and "." in call.func.text:
        name, _, method = call.func.text.rpartition(".")
        old = named(scope, name) if "." not in name else None
        if isinstance(old, (Items, Unknown)) and method in _METHODS and call.args:
            _replace(scope, name, _METHODS[method](old, evaluated(scope, call.args[-1])))
            return
    for argument in (*call.args, *[keyword.value for keyword in call.keywords]):
        if isinstance(argument, tree.Path) and isinstance(scope.env.get(argument.text), Items):
            changed = concatenated([scope.env[argument.text], Unknown("a function was given the list")])
            _replace(scope, argument.text, changed)
        elif isinstance(argument, tree.Call) and getattr(argument.func, "text", "") in ("globals", "locals", "vars"):
            _doubt(scope, "a function was given all names of the module")


_METHODS: dict[str, Callable[[Value, Value], Value]] = {
    "append": appended,
    "insert": appended,
    "add": appended,
    "extend": lambda old, added: concatenated([old, added]),
    "remove": removed,
}


def _split(scope: Scope, call: tree.Call) -> None:
    """`include("base.py", optional("local.py"))` of split_settings: those files run in this module."""
    callee = evaluate(scope.project, (scope.path, ""), call.func)
    if not isinstance(callee, Symbol) or callee.name not in _SPLITTERS:
        return
    folder = scope.path.rpartition("/")[0]
    for argument in call.args:
        optional = isinstance(argument, tree.Call)
        given = argument.args[0] if isinstance(argument, tree.Call) and argument.args else argument
        pattern = given.value if isinstance(given, tree.Constant) and isinstance(given.value, str) else ""
        wanted = f"{folder}/{pattern}" if folder else pattern
        paths = [path for path in scope.project.paths if pattern and path != scope.path and fnmatchcase(path, wanted)]
        if not paths and not optional:
            _doubt(scope, "settings are split over files that cannot be followed")
        for path in paths:
            module = scope.project.module(path)
            part = Scope(scope.project, path, env=scope.env, imported=scope.imported, guarded=scope.guarded)
            part.budget = scope.budget
            follow(part, module.main.body if module else ())
            scope.env, scope.imported, scope.why = part.env, part.imported, scope.why or part.why


_SPLITTERS = frozenset({"split_settings.tools.include", "split_settings.include"})


def _import(scope: Scope, node: tree.ImportStatement) -> None:
    module = scope.project.module(scope.path)
    for index in node.indexes:
        line = module.imports[index] if module else None
        if line is None or line.name is None:
            continue
        found = scope.project[find_module, (scope.path, line.module)]
        path = found.path if isinstance(found, Symbol) and found.path.endswith(".py") else ""
        if line.name == "*":
            _star(scope, path, line.module)
        elif path:
            scope.env.pop(line.alias, None)
            scope.imported[line.alias] = (path, line.name)


def _star(scope: Scope, path: str, written: str) -> None:
    if not path:
        # Behind a guard, a module that the repository lacks is an optional local override.
        if not scope.guarded:
            _doubt(scope, f"star import of `{written}`")
        return
    try:
        values = scope.project[module_values, path]
    except CyclicFact:
        _doubt(scope, "modules that import each other")
        return
    for name in (*values.names, *values.imported):
        scope.env.pop(name, None)
        scope.imported.pop(name, None)
    scope.env.update((name, value) for name, value in values.names.items() if not name.startswith("_"))
    scope.imported.update((name, origin) for name, origin in values.imported.items() if not name.startswith("_"))
    if values.why:
        _doubt(scope, values.why)


def _doubt(scope: Scope, why: str) -> None:
    scope.why = scope.why or why
    for name, value in scope.env.items():
        if isinstance(value, (Text, Items)) and not value.why:
            scope.env[name] = value._replace(why=why)
