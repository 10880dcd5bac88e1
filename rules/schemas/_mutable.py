"""Mutable defaults that all rows or calls share: of columns and model fields, and of parameters that are changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import target
from cdlint.project.classes import ancestry, function_facts, functions_of
from cdlint.project.values import evaluate

from ._defaults import Default, in_classes, in_parameters, in_tables, is_left_out, kept

_COLUMNS = frozenset({"Column", "mapped_column"})
_MADE = {"list": "list", "dict": "dict", "set": "set", "builtins.list": "list", "builtins.dict": "dict",
         "builtins.set": "set", "collections.defaultdict": "dict", "collections.OrderedDict": "dict"}  # fmt: skip
_CHANGING = frozenset(
    {
        "add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "reverse", "setdefault",
        "sort", "update",
    }
)  # fmt: skip
_ACTING = (tree.Call, tree.Assign, tree.AugAssign, tree.Delete)
_ON_PURPOSE = ("cache", "memo", "seen", "registry")


class Shared(NamedTuple):
    """A mutable default. `kind` is `list`, `dict` or `set`; `changed` where a parameter's is changed."""

    default: Default
    kind: str
    changed: tuple[str, At] | None


def shared_files(project: Project) -> tuple[str, ...]:
    """The files that have such defaults."""
    return tuple(path for path in project[kept] if project[shared, path])


def shared(project: Project, path: str) -> tuple[Shared, ...]:
    """The ones of a file, in source order."""
    found = []
    for default in (*project[in_classes, path], *in_tables(project, path)):
        kind = _mutable(default.value)
        if kind and default.keyword in ("default", "insert_default") and _is_column(project, default):
            found.append(Shared(default, kind, None))
    for function, default in in_parameters(project, path):
        kind = _mutable(default.value)
        if kind and not default.name.startswith("_") and not any(word in default.name for word in _ON_PURPOSE):
            changed = change(project, (Symbol("function", path, function.qualname), default.name), 2)
            if changed is not None:
                found.append(Shared(default, kind, changed))
    return tuple(sorted(found, key=lambda each: each.default.value.at))


def _mutable(node: Node) -> str:
    """The kind of object that a default is, `""` for one that cannot be changed or is not known."""
    if isinstance(node, tree.Sequence):
        return node.kind if node.kind in ("list", "set") else ""
    if isinstance(node, tree.Mapping):
        return "dict"
    if isinstance(node, tree.Comprehension):
        return node.kind if node.kind in ("list", "set", "dict") else ""
    if isinstance(node, tree.Call) and isinstance(node.func, tree.Path):
        return _MADE.get(node.func.text, "")
    return ""


def _is_column(project: Project, default: Default) -> bool:
    """Whether a default is one of a column, which gives the same object to every row."""
    call = default.maker
    if call is None or any(getattr(each, "last", "") == "as_mutable" for each in _names(call)):
        return False
    if default.owner and _is_copied(project, Symbol("class", default.path, default.owner)):
        return False
    answer = evaluate(project, (default.path, ""), call.func)
    if not isinstance(answer, Symbol):
        return False
    if answer.kind == "class":
        return any(_is_django_field(name) for name in project[ancestry, answer].external)
    name = answer.name
    if answer.last in _COLUMNS:
        known = name.startswith(("sqlalchemy.", "flask_sqlalchemy.", "sqlmodel."))
        return known and project[changed_attribute, (default.path, default.owner, default.name)] is not None
    return answer.kind == "external" and _is_django_field(name)


def changed_attribute(project: Project, key: tuple[str, str, str]) -> tuple[str, At] | None:
    """Where code that knows a class changes what its attribute holds, for `(path, class, name)`."""
    home, owner, name = key
    importing = project[_importing]
    for path in sorted({home, *importing.get(owner, ()), *importing.get("*", ())}):
        at = None if is_left_out(path) else project[_changed_in, (path, name)]
        if at is not None:
            return path, at
    return None


def _importing(project: Project) -> dict[str, tuple[str, ...]]:
    """Name -> the files that import it from anywhere, `*` included."""
    found: dict[str, list[str]] = {}
    for path in project.paths:
        for name in () if is_left_out(path) else project[_imported_in, path]:
            found.setdefault(name, []).append(path)
    return {name: tuple(paths) for name, paths in found.items()}


def _imported_in(project: Project, path: str) -> frozenset[str]:
    module = project.module(path)
    return frozenset([each.name for each in (module.imports if module is not None else ()) if each.name is not None])


def _changed_in(project: Project, key: tuple[str, str]) -> At | None:
    path, name = key
    module = project.module(path)
    ends = tuple([f".{name}.{method}" for method in _CHANGING])
    for function in module.functions if module is not None else ():
        if any(call.endswith(ends) for call in function.calls) or function.mentions(f".{name}"):
            at: At | None = next((n.at for n in function.nodes if _changes_attribute(n, name)), None)
            if at is not None:
                return at
    return None


def _changes_attribute(node: Node, name: str) -> bool:
    if isinstance(node, tree.Call):
        owner, _, method = getattr(node.func, "text", "").rpartition(".")
        return method in _CHANGING and str(owner).endswith(f".{name}")
    targets = node.targets if isinstance(node, (tree.Assign, tree.Delete)) else ()
    if isinstance(node, tree.AugAssign):
        targets = (node.target,)
    return any(isinstance(each, tree.Subscript) and _ends(each.value, name) for each in targets)


def _ends(node: Node, name: str) -> bool:
    return isinstance(node, tree.Path) and node.text.endswith(f".{name}")


