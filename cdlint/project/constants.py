"""Constants: what strings, numbers and tuples of them an expression comes to without running it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from ..facts import tree
from ..facts.codec import decode
from ..facts.tree import Node
from . import Project
from .answers import Symbol, Unknown
from .assignments import local_assignments
from .classes import class_facts, fields, function_facts, functions_of, resolve_in
from .inference import inferred, is_own_function
from .memo import CyclicFact
from .values import Scope, evaluate

_RETURN = tree.TAG[tree.Return]
Folded: TypeAlias = Any
"""A str, int, float, bool, None, bytes, a tuple of those, or `Unknown`."""

LONGEST = 10_000
"""Strings and tuples that come out longer are nobody's prefix or setting."""

_JOINS = frozenset({"os.path.join", "posixpath.join"})
_CHANGES = ("append", "extend", "insert", "remove")
_ENVIRONMENT = frozenset({"os.getenv", "os.environ.get"})
_PLAIN = ("strip", "lstrip", "rstrip", "lower", "upper", "removeprefix", "removesuffix", "replace")


def fold(project: Project, scope: Scope, node: Node | None, *, infer: bool = True) -> Folded:
    """The constant that an expression comes to: through names, settings' defaults and string operations.

    What a function of the repository returns is inferred, which takes long: who asks about many
    expressions does without.
    """

    def leaf(inner: Node) -> Folded:
        return _leaf(project, scope, inner, infer)

    return combine(node, leaf)


def combine(node: Node | None, leaf: Callable[[Node], Folded]) -> Folded:
    """The constant that an expression comes to when `leaf` says what names, items and calls in it are."""
    if isinstance(node, tree.Constant):
        return node.value
    if isinstance(node, tree.FString):
        return _text("".join, [combine(part, leaf) for part in node.parts])
    if isinstance(node, tree.Sequence) and node.kind in ("tuple", "list"):
        items = [combine(item, leaf) for item in node.items]
        return next((item for item in items if isinstance(item, Unknown)), tuple(items))
    if isinstance(node, tree.Binary):
        return _binary(node, [combine(term, leaf) for term in node.terms])
    if isinstance(node, tree.Boolean) and node.op == "or":
        for value in node.values:
            known = combine(value, leaf)
            if known or isinstance(known, Unknown):
                return known
        return known
    if isinstance(node, tree.Conditional):
        return _agreed([combine(node.body, leaf), combine(node.orelse, leaf)])
    if isinstance(node, tree.Call):
        known = _method(node, leaf)
        return leaf(node) if isinstance(known, Unknown) else known
    return Unknown("no expression") if node is None else leaf(node)


def _agreed(values: list[Folded]) -> Folded:
    return values[0] if values and all(value == values[0] for value in values) else Unknown("several values")


def _text(join: Callable[[list[str]], str], parts: list[Folded]) -> Folded:
    """Strings put together, when every one of them is known."""
    unknown = next((part for part in parts if isinstance(part, Unknown)), None)
    if unknown is not None:
        return unknown
    text = join([str(part) for part in parts])
    return text if len(text) <= LONGEST else Unknown("a very long string")


def _binary(node: tree.Binary, terms: list[Folded]) -> Folded:
    unknown = next((term for term in terms if isinstance(term, Unknown)), None)
    if unknown is not None:
        return unknown
    if node.op == "+" and all(isinstance(term, str) for term in terms):
        return _text("".join, terms)
    if node.op == "+" and all(isinstance(term, tuple) for term in terms):
        joined = sum(terms, ())
        return joined if len(joined) <= LONGEST else Unknown("a very long tuple")
    if node.op == "%" and len(terms) == 2 and isinstance(terms[0], str):
        return _percent(terms[0], terms[1] if isinstance(terms[1], tuple) else (terms[1],))
    return Unknown(f"the result of `{node.op}`")


def _percent(pattern: str, values: tuple[Folded, ...]) -> Folded:
    pieces = re.split(r"%[sd]", pattern)
    if len(pieces) != len(values) + 1 or "%" in "".join(pieces):
        return Unknown("a format that is not plain")
    return _text("".join, [part for pair in zip(pieces, (*values, ""), strict=True) for part in pair])


