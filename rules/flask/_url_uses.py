"""Where code and templates ask Flask for the URL of an endpoint, and what is wrong with that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.templates import JINJA, lookups, template, template_files
from cdlint.backend.wiring import HIDDEN
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import called_names, calls_of
from cdlint.project.constants import fold
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._asking import asking
from ._endpoints import Endpoint, Names, names, registrations, variables
from ._templates import LOOKUP, flask_lookups
from ._watch import APPLICATIONS

_MAKERS = frozenset(
    {f"{module}.url_for" for module in ("flask", "flask.helpers", "quart", "quart.helpers", "apiflask")}
    | {f"{name}.url_for" for name in ("flask.current_app", "flask.globals.current_app")}
    | {f"{name}().url_for" for name in APPLICATIONS}
)
_LOGIN = frozenset(
    {f"flask_login.{module}LoginManager().{name}" for module in ("", "login_manager.")
     for name in ("login_view", "refresh_view")}
)  # fmt: skip
_WRAPPERS = frozenset(
    {"wrapper", "inner", "wrapped", "decorated", "decorated_function", "decorator", "decorated_view", "wrap", "view",
     "_wrapper", "_inner", "_wrapped", "f", "func", "fn"}
)  # fmt: skip
"""What functions inside decorators are called: where one hides the name of its view, this may be an endpoint."""


_EXPOSERS = frozenset({"expose", "expose_plugview", "expose_api", "route", "action"})
_FILLERS = frozenset({"url_defaults", "app_url_defaults"})


class UrlUse(NamedTuple):
    """An endpoint that is asked for by a name that is known, with the keywords that it is given."""

    at: Location
    name: str
    keywords: tuple[str, ...]
    open: bool
    scope: str
    """The function that asks, `""` for a template and for code outside of functions."""


def url_uses(project: Project) -> tuple[UrlUse, ...]:
    """All places that ask for an endpoint by name."""
    if not project[names].endpoints:
        return ()
    found = [each for path in project.paths if not is_aside(path) for each in project[_in_code, path]]
    if any(each.key == LOOKUP for each in project[lookups]) and not any(project[_overrides, p] for p in project.paths):
        roots = tuple(f"{root}/" for lookup in project[flask_lookups] for root in lookup.roots)
        for path, language in project[template_files]:
            if language == JINJA and path.startswith(roots) and not is_aside(path):
                found.extend(project[_in_template, path])
    return tuple(found)


def _in_code(project: Project, path: str) -> tuple[UrlUse, ...]:
    module = project.module(path)
    found: list[UrlUse] = []
    for function in module.functions if module else ():
        if any(each.rpartition(".")[2] == "url_for" for each in function.calls):
            found.extend(_calls(project, path, function))
        if function.mentions("login_view") or function.mentions("refresh_view"):
            found.extend(_login_views(project, path, function))
    return tuple(found)


def _calls(project: Project, path: str, function: Function) -> Iterator[UrlUse]:
    scope = (path, function.qualname)
    for call in function.call_nodes:
        if getattr(call.func, "last", "") != "url_for":
            continue
        callee = evaluate(project, scope, call.func)
        if not isinstance(callee, Symbol) or callee.name not in _MAKERS:
            continue
        given = call.argument(0, "endpoint")
        name = fold(project, scope, given, infer=False)
        if given is not None and isinstance(name, str):
            keywords = tuple(each.name for each in call.keywords if each.name and not _is_none(each.value))
            loose = any(each.name is None for each in call.keywords)
            yield UrlUse(Location(path, given.at), name, keywords, loose, function.qualname)


def _is_none(node: tree.Node) -> bool:
    return isinstance(node, tree.Constant) and node.value is None


def _login_views(project: Project, path: str, function: Function) -> Iterator[UrlUse]:
    """`login_manager.login_view = "auth.login"`."""
    for node in function.nodes:
        if not isinstance(node, tree.Assign) or not isinstance(node.value, tree.Constant):
            continue
        target, value = node.targets[0], node.value
        named = isinstance(target, tree.Path) and target.last in ("login_view", "refresh_view")
        if not named or not isinstance(value.value, str) or value.value.startswith(("/", "http://", "https://")):
            continue
        answer = evaluate(project, (path, function.qualname), target)
        if isinstance(answer, Symbol) and answer.name in _LOGIN and value.value:
            yield UrlUse(Location(path, value.at), value.value, (), True, "")


def _in_template(project: Project, path: str) -> tuple[UrlUse, ...]:
    return tuple(
        UrlUse(Location(path, each.at), each.name, each.keywords, each.open, "")
        for each in project[template, (path, JINJA)].urls
        if each.callee == "url_for" and each.name
    )


def _overrides(project: Project, path: str) -> bool:
    """Whether a file gives templates a `url_for` of its own."""
    module = None if is_aside(path) else project.module(path)
    for function in module.functions if module else ():
        marks = [getattr(each, "last", "") for each in function.decorators] if function.decorator_codes else []
        if any(mark.endswith(("context_processor", "template_global")) for mark in marks):
            if function.mentions("url_for") or function.name == "url_for":
                return True
        elif function.mentions("jinja_env") and function.mentions("url_for"):
            return True
    return False


def _spelled(project: Project) -> frozenset[str]:
    """The endpoints that calls of `add_url_rule` write out, those among them whose receiver nobody can tell."""
    return frozenset(name for path in project.paths for name in project[_spelled_in, path])


def _spelled_in(project: Project, path: str) -> frozenset[str]:
    calls = calls_of(project, path, frozenset({"add_url_rule"})) if not is_aside(path) else ()
    given = (call.argument(1, "endpoint") for function, call in calls if function.qualname)
    return frozenset(each.value for each in given if isinstance(each, tree.Constant) and isinstance(each.value, str))


def _exposed(project: Project) -> frozenset[str]:
    """The names of methods that their decorators make views of, as those of Flask-Admin do."""
    return frozenset(name for path in project.paths for name in project[_exposed_in, path])


def _exposed_in(project: Project, path: str) -> frozenset[str]:
    module = None if is_aside(path) else project.module(path)
    return frozenset(
        function.name
        for function in (module.functions if module else ())
        if function.owner and function.decorator_codes
        if any(getattr(mark.func if isinstance(mark, tree.Call) else mark, "last", "") in _EXPOSERS
               for mark in function.decorators)
    )  # fmt: skip


def is_unknown(project: Project, use: UrlUse) -> bool:
    """Whether it is sure that no endpoint has the name."""
    meant = project[whole_names, use]
    if meant:
        return all(_is_unknown(project, name) for name in meant)
    known, last = project[names], use.name.rpartition(".")[2]
    if last in _WRAPPERS or last in project[_spelled] or last in project[_exposed]:
        return False
    # `.name` is one of the blueprint that answers the request, which may be any.
    return not project[_builds_from_objects] and _no_relative(known, last, use.at.path.endswith(".py"))


def _builds_from_objects(project: Project) -> bool:
    """Whether objects of flask-resources make blueprints of themselves, with endpoints called like their methods."""
    return any("as_blueprint" in project[called_names, path] for path in project.paths if not is_aside(path))


def _is_unknown(project: Project, name: str) -> bool:
    known = project[names]
    owner, dot, last = name.rpartition(".")
    if name in project[_known] or last in _WRAPPERS or last in project[_spelled]:
        return False
    if last == "static" and owner in known.static | known.hidden:
        return False
    if not dot:
        return _no_bare(known, last)
    if owner in known.hidden:
        return False
    return owner in known.blueprints or not (known.loose or known.foreign)


def whole_names(project: Project, use: UrlUse) -> tuple[str, ...]:
    """What an endpoint is called in full: of `.name`, one for each blueprint whose views ask; none if not known."""
    if not use.name.startswith("."):
        return (use.name,)
    owners = project[asking, (use.at.path, use.scope)]
    return tuple(f"{owner}{use.name}" if owner else use.name[1:] for owner in owners)


def _no_relative(known: Names, last: str, own: bool) -> bool:
    """Whether no blueprint has such a view; those of extensions answer with templates, not with code from here."""
    if last == "static" or known.hidden or known.loose or (known.foreign and not own):
        return False
    return not any(each.name.rpartition(".")[2] == last for each in known.endpoints)


def _no_bare(known: Names, name: str) -> bool:
    if "" in known.hidden:
        return False
    return not known.foreign or any(each.name.endswith(f".{name}") for each in known.endpoints)


def _known(project: Project) -> frozenset[str]:
    """The names of all endpoints."""
    return frozenset(each.name for each in project[names].endpoints)


def lacking(project: Project, use: UrlUse) -> tuple[Endpoint, str] | None:
    """An endpoint that is asked for without a variable that each of its rules needs, and that variable."""
    if use.open or project[defaults_made]:
        return None
    meant = project[whole_names, use]
    found = [each for each in project[names].endpoints if each.name in meant]
    missing = [_missing(each, use) for each in found]
    if not found or not all(missing) or any(each.registered.more for each in found):
        return None
    return found[0], missing[0]


def _missing(endpoint: Endpoint, use: UrlUse) -> str:
    """The first variable of a rule that is not given, `""` when there is none or the rule is not known."""
    if HIDDEN in endpoint.rule:
        return ""
    given = {*use.keywords, *endpoint.registered.defaults}
    return next((each for each in variables(endpoint.rule) if each not in given), "")


def defaults_made(project: Project) -> bool:
    """Whether code fills in the variables of URLs by itself."""
    return bool(project[registrations]) and any(project[_fills, path] for path in project.paths)


def _fills(project: Project, path: str) -> bool:
    module = None if is_aside(path) else project.module(path)
    for function in module.functions if module else ():
        if function.mentions("url_default_functions") or any(
            each.rpartition(".")[2] in _FILLERS for each in function.calls
        ):
            return True
        if function.decorator_codes and any(getattr(each, "last", "") in _FILLERS for each in function.decorators):
            return True
    return False
