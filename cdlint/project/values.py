"""What an expression stands for: a symbol, an instance of a class, or the result of something outside.

Values outside the repository are written as the expression that makes them: an instance of
SQLAlchemy's Session is `sqlalchemy.orm.Session()`, its method `sqlalchemy.orm.Session().add`,
whatever local names, annotations, factories or attributes led there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from ..facts import tree
from ..facts.model import Function, Param
from ..facts.tree import Node
from . import Project
from .answers import Absent, Answer, Symbol, Unknown, external
from .assignments import Scope as Scope
from .assignments import local_assignments, self_assignments
from .classes import ancestry, class_member, fields, function_facts, functions_of, resolve_in
from .memo import CyclicFact
from .names import member
from .returned import returned_by

DEPTH = 12
"""How many steps (assignments, attributes, calls) a value is followed before it is unknown."""

_WRAPPERS = frozenset(
    f"{module}.{name}"
    for module in ("typing", "typing_extensions")
    for name in ("Annotated", "Optional", "ClassVar", "Final", "Required", "NotRequired", "ReadOnly")
)
_PRODUCERS = frozenset(
    f"{module}.{name}"
    for module in ("typing", "collections.abc")
    for name in ("Generator", "Iterator", "Iterable", "AsyncGenerator", "AsyncIterator", "AsyncIterable", "Awaitable")
) | {
    "contextlib.AbstractAsyncContextManager", "contextlib.AbstractContextManager", "typing.AsyncContextManager",
    "typing.ContextManager",
}  # fmt: skip
"""What gives something of a class when it is gone through, awaited or entered."""


def evaluate(project: Project, scope: Scope, node: Node | None, depth: int = DEPTH) -> Answer:
    """What an expression inside a function or module stands for."""
    if node is None or depth <= 0:
        return Unknown("followed too far")
    if isinstance(node, tree.Path):
        # Nearly every name is asked for again, by another rule.
        return project[_named, (*scope, node.text)] if depth == DEPTH else _path(project, scope, node.text, depth)
    if isinstance(node, tree.Call):
        callee = evaluate(project, scope, node.func, depth - 1)
        if isinstance(node.func, tree.Subscript) and isinstance(callee, Unknown):
            # `Repository[Plant](session)` makes a plain object of the class.
            generic = evaluate(project, scope, node.func.value, depth - 1)
            callee = generic if isinstance(generic, Symbol) and generic.kind == "class" else callee
        found = _result(project, callee, depth)
        is_method = isinstance(callee, Symbol) and callee.kind == "function" and "." in callee.name
        return _of_generic(project, scope, node, callee, depth) if is_method and isinstance(found, Unknown) else found
    if isinstance(node, tree.Await):
        return evaluate(project, scope, node.value, depth - 1)
    if isinstance(node, tree.Attribute):
        return _attributes(project, evaluate(project, scope, node.value, depth - 1), node.text, depth)
    if isinstance(node, tree.Walrus):
        return evaluate(project, scope, node.value, depth - 1)
    if isinstance(node, tree.Subscript):
        from .typed_keys import item

        return item(project, scope, evaluate(project, scope, node.value, depth - 1), node.index)
    if isinstance(node, tree.Conditional):
        return _either(project, scope, (node.body, node.orelse), depth)
    if isinstance(node, tree.Boolean) and node.op == "or":
        return _either(project, scope, tuple([each for each in node.values if not _is_none(each)]), depth)
    if isinstance(node, tree.Constant):
        return external(f"builtins.{type(node.value).__name__}()")
    return Unknown(f"the value of a {type(node).__name__.lower()}")


def _either(project: Project, scope: Scope, nodes: tuple[Node, ...], depth: int) -> Answer:
    """What one of several expressions stands for; a parameter that may be left out says nothing beside the others."""
    told = [each for each in nodes if not _may_be_left_out(project, scope, each)]
    return _one(evaluate(project, scope, each, depth - 1) for each in told or nodes)


def _may_be_left_out(project: Project, scope: Scope, node: Node) -> bool:
    """Whether a name is a parameter of the function without an annotation whose default is None."""
    function = project[functions_of, scope[0]].get(scope[1]) if isinstance(node, tree.Path) and scope[1] else None
    return function is not None and any(
        each.name == getattr(node, "text", "") and each.annotation_code is None and _is_none(each.default)
        for each in function.params
    )


def _is_none(node: Node | None) -> bool:
    return isinstance(node, tree.Constant) and node.value is None


def _of_generic(project: Project, scope: Scope, node: tree.Call, method: Answer, depth: int) -> Answer:
    """What a method gives whose own promise depends on the object that it is called on."""
    from .generic_results import promised

    owner, _, _ = getattr(node.func, "text", "").rpartition(".")
    func: Node | None = tree.Path(owner, node.func.at) if owner and isinstance(node.func, tree.Path) else None
    if isinstance(node.func, tree.Attribute):
        func = node.func._replace(text=owner) if owner else node.func.value
    held = evaluate(project, scope, func, depth - 1)
    if not isinstance(held, Symbol) or held.kind != "instance" or not isinstance(method, Symbol):
        return Unknown(f"`{getattr(method, 'name', '')}` does not say what it returns")
    return project[promised, (method, Symbol("class", held.path, held.name))]


def _one(answers: Iterable[Answer]) -> Answer:
    """The one answer that all agree on.

    No more are asked for than needed: `self.query = self.query.where(...)` asks for all again at every step.
    """
    found: Answer | None = None
    for answer in answers:
        if isinstance(answer, Unknown):
            return answer
        if found not in (None, answer):
            return Unknown("several values are possible")
        found = answer
    return found or Unknown("no value is known")


def _stated(project: Project, given: Iterable[tuple[Scope, Node | None, Node | None]], depth: int) -> Iterator[Answer]:
    """What each assignment of a value gives, for its scope, value and annotation; None gives nothing."""
    for scope, value, annotation in given:
        if annotation is not None:
            yield annotated(project, scope, annotation, depth - 1)
        elif not _is_none(value):
            yield evaluate(project, scope, value, depth - 1)


def instance(cls: Answer) -> Answer:
    """An instance of a class."""
    if not isinstance(cls, Symbol):
        return cls
    if cls.kind == "external":
        return external(f"{cls.name}()")
    return Symbol("instance", cls.path, cls.name) if cls.kind == "class" else Unknown(f"an instance of a {cls.kind}")


def _named(project: Project, key: tuple[str, str, str]) -> Answer:
    """What a dotted name is, for `(path, function, name)`."""
    path, qualname, text = key
    return _path(project, (path, qualname), text, DEPTH)


def _path(project: Project, scope: Scope, text: str, depth: int) -> Answer:
    first, _, rest = text.partition(".")
    path, inner = scope
    functions = project[functions_of, path] if inner else {}
    while inner:
        function = functions.get(inner)
        if function is not None and first in function.binds:
            found = project[local_value, (path, inner, first)]
            return _attributes(project, found, rest, depth) if rest else found
        inner = inner.rpartition(".")[0]
    answer = resolve_in(project, path, "", first)
    value = _variable(project, answer, depth)
    return _attributes(project, value, rest, depth) if rest else value


def _variable(project: Project, answer: Answer, depth: int) -> Answer:
    """A module-level variable's value, when one assignment gives it; anything else as it is."""
    if not isinstance(answer, Symbol) or answer.kind != "variable" or "." in answer.name:
        return answer
    module = project.module(answer.path)
    bindings = [b for b in module.bindings if b.name == answer.name and b.kind != "augment"] if module else []
    said = [each for each in bindings if each.value_code is not None or each.annotation_code is not None]
    value = _one(_stated(project, (((answer.path, ""), each.value, each.annotation) for each in said), depth))
    return value if isinstance(value, Symbol) else answer


