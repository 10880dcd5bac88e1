"""A relationship names a class or table that no model defines.

## Why
The string is looked up when the mappers are configured, which is at the first query or the
first object of any model. A misspelled name therefore breaks the whole application, far away
from the line that is wrong.

## Instead
Write the name of the mapped class (`relationship("Post")`, not its table), of the association
table in `secondary=`, and of classes in `order_by=` and `primaryjoin=` as they are defined.

## Known limits
Nothing is said about registries that are shared with other packages, or when classes or tables
are made while the program runs. Whether the module that defines the class is imported before
the first query is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Evidence, Finding, Location, rule

from ._models import Model, model, models
from ._registry import close_to, entries, late, matches, open_metadata, open_registry, registry
from ._relations import Named

_STRINGS = re.compile(r"'[^']*'|\"[^\"]*\"")
_CLASSES = re.compile(r"(?<![\w.])([A-Z]\w*)\.[a-z_]")
_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


@rule(of=models, severity="error", constraint="orm")
def relationship_target_unresolved(project: Project, cls: Symbol) -> Iterator[Finding]:
    """One finding a name."""
    source = project[model, cls]
    if source is None or project[open_registry, source.registry]:
        return
    for relation in source.relations:
        here = f"{source.symbol.last}.{relation.name}"
        if relation.target_name is not None:
            yield from _class(project, source, here, relation.target_name)
        if relation.secondary is not None:
            yield from _table(project, source, here, relation.secondary)
        for named in relation.expressions:
            yield from _expression(project, source, here, named)


def _class(project: Project, source: Model, here: str, named: Named) -> Iterator[Finding]:
    if not _NAME.fullmatch(named.text):
        return
    classes = project[registry, source.registry]
    last = named.text.rpartition(".")[2]
    at = Location(named.path, named.at)
    if last in project[late].mapped:
        return
    found = classes.get(last, ())
    if not found:
        yield _missing(project, source, here, named)
    elif not any(matches(symbol, named.text) for symbol in found):
        module = found[0].path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        message = f"The target `{named.text}` of `{here}` is no mapped class: `{last}` is defined in `{module}`."
        evidence = Evidence(Location(found[0].path, _at(project, found[0])), f"`{last}` is defined here")
        yield Finding(at, message, (evidence,), symbol=f"{here}:{named.text}", cure=f'Write `"{last}"`.')


def _missing(project: Project, source: Model, here: str, named: Named) -> Finding:
    at = Location(named.path, named.at)
    table = project[entries, source.metadata].get(named.text, ())
    symbol = f"{here}:{named.text}"
    for name, symbols in sorted(project[registry, source.registry].items()):
        each = project[model, symbols[0]]
        if table and each is not None and each.table == named.text:
            message = (
                f"The target of `{here}` is the table `{named.text}`; a relationship leads to a class, here `{name}`."
            )
            return Finding(at, message, symbol=symbol, cure=f'Write `"{name}"`.')
    message = f"The target `{named.text}` of `{here}` is no mapped class of the same registry."
    near = close_to(named.text, project[registry, source.registry])
    evidence: tuple[Evidence, ...] = ()
    if near:
        found = project[registry, source.registry][near][0]
        evidence = (Evidence(Location(found.path, _at(project, found)), f"`{near}` is defined here"),)
    return Finding(at, message, evidence, symbol=symbol, cure=f"Did you mean `{near}`?" if near else "")


def _at(project: Project, symbol: Symbol) -> tuple[int, int, int, int]:
    found = project[model, symbol]
    return found.at if found is not None else (1, 0, 1, 0)


def _table(project: Project, source: Model, here: str, named: Named) -> Iterator[Finding]:
    if project[open_metadata, source.metadata] or not _NAME.fullmatch(named.text):
        return
    tables = project[entries, source.metadata]
    bare = named.text.rpartition(".")[2]
    if named.text in tables or any(
        entry.name == bare and entry.schema is None for each in tables.values() for entry in each
    ):
        return
    near = close_to(named.text, tables)
    classes = project[registry, source.registry].get(bare, ())
    known = project[model, classes[0]] if classes else None
    if known is not None and known.table:
        near = known.table
    if classes and known is None:
        return
    message = f'`{here}` goes through `secondary="{named.text}"`, which is no table of the same metadata.'
    cure = f"Did you mean `{near}`?" if near else ""
    yield Finding(Location(named.path, named.at), message, symbol=f"{here}:{named.text}", cure=cure)


def _expression(project: Project, source: Model, here: str, named: Named) -> Iterator[Finding]:
    """The class names in a string such as `order_by="Post.created"`."""
    if project[open_metadata, source.metadata]:
        return
    classes = project[registry, source.registry]
    tables = project[entries, source.metadata]
    for name in dict.fromkeys(_CLASSES.findall(_STRINGS.sub("", named.text))):
        schemas = {entry.schema for each in tables.values() for entry in each}
        if name in classes or name in tables or name in schemas or name in project[late].mapped:
            continue
        near = close_to(name, classes)
        message = f"`{here}` refers to `{name}`, which is no mapped class of the same registry."
        cure = f"Did you mean `{near}`?" if near else ""
        yield Finding(Location(named.path, named.at), message, symbol=f"{here}:{name}", cure=cure)
