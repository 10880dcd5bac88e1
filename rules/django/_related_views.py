"""What views of classes give their templates, and which templates those are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.templates import DJANGO, TemplateLookup, find, lookups, renderings
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts, class_member, fields, functions_of
from cdlint.project.places import is_aside
from cdlint.rule import Location

from ._installed import view_ancestry
from ._query_graph import by_name
from ._querysets import Place, forced, trace
from ._querysets_values import Later, One, Rows, Value
from ._querysets_views import outside_view, view_rows
from ._related_tags import tags

_LISTS = ("ListView", "MultipleObjectMixin", "MultipleObjectTemplateResponseMixin", "BaseListView", "ArchiveIndexView")
_SINGLE = ("DetailView", "SingleObjectMixin", "BaseDetailView", "UpdateView", "DeleteView")
_SUFFIXES = {"ListView": "_list", "DetailView": "_detail", "UpdateView": "_form", "DeleteView": "_confirm_delete"}


class Shown(NamedTuple):
    """A template that a view renders: its file, the function or class of the view and where it says so."""

    file: str
    path: str
    qualname: str
    at: At


def shown(project: Project) -> tuple[tuple[Shown, ...], ...]:
    """The templates that views and tags render, each with all places where they do."""
    known = {each.key: each for each in project[lookups] if each.language == DJANGO} if project[by_name] else {}
    found: dict[str, dict[Shown, None]] = {}
    for each in project[renderings] if known else ():
        lookup = known.get(each.lookup)
        if lookup is not None and len(each.names) == 1:
            _add(project, lookup, each.names[0], found, (each.scope[0], each.scope[1], each.at.at))
    for lookup in known.values():
        for alike in project[tags].values():
            for tag in alike:
                if tag.template:
                    _add(project, lookup, tag.template, found, (tag.function.path, tag.function.name, tag.at))
        for path in project.paths:
            for name, qualname, at in project[_named_in, path] if not is_aside(path) else ():
                _add(project, lookup, name, found, (path, qualname, at))
    return tuple(tuple(sorted(pages, key=lambda page: (page.path, page.at))) for pages in found.values())


def by_view(project: Project) -> dict[tuple[str, str], tuple[Shown, ...]]:
    """The views that render several templates, with all of these."""
    found: dict[tuple[str, str], list[Shown]] = {}
    for pages in project[shown]:
        for page in pages:
            found.setdefault((page.path, page.qualname), []).append(page)
    return {view: tuple(pages) for view, pages in found.items() if len({page.file for page in pages}) > 1}


def _add(
    project: Project,
    lookup: TemplateLookup,
    name: str,
    found: dict[str, dict[Shown, None]],
    place: tuple[str, str, At],
) -> None:
    files = find(project, lookup, name)
    if files:
        found.setdefault(files[0], {})[Shown(files[0], *place)] = None


def _named_in(project: Project, path: str) -> tuple[tuple[str, str, At], ...]:
    """The templates that views of a file name in `get_template_names`, or by what they show."""
    module = project.module(path)
    if module is None or not any(
        (each.name and "View" in each.name) or "views" in each.module for each in module.imports
    ):
        return ()
    found = [
        (text, function.owner, at)
        for function in module.functions
        if function.name == "get_template_names" and function.owner
        for text, at in _returned(function)
    ]
    for facts in module.classes:
        view = Symbol("class", path, facts.qualname)
        lasts = (
            {name.rpartition(".")[2] for name in project[view_ancestry, view].external} if facts.base_codes else set()
        )
        kind = next((name for name in _SUFFIXES if name in lasts), "")
        if kind and not _names_template(project, view):
            rows = _listed(project, view)
            model = rows.model if isinstance(rows, Rows) else None
            if isinstance(model, Symbol):
                folder = model.path.removesuffix("/models.py").partition("/models/")[0].rpartition("/")[2]
                found.append((f"{folder}/{model.last.lower()}{_SUFFIXES[kind]}.html", facts.qualname, facts.at))
    return tuple(found)


def _names_template(project: Project, view: Symbol) -> bool:
    own = any(binding.name in ("template_name", "template_name_suffix") for _, binding in fields(project, view))
    found = project[class_member, (view, "get_template_names")]
    return own or (isinstance(found, Symbol) and found.kind == "function")


def _returned(function: Function) -> Iterator[tuple[str, At]]:
    """The names that a function returns, alone or in lists."""
    for node in function.nodes:
        if isinstance(node, tree.Return):
            items = node.value.items if isinstance(node.value, tree.Sequence) else (node.value,)
            for item in items:
                if isinstance(item, tree.Constant) and isinstance(item.value, str):
                    yield item.value, item.at


def context_of(project: Project, page: Shown) -> dict[str, Value]:
    """The names that a view or tag gives its template."""
    if page.qualname in project[functions_of, page.path]:
        traced = project[trace, Place(page.path, page.qualname)]
        return {name: forced(project, value) for name, value in traced.items}
    view = Symbol("class", page.path, page.qualname)
    if class_facts(project, view) is None:
        return {}
    found = _brought(project, view)
    for name, value in _given(project, view):
        found.setdefault(name, value)
    return found


def _brought(project: Project, view: Symbol) -> dict[str, Value]:
    """The names that the framework's own view gives: its rows, or its object."""
    lasts = {name.rpartition(".")[2] for name in project[ancestry, view].external}
    found: dict[str, Value] = {}
    if not lasts.isdisjoint(_LISTS):
        value, fixed, end = _listed(project, view), "object_list", "_list"
    elif not lasts.isdisjoint(_SINGLE):
        value, fixed, end = _single(project, view), "object", ""
    else:
        return found
    found[fixed] = value
    if isinstance(value, (Rows, One)) and isinstance(value.model, Symbol):
        found[f"{value.model.last.lower()}{end}"] = value
    named = next((each.value for _, each in fields(project, view) if each.name == "context_object_name"), None)
    if isinstance(named, tree.Constant) and isinstance(named.value, str):
        found[named.value] = value
    return found


