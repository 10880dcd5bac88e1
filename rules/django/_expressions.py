"""What an expression in a settings module gives, as far as it is strings or lists of strings."""

from __future__ import annotations

from dataclasses import dataclass, field

from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol, Unknown
from cdlint.project.classes import function_facts
from cdlint.project.names import resolve
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._known import Entry, Items, Many, Text, Value, concatenated, doubt, merge, possible

DEPTH = 6
"""How many calls a value is followed through."""

STATEMENTS = 20_000
"""How many statements are followed for one module, those of called functions included."""


@dataclass(slots=True)
class Scope:
    """The state while statements are followed."""

    project: Project
    path: str
    depth: int = DEPTH
    function: bool = False
    """Whether the statements are those of a function, which sees the names of its module."""
    env: dict[str, Value] = field(default_factory=dict)
    imported: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Name -> the file and name that it is imported from, looked at only when it is used."""
    cls: Symbol | None = None
    """The class whose instance a property reads, and where in its ancestors the property stands."""
    owner: Symbol | None = None
    this: str = ""
    """What a property calls the instance."""
    returned: list[Value] = field(default_factory=list)
    why: str = ""
    guarded: bool = False
    budget: list[int] = field(default_factory=lambda: [STATEMENTS])
    """How many statements may still be followed, shared with the functions that are called."""
    holder: Location = field(default_factory=lambda: Location("", (0, 0, 0, 0)))


def evaluated(scope: Scope, node: Node | None) -> Value:
    """What an expression gives."""
    if isinstance(node, tree.Constant) and isinstance(node.value, str):
        return Text((Entry(node.value, Location(scope.path, node.at), scope.holder, True),))
    if isinstance(node, tree.Path):
        return named(scope, node.text)
    if isinstance(node, tree.Sequence):
        return _sequence(scope, node)
    if isinstance(node, tree.Binary) and node.op == "+":
        return concatenated([evaluated(scope, term) for term in node.terms])
    if isinstance(node, tree.Binary) and node.op == "%" and len(node.terms) == 2:
        form, given = node.terms
        return _filled(scope, form, "%s", given.items if isinstance(given, tree.Sequence) else (given,))
    if isinstance(node, tree.FString):
        return concatenated([_formatted(scope, part) for part in node.parts])
    if isinstance(node, tree.Conditional):
        return merge([evaluated(scope, node.body), evaluated(scope, node.orelse)])
    if isinstance(node, tree.Boolean):
        return merge([evaluated(scope, value) for value in node.values])
    if isinstance(node, tree.Comprehension):
        return _comprehension(scope, node)
    if isinstance(node, tree.Subscript):
        whole = evaluated(scope, node.value)
        part = isinstance(whole, Items) and isinstance(node.index, tree.Slice)
        return possible(whole) if part else Unknown("an item")
    if isinstance(node, tree.Attribute):
        return _above(scope, node)
    return _call(scope, node) if isinstance(node, tree.Call) else Unknown("computed")


def _above(scope: Scope, node: tree.Attribute) -> Value:
    """`super().INSTALLED_APPS` in a property."""
    from ._class_values import attribute

    call = node.value
    is_super = isinstance(call, tree.Call) and isinstance(call.func, tree.Path) and call.func.text == "super"
    if not is_super or scope.cls is None:
        return Unknown("computed")
    return attribute(scope.project, scope.cls, scope.owner, node.text) or Unknown(node.text)


def _formatted(scope: Scope, part: Node) -> Value:
    """A piece of a format string; one that is not known becomes `*`."""
    value = evaluated(scope, part)
    if isinstance(value, Text) and not value.why:
        return value
    return Text((Entry("*", Location(scope.path, part.at), scope.holder, True),))


def _filled(scope: Scope, form: Node, hole: str, parts: tuple[Node, ...]) -> Value:
    """`"%s.urls" % name` and `"{}.urls".format(name)`, for a literal that has only plain holes."""
    text = form.value if isinstance(form, tree.Constant) and isinstance(form.value, str) else ""
    pieces = text.split(hole)
    if any(mark in piece for piece in pieces for mark in "%{}") or len(pieces) != len(parts) + 1:
        return Unknown("a formatted string")
    mixed: list[Value] = [evaluated(scope, tree.Constant(pieces[0], form.at))]
    for part, piece in zip(parts, pieces[1:], strict=True):
        mixed += [_formatted(scope, part), evaluated(scope, tree.Constant(piece, form.at))]
    return concatenated(mixed)


def named(scope: Scope, text: str) -> Value:
    """What a name, or an attribute of a module or a settings class, holds."""
    from ._class_values import attribute
    from ._values import value_of

    found: Value | None = None
    owner, _, last = text.rpartition(".")
    if owner and scope.cls is not None and owner == scope.this:
        found = attribute(scope.project, scope.cls, None, last)
    elif owner:
        holder = scope.project[resolve, (scope.path, owner)]
        if isinstance(holder, Symbol) and holder.kind == "module" and holder.path != scope.path:
            found = value_of(scope.project, holder.path, last)
        elif isinstance(holder, Symbol) and holder.kind == "class":
            found = attribute(scope.project, holder, None, last)
    elif text in scope.env:
        return scope.env[text]
    elif text in scope.imported:
        found = value_of(scope.project, *scope.imported[text])
    elif scope.function:
        found = value_of(scope.project, scope.path, text)
    return found or Unknown(f"`{text}`")


def _sequence(scope: Scope, node: tree.Sequence) -> Value:
    entries: list[Entry] = []
    why = ""
    values: list[Value] = []
    nested = False
    for item in node.items:
        starred = isinstance(item, tree.Starred)
        value = evaluated(scope, item.value if starred else item)
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


def _comprehension(scope: Scope, node: tree.Comprehension) -> Value:
    """`[f"apps.{name}" for name in NAMES if ...]`: the element for each entry in turn."""
    generator = node.generators[0]
    source = evaluated(scope, generator.iterable)
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
        made = evaluated(scope, node.element)
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


def _call(scope: Scope, node: tree.Call) -> Value:
    if isinstance(node.func, tree.Attribute) and node.func.text == "format" and not node.keywords:
        return _filled(scope, node.func.value, "{}", node.args)
    text = node.func.text if isinstance(node.func, tree.Path) else ""
    if text in _COPIES or text in _UNIQUE:
        value = evaluated(scope, node.args[0]) if node.args else Items(())
        if text in _UNIQUE and isinstance(value, Items):
            return Items(tuple({entry.text: entry for entry in reversed(value.entries)}.values()), value.why)
        return value
    answer = evaluate(scope.project, (scope.path, ""), node.func) if scope.depth > 0 else Unknown("too deep")
    if isinstance(answer, Symbol) and answer.kind == "function":
        return _returned(scope, answer, node)
    default = node.argument(1, "default")
    value = evaluated(scope, default) if default is not None else Unknown("")
    why = f"`{text}()` decides it when the program runs" if text else "computed"
    return value._replace(why=why) if isinstance(value, (Text, Items)) else Unknown(why)


def _returned(scope: Scope, function: Symbol, call: tree.Call) -> Value:
    """What a function of the repository returns when it is given these values."""
    facts = function_facts(scope.project, function)
    if facts is None or facts.is_async or facts.is_generator or any(param.kind in "**" for param in facts.params):
        return Unknown(f"what `{function.last}` returns")
    static = any(getattr(decorator, "last", "") == "staticmethod" for decorator in facts.decorators)
    params = facts.params[1:] if facts.owner and not static else facts.params
    from ._values import follow

    inner = Scope(scope.project, function.path, scope.depth - 1, function=True, budget=scope.budget)
    for index, param in enumerate(params):
        given = call.argument(index, param.name)
        inner.env[param.name] = evaluated(scope, given) if given is not None else evaluated(inner, param.default)
    follow(inner, facts.body)
    return merge(inner.returned) if inner.returned else Unknown("nothing is returned")
