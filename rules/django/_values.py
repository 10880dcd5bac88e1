"""What the names of a settings module hold, followed statement by statement without running it.

Settings are built up: star imports of a base module, `A + B`, `+=`, `.append()`, branches.
So the statements are followed in order, and a list is known in part: the entries that are
certain or possible, and why there may be more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol, Unknown
from cdlint.project.classes import function_facts
from cdlint.project.memo import CyclicFact
from cdlint.project.modules import find_module
from cdlint.project.names import resolve
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._known import Entry, Items, Many, Text, Value, appended, concatenated, doubt, each, merge, possible, removed

DEPTH = 6
"""How many calls a value is followed through."""


class Values(NamedTuple):
    """The names of a settings module; `why` says why there may be others, or other values."""

    names: dict[str, Value]
    imported: dict[str, tuple[str, str]]
    """Name -> the file and name that it is imported from."""
    why: str


@dataclass(slots=True)
class _Scope:
    """The state while statements are followed."""

    project: Project
    path: str
    depth: int = DEPTH
    function: bool = False
    """Whether the statements are those of a function, which sees the names of its module."""
    env: dict[str, Value] = field(default_factory=dict)
    imported: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Name -> the file and name that it is imported from, looked at only when it is used."""
    returned: list[Value] = field(default_factory=list)
    why: str = ""
    guarded: bool = False
    holder: Location = field(default_factory=lambda: Location("", (0, 0, 0, 0)))


def module_values(project: Project, path: str) -> Values:
    """What the names of a module hold when it has run, for the strings and lists of strings among them."""
    module = project.module(path)
    if module is None:
        return Values({}, {}, "the file could not be read")
    scope = _Scope(project, path)
    _block(scope, module.main.body)
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


# Statements


def _block(scope: _Scope, body: Iterable[Node]) -> None:
    for node in body:
        scope.holder = Location(scope.path, _heading(node))
        _statement(scope, node)


def _heading(node: Node) -> tree.At:
    """The span that names a statement: its first target, else the whole."""
    at: tree.At = node.targets[0].at if isinstance(node, tree.Assign) else node.at
    return node.target.at if isinstance(node, tree.AugAssign) else at


def _statement(scope: _Scope, node: Node) -> None:
    if isinstance(node, tree.Assign):
        if node.value is not None:
            value = _value(scope, node.value)
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
        scope.returned.append(_value(scope, node.value))
    elif isinstance(node, tree.Delete):
        for target in node.targets:
            _assign(scope, target, Unknown("deleted"))
    else:
        _compound(scope, node)


def _compound(scope: _Scope, node: Node) -> None:
    if isinstance(node, tree.If):
        _branches(scope, [node.body, node.orelse])
    elif isinstance(node, tree.Try):
        _branches(scope, [(*node.body, *node.orelse), *[(*node.body, *h.body) for h in node.handlers]])
        _block(scope, node.final)
    elif isinstance(node, tree.For):
        _assign(scope, node.target, each(_value(scope, node.iterable)))
        _branches(scope, [node.body, ()])
    elif isinstance(node, tree.While):
        _branches(scope, [node.body, ()])
    elif isinstance(node, tree.With):
        _block(scope, node.body)
    elif isinstance(node, tree.Match):
        _branches(scope, [case.body for case in node.cases] + [()])


def _branches(scope: _Scope, bodies: list[tuple[Node, ...]]) -> None:
    """Follow each body from the same start; what they disagree on is possible, not certain."""
    before, guarded, imported = dict(scope.env), scope.guarded, dict(scope.imported)
    ends: list[dict[str, Value]] = []
    scope.guarded = True
    for body in bodies:
        scope.env = dict(before)
        _block(scope, body)
        ends.append(scope.env)
    scope.guarded = guarded
    scope.imported |= imported
    merged: dict[str, Value] = {}
    for name in dict.fromkeys(name for end in ends for name in end):
        merged[name] = merge([end[name] for end in ends if name in end], all(name in end for end in ends))
    scope.env = merged


def _assign(scope: _Scope, target: Node, value: Value) -> None:
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


def _augment(scope: _Scope, node: tree.AugAssign) -> None:
    if not isinstance(node.target, tree.Path) or "." in node.target.text:
        return
    added = _value(scope, node.value)
    old = _name(scope, node.target.text)
    grown = concatenated([old, added]) if node.op.startswith("+") else Unknown(f"`{node.op}`")
    _replace(scope, node.target.text, grown)