def _attributes(project: Project, value: Answer, names: str, depth: int) -> Answer:
    for name in names.split("."):
        if not isinstance(value, Symbol):
            return value
        value = attribute(project, value, name, depth)
    return value


def attribute(project: Project, value: Symbol, name: str, depth: int = DEPTH) -> Answer:
    """What an attribute of a value is."""
    if value.kind == "external":
        return external(f"{value.name}.{name}")
    if value.kind == "instance":
        return _instance_attribute(project, Symbol("class", value.path, value.name), name, depth)
    if value.kind == "function":
        return _decorated_attribute(project, value, name, depth)
    found = member(project, value, name)
    return _variable(project, found, depth) if value.kind == "module" else found


def _decorated_attribute(project: Project, function: Symbol, name: str, depth: int) -> Answer:
    """An attribute of a function is one of whatever its outermost decorator made of it."""
    facts = function_facts(project, function)
    decorator = facts.decorators[0] if facts is not None and facts.decorator_codes else None
    made = evaluate(project, (function.path, function.name.rpartition(".")[0]), decorator, depth - 1)
    if isinstance(made, Symbol) and made.kind == "external" and not made.name.startswith("builtins."):
        return external(f"{made.name}().{name}")
    return Unknown(f"an attribute of the function `{function.name}`")


