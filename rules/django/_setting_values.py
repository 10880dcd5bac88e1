"""The value of one setting of the running settings module, as other code reads it."""

from __future__ import annotations

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
