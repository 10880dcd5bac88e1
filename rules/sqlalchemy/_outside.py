"""The columns and table names that mixins and bases of other packages bring, as those packages usually have them."""

from __future__ import annotations

import re
from typing import NamedTuple

from cdlint.facts.tree import At
from cdlint.project.answers import Symbol

from ._columns import ColumnFact, ForeignRef
from ._types import TypeFact

SNAKE = "*"
"""The table is named after the class."""


class Outside(NamedTuple):
    """A class of another package."""

    columns: str
    """Separated by `; `: name, type with its length, then `null pk unique index default` and `->table.column`."""
    table: str = ""
    root: bool = False
    """Whether its subclasses are mapped without another base."""


_USER = (
    "email String(320) unique index; hashed_password String(1024); is_active Boolean default; "
    "is_superuser Boolean default; is_verified Boolean default"
)
_ACCOUNT = (
    "oauth_name String(100) index; access_token String(1024); expires_at Integer null; "
    "refresh_token String(1024) null; account_id String(320) index; account_email String(320)"
)
_TOKEN = "token String(43) pk; created_at TIMESTAMPAware index default"
_UUID = "id GUID pk default; "
_SENTINEL = "sa_orm_sentinel Integer null default"
_GUID = f"id GUID(16) pk default; {_SENTINEL}"
_NANO = f"id String pk default; {_SENTINEL}"
_BIG = "id BigInteger pk default"
_AUDIT = "created_at DateTimeUTC default; updated_at DateTimeUTC default"
_ROLE = (
    "id Integer pk; name String(80) unique; description String(255) null; permissions AsaList null; "
    "update_datetime DateTime default"
)
_PERSON = (
    "id Integer pk; email String(255) unique; active Boolean; fs_uniquifier String(64) unique; "
    "confirmed_at DateTime null; last_login_at DateTime null; current_login_at DateTime null; "
    "last_login_ip String(64) null; current_login_ip String(64) null; login_count Integer null; "
    "tf_primary_method String(64) null; tf_totp_secret String(255) null; tf_phone_number String(128) null; "
    "create_datetime DateTime default; update_datetime DateTime default"
)
_PERSON_1 = f"{_PERSON}; username String(255) null; password String(255)"
_PERSON_2 = (
    f"{_PERSON}; username String(255) null unique; password String(255); us_totp_secrets Text null; "
    "us_phone_number String(128) null"
)
_PERSON_3 = (
    f"{_PERSON}; username String(255) null unique; password String(255) null; us_totp_secrets Text null; "
    "us_phone_number String(128) null unique; fs_webauthn_user_handle String(64) null unique; "
    "mf_recovery_codes AsaList null"
)
_KEY = (
    "id Integer pk; credential_id LargeBinary(1024) unique index; public_key LargeBinary; "
    "sign_count Integer null default; transports AsaList null; backup_state Boolean; device_type String(64); "
    "extensions String(255) null; create_datetime DateTime default; lastuse_datetime DateTime; name String(64); "
    "usage String(64); user_id Integer ->user.id"
)
_CLIENT = (
    "client_id String(48) null index; client_secret String(120) null; client_id_issued_at Integer default; "
    "client_secret_expires_at Integer default; client_metadata Text null"
)
_CODE = (
    "code String(120) unique; client_id String(48) null; redirect_uri Text null default; "
    "response_type Text null default; scope Text null default; nonce Text null; auth_time Integer default; "
    "acr Text null; amr Text null; code_challenge Text null; code_challenge_method String(48) null"
)
_ISSUED = (
    "client_id String(48) null; token_type String(40) null; access_token String(255) unique; "
    "refresh_token String(255) null index; scope Text null default; issued_at Integer default; "
    "access_token_revoked_at Integer default; refresh_token_revoked_at Integer default; expires_in Integer default"
)

