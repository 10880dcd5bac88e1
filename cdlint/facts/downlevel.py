"""How syntax that is newer than the running Python is written in older Python, line by line.

Only the worker process of `fallback` imports this module: it loads libcst, which is slow to
load and whose parser can take the process down.
"""

from __future__ import annotations

import ast
import re
import string
import warnings
from collections.abc import Iterator
from typing import Any

import libcst as cst

from .fallback import Older, Template

_BRACES = re.compile(r"(\\N\{[^}]*\}|\\\\)|\{\{|\}\}")
_UNSAFE = re.compile(r"(\\.)|\"|\\\Z", re.DOTALL)


def rewritten(source: bytes) -> Older | None:
    """The source in older syntax, None when it is no Python."""
    try:
        module = cst.parse_module(source)
    except (cst.ParserSyntaxError, cst.CSTValidationError):
        return None
    text = module.code
    marker = next((c for c in string.ascii_letters if c not in "bfrtuBFRTU" and not re.search(rf"\b{c}\b", text)), "")
    if not marker:
        raise ValueError("no name is free to mark strings with")
    rewriter = _Rewriter(module, marker)
    older = module.visit(rewriter).bytes
    templates = tuple([template for _, template in sorted(rewriter.templates.items())])
    return Older(older, frozenset(rewriter.names), marker, templates)


def _blank(text: str) -> str:
    """Spaces and line ends that take as much room, in UTF-8, as the text."""
    return "".join([c if c in "\r\n" else " " * len(c.encode()) for c in text])


def _continued(text: str) -> str:
    """The same for places outside brackets, where each line end needs a backslash."""
    return re.sub(r"\r\n|\r|\n", r"\\\g<0>", _blank(text))


class _Text(cst.Name):
    """Any text in the place of an expression."""

    def _validate(self) -> None:
        """Nothing is wrong with any text."""


