"""Where code reads or sets an attribute of an instance, or of a row, that it does not have."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.facts import tree
from cdlint.facts.model import Function, Param
from cdlint.facts.tree import At, Code, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.calls import words
from cdlint.project.classes import ancestry, class_facts, function_facts, functions_of
from cdlint.project.memo import CyclicFact
from cdlint.project.places import is_aside
from cdlint.project.values import annotated, evaluate

from ._absent import attributes, is_given_later
from ._attribute_uses import Missing, holders, is_minded, lacks, roots
from ._instances import mapped_instance
from ._models import models
from ._registry import close_to, lineage
from ._row_names import holds_rows, row_names
from ._spoken import is_read_of, is_set_on
from ._state_classes import links
from ._statements import Place, receiver_of

_LOADING = frozenset(
    {
        "get", "get_one", "scalar", "first", "one", "one_or_none", "scalar_one", "scalar_one_or_none", "get_or_404",
        "first_or_404", "one_or_404", "merge",
    }
)  # fmt: skip
_MANY = frozenset({"scalars", "execute", "query", "stream_scalars", "exec"})
_ASKING = frozenset({"isinstance", "cast", "type"})
_MARKERS = frozenset({"Depends", "Security"})
_TYPES = frozenset(tree.TAG[kind] for kind in (tree.Path, tree.Subscript, tree.Binary, tree.Call))
"""What a name for a type is made of."""


def holding(project: Project) -> tuple[Place, ...]:
    """The functions that may hold an instance or a row; tests and examples are left out."""
    paths = [path for path in project.paths if not is_aside(path)] if project[holders].classes else []
    return tuple(place for path in paths for place in project[_holding_in, path])


def _holding_in(project: Project, path: str) -> tuple[Place, ...]:
    module = project.module(path)
    names, wanted = project[holders].classes, project[_giving]
    reaches = bool(project[roots, path])
    found = []
    for function in module.functions if module is not None else ():
        calls = function.lasts
        if (
            function.owner.rpartition(".")[2] in names
            or not wanted.isdisjoint(calls)
            or (reaches and not _LOADING.isdisjoint(calls))
            or any(
                _may_be_annotated(project, param.annotation_code) or _asks(project, param) for param in function.params
            )
        ):
            found.append(Place(path, function.qualname))
    return tuple(found)


def _asks(project: Project, param: Param) -> bool:
    """Whether a dependency gives a parameter its value, by the names in the `def` alone."""
    said = {*words(param.default_code), *words(param.annotation_code)}
    return not project[_asking].isdisjoint(said)


def _asking(project: Project) -> frozenset[str]:
    """What marks a dependency, and the module variables that stand for `Annotated[..., Depends(...)]`."""
    return _MARKERS.union(*(project[_markers_in, path] for path in project.paths))


def _markers_in(project: Project, path: str) -> frozenset[str]:
    module = project.module(path)
    return frozenset(
        binding.name
        for binding in (module.bindings if module is not None else ())
        if binding.value_code is not None
        and binding.value_code[0] in _TYPES
        and not _MARKERS.isdisjoint(words(binding.value_code))
    )


def _may_be_annotated(project: Project, code: Code) -> bool:
    """Whether an annotation may mean an instance, by the names in it alone."""
    return code is not None and not project[_promising].isdisjoint(words(code))


def _promising(project: Project) -> frozenset[str]:
    """The names of mapped classes, and the module variables that stand for one: `Annotated[User, Depends(...)]`."""
    names = project[holders].classes
    return names.union(*(project[_aliases_in, path] for path in project.paths))


def _aliases_in(project: Project, path: str) -> frozenset[str]:
    module = project.module(path)
    names = project[holders].classes
    return frozenset(
        binding.name
        for binding in (module.bindings if module is not None else ())
        if binding.value_code is not None
        and binding.value_code[0] in _TYPES
        and not names.isdisjoint(words(binding.value_code))
    )


def _giving(project: Project) -> frozenset[str]:
    """The last names of calls that may give an instance: of functions that return one, classes and queries."""
    found = frozenset(name for path in project.paths for name in project[_givers_in, path])
    return found | project[holders].classes | _MANY


def _promised(project: Project) -> frozenset[str]:
    """The names by which a function may promise an instance: of classes, of type variables and of its own class."""
    variables = frozenset({"Self"}).union(*(project[_type_variables, path] for path in project.paths))
    return project[holders].classes | variables


def _type_variables(project: Project, path: str) -> frozenset[str]:
    module = project.module(path)
    bindings = module.bindings if module is not None else ()
    return frozenset([each.name for each in bindings if each.callee.endswith("TypeVar")])


def _givers_in(project: Project, path: str) -> tuple[str, ...]:
    module = project.module(path)
    names, here = project[_promised], project[roots, path]
    return tuple(
        function.name
        for function in (module.functions[1:] if module is not None else ())
        if (not names.isdisjoint(words(function.returns_code)) if function.returns_code else _loads(function, here))
    )


def _loads(function: Function, here: frozenset[str]) -> bool:
    """Whether a function that does not say what it returns may load an instance."""
    called = function.lasts
    return not called.isdisjoint(_LOADING) and any(function.mentions(root) for root in here)


def wrong_uses(project: Project, place: Place) -> tuple[Missing, ...]:
    """The uses in a function of attributes that its instances and rows lack."""
    function = project[functions_of, place.path].get(place.qualname)
    if function is None or not place.qualname:
        return ()
    wanted: dict[str, tuple[Symbol | None, str]] = {}
    rows = holds_rows(function)
    for variable in _variables(function):
        param = next((each for each in function.params if each.name == variable), None)
        texts = function.paths_from(variable) if param is None or _may_be_given(project, function, param) else ()
        cls = _class_of(project, place, function, variable) if texts else None
        known = row_names(project, place, function, variable) if texts and cls is None and rows else None
        for text in texts:
            found = _first_wrong(project, cls, text) if cls is not None else None
            if found is not None and not _is_known_without(project, place, param, text.split(".")[1]):
                wanted[text] = found
            elif known is not None and not _is_row_attribute(text.split(".")[1], known):
                wanted[text] = None, text.split(".")[1]
    if not wanted or _is_told_apart(function):
        return ()
    return tuple(each for each in _placed(project, place, function, wanted) if not is_minded(function, each))


def _variables(function: Function) -> Iterator[str]:
    """The local names, those of comprehensions included."""
    names = set(function.binds).difference(function.outer)
    for node in function.every(tree.Generator):
        names.update(each.text for each in tree.walk(node.target) if isinstance(each, tree.Path))
    yield from sorted(names)


def _may_be_given(project: Project, function: Function, param: Param) -> bool:
    """Whether a parameter may be an instance, by what stands in the `def` alone."""
    if param.name == "self":
        return function.owner.rpartition(".")[2] in project[holders].classes
    return param.default_code is not None or _may_be_annotated(project, param.annotation_code) or _asks(project, param)


def _is_known_without(project: Project, place: Place, param: Param | None, name: str) -> bool:
    """Whether the other class that a parameter is said to be of lacks an attribute as well, which is told by itself."""
    said = annotated(project, place, param.annotation) if param is not None and param.annotation_code else None
    cls = said._replace(kind="class") if isinstance(said, Symbol) and said.kind == "instance" else None
    if cls is None or cls in project[models]:
        return False
    above = [facts for owner in project[ancestry, cls].first_party if (facts := class_facts(project, owner))]
    return not any(name in facts.methods or any(each.name == name for each in facts.fields) for facts in above)


def _class_of(project: Project, place: Place, function: Function, name: str) -> Symbol | None:
    static = any(getattr(each, "last", "") == "staticmethod" for each in function.decorators)
    first = function.params[0] if function.owner and function.params and not static else None
    if first is not None and first.name == name and (name != "self" or first.annotation_code is not None):
        # A method that forgot its `self` is mostly called with something else.
        return None
    values = project[local_assignments, place].get(name, ())
    if values and not any(_may_give(project, value) or annotation is not None for value, annotation in values):
        return None
    cls = mapped_instance(project, place, tree.Path(name, function.at))
    if cls is None or project[attributes, cls] is None:
        return None
    return cls if all(_is_kept(project, place, value, cls) for value, _ in values) else None


def _may_give(project: Project, node: Node | None) -> bool:
    """Whether a value may be an instance; of a call its name alone tells."""
    call = node.value if isinstance(node, tree.Await) else node
    last = getattr(call.func, "last", "") if isinstance(call, tree.Call) else ""
    return not last or last in project[_giving] or last in _LOADING


def _is_kept(project: Project, place: Place, node: Node | None, cls: Symbol) -> bool:
    """Whether nothing speaks against what the called function says that it returns."""
    call = node.value if isinstance(node, tree.Await) else node
    try:
        callee = evaluate(project, place, call.func) if isinstance(call, tree.Call) else None
    except CyclicFact:
        return False
    facts = function_facts(project, callee) if isinstance(callee, Symbol) else None
    if facts is None or facts.returns_code is None or not isinstance(callee, Symbol):
        return True
    there = Place(callee.path, callee.name)
    returned = [each.value for each in facts.every(tree.Return)]
    return not any(_is_made_of(project, there, each, cls) for each in returned if each is not None)


def _is_made_of(project: Project, place: Place, node: Node, cls: Symbol) -> bool:
    """Whether a value is a dict or list that is written out, or what a method of an instance makes of it."""
    if isinstance(node, (tree.Mapping, tree.Sequence, tree.Comprehension, tree.FString)):
        return True
    receiver = receiver_of(node) if isinstance(node, tree.Call) else None
    return receiver is not None and mapped_instance(project, place, receiver) == cls


def _first_wrong(project: Project, cls: Symbol, text: str) -> tuple[Symbol, str] | None:
    """The first attribute along a dotted name that its class lacks, through relationships to one instance."""
    for name in text.split(".")[1:]:
        if _is_lacking(project, cls, name):
            return cls, name
        link = project[links, cls].get(name)
        if link is None or link.collection is not False or link.target is None:
            return None
        cls = link.target
    return None


def _is_lacking(project: Project, cls: Symbol, name: str) -> bool:
    """Whether neither the class nor any that inherits from it has the attribute."""
    if not lacks(project, cls, name):
        return False
    below = (each for each in project[models] if each != cls and cls in project[lineage, each])
    return all(lacks(project, each, name) for each in below)


def _is_row_attribute(name: str, known: frozenset[str]) -> bool:
    return name in known or name.startswith("_") or name in ("count", "index", "tuple", "t", "keys", "items", "values")


def _is_told_apart(function: Function) -> bool:
    return not _ASKING.isdisjoint(function.lasts)


def _placed(
    project: Project, place: Place, function: Function, wanted: dict[str, tuple[Symbol | None, str]]
) -> Iterator[Missing]:
    """Where they stand: sets by themselves, reads as they are."""
    written: dict[At, str] = {}
    shadowed: set[str] = set()
    for node in function.nodes:
        if isinstance(node, tree.Assign):
            written.update((each.at, each.text) for each in node.targets if isinstance(each, tree.Path))
        elif isinstance(node, (tree.AugAssign, tree.For)) and isinstance(node.target, tree.Path):
            shadowed.add(node.target.text if "." in node.target.text else "")
        elif isinstance(node, tree.Lambda):
            shadowed.update(node.params)
        elif isinstance(node, tree.Delete):
            shadowed.update(each.text for each in node.targets if isinstance(each, tree.Path))
    sets = {text for text in written.values() if text in wanted}
    generators = _bound_by_generators(project, place, function)
    for node in function.nodes:
        if not isinstance(node, tree.Path) or node.text not in wanted or node.root in shadowed | generators:
            continue
        cls, name = wanted[node.text]
        if node.text in sets:
            if node.at in written and cls is not None and node.text not in shadowed and _is_lost(project, cls, name):
                yield Missing("set", cls, name, node.at)
        elif cls is None:
            yield Missing("row", None, name, node.at)
        elif not project[is_given_later, name] and not project[is_set_on, (cls, name)]:
            yield Missing("instance", cls, name, node.at)


def _bound_by_generators(project: Project, place: Place, function: Function) -> set[str]:
    """The names that a comprehension binds besides something else: two meanings in one function."""
    given = project[local_assignments, place]
    found: list[str] = []
    for node in function.nodes:
        if isinstance(node, (tree.Generator, tree.For)):
            found += [each.text for each in tree.walk(node.target) if isinstance(each, tree.Path)]
    params = {param.name for param in function.params}
    return {name for name in found if name in params or len(given.get(name, ())) > found.count(name)}


def _is_lost(project: Project, cls: Symbol, name: str) -> bool:
    """Whether what is set under a name is surely never looked at again, and looks like a column's."""
    known = project[attributes, cls]
    if known is None or not close_to(name, known):
        return False
    return not project[is_given_later, name] and not project[is_read_of, (cls, name)]
