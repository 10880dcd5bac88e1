"""One syntax tree in, raw facts out: `Module` as nested plain tuples, ready for `model.encode`."""

from __future__ import annotations

import ast
import marshal
from typing import Any

from . import tree
from .builtin import BUILTINS
from .definitions import Definitions
from .expressions import ENCODERS, at, operator
from .scope import Scope
from .tree import At, Code

_T = tree.TAG
_EXPRESSION, _ASSIGN = _T[tree.Expression], _T[tree.Assign]
_WRITTEN_OUT = 2
"""The version of `marshal` that looks for no repetitions: twice as fast, and a fifth longer."""


def extract(
    module: ast.Module, suppressions: tuple[Any, ...], extra_names: frozenset[str], lines: int
) -> tuple[Any, ...]:
    """The raw facts of one parsed file.

    `extra_names` are names that are bound although the tree does not show it: those of type
    parameters, which the fallback parser had to take out.
    """
    reader = _Reader()
    body = reader.block(module.body)
    scope = reader.scope
    exports, known = reader.exports
    free = [] if scope.dynamic not in ("", "__getattr__") else _unbound(scope, extra_names)
    main = (
        "", "", "", "", (), (), None, False, False, False,
        *scope.called(), tuple(sorted(scope.binds)),
        (), (1, 0, 1, 0), lines, _pack(body),
    )  # fmt: skip
    return (
        tuple(reader.imports),
        (main, *reader.functions[1:]),
        tuple(reader.classes),
        tuple(reader.bindings),
        exports,
        known,
        scope.dynamic,
        tuple(free),
        suppressions,
        reader.opaque,
        lines,
    )


def _unbound(scope: Scope, extra: frozenset[str]) -> list[tuple[str, tree.At]]:
    missing = scope.loads.keys() - scope.binds - BUILTINS - scope.guarded - extra
    return sorted(((name, scope.loads[name]) for name in missing), key=lambda item: item[1])


def _pack(body: tuple[Code, ...]) -> bytes:
    """Encoded statements as bytes; those too deep for `marshal` become one Opaque."""
    try:
        return marshal.dumps(body, _WRITTEN_OUT)
    except ValueError:
        return marshal.dumps(((_T[tree.Opaque], (1, 0, 1, 0)),), _WRITTEN_OUT)


def _unfinished(definitions: list[Any], start: int) -> int:
    """Where the first definition stands that was begun after `start` and not finished."""
    return next((i for i in range(start, len(definitions)) if definitions[i] is None), len(definitions))


