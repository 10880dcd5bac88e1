"""Which files are part of the program, and which are data that merely ends in `.py`."""

from __future__ import annotations

from cdlint.project import Project
from cdlint.project.imports import importers
from cdlint.project.places import is_copy

SAMPLE_FOLDERS = frozenset(
    [
        "boilerplate", "cassettes", "cookiecutter", "data", "expected", "fixture", "fixtures", "golden", "inputs",
        "resources", "sample", "samples", "scaffold", "scaffolds", "skeleton", "snapshots", "snippets", "template",
        "templates", "test-data", "test_data", "testdata",
    ]
)  # fmt: skip
_ASIDE = frozenset(
    ["backup", "bak", "copy", "disabled", "dist", "example", "old", "orig", "sample", "template", "test", "tmp", "todo"]
)
"""What stands before `.py` in names such as `views.todo.py`."""
_STARTS = frozenset({"manage.py", "main.py", "app.py", "wsgi.py", "asgi.py", "__main__.py", "run.py", "server.py"})
TEST_FOLDERS = frozenset(["test", "tests", "testing"])


def files(project: Project) -> tuple[str, ...]:
    """The Python files of the repository: what most rules of this pack are asked about."""
    return project.paths


def is_sample(project: Project, path: str) -> bool:
    """Whether a file is hidden, laid aside, or in a folder of samples that nothing outside the folder imports from."""
    parts = path.split("/")
    if parts[-1].startswith(".") or _is_unnamed(parts[-1]) or project[_is_laid_aside, parts[0]]:
        return True
    folders = ["/".join(parts[: depth + 1]) for depth, part in enumerate(parts[:-1]) if _holds_samples(part)]
    return any(not project[is_imported_into, folder] for folder in folders)


def is_unused(project: Project, path: str) -> bool:
    """Whether a file is a sample, or one that a package of its name hides, of which that is all there is to say."""
    if project.exists(path.removesuffix(".py") + "/__init__.py"):
        module = project.module(path)
        return module is None or not module.main.mentions("__main__")
    return bool(project[is_sample, path])


def _is_unnamed(name: str) -> bool:
    """Whether a file has a name that nothing imports, such as `views (old).py` and `views.todo.py`."""
    _, dot, last = name.removesuffix(".py").rpartition(".")
    return is_copy(name) or (bool(dot) and last in _ASIDE)


def _is_laid_aside(project: Project, folder: str) -> bool:
    """Whether a folder at the top has a name that nothing can be imported by, and holds no program of its own."""
    if " " not in folder or folder.endswith(".py"):
        return False
    inside = folder + "/"
    return not any(path.startswith(inside) and path.rpartition("/")[2] in _STARTS for path in project.paths)


def _holds_samples(name: str) -> bool:
    """By its name; a hidden folder holds what some tool wants."""
    if name.startswith(".") or name.endswith(("_template", "_templates")) or "{{" in name:
        return True
    return name.lower() in SAMPLE_FOLDERS


def is_imported_into(project: Project, folder: str) -> bool:
    """Whether a file outside a folder imports one inside it."""
    inside = folder + "/"
    return any(
        not importer.startswith(inside)
        for imported, pairs in project[importers].items()
        if imported.startswith(inside)
        for importer, _ in pairs
    )


def is_program(project: Project, path: str) -> bool:
    """Whether a file without facts is one that Python would have to load: for all others it is in order."""
    if project[is_sample, path]:
        return False
    if any(importer != path for importer, _ in project[importers].get(path, ())):
        return True
    folders = path.split("/")[:-1]
    name = path.rpartition("/")[2]
    collected = name == "conftest.py" or name.startswith("test_") or name.endswith(("_test.py", "__init__.py"))
    return collected or TEST_FOLDERS.isdisjoint(folders)
