"""Routers of the REST framework: the URL patterns that registered viewsets get."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol, Unknown
from cdlint.project.classes import ancestry, class_facts, class_member, fields, functions_of
from cdlint.rule import Location

from ._url_runs import Runs
from ._url_values import Attribute, Event, Frame, Listing, Made, Object, Table, Value, strings
from ._views import actions, constant

_LIST = {"get": "list", "post": "create"}
_DETAIL = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}
_BULK = {**_LIST, "put": "bulk_update", "patch": "partial_bulk_update", "delete": "bulk_destroy"}
_DYNAMIC = ("DynamicRoute", "DynamicListRoute", "DynamicDetailRoute")
_HEADLESS = ("HEAD", "OPTIONS")
OVERRIDES = ("get_routes", "get_lookup_regex", "get_method_map")
"""The methods by which routers of the repository change their routes."""


class Template(NamedTuple):
    """One kind of route of a router. `mapping` is None for extra actions."""

    url: str
    mapping: tuple[tuple[str, str], ...] | None
    detail: bool


class Pattern(NamedTuple):
    """One URL pattern of a router, with the viewset behind it."""

    piece: str
    regex: bool
    viewset: Symbol
    methods: tuple[str, ...]
    at: Location
    certain: bool
    why: str


class Registration(NamedTuple):
    """A viewset on a router."""

    prefix: Value
    viewset: Value
    at: Location
    certain: bool
    basename: Value = None


class Extra(NamedTuple):
    """An extra action of a viewset."""

    url_path: str | Unknown
    detail: bool | None
    methods: tuple[str, ...]
    url_name: str | Unknown


STANDARD = (
    Template("^{prefix}{trailing_slash}$", tuple(_LIST.items()), False),
    Template("^{prefix}/{url_path}{trailing_slash}$", None, False),
    Template("^{prefix}/{lookup}{trailing_slash}$", tuple(_DETAIL.items()), True),
    Template("^{prefix}/{lookup}/{url_path}{trailing_slash}$", None, True),
)
"""The kinds of routes that routers make unless they say otherwise."""


def bases(world: Runs, router: Made | Object) -> tuple[str, ...]:
    """The outside classes that a router is of."""
    return world.project[ancestry, router.cls].external if isinstance(router, Object) else (router.name,)


def is_router(world: Runs, value: Value) -> bool:
    """Whether something is a router of the REST framework or of a package that builds on it."""
    if not isinstance(value, (Made, Object)):
        return False
    names = bases(world, value)
    return any(name.endswith("Router") and ("rest_framework" in name or "drf" in name) for name in names)


def registrations(world: Runs, router: Made | Object, depth: int = 5) -> Iterator[Registration]:
    """The viewsets that are registered on a router, those of registries that it takes over included."""
    for event in router.events:
        if event.method == "register":
            yield _registration(event)
            yield from _nested(world, event, ())
        elif event.method == "registry.extend":
            given = event.argument(0)
            if isinstance(given, Attribute) and given.name == "registry" and given.owner is not router:
                if isinstance(given.owner, (Made, Object)) and depth > 0:
                    for each in registrations(world, given.owner, depth - 1):
                        yield each._replace(certain=each.certain and event.certain)
            else:
                yield Registration(Unknown("a registry"), given, event.at, event.certain)


def _registration(event: Event) -> Registration:
    basename = event.argument(2, "basename", "base_name")
    return Registration(event.argument(0, "prefix"), event.argument(1, "viewset"), event.at, event.certain, basename)


def _nested(world: Runs, event: Event, above: tuple[tuple[str, Value], ...]) -> Iterator[Registration]:
    """`router.register(...).register(..., parents_query_lookups=[...])` of drf-extensions."""
    result = event.result
    prefix = event.argument(0, "prefix")
    chain = (*above, (prefix, event.argument(1, "viewset")))
    for inner in result.events if isinstance(result, Made) else ():
        if inner.method == "register":
            lookups = strings(inner.argument(3, "parents_query_lookups"))
            own = _registration(inner)
            parents = [name for name, _ in chain]
            known = not world.project[renames_parents] and all(isinstance(each, str) for each in parents)
            if not known or lookups is None or len(lookups) != len(chain):
                yield own._replace(prefix=Unknown("a prefix of nested routes"))
            else:
                pieces = [
                    f"{name}/(?P<parent_lookup_{lookup}>[^/.]+)" for name, lookup in zip(parents, lookups, strict=True)
                ]
                yield own._replace(prefix="/".join([*pieces, str(own.prefix)]))
            yield from _nested(world, inner, chain)


def renames_parents(project: Project) -> bool:
    """Whether settings say how drf-extensions calls the parameters of nested routes."""
    option = "DEFAULT_PARENT_LOOKUP_KWARG_NAME_PREFIX"
    modules = map(project.module, project.paths)
    return any(each.mentions(option) for module in modules if module is not None for each in module.functions)


def patterns(world: Runs, router: Made | Object) -> tuple[tuple[Pattern, ...], tuple[tuple[Location, str], ...]]:
    """All patterns of a router, and what of it could not be followed."""
    found: list[Pattern] = []
    doubts: list[tuple[Location, str]] = []
    slash = slash_piece(world, router)
    templates = route_templates(world, router)
    parent = parent_piece(world, router)
    regex = option(world, router, "use_regex_path") is not False
    if isinstance(slash, Unknown) or isinstance(parent, Unknown) or templates is None:
        return (), ((router.at, "the routes of the router are computed"),)
    for each in registrations(world, router):
        if isinstance(each.viewset, Symbol) and each.viewset.kind == "external":
            continue
        if not isinstance(each.prefix, str) or not isinstance(each.viewset, Symbol) or each.viewset.kind != "class":
            doubts.append((each.at, "a prefix or viewset that is computed"))
            continue
        for name, extra in extra_actions(world, each.viewset).items():
            if isinstance(extra.url_path, Unknown):
                doubts.append((each.at, f"the path of its action `{name}` is computed"))
        for template in templates:
            found.extend(_of_template(world, template, each, slash, parent, regex))
    if isinstance(router, Object) and any(overrides(world, router.cls, name) for name in OVERRIDES):
        doubts.append((router.at, f"`{router.cls.name}` changes how routes are made"))
    formats = any("Default" in base for base in bases(world, router))
    if formats and option(world, router, "include_format_suffixes") is not False:
        found.extend([suffixed(pattern) for pattern in found])
    return tuple(found), tuple(doubts)


def suffixed(pattern: Pattern) -> Pattern:
    """The pattern that also takes a format."""
    return pattern._replace(piece=with_format(pattern.piece, pattern.regex))


def with_format(piece: str, regex: bool) -> str:
    """A piece of a path with a format at its end, as `format_suffix_patterns` makes it."""
    stem = piece.rstrip("$").rstrip("/")
    return stem + (r"\.(?P<format>[a-z0-9]+)/?$" if regex else "<drf_format_suffix:format>")


def _of_template(
    world: Runs, template: Template, each: Registration, slash: str, parent: str, regex: bool
) -> Iterator[Pattern]:
    viewset = each.viewset
    had, why = actions(world, viewset)
    lookup = lookup_piece(world, viewset, "", regex)
    if isinstance(lookup, Unknown):
        yield from ()
        return
    values = {"prefix": parent + each.prefix, "lookup": lookup, "trailing_slash": slash}
    if template.mapping is not None:
        verbs = [verb for verb, action in template.mapping if action in had]
        routes = [("", verbs)] if verbs else []
    else:
        known = {action for other in STANDARD if other.mapping for _, action in other.mapping}
        extras = {name: extra for name, extra in extra_actions(world, viewset).items() if name not in known}
        chosen = [extra for extra in extras.values() if extra.detail == template.detail]
        routes = [(extra.url_path, list(extra.methods)) for extra in chosen if isinstance(extra.url_path, str)]
    for url_path, verbs in routes:
        # A verb that `http_method_names` leaves out is routed all the same, and then refused.
        methods = tuple(verb.upper() for verb in verbs if verb.upper() not in _HEADLESS)
        piece = filled(template.url, {**values, "url_path": url_path})
        if not each.prefix and not parent and piece[:2] == "^/":
            piece = "^" + piece[2:]
        piece = piece if regex else piece.lstrip("^").removesuffix("$")
        piece = piece.lstrip("/") if not regex and not each.prefix else piece
        yield Pattern(piece, regex, viewset, methods, each.at, each.certain, why)


def filled(url: str, values: dict[str, str]) -> str:
    """A template of a path with its holes filled."""
    return re.sub(r"\{(prefix|lookup|trailing_slash|url_path)\}", lambda match: values[match.group(1)], url)


def lookup_piece(world: Runs, viewset: Symbol, nesting: str, regex: bool) -> str | Unknown:
    """The piece of the path that names one object."""
    field = constant(world, viewset, "lookup_field", "pk")
    name = constant(world, viewset, "lookup_url_kwarg", "") or field
    form = constant(world, viewset, "lookup_value_regex", "[^/.]+")
    if not regex:
        converter = constant(world, viewset, "lookup_value_converter", "str")
        return f"<{converter}:{nesting}{name}>" if isinstance(name, str) else name
    if isinstance(name, Unknown) or isinstance(form, Unknown):
        return Unknown("a lookup that is computed")
    return f"(?P<{nesting}{name}>{form})"


def option(world: Runs, router: Made | Object, name: str) -> Value:
    """An argument, an attribute that the constructor assigns, or a class variable."""
    given = router.argument(-1, name)
    if given is None:
        given = router.attributes.get(name)
    if given is None and isinstance(router, Object):
        for owner, binding in fields(world.project, router.cls):
            if binding.name == name and binding.value_code is not None:
                return world.eval(Frame(owner.path, owner.name, None, True), binding.value)
    return given


def root_view(world: Runs, router: Made | Object) -> Symbol | None:
    """The view of the root of a default router, when it is the repository's."""
    given = option(world, router, "APIRootView")
    if given is None and isinstance(router, Object):
        given = world.project[class_member, (router.cls, "APIRootView")]
    shown = any("Default" in base for base in bases(world, router))
    shown = shown and option(world, router, "include_root_view") is not False
    return given if shown and isinstance(given, Symbol) and given.kind == "class" else None


