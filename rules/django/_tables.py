"""The tables of a Django project's models, with all that Django adds to them."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from cdlint.backend.collected import provides
from cdlint.backend.tables import Column, Relation, Table, UnknownTable, tables, unknown_tables
from cdlint.project import Project
from cdlint.project.answers import Symbol, Unknown
from cdlint.project.classes import ancestry, class_facts
from cdlint.rule import Location

from ._columns import ONE, Field, column, column_name, is_key
from ._history import history, registered_histories
from ._model_world import ModelWorld
from ._outside_models import outside_label, outside_table
from ._settings import aside
from ._url_values import Attribute, Made, Value

Target = Symbol | str
"""A model of the repository, or the `app_label.Model` of one from outside."""


class Answers(NamedTuple):
    """The tables, and what about them could not be resolved."""

    tables: tuple[Table, ...]
    unknown: tuple[UnknownTable, ...]


class Models(ModelWorld):
    """Makes tables of models."""

    def __init__(self, project: Project) -> None:
        super().__init__(project)
        self.tables: list[Table] = []
        self.unknown: dict[UnknownTable, None] = {}
        self.models = self.find()
        self.registry = {
            f"{self.label(symbol)}.{symbol.last}".lower(): symbol for symbol in self.models if not self.abstract(symbol)
        }

    def find(self) -> list[Symbol]:
        """The model classes of the repository whose apps are installed, abstract ones included."""
        found = []
        for path in self.project.paths:
            module = self.project.module(path)
            if module is None or "migrations" in path.split("/"):
                continue
            inside_functions = {function.qualname for function in module.functions if function.qualname}
            for facts in module.classes:
                symbol = Symbol("class", path, facts.qualname)
                if not facts.base_codes or facts.parent in inside_functions or not self.concerns(symbol):
                    continue
                if self.abstract(symbol) or self.loaded(symbol):
                    found.append(symbol)
                elif not aside(path):
                    self.doubt(symbol, "its app is not installed")
        return found

    def concerns(self, symbol: Symbol) -> bool:
        """Whether a class is a model."""
        return bool(self.project[ancestry, symbol].external) and (self.is_model(symbol) or self.may_be_model(symbol))

    def doubt(self, symbol: Symbol, why: str, at: Location | None = None, what: str = "") -> None:
        """Write down something that could not be resolved."""
        self.unknown[UnknownTable(at or self.place(symbol), what or f"`{symbol.name}`", why)] = None

    def place(self, symbol: Symbol) -> Location:
        """The line of a class."""
        facts = class_facts(self.project, symbol)
        return Location(symbol.path, facts.at if facts is not None else (1, 0, 1, 0))

    # Names of tables and keys

    def table_name(self, target: Target) -> str:
        """The table of a model."""
        if isinstance(target, str):
            own = self.registry.get(target.lower())
            return outside_table(target)[0] if own is None else self.table_name(own)
        target = self.concrete(target)
        if isinstance(target, str):
            return self.table_name(target)
        given = self.meta(target).get("db_table")
        if isinstance(given, str):
            return given.strip('"')
        if given is not None:
            self.doubt(target, "its `db_table` is computed")
        return f"{self.label(target)}_{target.last.lower()}"

    def key(self, target: Target) -> str:
        """The name of a model's key column."""
        if isinstance(target, str):
            own = self.registry.get(target.lower())
            return outside_table(target)[1] if own is None else self.key(own)
        target = self.concrete(target)
        if isinstance(target, str):
            return self.key(target)
        gathered = self.gather(target)
        found = next((field for field in gathered.fields.values() if field is not None and is_key(field)), None)
        if found is not None:
            return column_name(found)
        links = [f for f in gathered.fields.values() if f is not None and f.option("parent_link") is True]
        if links and gathered.parents:
            return column_name(links[0])
        return f"{_model_name(gathered.parents[0]).lower()}_ptr_id" if gathered.parents else "id"

    def reference(self, target: Target | None, to_field: Value = None) -> str | None:
        """`table.column` of a relation."""
        if target is None:
            return None
        name = self.key(target)
        if isinstance(to_field, str):
            name = to_field
            own = self.registry.get(target.lower()) if isinstance(target, str) else target
            field = self.gather(own).fields.get(to_field) if own is not None else None
            name = column_name(field) if field is not None else to_field
        return f"{self.table_name(target)}.{name}"

    # Targets

    def target(self, field: Field, model: Symbol) -> Target | None:
        """What a relation leads to."""
        if field.brought is not None:
            return self.named(field.brought.target, model)
        value = field.value.argument(0, "to") if field.value is not None else None
        found = self.target_of(value, field, model)
        if found is None:
            why = value.why if isinstance(value, Unknown) else "what it refers to is computed"
            self.doubt(model, why, field.at, f"`{model.name}.{field.name}`")
        return found

    def target_of(self, value: Value, field: Field, model: Symbol) -> Target | None:
        """The model that an argument stands for."""
        if isinstance(value, str):
            return self.named(value, model, field)
        if isinstance(value, Symbol) and value.kind == "class":
            found = self.named_outside(value)
            return self.named(found, model) if isinstance(found, str) else found
        if isinstance(value, Made) and value.name.endswith("get_user_model"):
            return self.named(self.user_model(), model)
        if isinstance(value, Symbol) and value.kind == "external":
            return self.named(
                "AUTH_USER_MODEL" if value.last == "AUTH_USER_MODEL" else outside_label(value.name), model
            )
        if isinstance(value, Attribute) and value.name == "AUTH_USER_MODEL":
            return self.named(self.user_model(), model)
        return None

    def named(self, text: str, model: Symbol, field: Field | None = None) -> Target | None:
        """A model by name: `self`, `Model` of the same app, `app_label.Model`."""
        if text == "self":
            return model
        if text == "AUTH_USER_MODEL":
            text = self.user_model()
        if "." not in text:
            found = self.registry.get(f"{self.label(model)}.{text}".lower())
            if found is None and field is not None and field.owner.path:
                near = self.meant(field.owner.path, text)
                return near if isinstance(near, Symbol) and near.kind == "class" else None
            return found
        parts = text.split(".")
        return self.registry.get(f"{parts[-2]}.{parts[-1]}".lower()) or text

    # Tables

    def all(self) -> Answers:
        """Every table."""
        for symbol in self.models:
            if self.abstract(symbol):
                self.abstract_table(symbol)
            elif not self.proxy(symbol) and not self.swapped(symbol):
                self.table(symbol)
        return Answers(tuple(self.tables), tuple(self.unknown))

    def abstract_table(self, symbol: Symbol) -> None:
        """A base: its columns, without a table."""
        gathered = self.gather(symbol)
        fields = [field for field in gathered.fields.values() if field is not None]
        columns = [self.column(field, symbol) for field in fields if field.kind in ("column", "key")]
        complete = not gathered.unknown
        self.tables.append(Table(None, symbol, True, tuple(columns), (), complete, self.place(symbol)))

    def table(self, symbol: Symbol) -> None:
        """A model: its table, those of its many-to-many relations, and its history."""
        gathered = self.gather(symbol)
        fields = [field for field in gathered.fields.values() if field is not None]
        columns = [*self.implicit(symbol), *[self.column(f, symbol) for f in fields if f.kind in ("column", "key")]]
        if gathered.parents:
            columns = [self.linked(each, symbol) for each in columns]
        relations = [relation for field in fields if (relation := self.relation(field, symbol)) is not None]
        for why in gathered.unknown:
            self.doubt(symbol, why)
        for field in fields:
            if "MoneyField" in field.kinds:
                why = "such fields bring a column for the currency, or none at all"
                self.doubt(symbol, why, field.at, f"`{symbol.name}.{field.name}`")
        name, at = self.table_name(symbol), self.place(symbol)
        made = Table(name, symbol, False, tuple(columns), tuple(relations), not gathered.unknown, at)
        self.tables.append(made)
        for field in fields:
            if field.kind == "many":
                self.association(field, symbol)
        kept = next((field for field in self.histories(symbol, fields)), None)
        if kept is not None:
            label = self.label(symbol)
            self.tables.append(history(self.world, made, kept, label, self.user()))

    def histories(self, symbol: Symbol, fields: list[Field]) -> list[Field]:
        """The fields that keep a history of the model; one of a base only if it says that it is inherited."""
        return [f for f in fields if f.kind == "history" and (f.owner == symbol or f.option("inherit") is True)]

    def user(self) -> str | None:
        """What a reference to the user model refers to."""
        own = self.registry.get(self.user_model().lower())
        return self.reference(own or self.user_model())

    def linked(self, each: Column, symbol: Symbol) -> Column:
        """The column that links a child to its parent is its key, when nothing else is."""
        key = each.name == self.key(symbol) and each.fk is not None
        return replace(each, primary_key=True, unique=True, nullable=False) if key else each

    def implicit(self, symbol: Symbol) -> list[Column]:
        """The key and the links to parents that nobody writes."""
        gathered = self.gather(symbol)
        fields = [field for field in gathered.fields.values() if field is not None]
        keyed = any(is_key(field) for field in fields)
        at = self.place(symbol)
        if not gathered.parents:
            return [] if keyed else [_column("id", "id", self.auto_field(symbol), at, key=True)]
        found = []
        links = [self.target(field, symbol) for field in fields if field.option("parent_link") is True]
        for index, parent in enumerate(gathered.parents):
            if parent not in links:
                attr = f"{_model_name(parent).lower()}_ptr"
                key = index == 0 and not keyed and not links
                fk = self.reference(parent)
                found.append(_column(f"{attr}_id", attr, "OneToOneField", at, key, fk))
        return found

    def column(self, field: Field, symbol: Symbol) -> Column:
        """The column of a field."""
        fk = None
        if field.kind == "key":
            fk = self.reference(self.target(field, symbol), field.option("to_field"))
        return column(field, fk, None if field.owner == symbol else field.owner)

    def relation(self, field: Field, symbol: Symbol) -> Relation | None:
        """A relation to another model of the repository or of a package."""
        if field.kind not in ("key", "many"):
            return None
        target = self.target(field, symbol)
        known = target if isinstance(target, Symbol) else None
        one = any(kind in ONE for kind in field.kinds)
        kind = "many-to-many" if field.kind == "many" else "one-to-one" if one else "many-to-one"
        opposite = field.option("related_name")
        return Relation(field.name, known, kind, opposite if isinstance(opposite, str) else "", field.at)

    def association(self, field: Field, symbol: Symbol) -> None:
        """The table that Django makes for a many-to-many relation without a model of its own."""
        if field.option("through") is not None:
            return
        target = self.target(field, symbol)
        if target is None:
            return
        mine, other = symbol.last.lower(), _model_name(target).lower()
        same = mine == other
        given = field.option("db_table")
        name = given if isinstance(given, str) else f"{self.table_name(symbol)}_{field.name}"
        left, right = (f"from_{mine}", f"to_{other}") if same else (mine, other)
        at = field.at
        columns = (
            _column("id", "id", self.auto_field(symbol), at, key=True),
            _column(f"{left}_id", left, "ForeignKey", at, fk=self.reference(symbol)),
            _column(f"{right}_id", right, "ForeignKey", at, fk=self.reference(target)),
        )
        model = Symbol("class", symbol.path, f"{symbol.last}_{field.name}")
        self.tables.append(Table(name, model, False, columns, (), True, at))


def _column(name: str, attr: str, kind: str, at: Location, key: bool = False, fk: str | None = None) -> Column:
    """A column that Django adds."""
    one = kind == "OneToOneField"
    return Column(name, attr, kind, False, key, key or one, None, fk, False, kind == "ForeignKey", None, at)


def _model_name(target: Target) -> str:
    return target.rpartition(".")[2] if isinstance(target, str) else target.last


def model_tables(project: Project) -> Answers:
    """The tables of all models."""
    if not any(project[_uses_django, path] for path in project.paths):
        return Answers((), ())
    return Models(project).all()


def _uses_django(project: Project, path: str) -> bool:
    module = project.module(path)
    return module is not None and any(each.module.startswith("django.") for each in module.imports)


@provides(tables)
def django_tables(project: Project) -> tuple[Table, ...]:
    """The tables of Django's models."""
    return project[model_tables].tables


@provides(unknown_tables)
def django_unknown_tables(project: Project) -> tuple[UnknownTable, ...]:
    """What about models could not be resolved."""
    registered = (each for path in project.paths for each in project[registered_histories, path])
    return (*project[model_tables].unknown, *registered)
