"""Where Django looks templates up, and what renders them: the setting `TEMPLATES` and the folders of installed apps."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.backend.collected import provides
from cdlint.backend.rendered import Renderer, Renderers, rendered
from cdlint.backend.templates import DJANGO, Rendering, TemplateLookup, lookups, renderings
from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol, Unknown
from cdlint.project.calls import calls_of
from cdlint.project.classes import class_facts, classes_of
from cdlint.project.folders import candidates, folder
from cdlint.project.names import lookup
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._apps import installed
from ._installed import view_ancestry
from ._problems import adds_to_others
from ._routes import root_urlconfs
from ._settings import aside, settings_like

LOOKUP = "django"
_BACKEND = "django.template.backends.django.DjangoTemplates"
_FOLDERS = "django.template.loaders.app_directories.Loader"
_OWN = ("admin/", "admin_doc/", "registration/", "django/", "flatpages/", "gis/", "sitemap", "postgres/")
_BROUGHT = {
    "allauth": ("account/", "socialaccount/", "mfa/", "usersessions/", "allauth/", "idp/", "headless/"),
    "oscar": ("oscar/",),
    "wagtail": ("wagtail",),
    "crispy_bootstrap4": ("bootstrap4/",),
    "crispy_bootstrap5": ("bootstrap5/",),
    "crispy_forms": ("bootstrap", "uni_form/"),
    "django_comments": ("comments/",),
    "registration": ("registration/",),
    "oauth2_provider": ("oauth2_provider/",),
    "two_factor": ("two_factor/",),
    "hijack": ("hijack/",),
    "import_export": ("admin/",),
    "jazzmin": ("admin/",),
    "django_otp": ("otp/",),
}
"""The first folders of the templates of well-known apps."""
_TEXTS = (("django.template.loader.render_to_string", (0,)), ("django.template.loader.get_template", (0,)))
_RENDERERS = Renderers(
    LOOKUP,
    (
        Renderer("django.shortcuts.render", (1,), "template_name", True),
        *(Renderer(name, positions, "template_name", True) for name, positions in _TEXTS),
        Renderer("django.template.loader.select_template", (0,), "template_name_list", True),
        Renderer("django.template.response.TemplateResponse", (1,), "template", True),
        Renderer("django.template.response.SimpleTemplateResponse", (0,), "template", True),
    ),
)


@provides(lookups)
def django_lookups(project: Project) -> tuple[TemplateLookup, ...]:
    """One lookup: the folders of the setting, then those of the installed apps."""
    chosen = [root.settings for root in project[root_urlconfs] if root.settings and root.certain]
    found = [each for path in dict.fromkeys(chosen) if (each := project[_lookup_of, path]) is not None]
    if not found:
        return ()
    roots = tuple(dict.fromkeys(root for each in found for root in each.roots))
    unknown = next((each.unknown for each in found if each.unknown), "")
    outside = tuple(sorted({name for each in found for name in each.outside}))
    return (TemplateLookup(LOOKUP, DJANGO, roots, unknown, outside, any(each.foreign for each in found)),)


def _lookup_of(project: Project, settings: str) -> TemplateLookup | None:
    """The lookup of one settings module; None when it does not render templates of Django's language."""
    found = project[lookup, (settings, "TEMPLATES")]
    node, path = _value(project, found)
    if isinstance(node, tree.Sequence):
        engines = [item for item in node.items if isinstance(item, tree.Mapping)]
        whole = len(engines) == len(node.items)
    else:
        engines, whole = [], False
    roots: list[str] = []
    why = "" if whole else "`TEMPLATES` is put together"
    apps = False
    for engine in engines:
        entries = dict(_entries(engine))
        if not _is_text(entries.get("BACKEND"), _BACKEND):
            why = why or "another template engine is used as well"
            continue
        made, doubt = _dirs(project, path, entries.get("DIRS"))
        roots += made
        why = why or doubt or _loaders(entries)
        apps = apps or _has_apps(engine, entries)
    if not engines and node is None:
        return None
    if apps or not engines:
        roots += _app_folders(project, settings)
    known = project[installed, settings]
    outside, foreign = _outside(project, settings)
    if _changes(project, path, settings):
        why = why or "`TEMPLATES` is changed"
    if any(adds_to_others(project, other) for other in project[settings_like] if not aside(other)):
        why = why or "other files add to `INSTALLED_APPS`"
    return TemplateLookup(LOOKUP, DJANGO, tuple(dict.fromkeys(roots)), why or known.why, outside, foreign)


def _value(project: Project, found: object) -> tuple[Node | None, str]:
    """The value of a module variable, when one statement gives it, and the file where it stands."""
    if not isinstance(found, Symbol) or found.kind != "variable":
        return None, ""
    module = project.module(found.path)
    values = [each for each in module.bindings if each.name == found.name] if module else []
    return (values[-1].value if values else None), found.path


def _entries(node: tree.Mapping) -> Iterator[tuple[str, Node]]:
    for key, value in node.items:
        if isinstance(key, tree.Constant) and isinstance(key.value, str):
            yield key.value, value


