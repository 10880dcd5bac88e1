"""What settings objects define, and whether a name that is read from one is among it."""

from __future__ import annotations

from cdlint.project import Project
from cdlint.project.answers import Absent, Symbol
from cdlint.project.assignments import self_assignments
from cdlint.project.classes import TRANSPARENT, ancestry, class_facts, descendants, function_facts
from cdlint.project.names import lookup, namespace

BASES = frozenset(
    {
        "pydantic.BaseSettings", "pydantic_settings.BaseSettings", "pydantic_settings.main.BaseSettings",
        "pydantic.BaseModel", "pydantic.main.BaseModel", "pydantic.env_settings.BaseSettings",
    }
)  # fmt: skip
_DJANGO_NAMES = """
ABSOLUTE_URL_OVERRIDES ADMINS ALLOWED_HOSTS APPEND_SLASH AUTHENTICATION_BACKENDS AUTH_PASSWORD_VALIDATORS
AUTH_USER_MODEL CACHES CACHE_MIDDLEWARE_ALIAS CACHE_MIDDLEWARE_KEY_PREFIX CACHE_MIDDLEWARE_SECONDS CSRF_COOKIE_AGE
CSRF_COOKIE_DOMAIN CSRF_COOKIE_HTTPONLY CSRF_COOKIE_NAME CSRF_COOKIE_PATH CSRF_COOKIE_SAMESITE CSRF_COOKIE_SECURE
CSRF_FAILURE_VIEW CSRF_HEADER_NAME CSRF_TRUSTED_ORIGINS CSRF_USE_SESSIONS DATABASES DATABASE_ROUTERS
DATA_UPLOAD_MAX_MEMORY_SIZE DATA_UPLOAD_MAX_NUMBER_FIELDS DATA_UPLOAD_MAX_NUMBER_FILES DATETIME_FORMAT
DATETIME_INPUT_FORMATS DATE_FORMAT DATE_INPUT_FORMATS DEBUG DEBUG_PROPAGATE_EXCEPTIONS DECIMAL_SEPARATOR
DEFAULT_AUTO_FIELD DEFAULT_CHARSET DEFAULT_EXCEPTION_REPORTER DEFAULT_EXCEPTION_REPORTER_FILTER DEFAULT_FROM_EMAIL
DEFAULT_INDEX_TABLESPACE DEFAULT_TABLESPACE DISALLOWED_USER_AGENTS EMAIL_BACKEND EMAIL_HOST EMAIL_HOST_PASSWORD
EMAIL_HOST_USER EMAIL_PORT EMAIL_SSL_CERTFILE EMAIL_SSL_KEYFILE EMAIL_SUBJECT_PREFIX EMAIL_TIMEOUT
EMAIL_USE_LOCALTIME EMAIL_USE_SSL EMAIL_USE_TLS FILE_UPLOAD_DIRECTORY_PERMISSIONS FILE_UPLOAD_HANDLERS
FILE_UPLOAD_MAX_MEMORY_SIZE FILE_UPLOAD_PERMISSIONS FILE_UPLOAD_TEMP_DIR FIRST_DAY_OF_WEEK FIXTURE_DIRS
FORCE_SCRIPT_NAME FORMAT_MODULE_PATH FORMS_URLFIELD_ASSUME_HTTPS FORM_RENDERER IGNORABLE_404_URLS INSTALLED_APPS
INTERNAL_IPS LANGUAGES LANGUAGES_BIDI LANGUAGE_CODE LANGUAGE_COOKIE_AGE LANGUAGE_COOKIE_DOMAIN
LANGUAGE_COOKIE_HTTPONLY LANGUAGE_COOKIE_NAME LANGUAGE_COOKIE_PATH LANGUAGE_COOKIE_SAMESITE LANGUAGE_COOKIE_SECURE
LOCALE_PATHS LOGGING LOGGING_CONFIG LOGIN_REDIRECT_URL LOGIN_URL LOGOUT_REDIRECT_URL MANAGERS MEDIA_ROOT MEDIA_URL
MESSAGE_STORAGE MIDDLEWARE MIGRATION_MODULES MONTH_DAY_FORMAT NUMBER_GROUPING PASSWORD_HASHERS
PASSWORD_RESET_TIMEOUT PREPEND_WWW SECRET_KEY SECRET_KEY_FALLBACKS SECURE_CONTENT_TYPE_NOSNIFF
SECURE_CROSS_ORIGIN_OPENER_POLICY SECURE_HSTS_INCLUDE_SUBDOMAINS SECURE_HSTS_PRELOAD SECURE_HSTS_SECONDS
SECURE_PROXY_SSL_HEADER SECURE_REDIRECT_EXEMPT SECURE_REFERRER_POLICY SECURE_SSL_HOST SECURE_SSL_REDIRECT
SERVER_EMAIL SESSION_CACHE_ALIAS SESSION_COOKIE_AGE SESSION_COOKIE_DOMAIN SESSION_COOKIE_HTTPONLY
SESSION_COOKIE_NAME SESSION_COOKIE_PATH SESSION_COOKIE_SAMESITE SESSION_COOKIE_SECURE SESSION_ENGINE
SESSION_EXPIRE_AT_BROWSER_CLOSE SESSION_FILE_PATH SESSION_SAVE_EVERY_REQUEST SESSION_SERIALIZER
SHORT_DATETIME_FORMAT SHORT_DATE_FORMAT SIGNED_COOKIE_LEGACY_SALT_FALLBACK SIGNING_BACKEND SILENCED_SYSTEM_CHECKS
STATICFILES_DIRS STATICFILES_FINDERS STATIC_ROOT STATIC_URL STORAGES TEMPLATES TEST_NON_SERIALIZED_APPS TEST_RUNNER
THOUSAND_SEPARATOR TIME_FORMAT TIME_INPUT_FORMATS TIME_ZONE USE_I18N USE_THOUSAND_SEPARATOR USE_TZ
USE_X_FORWARDED_HOST USE_X_FORWARDED_PORT WSGI_APPLICATION X_FRAME_OPTIONS YEAR_MONTH_FORMAT
"""
_OLDER = """
DEFAULT_FILE_STORAGE DEFAULT_HASHING_ALGORITHM FILE_CHARSET FORMS_URLFIELD_ASSUME_HTTPS MIDDLEWARE_CLASSES
PASSWORD_RESET_TIMEOUT_DAYS SETTINGS_MODULE STATICFILES_STORAGE TEMPLATE_CONTEXT_PROCESSORS TEMPLATE_DEBUG
TEMPLATE_DIRS TEMPLATE_LOADERS USE_DEPRECATED_PYTZ USE_ETAGS USE_L10N
"""
DJANGO = frozenset((_DJANGO_NAMES + _OLDER).split())
"""The settings that Django defines itself, as of 5.2, and those of earlier versions."""
_MODEL_NAMES = """
construct copy dict from_orm json model_computed_fields model_config model_construct model_copy model_dump
model_dump_json model_extra model_fields model_fields_set model_json_schema model_parametrized_name model_post_init
model_rebuild model_validate model_validate_json model_validate_strings parse_file parse_obj parse_raw schema
schema_json settings_cached settings_clear_cache settings_customise_sources update_forward_refs validate
"""
_MODEL = frozenset(_MODEL_NAMES.split())
_MODULES = frozenset({"settings", "config", "conf", "configuration"})
_FREE = ("extra=", "__getattr__", "__getattribute__", "__setattr__", "allow")


