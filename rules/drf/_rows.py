"""What list views load for each row that their serializer shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeGuard

from cdlint.backend.entities import Attribute, Entity, EntityRows, RowRead, entity, row_loads, view_rows
from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts, class_member, functions_of, resolve_in
from cdlint.project.places import is_aside
from cdlint.rule import Location

from ._serializers import declared, meta_list, serializer, whole_list
from ._served import is_loaded_along, is_served

_LISTING = frozenset({"ListModelMixin", "ModelViewSet", "ReadOnlyModelViewSet", "ListAPIView", "ListCreateAPIView"})
_SHOWING = frozenset({"Serializer", "StringRelatedField", "SlugRelatedField", "HyperlinkedRelatedField"})
_OWN = frozenset({"list", "get", "get_serializer", "filter_queryset", "paginate_queryset"})
_DEPTH = 4


class Load(NamedTuple):
    """A relation that is loaded for each row, where the serializer asks for it, and where the view is."""

    path: str
    field: str
    shape: Symbol
    many: bool
    """Whether the path goes through several rows, so that it is no join."""
    at: Location


def list_views(project: Project) -> tuple[Symbol, ...]:
    """The views that list rows with one serializer; tests are left out."""
    return tuple(view for path in project.paths for view in project[_list_views_in, path])


def _list_views_in(project: Project, path: str) -> tuple[Symbol, ...]:
    return tuple(
        view
        for view in project[drf_classes_in, path]
        if any(name.rpartition(".")[2] in _LISTING for name in project[ancestry, view].external)
    )


def drf_classes_in(project: Project, path: str) -> tuple[Symbol, ...]:
    """The classes of a file that are built on the framework's; tests are left out."""
    module = project.module(path) if not is_aside(path) else None
    if module is None or not module.classes or not project[_is_used]:
        return ()
    found = []
    for facts in module.classes:
        symbol = Symbol("class", path, facts.qualname)
        above = project[ancestry, symbol] if facts.base_codes else None
        if above is not None and any(name.startswith("rest_framework.") for name in above.external):
            found.append(symbol)
    return tuple(found)


def _is_used(project: Project) -> bool:
    """Whether the framework is imported at all: its views may well stand in files that import only their base."""
    return any(project[_imports_it, path] for path in project.paths)


def _imports_it(project: Project, path: str) -> bool:
    module = project.module(path)
    return module is not None and any(each.module.startswith("rest_framework") for each in module.imports)


def loads(project: Project, view: Symbol, shape: Symbol) -> tuple[Load, ...]:
    """What the list of a view loads row by row when this serializer shows it."""
    rows = None if _overrides(project, view) else view_rows(project, view)
    found = loads_of_rows(project, shape, rows) if rows is not None else ()
    return found if found and is_served(project, view, "list") and not is_loaded_along(project, view) else ()


def loads_of_rows(project: Project, shape: Symbol, rows: EntityRows) -> tuple[Load, ...]:
    """What a serializer loads of each of these rows, one for each relation."""
    if "*" in rows.loaded:
        return ()
    found: dict[str, Load] = {}
    for each in _of_shape(project, shape, rows, "", _DEPTH):
        found.setdefault(each.path, each)
    return tuple(found.values())


def first_of_query(project: Project, views: tuple[Symbol, ...]) -> tuple[Symbol, ...]:
    """The views without those that show the rows of an earlier one, which a base of both says, in the same shape."""
    seen: dict[tuple[Symbol, Symbol | None], Symbol] = {}
    return tuple(view for view in views if seen.setdefault(_query_of(project, view), view) == view)


def _query_of(project: Project, view: Symbol) -> tuple[Symbol, Symbol | None]:
    for owner in project[ancestry, view].first_party:
        facts = class_facts(project, owner)
        if facts is not None and ("get_queryset" in facts.methods or any(f.name == "queryset" for f in facts.fields)):
            return (owner, shape_of(project, view)) if owner != view else (view, None)
    return view, None


