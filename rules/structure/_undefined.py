"""Names that a file loads and that nothing defines: no scope of the file, no builtin, no star import."""

from __future__ import annotations

from cdlint.facts.model import Module, Unbound
from cdlint.project import Project
from cdlint.project.answers import Absent
from cdlint.project.names import lookup

from ._around import ANY_ERROR, is_expected
from ._program import TEST_FOLDERS, is_sample

INJECTED = frozenset(
    [
        "dbutils", "display", "displayHTML", "get_ipython", "sc", "spark", "sqlContext",  # notebooks
        "c", "tags",  # configuration that its reader executes
    ]
)  # fmt: skip
_SHARED_SCOPE = ("split_settings",)


def undefined_names(project: Project, path: str) -> tuple[Unbound, ...]:
    """The first load of each name of a file that nothing defines."""
    module = project.module(path)
    if module is None or not module.unbound:
        return ()
    errors = ANY_ERROR | {"NameError"} if _is_test(path) else frozenset(["NameError"])
    found = tuple(
        each
        for each in module.unbound
        if isinstance(project[lookup, (path, each.name)], Absent)
        and not (each.name in INJECTED or _is_special(each.name))
        and not is_expected(module, each.at, errors)
    )
    if not found or project[is_sample, path] or _is_executed(project, path):
        return ()
    return found


def _is_test(path: str) -> bool:
    *folders, name = path.split("/")
    return name.startswith("test_") or name == "conftest.py" or not TEST_FOLDERS.isdisjoint(folders)


def _is_special(name: str) -> bool:
    """`__salt__` and the like are put there by whoever runs the file."""
    return name.startswith("__") and name.endswith("__") and name != "__main__"


def _is_executed(project: Project, path: str) -> bool:
    """Whether the file runs in the names of another: settings that are split without imports."""
    folder = path.rpartition("/")[0]
    above = folder.rpartition("/")[0]
    for each in project.paths:
        if each.rpartition("/")[0] in (folder, above) and _shares_scope(project.module(each)):
            return True
    return False


def _shares_scope(module: Module | None) -> bool:
    """Whether a module runs other files in its own names."""
    if module is None:
        return False
    calls = {call for function in module.functions for call in function.calls}
    imports = (each.module.startswith(_SHARED_SCOPE) for each in module.imports)
    return any(imports) or bool(calls & {"exec", "execfile"})
