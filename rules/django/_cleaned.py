"""What becomes of a form's cleaned data: fields whose value is lost, names that are not there, calls that refuse it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.shapes import Shape
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts, descendants, fields, function_facts, functions_of
from cdlint.project.endings import ending
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._shapes import form_of

_DATA = ".cleaned_data"
_VIEWS = ("form_valid",)
_OF_FORMSETS = frozenset({"DELETE", "ORDER", "id"})


class Mismatch(NamedTuple):
    """`kind`: `emptied` (a method drops the value), `absent`, `extra` or `missing` (of what `name` is called with)."""

    kind: str
    form: Symbol
    field: str
    at: Location
    name: str
    other: Location | None


def mismatches(project: Project) -> tuple[Mismatch, ...]:
    """All of them, by file."""
    paths = [path for path in project.paths if not is_aside(path)]
    return tuple(each for path in paths for each in (*project[_emptied_in, path], *project[_misread_in, path]))


# Methods that drop the value


def _emptied_in(project: Project, path: str) -> tuple[Mismatch, ...]:
    module = project.module(path)
    owners = dict.fromkeys(
        each.owner
        for each in (module.functions if module is not None else ())
        if each.owner and each.name.startswith("clean_") and _gives_nothing(project, path, each)
    )
    made = (project[form_of, Symbol("class", path, owner)] for owner in owners)
    return tuple(each for form in made if form is not None for each in _emptied(project, form))


def _emptied(project: Project, form: Shape) -> Iterator[Mismatch]:
    facts = class_facts(project, form.name)
    own = project[ancestry, form.name].first_party
    for name in facts.methods if facts is not None else ():
        field = next((each for each in form.fields if f"clean_{each.name}" == name), None)
        function = project[functions_of, form.name.path].get(f"{form.name.name}.{name}")
        if field is None or function is None or not _gives_nothing(project, form.name.path, function):
            continue
        read = next((at for path in project.paths if (at := _read_in(project, path, field.name, name))), None)
        if read is not None or (field.declared_in is not None and field.declared_in not in own):
            yield Mismatch("emptied", form.name, field.name, Location(form.name.path, function.at), name, read)


def _gives_nothing(project: Project, path: str, function: Function) -> bool:
    """Whether a method can come to its end, and never returns a value."""
    if function.is_generator or function.is_async or function.decorator_codes:
        return False
    if any(node.value is not None for node in function.every(tree.Return)):
        return False
    result = ending(project, (path, function.qualname), function, frozenset({"*"}))
    return result.past or bool(result.bare)


def _read_in(project: Project, path: str, field: str, method: str) -> Location | None:
    """Where a file reads the value of a field after the form was cleaned, by its name or all together."""
    module = None if is_aside(path) else project.module(path)
    for function in module.functions if module is not None else ():
        if function.name != method and function.mentions("cleaned_data"):
            for node, key in _keys(function):
                if key == field:
                    return Location(path, node.at)
    return None


def _keys(function: Function) -> Iterator[tuple[tree.Subscript, str]]:
    """The items of some cleaned data that a function reads, and those that it sets."""
    for node in function.every(tree.Subscript):
        if getattr(node.value, "text", "").endswith("cleaned_data") and isinstance(node.index, tree.Constant):
            yield node, str(node.index.value)


# Reads and calls that do not agree with the form


def _misread_in(project: Project, path: str) -> tuple[Mismatch, ...]:
    module = project.module(path)
    functions = [each for each in (module.functions if module is not None else ()) if each.mentions(_DATA)]
    return tuple(each for function in functions for each in _misread(project, path, function))


def _misread(project: Project, path: str, function: Function) -> Iterator[Mismatch]:
    for node, key in _keys(function):
        form = _form_of(project, path, function, node.value.text.removesuffix(_DATA))
        absent = form is not None and key not in _names(project, form) and key not in project[_added]
        if form is not None and absent and not _is_asked_for(function, key):
            yield Mismatch("absent", form.name, key, Location(path, node.at), "", form.at)
    for call in function.call_nodes:
        spread = [each.value for each in call.keywords if each.name is None]
        text = getattr(spread[0], "text", "") if len(spread) == 1 else ""
        form = _form_of(project, path, function, text.removesuffix(_DATA)) if text.endswith(_DATA) else None
        called = evaluate(project, (path, function.qualname), call.func) if form is not None else None
        if form is not None and isinstance(called, Symbol):
            yield from _refused(project, form, path, call, called)


def _names(project: Project, form: Shape) -> set[str]:
    """What may be a field of a form: those that are known, and whatever else its class body binds."""
    return {each.name for each in form.fields} | {binding.name for _, binding in fields(project, form.name)}


def _is_asked_for(function: Function, key: str) -> bool:
    """Whether a function asks whether a name is there, or expects that it is not."""
    asked = any(
        isinstance(term, tree.Constant) and term.value == key
        for node in function.every(tree.Compare)
        for term in node.terms
    )
    return asked or any(
        isinstance(each, tree.Path) and each.last in ("KeyError", "Exception", "LookupError")
        for handler in function.every(tree.Handler)
        for each in tree.walk(handler.type)
    )


def _refused(project: Project, form: Shape, path: str, call: tree.Call, called: Symbol) -> Iterator[Mismatch]:
    """What is wrong with a call that spreads a form's data, when what it calls is known."""
    facts = function_facts(project, called)
    if facts is None or facts.owner or facts.decorator_codes[1:] or any(each.kind == "*" for each in facts.params):
        return
    if any(isinstance(each, tree.Starred) for each in call.args) or any(each.kind == "**" for each in facts.params):
        return
    names = _names(project, form)
    given = {each.name for each in call.keywords} | {each.name for each in facts.params[: len(call.args)]}
    at, there = Location(path, call.at), Location(called.path, facts.at)
    for name in sorted({each.name for each in form.fields} - {each.name for each in facts.params}):
        yield Mismatch("extra", form.name, name, at, called.last, there)
    for each in facts.params:
        if each.default_code is None and each.name not in names | given:
            yield Mismatch("missing", form.name, each.name, at, called.last, there)


