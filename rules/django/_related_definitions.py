"""What is wrong with the relations and the `Meta` of a model, as Django's own checks would say at the start."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Binding
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts, classes_of, resolve_in
from cdlint.project.imports import importers
from cdlint.project.places import is_aside
from cdlint.rule import Location

from ._apps import installed
from ._lookups import may_lack, missing
from ._query_graph import Reverse, by_name, info, labels_in, resolved, reverses
from ._query_models import USER, Field, declared, field_class, model_classes, model_files
from ._settings import running

_CORE = frozenset(f"django.db.models.{name}" for name in ("ForeignKey", "OneToOneField", "fields.related.ForeignKey"))


class Invalid(NamedTuple):
    """`why`: `deletion`, `null`, `default`, `target`, `clash`, `rival`, `hides` or `meta`."""

    why: str
    model: Symbol
    name: str
    detail: str
    at: Location
    other: Location | None = None


def models_to_check(project: Project) -> tuple[Symbol, ...]:
    """The models of the repository; tests are left out."""
    return tuple(
        symbol for path in project[model_files] if not is_aside(path) for symbol in project[model_classes, path]
    )


def invalid_definitions(project: Project, symbol: Symbol) -> tuple[Invalid, ...]:
    """What is wrong with a model."""
    facts = class_facts(project, symbol)
    if facts is None:
        return ()
    found: list[Invalid] = []
    fields = {field.name: field for field in project[declared, symbol].fields}
    for binding in facts.fields:
        field = fields.get(binding.name)
        if field is not None and field.kind in ("key", "one", "many") and isinstance(binding.value, tree.Call):
            found.extend(_relation(project, symbol, binding, field, binding.value))
    found.extend(_meta(project, symbol))
    return tuple(dict.fromkeys(found))


def _relation(project: Project, symbol: Symbol, binding: Binding, field: Field, call: tree.Call) -> Iterator[Invalid]:
    at = Location(symbol.path, binding.at)
    names = project[field_class, (symbol.path, binding.callee)]
    if len(names) == 1 and names[0] in _CORE and not any(each.name is None for each in call.keywords):
        deletion = call.argument(1, "on_delete")
        if deletion is None and len(call.args) < 2 and project[says_deletion]:
            yield Invalid("deletion", symbol, field.name, "", at)
        last = getattr(deletion, "last", "")
        if last == "SET_NULL" and not _is_true(call.keyword("null")):
            yield Invalid("null", symbol, field.name, "", at)
        if last == "SET_DEFAULT" and not {"default", "db_default"} & {each.name for each in call.keywords}:
            yield Invalid("default", symbol, field.name, "", at)
    core = len(names) == 1 and names[0].startswith("django.db.models.")
    if (
        core
        and isinstance(field.target, str)
        and isinstance(call.argument(0, "to"), tree.Constant)
        and _is_loaded(project, symbol.path)
        and _is_nowhere(project, symbol, field.target)
    ):
        yield Invalid("target", symbol, field.name, field.target, at)
    elif core and not project[declared, symbol].abstract:
        yield from _clash(project, symbol, field, at)


def says_deletion(project: Project) -> bool:
    """Whether most relations of the project say `on_delete`: it could be left out before Django 2."""
    said = total = 0
    for symbols in project[by_name].values():
        for symbol in symbols:
            facts = class_facts(project, symbol)
            for binding in facts.fields if facts is not None else ():
                if binding.callee.rpartition(".")[2] in ("ForeignKey", "OneToOneField"):
                    call = binding.value
                    total += 1
                    said += isinstance(call, tree.Call) and (
                        len(call.args) > 1 or call.keyword("on_delete") is not None
                    )
    return said * 2 >= total - 1


def _is_true(node: Node | None) -> bool:
    return node is not None and not (isinstance(node, tree.Constant) and not node.value)


def _is_nowhere(project: Project, symbol: Symbol, target: str) -> bool:
    """Whether no model of the repository has a name that can only be one of the repository."""
    label, _, name = target.rpartition(".")
    if target in ("self", USER) or not name.isidentifier() or name.lower() in project[class_names]:
        return False
    if label:
        return label in project[own_labels]
    if project[declared, symbol].abstract or "%" in target:
        return False
    near = resolve_in(project, symbol.path, "", name)
    return not (isinstance(near, Symbol) and near.kind != "variable")


def _is_loaded(project: Project, path: str) -> bool:
    """Whether the file of a model runs at all: Django loads `models`, and that what it imports."""
    parts = path.removesuffix(".py").split("/")
    return parts[-1] == "models" or parts[-2:] == ["models", "__init__"] or bool(project[importers].get(path))


def class_names(project: Project) -> frozenset[str]:
    """The names of all classes, models or not, in lowercase: one of unknown bases may be a model."""
    return frozenset().union(*[project[_class_names_in, path] for path in project.paths])


def _class_names_in(project: Project, path: str) -> tuple[str, ...]:
    module = project.module(path)
    return tuple([each.name.lower() for each in module.classes]) if module is not None else ()


def own_labels(project: Project) -> frozenset[str]:
    """The labels of the apps that hold models: those that are said, else the names of the folders."""
    found: set[str] = set()
    for symbols in project[by_name].values():
        for symbol in symbols:
            parts = symbol.path.split("/")
            at = next((i for i, part in enumerate(parts) if part in ("models", "models.py")), 0)
            if at > 0 and not project[declared, symbol].label:
                said = [project[labels_in, "/".join((*parts[:at], name))] for name in ("apps.py", "__init__.py")]
                found |= frozenset().union(*said) or {parts[at - 1]}
    return frozenset(found)


def _clash(project: Project, symbol: Symbol, field: Field, at: Location) -> Iterator[Invalid]:
    """Two relations that give the same name at their target, or one that takes the name of a field."""
    target = resolved(project, symbol, field.target)
    if target is None or not field.mirrored or (target == symbol and field.kind == "many"):
        return
    group = project[reverses].get(target, ())
    mine = next((each for each in group if each.source == symbol and each.field == field.name), None)
    if mine is None or "*" in mine.accessor + mine.query:
        return
    known = [each for each in group if each.source == symbol and each != mine]
    other = next((each for each in known if each.accessor == mine.accessor or each.query == mine.query), None)
    if other is not None and not _self_many(project, symbol, other) and _is_core(project, symbol, other.field):
        yield Invalid("clash", symbol, field.name, mine.accessor, at, _place(project, symbol, other.field))
        return
    rival = next((each for each in group if _is_rival(project, mine, each)), None)
    if rival is not None:
        yield Invalid("rival", symbol, field.name, mine.accessor, at, _place(project, rival.source, rival.field))
    elif isinstance(target, Symbol):
        for each in project[declared, target].fields:
            if each.name in (mine.accessor, mine.query) and each.kind != "open":
                yield Invalid("hides", symbol, field.name, each.name, at, _place(project, target, each.name))


def _is_rival(project: Project, mine: Reverse, other: Reverse) -> bool:
    """Whether another model, installed as well, gives the target the same name, says so, and has the better claim."""
    if other.accessor != mine.accessor or other.source == mine.source or _claim(other) <= _claim(mine):
        return False
    if not all(_says_name(project, each) for each in (mine, other)):
        return False
    running_apps = [project[installed, each.path] for each in project[running].modules]
    paths = (mine.source.path, other.source.path)
    return bool(running_apps) and all(each.covers(path) for each in running_apps for path in paths)


def _claim(reverse: Reverse) -> tuple[float, str, str]:
    """How much the name at the target is that of the model itself, and where it stands."""
    alike = SequenceMatcher(None, reverse.source.last.lower(), reverse.accessor).ratio()
    return alike, reverse.source.path, reverse.source.name


def _says_name(project: Project, reverse: Reverse) -> bool:
    """Whether a relation that stands in a model itself has a `related_name` in so many words."""
    facts = class_facts(project, reverse.source)
    calls = [each.value for each in facts.fields if each.name == reverse.field] if facts is not None else []
    given = [call.keyword("related_name") for call in calls if isinstance(call, tree.Call)]
    return (
        len(calls) == 1
        and not project[declared, reverse.source].abstract
        and _is_core(project, reverse.source, reverse.field)
        and any(isinstance(each, tree.Constant) and each.value == reverse.accessor for each in given)
    )


def _is_core(project: Project, symbol: Symbol, name: str) -> bool:
    """Whether a relation is of Django's own class: others may choose the name at the target themselves."""
    for owner in project[ancestry, symbol].first_party:
        facts = class_facts(project, owner)
        for binding in facts.fields if facts is not None else ():
            if binding.name == name:
                return len(project[field_class, (owner.path, binding.callee)]) == 1
    return False


