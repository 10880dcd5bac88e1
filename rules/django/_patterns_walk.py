"""Walks the URLconfs of a project and writes down every pattern with its name, namespaces and view."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_member
from cdlint.rule import Location

from ._patterns import COMPUTED, LANGUAGE, Opening, Pattern, Piece, Space
from ._patterns_routers import routed
from ._routers import is_router
from ._routes import registering
from ._setting_values import plain_value
from ._url_expressions import SETTINGS
from ._url_runs import Runs
from ._url_values import Attribute, Closure, Frame, Item, Listing, Made, Method, Object, Super, Table, Value, choices

_PATHS = frozenset({"path", "re_path", "url"})
_PACKAGES = ("django.urls", "django.conf.urls", "rest_framework")
_DEPTH = 25


class Place(NamedTuple):
    """Where in the tree of patterns one is."""

    spaces: tuple[Space, ...]
    pieces: tuple[Piece, ...]
    extra: tuple[str, ...]
    certain: bool
    at: Location
    depth: int


class _Reader(Runs):
    """Follows URLconfs without working out settings that are computed."""

    def symbol_attribute(self, frame: Frame, value: Symbol, name: str) -> Value:
        """An attribute of a module, a class or something from outside."""
        if value.kind == "external" and value.name == SETTINGS:
            return plain_value(self.project, self.settings, name)
        return super().symbol_attribute(frame, value, name)


class Walk:
    """The patterns of one root URLconf, in the order in which they are tried."""

    def __init__(self, project: Project, settings: str) -> None:
        self.project = project
        self.world = _Reader(project, settings)
        self.found: list[Pattern] = []
        self.openings: list[Opening] = []

    def start(self, path: str) -> None:
        """Walk from a root URLconf. One that no settings name stands under the namespace that it declares."""
        self.world.module(path)
        for other in self.project[registering]:
            self.world.module(other)
        place = Place((), (), (), True, Location(path, (1, 0, 1, 0)), _DEPTH)
        self.module(path, place)
        if self.world.steps < 0:
            self.open(place, "")

    def module(self, path: str, place: Place) -> None:
        """The patterns of a module."""
        found = self.world.module(path).get("urlpatterns")
        if found is None:
            found = self.world.attribute(Frame(path, "", None, True), Symbol("module", path, ""), "urlpatterns")
        self.patterns(found, place)

    def open(self, place: Place, outside: str) -> None:
        """There may be more patterns here."""
        self.openings.append(Opening(place.spaces, place.pieces, outside, place.at))

    def patterns(self, value: Value, place: Place) -> None:
        """A list of patterns, or whatever stands for one."""
        if place.depth <= 0:
            self.open(place, "")
            return
        for each, certain in choices(value):
            here = place._replace(certain=place.certain and certain, depth=place.depth - 1)
            if isinstance(each, Listing):
                for item in list(each.items):
                    self.item(item, here)
                for at, _ in each.doubts:
                    self.open(here._replace(at=at), "")
            else:
                self.item(Item(each, True), here)

    def item(self, item: Item, place: Place) -> None:
        """One item of a list of patterns."""
        self.world.steps -= 1
        if self.world.steps < 0:
            return
        for each, certain in choices(item.value):
            here = place._replace(certain=place.certain and item.certain and certain)
            if isinstance(each, Made):
                self.made(each, here._replace(at=each.at))
            elif isinstance(each, Listing):
                self.patterns(each, here)
            elif isinstance(each, Attribute):
                self.attribute(each, here)
            elif each is not None and not isinstance(each, (str, int)):
                self.open(here, each.name if isinstance(each, Symbol) and each.kind == "external" else "")

    def made(self, value: Made, place: Place) -> None:
        """`path(...)` and its likes, prefixes of languages, patterns with formats."""
        last = value.name.rpartition(".")[2]
        if last in _PATHS and value.name.startswith(_PACKAGES):
            self.path(value, last != "path", place)
        elif last == "i18n_patterns":
            pieces = (*place.pieces, LANGUAGE)
            for each in value.args:
                self.item(Item(each, True), place._replace(pieces=pieces))
        elif last == "format_suffix_patterns":
            self.patterns(value.argument(0, "urlpatterns"), place._replace(certain=False))
        elif last == "include" or last == "decorator_include":
            self.include(value, place)
        elif last == "static" and value.name.startswith("django."):
            return
        elif last == "staticfiles_urlpatterns" or last == "debug_toolbar_urls":
            self.open(place, "debug_toolbar.toolbar")
        else:
            self.open(place, value.name)

    def path(self, value: Made, regex: bool, place: Place) -> None:
        """One `path(route, view, kwargs, name)`."""
        route, view = value.argument(0, "route", "regex"), value.argument(1, "view")
        if isinstance(route, Made) and route.args and "gettext" in route.name:
            route = route.args[-1]
        given = value.argument(2, "kwargs")
        extra = tuple(map(str, given.items)) if isinstance(given, Table) else () if given is None else ("*",)
        piece = Piece(route, regex) if isinstance(route, str) else COMPUTED
        here = place._replace(pieces=(*place.pieces, piece), extra=(*place.extra, *extra))
        for each, certain in choices(view):
            inner = here._replace(certain=place.certain and certain)
            if isinstance(each, Made) and each.name.rpartition(".")[2] in ("include", "decorator_include"):
                self.include(each, inner)
            elif isinstance(each, Listing):
                self.tuple(each, inner)
            elif isinstance(each, Attribute) and each.name in ("urls", "get_urls"):
                self.attribute(each, inner)
            elif isinstance(each, Symbol) and each.kind == "external" and each.last in ("urls", "get_urls"):
                self.open(inner, "django.contrib.admin" if "admin" in each.name else each.name)
            else:
                self.leaf(value, each, inner)

    def leaf(self, value: Made, view: Value, place: Place) -> None:
        """A pattern with a view."""
        name = value.argument(3, "name")
        if name is not None and not isinstance(name, str):
            self.open(place, "")
        symbol, form, initial = _view(view)
        text = name if isinstance(name, str) else ""
        pattern = Pattern(text, place.spaces, place.pieces, symbol, form, initial, place.extra, place.at, place.certain)
        given = view.argument(0, "actions") if isinstance(view, Made) and form == "as_view" else None
        if isinstance(given, Table):
            named = [item.value for item in given.items.values()]
            pattern = pattern._replace(handlers=tuple(each for each in named if isinstance(each, str)))
        if form == "string" and not value.name.startswith("django.urls"):
            pattern = pattern._replace(form="")
        self.found.append(pattern)

    def include(self, value: Made, place: Place) -> None:
        """What an `include(arg, namespace)` leads to."""
        given = value.argument(1 if value.name.endswith("decorator_include") else 0, "arg")
        namespace = value.argument(2 if value.name.endswith("decorator_include") else 1, "namespace")
        app = value.argument(2, "app_name") if value.name.startswith("django.conf.urls") else None
        if isinstance(given, Listing) and given.kind == "tuple" and given.items:
            app = given.items[1].value if len(given.items) > 1 else app
            namespace = given.items[2].value if len(given.items) > 2 else namespace
            given = given.items[0].value
        self.inside(given, namespace, app, place)

    def tuple(self, value: Listing, place: Place) -> None:
        """`path("admin/", (patterns, app_name, namespace))`, and lists of patterns."""
        items = value.values()
        if value.kind == "tuple" and len(items) == 3 and not isinstance(items[1], Made):
            self.inside(items[0], items[2], items[1], place)
        else:
            self.patterns(value, place)

    def inside(self, given: Value, namespace: Value, app: Value, place: Place) -> None:
        """Patterns that are included under a namespace."""
        for each, certain in choices(given):
            here = place._replace(certain=place.certain and certain)
            target = self.world.named_module(place.at.path, each) if isinstance(each, str) else each
            module = target.path if isinstance(target, Symbol) and target.path.endswith(".py") else ""
            module = module if isinstance(target, Symbol) and target.kind == "module" else ""
            named = self.world.module(module).get("app_name", app) if module else app
            here = self.spaced(here, namespace, named)
            if module and here.depth > 0:
                self.module(module, here._replace(depth=here.depth - 1))
            elif isinstance(target, Symbol) and target.kind == "external":
                self.open(here, target.name)
            elif isinstance(target, (Listing, Made)):
                self.patterns(target, here)
            elif isinstance(target, Attribute):
                self.attribute(target, here)
            elif target is not None:
                self.open(here, "")

    def spaced(self, place: Place, namespace: Value, app: Value) -> Place:
        """The place below a namespace, if there is one; one that is computed is `*`."""
        app = app if isinstance(app, str) or app is None else "*"
        instance = namespace if isinstance(namespace, str) or namespace is None else "*"
        if instance is None and app is None:
            return place
        space = Space(instance or app or "*", app or instance or "*")
        return place._replace(spaces=(*place.spaces, space))

    def attribute(self, value: Attribute, place: Place) -> None:
        """`router.urls`, `admin.site.urls`, `app.urls`."""
        owner = value.owner.owner if isinstance(value.owner, Super) else value.owner
        if value.name == "[0]" and isinstance(owner, (Attribute, Made)):
            self.item(Item(owner, True), place)
        elif isinstance(owner, (Made, Object)) and is_router(self.world, owner):
            found, opened = routed(self.world, owner)
            if opened:
                self.open(place, "")
            for each in found:
                name = each.name if isinstance(each.name, str) else "*"
                pieces = (*place.pieces, Piece(each.piece, True))
                certain = place.certain and each.certain
                view = each.viewset if each.viewset.kind == "class" else None
                made = Pattern(name, place.spaces, pieces, view, "routed", (), place.extra, each.at, certain, True)
                self.found.append(made._replace(handlers=each.handlers))
        else:
            self.site(owner, value.name, place)

    def site(self, owner: Value, name: str, place: Place) -> None:
        """An admin site, or an object that brings patterns of its own."""
        if "site" in _dotted(owner) and "admin" in _dotted(owner):
            self.open(place, "django.contrib.admin")
            return
        if isinstance(owner, Object):
            found = self.project[class_member, (owner.cls, "get_urls")]
            above = self.project[ancestry, owner.cls].external
            if any(each.endswith("AdminSite") for each in above):
                self.open(place, "django.contrib.admin" if owner.argument(0, "name") in (None, "admin") else "")
                return
            if isinstance(found, Symbol) and found.kind == "function":
                self.patterns(self.world.invoke(Frame(found.path, "", None, True), found, (owner,)), place)
        self.open(place, "")


def _dotted(value: Value) -> str:
    """The names of attributes read in a row from something outside."""
    if isinstance(value, Attribute):
        return f"{_dotted(value.owner)}.{value.name}"
    return value.name if isinstance(value, Symbol) and value.kind == "external" else ""


def _view(value: Value) -> tuple[Symbol | None, str, tuple[str, ...]]:
    """The function or class behind a view, how it is given, and the keywords of `as_view`."""
    if isinstance(value, Symbol):
        if value.kind in ("function", "class"):
            return value, value.kind, ()
        return None, "", ()
    if isinstance(value, Object):
        return value.cls, "object", ()
    if isinstance(value, Attribute) and value.name == "as_view" and isinstance(value.owner, Symbol):
        return (value.owner, "uncalled", ()) if value.owner.kind == "class" else (None, "", ())
    if isinstance(value, Made):
        callee = value.callee
        if isinstance(callee, Attribute) and callee.name == "as_view":
            owner = callee.owner
            keys = tuple(key for key, _ in value.keywords)
            actions = ("*",) if value.args else ()
            if isinstance(owner, Symbol) and owner.kind == "class":
                return owner, "as_view", (*keys, *actions)
            return None, "", ()
        for each in (*value.args, *(item for _, item in value.keywords)):
            inner, form, _ = _view(each)
            if inner is not None and form in ("function", "as_view", "wrapped", "method"):
                return inner, "wrapped", ()
    if isinstance(value, (Method, Closure)):
        return value.function, "method", ()
    return None, "string" if isinstance(value, str) else "", ()