def _instance_attribute(project: Project, cls: Symbol, name: str, depth: int) -> Answer:
    found = project[class_member, (cls, name)]
    if isinstance(found, Symbol) and found.kind == "function":
        facts = function_facts(project, found)
        if facts is not None and any(
            getattr(d, "last", "") in ("property", "cached_property") for d in facts.decorators
        ):
            return annotated(project, (found.path, found.name), facts.returns, depth - 1)
        return found
    if isinstance(found, Symbol) and found.kind == "variable":
        for owner, binding in fields(project, cls):
            if binding.name == name:
                if binding.annotation_code is not None:
                    return annotated(project, (owner.path, owner.name), binding.annotation, depth - 1)
                value = evaluate(project, (owner.path, ""), binding.value, depth - 1)
                # `made = Maker` in the class, and `self.made = self.made()` in its methods.
                made = isinstance(value, Symbol) and value.kind == "class" and depth > 1
                other = _assigned_attribute(project, cls, name, depth) if made else None
                return value if other is None else _one([value, other])
    assigned = _assigned_attribute(project, cls, name, depth)
    if assigned is not None:
        return assigned
    outside = project[ancestry, cls].outside
    if outside and isinstance(found, Symbol) and found.kind == "external":
        return external(f"{outside}().{name}")
    # The object may well be of a subclass that has what its class lacks.
    return Unknown(f"`{cls.name}` has no `{name}`") if isinstance(found, Absent) else found


def _assigned_attribute(project: Project, cls: Symbol, name: str, depth: int) -> Answer | None:
    """What `self.name = ...` in the class or its ancestors assigns; None when nothing does."""
    for owner in project[ancestry, cls].first_party:
        assigned = project[self_assignments, owner].get(name, ())
        if assigned:
            given = (((owner.path, method), value, annotation) for method, value, annotation in assigned)
            return _one(_stated(project, given, depth))
    return None


def _result(project: Project, callee: Answer, depth: int) -> Answer:
    """What calling something gives."""
    if not isinstance(callee, Symbol):
        return callee
    if callee.kind in ("class", "external"):
        return instance(callee)
    if callee.kind == "function":
        facts = function_facts(project, callee)
        if facts is not None and facts.returns_code is not None:
            return annotated(project, (callee.path, callee.name), facts.returns, depth - 1)
        return Unknown(f"`{callee.name}` does not say what it returns")
    if callee.kind == "instance":
        call = project[class_member, (Symbol("class", callee.path, callee.name), "__call__")]
        known = isinstance(call, Symbol) and depth > 1
        return _result(project, call, depth - 1) if known else Unknown("calling an instance")
    return Unknown(f"calling a {callee.kind}")


def annotated(project: Project, scope: Scope, node: Node | None, depth: int = DEPTH) -> Answer:
    """The instance that an annotation promises; `X | None`, `Annotated[X, ...]` and iterators of X give X."""
    if depth <= 0 or node is None:
        return Unknown("no annotation")
    if isinstance(node, tree.Constant) and isinstance(node.value, str):
        text = node.value.strip()
        return (
            annotated(project, scope, tree.Path(text, node.at), depth - 1)
            if _is_dotted(text)
            else Unknown("a quoted annotation")
        )
    if isinstance(node, tree.Binary) and node.op == "|":
        return _one([annotated(project, scope, term, depth - 1) for term in node.terms if not _is_none(term)])
    if isinstance(node, tree.Subscript):
        return _generic(project, scope, node, depth)
    if isinstance(node, tree.Path):
        answer = resolve_in(project, scope[0], scope[1], node.text)
        if isinstance(answer, Symbol) and answer.kind == "variable":
            # `SessionDep = Annotated[Session, marker(make)]`: an alias of an annotation.
            return _alias(project, answer, depth)
        return instance(answer)
    return Unknown("an annotation that is computed")


def given(project: Project, scope: Scope, param: Param, depth: int = DEPTH) -> Answer:
    """What the annotation of a parameter promises, if its default does not promise something else."""
    said = annotated(project, scope, param.annotation, depth)
    code = param.default_code if isinstance(said, Symbol) and said.kind == "instance" else None
    if code is None or code[0] != tree.TAG[tree.Call] or param.default is None:
        return said
    return _agreed(project, (scope[0], scope[1].rpartition(".")[0]), said, (param.default,), depth)


def _is_dotted(text: str) -> bool:
    return all(part.isidentifier() for part in text.split("."))


def _alias(project: Project, variable: Symbol, depth: int) -> Answer:
    module = project.module(variable.path)
    for binding in module.bindings if module else ():
        if binding.name == variable.name and binding.value_code is not None:
            value = binding.value
            if isinstance(value, tree.Call) and getattr(value.func, "last", "") == "NewType" and len(value.args) == 2:
                value = value.args[1]
            return annotated(project, (variable.path, ""), value, depth - 1)
    return Unknown("an annotation that is a variable")


