"""Where forms, admins, filter sets and views list fields of a model, and which of them it does not have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Class
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import (
    TRANSPARENT,
    ancestry,
    class_facts,
    class_member,
    classes_of,
    function_facts,
    functions_of,
    resolve_in,
)
from cdlint.project.places import is_aside
from cdlint.rule import Location

from ._annotated import annotated_names
from ._lookups import MANY_KINDS, added_names, may_lack, missing
from ._query_graph import Model, by_name, info
from ._query_models import is_model, model_target
from ._querysets_managers import default_manager
from ._querysets_values import Rows
from ._querysets_views import view_rows

_FORMS = frozenset({"django.forms.ModelForm", "django.forms.models.ModelForm"})
_EDITING = frozenset({"CreateView", "UpdateView", "ModelFormMixin", "BaseCreateView", "BaseUpdateView"})
_ADMINS = frozenset({"ModelAdmin", "TabularInline", "StackedInline", "InlineModelAdmin"})
_PATHS = ("list_filter", "search_fields", "ordering", "date_hierarchy")
_ATTRIBUTES = ("list_display", "readonly_fields", "list_editable")
_RELATIONS = ("raw_id_fields", "autocomplete_fields", "filter_horizontal", "filter_vertical")
_VIEW_PATHS = ("filterset_fields", "filter_fields", "search_fields", "ordering_fields", "ordering")
_WORDS = frozenset((*_PATHS, *_ATTRIBUTES, *_RELATIONS, *_VIEW_PATHS, "fields", "fieldsets", "model", "Meta"))

_HARMLESS = frozenset({"register", "method_decorator", "final"})
"""Decorators that add nothing to a class."""

_MADE = re.compile(r"get_(?:next_by_|previous_by_)?(\w+?)(?:_display)?")
"""The methods that Django makes for fields."""


class Listed(NamedTuple):
    """A name in a list of fields that is wrong. `why`: `absent`, `fixed` (not editable), `many`, `lookup` or `none`."""

    owner: Symbol
    option: str
    name: str
    model: Model
    why: str
    at: Location
    part: str = ""
    on: Model | None = None


def listing(project: Project) -> tuple[Symbol, ...]:
    """The classes that may list fields of a model; tests are left out."""
    if not project[by_name]:
        return ()
    return tuple(symbol for path in project.paths for symbol in project[_listing_in, path])


def _listing_in(project: Project, path: str) -> tuple[Symbol, ...]:
    module = project.module(path)
    if module is None or is_aside(path) or "migrations" in path.split("/"):
        return ()
    known = {each.qualname for each in module.classes}
    return tuple(
        Symbol("class", path, each.qualname)
        for each in module.classes
        if each.base_codes and (f"{each.qualname}.Meta" in known or any(f.name in _WORDS for f in each.fields))
    )


def wrongly_listed(project: Project, symbol: Symbol) -> tuple[Listed, ...]:
    """The names that a class lists and that its model does not have."""
    external = project[ancestry, symbol].external
    lasts = {name.rpartition(".")[2] for name in external}
    if not _FORMS.isdisjoint(external):
        return tuple(_of_form(project, symbol))
    if is_model(project, symbol):
        return ()
    if any(name.startswith("django.contrib.admin.") for name in external) and not lasts.isdisjoint(_ADMINS):
        return tuple(_of_admin(project, symbol))
    if "FilterSet" in lasts and any(name.startswith("django_filters.") for name in external):
        return tuple(_of_filters(project, symbol))
    if any("django.views" in name for name in external) and not lasts.isdisjoint(_EDITING):
        return tuple(_of_view(project, symbol))
    if any(name.startswith("rest_framework.") for name in external):
        return tuple(_of_api(project, symbol))
    return ()


# Reading lists


def own(facts: Class | None, name: str) -> Node | None:
    """What a class body assigns to a name, last."""
    found = [each.value for each in facts.fields if each.name == name and each.value_code is not None] if facts else []
    return found[-1] if found else None


def texts(node: Node | None) -> Iterator[tuple[str, At]]:
    """The strings in a list, a tuple or a sum of them; the first of each pair."""
    if isinstance(node, tree.Sequence):
        for item in node.items:
            first = item.items[0] if isinstance(item, tree.Sequence) and item.items else item
            if isinstance(first, tree.Constant) and isinstance(first.value, str):
                yield first.value, first.at
    elif isinstance(node, tree.Binary) and node.op == "+":
        for term in node.terms:
            yield from texts(term)
    elif isinstance(node, tree.Mapping):
        for key, _ in node.items:
            if isinstance(key, tree.Constant) and isinstance(key.value, str):
                yield key.value, key.at
    elif isinstance(node, tree.Constant) and isinstance(node.value, str):
        yield node.value, node.at


def _model_of(project: Project, symbol: Symbol, node: Node | None) -> Symbol | None:
    if not isinstance(node, tree.Path):
        return None
    target = model_target(resolve_in(project, symbol.path, symbol.name.rpartition(".")[0], node.text))
    return target if isinstance(target, Symbol) and is_model(project, target) else None


def _meta(project: Project, symbol: Symbol) -> Class | None:
    return project[classes_of, symbol.path].get(f"{symbol.name}.Meta")


def _declared(project: Project, symbol: Symbol) -> set[str]:
    """The names that a class and those above it bind."""
    found: set[str] = set()
    for owner in project[ancestry, symbol].first_party:
        facts = class_facts(project, owner)
        if facts is not None:
            found.update(field.name for field in facts.fields)
            found.update(facts.methods)
    return found


def _whole(project: Project, symbol: Symbol) -> bool:
    """Whether all that a class has is known: from the repository and Django's own, and nothing that decorators add."""
    above = project[ancestry, symbol]
    if above.unknown or not all(name in TRANSPARENT or name.startswith("django.") for name in above.external):
        return False
    modules = [project.module(owner.path) for owner in above.first_party]
    functions = [each for module in modules if module is not None for each in module.functions]
    if any(each.mentions("locals") or each.mentions("setattr") for each in functions):
        # A class or its instances may get any name that way.
        return False
    facts = [class_facts(project, owner) for owner in above.first_party]
    return all(_named(node) in _HARMLESS for each in facts if each is not None for node in each.decorators)


