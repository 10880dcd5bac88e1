"""The models of a project with all names that queries may use on them, reverse relations included."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import TRANSPARENT, ancestry, class_facts, functions_of
from cdlint.project.places import is_aside

from ._columns import MANY, ONE, RELATIONS
from ._outside_models import Brought, outside_model
from ._query_models import ROOTS, USER, Declared, Field, declared, is_model, model_classes, model_files
from ._translated import translated
from ._user_relations import users_are_shared

_RELATING = ("ForeignKey", "OneToOneField", "ManyToManyField")
Model = Symbol | str
"""A class of the repository, or the `app.Model` of one from outside."""
_OUTSIDE: dict[str, str] = {
    "auth.User": "django.contrib.auth.models.AbstractUser",
    "auth.Group": "name=CharField permissions=many:auth.Permission",
    "auth.Permission": "name=CharField content_type=key:contenttypes.ContentType codename=CharField",
    "contenttypes.ContentType": "app_label=CharField model=CharField",
    "sites.Site": "domain=CharField name=CharField",
}

_OF_MODELS = frozenset(
    {
        "save", "delete", "full_clean", "clean", "refresh_from_db", "_meta", "_state", "serializable_value",
        "unique_error_message", "validate_unique", "objects", "DoesNotExist", "MultipleObjectsReturned",
    }
)  # fmt: skip
_OF_USERS = frozenset(
    {
        "get_full_name", "get_short_name", "get_username", "is_authenticated", "is_anonymous", "has_perm",
        "has_perms", "has_module_perms", "get_all_permissions", "get_user_permissions",
        "get_group_permissions", "email_user", "is_active", "check_password", "set_password", "natural_key",
        "get_session_auth_hash", "has_usable_password", "USERNAME_FIELD", "EMAIL_FIELD", "REQUIRED_FIELDS",
    }
)  # fmt: skip


class Name(NamedTuple):
    """What a name of a model leads to in a query. `kind` as of `Field`, or `reverse` and `reverse-one`."""

    kind: str
    type: str = ""
    target: Model | None = None
    accessor: str = ""
    """The attribute of instances; `""` when it is the same name."""
    field: str = ""
    """The field at the other end, of a reverse relation."""


class Info(NamedTuple):
    """A model. `names` are for queries, `attributes` those that instances have besides them.

    `complete` says that there are no other names; `shared` that packages are free to add relations to it.
    """

    model: Model
    names: dict[str, Name]
    attributes: frozenset[str]
    properties: frozenset[str]
    complete: bool
    shared: bool


class Reverse(NamedTuple):
    """A relation seen from its target: the names for queries and for instances, and where it comes from."""

    query: str
    accessor: str
    kind: str
    source: Symbol
    field: str


def outside_known(label: str) -> bool:
    """Whether the fields of an outside model are known."""
    return label in _OUTSIDE


# Which model a name stands for


def by_name(project: Project) -> dict[str, tuple[Symbol, ...]]:
    """The models by the lowercase name of their class."""
    found: dict[str, list[Symbol]] = {}
    for path in project[model_files]:
        for symbol in project[model_classes, path]:
            found.setdefault(symbol.last.lower(), []).append(symbol)
    return {name: tuple(symbols) for name, symbols in found.items()}


def user_model(project: Project) -> Model | None:
    """The user model: what the settings name, the one class that can be it, or Django's own; None if in doubt."""
    said = frozenset().union(*[project[_users_in, path] for path in project.paths])
    if len(said) == 1 and isinstance(named := _labelled(project, *said), Symbol):
        return named
    found = [
        symbol
        for symbols in project[by_name].values()
        for symbol in symbols
        if any("AbstractUser" in name or "AbstractBaseUser" in name for name in project[ancestry, symbol].external)
        and not project[declared, symbol].abstract
        and not project[declared, symbol].proxy
        and not is_aside(symbol.path)
    ]
    return found[0] if len(found) == 1 else "auth.User" if not found else None


def _users_in(project: Project, path: str) -> frozenset[str]:
    """What the settings in a file name as the user model."""
    module = project.module(path) if not is_aside(path) else None
    bound = [*module.bindings, *(each for cls in module.classes for each in cls.fields)] if module is not None else []
    values = (each.value for each in bound if each.name == USER and each.value_code is not None)
    return frozenset(each.value for each in values if isinstance(each, tree.Constant) and isinstance(each.value, str))


def _labelled(project: Project, target: str) -> Model | None:
    """The model that `app.Model` names; the text itself for one of a package."""
    label, _, name = target.rpartition(".")
    known = _called(project, name)
    fitting = [each for each in known if _may_be_labelled(project, each, label)]
    if fitting:
        return fitting[0] if len(fitting) == 1 else None
    return target if not known or target in _OUTSIDE else None


