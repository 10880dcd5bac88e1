"""What surrounds a place in a file, and whether the code expects that it fails."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise

from cdlint.facts import tree
from cdlint.facts.model import Function, Module
from cdlint.facts.tree import At, Node

IMPORT_ERRORS = frozenset(["ImportError", "ModuleNotFoundError", "Exception", "BaseException"])
ANY_ERROR = frozenset(["Exception", "BaseException"])
_EXPECTING = frozenset(["raises", "suppress", "ignored"])
_PROBES = frozenset(
    [
        "PY2", "PY3", "exists", "find_loader", "find_spec", "get_distribution", "getattr", "hasattr", "hexversion",
        "implementation", "is_file", "isfile", "platform", "python_implementation", "version", "version_info",
    ]
)  # fmt: skip


def around(module: Module, at: At) -> tuple[Node, ...]:
    """The nodes that hold a place, outermost first; those around its function come before those inside."""
    function = _function(module, at)
    body = function.body
    # Statements follow each other, so only the last that starts before the place can hold it.
    after = bisect_right(body, at[:2], key=lambda node: node.at[:2])
    inside = _holding(body[max(after - 1, 0) : after], at)
    if function is module.main:
        return inside
    return (*around(module, function.at), *inside)


def _function(module: Module, at: At) -> Function:
    """The innermost function whose body holds a place."""
    holding = [f for f in module.functions[1:] if f.at[:2] < at[:2] and at[0] <= f.end_line]
    return max(holding, key=lambda f: f.at, default=module.main)


def _holding(nodes: tuple[Node, ...], at: At) -> tuple[Node, ...]:
    for node in nodes:
        span = getattr(node, "at", None)
        holds = span is not None and span[:2] <= at[:2] and at[2:] <= span[2:]
        if holds or span is None or isinstance(node, tree.ClassDef):
            inner = _holding(tuple(tree.children(node)), at)
            if inner or holds:
                return (node, *inner)
    return ()


def statement(module: Module, at: At) -> At:
    """The span of the import statement around one of its names."""
    return next((node.at for node in around(module, at) if isinstance(node, tree.ImportStatement)), at)


def is_expected(module: Module, at: At, errors: frozenset[str], *, flags: bool = False) -> bool:
    """Whether the code provides for a failure at this place.

    A `try` or `with` around it takes one of `errors`, or it runs only if a probe says that it can
    (with `flags` the value of a constant is one), or it is in a test that is skipped, or never runs.
    """
    path = around(module, at)
    for node, inner in pairwise(path):
        if isinstance(node, tree.Try) and _is_attempted(node, inner, errors):
            return True
        if isinstance(node, tree.With) and any(_expects(context) for context, _ in node.items):
            return True
        if isinstance(node, tree.If | tree.Conditional | tree.Boolean) and _probes(node, flags):
            return True
    return _is_skipped(module, at) or _is_dead(module, at, path) or _is_left(module, at)


def _is_left(module: Module, at: At) -> bool:
    """Whether the file ends before this place whenever it is loaded: a test that skips itself, a plain `raise`."""
    if not module.main.holds(tree.Raise) and not module.main.mentions("allow_module_level"):
        return False
    ends = (node.at for node in module.main.body if isinstance(node, tree.Raise) or _skips(node))
    return any(end[:2] < at[:2] for end in ends)


def _skips(node: Node) -> bool:
    call = node.value if isinstance(node, tree.Expression) else None
    return isinstance(call, tree.Call) and call.keyword("allow_module_level") is not None


def _is_dead(module: Module, at: At, path: tuple[Node, ...]) -> bool:
    """Whether a place stands behind a `raise` or `return`, or under the `else` of what always holds."""
    if any(
        isinstance(node, tree.If) and _is_true(node.test) and inner in node.orelse for node, inner in pairwise(path)
    ):
        return True
    blocks = [_function(module, at).body]
    for node in path:
        blocks.extend(field for field in node if isinstance(field, tuple) and field and type(field[0]) in tree.TAG)
    return any(_is_behind(block, path) for block in blocks)


def _is_true(node: Node) -> bool:
    return isinstance(node, tree.Constant) and bool(node.value)


def _is_behind(block: tuple[Node, ...], path: tuple[Node, ...]) -> bool:
    ended = False
    for node in block:
        if ended and node in path:
            return True
        ended = ended or isinstance(node, (tree.Raise, tree.Return))
    return False


def _is_attempted(node: tree.Try, inner: Node, errors: frozenset[str]) -> bool:
    if inner in node.body:
        return any(errors.intersection(_caught(handler)) for handler in node.handlers)
    # What a handler of the failure does is the second best; it may be for another environment.
    return isinstance(inner, tree.Handler) and bool({"ImportError", "ModuleNotFoundError"}.intersection(_caught(inner)))


def _caught(handler: tree.Handler) -> Iterator[str]:
    if handler.type is None:
        yield "BaseException"
    for node in tree.walk(handler.type):
        if isinstance(node, tree.Path):
            yield node.last


def _expects(context: Node) -> bool:
    if not isinstance(context, tree.Call) or not isinstance(context.func, tree.Path | tree.Attribute):
        return False
    return context.func.last in _EXPECTING or context.func.last.startswith("assertRaises")


def _probes(node: Node, flags: bool) -> bool:
    """Whether a condition asks for a version, a file, a module or an attribute, or can never hold."""
    tests = node.values if isinstance(node, tree.Boolean) else (node.test,)
    for each in tree.walk(*tests):
        if isinstance(each, tree.Path) and not _PROBES.isdisjoint(each.text.split(".")):
            return True
        if flags and isinstance(each, tree.Path) and each.last.isupper():
            return True
        if isinstance(each, tree.Constant) and each.value is False:
            return True
    return False


def _is_skipped(module: Module, at: At) -> bool:
    marks = [mark for f in module.functions[1:] if f.at[0] <= at[0] <= f.end_line for mark in f.decorators]
    marks += [mark for c in module.classes if c.at[0] <= at[0] <= c.end_line for mark in c.decorators]
    if _function(module, at) is not module.main:
        # What all tests of the file are marked with.
        marks += [each.value for each in module.bindings if each.name == "pytestmark" and each.value is not None]
    return any(
        isinstance(node, tree.Path) and node.last.lower().startswith(("skip", "xfail")) for node in tree.walk(*marks)
    )