def holds_settings(value: Symbol) -> bool:
    """Whether a value is a module or class of settings, or an instance of one, by its name."""
    if value.kind == "module":
        return value.path.rpartition("/")[2].removesuffix(".py") in _MODULES
    if value.kind not in ("class", "instance"):
        return False
    return value.last.lower().endswith(("settings", "config", "configuration"))


def lacks(project: Project, value: Symbol, name: str) -> bool:
    """Whether a settings object surely has no attribute of this name."""
    if name.startswith("_"):
        return False
    if value.kind == "module":
        answer = project[lookup, (value.path, name)]
        space = project[namespace, value.path] if value.path.endswith(".py") else None
        return isinstance(answer, Absent) and answer.path == value.path and space is not None
    cls = Symbol("class", value.path, value.name)
    # An instance may be one of a subclass, which defines more.
    known = [project[members, each] for each in (project[descendants, cls] if value.kind == "instance" else (cls,))]
    return not any(names is None or name in names for names in known)


def members(project: Project, cls: Symbol) -> frozenset[str] | None:
    """Every attribute of a class of settings and of its instances; None when there may be more."""
    above = project[ancestry, cls]
    outside = [name for name in above.external if name not in TRANSPARENT]
    if above.unknown or any(name not in BASES for name in outside):
        return None
    found = set(_MODEL) if outside else set[str]()
    for each in above.first_party:
        facts = class_facts(project, each)
        module = project.module(each.path)
        if facts is None or module is None or _is_free(facts.methods) or (facts.keyword_codes and not outside):
            return None
        if any(code for name, code in facts.keyword_codes) or _allows_more(project, each):
            return None
        if any(not _is_dataclass(node) for node in facts.decorators) or _makes_others(project, each):
            return None
        found.update(facts.methods)
        found.update(field.name for field in facts.fields)
        found.update(other.name for other in module.classes if other.parent == each.name)
        found.update(project[self_assignments, each])
    return frozenset(found)


def _makes_others(project: Project, cls: Symbol) -> bool:
    """Whether calling a class gives what its own `__new__` takes from elsewhere."""
    made = function_facts(project, Symbol("function", cls.path, f"{cls.name}.__new__"))
    return made is not None and not any(call.endswith(".__new__") for call in made.calls)


def _is_free(methods: tuple[str, ...]) -> bool:
    return any(name in _FREE for name in methods)


def _is_dataclass(node: object) -> bool:
    last = getattr(node, "last", "") or getattr(getattr(node, "func", None), "last", "")
    return last in ("dataclass", "final", "lru_cache", "cache")


def _allows_more(project: Project, cls: Symbol) -> bool:
    """Whether the class takes keys that it does not declare (`extra="allow"`), or is filled from outside."""
    module = project.module(cls.path)
    facts = class_facts(project, cls)
    if module is None or facts is None:
        return True
    if any(field.name in ("model_config", "Config") and "allow" in repr(field.value_code) for field in facts.fields):
        return True
    inner = [other for other in module.classes if other.parent == cls.name and other.name == "Config"]
    if any("allow" in repr(field.value_code) for other in inner for field in other.fields):
        return True
    return any(
        call.rpartition(".")[2] in ("setattr", "update", "__dict__")
        for f in module.functions
        for call in f.calls
        if f.owner == cls.name or not f.qualname
    )