def slash_piece(world: Runs, router: Made | Object) -> str | Unknown:
    """What stands at the end of each path of a router."""
    given = router.argument(-1, "trailing_slash")
    nested = any("Nested" in name and "nested" in name for name in bases(world, router))
    if given is None and not nested and router.args and isinstance(router.args[0], bool):
        given = router.args[0]
    own = option(world, router, "trailing_slash") if given is None else None
    if nested and given is None and own is None:
        above = router.argument(0, "parent_router")
        return slash_piece(world, above) if isinstance(above, (Made, Object)) else "/"
    if isinstance(own, str):
        return own
    if isinstance(given, bool) or given is None:
        return "" if given is False else "/"
    return given if isinstance(given, str) else Unknown("a slash that is computed")


def parent_piece(world: Runs, router: Made | Object) -> str | Unknown:
    """The piece of path before all prefixes of a nested router."""
    if not any("rest_framework_nested" in name for name in bases(world, router)):
        return ""
    above, prefix = router.argument(0, "parent_router"), router.argument(1, "parent_prefix")
    if above is None or prefix is None:
        return ""
    if not isinstance(above, (Made, Object)) or not isinstance(prefix, str):
        return Unknown("a parent router that is computed")
    nesting = router.argument(2, "lookup")
    viewset = next((each.viewset for each in registrations(world, above) if each.prefix == prefix), None)
    outer = parent_piece(world, above)
    if not isinstance(viewset, Symbol) or viewset.kind != "class" or isinstance(outer, Unknown):
        return Unknown("a parent that is not registered")
    lookup = lookup_piece(world, viewset, f"{nesting}_" if isinstance(nesting, str) else "nested_1_", True)
    return lookup if isinstance(lookup, Unknown) else f"{outer}{prefix}/{lookup}/"


