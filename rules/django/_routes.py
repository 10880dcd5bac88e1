"""All routes of a Django project: the patterns of its root URLconfs with everything that they include."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.backend.collected import provides
from cdlint.backend.endpoints import Endpoint, Unresolved, endpoints, unresolved
from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol, Unknown
from cdlint.project.classes import ancestry, class_member
from cdlint.project.modules import find_module
from cdlint.rule import Location

from ._routers import Pattern, bases, is_router, patterns, root_view, with_format
from ._setting_values import setting_value
from ._settings import aside, root_urlconf, running, settings_like
from ._url_runs import Runs
from ._url_values import Attribute, Frame, Item, Listing, Made, Object, Super, Value, choices
from ._urls import included_modules, is_urlconf
from ._views import class_verbs, is_first_party, views

_PATHS = frozenset({"path", "re_path", "url"})
_REGEXES = frozenset({"re_path", "url"})
_PACKAGES = ("django.urls", "django.conf.urls", "rest_framework", "django.conf.urls.defaults")
_INCLUDES = ("include", "decorator_include")
_DEPTH = 25


class Place(NamedTuple):
    """Where in the tree of patterns one is: the path so far, and under what it stands."""

    prefix: str
    certain: bool
    at: Location
    formats: bool
    depth: int


class Routes:
    """Walks the patterns of one project and writes down endpoints, and what could not be followed."""

    def __init__(self, project: Project, settings: str) -> None:
        self.project = project
        self.settings = settings
        self.world = Runs(project, settings)
        self.endpoints: dict[Endpoint, None] = {}
        self.unresolved: dict[Unresolved, None] = {}

    def urlconf(self, path: str, place: Place) -> None:
        """The patterns of a module."""
        found = self.world.module(path).get("urlpatterns")
        if found is None:
            found = self.world.meant(Symbol("module", path, ""))
            found = self.world.attribute(Frame(path, "", None, True), found, "urlpatterns")
        self.patterns(found, place._replace(at=Location(path, (1, 0, 1, 0))))

    def doubt(self, at: Location, what: str, why: str) -> None:
        """Write down something that could not be followed."""
        self.unresolved[Unresolved(at, what, why)] = None

    def patterns(self, value: Value, place: Place) -> None:
        """A list of patterns, or whatever stands for one."""
        if place.depth <= 0:
            self.doubt(place.at, "include", "URLconfs that include each other")
            return
        for each, certain in choices(value):
            here = place._replace(certain=place.certain and certain, depth=place.depth - 1)
            if isinstance(each, Listing):
                for item in list(each.items):
                    self.pattern(item, here)
                for at, why in each.doubts:
                    self.doubt(at, "urlpatterns", why)
            else:
                self.pattern(Item(each, True), here)

    def pattern(self, item: Item, place: Place) -> None:
        """One pattern."""
        self.world.steps -= 1
        if self.world.steps < 0:
            return
        value, here = item.value, place._replace(certain=place.certain and item.certain)
        for each, certain in choices(value):
            here = here._replace(certain=here.certain and certain)
            if isinstance(each, Made):
                self.made(each, here._replace(at=each.at))
            elif isinstance(each, Attribute):
                self.attribute(each, here)
            elif isinstance(each, Listing):
                self.patterns(each, here)
            elif isinstance(each, Object):
                self.doubt(each.at, "urlpatterns", f"what a `{each.cls.name}` matches is not known")
            elif isinstance(each, Symbol) and each.kind == "module":
                self.include(each, here)
            elif isinstance(each, Unknown):
                self.doubt(here.at, "urlpatterns", each.why)

    def made(self, value: Made, place: Place) -> None:
        """`path(...)` and its likes, prefixes of languages, patterns with formats."""
        last = value.name.rpartition(".")[2]
        known = value.name.startswith(_PACKAGES)
        if last in _PATHS and known:
            self.path(value, last in _REGEXES, place)
        elif last == "i18n_patterns":
            for each in value.args:
                self.pattern(Item(each, True), place._replace(prefix=place.prefix + self.language(value)))
        elif last == "format_suffix_patterns":
            given = value.argument(0, "urlpatterns")
            if value.argument(1, "suffix_required") is not True:
                self.patterns(given, place)
            self.patterns(given, place._replace(formats=True))
        elif last in _INCLUDES:
            self.include(self.included(value), place)
        elif last in ("URLResolver", "URLPattern") and known:
            self.resolver(value, last == "URLPattern", place)
        elif last == "static" and known:
            self.static(value, place)
        elif is_first_party(value):
            self.doubt(value.at, f"`{value.name}()`" if value.name else "urlpatterns", "the patterns that it makes")
        elif "import" in last or "get_app_config" in last:
            self.doubt(value.at, "urlpatterns", f"`{last}()` decides it when the program runs")

    def resolver(self, value: Made, leaf: bool, place: Place) -> None:
        """`URLResolver(LocalePrefixPattern(...), patterns)`, `URLPattern(RoutePattern(...), view)`."""
        match, piece = value.argument(0, "pattern"), None
        names = bases(self.world, match) if isinstance(match, (Made, Object)) else ()
        if any(name.endswith("LocalePrefixPattern") for name in names):
            piece = self.language(match)
        elif isinstance(match, Made) and isinstance(match.argument(0, "route", "regex"), str):
            piece = match.argument(0, "route", "regex").removeprefix("^")
        if piece is None:
            self.doubt(value.at, f"`{value.name}()`", "what it matches is computed")
        elif leaf:
            self.view(value.argument(1, "callback"), piece, False, place)
        else:
            self.include(value.argument(1, "urlconf_name"), place._replace(prefix=place.prefix + piece))

    def static(self, value: Made, place: Place) -> None:
        """`static("/media/", view=serve)`: a pattern while `DEBUG` is on."""
        prefix, view = value.argument(0, "prefix"), value.argument(1, "view")
        if isinstance(prefix, str) and view is not None:
            self.view(view, prefix.lstrip("/") + "(?P<path>.*)$", True, place._replace(certain=False))

    def language(self, value: Made | Object) -> str:
        """The prefix of the language that is active when nobody chose one."""
        code = setting_value(self.project, self.settings, "LANGUAGE_CODE")
        shown = value.argument(-1, "prefix_default_language") is not False
        used = setting_value(self.project, self.settings, "USE_I18N") is not False
        return f"{code}/" if shown and used and isinstance(code, str) else ""

    def path(self, value: Made, regex: bool, place: Place) -> None:
        """One `path(route, view)`."""
        route, view = value.argument(0, "route", "regex"), value.argument(1, "view")
        if not isinstance(route, str):
            route = self.lazy(route)
        if route is None:
            self.doubt(value.at, "path", "its route is computed")
            return
        piece = route.removeprefix("^") if regex else route
        for each, certain in choices(view):
            here = place._replace(certain=place.certain and certain)
            if isinstance(each, Made) and each.name.rpartition(".")[2] in _INCLUDES:
                self.include(self.included(each), here._replace(prefix=place.prefix + piece))
            elif _is_included(each):
                self.include(each, here._replace(prefix=place.prefix + piece))
            else:
                self.view(each, piece, regex, here)

    def lazy(self, value: Value) -> str | None:
        """The text of a route that is translated, as it is written."""
        given = value.args[-1] if isinstance(value, Made) and value.args and "gettext" in value.name else None
        return given if isinstance(given, str) else None

    def view(self, value: Value, piece: str, regex: bool, place: Place) -> None:
        """The handlers of one pattern."""
        found = views(self.world, value, place.at.path)
        if isinstance(found, Unknown):
            self.doubt(place.at, "view", found.why)
            return
        path = "/" + place.prefix + (with_format(piece, regex) if place.formats else piece)
        for each in found:
            if each.why:
                self.doubt(place.at, f"`{each.handler.last}`", each.why)
            for method in each.methods:
                self.endpoint(method, path, each.handler, place.at, place.certain and each.certain)

    def endpoint(self, method: str, path: str, handler: Symbol, at: Location, certain: bool) -> None:
        """Write down a route."""
        self.endpoints[Endpoint(method, path, handler, at, "django", certain)] = None

    def included(self, value: Made) -> Value:
        """What an `include(...)` is given."""
        given = value.argument(1 if value.name.endswith("decorator_include") else 0, "arg")
        return given

    def include(self, given: Value, place: Place) -> None:
        """What an `include` leads to: a module, a list, a pair of a list and a name, a router's patterns."""
        pair = isinstance(given, Listing) and given.kind == "tuple" and bool(given.items)
        if pair and not _is_pattern(given.items[0].value):
            given = given.items[0].value
        for each, certain in choices(given):
            here = place._replace(certain=place.certain and certain)
            if isinstance(each, str):
                found = self.world.named_module(place.at.path, each)
                if isinstance(found, Symbol) and found.kind == "module":
                    self.include(found, here)
                elif not isinstance(found, Symbol):
                    self.doubt(place.at, f"include of `{each}`", getattr(found, "why", "there is no such module"))
            elif isinstance(each, Symbol) and each.kind == "module" and each.path.endswith(".py"):
                if here.depth <= 0:
                    self.doubt(place.at, "include", "URLconfs that include each other")
                else:
                    self.urlconf(each.path, here._replace(depth=here.depth - 1))
            elif isinstance(each, Symbol) and each.kind == "external":
                continue
            else:
                self.patterns(each, here)

    def attribute(self, value: Attribute, place: Place) -> None:
        """`router.urls`, `site.urls`, `app.urls`."""
        owner = value.owner.owner if isinstance(value.owner, Super) else value.owner
        if is_router(self.world, owner) and value.name in ("urls", "get_urls"):
            self.router(owner, place)
        elif isinstance(owner, Object) and value.name in ("urls", "urlpatterns"):
            self.site(owner, place)
        elif value.name == "[0]" and isinstance(owner, (Attribute, Made)):
            self.pattern(Item(owner, True), place)
        elif is_first_party(owner):
            self.doubt(place.at, f"`.{value.name}`", "the patterns of an object that is not known")
        elif isinstance(owner, Made) and owner.name.rpartition(".")[2] in ("get_app_config", "import_module"):
            self.doubt(place.at, f"`.{value.name}`", f"`{owner.name}()` decides it when the program runs")

    def site(self, owner: Object, place: Place) -> None:
        """An object with a `get_urls` of its own, such as an admin site."""
        found = self.project[class_member, (owner.cls, "get_urls")]
        if isinstance(found, Symbol) and found.kind == "function":
            self.patterns(self.world.invoke(Frame(found.path, "", None, True), found, (owner,)), place)

    def router(self, router: Made | Object, place: Place) -> None:
        """The patterns of a router, and the view of its root if that is the repository's."""
        found, doubts = patterns(self.world, router)
        for at, why in doubts:
            self.doubt(at, "router", why)
        for each in found:
            self.routed(each, place)
        self.root(router, place)
        if isinstance(router, Object):
            own = self.project[class_member, (router.cls, "get_urls")]
            if isinstance(own, Symbol) and own.kind == "function":
                made = self.world.invoke(Frame(own.path, "", None, True), own, (router,))
                for item in made.items if isinstance(made, Listing) else ():
                    if isinstance(item.value, Made) and item.value.name.rpartition(".")[2] in _PATHS:
                        self.pattern(item, place)

    def root(self, router: Made | Object, place: Place) -> None:
        """The root of a router."""
        view = root_view(self.world, router)
        if view is not None:
            for verb in class_verbs(self.world, view)[0]:
                for piece in ("", with_format("", False)):
                    self.endpoint(verb.upper(), f"/{place.prefix}{piece}", view, router.at, place.certain)

    def routed(self, each: Pattern, place: Place) -> None:
        """One pattern of a router."""
        piece = each.piece.removeprefix("^") if each.regex else each.piece
        if each.why:
            self.doubt(each.at, f"`{each.viewset.last}`", each.why)
        for method in each.methods:
            self.endpoint(method, "/" + place.prefix + piece, each.viewset, each.at, place.certain and each.certain)


