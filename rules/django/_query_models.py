"""What a model class writes in its own body, as queries see it: fields, relations, `Meta` and what hides them."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Binding, Class
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts, classes_of, functions_of, resolve_in
from cdlint.project.values import evaluate

from ._columns import MANY, ONE, RELATIONS
from ._outside_models import outside_label, outside_model

ROOTS = frozenset({"django.db.models.Model", "django.db.models.base.Model", "django.contrib.gis.db.models.Model"})
"""The spellings of `Model`."""
USER = "AUTH_USER_MODEL"
"""The target of a relation to whichever model is the user model."""
_GENERIC = {"GenericForeignKey": "generic", "GenericRelation": "generic-many"}
_CORE = ("django.db.models.", "django.contrib.postgres.fields.")
_ALONG = {"TaggableManager": "tagged_items"}
"""Fields of packages that bring another along."""
_WRT = "order_with_respect_to"
"""The option of `Meta` that gives a model a column `_order`."""
_NOT_FIELDS = ("Tracker", "Index", "Constraint", "Choices")


class Field(NamedTuple):
    """A field that a class declares.

    `kind`: `column`, `key` (to one other), `one` (one to one), `many`, `generic`, `generic-many`, or
    `open` for what may be anything. `type` is the last name of Django's own class, `""` for a class of
    another package. `target` is a class, `app.Model`, `self`, `USER`, or None when it is not known.
    """

    name: str
    kind: str
    type: str
    target: Symbol | str | None = None
    related: str | None = None
    """`related_name`; None when not given, `?` when computed."""
    query: str | None = None
    """`related_query_name`."""
    mirrored: bool = True
    """False for a relation that leads nowhere back."""


class Declared(NamedTuple):
    """A class body. `hidden` are names that it sets to what is no field, `open` why it may have more."""

    fields: tuple[Field, ...]
    hidden: frozenset[str]
    abstract: bool
    proxy: bool
    label: str
    """`Meta.app_label`."""
    reverse: str | None
    """`Meta.default_related_name`."""
    open: bool


def model_files(project: Project) -> tuple[str, ...]:
    """The files that may define models or mixins of models; migrations and tests are left out."""
    return tuple(path for path in project.paths if "migrations" not in path.split("/") and project[model_classes, path])


def model_classes(project: Project, path: str) -> tuple[Symbol, ...]:
    """The classes of a file that are models."""
    module = project.module(path) if not _is_test(path) else None
    found = []
    for facts in module.classes if module else ():
        symbol = Symbol("class", path, facts.qualname)
        if facts.base_codes and is_model(project, symbol):
            found.append(symbol)
    return tuple(dict.fromkeys(found))


def _is_test(path: str) -> bool:
    """Whether a file is a test; an app may well be called `test`."""
    *folders, name = path.split("/")
    return "tests" in folders or name.startswith("test_") or name in ("tests.py", "conftest.py")


def is_model(project: Project, symbol: Symbol) -> bool:
    """Whether a class is a model, as far as its bases say."""
    above = project[ancestry, symbol].external
    return any(name in ROOTS or (outside_model(name) is not None and ".models" in name) for name in above)


def declared(project: Project, symbol: Symbol) -> Declared:
    """What a class of the repository declares itself."""
    facts = class_facts(project, symbol)
    if facts is None:
        return Declared((), frozenset(), False, False, "", None, True)
    fields: dict[str, Field] = {}
    hidden: set[str] = set(facts.methods)
    for binding in facts.fields:
        if binding.kind == "annotation":
            continue
        field = _field(project, symbol, binding)
        if field is None:
            hidden.add(binding.name)
            fields.pop(binding.name, None)
        else:
            fields[binding.name] = field
            hidden.discard(binding.name)
            along = _ALONG.get(binding.callee.rpartition(".")[2])
            if along:
                fields.setdefault(along, Field(along, "open", ""))
    meta = _meta(project, symbol)
    if meta.get(_WRT):
        fields.setdefault("_order", Field("_order", "column", "OrderWrt"))
    more = _may_have_more(project, symbol, facts)
    label, reverse = meta.get("app_label"), meta.get("default_related_name")
    return Declared(
        tuple(fields.values()),
        frozenset(hidden),
        meta.get("abstract") is True,
        meta.get("proxy") is True,
        label if isinstance(label, str) else "",
        reverse if isinstance(reverse, str) else None,
        more,
    )


def _may_have_more(project: Project, symbol: Symbol, facts: Class) -> bool:
    module = project.module(symbol.path)
    alike = [each for each in module.classes if each.qualname == symbol.name] if module else []
    if len(alike) != 1 or "__init_subclass__" in facts.methods:
        return True
    if any(name == "metaclass" for name, _ in facts.keyword_codes):
        return True
    for node in facts.decorators:
        func = node.func if isinstance(node, tree.Call) else node
        answer = resolve_in(project, symbol.path, facts.parent, getattr(func, "text", "?"))
        if not isinstance(answer, Symbol) or answer.kind not in ("external", "function"):
            return True
    return False


def _meta(project: Project, symbol: Symbol) -> dict[str, object]:
    inner = project[classes_of, symbol.path].get(f"{symbol.name}.Meta")
    passed = ("app_label", "default_related_name", _WRT)
    wanted = ("abstract", "proxy", *passed)
    found: dict[str, object] = {}
    for binding in inner.fields if inner is not None else ():
        if binding.name in wanted:
            value = binding.value
            found[binding.name] = value.value if isinstance(value, tree.Constant) else "?"
    if inner is not None and inner.base_codes:
        for base in project[ancestry, Symbol("class", symbol.path, inner.qualname)].first_party[1:]:
            above = class_facts(project, base)
            for binding in above.fields if above is not None else ():
                if binding.name in passed and isinstance(binding.value, tree.Constant):
                    found.setdefault(binding.name, binding.value.value)
    return found


# Fields


def _field(project: Project, owner: Symbol, binding: Binding) -> Field | None:
    """The field that a statement of a class body makes; None when it makes none."""
    if binding.kind in ("function", "class", "import"):
        return None
    if not binding.callee:
        value = binding.value if binding.kind == "assign" else None
        plain = (tree.Constant, tree.Sequence, tree.Mapping, tree.FString, tree.Lambda, tree.Comprehension)
        if isinstance(value, (*plain, tree.Binary, tree.Compare, tree.Attribute)):
            return None
        return None if isinstance(value, tree.Path) and _is_no_field(value) else Field(binding.name, "open", "")
    callee = _typed(binding.value) if binding.callee == "?" else binding.callee
    names = project[field_class, (owner.path, callee)]
    lasts = [name.rpartition(".")[2] for name in names]
    if names and (lasts[0].endswith(_NOT_FIELDS) or any(_is_manager(name) for name in names)):
        return None
    kind = _kind(lasts)
    if kind in ("", "open"):
        return Field(binding.name, "open", "")
    core = next((name for name in names if name.startswith(_CORE)), "")
    if kind == "column":
        return Field(binding.name, "column", core.rpartition(".")[2])
    value = binding.value
    if not isinstance(value, tree.Call):
        return Field(binding.name, "open", "")
    made = _relation(project, owner, binding.name, kind, core.rpartition(".")[2], value)
    own = made.related is None and len(names) > 1 and project[_names_its_end, (owner.path, callee)]
    return made._replace(related="?") if own else made


def _typed(value: Node | None) -> str:
    """The class in `ManyToManyField["Person", "Membership"](...)`, which says its types along the way."""
    func = value.func if isinstance(value, tree.Call) else None
    inner = func.value if isinstance(func, tree.Subscript) else None
    return inner.text if isinstance(inner, tree.Path) else "?"


def _names_its_end(project: Project, key: tuple[str, str]) -> bool:
    """Whether a class of relations, which the repository defines, chooses the name at the other end by itself."""
    path, callee = key
    answer = resolve_in(project, path, "", callee)
    if not isinstance(answer, Symbol) or answer.kind != "class":
        return False
    return any(
        function.owner == owner.name and function.mentions("related_name")
        for owner in project[ancestry, answer].first_party
        for function in project[functions_of, owner.path].values()
    )


def _is_manager(dotted: str) -> bool:
    """Whether a class is Django's own manager; those of packages may be fields as well."""
    return dotted.startswith(("django.db.", "django.contrib.")) and "Manager" in dotted.rpartition("models.")[2]