_ALCHEMY = {
    "DefaultBase": "",
    "UUIDBase": _GUID,
    "UUIDv6Base": _GUID,
    "UUIDv7Base": _GUID,
    "NanoIDBase": _NANO,
    "BigIntBase": _BIG,
    "IdentityBase": _BIG,
}
_BASES = {
    "fastapi_users.SQLAlchemyBaseUserTable": Outside(_USER, "user"),
    "fastapi_users.SQLAlchemyBaseUserTableUUID": Outside(_UUID + _USER, "user"),
    "fastapi_users.SQLAlchemyBaseOAuthAccountTable": Outside(_ACCOUNT, "oauth_account"),
    "fastapi_users.SQLAlchemyBaseOAuthAccountTableUUID": Outside(
        f"{_UUID}user_id GUID ->user.id; {_ACCOUNT}", "oauth_account"
    ),
    "fastapi_users.SQLAlchemyBaseAccessTokenTable": Outside(_TOKEN, "accesstoken"),
    "fastapi_users.SQLAlchemyBaseAccessTokenTableUUID": Outside(f"user_id GUID ->user.id; {_TOKEN}", "accesstoken"),
    **{f"advanced_alchemy.{name}": Outside(columns, SNAKE, True) for name, columns in _ALCHEMY.items()},
    **{
        f"advanced_alchemy.{name.removesuffix('Base')}AuditBase": Outside(f"{columns}; {_AUDIT}", SNAKE, True)
        for name, columns in _ALCHEMY.items()
        if columns
    },
    "advanced_alchemy.CommonTableAttributes": Outside("", SNAKE),
    "advanced_alchemy.BasicAttributes": Outside(""),
    "advanced_alchemy.UniqueMixin": Outside(""),
    "advanced_alchemy.SentinelMixin": Outside(_SENTINEL),
    "advanced_alchemy.AuditColumns": Outside(_AUDIT),
    "advanced_alchemy.SlugKey": Outside("slug String(100)"),
    "advanced_alchemy.BigIntPrimaryKey": Outside(_BIG),
    "advanced_alchemy.IdentityPrimaryKey": Outside(_BIG),
    "advanced_alchemy.NanoIDPrimaryKey": Outside(_NANO),
    **{
        f"advanced_alchemy.UUID{version}PrimaryKey": Outside(f"id Uuid pk default; {_SENTINEL}")
        for version in ("", "v6", "v7")
    },
    "flask_security.FsRoleMixin": Outside(_ROLE),
    "flask_security.models.fsqla.FsUserMixin": Outside(_PERSON_1),
    "flask_security.models.fsqla_v2.FsUserMixin": Outside(_PERSON_2),
    "flask_security.models.fsqla_v3.FsUserMixin": Outside(_PERSON_3),
    "flask_security.models.fsqla_v3.FsWebAuthnMixin": Outside(_KEY),
    "sqlalchemy_utils.Timestamp": Outside("created DateTime default; updated DateTime default"),
    "sqlalchemy_mixins.TimestampsMixin": Outside("created_at TIMESTAMP default; updated_at TIMESTAMP default"),
    "sqlalchemy_mixins.AllFeaturesMixin": Outside(""),
    "sqlalchemy_mixins.ActiveRecordMixin": Outside(""),
    "sqlalchemy_mixins.SerializeMixin": Outside(""),
    "sqlalchemy_mixins.ReprMixin": Outside(""),
    "flask_dance.OAuthConsumerMixin": Outside(
        "id Integer pk; provider String(50); created_at DateTime default; token JSON"
    ),
    "authlib.OAuth2ClientMixin": Outside(_CLIENT),
    "authlib.OAuth2AuthorizationCodeMixin": Outside(_CODE),
    "authlib.OAuth2TokenMixin": Outside(_ISSUED),
    "sqlalchemy.ConcreteBase": Outside(""),
    "sqlalchemy.AbstractConcreteBase": Outside(""),
}
_TYPES = {
    "uuid.UUID": TypeFact("GUID", 16),
    "datetime.datetime": TypeFact("DateTimeUTC", None),
}
_SAME_PACKAGE = {"fastapi_users_db_sqlalchemy": "fastapi_users", "litestar": "advanced_alchemy"}
ROOTS = frozenset(name.rpartition(".")[2] for name, each in _BASES.items() if each.root)
"""The last words of the bases whose subclasses are mapped."""
_TYPE = re.compile(r"(\w+)(?:\((\d+)\))?")


def outside(dotted: str) -> Outside | None:
    """What is known of a class outside the repository, whatever path of its package it is imported by."""
    first, last = dotted.partition(".")[0], dotted.rpartition(".")[2]
    return _BASES.get(dotted) or _BASES.get(f"{_SAME_PACKAGE.get(first, first)}.{last}")


class Brought(NamedTuple):
    """A column of another package's class, and its type."""

    column: ColumnFact
    type: TypeFact


def brought(base: str, bases: tuple[str, ...], cls: Symbol, at: At) -> tuple[Brought, ...]:
    """The columns that one of the bases outside the repository gives to a class."""
    found = outside(base)
    usual = usual_types(bases)
    columns = found.columns.split("; ") if found is not None and found.columns else []
    made = [_column(text, cls, at) for text in columns]
    return tuple(
        each._replace(type=usual["uuid.UUID"]) if usual and each.type.name == "Uuid" else each for each in made
    )


def usual_types(bases: tuple[str, ...]) -> dict[str, TypeFact]:
    """The types that a declarative base of another package gives to annotations."""
    return _TYPES if any(found is not None and found.root for found in map(outside, bases)) else {}


def _column(text: str, cls: Symbol, at: At) -> Brought:
    name, kind, *words = text.split(" ")
    typed = _TYPE.fullmatch(kind)
    primary = "pk" in words
    column = ColumnFact(
        attr=name,
        name=name,
        nullable="null" in words,
        primary_key=primary,
        unique="unique" in words,
        has_default="default" in words,
        indexed="index" in words,
        refs=tuple(ForeignRef(word[2:], None, cls.path, at) for word in words if word.startswith("->")),
        owner=cls,
        path=cls.path,
        at=at,
    )
    length = typed[2] if typed is not None else None
    return Brought(column, TypeFact(typed[1] if typed is not None else kind, int(length) if length else None))
