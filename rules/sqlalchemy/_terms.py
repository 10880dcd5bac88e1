"""What a call makes, seen through aliases, partials and small factories."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol
from cdlint.project.classes import ancestry, class_facts, classes_of, function_facts, functions_of, resolve_in
from cdlint.project.memo import CyclicFact
from cdlint.project.values import evaluate

from ._names import outside_word, word

DEPTH = 8
"""How many factories, partials and names are followed."""


class Term(NamedTuple):
    """An expression, where its names are to be looked up, and what parameters stand for."""

    node: Node
    path: str
    scope: str
    given: tuple[tuple[str, Term], ...] = ()

    def at(self, node: Node) -> Term:
        """Another expression of the same place."""
        return self._replace(node=node)

    def look(self, name: str) -> Term | None:
        """What a parameter stands for."""
        return next((term for key, term in self.given if key == name), None)


class Made(NamedTuple):
    """A call of something of SQLAlchemy. `open` when arguments may exist that are not seen."""

    word: str
    args: tuple[Term, ...]
    keywords: tuple[tuple[str, Term], ...]
    open: bool
    path: str
    at: At

    def get(self, *names: str) -> Term | None:
        """The first of these keyword arguments that is given."""
        found = dict(self.keywords)
        return next((found[name] for name in names if name in found), None)


def made(project: Project, term: Term, depth: int = DEPTH) -> Made | None:
    """What a call makes; None when that is not a call of SQLAlchemy or not known."""
    node = term.node
    if depth <= 0 or node is None:
        return None
    if isinstance(node, tree.Path):
        followed = follow(project, term)
        return made(project, followed, depth - 1) if followed is not None else None
    if not isinstance(node, tree.Call):
        return None
    args, keywords, is_open = arguments(project, term, node)
    return _called(project, term.at(node.func), args, keywords, is_open, node.at, depth)


def arguments(project: Project, term: Term, call: tree.Call) -> tuple[tuple[Term, ...], dict[str, Term], bool]:
    """The arguments of a call, `*args` and `**kwargs` filled in where they are known."""
    args: list[Term] = []
    keywords: dict[str, Term] = {}
    is_open = False
    for node in call.args:
        if not isinstance(node, tree.Starred):
            args.append(term.at(node))
            continue
        given = term.look("*" + node.value.text) if isinstance(node.value, tree.Path) else None
        given = given or _as_sequence(project, term.at(node.value))
        written = isinstance(given.node, tree.Sequence)
        is_open |= not written
        if written:
            args.extend(given.at(item) for item in given.node.items)
    for name, node in call.keywords:
        if name is not None:
            keywords[name] = term.at(node)
            continue
        given = term.look("**" + node.text) if isinstance(node, tree.Path) else None
        pairs, complete = mapping(project, given or term.at(node))
        keywords.update(pairs)
        is_open |= not complete
    return tuple(args), keywords, is_open


def _as_sequence(project: Project, term: Term) -> Term:
    """A list or tuple that is written out, here, where its name is assigned, or where a function returns it."""
    held = settled(project, term)
    callee = evaluated(project, held.at(held.node.func)) if isinstance(held.node, tree.Call) else None
    facts = function_facts(project, callee) if isinstance(callee, Symbol) else None
    if not isinstance(callee, Symbol) or facts is None:
        return held
    returned = [node.value for node in facts.every(tree.Return)]
    args, keywords, _ = arguments(project, held, held.node)
    given = bind(facts, callee, args, keywords)
    return settled(project, Term(returned[0], callee.path, callee.name, given)) if len(returned) == 1 else held


def mapping(project: Project, term: Term) -> tuple[dict[str, Term], bool]:
    """The entries of a dict that is written out, and whether those are all."""
    held = _as_mapping(project, term)
    if held is None:
        return {}, False
    pairs = {
        key.value: held.at(value)
        for key, value in held.node.items
        if isinstance(key, tree.Constant) and isinstance(key.value, str)
    }
    return pairs, len(pairs) == len(held.node.items)


def _as_mapping(project: Project, term: Term) -> Term | None:
    """A dict that is written out, here or where its name is assigned."""
    for _ in range(3):
        node = term.node
        if isinstance(node, tree.Mapping):
            return term
        if (
            isinstance(node, tree.Call)
            and isinstance(node.func, tree.Path)
            and node.func.text == "dict"
            and not node.args
        ):
            pairs = tuple((tree.Constant(name, node.at) if name else None, value) for name, value in node.keywords)
            return term.at(tree.Mapping(pairs, node.at))
        followed = follow(project, term) if isinstance(node, tree.Path) else None
        if followed is None:
            return None
        term = followed
    return None


def _called(
    project: Project,
    func: Term,
    args: tuple[Term, ...],
    keywords: dict[str, Term],
    is_open: bool,
    at: At,
    depth: int,
) -> Made | None:
    callee = evaluated(project, func)
    if isinstance(callee, Symbol) and callee.kind == "function":
        facts = function_facts(project, callee)
        return _through_factory(project, callee, facts, args, keywords, is_open, depth) if facts else None
    if isinstance(callee, Symbol) and callee.kind == "class":
        outside = project[ancestry, callee].outside
        name = outside_word(outside)
        return Made(name, args, tuple(keywords.items()), True, func.path, at) if name else None
    if isinstance(callee, Symbol) and callee.name in ("functools.partial()", "functools.partialmethod()"):
        target = follow(project, func)
        if target is None or not isinstance(target.node, tree.Call) or not target.node.args:
            return None
        first, named, inner_open = arguments(project, target, target.node)
        return _called(
            project, first[0], (*first[1:], *args), {**named, **keywords}, is_open or inner_open, at, depth - 1
        )
    name = word(callee)
    return Made(name, args, tuple(keywords.items()), is_open, func.path, at) if name else None


def evaluated(project: Project, term: Term) -> Answer | None:
    """What an expression stands for; None when it is defined through itself."""
    try:
        return evaluate(project, (term.path, term.scope), term.node)
    except CyclicFact:
        return None


def _through_factory(
    project: Project,
    callee: Symbol,
    facts: Function,
    args: tuple[Term, ...],
    keywords: dict[str, Term],
    is_open: bool,
    depth: int,
) -> Made | None:
    """What a function of the repository returns when it ends in making something."""
    given = bind(facts, callee, args, keywords)
    returned = [node.value for node in facts.every(tree.Return) if node.value is not None]
    results = [made(project, Term(node, callee.path, callee.name, given), depth - 1) for node in returned]
    if not results or results[0] is None or any(each is None or each.word != results[0].word for each in results):
        return None
    return results[0]._replace(open=results[0].open or is_open or len(results) > 1)


def bind(
    facts: Function, callee: Symbol, args: tuple[Term, ...], keywords: dict[str, Term]
) -> tuple[tuple[str, Term], ...]:
    """What the parameters of a function stand for in one call of it."""
    given: dict[str, Term] = {}
    rest = list(args)
    left = dict(keywords)
    for param in facts.params:
        if param.kind in ("positional", "positional-only") and rest:
            given[param.name] = rest.pop(0)
        elif param.kind == "*":
            items = tuple(each.node for each in rest)
            home = rest[0] if rest else Term(None, callee.path, callee.name)
            given["*" + param.name] = home.at(tree.Sequence("tuple", items, facts.at))
            rest = []
        elif param.kind == "**":
            pairs = tuple((tree.Constant(name, facts.at), term.node) for name, term in left.items())
            home = next(iter(left.values()), Term(None, callee.path, callee.name))
            given["**" + param.name] = home.at(tree.Mapping(pairs, facts.at))
        elif param.name in left:
            given[param.name] = left.pop(param.name)
        elif param.default_code is not None:
            given[param.name] = Term(param.default, callee.path, callee.name.rpartition(".")[0])
    return tuple(given.items())


def follow(project: Project, term: Term) -> Term | None:
    """What a name was given: by the caller, by the one assignment to it, here or in another module."""
    node = term.node
    if not isinstance(node, tree.Path):
        return None
    given = term.look(node.text)
    if given is not None:
        return given
    root = term.look(node.root)
    if root is not None and isinstance(root.node, tree.Path):
        return root.at(tree.Path(root.node.text + node.text[len(node.root) :], node.at))
    if "." not in node.text:
        local = _local(project, term, node.text)
        if local is None and term.scope in project[classes_of, term.path]:
            local = definition(project, Symbol("variable", term.path, f"{term.scope}.{node.text}"))
        if local is not None:
            return local
    answer = resolve_in(project, term.path, term.scope, node.text)
    if not isinstance(answer, Symbol) or answer.kind != "variable":
        return None
    return definition(project, answer)


def settled(project: Project, term: Term) -> Term:
    """What a parameter or a variable stands for in the end; any other expression as it is."""
    for _ in range(6):
        followed = follow(project, term)
        if followed is None:
            break
        term = followed
    return term


def definition(project: Project, variable: Symbol) -> Term | None:
    """The expression that a module or class variable is assigned, when there is one such assignment."""
    owner, _, name = variable.name.rpartition(".")
    if owner:
        facts = class_facts(project, Symbol("class", variable.path, owner))
        bindings = facts.fields if facts is not None else ()
    else:
        module = project.module(variable.path)
        bindings = module.bindings if module is not None else ()
    values = [each for each in bindings if each.name == name and each.value_code is not None]
    if len(values) != 1 or any(each.kind == "augment" for each in values):
        return None
    return Term(values[0].value, variable.path, owner)


def _local(project: Project, term: Term, name: str) -> Term | None:
    function = project[functions_of, term.path].get(term.scope)
    if function is None or name not in function.binds:
        return None
    values = [
        node.value
        for node in function.nodes
        if isinstance(node, tree.Assign)
        and any(isinstance(target, tree.Path) and target.text == name for target in node.targets)
    ]
    return term.at(values[0]) if len(values) == 1 and values[0] is not None else None