def _names(call: tree.Call) -> Iterator[Node]:
    return (each for each in tree.walk(call) if isinstance(each, (tree.Path, tree.Attribute)))


def _is_django_field(name: str) -> bool:
    return name.endswith("Field") and name.startswith(("django.db.models.", "django.contrib.postgres.fields."))


def _is_copied(project: Project, cls: Symbol) -> bool:
    """Whether a class gives each object a copy, so that the default of the column is never used."""
    return not {"sqlmodel.SQLModel", "sqlmodel.main.SQLModel"}.isdisjoint(project[ancestry, cls].external)


def change(project: Project, key: tuple[Symbol, str], depth: int) -> tuple[str, At] | None:
    """Where a function, or one that it passes it to, changes the object that a parameter holds."""
    symbol, name = key
    facts = function_facts(project, symbol)
    if facts is None or not facts.mentions(name) or _is_bound_again(facts, name):
        return None
    full = [_span(node.body) for node in facts.every(tree.If) if _asks(node.test, name)]
    for node in facts.nodes:
        if not isinstance(node, _ACTING) or any(start <= node.at[:2] < end for start, end in full):
            continue
        if _changes(node, name) and not _over_itself(facts, name, node):
            return symbol.path, node.at
        kept = _kept(node, name)
        if kept and facts.owner:
            found = _changed_member(project, symbol.path, facts, kept)
            if found is not None:
                return symbol.path, found
        if isinstance(node, tree.Call) and depth > 1:
            passed = _passed(project, symbol, node, name)
            found_there = change(project, passed, depth - 1) if passed is not None else None
            if found_there is not None:
                return found_there
    return None


def _over_itself(facts: Function, name: str, change: Node) -> bool:
    """Whether a change stands in a loop over the object itself, which changes nothing of an empty default."""
    for node in facts.every(tree.For):
        if node.at[:2] <= change.at[:2] <= node.at[2:]:
            source = node.iterable.func if isinstance(node.iterable, tree.Call) else node.iterable
            if isinstance(source, tree.Path) and source.root == name:
                return True
    return False


def _span(body: tuple[Node, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return body[0].at[:2], body[-1].at[2:]


def _asks(test: Node, name: str) -> bool:
    """Whether an empty object under a name never meets a condition: `if held`, `if key in held`."""
    if isinstance(test, tree.Boolean) and test.op == "and":
        return any(_asks(each, name) for each in test.values)
    if isinstance(test, tree.Compare):
        return test.ops == ("in",) and _is_name(test.terms[1], name)
    return _is_name(test, name)


def _is_bound_again(facts: Function, name: str) -> bool:
    for node in facts.nodes:
        if isinstance(node, tree.Assign) and any(_is_name(each, name) for each in node.targets):
            return True
        if isinstance(node, tree.Walrus) and node.name == name:
            return True
        if isinstance(node, (tree.For, tree.Generator)) and any(_is_name(n, name) for n in tree.walk(node.target)):
            return True
    return False


def _is_name(node: Node, name: str) -> bool:
    return isinstance(node, tree.Path) and bool(node.text == name)


def _changes(node: Node, name: str) -> bool:
    """Whether a node changes the object that a name holds."""
    if isinstance(node, tree.Call) and isinstance(node.func, tree.Path):
        owner, _, method = node.func.text.rpartition(".")
        return owner == name and method in _CHANGING
    if isinstance(node, tree.AugAssign):
        plain = _is_name(node.target, name)
        return plain or (isinstance(node.target, tree.Subscript) and _is_name(node.target.value, name))
    if isinstance(node, (tree.Assign, tree.Delete)):
        return any(isinstance(each, tree.Subscript) and _is_name(each.value, name) for each in node.targets)
    return False


def _kept(node: Node, name: str) -> str:
    """The attribute of `self` in which a statement keeps the object as it is, or `""`."""
    if not isinstance(node, tree.Assign) or not _is_name(node.value, name) or len(node.targets) != 1:
        return ""
    target_ = node.targets[0]
    return target_.text if isinstance(target_, tree.Path) and target_.text.count(".") == 1 else ""


def _changed_member(project: Project, path: str, facts: Function, kept: str) -> At | None:
    """Where a method of the same class changes what `self.name` holds; None when one gives it another object."""
    found = None
    if not facts.params or kept.partition(".")[0] != facts.params[0].name:
        return None
    for each in project[functions_of, path].values():
        if each.owner != facts.owner or not each.mentions(kept):
            continue
        if each.qualname != facts.qualname and _is_bound_again(each, kept):
            return None
        for node in each.nodes:
            if found is None and _changes(node, kept):
                found = node.at
    return found


def _passed(project: Project, symbol: Symbol, call: tree.Call, name: str) -> tuple[Symbol, str] | None:
    """The function of the repository and the parameter that a call passes the object to."""
    given = [index for index, each in enumerate(call.args) if _is_name(each, name)]
    named = [keyword.name for keyword in call.keywords if _is_name(keyword.value, name)]
    if not given and not named:
        return None
    called = target(project, evaluate(project, (symbol.path, symbol.name), call.func))
    facts = function_facts(project, called) if called is not None else None
    if called is None or facts is None or facts.decorator_codes or called == symbol:
        return None
    if named:
        return (called, named[0]) if named[0] else None
    index = given[0] + (1 if facts.owner else 0)
    positional = [each.name for each in facts.params if each.kind in ("positional", "positional-only")]
    return (called, positional[index]) if index < len(positional) else None
