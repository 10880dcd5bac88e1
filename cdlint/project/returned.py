"""What a function returns that does not say so."""

from __future__ import annotations

from ..facts import tree
from . import Project
from .answers import Answer, Symbol, Unknown
from .assignments import Scope
from .classes import function_facts
from .memo import CyclicFact


def returned(project: Project, function: Symbol) -> Answer:
    """The one value that all returns of a function without an annotation agree on."""
    from .values import evaluate

    facts = function_facts(project, function)
    if facts is None or facts.returns_code is not None or facts.is_generator:
        return Unknown("no value is known")
    values = [each.value for each in facts.every(tree.Return)]
    try:
        answers = {evaluate(project, (function.path, function.name), each) for each in values}
    except CyclicFact:
        return Unknown("a value that depends on itself")
    return answers.pop() if len(answers) == 1 else Unknown("several values are possible")


def returned_by(project: Project, scope: Scope, named: tree.Node) -> Answer:
    """What the function returns that code names, when it does not say so."""
    from .values import evaluate

    function = evaluate(project, scope, named)
    known = isinstance(function, Symbol) and function.kind == "function"
    return project[returned, function] if isinstance(function, Symbol) and known else Unknown("no function")