def _is_text(node: Node | None, text: str) -> bool:
    return isinstance(node, tree.Constant) and node.value == text


def _dirs(project: Project, path: str, node: Node | None) -> tuple[list[str], str]:
    """The folders that `DIRS` lists, and why there may be others."""
    if node is None:
        return [], ""
    if not isinstance(node, (tree.Sequence, tree.Path)):
        return [], "`DIRS` is computed"
    if isinstance(node, tree.Path):
        inner, home = _value(project, project[lookup, (path, node.text)]) if "." not in node.text else (None, "")
        return _dirs(project, home, inner) if isinstance(inner, tree.Sequence) else ([], "`DIRS` is computed")
    found: list[str] = []
    why = ""
    for item in node.items:
        place = folder(project, (path, ""), item)
        made = () if isinstance(place, Unknown) else candidates(project, place, path)
        found += made
        if not made or not all(project.exists(each) for each in made):
            why = "a folder of `DIRS` is not known"
    return found, why


def _has_apps(engine: tree.Mapping, entries: dict[str, Node]) -> bool:
    given = entries.get("APP_DIRS")
    if isinstance(given, tree.Constant) and given.value is True:
        return True
    return any(_is_text(each, _FOLDERS) for each in tree.walk(engine))


def _loaders(entries: dict[str, Node]) -> str:
    """Why templates may come from elsewhere than folders, `""` when they do not."""
    options = entries.get("OPTIONS")
    given = dict(_entries(options)).get("loaders") if isinstance(options, tree.Mapping) else None
    if given is None:
        return "" if options is None or isinstance(options, tree.Mapping) else "`OPTIONS` is computed"
    texts = [each.value for each in tree.walk(given) if isinstance(each, tree.Constant) and isinstance(each.value, str)]
    plain = texts and all(text.startswith("django.template.loaders.") for text in texts) and "locmem" not in str(texts)
    return "" if plain else "a loader of its own"


def _app_folders(project: Project, settings: str) -> list[str]:
    found = []
    for app in project[installed, settings].apps:
        if app.package.endswith("/") and project.exists(f"{app.package}templates"):
            found.append(f"{app.package}templates")
    return found


def _outside(project: Project, settings: str) -> tuple[tuple[str, ...], bool]:
    """The beginnings of names that installed packages bring, and whether there may be any others."""
    names = set(_OWN)
    foreign = False
    for app in project[installed, settings].apps:
        if not app.package and not app.entry.text.startswith("django.contrib."):
            parts = app.entry.text.split(".")
            foreign = True
            names.update(f"{part}/" for part in parts if part not in ("apps",))
            names.update(_BROUGHT.get(parts[0], ()))
    return tuple(sorted(names)), foreign


def _changes(project: Project, *paths: str) -> bool:
    """Whether a settings module does something to `TEMPLATES` besides giving it."""
    for path in dict.fromkeys(paths):
        module = project.module(path)
        if module is None or not module.main.mentions("TEMPLATES"):
            continue
        for node in module.main.nodes:
            if isinstance(node, tree.Subscript) and getattr(node.value, "text", "") == "TEMPLATES":
                return True
        if any(each.name == "TEMPLATES" and each.kind == "augment" for each in module.bindings):
            return True
    return False


@provides(renderings)
def django_renderings(project: Project) -> tuple[Rendering, ...]:
    """Every call that renders a template, and the `template_name` of views."""
    if not project[django_lookups]:
        return ()
    named = [each for path in project.paths if not aside(path) for each in project[_template_names, path]]
    given = [each for path in project.paths if not aside(path) for each in project[_given_names, path]]
    return (*project[rendered, _RENDERERS], *named, *given)


def _given_names(project: Project, path: str) -> tuple[Rendering, ...]:
    """What a file gives Django's views as `as_view(template_name=...)`."""
    found = []
    for function, call in calls_of(project, path, frozenset({"as_view"})):
        name, scope = call.keyword("template_name"), (path, function.qualname)
        if not isinstance(name, tree.Constant) or not isinstance(name.value, str) or not name.value:
            continue
        callee = evaluate(project, scope, call.func)
        if isinstance(callee, Symbol) and callee.name.startswith(("django.views.", "django.contrib.auth.views.")):
            found.append(Rendering(LOOKUP, (name.value,), Location(path, name.at), scope, (), True, False))
    return tuple(found)


def _template_names(project: Project, path: str) -> tuple[Rendering, ...]:
    """What the views of a file say in `template_name`."""
    found = []
    for name, facts in project[classes_of, path].items():
        for binding in facts.fields:
            if binding.name == "template_name":
                symbol = Symbol("class", path, name)
                value = binding.value
                above = project[view_ancestry, symbol].external
                is_view = class_facts(project, symbol) and any("django.views" in each for each in above)
                if is_view and isinstance(value, tree.Constant) and isinstance(value.value, str) and value.value:
                    at = Location(path, value.at)
                    found.append(Rendering(LOOKUP, (value.value,), at, (path, name), (), True, False))
    return tuple(found)
