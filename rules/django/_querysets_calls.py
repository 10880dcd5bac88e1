"""What calls give where queries are concerned: the methods of managers, querysets and instances, and shortcuts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts, class_member, functions_of

from ._annotated import default_name
from ._members import lacks_method
from ._query_graph import user_model
from ._querysets_events import Assigned, Read, Use
from ._querysets_handed import as_text, chosen_by, fetched, filled, handed
from ._querysets_managers import default_manager, is_manager, method, method_classes
from ._querysets_names import step
from ._querysets_tests import filled_in
from ._querysets_values import NOTHING, Cls, Conditions, Given, Items, Later, One, Rows, Value, passed
from ._querysets_views import outside_view

if TYPE_CHECKING:
    from ._querysets import Tracer

SAME = frozenset(
    {
        "all", "filter", "exclude", "order_by", "reverse", "distinct", "using", "select_for_update",
        "complex_filter", "none", "iterator", "defer", "only", "get_queryset", "db_manager", "extra",
        "select_related", "prefetch_related", "annotate", "alias", "union", "intersection", "difference",
    }
)  # fmt: skip
"""The methods whose result is rows of the same model."""
SINGLE = frozenset(
    {
        "get", "first", "last", "earliest", "latest", "create", "aget", "afirst", "alast", "aearliest",
        "alatest", "acreate",
    }
)  # fmt: skip
"""The methods whose result is an instance."""
PAIRS = frozenset(["get_or_create", "update_or_create", "aget_or_create", "aupdate_or_create"])
FORMS = frozenset(["values", "values_list", "dates", "datetimes"])
"""The methods whose rows are no instances."""
_DATED = {"dates": {"datefield"}, "datetimes": {"datetimefield"}}  # What they annotate along the way.
END = frozenset(
    {
        "update", "aupdate", "delete", "adelete", "count", "acount", "exists", "aexists", "aggregate",
        "aaggregate", "bulk_create", "abulk_create", "bulk_update", "abulk_update", "in_bulk", "ain_bulk",
        "add", "set", "remove", "clear", "aadd", "aset", "aremove", "aclear", "contains", "explain",
        "as_manager",
    }
)  # fmt: skip
_SHORTCUTS = {"get_object_or_404": "get", "aget_object_or_404": "aget", "get_list_or_404": "filter",
              "aget_list_or_404": "filter"}  # fmt: skip
_PAGES = frozenset({"get_page", "page"})
"""The methods by which a paginator gives some of its rows."""
_KEY = frozenset({"id", "pk"})
_PAGINATORS = frozenset({"django.core.paginator.Paginator", "django.core.paginator.AsyncPaginator"})
_KNOWN = SAME | SINGLE | PAIRS | FORMS | END
_COLLECTING = frozenset({"list", "sorted", "reversed", "tuple", "set"})
_UNION = frozenset({"union", "intersection", "difference"})


class Call(NamedTuple):
    """The arguments of a call."""

    args: tuple[Value, ...]
    given: Value
    """What stands behind `**name`."""
    keywords: tuple[tuple[str, Value], ...] = ()
    """Those that are instances."""
    nodes: tuple[Node, ...] = ()


def called(tracer: Tracer, node: tree.Call) -> Value:
    """What a call gives; its parts are followed on the way."""
    noted = len(tracer.reads)
    receiver, name = _receiver(tracer, node.func)
    args = tuple([tracer.value(each) for each in node.args])
    given: Value = None
    keywords: list[tuple[str, Value]] = []
    shown = args[0] if args else None
    for keyword in node.keywords:
        before = len(tracer.reads)
        value = tracer.value(keyword.value)
        if keyword.name == "queryset":
            # A field or view of a form keeps it and asks later.
            del tracer.reads[before:]
        if keyword.name is not None:
            tracer.put(keyword.name, value)
            shown = value if keyword.name == "instance" else shown
            if isinstance(value, One):
                keywords.append((keyword.name, value))
        else:
            given = value if isinstance(value, Conditions) else Conditions((), True)
    if shown is not None:
        handed(tracer, node, shown)
    arguments = Call(args, given, tuple(keywords), node.args)
    value = _dispatch(tracer, node, receiver, name, arguments)
    if tracer.fresh:
        _handed_over(tracer, node)
    if isinstance(value, Later):
        value = _bound(tracer, value, arguments)
        tracer.entered.append((node.at, value))
        if noted < len(tracer.reads) and tracer.reads[noted].at == node.func.at:
            names = tuple(parameter for parameter, each in value.given if isinstance(each, Given))
            tracer.reads[noted] = tracer.reads[noted]._replace(given=names)
    return value


def _handed_over(tracer: Tracer, node: tree.Call) -> None:
    """Whatever is given to a call may be saved by it."""
    for argument in (*node.args, *[keyword.value for keyword in node.keywords]):
        for each in tree.walk(argument):
            held = tracer.env.get(each.text) if isinstance(each, tree.Path) else None
            if isinstance(held, One) and held.fresh:
                tracer.env[each.text] = held._replace(fresh=False)


def _receiver(tracer: Tracer, func: Node) -> tuple[Value, str]:
    """What a method is called on and its name; for a plain call what is called and `""`."""
    if isinstance(func, tree.Path):
        head, _, last = func.text.rpartition(".")
        if not head:
            return tracer.path(func), ""
        held = tracer.env.get(func.root)
        if isinstance(held, One) and held.fresh and head.count(".") == 1 and head not in tracer.env:
            tracer.assigned.append(Assigned(held, head.rpartition(".")[2], None, last, func.at))
        if isinstance(held, One) and held.loop:
            tracer.read(held, func, True)
        return _value_of(tracer, head, func), last
    if isinstance(func, tree.Attribute):
        if isinstance(func.value, tree.Call) and getattr(func.value.func, "text", "") == "super":
            return _above(tracer, func.text), f"super {func.text}"
        value = tracer.forced(tracer.value(func.value))
        if isinstance(value, One) and value.loop:
            tracer.reads.append(Read(value, func.text, func.at, True))
        *between, last = func.text.split(".")
        for each in between:
            value = step(tracer.project, value, each)
        return value, last
    return tracer.value(func), ""


def _value_of(tracer: Tracer, text: str, func: tree.Path) -> Value:
    """What the method's owner is, without noting that it is read: the call is noted already."""
    value = tracer.named(text, func.at)
    return tracer.forced(value) if isinstance(value, Later) else value


