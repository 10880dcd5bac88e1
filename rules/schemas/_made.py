"""Where instances of models are made, with all keyword arguments that they get, those out of schemas included."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.members import members
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.classes import ancestry, class_facts, resolve_in
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate

from ._entities import model_named, models
from ._loaded import loaded
from ._pairs import kinds, maps
from ._pydantic import shape_of

_DUMPS = frozenset({"model_dump", "dict"})
_DUMPING = frozenset({"model_dump", "dict", "model_serializer"})
_MAKING = frozenset({"__init__", "__new__", "model_post_init"})
_TAKEN = ("exclude_unset", "exclude_none", "exclude_defaults")


class Dump(NamedTuple):
    """What a schema gives as keyword arguments. `complete` says that there are no others and none is left out."""

    schema: Symbol
    fields: tuple[str, ...]
    complete: bool


class Made(NamedTuple):
    """A call of a model's class. `given` are the keywords that are written out."""

    function: Symbol
    model: Symbol
    call: tree.Call
    given: tuple[str, ...]
    dump: Dump | None
    known: bool
    """Whether nothing else is given."""


def made(project: Project) -> tuple[Made, ...]:
    """All of them outside of tests, for models whose constructor keeps what it is given and does nothing more."""
    if not project[maps]:
        return ()
    names = {symbol.last for symbol in project[takers]}
    return tuple(each for path in project.paths if names for each in project[_made_in, path])


def plain(project: Project) -> dict[Symbol, frozenset[str]]:
    """Model -> its attributes, for those whose constructor takes just these."""
    return {each.model: frozenset(each.names) for each in project[members] if each.keywords}


def takers(project: Project) -> frozenset[Symbol]:
    """Those, and the tables of SQLModel, whose constructor drops what it does not know."""
    tables = (each for each in project[models] if project[kinds].get(each) == "sqlmodel")
    closed = (each for each in tables if not has_own(project, each, _MAKING))
    return frozenset(project[plain]) | {each for each in closed if project[shape_of, (each, "sqlmodel")].complete}


def has_own(project: Project, cls: Symbol, names: frozenset[str]) -> bool:
    """Whether a class, or one above it in the repository, has a method of one of these names, or may have one."""
    above = (class_facts(project, owner) for owner in project[ancestry, cls].first_party)
    return any(facts is None or not names.isdisjoint(facts.methods) for facts in above)


def _made_in(project: Project, path: str) -> tuple[Made, ...]:
    module = None if is_aside(path) else project.module(path)
    found = []
    names = {symbol.last for symbol in project[takers]}
    for function in module.functions if module else ():
        wanted = {}
        for text in function.calls:
            if text[text.rfind(".") + 1 :] in names:
                model = model_named(project, (path, function.qualname), tree.Path(text, function.at))
                if model in project[takers]:
                    wanted[text] = model
        for call in function.call_nodes if wanted else ():
            model = wanted.get(call.func.text) if isinstance(call.func, tree.Path) else None
            if model is not None:
                found.append(_of_call(project, path, function, model, call))
    return tuple(found)


def _of_call(project: Project, path: str, function: Function, model: Symbol, call: tree.Call) -> Made:
    given = tuple(keyword.name for keyword in call.keywords if keyword.name is not None)
    spread = [keyword.value for keyword in call.keywords if keyword.name is None]
    dump = dumped(project, path, function, spread[0]) if len(spread) == 1 else None
    symbol = Symbol("function", path, function.qualname)
    known = not call.args and (not spread or (dump is not None and dump.complete))
    return Made(symbol, model, call, given, dump, known)


def dumped(project: Project, path: str, function: Function, node: Node) -> Dump | None:
    """What `schema.model_dump(...)`, `schema.load(...)`, or a variable that holds it, gives."""
    found = loaded(project, path, function, node)
    if found is not None:
        dump = Dump(found[0], found[1], False)
        return _changed(function, node.text, dump) if isinstance(node, tree.Path) else dump
    if isinstance(node, tree.Path) and "." not in node.text:
        return _held(project, path, function, node.text)
    if not isinstance(node, tree.Call) or getattr(node.func, "last", "") not in _DUMPS:
        return None
    schema = _schema_of(project, path, function, node)
    if schema is None or any(keyword.name in (None, "by_alias", "context") for keyword in node.keywords) or node.args:
        return None
    shape = project[shape_of, (schema, project[kinds][schema])]
    exclude, include = _names(project, path, node, "exclude"), _names(project, path, node, "include")
    if exclude is None or include is None:
        return None
    fields = [each for each in shape.fields if not each.write_only and not each.read_only]
    kept = [each.name for each in fields if each.name not in exclude and (not include or each.name in include)]
    whole = shape.complete and not any(node.keyword(name) is not None for name in _TAKEN)
    return Dump(schema, tuple(kept), whole)


