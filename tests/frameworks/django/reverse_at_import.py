"""Whether the URLconf of the case cannot be imported because a URL is reversed before it has patterns."""

from __future__ import annotations

import sys

sys.path.insert(0, ".")

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import resolve

settings.configure(ROOT_URLCONF="shop.urls", INSTALLED_APPS=["shop"], SECRET_KEY="x")
django.setup()
try:
    resolve("/")
except ImproperlyConfigured as error:
    sys.exit(1 if "does not appear to have any patterns" in str(error) else 2)
