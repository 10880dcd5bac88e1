"""Whether the relations that the case names can be loaded."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django.core.exceptions import FieldError
from django_cases import exits, fill, start

# Packages that are not there to read, one with an abstract model and one with a field that brings a relation along.
NODE = "from django.db import models\nclass Node(models.Model):\n    class Meta: abstract = True\n"
TAGS = """from django.contrib.contenttypes.fields import GenericRelation
class TaggableManager:
    def contribute_to_class(self, cls, name):
        GenericRelation("admin.LogEntry").contribute_to_class(cls, "tagged_items")
"""
for name, text in ("tree_package/models", NODE), ("taggit/managers", TAGS):
    package = Path(name, "__init__.py")
    package.parent.mkdir(parents=True)
    package.write_text(text)
start()
fill(2)
exits(FieldError, AttributeError, ValueError)