def route_templates(world: Runs, router: Made | Object) -> tuple[Template, ...] | None:
    """The kinds of routes of a router: those of its class, else the usual ones; None when they are computed."""
    own = option(world, router, "routes")
    if own is None:
        bulk = any("Bulk" in name for name in bases(world, router))
        first = Template(STANDARD[0].url, tuple(_BULK.items()), False)
        return _remapped(router, (first, *STANDARD[1:]) if bulk else STANDARD)
    found = []
    for each in own.values() if isinstance(own, Listing) else ():
        template = _template(each)
        if template is None:
            return None
        found.append(template)
    return _remapped(router, tuple(found)) if isinstance(own, Listing) and not own.doubts else None


def _remapped(router: Made | Object, templates: tuple[Template, ...]) -> tuple[Template, ...]:
    """The templates after `self.routes[0].mapping.update({...})`."""
    found = list(templates)
    for event in router.events:
        match = re.fullmatch(r"routes\.\[(\d+)\]\.mapping\.update", event.method)
        given = event.argument(0)
        if match and int(match[1]) < len(found) and isinstance(given, Table):
            template = found[int(match[1])]
            added = {str(key): str(item.value) for key, item in given.items.items()}
            found[int(match[1])] = template._replace(mapping=tuple({**dict(template.mapping or ()), **added}.items()))
    return tuple(found)