def _is_included(value: Value) -> bool:
    """Whether the second argument of a pattern is patterns, not a view."""
    if isinstance(value, (Listing, Symbol)):
        return value.kind in ("tuple", "list", "module")
    return isinstance(value, Attribute) and value.name in ("urls", "get_urls")


def _is_pattern(value: Value) -> bool:
    return isinstance(value, Made) and value.name.rpartition(".")[2] in _PATHS


class Root(NamedTuple):
    """A URLconf where requests start, with the settings that name it; `""` when none do."""

    settings: str
    path: str
    certain: bool


def root_urlconfs(project: Project) -> tuple[Root, ...]:
    """The URLconfs where requests start: of the settings that run the project, else of any, else the topmost."""
    chosen = sorted(project[running].modules, key=lambda each: _starter(each.named_at.path))
    servers = [each.path for each in chosen if _starter(each.named_at.path)[0] < 2]
    first = servers or [each.path for each in chosen]
    for group, certain in ((first, True), ([each.path for each in chosen], True), (_other_settings(project), False)):
        found: dict[str, Root] = {}
        for settings in group:
            for entry in project[root_urlconf, settings].entries:
                answer = project[find_module, (settings, entry.text)]
                if isinstance(answer, Symbol) and answer.path.endswith(".py"):
                    found.setdefault(answer.path, Root(settings, answer.path, certain))
        if found:
            return tuple(found.values())
    reached = project[included_modules]
    tops = [path for path in project.paths if not aside(path) and project[is_urlconf, path] and path not in reached]
    return tuple(Root("", path, False) for path in tops)