def _format(pattern: str, values: tuple[Folded, ...], named: dict[str, Folded]) -> Folded:
    """`pattern.format(...)` for plain `{}`, `{0}` and `{name}`."""
    parts: list[Folded] = []
    position = 0
    for piece in re.split(r"(\{\w*\})", pattern):
        if not re.fullmatch(r"\{\w*\}", piece):
            parts.append(Unknown("a format that is not plain") if "{" in piece or "}" in piece else piece)
            continue
        key = piece[1:-1]
        if key == "":
            key, position = str(position), position + 1
        known = values[int(key)] if key.isdecimal() and int(key) < len(values) else named.get(key, Unknown(piece))
        parts.append(known)
    return _text("".join, parts)


def _method(node: tree.Call, leaf: Callable[[Node], Folded]) -> Folded:
    """`"...".format(...)`, `",".join(...)`, `x.rstrip("/")` on strings that are known."""
    owner: Node
    if isinstance(node.func, tree.Attribute) and "." not in node.func.text:
        owner, name = node.func.value, node.func.text
    elif isinstance(node.func, tree.Path) and "." in node.func.text:
        text, _, name = node.func.text.rpartition(".")
        owner = tree.Path(text, node.func.at)
    else:
        return Unknown("a call")
    if name not in ("format", "join", *_PLAIN):
        return Unknown("a call")
    receiver = combine(owner, leaf)
    values = [combine(argument, leaf) for argument in node.args]
    if not isinstance(receiver, str) or any(isinstance(value, Unknown) for value in values):
        return Unknown("a call")
    return string_method(receiver, name, values, {k.name: combine(k.value, leaf) for k in node.keywords if k.name})


def string_method(receiver: str, name: str, values: list[Folded], named: dict[str, Folded]) -> Folded:
    """What a method of a string returns for arguments that are known."""
    if name not in ("format", "join", *_PLAIN) or any(isinstance(value, Unknown) for value in values):
        return Unknown("a call")
    if name == "format":
        return _format(receiver, tuple(values), named)
    if name == "join":
        good = len(values) == 1 and isinstance(values[0], tuple)
        return _text(receiver.join, list(values[0])) if good else Unknown("a call")
    if named or not all(isinstance(value, str) for value in values):
        return Unknown("a call")
    try:
        return _text("".join, [getattr(receiver, name)(*values)])
    except TypeError:
        return Unknown("a call with the wrong arguments")


def _leaf(project: Project, scope: Scope, node: Node, infer: bool) -> Folded:
    if isinstance(node, tree.Path):
        return _name(project, scope, node.text, infer)
    if isinstance(node, tree.Attribute):
        owner = evaluate(project, scope, node.value)
        return _attribute(project, owner, node.text, infer) if isinstance(owner, Symbol) else Unknown("an attribute")
    if isinstance(node, tree.Call):
        return _call(project, scope, node, infer)
    return Unknown(f"the value of a {type(node).__name__.lower()}")


def _call(project: Project, scope: Scope, node: tree.Call, infer: bool) -> Folded:
    callee = evaluate(project, scope, node.func)
    name = callee.name if isinstance(callee, Symbol) and callee.kind == "external" else ""
    if name in _JOINS:
        from posixpath import join

        return _text(
            lambda parts: join(*parts) if parts else "", [fold(project, scope, arg, infer=infer) for arg in node.args]
        )
    if name == "builtins.str" and len(node.args) == 1:
        return _text("".join, [fold(project, scope, node.args[0], infer=infer)])
    if name in _ENVIRONMENT and node.argument(1, "default") is not None:
        return fold(project, scope, node.argument(1, "default"), infer=infer)
    if not is_own_function(callee):
        return Unknown("the result of a call")
    try:
        known = project[_returned, callee]
    except CyclicFact:
        return Unknown("the result of a function that calls itself")
    return project[inferred, (scope[0], node.at[0], node.at[1])] if infer and isinstance(known, Unknown) else known