def _above(tracer: Tracer, name: str) -> Value:
    """What `super().name` is: the next method of the repository, or the object itself for an outside one."""
    function, project = tracer.function, tracer.project
    if not function.owner or not function.params:
        return None
    this = tracer.env.get(function.params[0].name)
    owner = Symbol("class", tracer.place.path, function.owner)
    line = project[ancestry, owner].first_party
    if isinstance(this, Symbol) and this.kind == "instance":
        line = project[ancestry, Symbol("class", this.path, this.name)].first_party
    elif isinstance(this, Rows) and this.managers:
        line = tuple(dict.fromkeys(each for cls in this.managers for each in project[ancestry, cls].first_party))
    start = line.index(owner) + 1 if owner in line else 0
    for above in line[start:]:
        facts = class_facts(project, above)
        if facts is not None and name in facts.methods:
            return Later(Symbol("function", above.path, f"{above.name}.{name}"), (("self", this),))
    return this


def _dispatch(tracer: Tracer, node: tree.Call, receiver: Value, name: str, arguments: Call) -> Value:
    if receiver is None:
        return None
    project = tracer.project
    if name.startswith("super "):
        if isinstance(receiver, Later):
            return receiver
        name = name[6:]
        if isinstance(receiver, Rows):
            return _of_rows(tracer, node, receiver._replace(managers=()), name, arguments, receiver.managers)
        set_before = tracer.env.get("self.queryset") if name == "get_queryset" else None
        return set_before or (outside_view(tracer.project, receiver, name) if isinstance(receiver, Symbol) else None)
    if not name:
        return _plain(tracer, node, receiver, arguments)
    if isinstance(receiver, Rows):
        return _of_rows(tracer, node, receiver, name, arguments, receiver.managers)
    if isinstance(receiver, One):
        tracer.uses.append(_use(tracer, name, receiver, node, arguments))
        if isinstance(node.func, tree.Path):
            # Its own methods may save it as well.
            held = tracer.env.get(node.func.text.rpartition(".")[0])
            if isinstance(held, One):
                tracer.env[node.func.text.rpartition(".")[0]] = held._replace(fresh=False)
        return _row_method(tracer, receiver, name)
    if isinstance(receiver, Cls):
        inner = step(project, receiver, name)
        return _class_method(tracer, receiver, name) if inner is None else inner
    value = step(project, receiver, name)
    if value is None and isinstance(receiver, Symbol) and receiver.kind == "instance":
        if name in ("filter_queryset", "paginate_queryset"):
            rows = arguments.args[0] if arguments.args else None
            return rows._replace(loose=True) if isinstance(rows, Rows) else None
        return outside_view(tracer.project, receiver, name)
    if isinstance(value, (Symbol, Cls)):
        return _plain(tracer, node, value, arguments)
    if isinstance(value, Later):
        for each in arguments.args:
            if isinstance(each, One) and each.loop:
                tracer.reads.append(Read(each, "", node.at, True, _bound(tracer, value, arguments)))
    return value


