"""The fields of which `modeltranslation` adds one for each language: `title_en`, `title_de` beside `title`."""

from __future__ import annotations

from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import resolve_in
from cdlint.project.constants import variable


def translated(project: Project) -> dict[Symbol, frozenset[str]]:
    """The models that files of translations register, with the fields that these name."""
    found: dict[Symbol, frozenset[str]] = {}
    for path in project.paths:
        for model, names in project[_translated_in, path]:
            found[model] = found.get(model, frozenset()) | names
    return found


def _translated_in(project: Project, path: str) -> tuple[tuple[Symbol, frozenset[str]], ...]:
    module = project.module(path)
    if module is None or not any(each.module.partition(".")[0] == "modeltranslation" for each in module.imports):
        return ()
    names: set[str] = set()
    for cls in module.classes:
        value = project[variable, (path, f"{cls.qualname}.fields")]
        names.update(each for each in value if isinstance(each, str)) if isinstance(value, tuple) else None
    nodes: list[Node] = [*module.main.body, *(node for cls in module.classes for node in cls.decorators)]
    given = [call.args[0] for call in tree.calls(*nodes) if getattr(call.func, "last", "") == "register" and call.args]
    items = [item for node in given for item in (node.items if isinstance(node, tree.Sequence) else (node,))]
    models = [resolve_in(project, path, "", item.text) for item in items if isinstance(item, tree.Path)]
    return tuple((each, frozenset(names)) for each in models if isinstance(each, Symbol) and each.kind == "class")
