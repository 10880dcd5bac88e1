"""Lookup paths such as `author__city__icontains`: whether they lead anywhere on a model."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import called_names, calling
from cdlint.project.classes import ancestry

from ._query_graph import Info, Model, Name, children, info, reverses
from ._query_models import declared, model_files

_ADDING = frozenset({"add_to_class", "contribute_to_class"})
_CHANGING = _ADDING | {"register_lookup"}
_COMPARED = frozenset(
    {
        "exact", "iexact", "gt", "gte", "lt", "lte", "in", "contains", "icontains", "startswith",
        "istartswith", "endswith", "iendswith", "range", "isnull", "regex", "iregex",
    }
)  # fmt: skip
_RELATED = frozenset(
    {
        "exact", "in", "gt", "gte", "lt", "lte", "isnull",
    }
)  # fmt: skip
_DAY = frozenset(
    {
        "year", "iso_year", "month", "day", "week", "week_day", "iso_week_day", "quarter",
    }
)  # fmt: skip
_CLOCK = frozenset(["hour", "minute", "second"])
_TEXT = frozenset(["search", "unaccent", "trigram_similar", "trigram_word_similar", "trigram_strict_word_similar"])
_TEXTS = frozenset(["CharField", "TextField", "SlugField", "EmailField", "URLField", "FilePathField"])
_NUMBERS = frozenset(
    {
        "AutoField", "BigAutoField", "SmallAutoField", "IntegerField", "BigIntegerField",
        "SmallIntegerField", "PositiveIntegerField", "PositiveSmallIntegerField", "PositiveBigIntegerField",
        "FloatField", "DecimalField", "BooleanField", "NullBooleanField", "DurationField", "UUIDField",
        "FileField", "ImageField", "GenericIPAddressField", "BinaryField",
    }
)  # fmt: skip
_STEPS = {"DateField": _DAY, "DateTimeField": _DAY | _CLOCK | {"date", "time"}, "TimeField": _CLOCK}
MANY_KINDS = frozenset({"many", "reverse", "generic-many"})
"""The kinds of names behind which there may be several rows."""


class Missing(NamedTuple):
    """Why a path leads nowhere: the part, the model that lacks it, and what stands before it.

    `kind`: `name` (no such field), `lookup` (the field has no such lookup), `relation-lookup`.
    """

    kind: str
    part: str
    model: Model
    before: str


def missing(project: Project, model: Model, path: str, lookups: bool = True) -> Missing | None:
    """What is missing on the way of a path; None when it leads somewhere, or nobody can tell."""
    parts = path.split("__")
    current: Model = model
    through = ""
    for index, part in enumerate(parts):
        known = project[info, current]
        name = known.names.get(part)
        if name is None:
            if through and part in _RELATED and lookups:
                return None
            if not may_lack(project, known, part) or not part:
                return None
            related = bool(through) and part in _COMPARED | _TEXT and lookups
            return Missing("relation-lookup" if related else "name", part, current, through)
        if name.kind == "id" or name.kind == "pk":
            return None
        if name.kind == "column":
            return _after_column(current, part, name, parts[index + 1 :])
        if name.target is None:
            return None
        current, through = name.target, part
    return None


def _after_column(model: Model, field: str, name: Name, rest: list[str]) -> Missing | None:
    """What follows a plain column can only be transforms and a lookup."""
    if not rest or not rest[0]:
        return None
    type_ = name.type
    if type_ in _TEXTS:
        allowed = _COMPARED | _TEXT
    elif type_ in _NUMBERS:
        allowed = _COMPARED
    elif type_ in _STEPS:
        allowed = _COMPARED | _STEPS[type_]
    else:
        return None
    return None if rest[0] in allowed else Missing("lookup", rest[0], model, field)


def may_lack(project: Project, known: Info, part: str) -> bool:
    """Whether it is certain that a model has no name that is not listed."""
    if not known.complete or any("*" in name for name in known.names) or part in project[unplaced]:
        return False
    if any(part.startswith((f"{name}_", f"_{name}")) for name, each in known.names.items() if _brings_more(each)):
        return False
    if isinstance(known.model, Symbol) and project[declared, known.model].abstract:
        below = [project[info, child] for child in project[children].get(known.model, ())]
        return bool(below) and all(part not in each.names and may_lack(project, each, part) for each in below)
    if known.shared:
        return bool(near(part, known.names))
    return True


def _brings_more(name: Name) -> bool:
    """Whether a field is of a class of a package, which may add fields of similar names."""
    return name.kind == "open" or (name.kind == "column" and not name.type)


def unplaced(project: Project) -> frozenset[str]:
    """The names by which relations are known at a model that could not be told; a base that is made may bring one."""
    made = (name for path in project[model_files] for name in project[_made_in, path])
    possible = (each for name in made for each in (name, f"{name}_set"))
    return frozenset((*possible, *(each.query for each in project[reverses].get(None, ()))))


def _made_in(project: Project, path: str) -> tuple[str, ...]:
    """The lowercase names of the classes of a file that have a base of which nothing is known."""
    module = project.module(path)
    symbols = [Symbol("class", path, facts.qualname) for facts in (module.classes if module else ())]
    return tuple(symbol.last.lower() for symbol in symbols if project[ancestry, symbol].unknown)


def near(part: str, names: dict[str, Name]) -> str:
    """The name that was most likely meant, `""` when none is close."""
    from difflib import get_close_matches

    usable = [name for name in names if names[name].kind != "id" or part.endswith("_id")]
    found = get_close_matches(part, usable, 1, 0.75)
    return found[0] if found else ""


def adds_lookups(project: Project) -> bool:
    """Whether the project registers lookups or fields of its own where they do not stand in class bodies."""
    return any(not _CHANGING.isdisjoint(project[called_names, path]) for path in project.paths)


def added_names(project: Project) -> frozenset[str]:
    """The names that code adds to models from outside their classes."""
    return frozenset[str]().union(*(project[_added_in, path] for path in project.paths))


def _added_in(project: Project, path: str) -> frozenset[str]:
    """The texts that a function which adds one hands to anything, `*` for all else that it hands on."""
    given = (each for function in calling(project, path, _ADDING) for call in function.call_nodes for each in call.args)
    return frozenset(str(each.value) if isinstance(each, tree.Constant) else "*" for each in given)