def _use(tracer: Tracer, name: str, on: Value, node: tree.Call, arguments: Call) -> Use:
    return Use(name, on, node, arguments.args, arguments.given, tracer.guarded > 0, arguments.keywords)


# Rows


def _of_rows(
    tracer: Tracer, node: tree.Call, rows: Rows, name: str, arguments: Call, managers: tuple[Symbol, ...]
) -> Value:
    own = method(tracer.project, rows, name)
    if own is not None:
        if Later(own) in [
            Later(each.function) for each in (dict(tracer.place.given).get("self"),) if isinstance(each, Later)
        ]:
            return None
        tracer.own.append((node.at, own))
        return Later(own, (("self", rows._replace(manager=rows.manager)),))
    plain = name == "all"
    rows = rows._replace(managers=managers, loaded=rows.loaded and plain, maybe=rows.maybe if plain else NOTHING)
    if name in _PAGES:
        return rows
    if name not in _KNOWN and not name.startswith("a"):
        if managers == rows.managers and lacks_method(tracer.project, rows, name):
            tracer.unmet.append((rows, name, node.func.at))
        return None
    tracer.uses.append(_use(tracer, name, rows, node, arguments))
    if name in SAME:
        by = rows.by or (chosen_by(tracer.reads, node, arguments.keywords) if node.keywords else "")
        return _same(rows._replace(manager=False, origin=rows.origin or node.at, by=by), name, node)
    if rows.form and name in SINGLE:
        return None
    if name in SINGLE:
        return rows.row()
    if name in PAIRS:
        return Items(rows.row())
    if name in FORMS:
        names = rows.names | {each.name for each in node.keywords if each.name} | _DATED.get(name, NOTHING)
        return rows._replace(form=name, names=names, manager=False)
    return None


def _same(rows: Rows, name: str, node: tree.Call) -> Rows:
    """The rows after a method that gives rows of the same model."""
    if name in ("annotate", "alias"):
        names = [*[each.name for each in node.keywords], *map(default_name, node.args)]
        return rows._replace(names=rows.names | {each for each in names if each}, loose=rows.loose or None in names)
    if name == "extra":
        return rows._replace(loose=True)
    if name == "select_related":
        return _selected(rows, node)
    if name == "prefetch_related":
        return rows._replace(prefetched=_paths(node, rows.prefetched))
    if name in _UNION:
        return rows._replace(combined=name, loose=True, cut=False)
    if name == "none" or (name == "filter" and not _KEY.isdisjoint([each.name for each in node.keywords])):
        return rows._replace(small=True)
    return rows


def _selected(rows: Rows, node: tree.Call) -> Rows:
    if not node.args and not node.keywords:
        return rows._replace(selected=rows.selected | {"*"})
    if len(node.args) == 1 and isinstance(node.args[0], tree.Constant) and node.args[0].value is None:
        return rows._replace(selected=NOTHING)
    return rows._replace(selected=_paths(node, rows.selected))


def _paths(node: tree.Call, before: frozenset[str]) -> frozenset[str]:
    """The loaded paths after the arguments of a call; `*` for what cannot be told."""
    found = set(before)
    for each in node.args:
        if isinstance(each, tree.Call) and getattr(each.func, "last", "") == "Prefetch" and each.args:
            if each.keyword("to_attr") is not None:
                found.add("*")
            inner = each.args[0]
            if len(each.args) > 1 or each.keyword("queryset") is not None:
                # What that queryset loads along is not told apart.
                found.add(f"{inner.value}__*" if isinstance(inner, tree.Constant) else "*")
            each = inner
        found.add(each.value if isinstance(each, tree.Constant) and isinstance(each.value, str) else "*")
    return frozenset(found)


# Instances, classes, functions


def _row_method(tracer: Tracer, row: One, name: str) -> Value:
    if not isinstance(row.model, Symbol):
        return None
    found = tracer.project[class_member, (row.model, name)]
    if isinstance(found, Symbol) and found.kind == "function":
        return Later(found, (("self", passed(row)),))
    return None


