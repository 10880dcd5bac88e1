"""What the value of a field says, in its class or in `Annotated`: defaults, aliases, where it is left out."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.constants import fold
from cdlint.project.values import Scope, evaluate

_FIELDS = frozenset({"Field", "field", "Query", "Body", "Form", "Param"})
_ABSENT = frozenset({"Undefined", "PydanticUndefined"})


class Given(NamedTuple):
    """The default and names of a field. `default` is None when it cannot be told whether there is one."""

    default: bool | None = False
    alias: str | None = None
    own_alias: bool = False
    """Whether the field says its alias itself, so that nothing makes one."""
    excluded: bool = False
    private: bool = False


def given(project: Project, scope: Scope, value: Node | None, extras: tuple[tuple[Scope, Node], ...]) -> Given:
    """A field with this value, and these in `Annotated`; the value counts more."""
    found = Given()
    for where, node in extras:
        if isinstance(node, tree.Call):
            found = _merged(found, _of_call(project, where, node) or _of_maker(project, where, node))
    if value is None:
        return found
    if isinstance(value, tree.Call):
        called = _of_call(project, scope, value)
        if called is not None:
            return _merged(found, called)
    return found._replace(default=not _is_ellipsis(value))


def _merged(old: Given, new: Given | None) -> Given:
    if new is None:
        return old
    return Given(
        new.default if new.default is not False else old.default,
        new.alias if new.own_alias else old.alias,
        new.own_alias or old.own_alias,
        new.excluded or old.excluded,
        new.private or old.private,
    )


def _of_call(project: Project, scope: Scope, call: tree.Call) -> Given | None:
    """A call of `Field` or its like; None for any other, which is a default."""
    callee = evaluate(project, (scope[0], ""), call.func)
    if not isinstance(callee, Symbol) or callee.kind != "external":
        return None
    if callee.last in ("PrivateAttr", "Relationship"):
        return Given(private=True)
    if callee.last not in _FIELDS:
        return None
    first = call.argument(0, "default")
    default: bool | None = call.keyword("default_factory") is not None or (
        first is not None and not _is_ellipsis(first)
    )
    if any(keyword.name is None for keyword in call.keywords):
        default = default or None
    written = [call.keyword(name) for name in ("alias", "validation_alias", "serialization_alias")]
    names = [_name(project, scope, node) for node in written if node is not None]
    excluded = call.keyword("exclude")
    return Given(
        default,
        next((name for name in names if name is not None), None),
        bool(names),
        isinstance(excluded, tree.Constant) and excluded.value is True,
    )


def _of_maker(project: Project, scope: Scope, call: tree.Call) -> Given | None:
    """A function of the repository in `Annotated` may give a field with a default."""
    callee = evaluate(project, (scope[0], ""), call.func)
    return Given(None) if isinstance(callee, Symbol) and callee.kind == "function" else None


def _is_ellipsis(node: Node) -> bool:
    if isinstance(node, tree.Path):
        return node.last in _ABSENT or node.text in ("Ellipsis", "MISSING")
    return isinstance(node, tree.Constant) and node.value is ...


def _name(project: Project, scope: Scope, node: Node) -> str | None:
    if isinstance(node, tree.Call) and node.args:
        # `AliasChoices("a", "b")`: the first is as good as any; a path leads into other data.
        return _name(project, scope, node.args[0]) if getattr(node.func, "last", "") == "AliasChoices" else None
    known = fold(project, (scope[0], ""), node)
    return known if isinstance(known, str) else None
