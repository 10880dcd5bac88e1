"""What a schema's own code does to values before they are checked, so that nobody can say what it accepts."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.facts import tree
from cdlint.facts.model import Binding, Class
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts, classes_of, function_facts, resolve_in
from cdlint.project.places import is_aside

from ._annotations import said

EVERY = "*"
_OWN = frozenset(
    {
        "model_validate",
        "from_orm",
        "__init__",
        "__new__",
        "__get_validators__",
        "__get_pydantic_core_schema__",
        "validate",
    }
)
_TEXTS = frozenset({"format", "hex", "isoformat", "str", "strftime"})
_RENAMING = (None, "alias", "validation_alias")


def minded(project: Project, schema: Symbol) -> frozenset[str]:
    """The fields that validators see before they are checked, `*` when it may be any."""
    found: set[str] = set()
    for owner in project[ancestry, schema].first_party:
        facts = class_facts(project, owner)
        if facts is None or not _OWN.isdisjoint(facts.methods) or facts.decorator_codes:
            return frozenset({EVERY})
        inner = project[classes_of, owner.path].get(f"{owner.name}.Config")
        if inner is not None and any(binding.name == "getter_dict" for binding in inner.fields):
            return frozenset({EVERY})
        found.update(_validated(project, owner, facts))
    return frozenset(found)


def _validated(project: Project, owner: Symbol, facts: Class) -> Iterator[str]:
    for method in facts.methods:
        function = function_facts(project, Symbol("function", owner.path, f"{owner.name}.{method}"))
        for node in function.decorators if function is not None and function.decorator_codes else ():
            call = node if isinstance(node, tree.Call) else None
            name = getattr(call.func if call else node, "last", "")
            if name in ("model_validator", "root_validator"):
                yield from () if call is not None and _is_after(call) else (EVERY,)
            elif name in ("field_validator", "validator") and call is not None and not _is_after(call):
                yield from (
                    each.value if isinstance(each, tree.Constant) and isinstance(each.value, str) else EVERY
                    for each in call.args
                )


def _is_after(call: tree.Call) -> bool:
    """Whether a validator sees values that are checked already."""
    mode, pre = call.keyword("mode"), call.keyword("pre")
    if pre is not None:
        return isinstance(pre, tree.Constant) and pre.value is False
    name = getattr(call.func, "last", "")
    if mode is None:
        return name in ("field_validator", "validator")
    return isinstance(mode, tree.Constant) and mode.value == "after"


def is_plain_type(project: Project, owner: Symbol, name: str) -> bool:
    """Whether the annotation of a field adds nothing that may change the value first."""
    binding = _binding(project, owner, name)
    if binding is None or binding.annotation_code is None:
        return False
    extras = said(project, (owner.path, owner.name), binding.annotation).extras
    return all(_is_harmless(node) for _, node in extras)


def is_renamed(project: Project, owner: Symbol, name: str) -> bool:
    """Whether a field is read from under another name, or may be."""
    binding = _binding(project, owner, name)
    if binding is None:
        return True
    extras = said(project, (owner.path, owner.name), binding.annotation).extras if binding.annotation_code else ()
    for call in (binding.value, *(node for _, node in extras)):
        if isinstance(call, tree.Call) and any(keyword.name in _RENAMING for keyword in call.keywords):
            return True
    return False


def _binding(project: Project, owner: Symbol, name: str) -> Binding | None:
    facts = class_facts(project, owner)
    return next((each for each in reversed(facts.fields) if each.name == name), None) if facts else None


def _is_harmless(node: Node) -> bool:
    func = node.func if isinstance(node, tree.Call) else node
    last = getattr(func, "last", "")
    return last not in ("",) and not last.endswith(("Validator", "Getter")) and isinstance(node, tree.Call)


def is_set_somewhere(project: Project, name: str) -> bool:
    """Whether code outside of tests gives some object an attribute of this name, be it by `setattr`."""
    for path in project.paths:
        module = None if is_aside(path) else project.module(path)
        for function in module.functions if module else ():
            if function.mentions(name) and any(_gives(node, name) for node in function.nodes):
                return True
    return False


def _gives(node: Node, name: str) -> bool:
    if isinstance(node, tree.Assign):
        return any(
            isinstance(each, (tree.Path, tree.Attribute)) and each.last == name and _inner(each)
            for each in node.targets
        )
    if isinstance(node, tree.Call) and getattr(node.func, "last", "") in ("setattr", "backref"):
        return any(isinstance(each, tree.Constant) and each.value == name for each in node.args)
    return False


def _inner(node: Node) -> bool:
    return isinstance(node, tree.Attribute) or "." in node.text


def is_made_text(project: Project, name: str) -> bool:
    """Whether code outside of tests gives an object a text under this name: `row.start = row.start.isoformat()`."""
    for path in project.paths:
        module = None if is_aside(path) else project.module(path)
        for function in module.functions if module else ():
            if function.mentions(name) and any(
                _gives(node, name) and _is_text(project, (path, function.qualname), node.value)
                for node in function.every(tree.Assign)
            ):
                return True
    return False


def _is_text(project: Project, scope: tuple[str, str], node: Node | None, depth: int = 2) -> bool:
    if not isinstance(node, tree.Call):
        return isinstance(node, tree.FString)
    if getattr(node.func, "last", "") in _TEXTS:
        return True
    text = node.func.text if depth and isinstance(node.func, tree.Path) else ""
    found = resolve_in(project, *scope, text) if text else None
    if not isinstance(found, Symbol) or (facts := function_facts(project, found)) is None:
        return False
    return any(_is_text(project, (found.path, found.name), each.value, depth - 1) for each in facts.every(tree.Return))
