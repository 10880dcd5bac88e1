"""Whether an application of Django has models and no migrations, where the others of the project have theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cdlint.backend.starts import starts
from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import inherits
from cdlint.project.places import is_aside
from cdlint.rule import Evidence, Location

from ._schema import Uncreated
from ._settings_reads import django_settings

_MODELS = frozenset({"django.db.models.Model", "django.db.models.base.Model"})
_OTHERWISE = (
    "makemigrations", "syncdb", "MIGRATION_MODULES", "DATABASE_ROUTERS", "schema_editor", "CREATE TABLE",
    "allow_migrate",
)  # fmt: skip
_SPOKEN = re.compile(r"makemigrations|run[-_]syncdb")
_TEXTS = (
    "**/*.sh", "**/*Makefile", "**/*Dockerfile*", "**/Procfile", "**/*.y*ml", "**/*.md", "**/*.rst", "**/*.txt",
    "**/*.toml", "**/*.ini", "**/*.cfg", "**/*.json", "**/*ustfile",
)  # fmt: skip
_LOOSE = frozenset({"abstract", "managed", "proxy", "app_label"})


def unmigrated(project: Project) -> tuple[Uncreated, ...]:
    """One for each application that is installed, has models and no migrations, beside one that has them."""
    if not project[django_settings]:
        return ()
    manage = [path for path in project.paths if path.rpartition("/")[2] == "manage.py" and not is_aside(path)]
    if not any(path in manage for start in project[starts] for path in start.paths):
        return ()
    found = [each for path in project[django_settings] for each in _beside(project, path)]
    return tuple(dict.fromkeys(found)) if found and not _is_made(project) else ()


def _beside(project: Project, settings: str) -> Iterator[Uncreated]:
    folders = list(dict.fromkeys(_installed(project, settings)))
    migrated = [path for folder in folders for path in project.files(f"{folder}/migrations/0*.py")]
    for folder in folders if migrated else ():
        if project.exists(f"{folder}/migrations") or project.exists(f"{folder}/migrations.py"):
            continue
        inside = [path for path in project.paths if path == f"{folder}/models.py" or _is_part(path, folder)]
        models = [place for path in inside for place in project[_models_in, path]]
        if models and not project.ignored(f"{folder}/migrations/0001_initial.py"):
            label = folder.rpartition("/")[2]
            message = f"The application `{label}` has no migrations, so `migrate` creates no table for this model."
            cure = f"Run `makemigrations {label}` and commit the result."
            first = Evidence(Location(migrated[0], (1, 0, 1, 0)), "another application of the project has migrations")
            yield Uncreated(models[0], message, cure, (first,))


def _is_part(path: str, folder: str) -> bool:
    return path.rpartition("/")[0] == f"{folder}/models"


def _installed(project: Project, settings: str) -> Iterator[str]:
    """The folders of the repository's own applications that a settings module lists."""
    module = project.module(settings)
    for binding in module.bindings if module is not None else ():
        if not binding.name.endswith("_APPS"):
            continue
        for node in tree.walk(binding.value) if binding.value is not None else ():
            if isinstance(node, tree.Constant) and isinstance(node.value, str):
                name = node.value.partition(".apps.")[0]
                place = name.replace(".", "/")
                found = [
                    path
                    for path in project.paths
                    if f"/{path}".endswith((f"/{place}/models.py", f"/{place}/models/__init__.py"))
                ]
                if len(found) == 1:
                    yield found[0].removesuffix(".py").removesuffix("/__init__").removesuffix("/models")


def _models_in(project: Project, path: str) -> tuple[Location, ...]:
    """The classes of a file for which Django keeps a table of its own."""
    module = project.module(path)
    if module is None or is_aside(path):
        return ()
    found = []
    for cls in module.classes:
        inner = [each for each in module.classes if each.parent == cls.qualname and each.name == "Meta"]
        loose = any(field.name in _LOOSE for each in inner for field in each.fields) or any(
            each.bases for each in inner
        )
        if not loose and inherits(project, Symbol("class", path, cls.qualname), _MODELS):
            found.append(Location(path, cls.at))
    return tuple(found)


def _is_made(project: Project) -> bool:
    """Whether anything speaks of making migrations, of tables without them, or of SQL that makes them."""
    if project.files("**/*.sql"):
        return True
    paths = dict.fromkeys(path for pattern in _TEXTS for path in project.files(pattern))
    if any(_SPOKEN.search(project.text(path) or "") for path in paths):
        return True
    return any(
        function.mentions(word)
        for path in project.paths
        if (module := project.module(path)) is not None
        for function in module.functions
        for word in _OTHERWISE
    )