def _generic(project: Project, scope: Scope, node: tree.Subscript, depth: int) -> Answer:
    if not isinstance(node.value, tree.Path):
        return Unknown("an annotation that is computed")
    outer = resolve_in(project, scope[0], scope[1], node.value.text)
    items = node.index.items if isinstance(node.index, tree.Sequence) else (node.index,)
    if isinstance(outer, Symbol) and outer.kind == "external":
        if outer.name in _WRAPPERS or outer.name in _PRODUCERS:
            return _agreed(project, scope, annotated(project, scope, items[0], depth - 1), items[1:], depth)
        if outer.name == "typing.Union":
            return _one([annotated(project, scope, each, depth - 1) for each in items if not _is_none(each)])
    return instance(outer)


def _agreed(project: Project, scope: Scope, said: Answer, marks: tuple[Node, ...], depth: int) -> Answer:
    """What an annotation promises, unless what a marker beside it names promises another class."""
    for mark in marks if isinstance(said, Symbol) and said.kind == "instance" else ():
        made = _injected(project, scope, mark, depth)
        if isinstance(made, Unknown) and isinstance(mark, tree.Call):
            made = returned_by(project, scope, mark.args[0])
        if isinstance(made, Symbol) and isinstance(said, Symbol) and made.kind == "instance":
            one, other = Symbol("class", made.path, made.name), Symbol("class", said.path, said.name)
            above = project[ancestry, other]
            near = other in project[ancestry, one].first_party or one in above.first_party
            return said if near or above.external else Unknown("two classes are promised")
    return said


def injectors(project: Project) -> frozenset[str]:
    """Outside callables that stand for what the function which they are given returns, from all packs."""
    providers: tuple[Callable[[Project], frozenset[str]], ...] = project.provided(injectors)
    return frozenset().union(*(project[each] for each in providers))


def _injected(project: Project, scope: Scope, node: Node | None, depth: int) -> Answer | None:
    """What arrives where such a marker stands: what the function in it returns. None for anything else."""
    if not isinstance(node, tree.Call) or not node.args:
        return None
    marker = evaluate(project, scope, node.func, depth - 1)
    if not isinstance(marker, Symbol) or marker.kind != "external" or marker.name not in project[injectors]:
        return None
    return _result(project, evaluate(project, scope, node.args[0], depth - 1), depth - 1)


def local_value(project: Project, key: tuple[str, str, str]) -> Answer:
    """What a local name of a function is, for `(path, function, name)`.

    A parameter, a definition, an import, or whatever all assignments to it agree on.
    """
    path, qualname, name = key
    scope = (path, qualname)
    function = project[functions_of, path][qualname]
    try:
        for position, param in enumerate(function.params):
            if param.name == name:
                value = _parameter(project, scope, function, param, position, DEPTH)
                reassigned = name in project[local_assignments, scope]
                return value if not reassigned else _assigned(project, scope, name, value)
        found = resolve_in(project, path, qualname, name)
        known = isinstance(found, Symbol)
        return _variable(project, found, DEPTH) if known else _assigned(project, scope, name, None)
    except CyclicFact:
        return Unknown(f"`{name}` is defined through itself")


def _assigned(project: Project, scope: Scope, name: str, first: Answer | None) -> Answer:
    assigned = project[local_assignments, scope].get(name, ())
    answers = _stated(project, ((scope, value, annotation) for value, annotation in assigned), DEPTH)
    return _one(answers if first is None else chain((first,), answers))


def _parameter(project: Project, scope: Scope, function: Function, param: Param, position: int, depth: int) -> Answer:
    if position == 0 and function.owner and param.kind in ("positional", "positional-only"):
        names = {getattr(decorator, "last", "") for decorator in function.decorators}
        owner = Symbol("class", scope[0], function.owner)
        if "staticmethod" not in names:
            return owner if "classmethod" in names or function.name == "__new__" else instance(owner)
    if param.annotation_code is not None:
        return given(project, scope, param, depth - 1)
    outer = (scope[0], scope[1].rpartition(".")[0])
    arriving = _injected(project, outer, param.default, depth)
    if arriving is not None:
        return arriving
    if isinstance(param.default, tree.Path):
        # `def __init__(self, factory=make_session)`: whatever else is given is of the same kind.
        usual = evaluate(project, outer, param.default, depth - 1)
        if isinstance(usual, Symbol) and usual.kind == "external" and usual.name.endswith("()"):
            return usual
    return Unknown(f"parameter `{param.name}` has no annotation")