def _template(value: Value) -> Template | None:
    """`Route(url=..., mapping=...)` or `DynamicRoute(url=...)`."""
    if not isinstance(value, Made):
        return None
    last = value.name.rpartition(".")[2]
    url = value.argument(0, "url")
    if not isinstance(url, str):
        return None
    if last in _DYNAMIC:
        detail = value.argument(2, "detail")
        given = detail if isinstance(detail, bool) else last == "DynamicDetailRoute" or "{lookup}" in url
        url = url.replace("{methodname}", "{url_path}").replace("{methodnamehyphen}", "{url_path}")
        return Template(url, None, given)
    mapping = value.argument(1, "mapping")
    if last != "Route" or not isinstance(mapping, Table):
        return None
    pairs = tuple((str(key), str(item.value)) for key, item in mapping.items.items())
    return Template(url, pairs, "{lookup}" in url)


def overrides(world: Runs, cls: Symbol, name: str) -> bool:
    """Whether a class of the repository defines a method of a router itself."""
    found = world.project[class_member, (cls, name)]
    return isinstance(found, Symbol) and found.kind == "function"


def extra_actions(world: Runs, viewset: Symbol) -> dict[str, Extra]:
    """The extra actions of a viewset, by the name of their method; a nearer class hides those further up."""
    found: dict[str, Extra] = {}
    hidden: set[str] = set()
    more: dict[str, list[str]] = {}
    for owner in world.project[ancestry, viewset].first_party:
        facts = class_facts(world.project, owner)
        for name in facts.methods if facts else ():
            function = world.project[functions_of, owner.path].get(f"{owner.name}.{name}")
            for decorator in function.decorators if function and function.decorator_codes else ():
                text = getattr(decorator, "text", "")
                if ".mapping." in text:
                    action, _, verb = text.partition(".mapping.")
                    more.setdefault(action, []).append(verb)
                elif name not in hidden and isinstance(decorator, (tree.Call, tree.Path)):
                    extra = _extra(world, owner, name, decorator)
                    if extra is not None:
                        found[name] = extra
        hidden.update(facts.methods if facts else ())
    for action, verbs in more.items():
        if action in found:
            found[action] = found[action]._replace(methods=(*found[action].methods, *verbs))
    return found


def _extra(world: Runs, owner: Symbol, name: str, decorator: tree.Node) -> Extra | None:
    call = decorator if isinstance(decorator, tree.Call) else None
    func = call.func if call is not None else decorator
    if call is None or not isinstance(func, tree.Path):
        return None
    if func.last not in ("action", "detail_route", "list_route", "link"):
        made = world.eval(Frame(owner.path, "", None, True), call) if func.text.islower() else None
    else:
        made = world.eval(Frame(owner.path, "", None, True), call)
    if not isinstance(made, Made):
        return None
    kind = made.name.rpartition(".")[2] if made.name.startswith("rest_framework") else ""
    if kind not in ("action", "detail_route", "list_route", "link"):
        return None
    methods = strings(made.argument(0, "methods"))
    given = made.argument(2, "url_path") if kind == "action" else made.argument(-1, "url_path")
    path = given if isinstance(given, str) else name if given is None else Unknown("a computed `url_path`")
    detail = made.argument(1, "detail") if kind == "action" else kind != "list_route"
    verbs = tuple(each.lower() for each in methods) if methods else ("get",)
    named = made.argument(-1, "url_name")
    url_name = named if isinstance(named, str) else Unknown("a computed `url_name`")
    url_name = name.replace("_", "-") if named is None else url_name
    return Extra(path, detail if isinstance(detail, bool) else None, verbs, url_name)