def _called(project: Project, name: str) -> list[Symbol]:
    """The models of a name; those of tests only where there are no others."""
    known = [each for each in project[by_name].get(name.lower(), ()) if not project[declared, each].abstract]
    return [each for each in known if not is_aside(each.path)] or known


def resolved(project: Project, owner: Symbol, target: Model | None) -> Model | None:
    """The model that the target of a relation of `owner` is."""
    if target is None or isinstance(target, Symbol):
        return target
    if target == "self":
        return owner
    if target == USER or target == "settings.AUTH_USER_MODEL":
        return project[user_model]
    if "." in target:
        return _labelled(project, target)
    known = _called(project, target)
    near = [each for each in known if _folder(each.path) == _folder(owner.path)]
    return near[0] if len(near) == 1 else known[0] if len(known) == 1 else None


def _folder(path: str) -> str:
    """The folder of the app, as far as paths tell."""
    parts = path.split("/")[:-1]
    return "/".join(parts[:-1] if parts and parts[-1].startswith("models") else parts)


def _may_be_labelled(project: Project, symbol: Symbol, label: str) -> bool:
    given = project[declared, symbol].label
    if given and given != "?":
        return given == label
    return label in symbol.path.removesuffix(".py").split("/") or label in project[labels]


def labels(project: Project) -> frozenset[str]:
    """The labels that app configurations of the repository say."""
    paths = [path for path in project.paths if path.endswith(("apps.py", "__init__.py", "app.py", "config.py"))]
    return frozenset().union(*[project[labels_in, path] for path in paths])


def labels_in(project: Project, path: str) -> frozenset[str]:
    """The labels that the classes of a file say."""
    module = project.module(path)
    return frozenset(
        str(getattr(field.value, "value", ""))
        for facts in (module.classes if module else ())
        for field in facts.fields
        if field.name == "label"
    )


# Reverse relations


def children(project: Project) -> dict[Symbol, tuple[Symbol, ...]]:
    """Model -> the models of the repository built on it, at any distance."""
    found: dict[Symbol, list[Symbol]] = {}
    for path in project[model_files]:
        for symbol in project[model_classes, path]:
            for above in project[ancestry, symbol].first_party[1:]:
                found.setdefault(above, []).append(symbol)
    return {above: tuple(below) for above, below in found.items()}


def reverses(project: Project) -> dict[Model | None, tuple[Reverse, ...]]:
    """Target -> the relations that lead to it; under None those whose target is not known."""
    found: dict[Model | None, list[Reverse]] = {}
    for path in project.paths:
        for target, reverse in project[_reverses_of, path]:
            found.setdefault(target, []).append(reverse)
    return {target: tuple(group) for target, group in found.items()}


def _reverses_of(project: Project, path: str) -> tuple[tuple[Model | None, Reverse], ...]:
    found: list[tuple[Model | None, Reverse]] = []
    models = project[model_classes, path] if "migrations" not in path.split("/") else ()
    for symbol in (*models, *_relating(project, path)):
        own = project[declared, symbol]
        if own.abstract:
            continue
        for holder in project[ancestry, symbol].first_party:
            facts = project[declared, holder]
            if holder != symbol and not (facts.abstract or not is_model(project, holder)):
                continue
            for field in facts.fields:
                if field.kind in ("key", "one", "many", "generic-many") and field.mirrored:
                    target = resolved(project, symbol, field.target)
                    found.append((target, _reverse(own, symbol, field)))
    return tuple(found)


def _relating(project: Project, path: str) -> Iterator[Symbol]:
    """The classes of a file that have relations and are not known to be models: their bases are of some package."""
    module = project.module(path) if "migrations" not in path.split("/") and not is_aside(path) else None
    for facts in module.classes if module else ():
        if facts.base_codes and any(each.callee.endswith(_RELATING) for each in facts.fields):
            symbol = Symbol("class", path, facts.qualname)
            if not is_model(project, symbol):
                yield symbol


def _reverse(own: Declared, symbol: Symbol, field: Field) -> Reverse:
    name = symbol.last.lower()
    related = field.related if field.related is not None else own.reverse
    query = field.query or related or name
    accessor = related or (name if field.kind == "one" else f"{name}_set")
    kind = "reverse-one" if field.kind == "one" else "reverse"
    return Reverse(_filled(query, symbol, own), _filled(accessor, symbol, own), kind, symbol, field.name)


def _filled(text: str, symbol: Symbol, own: Declared) -> str:
    """A name with the class in its place; `*` where it cannot be told."""
    if text == "?":
        return "*"
    for part in ("%(class)s", "%(model_name)s"):
        text = text.replace(part, symbol.last.lower())
    if "%(app_label)s" in text:
        label = own.label or _folder(symbol.path).rpartition("/")[2]
        text = text.replace("%(app_label)s", label.lower())
    return text


# Everything of one model


