"""Expressions of an `ast` as encoded trees, and which names they load and bind.

This is the hottest code of a cold run, hence the dispatch on type, the local variables
and the absence of `ast.NodeVisitor`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from . import tree
from .scope import Scope
from .tree import At, Code

_T = tree.TAG
_PATH, _ATTRIBUTE, _CALL, _CONSTANT = _T[tree.Path], _T[tree.Attribute], _T[tree.Call], _T[tree.Constant]
_FSTRING, _SUBSCRIPT, _SLICE, _BINARY = _T[tree.FString], _T[tree.Subscript], _T[tree.Slice], _T[tree.Binary]
_BOOLEAN, _UNARY, _COMPARE = _T[tree.Boolean], _T[tree.Unary], _T[tree.Compare]
_CONDITIONAL, _AWAIT, _YIELD, _LAMBDA = _T[tree.Conditional], _T[tree.Await], _T[tree.Yield], _T[tree.Lambda]
_SEQUENCE, _MAPPING, _COMPREHENSION = _T[tree.Sequence], _T[tree.Mapping], _T[tree.Comprehension]
_WALRUS, _STARRED, _KEYWORD, _GENERATOR = _T[tree.Walrus], _T[tree.Starred], _T[tree.Keyword], _T[tree.Generator]

_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
    ast.Pow: "**", ast.LShift: "<<", ast.RShift: ">>", ast.BitOr: "|", ast.BitAnd: "&",
    ast.BitXor: "^", ast.MatMult: "@", ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=",
    ast.Gt: ">", ast.GtE: ">=", ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
    ast.Not: "not", ast.USub: "-", ast.UAdd: "+", ast.Invert: "~", ast.And: "and", ast.Or: "or",
}  # fmt: skip


_HOOKS = {"exec", "globals", "locals", "setattr", "vars", "__all__.append", "__all__.extend"}


def at(node: Any) -> At:
    """Where a node stands."""
    return (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)


def operator(node: ast.AST) -> str:
    """How an operator is written."""
    return _OPERATORS[type(node)]


class Expressions:
    """Encodes expressions into the scope that is current while it is called."""

    def __init__(self) -> None:
        self.scope = Scope("module", "", None)
        self._awaited: ast.expr | None = None

    def encode(self, node: ast.expr | None) -> Code:
        """One expression, or None."""
        if node is None:
            return None
        return ENCODERS[type(node)](self, node)

    def encode_all(self, nodes: list[ast.expr]) -> tuple[Code, ...]:
        """Several expressions."""
        return tuple([ENCODERS[type(node)](self, node) for node in nodes])

    def name(self, node: Any) -> Code:
        where = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
        if type(node.ctx) is ast.Load:
            self.scope.loads.setdefault(node.id, where)
        else:
            self.scope.binds.add(node.id)
        return (_PATH, node.id, where)

    def attribute(self, node: ast.Attribute) -> Code:
        names = [node.attr]
        value: Any = node.value
        while type(value) is ast.Attribute:
            names.append(value.attr)
            value = value.value
        where = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
        if type(value) is ast.Name:
            name = value.id
            names.append(name)
            if name not in self.scope.loads:
                self.scope.loads[name] = at(value)
            names.reverse()
            return (_PATH, ".".join(names), where)
        names.reverse()
        return (_ATTRIBUTE, ENCODERS[type(value)](self, value), ".".join(names), where)

    def call(self, node: ast.Call) -> Code:
        func = ENCODERS[type(node.func)](self, node.func)
        name = callee(func)
        scope, given = self.scope, node.args
        named = tuple([keyword.arg or "**" for keyword in node.keywords]) if node.keywords else ()
        plain = len(given)
        for argument in given:
            if type(argument) is ast.Starred:
                plain -= 1
        scope.calls.add((name, plain, named if plain == len(given) else (*named, "*")))
        if node is not self._awaited:
            scope.unawaited.add(name)
        if name in _HOOKS:
            self.note_hook(node)
        return (
            _CALL,
            func,
            tuple([ENCODERS[type(arg)](self, arg) for arg in given]),
            tuple([(_KEYWORD, k.arg, ENCODERS[type(k.value)](self, k.value)) for k in node.keywords]),
            (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset),
        )

    def note_hook(self, node: ast.Call) -> None:
        """A call that may make names; `definitions` knows how."""
        raise NotImplementedError

    def constant(self, node: ast.Constant) -> Code:
        return (_CONSTANT, node.value, (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset))

    def joined(self, node: Any) -> Code:
        return (_FSTRING, self.encode_all(node.values), at(node))

    def formatted(self, node: Any) -> Code:
        if node.format_spec is not None:
            self.encode(node.format_spec)
        return self.encode(node.value)

    def subscript(self, node: ast.Subscript) -> Code:
        return (_SUBSCRIPT, self.encode(node.value), self.encode(node.slice), at(node))

    def slice(self, node: ast.Slice) -> Code:
        return (_SLICE, self.encode(node.lower), self.encode(node.upper), self.encode(node.step), at(node))

    def binary(self, node: ast.BinOp) -> Code:
        kind = type(node.op)
        terms: list[ast.expr] = [node.right]
        left: ast.expr = node.left
        while type(left) is ast.BinOp and type(left.op) is kind:
            terms.append(left.right)
            left = left.left
        terms.append(left)
        terms.reverse()
        return (_BINARY, _OPERATORS[kind], self.encode_all(terms), at(node))

    def boolean(self, node: ast.BoolOp) -> Code:
        return (_BOOLEAN, operator(node.op), self.encode_all(node.values), at(node))

    def unary(self, node: ast.UnaryOp) -> Code:
        return (_UNARY, operator(node.op), self.encode(node.operand), at(node))

    def compare(self, node: ast.Compare) -> Code:
        terms = self.encode_all([node.left, *node.comparators])
        return (_COMPARE, tuple([operator(op) for op in node.ops]), terms, at(node))

    def conditional(self, node: ast.IfExp) -> Code:
        return (_CONDITIONAL, self.encode(node.test), self.encode(node.body), self.encode(node.orelse), at(node))

    def awaited(self, node: ast.Await) -> Code:
        self._awaited = node.value
        return (_AWAIT, self.encode(node.value), at(node))

    def yielded(self, node: ast.Yield) -> Code:
        self.scope.is_generator = True
        return (_YIELD, self.encode(node.value), False, at(node))

    def delegated(self, node: ast.YieldFrom) -> Code:
        self.scope.is_generator = True
        return (_YIELD, self.encode(node.value), True, at(node))

    def lambda_(self, node: ast.Lambda) -> Code:
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        names = tuple([arg.arg for arg in every if arg is not None])
        for default in [*arguments.defaults, *arguments.kw_defaults]:
            self.encode(default)
        inner = self.enter("lambda", names)
        body = self.encode(node.body)
        self.leave(inner)
        return (_LAMBDA, names, body, at(node))

    def list_(self, node: ast.List) -> Code:
        return (_SEQUENCE, "list", self.encode_all(node.elts), at(node))

    def tuple_(self, node: ast.Tuple) -> Code:
        return (_SEQUENCE, "tuple", self.encode_all(node.elts), at(node))

    def set_(self, node: ast.Set) -> Code:
        return (_SEQUENCE, "set", self.encode_all(node.elts), at(node))

    def dict_(self, node: ast.Dict) -> Code:
        pairs = zip(node.keys, node.values, strict=True)
        return (_MAPPING, tuple([(self.encode(key), self.encode(value)) for key, value in pairs]), at(node))

    def comprehension(self, node: Any) -> Code:
        kind = _COMPREHENSION_KINDS[type(node)]
        inner = self.enter("comprehension", ())
        generators = []
        for each in node.generators:
            iterable = self.encode(each.iter)
            target = self.encode(each.target)
            generators.append((_GENERATOR, target, iterable, self.encode_all(each.ifs), bool(each.is_async)))
        first = self.encode(node.key if kind == "dict" else node.elt)
        second = self.encode(node.value) if kind == "dict" else None
        self.leave(inner)
        return (_COMPREHENSION, kind, first, second, tuple(generators), at(node))

    def walrus(self, node: ast.NamedExpr) -> Code:
        scope: Scope | None = self.scope
        while scope is not None and scope.kind == "comprehension":
            scope = scope.outer
        if scope is not None:
            scope.binds.add(node.target.id)
        return (_WALRUS, node.target.id, self.encode(node.value), at(node))

    def starred(self, node: ast.Starred) -> Code:
        return (_STARRED, self.encode(node.value), at(node))

    def enter(self, kind: str, names: tuple[str, ...]) -> Scope:
        """Open a scope inside the current one."""
        inner = Scope(kind, "", self.scope)
        inner.binds.update(names)
        self.scope = inner
        return inner

    def leave(self, inner: Scope) -> None:
        """Close the scope: what it could not bind is loaded by the one around it."""
        assert inner.outer is not None
        self.scope = inner.outer
        inner.close()


def callee(func: Code) -> str:
    """The dotted callee of an encoded function expression: `a.b`, `?.b` on what is not a name, `?`."""
    if func[0] == _PATH:
        return str(func[1])
    if func[0] == _ATTRIBUTE:
        return "?." + str(func[2])
    return "?"


def call_of(value: Code) -> str:
    """The dotted callee when an encoded value is a call (awaited or not), else `""`."""
    if value is not None and value[0] == _AWAIT:
        value = value[1]
    return callee(value[1]) if value is not None and value[0] == _CALL else ""


_COMPREHENSION_KINDS: dict[type[ast.AST], str] = {
    ast.ListComp: "list",
    ast.SetComp: "set",
    ast.DictComp: "dict",
    ast.GeneratorExp: "generator",
}
ENCODERS: dict[type[ast.AST], Callable[[Expressions, Any], Code]] = {
    ast.Name: Expressions.name,
    ast.Attribute: Expressions.attribute,
    ast.Call: Expressions.call,
    ast.Constant: Expressions.constant,
    ast.JoinedStr: Expressions.joined,
    ast.FormattedValue: Expressions.formatted,
    ast.Subscript: Expressions.subscript,
    ast.Slice: Expressions.slice,
    ast.BinOp: Expressions.binary,
    ast.BoolOp: Expressions.boolean,
    ast.UnaryOp: Expressions.unary,
    ast.Compare: Expressions.compare,
    ast.IfExp: Expressions.conditional,
    ast.Await: Expressions.awaited,
    ast.Yield: Expressions.yielded,
    ast.YieldFrom: Expressions.delegated,
    ast.Lambda: Expressions.lambda_,
    ast.List: Expressions.list_,
    ast.Tuple: Expressions.tuple_,
    ast.Set: Expressions.set_,
    ast.Dict: Expressions.dict_,
    ast.ListComp: Expressions.comprehension,
    ast.SetComp: Expressions.comprehension,
    ast.DictComp: Expressions.comprehension,
    ast.GeneratorExp: Expressions.comprehension,
    ast.NamedExpr: Expressions.walrus,
    ast.Starred: Expressions.starred,
}
# 3.14's template strings read like f-strings here: pieces of text and expressions.
for _name, _method in (("TemplateStr", Expressions.joined), ("Interpolation", Expressions.formatted)):
    if hasattr(ast, _name):
        ENCODERS[getattr(ast, _name)] = _method