def _named(decorator: Node) -> str:
    return getattr(decorator.func if isinstance(decorator, tree.Call) else decorator, "last", "")


def _absent(project: Project, model: Model, name: str) -> bool:
    known = project[info, model]
    made = _MADE.fullmatch(name)
    if made is not None and made[1] in known.names:
        return False
    return name not in known.names and may_lack(project, known, name) and name not in project[added_names]


# Forms and the views that make them


def _of_form(project: Project, symbol: Symbol) -> Iterator[Listed]:
    meta = _meta(project, symbol)
    if meta is None or not _whole(project, symbol):
        return
    model = _model_of(project, symbol, own(meta, "model"))
    if model is None:
        return
    fields = own(meta, "fields")
    names = {field.name for field in meta.fields}
    if not {"fields", "exclude"} & names and not meta.base_codes:
        yield Listed(symbol, "Meta", "", model, "none", Location(symbol.path, meta.at))
    yield from _edited(project, symbol, model, fields, _declared(project, symbol))


def _of_view(project: Project, symbol: Symbol) -> Iterator[Listed]:
    facts = class_facts(project, symbol)
    model = _model_of(project, symbol, own(facts, "model"))
    fields = own(facts, "fields")
    if model is not None and fields is not None and _whole(project, symbol):
        yield from _edited(project, symbol, model, fields, set())


