"""Which of Django's callables give coroutines."""

from __future__ import annotations

from cdlint.backend.collected import provides
from cdlint.backend.coroutines import Coroutines, coroutine_calls, coroutines
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_member, function_facts
from cdlint.project.memo import CyclicFact

from ._querysets import Place, Use, trace
from ._querysets_managers import method
from ._querysets_values import One, Rows

_QUERIES = (
    "aaggregate",
    "abulk_create",
    "abulk_update",
    "acontains",
    "acount",
    "acreate",
    "adelete",
    "aearliest",
    "aexists",
    "aexplain",
    "afirst",
    "aget",
    "aget_or_create",
    "ain_bulk",
    "alast",
    "alatest",
    "aupdate",
    "aupdate_or_create",
)
_INSTANCES = ("adelete", "afull_clean", "arefresh_from_db", "asave")
_MANAGERS = (
    "django.db.models.Model.objects",
    "django.db.models.Model._default_manager",
    "django.db.models.Manager()",
    "django.db.models.manager.Manager()",
    "django.db.models.QuerySet()",
    "django.db.models.query.QuerySet()",
)


@provides(coroutines)
def django_coroutines(project: Project) -> tuple[Coroutines, ...]:
    """The `a...` methods of querysets and instances, and the asynchronous shortcuts."""
    return (
        *(Coroutines(owner, _QUERIES, chained=True) for owner in _MANAGERS),
        Coroutines("django.db.models.Model()", _INSTANCES),
        Coroutines("django.db.models.base.Model()", _INSTANCES),
        Coroutines("django.shortcuts", ("aget_list_or_404", "aget_object_or_404")),
        Coroutines("django.contrib.auth", ("aauthenticate", "aget_user", "alogin", "alogout")),
        *(
            Coroutines(f"channels.generic.websocket.{name}()", ("accept", "close", "send", "send_json"))
            for name in ("AsyncWebsocketConsumer", "AsyncJsonWebsocketConsumer")
        ),
        Coroutines("django.http.HttpRequest()", ("auser",)),
    )


@provides(coroutine_calls)
def queries_to_await(project: Project, function: Symbol) -> frozenset[At]:
    """The calls of a function on rows and instances whose result has to be awaited."""
    try:
        traced = project[trace, Place(function.path, function.name)]
    except CyclicFact:
        return frozenset()
    own = [at for at, called in traced.own if _is_async(project, called)]
    return frozenset((*own, *[use.call.at for use in traced.uses if _gives_coroutine(project, use)]))


def _gives_coroutine(project: Project, use: Use) -> bool:
    if isinstance(use.on, Rows):
        own = method(project, use.on, use.method)
        return use.method in _QUERIES if own is None else _is_async(project, own)
    if isinstance(use.on, One) and isinstance(use.on.model, Symbol):
        own_member = project[class_member, (use.on.model, use.method)]
        if isinstance(own_member, Symbol) and own_member.kind == "function":
            return _is_async(project, own_member)
        return use.method in _INSTANCES
    return False


def _is_async(project: Project, function: Symbol) -> bool:
    facts = function_facts(project, function)
    return facts is not None and facts.is_async and not facts.is_generator and not facts.decorator_codes