def _replace(scope: _Scope, name: str, value: Value) -> None:
    """Change a list in place: whatever else names the same list changes with it."""
    old = scope.env.get(name)
    for other, held in list(scope.env.items()):
        if held is old and isinstance(old, Items):
            scope.env[other] = value
    scope.env[name] = value
    scope.imported.pop(name, None)


def _mutate(scope: _Scope, call: tree.Call) -> None:
    """A call that stands alone: `APPS.append("x")`, or one that is given the list."""
    if isinstance(call.func, tree.Path) and "." in call.func.text:
        name, _, method = call.func.text.rpartition(".")
        old = _name(scope, name) if "." not in name else None
        if isinstance(old, (Items, Unknown)) and method in _METHODS and call.args:
            _replace(scope, name, _METHODS[method](old, _value(scope, call.args[-1])))
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


def _import(scope: _Scope, node: tree.ImportStatement) -> None:
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


def _star(scope: _Scope, path: str, written: str) -> None:
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


def _doubt(scope: _Scope, why: str) -> None:
    scope.why = scope.why or why
    for name, value in scope.env.items():
        if isinstance(value, (Text, Items)) and not value.why:
            scope.env[name] = value._replace(why=why)


# Expressions


def _value(scope: _Scope, node: Node | None) -> Value:
    """What an expression gives."""
    if isinstance(node, tree.Constant) and isinstance(node.value, str):
        return Text((Entry(node.value, Location(scope.path, node.at), scope.holder, True),))
    if isinstance(node, tree.Path):
        return _name(scope, node.text)
    if isinstance(node, tree.Sequence):
        return _sequence(scope, node)
    if isinstance(node, tree.Binary) and node.op == "+":
        return concatenated([_value(scope, term) for term in node.terms])
    if isinstance(node, tree.Binary) and node.op == "%" and len(node.terms) == 2:
        form, given = node.terms
        return _filled(scope, form, "%s", given.items if isinstance(given, tree.Sequence) else (given,))
    if isinstance(node, tree.FString):
        return concatenated([_formatted(scope, part) for part in node.parts])
    if isinstance(node, tree.Conditional):
        return merge([_value(scope, node.body), _value(scope, node.orelse)])
    if isinstance(node, tree.Boolean):
        return merge([_value(scope, value) for value in node.values])
    if isinstance(node, tree.Comprehension):
        return _comprehension(scope, node)
    if isinstance(node, tree.Subscript):
        whole = _value(scope, node.value)
        part = isinstance(whole, Items) and isinstance(node.index, tree.Slice)
        return possible(whole) if part else Unknown("an item")
    return _call(scope, node) if isinstance(node, tree.Call) else Unknown("computed")


def _formatted(scope: _Scope, part: Node) -> Value:
    """A piece of a format string; one that is not known becomes `*`."""
    value = _value(scope, part)
    if isinstance(value, Text) and not value.why:
        return value
    return Text((Entry("*", Location(scope.path, part.at), scope.holder, True),))


def _filled(scope: _Scope, form: Node, hole: str, parts: tuple[Node, ...]) -> Value:
    """`"%s.urls" % name` and `"{}.urls".format(name)`, for a literal that has only plain holes."""
    text = form.value if isinstance(form, tree.Constant) and isinstance(form.value, str) else ""
    pieces = text.split(hole)
    if any(mark in piece for piece in pieces for mark in "%{}") or len(pieces) != len(parts) + 1:
        return Unknown("a formatted string")
    mixed: list[Value] = [_value(scope, tree.Constant(pieces[0], form.at))]
    for part, piece in zip(parts, pieces[1:], strict=True):
        mixed += [_formatted(scope, part), _value(scope, tree.Constant(piece, form.at))]
    return concatenated(mixed)


def _name(scope: _Scope, text: str) -> Value:
    """What a name, or an attribute of an imported module, holds."""
    found: Value | None = None
    owner, _, last = text.rpartition(".")
    if owner:
        module = scope.project[resolve, (scope.path, owner)]
        if isinstance(module, Symbol) and module.kind == "module" and module.path != scope.path:
            found = value_of(scope.project, module.path, last)
    elif text in scope.env:
        return scope.env[text]
    elif text in scope.imported:
        found = value_of(scope.project, *scope.imported[text])
    elif scope.function:
        found = value_of(scope.project, scope.path, text)
    return found or Unknown(f"`{text}`")