def _edited(project: Project, symbol: Symbol, model: Symbol, node: Node | None, declared: set[str]) -> Iterator[Listed]:
    if isinstance(node, tree.Constant):
        return
    known = project[info, model]
    for name, at in texts(node):
        if name in declared or name == "__all__":
            continue
        found = known.names.get(name)
        place = Location(symbol.path, at)
        if found is None or found.kind in ("reverse", "reverse-one", "id"):
            if found is not None or _absent(project, model, name):
                yield Listed(symbol, "fields", name, model, "absent", place)
        elif _fixed(project, model, name):
            yield Listed(symbol, "fields", name, model, "fixed", place)


def _fixed(project: Project, model: Symbol, name: str) -> bool:
    """Whether a field says that forms cannot edit it."""
    for owner in project[ancestry, model].first_party:
        facts = class_facts(project, owner)
        if facts is None or not any(each.name == name for each in facts.fields):
            continue
        call = own(facts, name)
        if not isinstance(call, tree.Call):
            return False
        if any(_is(call, flag, True) for flag in ("auto_now", "auto_now_add")):
            return call.keyword("editable") is None
        return _is(call, "editable", False)
    return False


def _is(call: tree.Call, name: str, value: bool) -> bool:
    given = call.keyword(name)
    return isinstance(given, tree.Constant) and given.value is value


# Admins


def _of_admin(project: Project, symbol: Symbol) -> Iterator[Listed]:
    facts = class_facts(project, symbol)
    model = _model_of(project, symbol, own(facts, "model")) or project[registered, symbol.path].get(symbol.name)
    if model is None or facts is None:
        return
    known, mine = project[info, model], _declared(project, symbol)
    searched = project[annotated_names] if mine & {"get_queryset", "get_search_results"} else frozenset()
    for option in _PATHS:
        for name, at in texts(own(facts, option)):
            plain, is_search = name.lstrip("-^=@$"), option == "search_fields"
            if plain not in searched and not (is_search and _begins_with(project, model, plain)):
                yield from _path(project, symbol, option, plain, model, at, is_search)
    if not _whole(project, symbol):
        return
    for option in _ATTRIBUTES:
        for name, at in texts(own(facts, option)):
            if name in mine or name in known.attributes or name.startswith("__") or "__" in name:
                continue
            found = known.names.get(name)
            if found is None:
                if name not in _OWN and _absent(project, model, name):
                    yield Listed(symbol, option, name, model, "absent", Location(symbol.path, at))
            elif option == "list_display" and found.kind in MANY_KINDS:
                yield Listed(symbol, option, name, model, "many", Location(symbol.path, at))
    for option in _RELATIONS:
        for name, at in texts(own(facts, option)):
            if name not in known.names and _absent(project, model, name):
                yield Listed(symbol, option, name, model, "absent", Location(symbol.path, at))
    yield from _laid_out(project, symbol, facts, model, mine)


def _begins_with(project: Project, model: Symbol, name: str) -> bool:
    """Whether the model's manager adds a name to all rows, or what it adds is not known."""
    rows = default_manager(project, model)
    return rows is not None and (rows.loose or name in rows.names)


_OWN = frozenset({"pk", "__str__", "action_checkbox"})


def _laid_out(project: Project, symbol: Symbol, facts: Class, model: Symbol, mine: set[str]) -> Iterator[Listed]:
    """`fields` and `fieldsets`, where the form is the one that the admin makes."""
    if mine & {"form", "get_form", "get_fieldsets", "get_fields", "get_formset", "formset", "get_readonly_fields"}:
        return
    readonly = own(facts, "readonly_fields")
    if isinstance(readonly, tree.Path):
        readonly = own(facts, readonly.text)
    if readonly is None and "readonly_fields" in mine:
        return
    if readonly is not None and any(isinstance(each, tree.Path) for each in tree.walk(readonly)):
        return
    shown = {name for name, _ in texts(readonly)}
    if all(_never(project, symbol, f"has_{action}_permission") for action in ("add", "change")):
        return  # Nothing can be edited, so that all fields are shown only, and these may be methods.
    known = project[info, model]
    for name, at in (*_flat(own(facts, "fields")), *_in_fieldsets(own(facts, "fieldsets"))):
        if name not in shown and name not in known.names and _absent(project, model, name):
            yield Listed(symbol, "fields", name, model, "absent", Location(symbol.path, at))


