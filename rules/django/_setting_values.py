"""The value of one setting of the running settings module, as other code reads it."""

from __future__ import annotations

from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol, Unknown
from cdlint.project.constants import variable
from cdlint.project.names import lookup

from ._class_values import of_settings_class
from ._known import Items, Text
from ._url_values import Item, Listing, Value
from ._values import value_of

_DEFAULTS = {
    "AUTH_USER_MODEL": "auth.User",
    "LANGUAGE_CODE": "en-us",
    "USE_I18N": True,
    "APPEND_SLASH": True,
    "MEDIA_URL": "",
    "DEBUG": False,
}


def plain_value(project: Project, settings: str, name: str) -> Value:
    """The value of a setting as far as reading alone tells it: nothing that is computed is worked out."""
    known = value_of(project, settings, name) if settings else None
    known = of_settings_class(project, settings, name) if known is None and settings else known
    if isinstance(known, Text) and len(known.entries) == 1 and not known.why and "*" not in known.entries[0].text:
        return known.entries[0].text
    if isinstance(known, Items) and not known.why:
        return Listing("list", [Item(entry.text, entry.sure) for entry in known.entries])
    found = project[lookup, (settings, name)] if settings else None
    module = project.module(found.path) if isinstance(found, Symbol) and found.kind == "variable" else None
    given = [each for each in module.bindings if each.name == getattr(found, "name", "")] if module else []
    node = given[0].value if len(given) == 1 and not given[0].guard else None
    return node.value if isinstance(node, tree.Constant) else Unknown(f"setting `{name}`")


def setting_value(project: Project, settings: str, name: str) -> Value:
    """A string, a list of strings or another constant; Unknown when it is decided when the program runs."""
    if not settings:
        return Unknown(f"setting `{name}`")
    known = value_of(project, settings, name)
    known = of_settings_class(project, settings, name) if known is None else known
    if known is None:
        return _DEFAULTS.get(name, Unknown(f"setting `{name}`"))
    if (
        isinstance(known, Text)
        and len({entry.text for entry in known.entries}) == 1
        and "*" not in known.entries[0].text
    ):
        return known.entries[0].text
    if isinstance(known, Items) and not known.why:
        return Listing("list", [Item(entry.text, entry.sure) for entry in known.entries])
    found = project[lookup, (settings, name)]
    if isinstance(found, Symbol) and found.kind == "variable":
        constant = project[variable, (found.path, found.name)]
        if isinstance(constant, (str, int, float, bool, type(None))):
            return constant
    elif name in _DEFAULTS and not isinstance(known, Text):
        return _DEFAULTS[name]
    return Unknown(f"setting `{name}`")
