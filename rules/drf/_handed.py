"""What is loaded for each row where code gives rows to a serializer itself: `Serializer(rows, many=True).data`."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.backend.entities import Showing, handed_rows
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts, functions_of, resolve_in, subclasses
from cdlint.rule import Location

from ._chosen import chosen_shape
from ._protocol import using
from ._rows import Load, drf_classes_in, loads_of_rows, query_place, shape_of

_HANDLERS = {"get": "list", "list": "list"}
_BY_VIEW = frozenset({"self.get_serializer", "self.serializer_class"})


def showing(project: Project) -> tuple[Showing, ...]:
    """The functions that give serializers many rows, and the handlers of views that do."""
    found = [
        Showing(Symbol("function", use.path, use.qualname), _owner(project, use.path, use.qualname))
        for use in project[using]
        if _takes_many(project[functions_of, use.path][use.qualname])
    ]
    for path in project.paths:
        found += project[_of_views_in, path]
    return tuple(dict.fromkeys(found))


def _owner(project: Project, path: str, qualname: str) -> Symbol | None:
    function = project[functions_of, path][qualname]
    return Symbol("class", path, function.owner) if function.owner else None


def _takes_many(function: Function) -> bool:
    return any("many" in keywords for _, _, keywords in function.shapes)


def _of_views_in(project: Project, path: str) -> tuple[Showing, ...]:
    """The handlers of a file's views that take the serializer of the view."""
    found = []
    for view in project[drf_classes_in, path]:
        if view in project[subclasses]:
            continue
        seen: set[str] = set()
        for owner in project[ancestry, view].first_party:
            facts = class_facts(project, owner)
            for name in facts.methods if facts is not None else ():
                function = project[functions_of, owner.path].get(f"{owner.name}.{name}")
                if function is None or name in seen or _BY_VIEW.isdisjoint(function.calls):
                    continue
                # Of the rows of the view itself its list tells.
                told = name not in _HANDLERS and "self.get_queryset" in function.calls
                if _takes_many(function) and _action(function) and not told:
                    found.append(Showing(Symbol("function", owner.path, function.qualname), view))
            seen.update(facts.methods if facts is not None else ())
    return tuple(found)


def _action(function: Function) -> str:
    """The action for which a handler takes the serializer of its view, `""` when that is not known."""
    for decorator in function.decorators if function.decorator_codes else ():
        if isinstance(decorator, tree.Call) and getattr(decorator.func, "last", "") == "action":
            return "" if decorator.keyword("serializer_class") is not None else function.name
    return _HANDLERS.get(function.name, "")


def loads_handed(project: Project, each: Showing) -> tuple[tuple[Location, Load], ...]:
    """The relations that a function has loaded row by row, each with the first call of the serializer."""
    function = project[functions_of, each.function.path].get(each.function.name)
    found: dict[str, tuple[Location, Load]] = {}
    for place, load in _loads(project, each, function) if function is not None else ():
        found.setdefault(load.path, (place, load))
    return tuple(found.values())


def _loads(project: Project, each: Showing, function: Function) -> Iterator[tuple[Location, Load]]:
    given = dict(handed_rows(project, each))
    for call in function.call_nodes if given else ():
        rows = given.get(call.at)
        many = call.keyword("many")
        is_many = isinstance(many, tree.Constant) and many.value is True
        if rows is None or not is_many or not _is_shown(function, call):
            continue
        shape = _shape(project, each, function, call)
        place = Location(each.function.path, call.at)
        if (each.view is not None and each.function.path != each.view.path) or "self.get_queryset" in function.calls:
            place = query_place(project, each.view) if each.view is not None else place
        for load in loads_of_rows(project, shape, rows) if shape is not None else ():
            yield place, load


def _is_shown(function: Function, call: tree.Call) -> bool:
    """Whether the rows are put out: those that are given together with `data` to write may not be."""
    if call.keyword("data") is None:
        return True
    assigns = [(node.value, node.targets) for node in function.nodes if isinstance(node, tree.Assign)]
    names = [target for value, targets in assigns if value is not None and value.at == call.at for target in targets]
    shown = {f"{name.text}.data" for name in names if isinstance(name, tree.Path)}
    return any(isinstance(node, tree.Path) and node.text in shown for node in function.nodes)


def _shape(project: Project, each: Showing, function: Function, call: tree.Call) -> Symbol | None:
    if not isinstance(call.func, tree.Path):
        return None
    action = _action(function)
    if call.func.text in _BY_VIEW and each.view is not None and action:
        if call.func.last == "serializer_class":
            return shape_of(project, each.view)
        above = project[ancestry, each.view]
        owned = [class_facts(project, owner) for owner in above.first_party]
        own = any(facts is None or "get_serializer" in facts.methods for facts in owned)
        return None if own or above.unknown else chosen_shape(project, each.view, action)
    scope = function.qualname if call.func.root in function.binds else ""
    answer = resolve_in(project, each.function.path, scope, call.func.text)
    return answer if isinstance(answer, Symbol) and answer.kind == "class" else None
