"""Where queries name fields: every path that a call gives to rows of a model, and whether it leads anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import words
from cdlint.project.classes import ancestry, class_facts, functions_of, resolve_in
from cdlint.project.places import is_aside

from ._annotated import annotated_names, string_of
from ._lookups import Missing, added_names, adds_lookups, may_lack, missing
from ._query_graph import Model, by_name, children, info
from ._query_models import is_model
from ._querysets import Place, Use, trace
from ._querysets_values import Cls, Conditions, One, Rows

_WORDS = frozenset(
    {
        "filter", "exclude", "annotate", "alias", "aggregate", "values", "values_list", "order_by",
        "select_related", "prefetch_related", "only", "defer", "get_or_create", "update_or_create",
        "bulk_create", "bulk_update", "get_object_or_404", "get_list_or_404", "latest", "earliest",
        "distinct",
    }
)  # fmt: skip
_OWN = frozenset({"self.create", "self.get", "self.update", "self.model"})
_FILTERS = frozenset(
    {
        "filter", "exclude", "get", "aget", "complex_filter", "get_or_create", "aget_or_create",
        "update_or_create", "aupdate_or_create",
    }
)  # fmt: skip
_SPLIT = ("defaults", "create_defaults")
"""What `update_or_create` is given beside conditions."""
_MAKERS = frozenset(["create", "acreate", "new"])
_ORDERS = frozenset(
    {
        "order_by", "latest", "earliest", "alatest", "aearliest", "distinct", "values", "values_list",
        "only", "defer", "dates", "datetimes",
    }
)  # fmt: skip
_ADDING = frozenset(["annotate", "alias", "aggregate", "aaggregate", "values", "values_list"])
_PLAIN_NAMES = frozenset(["only", "defer"])
_FIRST = frozenset(
    {
        "F", "Count", "Sum", "Avg", "Min", "Max", "StdDev", "Variance", "Lower", "Upper", "Length", "Trim",
        "LTrim", "RTrim", "Round", "Abs", "Ceil", "Floor", "Cast", "Substr", "Left", "Right", "TruncDate",
        "TruncDay", "TruncMonth", "TruncYear", "TruncWeek", "TruncHour", "TruncQuarter", "Trunc",
        "ExtractYear", "ExtractMonth", "ExtractDay", "ExtractHour", "ExtractWeekDay", "Extract", "ArrayAgg",
        "StringAgg", "JSONBAgg", "BoolAnd", "BoolOr", "FilteredRelation",
    }
)  # fmt: skip
_EVERY = frozenset(["Coalesce", "Concat", "Greatest", "Least", "NullIf"])
_INSIDE = (
    frozenset(["Case", "When", "Q", "ExpressionWrapper", "Func", "Value", "Subquery", "Window", "RowNumber", "Rank"])
    | _FIRST
    | _EVERY
)
_NO_PATHS = ("then", "condition", "_connector", "_negated")
_STOP = frozenset(["Subquery", "Exists", "OuterRef", "Value", "Prefetch", "RawSQL"])


class Absent(NamedTuple):
    """A name in a query that is not there. `how` is the method; `at` where the name is given."""

    path: str
    at: At
    how: str
    model: Model
    missing: Missing


def querying(project: Project) -> tuple[Place, ...]:
    """The functions that query models, and the classes whose bodies do; tests and migrations are left out."""
    if not project[by_name]:
        return ()
    return tuple(
        Place(path, qualname) for path in project.paths if "migrations" not in path.split("/")
        for qualname in project[_querying_in, path]
    )  # fmt: skip


def _querying_in(project: Project, path: str) -> tuple[str, ...]:
    module = project.module(path) if not is_aside(path) else None
    if module is None:
        return ()
    lasts, models = project[_telling], project[class_names]
    more = [each.alias for each in module.imports if each.renamed and each.name in models]
    more += [each.name for each in module.bindings if each.callee.endswith("get_user_model")]
    if more:
        lasts = lasts.union(filter(_is_class_name, more))
    found = dict.fromkeys(each.qualname for each in module.functions if _may_query(each, lasts))
    for cls in module.classes:
        if any(field.callee.startswith("?.") or ".objects." in field.callee for field in cls.fields):
            found[cls.qualname] = None
    return tuple(found)


def following(project: Project) -> tuple[Place, ...]:
    """The functions that query models, are methods of one, or are promised an instance, as handlers of signals are."""
    found = dict.fromkeys(project[querying])
    for path in project.paths if project[by_name] else ():
        if not is_aside(path) and "migrations" not in path.split("/"):
            found.update((Place(path, qualname), None) for qualname in project[_following_in, path])
    return tuple(found)


def _following_in(project: Project, path: str) -> tuple[str, ...]:
    module, models = project.module(path), project[class_names]
    return tuple(
        each.qualname
        for each in (module.functions if module is not None else ())
        if (each.owner and each.owner in models and is_model(project, Symbol("class", path, each.owner)))
        or any(not models.isdisjoint(words(param.annotation_code)) for param in each.params)
        or any(call.count(".") > 1 and call.partition(".")[0] in models for call in each.calls)
        or any("receiver" in words(code) for code in each.decorator_codes)
        or "self.get_object" in each.calls
    )


def class_names(project: Project) -> frozenset[str]:
    """The names of the model classes."""
    return frozenset(symbol.last for symbols in project[by_name].values() for symbol in symbols)


def _telling(project: Project) -> frozenset[str]:
    """The last names of calls that tell that models are queried."""
    return _WORDS.union(filter(_is_class_name, project[class_names]))


def _is_class_name(name: str) -> bool:
    return "A" <= name[:1] <= "Z"


def _may_query(function: Function, lasts: frozenset[str]) -> bool:
    for call in function.calls:
        if call[call.rfind(".") + 1 :] in lasts or ".objects." in call or "_set." in call or call in _OWN:
            return True
    return False


def absent(project: Project, place: Place) -> tuple[Absent, ...]:
    """The names in the queries of a function that lead nowhere."""
    found: list[Absent] = []
    for use in project[trace, place].uses:
        if not use.guarded:
            found.extend(_of_use(project, place, use))
    return tuple(sorted(set(found), key=lambda each: (each.at, each.path)))


def _of_use(project: Project, place: Place, use: Use) -> Iterator[Absent]:
    on = use.on
    if isinstance(on, Rows) and not on.combined:
        yield from _of_rows(project, place, use, on)
    elif isinstance(on, Cls) and use.method == "new":
        yield from _of_maker(project, use, on.model)
    elif isinstance(on, One) and use.method in ("save", "asave", "refresh_from_db"):
        names = use.call.keyword("update_fields") or use.call.keyword("fields")
        for text, at in _listed(names):
            # The row may be one of a child.
            below = project[children].get(on.model, ()) if isinstance(on.model, Symbol) else ()
            if all(_no_column(project, model, text) for model in (on.model, *below)):
                yield Absent(text, at, use.method, on.model, Missing("name", text, on.model, ""))


def _of_rows(project: Project, place: Place, use: Use, rows: Rows) -> Iterator[Absent]:
    method = use.method
    paths: list[tuple[str, At]] = []
    if method in _FILTERS:
        paths.extend((each.name, each.value.at) for each in use.call.keywords if each.name and each.name not in _SPLIT)
        for value in (*use.values, use.given):
            paths.extend(value.paths if isinstance(value, Conditions) else ())
    if method in _ORDERS:
        args = use.call.args[:1] if method in ("dates", "datetimes") else use.call.args
        paths.extend((text.lstrip("-+"), each.at) for each in args if (text := string_of(each)) and text != "?")
    for each in (*use.call.args, *[keyword.value for keyword in use.call.keywords]):
        paths.extend(_expressions(project, place, each))
    # Later arguments of `annotate` may build on earlier ones.
    names = rows.names | {each.name for each in use.call.keywords if each.name and method in _ADDING}
    for path, at in dict.fromkeys(paths):
        if method in _PLAIN_NAMES and path in project[info, rows.model].names:
            continue
        known = path in names or any(path.startswith(name + "__") for name in names)
        lacking = None if known else missing(project, rows.model, path, method in _FILTERS or method not in _ORDERS)
        if lacking is not None and not _excused(project, rows, lacking):
            yield Absent(path, at, method, rows.model, lacking)
    yield from _of_changes(project, use, rows)


def _of_changes(project: Project, use: Use, rows: Rows) -> Iterator[Absent]:
    method = use.method
    if method in _MAKERS:
        yield from _of_maker(project, use, rows.model)
    elif method in ("update", "aupdate"):
        given = use.given.paths if isinstance(use.given, Conditions) else ()
        for text, at in (*((each.name, each.value.at) for each in use.call.keywords if each.name), *given):
            if _no_column(project, rows.model, text):
                yield Absent(text, at, method, rows.model, Missing("name", text, rows.model, ""))
    elif method in ("bulk_update", "abulk_update"):
        for text, at in _listed(use.call.argument(1, "fields")):
            if _no_column(project, rows.model, text):
                yield Absent(text, at, method, rows.model, Missing("name", text, rows.model, ""))
    elif method.endswith(("get_or_create", "update_or_create")):
        split = [use.call.keyword(name) for name in _SPLIT]
        for key, _ in (pair for each in split if isinstance(each, tree.Mapping) for pair in each.items):
            text = string_of(key)
            if key is not None and text and _not_taken(project, rows.model, text):
                yield Absent(text, key.at, method, rows.model, Missing("name", text, rows.model, ""))


def _of_maker(project: Project, use: Use, model: Model) -> Iterator[Absent]:
    if isinstance(model, Symbol) and _has_constructor(project, model):
        return
    given = use.given.paths if isinstance(use.given, Conditions) else ()
    for text, at in (*((each.name, each.value.at) for each in use.call.keywords if each.name), *given):
        if text not in ("using", "_state") and _not_taken(project, model, text):
            yield Absent(text, at, use.method, model, Missing("name", text, model, ""))


def _has_constructor(project: Project, model: Symbol) -> bool:
    for owner in project[ancestry, model].first_party:
        facts = class_facts(project, owner)
        if facts is not None and not {"__init__", "__new__"}.isdisjoint(facts.methods):
            return True
    return False


def _no_column(project: Project, model: Model, text: str) -> bool:
    """Whether a model surely has no field of a name."""
    known = project[info, model]
    return text not in known.names and may_lack(project, known, text) and not _is_added(project, text)


def _not_taken(project: Project, model: Model, text: str) -> bool:
    """Whether the constructor of a model surely refuses a name."""
    known = project[info, model]
    return text not in known.attributes and _no_column(project, model, text)


def _excused(project: Project, rows: Rows, lacking: Missing) -> bool:
    if lacking.kind != "name" and project[adds_lookups]:
        return True
    if rows.loose and not lacking.before and not {lacking.part, "*"}.isdisjoint(project[annotated_names]):
        return True
    return _is_added(project, lacking.part)


def _is_added(project: Project, name: str) -> bool:
    names = project[added_names]
    return name in names or "*" in names


# Expressions


def _expressions(project: Project, place: Place, node: Node) -> Iterator[tuple[str, At]]:
    """The paths inside `F`, aggregates, functions and conditions; those of other queries are left to them."""
    if isinstance(node, tree.Call):
        name = getattr(node.func, "last", "")
        if name not in _INSIDE or name in _STOP or not _is_django(project, place, node.func):
            return
        if name in _FIRST or name in _EVERY:
            for each in node.args if name in _EVERY else node.args[:1]:
                if (text := string_of(each)) and text != "*":
                    yield text, each.at
        for keyword in node.keywords:
            if keyword.name and name in ("Q", "When") and keyword.name not in _NO_PATHS:
                yield keyword.name, keyword.value.at
            yield from _expressions(project, place, keyword.value)
        for each in node.args:
            yield from _expressions(project, place, each)
    elif isinstance(node, (tree.Binary, tree.Unary, tree.Boolean, tree.Sequence, tree.Starred, tree.Conditional)):
        for child in tree.children(node):
            yield from _expressions(project, place, child)


def _is_django(project: Project, place: Place, func: Node) -> bool:
    if not isinstance(func, tree.Path):
        return False
    function = project[functions_of, place.path].get(place.qualname)
    scope = place.qualname if function is not None and func.root in function.binds else ""
    answer = resolve_in(project, place.path, scope, func.text)
    return isinstance(answer, Symbol) and answer.kind == "external" and answer.name.startswith("django.")


def _listed(node: Node | None) -> Iterator[tuple[str, At]]:
    for each in node.items if isinstance(node, tree.Sequence) else ():
        if text := string_of(each):
            yield text, each.at