def _added(project: Project) -> frozenset[str]:
    """The names under which some code puts something into cleaned data, or may."""
    found = set(_OF_FORMSETS)
    for path in project.paths:
        module = project.module(path)
        for function in module.functions if module is not None else ():
            if function.mentions("cleaned_data"):
                found.update(_set_in(function))
    return frozenset(found)


def _set_in(function: Function) -> Iterator[str]:
    for node in function.every(tree.Assign):
        for target in node.targets:
            if isinstance(target, tree.Subscript) and getattr(target.value, "text", "").endswith(("data", "cleaned")):
                yield str(getattr(target.index, "value", ""))
    for call in function.call_nodes:
        if getattr(call.func, "last", "") in ("update", "setdefault"):
            yield from (str(each.name) for each in call.keywords)
            yield from (str(each.value) for each in tree.walk(*call.args) if isinstance(each, tree.Constant))


def _form_of(project: Project, path: str, function: Function, name: str) -> Shape | None:
    """The form that a name of a function holds, if all its fields are known and nothing puts in more."""
    answer = evaluate(project, (path, function.qualname), tree.Path(name, function.at)) if name else None
    cls = (
        Symbol("class", answer.path, answer.name) if isinstance(answer, Symbol) and answer.kind == "instance" else None
    )
    if (
        cls is None
        and function.owner
        and function.name in _VIEWS
        and [each.name for each in function.params][1:] == [name]
    ):
        cls = _of_view(project, Symbol("class", path, function.owner))
    # What a form reads of itself may be there in those that a factory or a filter makes of it.
    if cls is None or cls.name == function.owner or len(project[descendants, cls]) > 1:
        return None
    form = project[form_of, cls] if not is_aside(cls.path) else None
    return form if form is not None and form.complete and not _adds(project, form.name) else None


def _of_view(project: Project, view: Symbol) -> Symbol | None:
    """The form class of a view."""
    given = next((each for each in fields(project, view) if each[1].name == "form_class"), None)
    node: Node | None = given[1].value if given is not None else None
    found = evaluate(project, (given[0].path, ""), node) if given is not None and node is not None else None
    return found if isinstance(found, Symbol) and found.kind == "class" else None


def _adds(project: Project, form: Symbol) -> bool:
    """Whether a form's own code changes its fields, or what cleaning gives."""
    for owner in project[ancestry, form].first_party:
        own = [each for each in project[functions_of, owner.path].values() if each.owner == owner.name]
        if any(each.name in ("clean", "full_clean", "_clean_fields", "cleaned_data") for each in own):
            return True
        if any(each.mentions("self.fields") or each.mentions("base_fields") for each in own):
            return True
    return False
