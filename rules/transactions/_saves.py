"""Calls that write a new row of Django at once, as they do outside a transaction."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.classes import function_facts, inherits
from cdlint.project.values import evaluate

from ._locking import is_false
from ._reach import transactions_in

_BASES = frozenset({"django.db.models.Model", "django.db.models.base.Model", "django.contrib.gis.db.models.Model"})
_CREATES = frozenset({"create", "acreate", "create_user", "bulk_create", "abulk_create"})
_SAVES = frozenset({"save", "asave"})
CREATING = (".objects.create", ".objects.acreate", ".objects.create_user", ".objects.bulk_create")
"""How most code makes a row."""
SAVING = _CREATES | _SAVES


class Saved(NamedTuple):
    """A row that is written. `name` is its local name before the call, `of` its model."""

    name: str
    of: str


def _is_model(project: Project, answer: Answer) -> bool:
    """Whether something is a model of Django."""
    return isinstance(answer, Symbol) and answer.kind == "class" and inherits(project, answer, _BASES)


def saved_in(project: Project, function: Symbol) -> dict[At, Saved]:
    """The calls in a function that certainly write a new row by themselves."""
    facts = function_facts(project, function)
    if facts is None or SAVING.isdisjoint(facts.lasts):
        return {}
    held = project[transactions_in, function]
    found = {}
    for call in facts.call_nodes:
        last = getattr(call.func, "last", "")
        if last in SAVING and not any(each.holds(call.at) for each in held):
            saved = _saved(project, (function.path, function.name), call, last)
            if saved is not None:
                found[call.at] = saved
    return found


def _saved(project: Project, scope: tuple[str, str], call: tree.Call, last: str) -> Saved | None:
    if not isinstance(call.func, tree.Path):
        return None
    owner = call.func.text.rpartition(".")[0]
    if last in _SAVES:
        model = _constructed(project, scope, owner) if "." not in owner else ""
        return Saved(owner, model) if model else None
    name, dot, _ = call.func.text.partition(".objects.")
    answer = evaluate(project, scope, tree.Path(name, call.at)) if dot else None
    return Saved("", answer.last) if isinstance(answer, Symbol) and _is_model(project, answer) else None


def _constructed(project: Project, scope: tuple[str, str], name: str) -> str:
    """The model of a local name that holds a new instance, `""` when it may be something else."""
    values = [value for value, _ in project[local_assignments, scope].get(name, ())]
    if len(values) != 1 or not isinstance(values[0], tree.Call):
        return ""
    made = values[0]
    if getattr(made.func, "last", "") == "save" and is_false(made.keyword("commit")):
        return "form"
    answer = evaluate(project, scope, made.func)
    return answer.last if isinstance(answer, Symbol) and _is_model(project, answer) else ""
