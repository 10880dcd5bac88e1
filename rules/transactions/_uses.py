"""What a function does with each session, itself and through what it calls, in its own terms."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.backend.sessions import Dealing, dealings, dealings_in
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import local_assignments, self_assignments
from cdlint.project.calls import CallSite, running, target
from cdlint.project.classes import function_facts
from cdlint.project.effects import Step
from cdlint.project.memo import CyclicFact
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._leading import leading_to

_LONGEST = 4
_MOST = 60


class Use(NamedTuple):
    """Something done with a session. `at` is where the function does it or calls what does, `leaf` the place itself.

    `session` is how the function would write the session; `=` before it when it is one for the whole application.
    """

    kind: str
    session: str
    at: At
    leaf: Location
    what: str
    certain: bool
    """The function called does it whenever it is called."""
    chain: tuple[Step, ...]


def users(project: Project) -> frozenset[str]:
    """The last names of what may use a session, itself or through what it calls."""
    named = (each.function for each in project[dealings])
    return leading_to(project, frozenset(_called(each.name) for each in named), _LONGEST)


def _called(qualname: str) -> str:
    """How a function is called, by its last name; a class by its own."""
    owner, _, name = qualname.rpartition(".")
    return owner.rpartition(".")[2] if name == "__init__" else name


def uses(project: Project, function: Symbol) -> tuple[Use, ...]:
    """In source order of the function's own code."""
    facts = function_facts(project, function)
    if facts is None:
        return ()
    names, scope = project[users], (function.path, function.name)
    found: list[Use] = []
    own = [each for each in project[dealings_in, function] if not each.is_connection]
    direct = {event.at: (each, event) for each in own for event in each.events}
    try:
        for call, awaited in running(facts.body):
            if call.at in direct:
                dealing, event = direct[call.at]
                name = _key(project, function, dealing)
                found.append(Use(event.kind, name, call.at, Location(function.path, call.at), event.what, True, ()))
            elif getattr(call.func, "last", "") in names:
                site = CallSite(call, evaluate(project, scope, call.func), awaited)
                found.extend(_through(project, function, site))
            if len(found) > _MOST:
                break
    except CyclicFact:
        return tuple(found)
    return tuple(found)


def _key(project: Project, function: Symbol, dealing: Dealing) -> str:
    if dealing.origin == "shared":
        return f"={dealing.value}"
    return normal(project, function, dealing.session)


def _through(project: Project, function: Symbol, site: CallSite) -> list[Use]:
    called = target(project, site.answer)
    inner = function_facts(project, called) if called is not None else None
    if called is None or inner is None or called == function or (inner.is_async and not site.awaited):
        return []
    found = []
    for each in project[uses, called]:
        session = _seen_from(project, function, inner, site, each.session)
        if session and len(each.chain) < _LONGEST:
            step = Step(function.path, site.at, called.name)
            certain = each.certain and any(tree.within(each.at, at) for at in _plain(inner))
            found.append(each._replace(session=session, at=site.at, certain=certain, chain=(step, *each.chain)))
    return found


def _plain(function: Function) -> list[At]:
    """The statements that run whenever the function is called, up to the first that may leave it."""
    found = []
    block = list(function.body)
    while block:
        node = block.pop(0)
        if isinstance(node, (tree.With, tree.Try)):
            block = [*node.body, *block]
        elif isinstance(node, (tree.If, tree.For, tree.While, tree.Match)):
            if any(isinstance(each, (tree.Return, tree.Raise)) for each in tree.walk(node)):
                break
        else:
            found.append(node.at)
    return found


def _seen_from(project: Project, function: Symbol, inner: Function, site: CallSite, session: str) -> str:
    """How the caller writes a session of the function that it calls; `""` when it has no name for it."""
    if session.startswith("="):
        return session
    root, _, rest = session.partition(".")
    position = next((i for i, param in enumerate(inner.params) if param.name == root), -1)
    if position < 0:
        return ""
    bound = bool(inner.owner) and isinstance(site.call.func, tree.Path) and "." in site.call.func.text
    if bound and position == 0:
        if inner.name == "__init__":
            return ""
        given = site.call.func.text.rpartition(".")[0]
    else:
        offset = 1 if inner.owner and inner.params[0].name in ("self", "cls") else 0
        value = site.call.argument(position - offset, root) if position >= offset else None
        if not isinstance(value, tree.Path):
            return ""
        given = value.text
    return normal(project, function, f"{given}.{rest}" if rest else given)


def normal(project: Project, function: Symbol, name: str) -> str:
    """A name of a session with `repo.session` written as `db` where the function made `repo = Repo(db)`."""
    root, _, attribute = name.partition(".")
    if not attribute or "." in attribute:
        return name
    values = project[local_assignments, (function.path, function.name)].get(root, ())
    made = values[0][0] if len(values) == 1 else None
    if not isinstance(made, tree.Call):
        return name
    answer = evaluate(project, (function.path, function.name), made.func)
    if not isinstance(answer, Symbol) or answer.kind != "class":
        return name
    kept = project[self_assignments, answer].get(attribute, ())
    maker = function_facts(project, Symbol("function", answer.path, f"{answer.name}.__init__"))
    if len(kept) != 1 or maker is None or not isinstance(kept[0][1], tree.Path):
        return name
    for position, param in enumerate(maker.params):
        if param.name == kept[0][1].text and position > 0:
            value = made.argument(position - 1, param.name)
            return value.text if isinstance(value, tree.Path) else name
    return name
