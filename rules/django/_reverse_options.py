"""Names of URL patterns in settings and in options of views, which Django looks up when it redirects."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.facts import tree
from cdlint.facts.model import Class, Import
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol
from cdlint.project.classes import ancestry, functions_of, inherits, resolve_in
from cdlint.rule import Location

from ._known import Text
from ._reverse import Use
from ._settings import aside, running
from ._values import value_of

_REDIRECTS = frozenset({"django.views.generic.RedirectView", "django.views.generic.base.RedirectView"})
_MIXINS = frozenset(
    f"django.contrib.auth.mixins.{name}"
    for name in ("AccessMixin", "LoginRequiredMixin", "PermissionRequiredMixin", "UserPassesTestMixin")
)
_LOGINS = frozenset({"django.contrib.auth.views.LoginView", "django.contrib.auth.views.LogoutView"})
_OPTIONS = {"pattern_name": _REDIRECTS, "login_url": _MIXINS, "next_page": _LOGINS}
_DECORATORS = frozenset({"login_required", "permission_required", "user_passes_test"})
_OVERRIDES = frozenset(
    {"get_redirect_url", "get_login_url", "get_success_url", "get_next_page", "get_default_redirect_url"}
)
_GUARDS = frozenset(
    {"AccessMixin", "LoginRequiredMiddleware", "LoginRequiredMixin", "PermissionRequiredMixin", "UserPassesTestMixin"}
    | {"redirect_to_login"}
    | _DECORATORS
)
_USERS = {
    "LOGIN_URL": _GUARDS,
    "LOGIN_REDIRECT_URL": frozenset({"LoginView", "django.contrib.auth.urls"}),
    "LOGOUT_REDIRECT_URL": frozenset({"LogoutView", "django.contrib.auth.urls"}),
}
"""Setting -> what of Django looks it up, by the name under which it is imported or called."""


def settings_uses(project: Project) -> tuple[Use, ...]:
    """The names that settings give for pages to redirect to, where something redirects to them."""
    found = []
    for settings in project[running].modules:
        for name, users in _USERS.items():
            value = value_of(project, settings.path, name)
            if isinstance(value, Text) and not value.why and len(value.entries) == 1 and value.entries[0].sure:
                entry = value.entries[0]
                if _is_name(entry.text) and any(project[_reads, (path, users)] for path in project.paths):
                    found.append(Use(entry.text, 0, (), f'{name} = "{entry.text}"', entry.at))
    return tuple(found)


def _is_name(text: str) -> bool:
    """Whether Django takes a text for the name of a pattern, and not for a path."""
    return bool(text) and not any(mark in text for mark in "/.*{ %#?")


def _reads(project: Project, key: tuple[str, frozenset[str]]) -> bool:
    """Whether a file uses anything that looks a setting up."""
    path, users = key
    module = project.module(path)
    if module is None or aside(path):
        return False
    if any(each.name in users for each in module.imports):
        return True
    return any(
        call.rpartition(".")[2] in users or _of_view(call) in users for f in module.functions for call in f.calls
    )


def _of_view(call: str) -> str:
    return call.removesuffix(".as_view").rpartition(".")[2] if call.endswith(".as_view") else ""


def option_uses(project: Project, path: str) -> tuple[Use, ...]:
    """The names that a file gives as options of views: `pattern_name`, `login_url`, `next_page`."""
    module = project.module(path)
    if module is None or aside(path) or not any(_brings(each) for each in module.imports):
        return ()
    found = [use for cls in module.classes if cls.fields for use in _of_class(project, path, cls)]
    for function in module.functions:
        if any(function.mentions(option) for option in _OPTIONS):
            found += _of_calls(project, path, function.qualname, function.body)
        if function.decorator_codes:
            found += _of_calls(project, path, function.parent, function.decorators)
    for cls in module.classes:
        if cls.decorator_codes:
            found += _of_calls(project, path, cls.parent, cls.decorators)
    return tuple(found)


def _brings(each: Import) -> bool:
    """Whether an import may bring a view or decorator that takes such an option."""
    named = each.name or each.module
    return named in _GUARDS or named.endswith(("View", "views", "generic", "Mixin", "decorators"))


def _of_class(project: Project, path: str, cls: Class) -> Iterator[Use]:
    for field in cls.fields:
        owners = _OPTIONS.get(field.name)
        value = field.value if owners is not None and field.kind == "assign" else None
        if owners is None or not isinstance(value, tree.Constant):
            continue
        view = Symbol("class", path, cls.qualname)
        if inherits(project, view, owners) and _overrides_nothing(project, view):
            yield from _use(path, field.name, value)


def _overrides_nothing(project: Project, view: Symbol) -> bool:
    """Whether a class and those above it leave it to Django what the option means."""
    return all(
        function.name not in _OVERRIDES or function.owner != owner.name or function.mentions("super")
        for owner in project[ancestry, view].first_party
        for function in project[functions_of, owner.path].values()
    )


def _of_calls(project: Project, path: str, scope: str, nodes: tuple[Node, ...]) -> Iterator[Use]:
    for call in tree.calls(*nodes):
        if not isinstance(call.func, tree.Path):
            continue
        for keyword in call.keywords:
            owners = _OPTIONS.get(keyword.name or "")
            if owners is None or not isinstance(keyword.value, tree.Constant):
                continue
            if call.func.last == "as_view":
                owner = resolve_in(project, path, scope, call.func.text.rpartition(".")[0])
                fits = _is_one(project, owner, owners)
            else:
                answer = resolve_in(project, path, scope, call.func.text)
                fits = keyword.name == "login_url" and _is_decorator(answer)
            if fits:
                yield from _use(path, str(keyword.name), keyword.value)


def _is_one(project: Project, answer: Answer, owners: frozenset[str]) -> bool:
    if not isinstance(answer, Symbol):
        return False
    return answer.name in owners if answer.kind == "external" else inherits(project, answer, owners)


def _is_decorator(answer: Answer) -> bool:
    return (
        isinstance(answer, Symbol)
        and answer.name.startswith("django.contrib.auth.decorators.")
        and answer.last in _DECORATORS
    )


def _use(path: str, option: str, value: tree.Constant) -> Iterator[Use]:
    if isinstance(value.value, str) and _is_name(value.value):
        # Which arguments come with it is known when a request comes: those of its own pattern.
        given = None if option == "pattern_name" else 0
        named = None if option == "pattern_name" else ()
        yield Use(value.value, given, named, f'{option}="{value.value}"', Location(path, value.at))
