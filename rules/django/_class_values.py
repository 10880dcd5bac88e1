"""What an attribute of a settings class holds: a plain value, or what a property returns."""

from __future__ import annotations

from cdlint.facts import tree
from cdlint.facts.codec import decode
from cdlint.facts.model import Class
from cdlint.project import Project
from cdlint.project.answers import Symbol, Unknown
from cdlint.project.classes import ancestry, class_facts, functions_of
from cdlint.project.memo import CyclicFact

from ._expressions import Scope
from ._known import Value, merge
from ._values import follow

_CLASS = tree.TAG[tree.ClassDef]
CONFIGURATIONS = frozenset({"configurations.Configuration", "configurations.base.Configuration"})


def class_value(project: Project, key: tuple[Symbol, Symbol | None, str]) -> Value | None:
    """The value of `(class, owner, name)`: on an instance of the class, looked up above `owner` if given.

    None when the class and its ancestors do not have the name.
    """
    cls, owner, name = key
    above = project[ancestry, cls]
    order = above.first_party
    start = order.index(owner) + 1 if owner in order else 0
    for each in order[start:]:
        facts = class_facts(project, each)
        if facts is not None and (name in facts.methods or any(field.name == name for field in facts.fields)):
            return _own(project, cls, each, facts, name)
    return Unknown(f"base `{above.unknown[0]}`") if above.unknown else None


def _own(project: Project, cls: Symbol, owner: Symbol, facts: Class, name: str) -> Value | None:
    if name not in facts.methods:
        return project[_assigned, (cls, owner)].get(name)
    scope = Scope(project, owner.path, function=True, cls=cls, owner=owner)
    function = project[functions_of, owner.path].get(f"{owner.name}.{name}")
    if function is None or not function.params:
        return Unknown(f"what `{name}` returns")
    scope.this = function.params[0].name
    follow(scope, function.body)
    return merge(scope.returned) if scope.returned else Unknown(f"what `{name}` returns")


def _assigned(project: Project, key: tuple[Symbol, Symbol]) -> dict[str, Value]:
    """What the body of a class assigns, for `(class, owner)` as in `class_value`."""
    cls, owner = key
    scope = Scope(project, owner.path, function=True, cls=cls, owner=owner)
    module = project.module(owner.path)
    for code in module.main.statements() if module else ():
        if module and code[0] == _CLASS and module.classes[code[1]].qualname == owner.name:
            follow(scope, tree.children(decode(code)))
    return scope.env


def attribute(project: Project, cls: Symbol, owner: Symbol | None, name: str) -> Value | None:
    """`class_value`, Unknown when classes are defined by each other."""
    try:
        return project[class_value, (cls, owner, name)]
    except CyclicFact:
        return Unknown("classes that are defined by each other")


def of_settings_class(project: Project, path: str, name: str) -> Value | None:
    """A setting that a class of the module gives: the class that is loaded into it, or each that may be chosen."""
    module = project.module(path)
    classes = [Symbol("class", path, each.qualname) for each in module.classes if not each.parent] if module else []
    loaded = {
        node.value.func.root
        for node in (module.main.body if module else ())
        if isinstance(node, tree.Expression) and isinstance(node.value, tree.Call) and _given_module(node.value)
    }
    chosen = [cls for cls in classes if cls.name in loaded]
    chosen = chosen or [cls for cls in classes if not CONFIGURATIONS.isdisjoint(project[ancestry, cls].external)]
    values = [value for cls in chosen if (value := attribute(project, cls, None, name)) is not None]
    return merge(values) if values else None


def _given_module(call: tree.Call) -> bool:
    """Whether a call is `Settings.load(__name__)`."""
    names = [argument.text for argument in call.args if isinstance(argument, tree.Path)]
    return isinstance(call.func, tree.Path) and "__name__" in names
