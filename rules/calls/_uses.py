"""What happens to the value of an expression where it stands: dropped, awaited, used at once, kept or passed on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import Node


class Use(NamedTuple):
    """`kind`: `awaited`, `dropped`, `value` (used as it is), `stored` in a local name, `returned`, `passed`, `given`.

    `how` says it in words for a value, and is the local name for what is stored. A value use that
    is `sure` fails on a coroutine; others, such as a test of its truth, just come out wrong.
    For what is passed as an argument, `how` is the last name of what it is passed to; what is given to a class
    under a name has `Class(name=)` there.
    """

    kind: str
    how: str = ""
    sure: bool = False


DROPPED, PASSED, RETURNED = Use("dropped"), Use("passed"), Use("returned")
INSIDE = Use("returned", "inside")
"""It is returned as a part of something that is written out there."""
ENTERED = Use("value", "it is entered by `with`", True)
EATERS = frozenset(
    {
        "abs", "all", "any", "bool", "dict", "enumerate", "float", "frozenset", "int", "iter", "json.dumps", "len",
        "list", "max", "min", "next", "reversed", "round", "set", "sorted", "sum", "tuple",
    }
)  # fmt: skip
"""Callables that need their first argument's value at once."""
_ASKING = frozenset({"isawaitable", "iscoroutine", "isinstance", "hasattr", "callable"})
"""Callables that ask what something is: whoever asks may well await it if it has to be."""
_OWN = ("close", "send", "throw", "cr_")
"""What a coroutine object itself has."""
_WRITERS = frozenset({"JsonResponse", "JSONResponse", "ORJSONResponse", "jsonify", "json_response"})
"""Callables that write their first argument as JSON."""
_WRITTEN = Use("value", "it is written as JSON", True)
_TESTED = Use("value", "its truth is tested")
_COMPARED = Use("value", "it is compared with `None`")
TESTS = (_TESTED, _COMPARED)
"""What nobody asks of a coroutine."""


def uses(*body: Node) -> Iterator[tuple[Node, Use]]:
    """Each call and each name in these statements with what happens to its value; nested functions left out."""
    stack: list[tuple[Node, Use]] = [(node, PASSED) for node in reversed(body)]
    while stack:
        node, use = stack.pop()
        if node is None:
            continue
        if isinstance(node, (tree.Call, tree.Path)):
            yield node, use
        stack.extend(reversed(tuple(_inside(node, use))))


def attribute_use(text: str) -> Use:
    """What reading these attributes of a value means for it."""
    first = text.partition(".")[0]
    return (
        PASSED
        if first.startswith("__") or first.startswith(_OWN)
        else Use("value", f"`.{first}` is read from it", True)
    )


def _inside(node: Node, use: Use) -> Iterator[tuple[Node, Use]]:
    special = _SPECIAL.get(type(node))
    if special is not None:
        yield from special(node, use)
        return
    how = _SIMPLE.get(type(node))
    for child in tree.children(node):
        yield child, how if how is not None else PASSED


def _attribute(node: tree.Attribute, use: Use) -> Iterator[tuple[Node, Use]]:
    yield node.value, attribute_use(node.text)


def _subscript(node: tree.Subscript, use: Use) -> Iterator[tuple[Node, Use]]:
    yield node.value, Use("value", "an item is taken from it", True)
    yield node.index, PASSED


def _compare(node: tree.Compare, use: Use) -> Iterator[tuple[Node, Use]]:
    none = any(isinstance(term, tree.Constant) and term.value is None for term in node.terms)
    for index, term in enumerate(node.terms):
        contained = index < len(node.ops) and node.ops[index] in ("in", "not in")
        yield term, PASSED if contained else _COMPARED if none else Use("value", "it is compared")


def _boolean(node: tree.Boolean, use: Use) -> Iterator[tuple[Node, Use]]:
    for value in node.values[:-1]:
        yield value, _TESTED
    yield node.values[-1], use


def _conditional(node: tree.Conditional, use: Use) -> Iterator[tuple[Node, Use]]:
    yield node.test, _TESTED
    yield node.body, use
    yield node.orelse, use


def _walrus(node: tree.Walrus, use: Use) -> Iterator[tuple[Node, Use]]:
    yield node.value, use if use.kind == "value" else PASSED