def query_place(project: Project, view: Symbol) -> Location:
    """Where a view says which rows it shows."""
    for owner in project[ancestry, view].first_party:
        facts = class_facts(project, owner)
        method = project[functions_of, owner.path].get(f"{owner.name}.get_queryset")
        if method is not None:
            returned = [node.value for node in method.nodes if isinstance(node, tree.Return)]
            value = returned[0] if len(returned) == 1 else None
            if isinstance(value, tree.Path):
                # What is returned by a name is mended where that is made.
                value = next((n.value for n in method.nodes if _assigns(n, value.text)), None) or value
            return Location(owner.path, value.at if value is not None else method.at)
        bound = [each.at for each in facts.fields if each.name == "queryset"] if facts is not None else []
        if bound:
            return Location(owner.path, bound[-1])
    facts = class_facts(project, view)
    assert facts is not None
    return Location(view.path, facts.at)


def _assigns(node: tree.Node, name: str) -> TypeGuard[tree.Assign]:
    return isinstance(node, tree.Assign) and any(getattr(each, "text", "") == name for each in node.targets)


def shape_of(project: Project, view: Symbol) -> Symbol | None:
    """The serializer that a view names, or a class above it."""
    for owner in project[ancestry, view].first_party:
        facts = class_facts(project, owner)
        bound = [each for each in facts.fields if each.name == "serializer_class"] if facts is not None else []
        if bound:
            node = bound[-1].value
            shape = resolve_in(project, owner.path, "", node.text) if isinstance(node, tree.Path) else None
            return shape if isinstance(shape, Symbol) and shape.kind == "class" else None
    return None


def _overrides(project: Project, view: Symbol) -> bool:
    above = project[ancestry, view]
    methods = {name for owner in above.first_party if (facts := class_facts(project, owner)) for name in facts.methods}
    return bool(above.unknown) or bool(methods & _OWN)


def _of_shape(project: Project, shape: Symbol, rows: EntityRows, way: str, depth: int) -> Iterator[Load]:
    known = project[serializer, shape]
    about = entity(project, rows.model)
    if known is None or not known.whole or about is None or depth <= 0 or _shows_itself(project, shape):
        return
    seen: set[str] = set()
    # What a class above declares is shown only where it is listed.
    listed = whole_list(project, shape, "fields") if known.of_model else None
    for owner in project[ancestry, shape].first_party:
        for field in project[declared, owner]:
            if field.name in seen:
                continue
            seen.add(field.name)
            if _is_true(field.call, "write_only") or (listed is not None and field.name not in listed):
                continue
            at = Location(owner.path, field.at)
            if field.kind == "SerializerMethodField":
                yield from _of_method(project, shape, field.name, rows, way, at)
                continue
            source = field.call.keyword("source")
            text = source.value if isinstance(source, tree.Constant) else field.name if source is None else ""
            head, _, rest = str(text).partition(".")
            found = about.attributes.get(head)
            if found is None or found.kind not in ("one", "many") or (field.kind not in _SHOWING and not rest):
                continue
            if field.kind == "HyperlinkedRelatedField" and not rest and _has_key(about, head, field.call):
                continue
            if _is_loaded(rows, head):
                inner = resolve_in(project, owner.path, "", getattr(field.call.func, "text", "?"))
                if field.kind == "Serializer" and not rest and isinstance(inner, Symbol) and found.target is not None:
                    below = EntityRows(found.target, _below(rows.loaded, head) | {found.back})
                    if "*" not in below.loaded:
                        for load in _of_shape(project, inner, below, _joined(way, head), depth - 1):
                            yield load._replace(many=load.many or found.kind == "many")
                elif rest and found.kind == "one":
                    for path in _behind(project, found, rest, _below(rows.loaded, head)):
                        yield Load(_joined(way, f"{head}__{path}"), field.name, shape, False, at)
            elif found.kind == "one" or not rest or rest in ("all", "count"):
                yield Load(_joined(way, head), field.name, shape, found.kind == "many", at)
    yield from _of_list(project, shape, rows, way, about.attributes, seen)


