"""Reading files that are written for a newer Python: a worker process rewrites them for `ast`."""

from __future__ import annotations

import ast
import re
from typing import Any, NamedTuple, TypeAlias

Template: TypeAlias = tuple[Any, ...]
"""An f-string: texts, and `(argument, template of the format or None)` for its fields."""

MAX_BYTES = 1_000_000
MAX_DEPTH = 100
MAX_CHAIN = 1_000


class Older(NamedTuple):
    """A source in older syntax, every statement on its line.

    `names` are bound or not needed although `source` does not show it: those of type
    parameters and those in type aliases. An f-string that had to go is a call of `marker`
    with its expressions; `templates` has the rest of it, in the order of the calls.
    """

    source: bytes
    names: frozenset[str]
    marker: str
    templates: tuple[Template, ...]

    def restore(self, module: ast.Module) -> ast.Module:
        """The tree of `source` with its f-strings put back. ValueError when they do not fit."""
        nodes = list(ast.walk(module)) if self.templates else []
        calls = [node for node in nodes if self._is_marked(node)]
        calls.sort(key=lambda node: (node.lineno, node.col_offset))  # type: ignore[attr-defined]
        made = dict(zip(map(id, calls), self.templates, strict=True))
        for node in reversed(nodes):
            for field, value in ast.iter_fields(node):
                if id(value) in made:
                    setattr(node, field, _joined(value, made[id(value)]))
                elif isinstance(value, list):
                    value[:] = [_joined(item, made[id(item)]) if id(item) in made else item for item in value]
        return module

    def _is_marked(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == self.marker


def _joined(call: ast.Call, template: Template) -> ast.JoinedStr:
    values: list[ast.expr] = []
    for part in template:
        if isinstance(part, str):
            value: ast.expr = ast.Constant(part)
        else:
            index, spec = part
            if index >= len(call.args):
                raise ValueError("an f-string has lost a field")
            value = ast.FormattedValue(call.args[index], -1, None if spec is None else _joined(call, spec))
        values.append(ast.copy_location(value, call))
    return ast.copy_location(ast.JoinedStr(values), call)


class NotRead(Exception):
    """The fallback parser could not be asked, or gave no answer: nothing is known of the file."""


def downlevel(source: bytes) -> Older | None:
    """The source rewritten for older Pythons, None when it is no Python at all.

    Raises NotRead when that cannot be told.
    """
    if len(source) > MAX_BYTES:
        raise NotRead(f"it has {len(source):,} bytes")
    if _is_intricate(source.decode("latin-1")):
        raise NotRead("its expressions are nested too deeply or too long")
    from .worker import ask

    verdict, *fields = ask(source)
    if verdict == "refused":
        return None
    if verdict != "read":
        raise NotRead(fields[0])
    older, names, marker, templates = fields
    if older.count(b"\n") != source.count(b"\n"):
        raise NotRead("its lines could not be kept")
    return Older(older, frozenset(names), marker, templates)


_TOKENS = re.compile(
    r'''#[^\n]*|"""(?:\\.|[^\\])*?"""|\'\'\'(?:\\.|[^\\])*?\'\'\'|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*\''''
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<end>[,;])|(?P<line>\n)"
    r"|(?P<link>[.+\-*/%@|&^<>=~!]+|\b(?:if|else|not|and|or|lambda|await|in|is)\b)|\w+",
    re.DOTALL,
)


def _is_intricate(text: str) -> bool:
    """Whether the text may hold brackets or chains of operators that libcst takes too long for.

    It need not be exact (newer f-strings confuse it): a worker that dies is replaced.
    """
    chains = [0]
    for token in _TOKENS.finditer(text):
        kind = token.lastgroup
        if kind == "open":
            chains[-1] += 1
            chains.append(0)
        elif kind == "close" and len(chains) > 1:
            chains.pop()
        elif kind == "end" or (kind == "line" and len(chains) == 1):
            chains[-1] = 0
        elif kind == "link" or token[0][0] in "\"'":
            chains[-1] += 1
        if chains[-1] > MAX_CHAIN or len(chains) > MAX_DEPTH:
            return True
    return False