def _self_many(project: Project, symbol: Symbol, reverse: Reverse) -> bool:
    return any(
        each.name == reverse.field and each.kind == "many" and each.target == "self"
        for each in project[declared, symbol].fields
    )


def _place(project: Project, symbol: Symbol, name: str) -> Location | None:
    facts = class_facts(project, symbol)
    return next((Location(symbol.path, each.at) for each in facts.fields if each.name == name), None) if facts else None


# Meta


def _meta(project: Project, symbol: Symbol) -> Iterator[Invalid]:
    meta = project[classes_of, symbol.path].get(f"{symbol.name}.Meta")
    if meta is None or project[declared, symbol].abstract:
        return
    known = project[info, symbol]
    for binding in meta.fields:
        if binding.name not in ("ordering", "unique_together", "index_together", "indexes", "constraints"):
            continue
        for text, at in _listed(binding.name, binding.value):
            name = text.lstrip("-+")
            place = Location(symbol.path, at)
            if name in ("?", "") or "%" in name:
                continue
            if binding.name == "ordering":
                lacking = missing(project, symbol, name)
                if lacking is not None and lacking.kind == "name":
                    yield Invalid("meta", symbol, binding.name, name, place)
            elif name not in known.names and may_lack(project, known, name):
                yield Invalid("meta", symbol, binding.name, name, place)


def _listed(option: str, node: Node | None) -> Iterator[tuple[str, At]]:
    if not isinstance(node, tree.Sequence):
        return
    for item in node.items:
        if option in ("indexes", "constraints"):
            fields = item.keyword("fields") if isinstance(item, tree.Call) else None
            named = getattr(getattr(item, "func", None), "last", "")
            if isinstance(fields, tree.Sequence) and named in ("Index", "UniqueConstraint", "GinIndex", "BTreeIndex"):
                yield from _texts(fields)
        elif isinstance(item, tree.Sequence):
            yield from _texts(item)
        elif isinstance(item, tree.Constant) and isinstance(item.value, str):
            yield item.value, item.at


def _texts(node: tree.Sequence) -> Iterator[tuple[str, At]]:
    for item in node.items:
        if isinstance(item, tree.Constant) and isinstance(item.value, str):
            yield item.value, item.at
