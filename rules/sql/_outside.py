"""Values that may come from outside the program: what a request brings, what a caller gives, what a row holds."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.facts import tree
from cdlint.facts.model import Function, Param
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol, Unknown
from cdlint.project.calls import calls_of, words
from cdlint.project.classes import ancestry, functions_of
from cdlint.project.constants import fold
from cdlint.project.places import is_aside

from ._sites import Place, value_of

_REQUESTS = ("flask.request", "flask.globals.request", "quart.request", "bottle.request")
_THROUGH = frozenset({"strip", "lower", "upper", "title", "get", "pop", "lstrip", "rstrip", "capitalize", "json",
                      "getlist", "decode", "format", "join", "values", "dict", "model_dump"})  # fmt: skip
"""Methods whose result is as much from outside as what they are called on."""
_PLAIN = frozenset({"str", "list", "tuple", "set", "sorted", "reversed", "unquote", "dict"})
_TEXTS = frozenset(
    {"str", "Any", "object", "dict", "Dict", "list", "List", "tuple", "Tuple", "set", "Set", "Optional", "Union",
     "None", "Sequence", "Iterable", "Mapping", "Annotated", "Request", "HttpRequest", "Query", "Path", "Body", "Form",
     "SecretStr", "EmailStr", "bytes"}
)  # fmt: skip
"""What annotations of text, and of what may hold some, are made of."""
_DEPTH = 5


def comes_from_outside(project: Project, place: Place, node: Node, quoted: bool) -> bool:
    """Whether a value that is formatted into a statement may be anything."""
    function = project[functions_of, place.path].get(place.qualname)
    return function is not None and _comes(project, place, function, node, quoted, _DEPTH)


def _comes(project: Project, place: Place, function: Function, node: Node | None, quoted: bool, depth: int) -> bool:
    if node is None or depth <= 0:
        return False

    def comes(inner: Node | None) -> bool:
        return _comes(project, place, function, inner, quoted, depth - 1)

    if isinstance(node, tree.Path):
        return not _is_checked(function, node.text) and _is_name_outside(project, place, function, node, quoted, depth)
    if isinstance(node, tree.Call):
        return _is_call_outside(project, place, function, node, quoted, depth)
    if isinstance(node, (tree.Subscript, tree.Attribute, tree.Await)):
        return comes(node.value)
    if isinstance(node, tree.FString):
        return any(map(comes, node.parts))
    if isinstance(node, tree.Binary):
        return node.op in ("+", "%") and any(map(comes, node.terms))
    if isinstance(node, tree.Boolean):
        return any(map(comes, node.values))
    if isinstance(node, tree.Conditional):
        return comes(node.body) or comes(node.orelse)
    if isinstance(node, tree.Comprehension):
        return comes(node.element)
    return False


def _is_name_outside(
    project: Project, place: Place, function: Function, node: tree.Path, quoted: bool, depth: int
) -> bool:
    param = next((each for each in function.params if each.name == node.root), None)
    if param is not None:
        if _is_bound(function) and param is function.params[0]:
            # What an object holds may be the name of a table; a value only where quotes are around it.
            return quoted and node.text.count(".") == 1
        return _is_param_outside(project, place, param)
    if node.root in function.binds:
        given = list(given_to(function, node.root))
        if given and len(given) < 4:
            return any(_comes(project, place, function, value, quoted, depth - 1) for value, _ in given)
        return any(_comes(project, place, function, each, quoted, depth - 1) for each in _looped(function, node.root))
    answer = value_of(project, place, node)
    return isinstance(answer, Symbol) and answer.kind == "external" and answer.name.startswith(_REQUESTS)


def _is_checked(function: Function, name: str) -> bool:
    """Whether a value is asserted to be one of several."""
    tests = (each.test for each in function.every(tree.Assert))
    return any(
        isinstance(each, tree.Compare) and each.ops == ("in",) and getattr(each.terms[0], "text", "") == name
        for each in tests
    )


def _is_call_outside(
    project: Project, place: Place, function: Function, node: tree.Call, quoted: bool, depth: int
) -> bool:
    last = getattr(node.func, "last", "")
    if isinstance(node.func, tree.Path) and "." not in node.func.text:
        return last in _PLAIN and bool(node.args) and _comes(project, place, function, node.args[0], quoted, depth - 1)
    if last not in _THROUGH:
        return False
    if last == "join":
        return bool(node.args) and _comes(project, place, function, node.args[0], quoted, depth - 1)
    if isinstance(node.func, tree.Attribute):
        return _comes(project, place, function, node.func.value, quoted, depth - 1)
    owner = node.func.text.rpartition(".")[0]
    return _comes(project, place, function, tree.Path(owner, node.func.at), quoted, depth - 1)


def _is_param_outside(project: Project, place: Place, param: Param) -> bool:
    """Whether a parameter may be anything: no number by annotation or default, and not a constant of all callers."""
    if param.annotation_code is not None and not _may_hold_text(project, place, param.annotation):
        return False
    if param.default_code is not None:
        default = param.default
        if isinstance(default, tree.Constant) and isinstance(default.value, (int, float)):
            return False
    return not project[_is_always_constant, (place.path, place.qualname, param.name)]


def _may_hold_text(project: Project, place: Place, annotation: Node | None) -> bool:
    """Whether what an annotation names may hold any text: strings, containers, requests, classes of the repository."""
    for each in tree.walk(annotation):
        if isinstance(each, tree.Path) and each.last not in _TEXTS:
            answer = value_of(project, Place(place.path, ""), each)
            if not isinstance(answer, Symbol) or answer.kind != "class":
                return False
            above = project[ancestry, answer]
            if above.unknown or any(name.startswith("enum.") for name in above.external):
                return False
    return True


def _is_always_constant(project: Project, key: tuple[str, str, str]) -> bool:
    """Whether all calls of a function that are seen give a parameter a constant."""
    path, qualname, name = key
    function = project[functions_of, path][qualname]
    seen = False
    for other in project.paths:
        for caller, call in calls_of(project, other, frozenset({function.name})) if not is_aside(other) else ():
            place = Place(other, caller.qualname)
            if _may_call(project, place, call, path, function):
                seen = True
                if not all(_is_fixed(project, place, value) for value in _given(function, call, name)):
                    return False
    return seen


def _may_call(project: Project, place: Place, call: tree.Call, path: str, function: Function) -> bool:
    """Whether a call by the name of a function may be one of it, and not of another function."""
    answer = value_of(project, place, call.func)
    if not isinstance(answer, Symbol):
        return True
    if answer.kind != "function" or answer == Symbol("function", path, function.qualname):
        return answer.kind == "function"
    other = project[functions_of, answer.path][answer.name].owner
    if not function.owner or not other:
        return False
    own, their = Symbol("class", path, function.owner), Symbol("class", answer.path, other)
    above, across = project[ancestry, own], project[ancestry, their]
    return their in above.first_party or own in across.first_party or "typing.Protocol" in across.external


def _given(function: Function, call: tree.Call, name: str) -> tuple[Node, ...]:
    """What a call gives a parameter, and all that may hold it."""
    params = function.params[1:] if _is_bound(function) else function.params
    param = next(each for each in params if each.name == name)
    hidden = tuple(each for each in call.args if isinstance(each, tree.Starred))
    hidden += tuple(each.value for each in call.keywords if each.name is None)
    takes = [each for each in params if each.kind in ("positional", "positional-only")]
    if param.kind == "*":
        return call.args[len(takes) :] or hidden
    if param.kind == "**":
        named = {each.name for each in params}
        return tuple(each.value for each in call.keywords if each.name not in named)
    value = call.argument(takes.index(param), name) if param in takes else call.keyword(name)
    return hidden if value is None else (value,)


def _is_bound(function: Function) -> bool:
    """Whether the first parameter is the object or the class that a method is called on."""
    return bool(function.owner) and not any("staticmethod" in words(code) for code in function.decorator_codes)


def _is_fixed(project: Project, place: Place, value: Node) -> bool:
    """Whether a value is a constant, or a local name of nothing but numbers."""
    if not isinstance(fold(project, place, value, infer=False), Unknown):
        return True
    function = project[functions_of, place.path].get(place.qualname) if isinstance(value, tree.Path) else None
    given = [each for each, _ in given_to(function, value.text)] if function is not None else []
    return bool(given) and all(map(_is_number, given))


def _is_number(node: Node) -> bool:
    if isinstance(node, tree.Call):
        return getattr(node.func, "text", "") in ("float", "int", "len", "round")
    return isinstance(node, tree.Constant) and isinstance(node.value, (int, float))


def given_to(function: Function, name: str) -> Iterator[tuple[Node, At]]:
    """What is assigned to a local name or added to it, with the place."""
    for node in function.nodes:
        if isinstance(node, tree.Assign) and node.value is not None:
            if any(isinstance(each, tree.Path) and each.text == name for each in node.targets):
                yield node.value, node.value.at
        elif isinstance(node, tree.AugAssign) and isinstance(node.target, tree.Path) and node.target.text == name:
            yield node.value, node.value.at


def _looped(function: Function, name: str) -> Iterator[Node]:
    """What a name runs over in loops and comprehensions."""
    for node in function.nodes:
        if isinstance(node, (tree.For, tree.Generator)) and any(
            isinstance(each, tree.Path) and each.text == name for each in tree.walk(node.target)
        ):
            yield node.iterable
