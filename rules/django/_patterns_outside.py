"""The names that well-known packages give to their URL patterns, so that an include of them hides nothing else."""

from __future__ import annotations

import re

_AUTH = "login|logout|password_change(_done)?|password_reset(_done|_confirm|_complete)?"
_ALLAUTH = (
    r"(account|socialaccount|mfa|usersessions|headless|openid|idp|allauth)(_\w+|:.*)?|"
    r"[a-z0-9_]+_(login|callback|logout|acs|sls|metadata|finish_acs|login_by_token|login_canvas|webhook)"
)

_NAMES: dict[str, str] = {
    "django.contrib.auth.urls": _AUTH,
    "django.conf.urls.i18n": "set_language",
    "django.contrib.flatpages.urls": "django.contrib.flatpages.views.flatpage",
    "django.contrib.admindocs.urls": "django-admindocs-.*",
    "django.contrib.admin": "admin:.*",
    "rest_framework.urls": "rest_framework:.*|login|logout",
    "debug_toolbar.urls": "djdt:.*",
    "debug_toolbar.toolbar": "djdt:.*",
    "silk.urls": "silk:.*",
    "allauth.urls": _ALLAUTH,
    "allauth.account.urls": _ALLAUTH,
    "allauth.socialaccount.urls": _ALLAUTH,
    "allauth.headless.urls": _ALLAUTH,
    "allauth.idp.urls": _ALLAUTH,
    "social_django.urls": "social:.*",
    "oauth2_provider.urls": "oauth2_provider:.*",
    "django_prometheus.urls": "prometheus-.*",
    "impersonate.urls": "impersonate-.*",
    "health_check.urls": "health_check(:.*|_.*)",
    "django_browser_reload.urls": "django_browser_reload:.*",
    "hijack.urls": "hijack:.*",
    "ckeditor_uploader.urls": "ckeditor_.*",
    "tinymce.urls": "tinymce-.*",
    "captcha.urls": "captcha-.*",
    "mozilla_django_oidc.urls": "oidc_.*",
    "djoser.urls": "user-.*|users-.*",
    "djoser.urls.jwt": "jwt-.*",
    "djoser.urls.authtoken": "login|logout",
    "drf_spectacular.urls": "schema|swagger-ui|redoc",
    "dj_rest_auth.urls": "rest_.*|token_.*",
    "dj_rest_auth.registration.urls": "rest_.*|account_.*",
    "django_rq.urls": "rq_.*",
    "explorer.urls": "explorer_.*|.*explorer.*",
    "webpack_loader.urls": "",
    "django.contrib.staticfiles.urls": "",
}
_COMPILED: dict[str, re.Pattern[str]] = {}


def may_name(outside: str, name: str) -> bool:
    """Whether the patterns of a package may have this name; namespaces stand before it with colons."""
    known = _NAMES.get(outside)
    if known is None:
        return True
    if outside not in _COMPILED:
        _COMPILED[outside] = re.compile(known)
    return _COMPILED[outside].fullmatch(name) is not None


def is_well_known(outside: str) -> bool:
    """Whether it is known how a package names its patterns."""
    return outside in _NAMES