def _is_no_field(path: tree.Path) -> bool:
    """Whether a name that is given another name is a constant or an attribute of something, by how it is written."""
    return path.last.isupper() or "." in path.text


def field_class(project: Project, key: tuple[str, str]) -> tuple[str, ...]:
    """The names of the class that a field of a file is made of and of its bases; `()` when it is not known."""
    path, callee = key
    answer = resolve_in(project, path, "", callee)
    if isinstance(answer, Symbol) and answer.kind == "variable":
        answer = evaluate(project, (path, ""), tree.Path(callee, (1, 0, 1, 0)))
    if not isinstance(answer, Symbol):
        return ()
    if answer.kind == "external":
        return (answer.name,)
    if answer.kind == "class":
        return (answer.last, *project[ancestry, answer].external)
    return ()


def _kind(lasts: list[str]) -> str:
    for last in lasts:
        if last in _GENERIC:
            return _GENERIC[last]
        if last in ONE:
            return "one"
        if last in RELATIONS or last.endswith("ForeignKey"):
            return "key"
        if last in MANY or last.endswith("ManyToManyField"):
            return "many"
    return "column" if any(last.endswith("Field") for last in lasts) else "open"


def _relation(project: Project, owner: Symbol, name: str, kind: str, core: str, call: tree.Call) -> Field:
    target = _target(project, owner, call.argument(0, "to")) if kind != "generic" else None
    named = call.argument(1, "related_name") if kind == "many" else call.keyword("related_name")
    related, query = _text(named), _text(call.keyword("related_query_name"))
    mirrored = kind != "generic" and not (related or "").endswith("+")
    if kind == "generic-many":
        mirrored = query is not None
    if any(each.name is None for each in call.keywords):
        related = "?"
    return Field(name, kind, core, target, related, query, mirrored)


def _text(node: Node | None) -> str | None:
    if node is None or (isinstance(node, tree.Constant) and node.value is None):
        return None
    return node.value if isinstance(node, tree.Constant) and isinstance(node.value, str) else "?"


def _target(project: Project, owner: Symbol, node: Node | None) -> Symbol | str | None:
    if isinstance(node, tree.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, tree.Call):
        return USER if getattr(node.func, "last", "") == "get_user_model" else None
    if not isinstance(node, tree.Path):
        return None
    if node.last == USER:
        return USER
    answer = resolve_in(project, owner.path, owner.name.rpartition(".")[0], node.text)
    if isinstance(answer, Symbol) and answer.kind == "variable":
        answer = evaluate(project, (owner.path, ""), node)
    return model_target(answer)


def model_target(answer: object) -> Symbol | str | None:
    """The model that a name stands for: a class, `app.Model` of one from outside, or the user model."""
    if not isinstance(answer, Symbol):
        return None
    if answer.kind == "class":
        return answer
    if answer.kind != "external":
        return None
    if answer.name.endswith("get_user_model()"):
        return USER
    if ".models." in answer.name and "(" not in answer.name:
        return outside_label(answer.name)
    return answer.name.rpartition("'")[2] if answer.name.endswith(USER) else None