def _given(project: Project, view: Symbol) -> Iterator[tuple[str, Value]]:
    """What the methods of a view put into its context: each `get_context_data` that another one goes on to."""
    this = Symbol("instance", view.path, view.name)
    line = project[ancestry, view].first_party
    for name in ("get", "post", "get_context_data"):
        for owner in line:
            function = project[functions_of, owner.path].get(f"{owner.name}.{name}")
            if function is None:
                continue
            if name == "get_context_data" or "self.get_context_data" in function.calls:
                traced = project[trace, Place(owner.path, function.qualname, (("self", this),))]
                for key, value in traced.items:
                    held = forced(project, value)
                    # Where it begins is a place in another file.
                    yield (
                        key,
                        held._replace(origin=None) if isinstance(held, Rows) and owner.path != view.path else held,
                    )
            if f"?.{name}" not in function.calls:
                break


def _listed(project: Project, view: Symbol) -> Value:
    own = project[class_member, (view, "get_queryset")]
    this = Symbol("instance", view.path, view.name)
    if isinstance(own, Symbol) and own.kind == "function":
        return forced(project, Later(own, (("self", this),)))
    return view_rows(project, this)


def _single(project: Project, view: Symbol) -> Value:
    own = project[class_member, (view, "get_object")]
    this = Symbol("instance", view.path, view.name)
    if isinstance(own, Symbol) and own.kind == "function":
        return forced(project, Later(own, (("self", this),)))
    return outside_view(project, this, "get_object")


def queried(project: Project, page: Shown) -> Location:
    """Where a view of a class says which rows it lists; where it names the template when it lists none."""
    view = Symbol("class", page.path, page.qualname)
    if class_facts(project, view) is None or not isinstance(_brought(project, view).get("object_list"), Rows):
        return Location(page.path, page.at)
    method = project[functions_of, view.path].get(f"{view.name}.get_queryset")
    if method is not None:
        returned = [node.value for node in method.nodes if isinstance(node, tree.Return)]
        value = returned[0] if len(returned) == 1 else None
        return Location(view.path, value.at if value is not None else method.at)
    bound = {each.name: each.at for owner, each in fields(project, view) if owner == view}
    return Location(view.path, bound.get("queryset", bound.get("model", page.at)))
