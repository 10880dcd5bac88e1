"""Definitions and imports: the parts of a file that other files can see."""

from __future__ import annotations

import ast
from typing import Any

from . import tree
from .expressions import Expressions, at, call_of
from .scope import Scope
from .tree import At, Code

_T = tree.TAG
_IMPORT_ERRORS = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


class Definitions(Expressions):
    """Collects imports, functions, classes and bindings while statements are read."""

    def __init__(self) -> None:
        super().__init__()
        self.imports: list[tuple[Any, ...]] = []
        self.functions: list[Any] = [None]
        self.classes: list[Any] = []
        self.bindings: list[tuple[Any, ...]] = []
        self.exports: tuple[tuple[str, ...] | None, bool] = (None, True)
        self.opaque = False
        self._guard = ""
        self._fields: list[list[tuple[Any, ...]]] = []
        self._methods: list[list[str]] = []
        self._lazy_annotations = False

    # Bindings

    def bind(
        self, name: str, kind: str, node: Any, index: int = -1, value: Code = None, annotation: Code = None
    ) -> None:
        """Record that the module or class body that is being read binds a name."""
        scope = self.scope
        scope.binds.add(name)
        if scope.kind == "module":
            found = self.bindings
            if name == "__getattr__":
                # Defined, imported or assigned: a module asks it for what it lacks.
                self._mark_dynamic(name)
        elif scope.kind == "class":
            found = self._fields[-1]
        else:
            return
        found.append((name, kind, index, value, annotation, call_of(value), self._guard, at(node)))

    def bind_target(self, target: ast.expr, kind: str, value: Code, annotation: Code = None) -> None:
        """Record the names that an assignment target binds; only a lone name has a known value."""
        if type(target) is ast.Name:
            if self.scope.kind == "function":
                # Encoding it has bound it, and nobody else sees it.
                return
            self.bind(target.id, kind, target, value=value, annotation=annotation)
        elif type(target) is ast.Starred:
            self.bind_target(target.value, kind, None)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for item in target.elts:
                self.bind_target(item, kind, None)
        elif type(target) is ast.Subscript and _is_sys_modules(target.value):
            self._mark_dynamic("sys.modules")

    def note_exports(self, targets: list[ast.expr], value: ast.expr) -> None:
        """Keep `__all__` when it is assigned on module level."""
        if self.scope.kind == "module" and any(type(t) is ast.Name and t.id == "__all__" for t in targets):
            self.exports = _strings(value)

    def note_more_exports(self, value: ast.expr) -> None:
        """Keep what `__all__ += ...` and `__all__.extend(...)` add."""
        names, known = self.exports
        more, more_known = _strings(value)
        self.exports = ((*(names or ()), *(more or ())), known and more_known)

    def note_hook(self, node: ast.Call) -> None:
        """`globals()`, `exec(...)`, `setattr(sys.modules[...], ...)` make names nobody can see."""
        func = node.func
        if type(func) is ast.Attribute and node.args:
            self.note_more_exports(node.args[0] if func.attr == "extend" else ast.List(node.args))
        if type(func) is not ast.Name:
            return
        of_module = func.id in ("vars", "locals") and not node.args and self.scope.kind == "module"
        if of_module or func.id in ("exec", "globals"):
            self._mark_dynamic(func.id)
        elif func.id == "setattr" and type(node.args[0] if node.args else None) is ast.Subscript:
            self._mark_dynamic("setattr")

    def note_handle(self, value: ast.Subscript) -> None:
        """`this = sys.modules[__name__]`: what is set on it becomes a name of the module."""
        if _is_sys_modules(value.value) and getattr(value.slice, "id", "") == "__name__":
            self._mark_dynamic("sys.modules")

    def _mark_dynamic(self, why: str) -> None:
        scope: Scope = self.scope
        while scope.outer is not None:
            scope = scope.outer
        scope.dynamic = scope.dynamic or why

    # Guards

    def guarded_block(self, body: list[ast.stmt], guard: str) -> tuple[Code, ...]:
        """A block whose statements run only sometimes; an outer guard that hides more wins."""
        before = self._guard
        if before not in ("type-only", "main"):
            self._guard = guard or before
        codes = self.block(body)
        self._guard = before
        return codes

    def attempted_block(self, body: list[ast.stmt], caught: list[Code]) -> tuple[Code, ...]:
        """The body of a `try`; names it loads are guarded when NameError is caught."""
        names = {name for code in caught for name in _error_names(code)}
        guard = "try" if names & _IMPORT_ERRORS else self._guard
        if "NameError" not in names:
            return self.guarded_block(body, guard)
        outer = self.scope.loads
        self.scope.loads = {}
        codes = self.guarded_block(body, guard)
        self.scope.guarded.update(self.scope.loads)
        for name, where in self.scope.loads.items():
            outer.setdefault(name, where)
        self.scope.loads = outer
        return codes

    def guards_of(self, test: ast.expr) -> tuple[str, str]:
        """The guards of an `if` and of its `else`."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return self.guards_of(test.operand)[::-1]
        if isinstance(test, (ast.Name, ast.Attribute)):
            name = test.id if isinstance(test, ast.Name) else test.attr
            if name == "TYPE_CHECKING":
                return "type-only", ""
        if isinstance(test, ast.Constant) and test.value in (False, 0):
            return "type-only", ""
        if isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__":
            return ("", "main") if isinstance(test.ops[0], ast.NotEq) else ("main", "")
        return "if", "else"

    # Imports

    def _edge_kind(self) -> str:
        if self._guard == "type-only":
            return "type-only"
        scope: Scope | None = self.scope
        while scope is not None:
            if scope.kind in ("function", "lambda"):
                return "deferred"
            scope = scope.outer
        return {"": "runtime", "main": "deferred"}.get(self._guard, "conditional")

    def _import(self, node: Any, module: str, name: str | None, alias: str, renamed: bool, where: At) -> int:
        index = len(self.imports)
        self.imports.append((module, name, alias, renamed, self._edge_kind(), self._function_name(), where))
        self.bind(alias, "import", node, index)
        return index

    def _function_name(self) -> str:
        scope: Scope | None = self.scope
        while scope is not None and scope.kind != "function":
            scope = scope.outer
        return scope.qualname if scope is not None else ""

    def plain_import(self, node: ast.Import) -> Code:
        """`import a.b, c as d`."""
        indexes = []
        for name in node.names:
            alias = name.asname or name.name.partition(".")[0]
            indexes.append(self._import(name, name.name, None, alias, name.asname is not None, at(name)))
        return (_T[tree.ImportStatement], tuple(indexes), at(node))

    def from_import(self, node: ast.ImportFrom) -> Code:
        """`from ..a import b as c, d`."""
        module = "." * node.level + (node.module or "")
        if module == "__future__":
            self._lazy_annotations |= any(name.name == "annotations" for name in node.names)
        indexes = []
        for name in node.names:
            alias = name.asname or name.name
            indexes.append(self._import(name, module, name.name, alias, name.asname is not None, at(name)))
        return (_T[tree.ImportStatement], tuple(indexes), at(node))

    # Functions and classes

    def annotation(self, node: ast.expr | None) -> Code:
        """An annotation; under `from __future__ import annotations` its names are not loads."""
        if node is None:
            return None
        return self.unevaluated(node) if self._lazy_annotations or self.scope.kind == "function" else self.encode(node)

    def unevaluated(self, node: ast.expr) -> Code:
        """An expression that is written but not run: its names are not loads."""
        inner = self.enter("class", ())
        code = self.encode(node)
        self.scope = inner.outer or inner
        return code

    def _qualify(self, name: str) -> str:
        scope = self.scope
        while scope.kind not in ("function", "class", "module"):
            scope = scope.outer or scope
        return f"{scope.qualname}.{name}" if scope.qualname else name

    def function(self, node: Any) -> Code:
        """`def` and `async def`."""
        where = self._name_at(node)
        qualname = self._qualify(node.name)
        owner = self.scope.qualname if self.scope.kind == "class" else ""
        parent = self._function_name()
        index = len(self.functions)
        self.functions.append(None)
        self.bind(node.name, "function", node, index)
        if owner:
            self._methods[-1].append(node.name)
        decorators = self.encode_all(node.decorator_list)
        type_names = _type_names(node)
        params = self._params(node.args, type_names)
        returns = self._typed(node.returns, type_names)
        conditional = self._guard not in ("", "type-only")
        guard, self._guard = self._guard, self._guard if self._guard == "type-only" else ""
        inner = Scope("function", qualname, self.scope)
        inner.binds.update(param[0] for param in params)
        inner.binds.update(type_names)
        self.scope = inner
        body = self.block(node.body)
        self.leave(inner)
        self._guard = guard
        local = inner.binds - inner.declared - set(type_names)
        self.functions[index] = (
            qualname, node.name, owner, parent, params, decorators, returns, isinstance(node, ast.AsyncFunctionDef),
            inner.is_generator, conditional, *inner.called(), tuple(sorted(local)),
            tuple(sorted(inner.declared)), where, node.end_lineno, self.pack(body),
        )  # fmt: skip
        return (_T[tree.Def], index, where)

    def _typed(self, node: ast.expr | None, type_names: tuple[str, ...]) -> Code:
        """An annotation in a scope of its own that binds the type parameters."""
        if node is None:
            return None
        if not type_names:
            return self.annotation(node)
        inner = self.enter("comprehension", type_names)
        code = self.annotation(node)
        self.leave(inner)
        return code

    def _params(self, args: ast.arguments, type_names: tuple[str, ...]) -> tuple[Any, ...]:
        params: list[Any] = []
        defaults = [None] * (len(args.posonlyargs) + len(args.args) - len(args.defaults)) + args.defaults
        groups = [("positional-only", args.posonlyargs), ("positional", args.args)]
        values = iter(defaults)
        for kind, group in groups:
            for arg in group:
                params.append(self._param(arg, kind, next(values), type_names))
        if args.vararg:
            params.append(self._param(args.vararg, "*", None, type_names))
        for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            params.append(self._param(arg, "keyword", default, type_names))
        if args.kwarg:
            params.append(self._param(args.kwarg, "**", None, type_names))
        return tuple(params)

    def _param(self, arg: ast.arg, kind: str, default: ast.expr | None, type_names: tuple[str, ...]) -> tuple[Any, ...]:
        return (arg.arg, kind, self._typed(arg.annotation, type_names), self.encode(default), at(arg))

    def class_(self, node: ast.ClassDef) -> Code:
        """`class`."""
        where = self._name_at(node)
        qualname = self._qualify(node.name)
        parent = self.scope.qualname
        index = len(self.classes)
        self.classes.append(None)
        self.bind(node.name, "class", node, index)
        decorators = self.encode_all(node.decorator_list)
        type_names = _type_names(node)
        typed = self.enter("comprehension", type_names)
        bases = self.encode_all(node.bases)
        keywords = tuple([(k.arg, self.encode(k.value)) for k in node.keywords])
        conditional = self._guard not in ("", "type-only")
        guard, self._guard = self._guard, self._guard if self._guard == "type-only" else ""
        inner = Scope("class", qualname, self.scope)
        self.scope = inner
        self._fields.append([])
        self._methods.append([])
        body = self.block(node.body)
        self.leave(inner)
        self.leave(typed)
        self._guard = guard
        self.classes[index] = (
            qualname, node.name, parent, bases, keywords, decorators, tuple(self._fields.pop()),
            tuple(dict.fromkeys(self._methods.pop())), conditional, where, node.end_lineno,
        )  # fmt: skip
        return (_T[tree.ClassDef], index, body, where)

    def _name_at(self, node: Any) -> At:
        """The span of the name in a `def` or `class` line, worked out from the keyword's column."""
        keyword = {"FunctionDef": 4, "AsyncFunctionDef": 10, "ClassDef": 6}[type(node).__name__]
        start = node.col_offset + keyword
        return (node.lineno, start, node.lineno, start + len(node.name.encode()))

    def block(self, body: list[ast.stmt]) -> tuple[Code, ...]:
        """The statements of a block; `extract` knows how."""
        raise NotImplementedError

    def pack(self, body: tuple[Code, ...]) -> bytes:
        """Encoded statements as bytes; `extract` knows how."""
        raise NotImplementedError


def _is_sys_modules(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "modules"


def _type_names(node: Any) -> tuple[str, ...]:
    return tuple([param.name for param in getattr(node, "type_params", ())])


def _strings(node: ast.expr) -> tuple[tuple[str, ...] | None, bool]:
    """The strings of a literal list, and whether those are all of it."""
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        values = [item.value for item in node.elts if isinstance(item, ast.Constant)]
        names = tuple([value for value in values if isinstance(value, str)])
        return names, len(names) == len(node.elts)
    return None, False


def _error_names(code: Code) -> tuple[str, ...]:
    """The names of the exceptions of an `except` clause; a bare one catches all."""
    if code is None:
        return ("BaseException",)
    if code[0] == _T[tree.Path]:
        return (code[1].rpartition(".")[2],)
    if code[0] == _T[tree.Sequence]:
        return tuple([name for item in code[2] for name in _error_names(item)])
    return ()