def _schema_of(project: Project, path: str, function: Function, node: tree.Call) -> Symbol | None:
    """The schema of which a dump is made: an instance that an annotation or a constructor promises."""
    receiver = node.func.value if isinstance(node.func, tree.Attribute) and "." not in node.func.text else None
    if isinstance(node.func, tree.Path):
        receiver = tree.Path(node.func.text.rpartition(".")[0], node.func.at)
    answer = evaluate(project, (path, function.qualname), receiver) if receiver is not None else None
    if not isinstance(answer, Symbol) or answer.kind != "instance":
        return None
    schema = Symbol("class", answer.path, answer.name)
    known = schema in project[kinds] and schema not in project[models]
    return schema if known and not has_own(project, schema, _DUMPING) else None


def _names(project: Project, path: str, node: tree.Call, keyword: str) -> frozenset[str] | None:
    """The names that `exclude=` or `include=` lists; None when they are not known."""
    value = node.keyword(keyword)
    if value is None:
        return frozenset()
    items = value.items if isinstance(value, tree.Sequence) else None
    if isinstance(value, tree.Mapping):
        items = tuple(key for key, held in value.items if isinstance(held, tree.Constant) and held.value is True)
        items = items if len(items) == len(value.items) else None
    if items is None:
        return _named_elsewhere(project, path, value)
    names = [each.value for each in items if isinstance(each, tree.Constant) and isinstance(each.value, str)]
    return frozenset(names) if len(names) == len(items) else None


def _named_elsewhere(project: Project, path: str, value: Node) -> frozenset[str] | None:
    """The names in a set that a module's variable holds."""
    answer = resolve_in(project, path, "", value.text) if isinstance(value, tree.Path) else None
    module = project.module(answer.path) if isinstance(answer, Symbol) and answer.kind == "variable" else None
    bindings = (
        [each for each in module.bindings if each.name == answer.last] if module and isinstance(answer, Symbol) else []
    )
    held = bindings[0].value if len(bindings) == 1 else None
    items = held.items if isinstance(held, tree.Sequence) else ()
    names = [each.value for each in items if isinstance(each, tree.Constant) and isinstance(each.value, str)]
    return frozenset(names) if items and len(names) == len(items) else None


def _held(project: Project, path: str, function: Function, name: str) -> Dump | None:
    """What a local variable holds, when all that happens to it is seen: keys taken out or put in."""
    if not function.qualname or any(param.name == name for param in function.params):
        return None
    values = project[local_assignments, (path, function.qualname)].get(name, ())
    found = dumped(project, path, function, values[0][0]) if len(values) == 1 and values[0][0] is not None else None
    return _changed(function, name, found) if found is not None and not isinstance(values[0][0], tree.Path) else None


def _changed(function: Function, name: str, found: Dump) -> Dump | None:
    """What is left of it after the statements of a function."""
    removed: set[str] = set()
    added: set[str] = set()
    for key, is_added in _changes(function, name):
        if key is None:
            return None
        (added if is_added else removed).add(key)
    kept = [each for each in found.fields if each not in removed]
    return found._replace(fields=tuple(dict.fromkeys((*kept, *sorted(added)))))


def _changes(function: Function, name: str) -> Iterator[tuple[str | None, bool]]:
    """The keys that statements take out of a dictionary or put into it; None for any other use."""
    seen = expected = 0
    for node in function.nodes:
        if isinstance(node, tree.Path) and node.root == name:
            seen += 1
        if (
            isinstance(node, tree.Call)
            and isinstance(node.func, tree.Path)
            and node.func.text in (f"{name}.pop", f"{name}.get")
        ):
            expected += 1
            key = node.args[0] if node.args else None
            if node.func.text.endswith(".pop"):
                yield (key.value if isinstance(key, tree.Constant) else None), False
        elif isinstance(node, tree.Call):
            expected += sum(1 for each in node.keywords if each.name is None and _is(each.value, name))
        elif isinstance(node, tree.Assign):
            for target in node.targets:
                expected += _is(target, name)
                if isinstance(target, tree.Subscript) and _is(target.value, name):
                    key = target.index
                    yield (key.value if isinstance(key, tree.Constant) else None), True
        elif isinstance(node, tree.Delete):
            for target in node.targets:
                if isinstance(target, tree.Subscript) and _is(target.value, name):
                    key = target.index
                    yield (key.value if isinstance(key, tree.Constant) else None), False
        if isinstance(node, tree.Subscript) and _is(node.value, name):
            expected += 1
    if seen != expected:
        yield None, False


def _is(node: Node, name: str) -> bool:
    return isinstance(node, tree.Path) and bool(node.text == name)
