"""A route declares or returns a body under a status that has none, such as 204.

## Why
Responses of 1xx, 204, 205 and 304 have no body. FastAPI refuses a response model for them while the module
is imported: `AssertionError: Status code 204 must not have a response body`, and an annotation of
what the handler returns is a response model. Without one, what the handler returns is dropped.

## Instead
Write `-> None` and return nothing, or use 200.

## Known limits
The status must be a number or one of `status.HTTP_...` in the decorator. Annotations that are
responses (`-> Response`) are fine, and so are ones that cannot be resolved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, function_facts, resolve_in
from cdlint.project.values import Scope
from cdlint.rule import Evidence, Finding, Location, rule

from ._given import Handler, handlers, is_response

_STATUS = re.compile(r"HTTP_(\d{3})_")
_OPEN = frozenset({"Any", "None", "Never", "NoReturn"})


@rule(of=handlers, severity="error", constraint="contract")
def body_with_bodiless_status(project: Project, handler: Handler) -> Iterator[Finding]:
    """One finding a route."""
    code = _status(handler.call.keyword("status_code"))
    facts = function_facts(project, handler.function)
    if facts is None or not (code in (204, 205, 304) or 100 <= code < 200):
        return
    model = handler.call.keyword("response_model")
    scope = (handler.function.path, handler.function.name.rpartition(".")[0])
    name, path = handler.function.last, handler.function.path
    if model is not None and not _is_none(model):
        what, path, at, fatal = f"`response_model={getattr(model, 'text', '...')}`", handler.scope[0], model.at, True
    elif model is None and facts.returns is not None and _is_body(project, scope, facts.returns):
        what, at, fatal = "an annotation that is its response model", facts.returns.at, True
    else:
        given = next((node for node in facts.nodes if _returns_data(node)), None)
        if given is None:
            return
        what, at, fatal = "data", given.at, False
    start = f"`{name}` answers with status {code}, which has no body, and "
    end = f"has {what}: importing the module fails." if fatal else "returns data, which is dropped."
    yield Finding(
        Location(path, at),
        start + end,
        related=(Evidence(Location(handler.scope[0], handler.call.at), f"status {code} is declared here"),),
        symbol=f"{handler.function.name}: {code}",
    )


def _status(node: Node | None) -> int:
    if isinstance(node, tree.Constant) and isinstance(node.value, int):
        return int(node.value)
    found = _STATUS.search(getattr(node, "last", "")) if node is not None else None
    return int(found[1]) if found else 0


def _is_none(node: Node) -> bool:
    return isinstance(node, tree.Constant) and node.value is None


def _is_body(project: Project, scope: Scope, node: Node) -> bool:
    """Whether FastAPI takes an annotation for a response model."""
    if isinstance(node, tree.Subscript):
        return getattr(node.value, "last", "") in ("list", "dict", "List", "Dict", "set", "tuple")
    if not isinstance(node, tree.Path) or node.last in _OPEN:
        return False
    answer = resolve_in(project, scope[0], scope[1], node.text)
    if not isinstance(answer, Symbol) or is_response(answer):
        return False
    if answer.kind == "class":
        above = project[ancestry, answer]
        return not above.unknown and not any(name.endswith("Response") for name in above.external)
    return answer.name in ("builtins.dict", "builtins.list", "builtins.str", "builtins.int", "builtins.bool")


def _returns_data(node: Node) -> bool:
    """Whether a statement returns something written out; of an empty value nothing is lost."""
    value = node.value if isinstance(node, tree.Return) else None
    if isinstance(value, (tree.Sequence, tree.Mapping)):
        return bool(value.items)
    return isinstance(value, tree.Constant) and value.value not in (None, "", b"")
