"""The fields of schemas, serializers and forms are those that the libraries would collect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from cdlint.facts.parse import facts_of
from cdlint.inspect import shapes
from cdlint.packs import load
from cdlint.project import Project
from tests.conftest import LIMIT, Memory

PACKS = load()
V2 = {"requirements.txt": "pydantic==2.9\nmarshmallow==3.20\n"}
V1 = {"requirements.txt": "pydantic==1.10\nmarshmallow==2.20\n"}


def answer(files: Mapping[str, str]) -> dict[str, Any]:
    facts = {path: facts_of(text.encode(), LIMIT) for path, text in files.items() if path.endswith(".py")}
    return shapes.answer(Project(facts, Memory(files), None, PACKS.providers))


def fields(files: Mapping[str, str], name: str) -> dict[str, str]:
    """Field -> its type and flags in one line."""
    (shape,) = [each for each in answer(files)["shapes"] if each["name"] == name]
    return {each["name"]: _line(each) for each in shape["fields"]}


def _line(field: dict[str, Any]) -> str:
    words = [str(field["type"]), "required" if field["required"] else "optional" if field["required"] is False else "?"]
    words += [name for name in ("nullable", "read_only", "write_only") if field[name]]
    return " ".join([*words, *([f"as {field['alias']}"] if field["alias"] else [])])


PYDANTIC = """
from typing import Annotated, Any, ClassVar, Optional, Union
from pydantic import AliasChoices, BaseModel, Field, PrivateAttr, computed_field
Maybe = str | None
Name = Annotated[str, Field(min_length=1, alias="n")]
class M(BaseModel):
    model_config = {}
    plain: int
    given: int = 3
    factory: list[int] = Field(default_factory=list)
    needed: int = Field(..., alias="Needed")
    described: str = Field(description="x")
    maybe: Optional[str]
    none: int | None = None
    union: Union[int, str, None] = Field(None, validation_alias=AliasChoices("u", "v"))
    alias_type: Maybe
    named: Name
    inner: Annotated[int, Field(alias="i")] = 1
    anything: Any
    quoted: "Optional[M]" = None
    secret: str = Field(exclude=True)
    shared: ClassVar[int] = 1
    _private: int = 2
    hidden: int = PrivateAttr(3)
    @computed_field
    @property
    def total(self) -> int:
        return 1
    @property
    def other(self) -> int:
        return 1
