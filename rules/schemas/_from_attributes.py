"""Whether a schema may be read from objects: what the configuration of its class and bases says."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.facts import tree
from cdlint.facts.model import Class
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import TRANSPARENT, ancestry, class_facts, classes_of, resolve_in

from ._minded import EVERY, minded

_NAMES = frozenset({"from_attributes", "orm_mode"})
_PLAIN = frozenset({"pydantic.BaseModel", "pydantic.main.BaseModel", "pydantic.v1.BaseModel"})


def reads_objects(project: Project, schema: Symbol) -> bool | None:
    """Whether it takes an object with attributes; None when that is not known."""
    above = project[ancestry, schema]
    if above.unknown or not set(above.external) <= _PLAIN | TRANSPARENT or EVERY in minded(project, schema):
        return None
    for owner in above.first_party:
        facts = class_facts(project, owner)
        if facts is None or not {"model_validate", "from_orm", "__init_subclass__"}.isdisjoint(facts.methods):
            return None
        if any(name in (None, "from_attributes", "orm_mode") or name == "metaclass" for name, _ in facts.keyword_codes):
            return None
        for said in _said(project, owner, facts):
            if said is not False:
                return said
    return False


def _said(project: Project, owner: Symbol, facts: Class) -> Iterator[bool | None]:
    """True where it is said, None where it may be, False where something else is configured."""
    for binding in facts.fields:
        if binding.name == "model_config":
            yield _in_value(binding.value)
        elif binding.name == "Config" and binding.kind != "class":
            yield None
    inner = project[classes_of, owner.path].get(f"{owner.name}.Config")
    if inner is not None:
        holder = Symbol("class", owner.path, inner.qualname)
        above = project[ancestry, holder]
        if above.external or above.unknown:
            yield None
        for each in above.first_party:
            held = class_facts(project, each)
            for binding in held.fields if held else ():
                if binding.name in _NAMES:
                    yield _truth(binding.value)
    for node in facts.bases:
        if not isinstance(node, tree.Path) or not isinstance(resolve_in(project, owner.path, "", node.text), Symbol):
            yield False if isinstance(node, tree.Subscript) else None


def _in_value(value: tree.Node | None) -> bool | None:
    pairs: list[tuple[object, tree.Node]] = []
    if isinstance(value, tree.Call):
        pairs = [(keyword.name, keyword.value) for keyword in value.keywords]
        if value.args:
            return None
    elif isinstance(value, tree.Mapping):
        pairs = [(getattr(key, "value", None), item) for key, item in value.items]
    else:
        return None
    for name, item in pairs:
        if name in _NAMES:
            return _truth(item)
        if name is None:
            return None
    return False


def _truth(node: tree.Node | None) -> bool | None:
    return bool(node.value) if isinstance(node, tree.Constant) else None