def _class_method(tracer: Tracer, cls: Cls, name: str) -> Value:
    if not isinstance(cls.model, Symbol):
        return None
    found = tracer.project[class_member, (cls.model, name)]
    if isinstance(found, Symbol) and found.kind == "function":
        return Later(found, (("self", cls),))
    return None


def _plain(tracer: Tracer, node: tree.Call, callee: Value, arguments: Call) -> Value:
    project = tracer.project
    if isinstance(callee, Cls):
        tracer.fresh = True
        tracer.uses.append(Use("new", callee, node, arguments.args, arguments.given, tracer.guarded > 0))
        # With a key of its own, relations take keys before it is saved.
        return One(callee.model, fresh=not node.args and _KEY.isdisjoint([each.name for each in node.keywords]))
    if isinstance(callee, Later):
        return callee
    if not isinstance(callee, Symbol):
        return None
    if callee.kind == "function":
        later = Later(callee)
        for index, each in enumerate(arguments.args):
            if isinstance(each, One) and each.loop:
                tracer.reads.append(Read(each, "", node.at, True, _bound(tracer, later, arguments)))
                filled(tracer, node.args[index], callee, index)
        return later
    if callee.kind == "class":
        if is_manager(project, callee) and arguments.args and isinstance(arguments.args[0], Cls):
            classes = method_classes(project, callee)
            model = arguments.args[0].model
            return Rows(model, managers=classes, origin=node.at) if classes is not None else None
        return Symbol("instance", callee.path, callee.name)
    return _outside(tracer, node, callee, arguments) if callee.kind == "external" else None


def _outside(tracer: Tracer, node: tree.Call, callee: Symbol, arguments: Call) -> Value:
    last = callee.last
    if last in _SHORTCUTS and callee.name.startswith("django.shortcuts.") and arguments.args:
        on = tracer.forced(arguments.args[0])
        rows = default_manager(tracer.project, on.model) if isinstance(on, Cls) else on
        if not isinstance(rows, Rows):
            return None
        rest = Call(arguments.args[1:], arguments.given)
        tracer.uses.append(_use(tracer, _SHORTCUTS[last], rows, node, rest))
        return Items(One(rows.model, loop="row")) if "list" in last else rows.row()
    if last in ("Q", "When") and callee.name.startswith("django.db.models."):
        paths = tuple((each.name, each.value.at) for each in node.keywords if each.name)
        given = arguments.given
        if isinstance(given, Conditions):
            paths = (*paths, *given.paths)
        for each in arguments.args:
            paths = (*paths, *each.paths) if isinstance(each, Conditions) else paths
        return Conditions(paths) if last == "Q" else None
    if last in ("prefetch_related_objects", "aprefetch_related_objects") and node.args:
        fetched(tracer, node.args[0], _paths(tree.Call(node.func, node.args[1:], (), node.at), frozenset()))
    if last == "get_user_model":
        user = tracer.project[user_model]
        return Cls(user) if user is not None else None
    if callee.name == "builtins.dict" and not node.args:
        return Conditions(tuple((each.name, each.value.at) for each in node.keywords if each.name))
    if callee.name in _PAGINATORS:
        # A page is gone through like the rows that it is cut from.
        paged = tracer.forced(arguments.args[0]) if arguments.args else None
        return paged._replace(vague=True) if isinstance(paged, Rows) else None
    if callee.name == "builtins.str" and arguments.args:
        as_text(tracer, arguments.args[0], node)
    if callee.name.startswith("builtins.") and last in _COLLECTING:
        held = tracer.forced(arguments.args[0]) if arguments.args else None
        return held._replace(vague=True) if isinstance(held, Rows) else held
    return None


def _bound(tracer: Tracer, later: Later, arguments: Call) -> Later:
    """A call of a function of the repository, with the arguments that say what a parameter is."""
    function = tracer.project[functions_of, later.function.path].get(later.function.name)
    if function is None:
        return later
    given = dict(later.given)
    params = [param for param in function.params if param.kind in ("positional", "positional-only")]
    skip = 1 if function.owner and "self" in given else 0
    given.update(dict.fromkeys(filled_in(function, arguments.nodes, skip), Given()))
    for param, value in zip(params[skip:], map(tracer.forced, arguments.args), strict=False):
        if isinstance(value, (Rows, One, Cls, Items)):
            given[param.name] = passed(value)
    return Later(later.function, tuple(sorted(given.items())))