def _has_key(about: Entity, head: str, call: tree.Call) -> bool:
    """Whether a link is made of the key alone, which the row has itself."""
    by = call.keyword("lookup_field")
    return f"{head}_id" in about.attributes and (by is None or (isinstance(by, tree.Constant) and by.value == "pk"))


def _behind(project: Project, relation: Attribute, text: str, loaded: frozenset[str]) -> Iterator[str]:
    """The relation behind a loaded one that a dotted source needs and the query does not load, as a path."""
    about = entity(project, relation.target) if relation.target is not None else None
    head, _, rest = text.partition(".")
    found = about.attributes.get(head) if about is not None else None
    if found is None or found.kind != "one" or not rest or found.target is None or head == relation.back:
        return
    if _is_loaded(EntityRows(found.target, loaded), head):
        for path in _behind(project, found, rest, _below(loaded, head)):
            yield f"{head}__{path}"
    elif "*" not in loaded:
        yield head


def _of_list(
    project: Project, shape: Symbol, rows: EntityRows, way: str, attributes: dict[str, Attribute], seen: set[str]
) -> Iterator[Load]:
    """Relations to many rows that `Meta.fields` lists: their keys are a query of their own."""
    listed = meta_list(project, shape, "fields")
    for text, at, path in listed[0] if listed is not None else ():
        found = attributes.get(text)
        if text not in seen and found is not None and found.kind == "many" and not _is_loaded(rows, text):
            yield Load(_joined(way, text), text, shape, True, Location(path, at))
        elif text not in seen and found is not None and found.kind == "other":
            yield from _of_property(project, shape, text, rows, way, Location(path, at))


def _of_property(
    project: Project, shape: Symbol, name: str, rows: EntityRows, way: str, at: Location
) -> Iterator[Load]:
    """What a property of the model loads that `Meta.fields` lists."""
    found = project[class_member, (rows.model, name)]
    if isinstance(found, Symbol) and found.kind == "function":
        yield from _loads_of(project, shape, name, RowRead(found, "self", rows), way, at)


def _of_method(project: Project, shape: Symbol, name: str, rows: EntityRows, way: str, at: Location) -> Iterator[Load]:
    found = project[class_member, (shape, f"get_{name}")]
    if not isinstance(found, Symbol) or found.kind != "function":
        return
    function = project[functions_of, found.path].get(found.name)
    if function is None or len(function.params) < 2:
        return
    yield from _loads_of(project, shape, name, RowRead(found, function.params[1].name, rows), way, at)


def _loads_of(project: Project, shape: Symbol, name: str, read: RowRead, way: str, at: Location) -> Iterator[Load]:
    for path, _ in row_loads(project, read):
        yield Load(_joined(way, path), name, shape, _leads_to_many(project, read.rows.model, path), at)


def _leads_to_many(project: Project, model: Symbol, path: str) -> bool:
    """Whether a path from a model goes through several rows."""
    for name in path.split("__"):
        about = entity(project, model)
        found = about.attributes.get(name) if about is not None else None
        if found is None or found.target is None or found.kind == "many":
            return found is not None and found.kind == "many"
        model = found.target
    return False


def _shows_itself(project: Project, shape: Symbol) -> bool:
    """Whether a serializer decides itself what it shows."""
    return any(
        not {"to_representation", "data", "__init__", "setup_eager_loading"}.isdisjoint(facts.methods)
        for owner in project[ancestry, shape].first_party
        if (facts := class_facts(project, owner)) is not None
    )


def _is_true(call: tree.Call, name: str) -> bool:
    value = call.keyword(name)
    return isinstance(value, tree.Constant) and value.value is True


def _joined(way: str, name: str) -> str:
    return f"{way}__{name}" if way else name


def _is_loaded(rows: EntityRows, name: str) -> bool:
    return any(path == name or path.startswith(name + "__") for path in rows.loaded)


def _below(paths: frozenset[str], name: str) -> frozenset[str]:
    return frozenset(path[len(name) + 2 :] for path in paths if path.startswith(name + "__"))
