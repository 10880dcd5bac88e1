"""What instances of models, their managers and querysets surely do not have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import self_assignments
from cdlint.project.classes import ancestry, class_facts, classes_of
from cdlint.project.places import is_aside

from ._annotated import annotated_names, fetched_names
from ._lookups import added_names, unplaced
from ._query_graph import Model, children, info, user_model
from ._query_models import declared
from ._querysets_managers import manager, method
from ._querysets_names import path_value
from ._querysets_values import One, Rows, Value

if TYPE_CHECKING:
    from ._querysets import Tracer

_BASES = ("django.db.models.", "django.contrib.gis.db.models.", "builtins.object", "abc.ABC", "typing.")
_OF_INSTANCES = frozenset(
    {"save", "asave", "save_base", "delete", "adelete", "full_clean", "clean", "clean_fields", "validate_unique",
     "validate_constraints", "objects", "refresh_from_db", "arefresh_from_db", "from_db", "serializable_value",
     "prepare_database_save", "get_deferred_fields", "check", "date_error_message", "unique_error_message",
     "get_constraints", "add_to_class", "pk", "id", "DoesNotExist", "MultipleObjectsReturned", "NotUpdated", "Meta",
     "mro"}
)  # fmt: skip
_OF_ROWS = frozenset(
    {"all", "filter", "exclude", "get", "create", "first", "last", "count", "exists", "update", "delete", "order_by",
     "reverse", "distinct", "using", "none", "iterator", "defer", "only", "extra", "select_related",
     "prefetch_related", "annotate", "alias", "union", "intersection", "difference", "complex_filter",
     "select_for_update", "earliest", "latest", "aggregate", "bulk_create", "bulk_update", "in_bulk",
     "get_or_create", "update_or_create", "values", "values_list", "dates", "datetimes", "raw", "contains",
     "explain", "as_manager", "resolve_expression", "query", "db", "model", "ordered", "fetch_mode",
     "totally_ordered", "add", "set", "remove", "clear", "get_queryset", "db_manager", "contribute_to_class",
     "deconstruct", "check", "name", "auto_created", "creation_counter", "use_in_migrations", "from_queryset",
     "get_prefetch_querysets", "get_prefetch_queryset", "through", "core_filters", "instance", "field", "aiterator",
     "copy", "related_val", "reverse_name", "source_field", "create_user", "create_superuser", "acreate_user",
     "acreate_superuser", "with_perm", "normalize_email", "make_random_password", "get_by_natural_key",
     "aget_by_natural_key", "get_for_model", "get_for_models", "get_for_id", "clear_cache", "get_current",
     "select_subclasses", "instance_of", "get_subclass", "annotate_with_subclass", "prefetch_related_objects",
     "get_page", "page", "page_range", "num_pages", "per_page", "validate_number", "object_list",
     "get_elided_page_range", "orphans", "paginator", "has_next", "has_previous", "has_other_pages",
     "next_page_number", "previous_page_number", "start_index", "end_index", "number", "get_queryset_descendants",
     "get_queryset_ancestors", "disable_mptt_updates", "delay_mptt_updates", "rebuild", "partial_rebuild",
     "insert_node", "move_node", "root_node", "root_nodes", "add_related_count", "tree_model", "build_tree_nodes"}
)  # fmt: skip
"""What managers, querysets and pages of Django have, with those of its own apps and of well known packages."""


def note_read(tracer: Tracer, text: str, at: At) -> None:
    """Note the first attribute of a dotted name that an instance does not have."""
    parts = text.split(".")
    for index in range(1, len(parts)):
        prefix = ".".join(parts[:index])
        owner = path_value(tracer.project, tracer.place.path, tracer.function, tracer.env, prefix)
        if note_step(tracer, owner, parts[index], at) or owner is None:
            return


def note_step(tracer: Tracer, owner: Value, name: str, at: At) -> bool:
    """Note an attribute if an instance does not have it, and say so."""
    absent = isinstance(owner, One) and "*" not in owner.names and is_absent(tracer.project, owner.model, name)
    if isinstance(owner, One) and absent:
        tracer.sets.append((owner, name, at))
    return absent


def is_absent(project: Project, model: Model, name: str) -> bool:
    """Whether instances of a model surely have no attribute of a name, whatever queries add."""
    if not isinstance(model, Symbol) or name.startswith("_") or name in _OF_INSTANCES or model == project[user_model]:
        return False
    known = project[_names, model]
    if known is None or name in known or name.startswith(("get_next_by_", "get_previous_by_")):
        return False
    if name.startswith(("get_", "set_")) and name.endswith(("_display", "_order")):
        return False
    return not any(each in name for each in project[_unknown_fields, model]) and name not in project[_added]


def _added(project: Project) -> frozenset[str]:
    return project[annotated_names] | project[fetched_names] | frozenset((*project[added_names], *project[unplaced]))


def _unknown_fields(project: Project, model: Symbol) -> frozenset[str]:
    """The fields of types that may bring other attributes along."""
    names = project[info, model].names.items()
    return frozenset(query for query, each in names if each.kind == "open" or (each.kind == "column" and not each.type))


def _names(project: Project, model: Symbol) -> frozenset[str] | None:
    """All attributes of a model's instances, and of those of its children; None when there may be others.

    What an abstract model reads of itself may be its children's.
    """
    found: set[str] = set()
    for each in (model, *project[children].get(model, ())):
        known, above = project[info, each], project[ancestry, each]
        if (
            not known.complete
            or above.unknown
            or project[declared, each].abstract
            or not all(name.startswith(_BASES) for name in above.external)
        ):
            return None
        found.update(known.attributes)
        found.update(each.accessor or query for query, each in known.names.items())
        for owner in above.first_party:
            own = project[_own, owner]
            if own is None:
                return None
            found |= own
            found.update(child.last.lower() for child in project[children].get(owner, ()))
    return frozenset(found)


def _own(project: Project, cls: Symbol) -> frozenset[str] | None:
    facts = class_facts(project, cls)
    if facts is None or facts.decorator_codes or facts.keywords:
        return None
    if not {"__getattr__", "__getattribute__", "__init_subclass__", "__new__"}.isdisjoint(facts.methods):
        return None
    inner = (each.name for each in project[classes_of, cls.path].values() if each.parent == cls.name)
    named = (each.name for each in facts.fields)
    return frozenset((*facts.methods, *named, *inner, *project[self_assignments, cls]))


def lacks_method(project: Project, rows: Rows, name: str) -> bool:
    """Whether the manager or queryset of rows surely has no method of a name."""
    if (
        name.startswith("_")
        or name in _OF_ROWS
        or name.removeprefix("a") in _OF_ROWS
        or rows.form
        or rows.combined
        or rows.vague
    ):
        return False
    if not isinstance(rows.model, Symbol) or rows.model == project[user_model]:
        return False
    # What a manager asks first may be rows of any class, with the methods of that.
    if rows.loose and method(project, rows, "get_queryset") is not None:
        return False
    # The class of a manager may be joined with that of a queryset where the model makes it.
    joined = project[_all_managers, rows.model] if rows.managers else ()
    return all(project[_is_without, (cls, name)] for cls in (*rows.managers, *joined))


def _all_managers(project: Project, model: Symbol) -> tuple[Symbol, ...]:
    """The classes of all managers of a model."""
    found: dict[Symbol, None] = {}
    for owner in project[ancestry, model].first_party:
        facts = class_facts(project, owner)
        for binding in facts.fields if facts is not None else ():
            rows = project[manager, (model, binding.name)] if binding.callee else None
            found.update(dict.fromkeys(rows.managers if rows is not None else ()))
    return tuple(found)


def _is_without(project: Project, key: tuple[Symbol, str]) -> bool:
    """Whether a manager class has only methods that are written, and none of this name."""
    cls, name = key
    above = project[ancestry, cls]
    if any(each != "a computed base" for each in above.unknown):
        return False
    names = [project[_own, owner] for owner in above.first_party]
    return all(each is not None and name not in each and "__call__" not in each for each in names)


def is_set(project: Project, name: str) -> bool:
    """Whether some code gives an object an attribute of a name."""
    return any(project[_is_set_in, (path, name)] for path in project.paths if not is_aside(path))


def _is_set_in(project: Project, key: tuple[str, str]) -> bool:
    path, name = key
    module = project.module(path)
    functions = module.functions if module is not None else ()
    return any(each.mentions(name) and any(text == name for text in _set(each)) for each in functions)


def _set(function: Function) -> Iterator[str]:
    for node in function.nodes:
        if isinstance(node, tree.Assign):
            targets: tuple[tree.Node, ...] = node.targets
        elif isinstance(node, (tree.For, tree.Generator, tree.AugAssign)):
            targets = (node.target,)
        elif isinstance(node, tree.With):
            targets = tuple(target for _, target in node.items if target is not None)
        else:
            if isinstance(node, tree.Call) and getattr(node.func, "last", "") in ("setattr", "add_to_class"):
                yield from (each.value for each in node.args if isinstance(each, tree.Constant))
            continue
        yield from (each.last for each in tree.walk(*targets) if isinstance(each, tree.Path) and "." in each.text)
