"""Queries that run when a module is imported."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.nodes import TAG
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.rule import Location

from ._querysets import Place
from ._reach import reached
from ._settings import aside, running
from ._sync_orm import Query, Watch, direct

_ASIDE = frozenset({"migrations", "management", "scripts", "bin", "commands"})

_CALL = TAG[tree.Call]
_EVALUATING = frozenset({"list", "tuple", "sorted"})


class Early(NamedTuple):
    """A query at import, and the line that imports its file when the project starts."""

    at: Location
    query: Query
    imported: Location


def early_queries(project: Project) -> tuple[Early, ...]:
    """The queries in files that the running project imports."""
    found = [(path, query) for path in project.paths if _matters(path) for query in project[queries_at_import, path]]
    if not found:
        return ()
    known: dict[str, Location] = {}
    for settings in project[running].modules:
        known.update(reached(project, settings.path))
    return tuple(Early(Location(path, query.at), query, known[path]) for path, query in found if path in known)


def _matters(path: str) -> bool:
    return not aside(path) and _ASIDE.isdisjoint(path.split("/")) and "/" in path


def queries_at_import(project: Project, path: str) -> tuple[Query, ...]:
    """The queries that run when a file is imported, unless errors are caught around them."""
    module = project.module(path)
    if module is None:
        return ()
    main = module.main
    may = main.mentions("objects.") or not _EVALUATING.isdisjoint(main.calls)
    if may and "django.setup" not in main.calls:
        tracer = _Importing(project, Place(path, ""), main)
        tracer.block(main.body)
        found = [*tracer.found, *direct(tracer, project)]
    else:
        found = []
    for function in module.functions:
        for param in function.params:
            code = param.default_code
            if isinstance(code, tuple) and code[0] == _CALL and "objects" in _parts(code):
                watch = _Importing(project, Place(path, ""), main)
                watch.value(param.default)
                found += [*watch.found, *direct(watch, project)]
    return tuple({query.at: query for query in found}.values())


def _parts(code: object) -> set[str]:
    """The parts of the dotted names in an encoded expression."""
    if isinstance(code, tuple):
        return {part for each in code for part in _parts(each)}
    return set(code.split(".")) if isinstance(code, str) else set()


class _Importing(Watch):
    """Follows what runs on import: class bodies as well, functions not."""

    def compound(self, node: Node) -> bool:
        """Follow the body of a class; what stands in `try` or `suppress()` is expected to fail at times."""
        if isinstance(node, tree.ClassDef):
            before = dict(self.env)
            self.block(node.body)
            self.env = before
            return False
        if isinstance(node, tree.Try) and node.handlers:
            return False
        calls = (
            [each.func for each, _ in node.items if isinstance(each, tree.Call)] if isinstance(node, tree.With) else []
        )
        return not any(getattr(each, "last", "") == "suppress" for each in calls) and super().compound(node)

    def statement(self, node: Node) -> bool:
        """Follow a statement, unless it runs only when the file is a program."""
        if isinstance(node, tree.If):
            names = {getattr(each, "text", "") for each in tree.walk(node.test)}
            if "__name__" in names or {"TYPE_CHECKING", "typing.TYPE_CHECKING"} & names or "sys.argv" in names:
                return False
        return super().statement(node)