def _starter(path: str) -> tuple[int, str]:
    """`manage.py` before what servers start, before the rest."""
    name = path.rpartition("/")[2]
    return (0 if name == "manage.py" else 1 if name in ("wsgi.py", "asgi.py") else 2, path)


def _other_settings(project: Project) -> list[str]:
    """Settings that no starting point names, those that are not for tests first."""
    return sorted(project[settings_like], key=lambda path: (aside(path), path.count("/"), path))[:4]


def registering(project: Project) -> tuple[str, ...]:
    """The modules that register something on an object when they are imported."""
    return tuple(path for path in project.paths if project[_registers, path])


def _registers(project: Project, path: str) -> bool:
    module = project.module(path) if not aside(path) else None
    if module is None:
        return False
    return any(call.endswith(".register") for call in module.main.calls) and _imports_rest(module.imports)


def _imports_rest(imports: tuple[tree.Node, ...]) -> bool:
    return any(each.module.endswith(("routers", "router", "api", "urls")) or each.name == "router" for each in imports)


class Answers(NamedTuple):
    """What a project answers to, and what could not be followed."""

    endpoints: tuple[Endpoint, ...]
    unresolved: tuple[Unresolved, ...]


def routes(project: Project) -> Answers:
    """All routes, of each root URLconf in turn."""
    found: dict[Endpoint, None] = {}
    missed: dict[Unresolved, None] = {}
    for settings, path, certain in project[root_urlconfs]:
        walk = Routes(project, settings)
        if not settings:
            why = "no settings are found that make it the root, so nothing says under which path it stands"
            walk.doubt(Location(path, (1, 0, 1, 0)), "the whole URLconf", why)
        walk.world.module(path)
        for other in project[registering]:
            walk.world.module(other)
        walk.urlconf(path, Place("", certain, Location(path, (1, 0, 1, 0)), False, _DEPTH))
        found.update(walk.endpoints)
        missed.update(walk.unresolved)
        if walk.world.steps < 0:
            missed[Unresolved(Location(path, (1, 0, 1, 0)), "urlpatterns", "more code than is followed")] = None
    return Answers(tuple(found), tuple(missed))


@provides(endpoints)
def django_endpoints(project: Project) -> tuple[Endpoint, ...]:
    """The routes of Django projects."""
    return project[routes].endpoints


@provides(unresolved)
def django_unresolved(project: Project) -> tuple[Unresolved, ...]:
    """What of the URL patterns could not be followed, and what classes of the admin add to it."""
    return (*project[routes].unresolved, *(each for path in project.paths for each in project[_admin_urls, path]))


def _admin_urls(project: Project, path: str) -> tuple[Unresolved, ...]:
    module = project.module(path) if not aside(path) else None
    found = []
    for cls in module.classes if module is not None else ():
        if "get_urls" in cls.methods:
            outside = project[ancestry, Symbol("class", path, cls.qualname)].external
            if any(name.startswith(("django.contrib.admin", "django.contrib.auth.admin")) for name in outside):
                why = "where the admin puts a class is not followed"
                found.append(Unresolved(Location(path, cls.at), f"the URLs that `{cls.name}.get_urls` adds", why))
    return tuple(found)
