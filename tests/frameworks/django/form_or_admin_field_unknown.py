"""Whether the forms, admins and views of the case can be made of their models."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django.contrib import admin
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.views.generic.edit import ModelFormMixin
from django_cases import modules, start

start()
try:
    classes = [each for module in modules() for each in vars(module).values() if isinstance(each, type)]
    for each in classes:
        if issubclass(each, ModelFormMixin) and not each.__module__.startswith("django"):
            each().get_form_class()
    errors = [error for each in admin.site._registry.values() for error in each.check()]
except (FieldError, ImproperlyConfigured) as error:
    errors = [error]
print(*errors, sep="\n")
sys.exit(1 if errors else 0)
