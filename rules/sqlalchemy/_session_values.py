"""Which names stand for a session of SQLAlchemy, through annotations, factories, subclasses and generators."""

from __future__ import annotations

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol, Unknown, external
from cdlint.project.assignments import local_assignments
from cdlint.project.classes import ancestry, function_facts, functions_of
from cdlint.project.memo import CyclicFact
from cdlint.project.values import annotated, evaluate

from ._names import imports_it
from ._sessions import CONNECTIONS, SESSIONS


def uses_sqlalchemy(project: Project) -> bool:
    """Whether any module imports SQLAlchemy or what is built on it."""
    return any(project[imports_it, path] for path in project.paths)


def session_value(project: Project, key: tuple[str, str, str]) -> Answer:
    """The session that a name of a function stands for, for `(path, function, name)`."""
    path, qualname, text = key
    function = project[functions_of, path].get(qualname)
    try:
        answer = as_session(project, evaluate(project, (path, qualname), tree.Path(text, (0, 0, 0, 0))))
        if isinstance(answer, Symbol) or function is None:
            return answer
        found = _made(project, (path, qualname), text)
        if found is None and function.returns_code is not None and _gives(function, text):
            found = as_session(project, annotated(project, (path, qualname), function.returns))
    except CyclicFact:
        return Unknown("it is defined through itself")
    return found if isinstance(found, Symbol) else answer


def as_session(project: Project, answer: Answer) -> Answer:
    """A value, written as a session, if it is one; what is certainly something else has no reason."""
    if not isinstance(answer, Symbol):
        return answer
    if answer.kind == "instance":
        outside = project[ancestry, Symbol("class", answer.path, answer.name)].external
        return next((external(f"{each}()") for each in outside if f"{each}()" in SESSIONS), Unknown(""))
    if answer.kind == "external" and (answer.name in SESSIONS or answer.name in CONNECTIONS):
        return answer
    return Unknown("")


def _made(project: Project, scope: tuple[str, str], name: str) -> Answer | None:
    """What a local name is when functions without annotations give it."""
    if "." in name:
        return None
    answers = {_given_by(project, scope, value) for value, _ in project[local_assignments, scope].get(name, ())}
    return answers.pop() if len(answers) == 1 else None


def _given_by(project: Project, scope: tuple[str, str], value: Node | None) -> Answer | None:
    value = value.value if isinstance(value, tree.Await) else value
    if not isinstance(value, tree.Call):
        return None
    called = evaluate(project, scope, value.func)
    if isinstance(called, Symbol) and called.kind == "function":
        return project[given, called]
    if isinstance(called, Symbol) and called.kind == "instance":
        return as_session(project, called)
    return None


def given(project: Project, function: Symbol) -> Answer | None:
    """The session that a function returns or yields, when it does not say so; None when that is not one."""
    facts = function_facts(project, function)
    if facts is None:
        return None
    values = [
        node.value
        for node in facts.nodes
        if isinstance(node, (tree.Return, tree.Yield)) and isinstance(node.value, (tree.Path, tree.Call))
    ]
    answers = {_value(project, function, each) for each in values}
    return answers.pop() if len(answers) == 1 else None


def _value(project: Project, function: Symbol, node: Node) -> Answer | None:
    try:
        if isinstance(node, tree.Path):
            answer = project[session_value, (function.path, function.name, node.text)]
        else:
            answer = as_session(project, evaluate(project, (function.path, function.name), node))
    except CyclicFact:
        return None
    return answer if isinstance(answer, Symbol) else None


def _gives(function: Function, text: str) -> bool:
    """Whether a function returns or yields this name."""
    given: tuple[tree.Return | tree.Yield, ...] = (*function.every(tree.Return), *function.every(tree.Yield))
    return any(getattr(node.value, "text", None) == text for node in given)