def _returned(project: Project, function: Symbol) -> Folded:
    """The constant that a function gives which has one `return`, whatever it is called with."""
    facts = function_facts(project, function)
    if facts is None or facts.is_async or facts.is_generator or facts.decorator_codes:
        return Unknown("the result of a call")
    returns = [code for code in facts.statements() if code[0] == _RETURN]
    if len(returns) != 1:
        return Unknown("a function with several results")
    return fold(project, (function.path, function.name), decode(returns[0][1]), infer=False)


def _local(project: Project, key: tuple[Scope, str, bool]) -> Folded:
    """The constant that all assignments to a local name agree on."""
    scope, name, infer = key
    given = project[local_assignments, scope][name]
    return _agreed([fold(project, scope, value, infer=infer) for value, _ in given])


def _name(project: Project, scope: Scope, text: str, infer: bool) -> Folded:
    first, _, rest = text.partition(".")
    function = project[functions_of, scope[0]].get(scope[1]) if scope[1] else None
    if function is not None and first in function.binds and not rest:
        assigned = project[local_assignments, scope].get(first, ())
        if any(param.name == first for param in function.params) or not assigned:
            return Unknown(f"`{first}` is decided by the caller")
        if any(f"{first}.{change}" in function.calls for change in _CHANGES):
            return Unknown(f"`{first}` is changed")
        try:
            return project[_local, (scope, first, infer)]
        except CyclicFact:
            return Unknown(f"`{first}` depends on itself")
    answer = resolve_in(project, scope[0], scope[1], text)
    if isinstance(answer, Symbol) and answer.kind == "variable":
        return project[variable, (answer.path, answer.name)]
    if rest:
        head, _, name = text.rpartition(".")
        if name == "value":
            return _name(project, scope, head, infer)
        owner = evaluate(project, scope, tree.Path(head, (0, 0, 0, 0)))
        if isinstance(owner, Symbol):
            return _attribute(project, owner, name, infer)
    return Unknown(f"`{text}` is not a constant")


def _attribute(project: Project, owner: Symbol, name: str, infer: bool) -> Folded:
    """The default of a field of a class of the repository, as its instances have it."""
    if owner.kind == "module":
        return _name(project, (owner.path, ""), name, infer)
    if owner.kind not in ("instance", "class"):
        return Unknown(f"an attribute of `{owner.name}`")
    cls = Symbol("class", owner.path, owner.name)
    for holder, binding in fields(project, cls):
        if binding.name == name:
            return project[variable, (holder.path, f"{holder.name}.{name}")]
    return Unknown(f"`{owner.name}.{name}` is computed")


def variable(project: Project, key: tuple[str, str]) -> Folded:
    """The constant that a module's or class's variable holds, for `(path, name or Class.name)`."""
    path, qualname = key
    owner, _, name = qualname.rpartition(".")
    module = project.module(path)
    if module is None:
        return Unknown("the file could not be read")
    cls = class_facts(project, Symbol("class", path, owner)) if owner else None
    bindings = [b for b in (cls.fields if cls else module.bindings) if b.name == name and b.kind != "annotation"]
    if not bindings or any(b.kind != "assign" or b.value_code is None or b.guard == "loop" for b in bindings):
        return Unknown(f"`{qualname}` is not assigned a constant")
    if any(f"{name}.{change}" in module.main.calls for change in _CHANGES):
        return Unknown(f"`{qualname}` is changed")
    try:
        return _agreed([_field(project, (path, owner), binding.value) for binding in bindings])
    except CyclicFact:
        return Unknown(f"`{qualname}` is defined through itself")


def _field(project: Project, scope: Scope, node: Node | None) -> Folded:
    """A value assigned in a module or class; `Field(default=...)` of a settings class is its default."""
    if isinstance(node, tree.Call) and scope[1]:
        callee = evaluate(project, (scope[0], ""), node.func)
        if isinstance(callee, Symbol) and callee.kind == "external" and callee.last in ("Field", "field"):
            return fold(project, scope, node.argument(0, "default"))
    return fold(project, scope, node)
