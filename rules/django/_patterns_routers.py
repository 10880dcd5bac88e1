"""The names of the URL patterns that routers of the REST framework make."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts import tree
from cdlint.project.answers import Symbol, Unknown
from cdlint.project.classes import resolve_in
from cdlint.rule import Location

from ._installed import view_fields
from ._routers import (
    OVERRIDES,
    STANDARD,
    Registration,
    Template,
    bases,
    extra_actions,
    filled,
    lookup_piece,
    option,
    overrides,
    parent_piece,
    registrations,
    route_templates,
    slash_piece,
)
from ._url_runs import Runs
from ._url_values import Made, Object
from ._views import actions


class Routed(NamedTuple):
    """One pattern of a router. The name is Unknown when it is computed."""

    name: str | Unknown
    piece: str
    viewset: Symbol
    at: Location
    certain: bool
    handlers: tuple[str, ...] = ()


def routed(world: Runs, router: Made | Object) -> tuple[list[Routed], bool]:
    """The patterns of a router in the order in which it lists them, and whether there may be more."""
    found: list[Routed] = []
    slash, parent = slash_piece(world, router), parent_piece(world, router)
    templates = route_templates(world, router)
    plain = option(world, router, "use_regex_path") is not False
    if not isinstance(slash, str) or not isinstance(parent, str) or templates is None or not plain:
        return [], True
    opened = isinstance(router, Object) and any(overrides(world, router.cls, name) for name in (*OVERRIDES, "get_urls"))
    usual = templates == STANDARD
    registered = tuple(registrations(world, router))
    if not registered and isinstance(router, Object) and overrides(world, router.cls, "register"):
        opened = True  # It keeps what it is given by itself.
    for each in registered:
        viewset = each.viewset
        if not isinstance(each.prefix, str) or not isinstance(viewset, Symbol) or viewset.kind != "class":
            opened = True
            continue
        lookup = lookup_piece(world, viewset, "", True)
        basename = _basename(world, each)
        opened = opened or not usual or isinstance(lookup, Unknown) or isinstance(basename, Unknown)
        if isinstance(lookup, str) and usual:
            values = {"prefix": parent + each.prefix, "lookup": lookup, "trailing_slash": slash}
            found.extend(_patterns(world, each, viewset, basename, values))
    rooted = isinstance(router, Object) or any("Default" in base for base in bases(world, router))
    if rooted and option(world, router, "include_root_view") is not False:
        found.append(Routed("api-root", "^$", Symbol("external", "", "rest_framework"), router.at, False))
    return found, opened


def _patterns(
    world: Runs, each: Registration, viewset: Symbol, basename: str | Unknown, values: dict[str, str]
) -> list[Routed]:
    """What one registration gives: lists before extra actions of lists before objects, as routers do."""
    had, _ = actions(world, viewset)
    found: list[Routed] = []
    extras = extra_actions(world, viewset).items()
    kinds: list[tuple[str | Unknown, str | Unknown, tuple[str, ...]]]
    for template in STANDARD:
        if template.mapping is None:
            kinds = [(x.url_path, x.url_name, (action,)) for action, x in extras if x.detail == template.detail]
        else:
            served = tuple(action for _, action in template.mapping if action in had)
            kinds = [("", "detail" if template.detail else "list", served)] if served else []
        for url_path, url_name, handlers in kinds:
            name = f"{basename}-{url_name}" if isinstance(basename, str) and isinstance(url_name, str) else None
            if isinstance(url_path, str):
                one = _one(template, each, viewset, name, {**values, "url_path": url_path})
                found.append(one._replace(handlers=handlers))
    return found


def _one(template: Template, each: Registration, viewset: Symbol, name: str | None, values: dict[str, str]) -> Routed:
    piece = filled(template.url, values)
    if not values["prefix"] and piece[:2] == "^/":
        piece = "^" + piece[2:]
    return Routed(name if name is not None else Unknown("a computed name"), piece, viewset, each.at, each.certain)


def _basename(world: Runs, each: Registration) -> str | Unknown:
    """The `basename` that is given, else the name of the model that the viewset queries."""
    if each.basename is not None:
        return each.basename if isinstance(each.basename, str) else Unknown("a computed `basename`")
    viewset = each.viewset
    for owner, binding in view_fields(world.project, viewset):
        if binding.name == "queryset":
            node = binding.value
            while isinstance(node, (tree.Call, tree.Attribute)):
                node = node.func if isinstance(node, tree.Call) else node.value
            if not isinstance(node, tree.Path):
                break
            root = node.text.partition(".objects")[0].partition("._default_manager")[0]
            model = resolve_in(world.project, owner.path, owner.name, root)
            if isinstance(model, Symbol) and model.kind == "class":
                return model.last.lower()
            break
    return Unknown("a name that depends on the queryset")