class _Rewriter(cst.CSTTransformer):
    """Rewrites from the inside out. What has no node of its own becomes text."""

    def __init__(self, module: cst.Module, marker: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.templates: dict[int, Template] = {}
        """By the rank of their strings in the source."""
        self._code = module.code_for_node
        self._marker = marker
        self._ranks: dict[int, int] = {}
        self._inner: set[int] = set()
        """The strings that stand inside a chain of strings, by the id of their nodes."""

    # Type parameters, PEP 695 and 696

    def visit_TypeParameters(self, node: cst.TypeParameters) -> bool:
        self.names.update(each.param.name.value for each in node.params)
        return False

    def _plain(self, node: Any) -> Any:
        if node.type_parameters is None:
            return node
        gap = self._code(node.type_parameters) + self._code(node.whitespace_after_type_parameters)
        name = _Text(node.name.value + _continued(self._code(node.whitespace_after_name) + gap))
        space = cst.SimpleWhitespace("")
        return node.with_changes(
            name=name, type_parameters=None, whitespace_after_name=space, whitespace_after_type_parameters=space
        )

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> Any:
        return self._plain(updated_node)

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> Any:
        return self._plain(updated_node)

    def leave_TypeAlias(self, original_node: cst.TypeAlias, updated_node: cst.TypeAlias) -> Any:
        """`type X[T] = v` as `(    X)   = v`; `v` is evaluated lazily, so its names are not missed."""
        node: Any = updated_node
        self.names.update(_names(original_node.value))
        head = _continued("type" + self._code(node.whitespace_after_type))[1:]
        gap = self._code(node.whitespace_after_name)
        if node.type_parameters is not None:
            gap += self._code(node.type_parameters) + self._code(node.whitespace_after_type_parameters)
        gap = _continued(gap)
        gap = gap[1:] if gap.startswith(" ") else gap
        rest = self._code(node.whitespace_after_equals) + self._code(node.value)
        return _statement(f"({head}{node.name.value}){gap}={rest}", node.semicolon)

    # `except A, B:` (PEP 758), `lazy import` (PEP 810), `[*a for a in b]` (PEP 798)

    def leave_ExceptHandler(self, original_node: cst.ExceptHandler, updated_node: cst.ExceptHandler) -> Any:
        return self._bracketed(updated_node, "whitespace_after_except")

    def leave_ExceptStarHandler(self, original_node: cst.ExceptStarHandler, updated_node: cst.ExceptStarHandler) -> Any:
        return self._bracketed(updated_node, "whitespace_after_star")

    def _bracketed(self, node: Any, space: str) -> Any:
        if not isinstance(node.type, cst.Tuple) or node.type.lpar:
            return node
        types = node.type.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        gap = self._code(getattr(node, space))
        return node.with_changes(type=types, **{space: cst.SimpleWhitespace(gap[:-1] if gap.endswith(" ") else gap)})

    def leave_LazyImport(self, original_node: Any, updated_node: Any) -> Any:
        return self._eager(updated_node, "import")

    def leave_LazyImportFrom(self, original_node: Any, updated_node: Any) -> Any:
        return self._eager(updated_node, "from")

    def _eager(self, node: Any, keyword: str) -> Any:
        head = "lazy" + self._code(node.whitespace_after_lazy)
        code = self._code(node.with_changes(semicolon=cst.MaybeSentinel.DEFAULT))
        return _statement(keyword + _continued(head) + code[len(head) + len(keyword) :], node.semicolon)

    def leave_ListComp(self, original_node: cst.ListComp, updated_node: cst.ListComp) -> Any:
        return self._unstarred(updated_node)

    def leave_SetComp(self, original_node: cst.SetComp, updated_node: cst.SetComp) -> Any:
        return self._unstarred(updated_node)

    def leave_GeneratorExp(self, original_node: cst.GeneratorExp, updated_node: cst.GeneratorExp) -> Any:
        return self._unstarred(updated_node)

    def _unstarred(self, node: Any) -> Any:
        if not isinstance(node.elt, cst.StarredElement):
            return node
        return node.with_changes(elt=_Text(self._code(node.elt).replace("*", " ", 1)))

    def leave_StarredDictComp(self, original_node: Any, updated_node: Any) -> Any:
        return _Text(self._code(updated_node).replace("**", "  ", 1))

    # Strings with expressions inside, PEP 701 and 750

    def _seen(self, node: cst.CSTNode) -> None:
        self._ranks[id(node)] = len(self._ranks)

    def visit_FormattedString(self, node: cst.FormattedString) -> None:
        self._seen(node)

    def visit_TemplatedString(self, node: Any) -> None:
        self._seen(node)

    def visit_ConcatenatedString(self, node: cst.ConcatenatedString) -> None:
        self._seen(node)
        self._inner.update((id(node.left), id(node.right)))

    def leave_FormattedString(self, original_node: cst.FormattedString, updated_node: cst.FormattedString) -> Any:
        return self._string(original_node, updated_node)

    def leave_TemplatedString(self, original_node: Any, updated_node: Any) -> Any:
        return self._string(original_node, updated_node)

    def leave_ConcatenatedString(
        self, original_node: cst.ConcatenatedString, updated_node: cst.ConcatenatedString
    ) -> Any:
        return self._string(original_node, updated_node)

    def _string(self, original: Any, updated: Any) -> Any:
        """`f"a{x!r}b"` as `M(  x   )`, where `M` is the marker and the template knows the rest."""
        if id(original) in self._inner or _accepted(self._code(original.with_changes(lpar=[], rpar=[]))):
            return updated
        call = _StringCall(self._code)
        call.add(original, updated)
        self.templates[self._ranks[id(original)]] = call.template
        text = f"{self._marker}({''.join(call.text)[2:-1]})"
        return _Text(text, lpar=updated.lpar, rpar=updated.rpar)


class _StringCall:
    """A string as the text of a call, all characters but those of its expressions blanked."""

    def __init__(self, code: Any) -> None:
        self.text: list[str] = []
        self._code = code
        self._parts: list[Any] = []
        self._arguments = 0

    @property
    def template(self) -> Template:
        return _merged(self._parts)

    def add(self, original: Any, updated: Any) -> None:
        """A string, or a chain of them."""
        if isinstance(original, cst.ConcatenatedString):
            self.add(original.left, updated.left)
            self.text.append(self._code(updated.whitespace_between))
            self.add(original.right, updated.right)
        elif isinstance(original, cst.SimpleString):
            self.text.append(_blank(original.value))
            self._parts.append(ast.literal_eval(original.value))
        else:
            self.text.append(_blank(original.start))
            raw = "r" in original.start.lower()
            self._parts.extend(self._fields(original.parts, updated.parts, raw))
            self.text.append(_blank(original.end))

    def _fields(self, original: Any, updated: Any, raw: bool) -> Iterator[Any]:
        for before, after in zip(original, updated, strict=True):
            if hasattr(before, "expression"):
                yield from self._field(before, after, raw)
            else:
                self.text.append(_blank(before.value))
                yield _literal(before.value, raw)

    def _field(self, original: Any, updated: Any, raw: bool) -> Iterator[Any]:
        code = self._code
        index = self._arguments
        self._arguments += 1
        value = code(updated.expression)
        if isinstance(updated.expression, (cst.Tuple, cst.Yield)) and not updated.expression.lpar:
            value = f"({value})"
        gap = code(updated.whitespace_after_expression)
        self.text += ["," if index else " ", code(updated.whitespace_before_expression), value, gap]
        if original.equal is not None:
            self.text.append(_blank(code(original.equal)))
            shown = original.whitespace_before_expression, original.expression, original.whitespace_after_expression
            yield "".join([code(part) for part in (*shown, original.equal)])
        self.text.append("  " if original.conversion else "")
        spec = None
        if original.format_spec is not None:
            self.text.append(" ")
            spec = _merged(list(self._fields(original.format_spec, updated.format_spec, raw)))
        self.text.append(" ")
        yield (index, spec)


def _literal(text: str, raw: bool) -> str:
    """The value of a piece of text in an f-string."""
    text = re.sub(r"\r\n?", "\n", text)
    if raw:
        return text.replace("{{", "{").replace("}}", "}")
    text = _BRACES.sub(lambda match: match[1] or match[0][0], text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return str(ast.literal_eval('"""' + _UNSAFE.sub(lambda match: match[1] or "\\" + match[0], text) + '"""'))


def _merged(parts: list[Any]) -> Template:
    """The parts with neighbouring texts joined and empty ones dropped."""
    merged: list[Any] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    return tuple(merged)


def _accepted(code: str) -> bool:
    """Whether the running Python can read the expression."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(f"({code}\n)", mode="eval")
    except SyntaxError:
        return False
    return True


def _names(node: cst.CSTNode) -> Iterator[str]:
    if isinstance(node, cst.Name):
        yield node.value
    for child in node.children:
        yield from _names(child)


def _statement(text: str, semicolon: Any) -> cst.Expr:
    return cst.Expr(_Text(text), semicolon=semicolon)