"""


def test_what_a_pydantic_class_says() -> None:
    assert fields({"m.py": PYDANTIC, **V2}, "m.M") == {
        "plain": "int required",
        "given": "int optional",
        "factory": "list[int] optional",
        "needed": "int required as Needed",
        "described": "str required",
        "maybe": "str required nullable",
        "none": "int optional nullable",
        "union": "int | str optional nullable as u",
        "alias_type": "str required nullable",
        "named": "str required as n",
        "inner": "int optional as i",
        "anything": "Any required nullable",
        "quoted": "M optional nullable",
        "secret": "str required write_only",
        "total": "int optional read_only",
    }


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        (V2, {"a": "int required nullable", "b": "int required nullable"}),
        (V1, {"a": "int optional nullable", "b": "int required nullable", "c": "int optional"}),
        ({}, {"a": "int ? nullable", "b": "int required nullable"}),
    ],
)
def test_the_first_version_gives_none_to_what_may_be_none(
    manifest: Mapping[str, str], expected: dict[str, str]
) -> None:
    code = (
        "from typing import Optional\nfrom pydantic import BaseModel\nclass M(BaseModel):\n"
        "    a: Optional[int]\n    b: Optional[int] = ...\n    c = 1\n"
    )
    assert fields({"m.py": code, **manifest}, "m.M") == expected


def test_fields_are_inherited_across_files_in_order() -> None:
    files = {
        "base.py": "from pydantic import BaseModel\nclass Base(BaseModel):\n    id: int\n    name: str\n",
        "mixin.py": "class Mixin:\n    pass\n",
        "m.py": (
            "from base import Base as B\nfrom mixin import Mixin\nclass M(Mixin, B):\n"
            "    name: str = 'x'\n    more: int\n    @property\n    def p(self): ...\n"
        ),
        **V2,
    }
    assert fields(files, "m.M") == {"id": "int required", "name": "str optional", "more": "int required"}
    (shape,) = [each for each in answer(files)["shapes"] if each["name"] == "m.M"]
    assert [each["from"] for each in shape["fields"]] == ["base.Base", None, None]
    assert shape["complete"]


def test_type_variables_are_replaced() -> None:
    code = (
        "from typing import Generic, TypeVar\nfrom pydantic import BaseModel\nT = TypeVar('T')\nK = TypeVar('K')\n"
        "class Page(BaseModel, Generic[T, K]):\n    items: list[T]\n    key: K\n"
        "class Middle(Page[T, int], Generic[T]):\n    pass\n"
        "class Users(Middle['User']):\n    pass\n"
    )
    assert fields({"m.py": code, **V2}, "m.Users") == {"items": "list[User] required", "key": "int required"}


@pytest.mark.parametrize(
    "config",
    [
        "    model_config = ConfigDict(alias_generator=to_camel)\n",
        "    model_config = {'alias_generator': AliasGenerator(to_camel)}\n",
        "    class Config:\n        alias_generator = to_camel\n",
    ],
)
def test_aliases_are_made_by_known_functions(config: str) -> None:
    code = (
        "from pydantic import AliasGenerator, BaseModel, ConfigDict, Field\n"
        "from pydantic.alias_generators import to_camel\n"
        f"class Base(BaseModel):\n{config}\n"
        "class M(Base):\n    some_name: int\n    plain: int\n"
        "    own_name: int = Field(alias='x')\n    line_2_b: int\n"
    )
    assert fields({"m.py": code, **V2}, "m.M") == {
        "some_name": "int required as someName",
        "plain": "int required",
        "own_name": "int required as x",
        "line_2_b": "int required as line2B",
    }


def test_what_is_made_while_running_is_unknown() -> None:
    code = (
        "from pydantic import BaseModel, ConfigDict, create_model\ndef shout(n):\n    return n.upper()\n"
        "class M(BaseModel):\n    model_config = ConfigDict(alias_generator=shout)\n    a: int\n"
        "Made = create_model('Made', x=(int, 1))\n"
    )
    assert [(each["line"], each["what"]) for each in answer({"m.py": code})["unknown"]] == [
        (5, "the aliases of fields"),
        (7, "a class made by `create_model`"),
    ]


def test_classes_in_a_circle_do_no_harm() -> None:
    code = "from pydantic import BaseModel\nclass A(B): pass\nclass B(A, BaseModel):\n    x: int\n"
    assert [each["name"] for each in answer({"m.py": code})["shapes"]]


def test_sqlmodel_and_dataclasses() -> None:
    code = (
        "from sqlmodel import Field, Relationship, SQLModel\n"
        "from pydantic.dataclasses import dataclass\nimport dataclasses\n"
        "class Base(SQLModel):\n    title: str = Field(max_length=9)\n"
        "class Item(Base, table=True):\n"
        "    id: int | None = Field(default=None, primary_key=True)\n"
        "    owner: 'User' = Relationship(back_populates='items')\n"
        "@dataclass\nclass D:\n    a: int\n    b: list[int] = dataclasses.field(default_factory=list)\n"
        "@dataclasses.dataclass\nclass Plain:\n    a: int\n"
    )
    files = {"m.py": code, **V2}
    assert fields(files, "m.Item") == {"title": "str required", "id": "int optional nullable"}
    assert fields(files, "m.D") == {"a": "int required", "b": "list[int] optional"}
    assert [(each["name"], each["kind"]) for each in answer(files)["shapes"]] == [
        ("m.Base", "sqlmodel"),
        ("m.D", "dataclass"),
        ("m.Item", "sqlmodel"),
    ]


def test_marshmallow() -> None:
    code = (
        "from flask_marshmallow import Marshmallow\nfrom marshmallow import fields as f\nma = Marshmallow()\n"
        "class Upper(f.String): pass\n"
        "class Base(ma.Schema):\n    id = f.Int(dump_only=True)\n    gone = f.Int()\n"
        "class M(Base):\n    name = Upper(required=True, data_key='Name')\n"
        "    maybe = f.Str(load_default=None)\n    word = f.Str()\n"
        "    inner = f.Nested('Other', many=True)\n    gone = None\n    size = 3\n"
        "    class Meta:\n        load_only = ('word',)\n        exclude = ['maybe']\n"
        "        additional = ('extra',)\n"
    )
    assert fields({"m.py": code, **V2}, "m.M") == {
        "id": "Int optional read_only",
        "name": "Upper required as Name",
        "word": "Str optional write_only",
        "inner": "Nested[Other] optional",
        "extra": "None optional",
    }


def test_an_automatic_schema_has_the_columns_of_its_model() -> None:
    code = (
        "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\nfrom sqlalchemy import ForeignKey\n"
        "from marshmallow_sqlalchemy import SQLAlchemyAutoSchema, auto_field\n"
        "class Base(DeclarativeBase): pass\n"
        "class User(Base):\n    __tablename__ = 'users'\n"
        "    id: Mapped[int] = mapped_column(primary_key=True)\n    name: Mapped[str]\n"
        "    team_id: Mapped[int] = mapped_column(ForeignKey('users.id'))\n"
        "class M(SQLAlchemyAutoSchema):\n    name = auto_field()\n    class Meta:\n        model = User\n"
    )
    found = fields({"m.py": code, **V2}, "m.M")
    assert list(found) == ["id", "name"]
    assert found["name"].endswith("required")


MODELS = """
from django.db import models
class Stamped(models.Model):
    made = models.DateTimeField(auto_now_add=True)
    class Meta:
        abstract = True
