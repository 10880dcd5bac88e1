"""What the settings that a watched object carries are by default: what the classes and modules of settings all say."""

from __future__ import annotations

from ..facts import tree
from . import Project
from .answers import Unknown
from .constants import fold, variable
from .objects import Literal, Value
from .places import is_aside

_MAPPING = tree.TAG[tree.Mapping]


def setting(project: Project, name: str) -> Value:
    """The value of a setting when everything in the repository that is called so holds the same constant."""
    found = {known for path in project.paths for known in project[_held, (path, name)]}
    return Literal(found.pop()) if len(found) == 1 and Unknown("") not in found else Unknown(f"the setting `{name}`")


def _held(project: Project, key: tuple[str, str]) -> frozenset[object]:
    """The strings and numbers that variables, class variables and dicts of a file hold under a name."""
    path, name = key
    module = None if is_aside(path) else project.module(path)
    if module is None or not name.isupper():
        return frozenset()
    names = [each.name for each in module.bindings if each.name == name]
    names += [f"{cls.qualname}.{name}" for cls in module.classes if any(each.name == name for each in cls.fields)]
    values = [project[variable, (path, each)] for each in names]
    for binding in module.bindings if module.main.mentions(name) else ():
        if binding.value_code is not None and binding.value_code[0] == _MAPPING:
            items = getattr(binding.value, "items", ())
            values += [fold(project, (path, ""), item) for key, item in items if getattr(key, "value", None) == name]
    return frozenset(each if isinstance(each, (str, int)) else Unknown("") for each in values)