def _sequence(scope: _Scope, node: tree.Sequence) -> Value:
    entries: list[Entry] = []
    why = ""
    values: list[Value] = []
    nested = False
    for item in node.items:
        starred = isinstance(item, tree.Starred)
        value = _value(scope, item.value if starred else item)
        values.append(value)
        nested = nested or (isinstance(value, (Items, Many)) and not starred)
        if isinstance(value, Text if not starred else Items):
            sure = starred or len(value.entries) == 1
            entries.extend(entry._replace(sure=entry.sure and sure) for entry in value.entries)
            why = why or value.why
        else:
            why = why or doubt(value)
    if node.kind == "tuple" and nested:
        return Many(tuple(values))
    return Items(tuple(entries), why)


def _comprehension(scope: _Scope, node: tree.Comprehension) -> Value:
    """`[f"apps.{name}" for name in NAMES if ...]`: the element for each entry in turn."""
    generator = node.generators[0]
    source = _value(scope, generator.iterable)
    target = generator.target
    if len(node.generators) > 1 or not isinstance(target, tree.Path):
        return Unknown("a comprehension")
    outer = dict(scope.env)
    known = source.entries if isinstance(source, Items) else ()
    others = Entry("*", Location(scope.path, node.at), scope.holder, False)
    entries: list[Entry] = []
    why = ""
    for entry in (*known, others) if doubt(source) else known:
        scope.env[target.text] = Text((entry,))
        made = _value(scope, node.element)
        if isinstance(made, Text):
            entries.extend(form._replace(at=entry.at, holder=entry.holder, sure=entry.sure) for form in made.entries)
        why = why or doubt(made)
    scope.env = outer
    if any(entry.text == "*" for entry in entries):
        why, entries = doubt(source), [entry for entry in entries if entry.text != "*"]
    result = Items(tuple(entries), why)
    return possible(result) if generator.conditions else result


_COPIES = frozenset({"list", "tuple", "sorted", "reversed"})
_UNIQUE = frozenset({"set", "frozenset", "dict.fromkeys", "OrderedDict.fromkeys", "collections.OrderedDict.fromkeys"})


def _call(scope: _Scope, node: tree.Call) -> Value:
    if isinstance(node.func, tree.Attribute) and node.func.text == "format" and not node.keywords:
        return _filled(scope, node.func.value, "{}", node.args)
    text = node.func.text if isinstance(node.func, tree.Path) else ""
    if text in _COPIES or text in _UNIQUE:
        value = _value(scope, node.args[0]) if node.args else Items(())
        if text in _UNIQUE and isinstance(value, Items):
            return Items(tuple({entry.text: entry for entry in reversed(value.entries)}.values()), value.why)
        return value
    answer = evaluate(scope.project, (scope.path, ""), node.func) if scope.depth > 0 else Unknown("too deep")
    if isinstance(answer, Symbol) and answer.kind == "function":
        return _returned(scope, answer, node)
    default = node.argument(1, "default")
    value = _value(scope, default) if default is not None else Unknown("")
    why = f"`{text}()` decides it when the program runs" if text else "computed"
    return value._replace(why=why) if isinstance(value, (Text, Items)) else Unknown(why)


def _returned(scope: _Scope, function: Symbol, call: tree.Call) -> Value:
    """What a function of the repository returns when it is given these values."""
    facts = function_facts(scope.project, function)
    if facts is None or facts.is_async or facts.is_generator or any(param.kind in "**" for param in facts.params):
        return Unknown(f"what `{function.last}` returns")
    static = any(getattr(decorator, "last", "") == "staticmethod" for decorator in facts.decorators)
    params = facts.params[1:] if facts.owner and not static else facts.params
    inner = _Scope(scope.project, function.path, scope.depth - 1, function=True)
    for index, param in enumerate(params):
        given = call.argument(index, param.name)
        inner.env[param.name] = _value(scope, given) if given is not None else _value(inner, param.default)
    _block(inner, facts.body)
    return merge(inner.returned) if inner.returned else Unknown("nothing is returned")
