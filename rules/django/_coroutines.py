"""Which of Django's callables give coroutines."""

from __future__ import annotations

from cdlint.backend.collected import provides
from cdlint.backend.coroutines import Coroutines, coroutines
from cdlint.project import Project

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
        Coroutines("django.http.HttpRequest()", ("auser",)),
    )
