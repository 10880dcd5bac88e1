"""Uses of Django's own user model in a project that has replaced it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function, Module
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import resolve_in
from cdlint.project.names import resolve
from cdlint.rule import Location

from ._known import Entry, Text
from ._settings import aside, running
from ._values import value_of

_USER = "django.contrib.auth.models.User"
_RELATIONS = ("ForeignKey", "OneToOneField", "ManyToManyField", "ParentalKey", "ParentalManyToManyField")
_MANAGERS = (".objects", "._default_manager", "._base_manager")


class Hard(NamedTuple):
    """A use of `User`: `query`, `relation`, `form`. `setting` is where another model is chosen."""

    why: str
    at: Location
    chosen: str
    setting: Location


def hardcoded(project: Project) -> tuple[Hard, ...]:
    """The first use in each file that breaks, since `AUTH_USER_MODEL` is another model."""
    entries = [entry for settings in project[running].modules if (entry := _chosen(project, settings.path)) is not None]
    if not entries or len(entries) != len(project[running].modules) or project[running].why:
        return ()
    if any(entry.text == "auth.User" for entry in entries):
        return ()
    found = []
    for path in project.paths:
        if not aside(path) and "/migrations/" not in path:
            for why, at in project[user_uses, path]:
                found.append(Hard(why, Location(path, at), entries[0].text, entries[0].at))
    return tuple(found)


def _chosen(project: Project, settings: str) -> Entry | None:
    """`AUTH_USER_MODEL` of a settings module, when it is certain."""
    value = value_of(project, settings, "AUTH_USER_MODEL")
    if isinstance(value, Text) and len(value.entries) == 1 and not value.why and "*" not in value.entries[0].text:
        return value.entries[0]
    return None


def user_uses(project: Project, path: str) -> tuple[tuple[str, At], ...]:
    """Where a file queries `User`, relates to it or makes a form of it; one place for each way."""
    module = project.module(path)
    if module is None:
        return ()
    aliases = _aliases(project, path, module)
    found: dict[str, At] = {}
    for why, at in (*_relations(project, path, module, aliases), *_queries(module, aliases)):
        found.setdefault(why, at)
    return tuple(found.items())


def _aliases(project: Project, path: str, module: Module) -> frozenset[str]:
    """The names under which a file has `User`, alone or behind its module."""
    found = set()
    for each in module.imports:
        if each.kind == "type-only":
            continue
        if each.name == "User":
            answer = project[resolve, (path, each.alias)] if not each.scope else None
            named = answer.name if isinstance(answer, Symbol) and answer.kind == "external" else ""
            if named == _USER or (each.scope and f"{each.module}.User" == _USER):
                found.add(each.alias)
        elif each.module == "django.contrib.auth" and each.name == "models":
            found.add(f"{each.alias}.User")
        elif each.module == "django.contrib.auth.models" and each.name is None:
            found.add("django.contrib.auth.models.User")
    return frozenset(found)


def _relations(project: Project, path: str, module: Module, aliases: frozenset[str]) -> Iterator[tuple[str, At]]:
    """Relations to `User` or `"auth.User"`, and forms and serializers whose `Meta.model` it is."""
    for owner in module.classes:
        for field in owner.fields:
            if field.callee.rpartition(".")[2] in _RELATIONS:
                call = field.value
                given = call.argument(0, "to") if isinstance(call, tree.Call) else None
                text = given.value if isinstance(given, tree.Constant) else None
                if given is not None and (text == "auth.User" or getattr(given, "text", "") in aliases):
                    callee = resolve_in(project, path, owner.qualname, field.callee)
                    if isinstance(callee, Symbol) and callee.name.startswith(("django.db.models.", "modelcluster.")):
                        yield "relation", given.at
            elif field.name == "model" and owner.name == "Meta" and aliases:
                model = field.value
                if isinstance(model, tree.Path) and model.text in aliases:
                    yield "form", model.at


def _queries(module: Module, aliases: frozenset[str]) -> Iterator[tuple[str, At]]:
    """`User.objects...`, which the replaced model does not have."""
    for function in module.functions if aliases else ():
        if not any(function.mentions(alias + manager) for alias in aliases for manager in _MANAGERS):
            continue
        rebound = _rebound(function, aliases)
        for node in function.nodes:
            if isinstance(node, tree.Path) and node.root not in rebound:
                for alias in aliases:
                    if node.text.startswith(tuple(f"{alias}{manager}." for manager in _MANAGERS)):
                        yield "query", node.at


def _rebound(function: Function, aliases: frozenset[str]) -> frozenset[str]:
    """The names that a function gives another meaning: `User = get_user_model()`."""
    return frozenset(function.binds) & aliases if function.qualname else frozenset()