def _tested(node: Node, use: Use) -> Iterator[tuple[Node, Use]]:
    for child in tree.children(node):
        yield child, _TESTED if child is node.test else PASSED


def _loop(node: Node, use: Use) -> Iterator[tuple[Node, Use]]:
    for child in tree.children(node):
        yield child, Use("value", "it is looped over", True) if child is node.iterable else PASSED


def _with(node: tree.With, use: Use) -> Iterator[tuple[Node, Use]]:
    for context, target in node.items:
        yield context, ENTERED
        yield target, PASSED
    expected = any(_expects_misfit(context) for context, _ in node.items)
    for statement in node.body:
        # A call that does not fit fails by itself, before there is anything to await.
        yield statement.value if expected and isinstance(statement, tree.Expression) else statement, PASSED


def _expects_misfit(context: Node) -> bool:
    """Whether a `with` waits for the error that arguments raise which a function does not take."""
    if not isinstance(context, tree.Call) or getattr(context.func, "last", "") not in ("raises", "assertRaises"):
        return False
    return any(isinstance(each, tree.Path) and each.last == "TypeError" for each in tree.walk(*context.args[:1]))


def _assign(node: tree.Assign, use: Use) -> Iterator[tuple[Node, Use]]:
    if len(node.targets) == 1 and isinstance(node.targets[0], tree.Path) and "." not in node.targets[0].text:
        kept = Use("stored", node.targets[0].text)
    elif all(isinstance(target, tree.Sequence) for target in node.targets):
        kept = Use("value", "it is unpacked", True)
    else:
        kept = PASSED
    yield node.value, kept
    for target in node.targets:
        if not isinstance(target, tree.Path) or "." in target.text:
            yield target, PASSED


def _call(node: tree.Call, use: Use) -> Iterator[tuple[Node, Use]]:
    yield node.func, Use("value", "it is called", True) if isinstance(node.func, tree.Call) else PASSED
    name = node.func.text if isinstance(node.func, tree.Path) else ""
    for index, argument in enumerate(node.args):
        if index == 0 and (name == "json.dumps" or name.rpartition(".")[2] in _WRITERS):
            yield argument, _WRITTEN
            continue
        eaten = index == 0 and name in EATERS and len(node.args) == 1
        last = getattr(node.func, "last", "")
        asked = Use("awaited") if last in _ASKING else Use("passed", last)
        yield argument, Use("value", f"it is given to `{name}()`", True) if eaten else asked
    is_made = name.rpartition(".")[2][:1].isupper()
    for keyword in node.keywords:
        yield keyword.value, Use("given", f"{name}({keyword.name}=)") if is_made and keyword.name else PASSED


def _mapping(node: tree.Mapping, use: Use) -> Iterator[tuple[Node, Use]]:
    for key, value in node.items:
        yield key, PASSED
        yield value, _of_part(use)


def _sequence(node: tree.Sequence, use: Use) -> Iterator[tuple[Node, Use]]:
    for item in node.items:
        yield item, _of_part(use)


def _of_part(use: Use) -> Use:
    """What happens to the parts of what is used so."""
    return use if use in (_WRITTEN, INSIDE) else INSIDE if use == RETURNED else PASSED


_SPECIAL: dict[type, Callable[[Any, Use], Iterator[tuple[Node, Use]]]] = {
    tree.Attribute: _attribute,
    tree.Subscript: _subscript,
    tree.Compare: _compare,
    tree.Boolean: _boolean,
    tree.Conditional: _conditional,
    tree.Walrus: _walrus,
    tree.If: _tested,
    tree.While: _tested,
    tree.Assert: _tested,
    tree.For: _loop,
    tree.Generator: _loop,
    tree.With: _with,
    tree.Assign: _assign,
    tree.Call: _call,
    tree.Mapping: _mapping,
    tree.Sequence: _sequence,
}
_SIMPLE = {
    tree.Expression: DROPPED,
    tree.Return: RETURNED,
    tree.Await: Use("awaited"),
    tree.Unary: Use("value", "an operator is applied to it"),
    tree.Binary: Use("value", "an operator is applied to it", True),
    tree.FString: Use("value", "it is written into a string"),
    tree.Starred: Use("value", "it is unpacked", True),
    tree.AugAssign: Use("value", "an operator is applied to it"),
    tree.Raise: Use("value", "it is raised"),
}
