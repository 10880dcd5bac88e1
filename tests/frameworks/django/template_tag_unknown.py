"""Whether Django compiles the templates of the case. Of packages that are not at hand, libraries stand in."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

sys.path.insert(0, ".")

import django
import jinja2
import settings as own
from django.conf import settings
from django.template import Library, Node, TemplateSyntaxError, engines

OUTSIDE = {"crispy_forms_tags": ("crispy",), "bootstrap5": ("bootstrap_css",)}


def standing_in(name: str) -> str:
    """A module with a library that has the tags of a package, and filters of the same names."""
    module = ModuleType(name)
    module.register = Library()  # type: ignore[attr-defined]
    for each in OUTSIDE[name]:
        module.register.tag(each, lambda parser, token: Node())  # type: ignore[attr-defined]
        module.register.filter(each, lambda value: value)  # type: ignore[attr-defined]
    sys.modules[name] = module
    return name


libraries = {name: standing_in(name) for name in OUTSIDE}
settings.configure(
    INSTALLED_APPS=[each for each in own.INSTALLED_APPS if importlib.util.find_spec(each)],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {"libraries": libraries},
        }
    ],
    SECRET_KEY="x",
)
django.setup()


def compiles(path: Path) -> bool:
    """Whether the engine of a template reads it."""
    others = [each for each in own.TEMPLATES if "jinja" in each["BACKEND"]]
    if any(path.suffix == each["OPTIONS"]["match_extension"] if "OPTIONS" in each else each["DIRS"] for each in others):
        return bool(jinja2.Environment(extensions=["jinja2.ext.i18n"]).from_string(path.read_text()))
    try:
        return bool(engines["django"].get_template(path.name))
    except TemplateSyntaxError as error:
        print(path, error)
        return False


pages = sorted(Path("shop/templates").iterdir())
wrong = [path for path in pages if not compiles(path)]
assert wrong == [path for path in pages if "# expect: " in path.read_text()]
sys.exit(1 if wrong else 0)