class _Reader(Definitions):
    """Reads statements; definitions and imports are read by the classes it builds on."""

    def block(self, body: list[ast.stmt]) -> tuple[Code, ...]:
        """The statements of a block. One that is nested too deeply becomes Opaque."""
        codes = []
        before = (self.scope, self.scope.loads, self._guard, len(self._fields), len(self.functions), len(self.classes))
        for node in body:
            try:
                codes.append(_STATEMENTS[type(node)](self, node))
            except RecursionError:
                self._recover(*before)
                codes.append((_T[tree.Opaque], at(node)))
        return tuple(codes)

    def _recover(
        self, scope: Scope, loads: dict[str, At], guard: str, depth: int, functions: int, classes: int
    ) -> None:
        """Forget the definitions that a statement left unfinished; what it binds is not known."""
        self.opaque = True
        self._mark_dynamic("nesting")
        self.scope, scope.loads, self._guard = scope, loads, guard
        del self._fields[depth:], self._methods[depth:]
        functions, classes = _unfinished(self.functions, functions), _unfinished(self.classes, classes)
        del self.functions[functions:], self.classes[classes:]
        limits = {"function": functions, "class": classes}
        for found in (self.bindings, *self._fields[-1:]):
            found[:] = [binding for binding in found if binding[2] < limits.get(binding[1], binding[2] + 1)]

    def pack(self, body: tuple[Code, ...]) -> bytes:
        return _pack(body)

    def expression(self, node: ast.Expr) -> Code:
        value = node.value
        where = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
        return (_EXPRESSION, ENCODERS[type(value)](self, value), where)

    def assign(self, node: ast.Assign) -> Code:
        targets = self.encode_all(node.targets)
        value = ENCODERS[type(node.value)](self, node.value)
        for target in node.targets:
            self.bind_target(target, "assign", value)
        if self.scope.kind == "module":
            self.note_exports(node.targets, node.value)
        if type(node.value) is ast.Subscript:
            self.note_handle(node.value)
        return (_ASSIGN, targets, value, None, (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset))

    def annotated(self, node: ast.AnnAssign) -> Code:
        target = self.encode(node.target)
        annotation = self.annotation(node.annotation)
        value = self.encode(node.value)
        self.bind_target(node.target, "assign" if node.value else "annotation", value, annotation)
        if node.value is not None:
            self.note_exports([node.target], node.value)
        return (_T[tree.Assign], (target,), value, annotation, at(node))

    def augmented(self, node: ast.AugAssign) -> Code:
        target = self.encode(node.target)
        value = self.encode(node.value)
        if type(node.target) is ast.Name:
            self.scope.loads.setdefault(node.target.id, at(node.target))
            self.bind(node.target.id, "augment", node.target, value=value)
            if node.target.id == "__all__":
                self.note_more_exports(node.value)
        return (_T[tree.AugAssign], target, operator(node.op), value, at(node))

    def returned(self, node: ast.Return) -> Code:
        return (_T[tree.Return], self.encode(node.value), at(node))

    def raised(self, node: ast.Raise) -> Code:
        return (_T[tree.Raise], self.encode(node.exc), self.encode(node.cause), at(node))

    def deleted(self, node: ast.Delete) -> Code:
        for target in node.targets:
            if type(target) is ast.Name:
                self.bind(target.id, "delete", target)
        return (_T[tree.Delete], self.encode_all(node.targets), at(node))

    def asserted(self, node: ast.Assert) -> Code:
        return (_T[tree.Assert], self.encode(node.test), self.encode(node.msg), at(node))

    def branch(self, node: ast.If) -> Code:
        test = self.encode(node.test)
        kind, other = self.guards_of(node.test)
        body = self.guarded_block(node.body, kind)
        orelse = self.guarded_block(node.orelse, other) if node.orelse else ()
        return (_T[tree.If], test, body, orelse, at(node))

    def loop(self, node: Any) -> Code:
        target = self.encode(node.target)
        iterable = self.encode(node.iter)
        self.bind_target(node.target, "target", None)
        body = self.guarded_block(node.body, "loop")
        orelse = self.guarded_block(node.orelse, "loop")
        return (_T[tree.For], target, iterable, body, orelse, type(node) is ast.AsyncFor, at(node))

    def repeat(self, node: ast.While) -> Code:
        test = self.encode(node.test)
        body = self.guarded_block(node.body, "loop")
        return (_T[tree.While], test, body, self.guarded_block(node.orelse, "loop"), at(node))

    def context(self, node: Any) -> Code:
        items = []
        for item in node.items:
            value = self.encode(item.context_expr)
            items.append((value, self.encode(item.optional_vars)))
            if item.optional_vars is not None:
                self.bind_target(item.optional_vars, "target", None)
        return (_T[tree.With], tuple(items), self.block(node.body), type(node) is ast.AsyncWith, at(node))

    def attempt(self, node: Any) -> Code:
        caught = [self.encode(handler.type) for handler in node.handlers]
        body = self.attempted_block(node.body, caught)
        handlers = []
        for handler, code in zip(node.handlers, caught, strict=True):
            if handler.name:
                self.scope.binds.add(handler.name)
            block = self.guarded_block(handler.body, "except")
            handlers.append((_T[tree.Handler], code, handler.name, block, at(handler)))
        orelse = self.guarded_block(node.orelse, "try") if node.orelse else ()
        return (_T[tree.Try], body, tuple(handlers), orelse, self.block(node.finalbody), at(node))

    def match(self, node: ast.Match) -> Code:
        subject = self.encode(node.subject)
        cases = []
        for case in node.cases:
            values = []
            for part in ast.walk(case.pattern):
                if isinstance(part, ast.MatchValue):
                    values.append(self.encode(part.value))
                elif isinstance(part, ast.MatchClass):
                    values.append(self.encode(part.cls))
                elif isinstance(part, (ast.MatchAs, ast.MatchStar)) and part.name:
                    self.bind(part.name, "target", part)
                elif isinstance(part, ast.MatchMapping):
                    values.extend(self.encode_all(part.keys))
                    if part.rest:
                        self.bind(part.rest, "target", part)
            guard = self.encode(case.guard)
            cases.append((_T[tree.Case], tuple(values), guard, self.guarded_block(case.body, "if")))
        return (_T[tree.Match], subject, tuple(cases), at(node))

    def jump(self, node: ast.stmt) -> Code:
        return (_T[tree.Jump], type(node).__name__.lower(), at(node))

    def scoping(self, node: Any) -> Code:
        self.scope.declared.update(node.names)
        kind = "nonlocal"
        if type(node) is ast.Global:
            kind = "global"
            self.scope.exported.update(node.names)
        return (_T[tree.Scoping], kind, tuple(node.names), at(node))

    def alias(self, node: Any) -> Code:
        """`type X[T] = ...`: the value is evaluated lazily, so its names are not loads."""
        value = self.unevaluated(node.value)
        self.scope.binds.add(node.name.id)
        self.bind(node.name.id, "assign", node.name, value=value)
        return (_T[tree.Assign], (self.encode(node.name),), value, None, at(node))


_STATEMENTS: dict[type[ast.AST], Any] = {
    ast.Expr: _Reader.expression,
    ast.Assign: _Reader.assign,
    ast.AnnAssign: _Reader.annotated,
    ast.AugAssign: _Reader.augmented,
    ast.Return: _Reader.returned,
    ast.Raise: _Reader.raised,
    ast.Delete: _Reader.deleted,
    ast.Assert: _Reader.asserted,
    ast.If: _Reader.branch,
    ast.For: _Reader.loop,
    ast.AsyncFor: _Reader.loop,
    ast.While: _Reader.repeat,
    ast.With: _Reader.context,
    ast.AsyncWith: _Reader.context,
    ast.Try: _Reader.attempt,
    ast.TryStar: _Reader.attempt,
    ast.Match: _Reader.match,
    ast.Pass: _Reader.jump,
    ast.Break: _Reader.jump,
    ast.Continue: _Reader.jump,
    ast.Global: _Reader.scoping,
    ast.Nonlocal: _Reader.scoping,
    ast.Import: _Reader.plain_import,
    ast.ImportFrom: _Reader.from_import,
    ast.FunctionDef: _Reader.function,
    ast.AsyncFunctionDef: _Reader.function,
    ast.ClassDef: _Reader.class_,
}
if hasattr(ast, "TypeAlias"):
    _STATEMENTS[ast.TypeAlias] = _Reader.alias