def info(project: Project, model: Model) -> Info:
    """All names of a model."""
    if isinstance(model, str):
        return _outside_info(project, model)
    above = project[ancestry, model]
    names: dict[str, Name] = {"pk": Name("pk"), "id": Name("pk")}
    attributes: set[str] = set()
    complete = not above.unknown and is_model(project, model)
    complete = _brought(project, model, above.external, names) and complete
    attributes.update(_OF_MODELS)
    if any(
        "AbstractUser" in name or "AbstractBaseUser" in name or "PermissionsMixin" in name for name in above.external
    ):
        attributes.update(_OF_USERS)
    properties: set[str] = set()
    for owner in reversed(above.first_party):
        own = project[declared, owner]
        complete = complete and not own.open
        for hidden in own.hidden:
            names.pop(hidden, None)
        attributes.update(own.hidden)
        properties.update(_properties(project, owner))
        more = project[translated].get(owner, frozenset())
        for field in own.fields:
            type_ = "" if field.name in more else field.type
            _put(names, field.name, field.kind, type_, resolved(project, model, field.target))
        if owner != model and not own.abstract and is_model(project, owner):
            _put(names, f"{owner.last.lower()}_ptr", "one", "", owner)
    below = project[children].get(model, ())
    for child in below:
        names.setdefault(child.last.lower(), Name("reverse-one", "", child))
    related = {*above.first_party, *(each for each in below if project[declared, each].proxy)}
    for target in related:
        complete = _put_reverses(project, target, names) and complete
    shared = model == project[user_model] and project[users_are_shared]
    if model == project[user_model]:
        names.setdefault("logentry", Name("reverse", "", "admin.LogEntry"))
    return Info(model, names, frozenset(attributes), frozenset(properties), complete, shared)


def _put(names: dict[str, Name], name: str, kind: str, type_: str, target: Model | None) -> None:
    names[name] = Name(kind, type_, target)
    if kind in ("key", "one"):
        names.setdefault(f"{name}_id", Name("id", "", None))


def _put_reverses(project: Project, target: Model, names: dict[str, Name]) -> bool:
    """Add the relations that lead to a model; False when one has a name that is not known."""
    known = True
    for each in project[reverses].get(target, ()):
        known = known and "*" not in each.query
        names.setdefault(each.query, Name(each.kind, "", each.source, each.accessor, each.field))
    return known


def back(project: Project, model: Model, query: str, name: Name) -> str:
    """What the other end of a relation calls this one: it knows it there without a query."""
    if name.kind != "one" or name.target is None:
        return name.field
    others = project[reverses].get(name.target, ())
    return next((each.query for each in others if each.field == query and each.source == model), "")


def _properties(project: Project, owner: Symbol) -> set[str]:
    """The methods of a class that are called without parentheses."""
    facts = class_facts(project, owner)
    found = set()
    for name in facts.methods if facts is not None else ():
        function = project[functions_of, owner.path].get(f"{owner.name}.{name}")
        if function is not None and function.decorator_codes:
            found.add(name)
    return found


def _brought(project: Project, model: Symbol, external: tuple[str, ...], names: dict[str, Name]) -> bool:
    """Add the fields that outside bases bring; False when these are not all known."""
    complete = True
    for dotted in external:
        if dotted in ROOTS or dotted in TRANSPARENT or dotted.startswith(("builtins.object", "typing.", "abc.")):
            continue
        known = outside_model(dotted)
        if known is None or known.concrete or not dotted.startswith(("django.", "model_utils.", "django_extensions.")):
            complete = False
        for each in known.fields if known is not None else ():
            _put_brought(project, model, each, names)
    return complete


def _put_brought(project: Project, owner: Model, each: Brought, names: dict[str, Name]) -> None:
    kind = "key" if each.type in RELATIONS else "one" if each.type in ONE else "many" if each.type in MANY else "column"
    target: Model | None = None
    if each.target:
        target = owner if each.target == "self" else each.target
        target = project[user_model] if target == USER else target
    type_ = each.type if each.type.endswith("Field") and "Auto" not in each.type else ""
    _put(names, each.name, kind, type_, target)


def _outside_info(project: Project, label: str) -> Info:
    names: dict[str, Name] = {"pk": Name("pk"), "id": Name("pk")}
    text = _OUTSIDE.get(label)
    if text is None:
        return Info(label, names, frozenset(), frozenset(), False, True)
    if "=" not in text:
        known = outside_model(text)
        for each in known.fields if known is not None else ():
            _put_brought(project, label, each, names)
    else:
        for part in text.split():
            name, _, kind = part.partition("=")
            kind, _, target = kind.partition(":")
            _put(names, name, kind if target else "column", "" if target else kind, target or None)
    _put_reverses(project, label, names)
    return Info(label, names, frozenset(), frozenset(), True, True)