def _never(project: Project, symbol: Symbol, method: str) -> bool:
    """Whether a method of a class does nothing but say no."""
    found = project[class_member, (symbol, method)]
    facts = function_facts(project, found) if isinstance(found, Symbol) and found.kind == "function" else None
    given = [node.value for node in facts.every(tree.Return)] if facts is not None else []
    return bool(given) and all(isinstance(each, tree.Constant) and each.value is False for each in given)


def _flat(node: Node | None) -> Iterator[tuple[str, At]]:
    for item in node.items if isinstance(node, tree.Sequence) else ():
        if isinstance(item, tree.Sequence):
            yield from _flat(item)
        elif isinstance(item, tree.Constant) and isinstance(item.value, str):
            yield item.value, item.at


def _in_fieldsets(node: Node | None) -> Iterator[tuple[str, At]]:
    for pair in node.items if isinstance(node, tree.Sequence) else ():
        given = pair.items[1] if isinstance(pair, tree.Sequence) and len(pair.items) == 2 else None
        for key, value in given.items if isinstance(given, tree.Mapping) else ():
            if isinstance(key, tree.Constant) and key.value == "fields":
                yield from _flat(value)


def registered(project: Project, path: str) -> dict[str, Symbol]:
    """Admin class of a file -> the model that it is registered for, when it is one only."""
    module = project.module(path)
    found: dict[str, set[Symbol | None]] = {}
    for facts in module.classes if module else ():
        for node in facts.decorators:
            if isinstance(node, tree.Call) and getattr(node.func, "last", "") == "register":
                for arg in node.args:
                    found.setdefault(facts.qualname, set()).add(_model_of(project, Symbol("class", path, ""), arg))
    main = project[functions_of, path].get("")
    if main is not None and any(call.endswith("register") for call in main.calls):
        for call in main.call_nodes:
            if getattr(call.func, "last", "") == "register" and len(call.args) == 2:
                models = call.args[0].items if isinstance(call.args[0], tree.Sequence) else (call.args[0],)
                for each in models:
                    model = _model_of(project, Symbol("class", path, ""), each)
                    found.setdefault(getattr(call.args[1], "text", ""), set()).add(model)
    return {name: model for name, models in found.items() if len(models) == 1 and (model := next(iter(models)))}


# Paths: filters, searches, orders


def _path(
    project: Project, symbol: Symbol, option: str, name: str, model: Model, at: At, lookups: bool
) -> Iterator[Listed]:
    lacking = missing(project, model, name, lookups) if name and name not in ("?", "*") else None
    if lacking is not None and lacking.part not in project[added_names] and (lookups or lacking.kind == "name"):
        place = Location(symbol.path, at)
        yield Listed(symbol, option, name, model, "absent", place, lacking.part, lacking.model)


def _of_filters(project: Project, symbol: Symbol) -> Iterator[Listed]:
    meta = _meta(project, symbol)
    model = _model_of(project, symbol, own(meta, "model"))
    if model is None:
        return
    declared = _declared(project, symbol)
    for name, at in texts(own(meta, "fields")):
        if name not in declared and name != "__all__":
            yield from _path(project, symbol, "fields", name, model, at, False)


def _of_api(project: Project, symbol: Symbol) -> Iterator[Listed]:
    facts = class_facts(project, symbol)
    if facts is None or "get_queryset" in _declared(project, symbol):
        return
    rows = view_rows(project, Symbol("instance", symbol.path, symbol.name))
    if not isinstance(rows, Rows):
        return
    for option in _VIEW_PATHS:
        for name, at in texts(own(facts, option)):
            plain = name.lstrip("-^=@$")
            if plain not in rows.names and plain not in project[annotated_names] and not plain.startswith("__"):
                yield from _path(project, symbol, option, plain, rows.model, at, option == "search_fields")