class Team(models.Model):
    name = models.CharField(max_length=9)
class User(Stamped):
    email = models.EmailField()
    bio = models.TextField(blank=True, null=True)
    level = models.IntegerField(default=1)
    active = models.BooleanField()
    code = models.CharField(max_length=3, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE)
    friends = models.ManyToManyField("self", blank=True)
    objects = models.Manager()
    @property
    def label(self): return ""
"""
SERIALIZERS = """
from rest_framework import serializers as s
from models import Team, User
class TeamSerializer(s.ModelSerializer):
    class Meta:
        model = Team
        fields = ["id", "name"]
class Base(s.ModelSerializer):
    full = s.SerializerMethodField()
    class Meta:
        model = User
        fields = ("id", "email", "full")
class Some(Base):
    team = TeamSerializer(many=True, read_only=True)
    class Meta(Base.Meta):
        fields = Base.Meta.fields + ("bio", "level", "team", "label", "active")
        read_only_fields = ["level"]
        extra_kwargs = {"active": {"required": False, "write_only": True}}
class All(s.ModelSerializer):
    class Meta:
        model = User
        fields = "__all__"
class Without(s.ModelSerializer):
    class Meta:
        model = User
        exclude = ("friends", "team", "code", "active", "made")
class Plain(s.Serializer):
    a = s.CharField()
    b = s.IntegerField(required=False, allow_null=True)
    c = s.CharField(default="x", write_only=True)
    d = s.HiddenField(default=s.CurrentUserDefault())
class Less(Plain):
    b = None
class Changing(Plain):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields.pop("a")
class Computed(s.ModelSerializer):
    class Meta:
        model = User
        fields = names()
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "Some",
            {
                "id": "AutoField optional read_only",
                "email": "EmailField required",
                "full": "SerializerMethodField optional read_only",
                "bio": "TextField optional nullable",
                "level": "IntegerField optional read_only",
                "team": "list[TeamSerializer] optional read_only",
                "label": "None optional read_only",
                "active": "BooleanField optional write_only",
            },
        ),
        (
            "All",
            {
                "id": "AutoField optional read_only",
                "made": "DateTimeField optional read_only",
                "email": "EmailField required",
                "bio": "TextField optional nullable",
                "level": "IntegerField optional",
                "active": "BooleanField required",
                "code": "CharField optional read_only",
                "team": "ForeignKey required",
                "friends": "ManyToManyField optional",
            },
        ),
        (
            "Without",
            {
                "id": "AutoField optional read_only",
                "email": "EmailField required",
                "bio": "TextField optional nullable",
                "level": "IntegerField optional",
            },
        ),
        (
            "Plain",
            {
                "a": "CharField required",
                "b": "IntegerField optional nullable",
                "c": "CharField optional write_only",
                "d": "HiddenField optional write_only",
            },
        ),
        (
            "Less",
            {"a": "CharField required", "c": "CharField optional write_only", "d": "HiddenField optional write_only"},
        ),
    ],
)
def test_serializers(name: str, expected: dict[str, str]) -> None:
    assert fields({"models.py": MODELS, "s.py": SERIALIZERS}, f"s.{name}") == expected


def test_serializers_that_are_not_all_known() -> None:
    found = answer({"models.py": MODELS, "s.py": SERIALIZERS})
    assert [each["what"] for each in found["unknown"]] == ["the fields of `Changing`", "the fields of `Computed`"]


def test_forms() -> None:
    code = (
        "from django import forms\nfrom django.contrib.auth.forms import UserCreationForm\nfrom models import User\n"
        "class Plain(forms.Form):\n    a = forms.CharField()\n    b = forms.BooleanField(required=False)\n"
        "class ForUser(forms.ModelForm):\n    extra = forms.CharField()\n    class Meta:\n"
        "        model = User\n        fields = ['email', 'bio', 'active']\n"
        "class All(forms.ModelForm):\n    class Meta:\n        model = User\n        fields = '__all__'\n"
        "class SignUp(UserCreationForm):\n    nick = forms.CharField()\n"
    )
    files = {"models.py": MODELS, "f.py": code}
    assert fields(files, "f.Plain") == {"a": "CharField required", "b": "BooleanField optional nullable"}
    assert fields(files, "f.ForUser") == {
        "email": "EmailField required",
        "bio": "TextField optional nullable",
        "active": "BooleanField optional nullable",
        "extra": "CharField required",
    }
    assert list(fields(files, "f.All")) == ["email", "bio", "level", "active", "team", "friends"]
    assert [each["what"] for each in answer(files)["unknown"]] == ["the fields of `SignUp`"]


def test_the_table_has_a_line_for_each_field() -> None:
    found = answer({"m.py": "from pydantic import BaseModel\nclass M(BaseModel):\n    a: int\n    b: str = ''\n"})
    assert shapes.rows(found) == [("m.M", "pydantic", "a", "int", "required", ""), ("", "", "b", "str", "", "")]
