"""How long the longest value of an `Enum` column is."""

from __future__ import annotations

from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts, function_facts

from ._terms import Term, definition, evaluated, follow
from ._text import text

_BASES = frozenset({"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"})
_HIDDEN = "its values are not all known"


def enum_length(
    project: Project, call: Term | None, members: dict[str, str | None] | None = None
) -> tuple[int | None, str]:
    """The length of `Enum(...)`, and why it is not known; with the members when an annotation names their class."""
    if call is None or not isinstance(call.node, tree.Call):
        return None, ""
    node = call.node
    given = node.keyword("length")
    own = given.value if isinstance(given, tree.Constant) else None
    values = _listed(project, call, node, members)
    if values is None:
        return (own, "") if type(own) is int else (None, _HIDDEN)
    longest = max(map(len, values), default=0)
    return (max(longest, own) if type(own) is int else longest), ""


def _listed(project: Project, call: Term, node: tree.Call, members: dict[str, str | None] | None) -> list[str] | None:
    """The texts that the database sees."""
    if len(node.args) == 1 and not isinstance(node.args[0], (tree.Starred, tree.Constant)):
        members = members or enum_members(project, call.at(node.args[0]))
        if members is None:
            return None
        chooser = node.keyword("values_callable")
        if chooser is None:
            return list(members)
        return _chosen(project, call.at(chooser), members)
    found: list[str | None] = []
    for each in node.args:
        if isinstance(each, tree.Starred):
            held = call.at(each.value)
            held = follow(project, held) or held
            if not isinstance(held.node, tree.Sequence):
                return None
            found.extend(text(project, held.at(item)) for item in held.node.items)
        else:
            found.append(text(project, call.at(each)))
    known = [each for each in found if each is not None]
    return known if len(known) == len(found) else None


def enum_members(project: Project, term: Term) -> dict[str, str | None] | None:
    """Name -> value of the members of an enumeration, aliases left out; None when that is none, or not known.

    A value is None when it is no text that is known.
    """
    if not isinstance(term.node, tree.Path):
        return None
    answer = evaluated(project, term)
    if isinstance(answer, Symbol) and answer.kind == "class" and is_enum(project, answer):
        return _members(project, answer)
    held = follow(project, term)
    if held is None or not isinstance(held.node, tree.Call) or len(held.node.args) != 2:
        return None
    called = evaluated(project, held.at(held.node.func))
    if not (isinstance(called, Symbol) and called.name.rpartition(".")[2] in _BASES):
        return None
    return _functional(project, held.at(held.node.args[1]))


def is_enum(project: Project, cls: Symbol) -> bool:
    """Whether a class of the repository is an enumeration."""
    return any(name.partition(".")[0] == "enum" for name in project[ancestry, cls].external) or any(
        name.rpartition(".")[2] in _BASES for name in project[ancestry, cls].external
    )


def _functional(project: Project, names: Term) -> dict[str, str | None] | None:
    """The members of `Enum("Color", "red green")` or of `Enum("Color", ["red", "green"])`."""
    if isinstance(names.node, tree.Sequence):
        found = [text(project, names.at(item)) for item in names.node.items]
        known = [each for each in found if each is not None]
        return dict.fromkeys(known) if len(known) == len(found) else None
    whole = text(project, names)
    return dict.fromkeys(whole.replace(",", " ").split()) if whole is not None else None


def _members(project: Project, cls: Symbol) -> dict[str, str | None] | None:
    lowers = any(name.endswith("StrEnum") for name in project[ancestry, cls].external)
    facts = class_facts(project, cls)
    found: dict[str, str | None] = {}
    seen: set[object] = set()
    for binding in facts.fields if facts is not None else ():
        if binding.kind != "assign" or binding.name.startswith("_") or binding.name in (facts.methods if facts else ()):
            continue
        if binding.guard not in ("", "try") or binding.value_code is None:
            return None
        value = binding.value
        if isinstance(value, tree.Constant):
            if (type(value.value), value.value) in seen:
                continue
            seen.add((type(value.value), value.value))
        if isinstance(value, tree.Path) and value.text in found:
            continue
        if isinstance(value, tree.Call) and isinstance(value.func, tree.Path) and value.func.last == "auto":
            found[binding.name] = binding.name.lower() if lowers else None
        else:
            found[binding.name] = _value(project, Term(value, cls.path, cls.name))
    return found or None


def _value(project: Project, term: Term) -> str | None:
    return None if isinstance(term.node, tree.Constant) and type(term.node.value) is int else text(project, term)


def _chosen(project: Project, chooser: Term, members: dict[str, str | None]) -> list[str] | None:
    """The texts that `values_callable=lambda x: [e.value for e in x]` makes of the members."""
    node = _result(project, chooser)
    while isinstance(node, tree.Call) and len(node.args) == 1 and getattr(node.func, "last", "") in ("list", "tuple"):
        node = node.args[0]
    if not isinstance(node, tree.Comprehension) or len(node.generators) != 1 or node.generators[0].conditions:
        return None
    element, target = node.element, node.generators[0].target
    if isinstance(element, tree.Call) and len(element.args) == 1 and getattr(element.func, "last", "") == "str":
        element = element.args[0]
    if not isinstance(element, tree.Path) or not isinstance(target, tree.Path):
        return None
    if element.text == f"{target.text}.name":
        return list(members)
    values = [each for each in members.values() if each is not None]
    return values if element.text == f"{target.text}.value" and len(values) == len(members) else None


def _result(project: Project, chooser: Term) -> tree.Node:
    """What a function or lambda returns."""
    if isinstance(chooser.node, tree.Lambda):
        return chooser.node.body
    answer = evaluated(project, chooser)
    if isinstance(answer, Symbol) and answer.kind == "variable":
        held = definition(project, answer)
        return held.node.body if held is not None and isinstance(held.node, tree.Lambda) else None
    facts = function_facts(project, answer) if isinstance(answer, Symbol) else None
    returned = [each.value for each in facts.every(tree.Return)] if facts else []
    return returned[0] if len(returned) == 1 else None
