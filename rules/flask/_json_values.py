"""Where rows of Flask-SQLAlchemy's models are handed to JSON as they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.calls import calls_of
from cdlint.project.classes import ancestry, class_facts, function_facts, functions_of, resolve_in
from cdlint.project.places import is_aside
from cdlint.project.values import Scope, annotated, evaluate
from cdlint.rule import Location

from ._endpoints import registrations
from ._names import inner_decorators
from ._signatures import decorated
from ._wiring import wiring

_WRITERS = frozenset({"flask.jsonify", "flask.json.jsonify", "flask.json.dumps", "json.dumps"})
_MODELS = frozenset({"flask_sqlalchemy.SQLAlchemy().Model", "flask_sqlalchemy.extension.SQLAlchemy().Model"})
_SESSION = "flask_sqlalchemy.SQLAlchemy().session."
_ONE = frozenset({"first", "one", "get", "get_or_404", "first_or_404", "one_or_404", "one_or_none"})
_CHAIN = frozenset(
    {"filter", "filter_by", "order_by", "limit", "offset", "join", "outerjoin", "options", "distinct", "where",
     "execution_options", "populate_existing", "slice"}
)  # fmt: skip
_MANY = frozenset({"list", "List", "Sequence", "Collection"})
_ENTITIES = frozenset({"scalar_one", "scalar_one_or_none", "scalars", "all", "first", "one", "one_or_none", "scalar"})
_RESULTS = frozenset({*_ENTITIES, "unique"})
_CUSTOM = ("json_provider_class", "json_encoder", "DefaultJSONProvider", "JSONProvider", "JSONEncoder")
_DEPTH = 5


class Handed(NamedTuple):
    """A row, or a list of rows (`many`), that is handed to `writer`, `""` when a view returns it."""

    at: Location
    model: Symbol
    many: bool
    writer: str


def handed(project: Project) -> tuple[Handed, ...]:
    """All rows that JSON gets, where nothing teaches JSON about them."""
    if not project[wiring] or any(project[_teaches, path] for path in project.paths):
        return ()
    found = [each for path in project.paths if not is_aside(path) for each in project[_written_in, path]]
    return tuple(dict.fromkeys([*found, *_returned(project)]))


def _teaches(project: Project, path: str) -> bool:
    """Whether a file gives an application JSON of its own."""
    module = None if is_aside(path) else project.module(path)
    if module is None:
        return False
    imported = any(
        each.name in (*_CUSTOM, "MappedAsDataclass") or each.module.startswith("flask_json") for each in module.imports
    )
    return imported or any(
        f.mentions(name) for f in module.functions for name in (*_CUSTOM, "app.json", "application.json")
    )


def _written_in(project: Project, path: str) -> tuple[Handed, ...]:
    found: list[Handed] = []
    for function, call in calls_of(project, path, frozenset({"jsonify", "dumps"})):
        scope = (path, function.qualname)
        callee = evaluate(project, scope, call.func)
        if isinstance(callee, Symbol) and callee.name in _WRITERS:
            given = (*call.args, *(each.value for each in call.keywords))
            if call.keyword("default") is None and call.keyword("cls") is None:
                found.extend(_rows(project, scope, given, callee.last))
    return tuple(found)


def _returned(project: Project) -> Iterator[Handed]:
    """Rows that views return, which Flask turns into JSON, or refuses."""
    for each in project[registrations]:
        handler = each.handler
        if handler is None or not each.thing.cls.startswith(("flask.", "flask_restful.")):
            continue
        if handler.kind == "class":
            yield from _of_methods(project, handler, each.methods)
            continue
        facts = function_facts(project, handler) if each.thing.cls.startswith("flask.") else None
        if facts is None or facts.is_generator:
            continue
        if facts.decorator_codes and not all(one.returning for one in inner_decorators(project, handler, each.at.at)):
            continue
        yield from _of_function(project, handler, facts)


def _of_function(project: Project, function: Symbol, facts: Function) -> Iterator[Handed]:
    for node in facts.nodes:
        if isinstance(node, tree.Return) and node.value is not None:
            head = node.value.items[:1] if _is_tuple(node.value) else (node.value,)
            yield from _rows(project, (function.path, function.name), head, "")


def _of_methods(project: Project, cls: Symbol, methods: tuple[str, ...]) -> Iterator[Handed]:
    """What the methods of a class-based view return, unless a decorator may turn it into something else."""
    if decorated(project, cls):
        return
    for verb in methods:
        function = Symbol("function", cls.path, f"{cls.name}.{verb.lower()}")
        facts = function_facts(project, function)
        if facts is not None and not facts.decorator_codes and not facts.is_generator:
            yield from _of_function(project, function, facts)


def _is_tuple(node: Node) -> bool:
    return isinstance(node, tree.Sequence) and node.kind == "tuple"


def _rows(project: Project, scope: Scope, nodes: tuple[Node, ...], writer: str) -> Iterator[Handed]:
    for node in nodes:
        found = _row(project, scope, node, _DEPTH)
        if found is not None and _is_plain(project, found[0]):
            yield Handed(Location(scope[0], node.at), found[0], found[1], writer)


def _is_plain(project: Project, model: Symbol) -> bool:
    """Whether nothing in a model or its ancestors makes its rows known to JSON."""
    known = project[ancestry, model]
    if known.unknown or not set(known.external) <= _MODELS | {"builtins.object"}:
        return False
    owners = [class_facts(project, owner) for owner in known.first_party]
    return not any(
        facts is None or facts.decorator_codes or {"__html__", "keys", "__getitem__"} & set(facts.methods)
        for facts in owners
    )


def _row(project: Project, scope: Scope, node: Node, depth: int) -> tuple[Symbol, bool] | None:
    """The model of which an expression is a row, or (True) holds rows."""
    if depth <= 0:
        return None
    if isinstance(node, tree.Path) and "." not in node.text:
        return _variable(project, scope, node.text, depth)
    if isinstance(node, tree.Mapping):
        parts = [_row(project, scope, value, depth - 1) for key, value in node.items if key is not None]
        return next((each for each in parts if each is not None), None)
    if isinstance(node, tree.Sequence):
        parts = [_row(project, scope, each, depth - 1) for each in node.items]
        return next(((each[0], True) for each in parts if each is not None), None)
    if isinstance(node, tree.Comprehension) and node.kind == "list" and len(node.generators) == 1:
        target, element = node.generators[0].target, node.element
        same = isinstance(target, tree.Path) and isinstance(element, tree.Path) and element.text == target.text
        found = _row(project, scope, node.generators[0].iterable, depth - 1) if same else None
        return found if found is not None and found[1] else None
    return _query(project, scope, node, depth) if isinstance(node, tree.Call) else None


def _variable(project: Project, scope: Scope, name: str, depth: int) -> tuple[Symbol, bool] | None:
    function = project[functions_of, scope[0]].get(scope[1])
    if function is None or name not in function.binds or any(each.name == name for each in function.params):
        return None
    given = project[local_assignments, scope].get(name, ())
    if any(value is None for value, _ in given):
        return None  # It gets a value that cannot be followed too.
    rows = {_row(project, scope, value, depth - 1) for value, _ in given}
    return rows.pop() if len(rows) == 1 else None


def _query(project: Project, scope: Scope, call: tree.Call, depth: int) -> tuple[Symbol, bool] | None:
    """`User.query.filter(...).all()`, `db.session.get(User, pk)`, `User(...)`, or a function that returns such."""
    callee = evaluate(project, scope, call.func)
    if isinstance(callee, Symbol) and callee.kind == "function":
        return _promised(project, callee, depth) or _made(project, evaluate(project, scope, call))
    if getattr(call.func, "text", "") in ("list", "sorted") and call.args:
        found = _row(project, scope, call.args[0], depth - 1)
        return found if found is not None and found[1] else _selected(project, scope, call.args[0])
    if found := _selected(project, scope, call):
        return found
    if isinstance(callee, Symbol) and callee.name == f"{_SESSION}get":
        model = _model(project, scope, getattr(call.args[0], "text", "")) if call.args else None
        return (model, False) if model is not None else None
    if isinstance(call.func, tree.Path) and _model(project, scope, call.func.text) is not None:
        return _model(project, scope, call.func.text), False  # type: ignore[return-value]
    last = getattr(call.func, "last", "")
    if last != "all" and last not in _ONE:
        return None
    model = _root(project, scope, call.func, True)
    return (model, last == "all") if model is not None else None


def _made(project: Project, value: Answer) -> tuple[Symbol, bool] | None:
    """The model that a value is surely an instance of."""
    if not isinstance(value, Symbol) or value.kind != "instance":
        return None
    cls = Symbol("class", value.path, value.name)
    return (cls, False) if set(project[ancestry, cls].external) & _MODELS else None


def _promised(project: Project, function: Symbol, depth: int) -> tuple[Symbol, bool] | None:
    """The rows that a function returns: as its annotation says, or as every `return` of it shows."""
    facts = function_facts(project, function)
    if facts is None or facts.is_async or facts.is_generator or facts.decorator_codes:
        return None
    scope, node = (function.path, function.name), facts.returns
    if node is not None:
        if isinstance(node, tree.Subscript) and getattr(node.value, "last", "") in _MANY:
            held = _made(project, annotated(project, scope, node.index))
            return (held[0], True) if held is not None else None
        return _made(project, annotated(project, scope, node)) if not isinstance(node, tree.Subscript) else None
    values = [each.value for each in facts.every(tree.Return)]
    told = [
        each for each in values if each is not None and not (isinstance(each, tree.Constant) and each.value is None)
    ]
    rows = {_row(project, scope, each, depth - 1) for each in told}
    return rows.pop() if len(rows) == 1 else None


def _selected(project: Project, scope: Scope, node: Node) -> tuple[Symbol, bool] | None:
    """`db.session.scalars(select(User)).all()`, `db.session.execute(select(User)).scalars()`, `...scalar(...)`."""
    last = getattr(node.func, "text", "").rpartition(".")[2] if isinstance(node, tree.Call) else ""
    many = last in ("all", "scalars")
    while isinstance(node, tree.Call) and isinstance(node.func, tree.Attribute) and node.func.text in _RESULTS:
        node = node.func.value
    if not isinstance(node, tree.Call) or not isinstance(node.func, tree.Path) or not node.args:
        return None
    if node.func.last not in ("scalar", "scalars") and not (node.func.last == "execute" and last in _ENTITIES):
        return None
    callee = evaluate(project, scope, node.func)
    if not isinstance(callee, Symbol) or not callee.name.startswith(_SESSION):
        return None
    model = _selects(project, scope, node.args[0], _DEPTH)
    return (model, many) if model is not None else None


def _selects(project: Project, scope: Scope, node: Node, depth: int) -> Symbol | None:
    """The model that a statement selects alone."""
    while isinstance(node, tree.Call) and isinstance(node.func, tree.Attribute):
        node = node.func.value if node.func.text in _CHAIN else None
    if isinstance(node, tree.Path) and "." not in node.text and depth > 0:
        given = project[local_assignments, scope].get(node.text, ())
        return _selects(project, scope, given[0][0], depth - 1) if len(given) == 1 else None
    if isinstance(node, tree.Call) and getattr(node.func, "last", "") == "select" and len(node.args) == 1:
        return _model(project, scope, getattr(node.args[0], "text", ""))
    return None


def _root(project: Project, scope: Scope, node: Node, outermost: bool) -> Symbol | None:
    """The model whose `query` a chain of methods that keep whole rows starts from."""
    if isinstance(node, tree.Attribute) and "." not in node.text and (outermost or node.text in _CHAIN):
        return _root(project, scope, node.value.func, False) if isinstance(node.value, tree.Call) else None
    if isinstance(node, tree.Path):
        head, found, rest = node.text.rpartition(".query.")
        if found and (outermost or rest in _CHAIN):
            return _model(project, scope, head)
    return None


def _model(project: Project, scope: Scope, text: str) -> Symbol | None:
    answer: Answer | None = resolve_in(project, scope[0], scope[1], text) if text else None
    if "." in text and not isinstance(answer, Symbol):
        answer = evaluate(project, scope, tree.Path(text, (0, 0, 0, 0)))
    if isinstance(answer, Symbol) and answer.kind == "class" and set(project[ancestry, answer].external) & _MODELS:
        return answer
    return None
