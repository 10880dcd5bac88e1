"""Whether packages may add relations to the model of the users, by what is installed."""

from __future__ import annotations

from cdlint.project import Project

from ._apps import installed
from ._settings import running

_WITHOUT = frozenset(
    {
        "rest_framework", "django_filters", "corsheaders", "channels", "daphne", "drf_spectacular", "crispy_forms",
        "crispy_bootstrap4", "crispy_bootstrap5", "django_extensions", "debug_toolbar", "whitenoise.runserver_nostatic",
        "django_celery_beat", "django_celery_results", "storages", "bootstrap4", "bootstrap5", "django_htmx",
        "widget_tweaks", "compressor", "django_tables2", "import_export", "rest_framework_simplejwt", "health_check",
    }
)  # fmt: skip
"""Packages without a relation to users."""


def users_are_shared(project: Project) -> bool:
    """Whether some installed package may relate to users, or what is installed is not known."""
    chosen = project[running]
    if chosen.why or not chosen.modules:
        return True
    for each in chosen.modules:
        known = project[installed, each.path]
        texts = [app.entry.text for app in known.apps if not app.package]
        if known.why or not all(text in _WITHOUT or text.startswith("django.contrib.") for text in texts):
            return True
    return False
