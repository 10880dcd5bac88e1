"""What an expression makes: a call seen through aliases, partials and small factories, and literal text."""

from __future__ import annotations

import re
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol
from cdlint.project.classes import ancestry, class_facts, function_facts, functions_of, resolve_in
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
    args, keywords, is_open = _arguments(term, node)
    return _called(project, term.at(node.func), args, keywords, is_open, node.at, depth)


def _arguments(term: Term, call: tree.Call) -> tuple[tuple[Term, ...], dict[str, Term], bool]:
    """The arguments of a call, `*args` and `**kwargs` of a factory filled in."""
    args: list[Term] = []
    keywords: dict[str, Term] = {}
    is_open = False
    for node in call.args:
        if not isinstance(node, tree.Starred):
            args.append(term.at(node))
            continue
        given = term.look("*" + node.value.text) if isinstance(node.value, tree.Path) else None
        is_open |= given is None
        if given is not None:
            args.extend(given.at(item) for item in given.node.items)
    for name, node in call.keywords:
        if name is not None:
            keywords[name] = term.at(node)
            continue
        given = term.look("**" + node.text) if isinstance(node, tree.Path) else None
        if given is None and isinstance(node, tree.Mapping):
            given = term.at(node)
        is_open |= given is None
        for key, value in given.node.items if given is not None else ():
            if given is not None and isinstance(key, tree.Constant) and isinstance(key.value, str):
                keywords[key.value] = given.at(value)
            else:
                is_open = True
    return tuple(args), keywords, is_open


def _called(
    project: Project,
    func: Term,
    args: tuple[Term, ...],
    keywords: dict[str, Term],
    is_open: bool,
    at: At,
    depth: int,
) -> Made | None:
    callee = _evaluate(project, func)
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
        first, named, inner_open = _arguments(target, target.node)
        return _called(
            project, first[0], (*first[1:], *args), {**named, **keywords}, is_open or inner_open, at, depth - 1
        )
    name = word(callee)
    return Made(name, args, tuple(keywords.items()), is_open, func.path, at) if name else None


def _evaluate(project: Project, term: Term) -> Answer | None:
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
    returned = [
        node.value for node in tree.walk(*facts.body) if isinstance(node, tree.Return) and node.value is not None
    ]
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
        if local is not None:
            return local
    answer = resolve_in(project, term.path, term.scope, node.text)
    if not isinstance(answer, Symbol) or answer.kind != "variable":
        return None
    return definition(project, answer)


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
        for node in tree.walk(*function.body)
        if isinstance(node, tree.Assign)
        and any(isinstance(target, tree.Path) and target.text == name for target in node.targets)
    ]
    return term.at(values[0]) if len(values) == 1 and values[0] is not None else None


# Literal text


def text(project: Project, term: Term | None, depth: int = 16) -> str | None:
    """The string that an expression stands for, if that can be said without running it."""
    if term is None or depth <= 0:
        return None
    node = term.node
    if isinstance(node, tree.Constant):
        return node.value if isinstance(node.value, str) else str(node.value) if type(node.value) is int else None
    if isinstance(node, tree.FString):
        return _joined([text(project, term.at(part), depth - 1) for part in node.parts])
    if isinstance(node, tree.Binary) and node.op == "+":
        return _joined([text(project, term.at(part), depth - 1) for part in node.terms])
    if isinstance(node, tree.Binary) and node.op == "%" and len(node.terms) == 2:
        return _percent(project, term, node, depth)
    if isinstance(node, tree.Path):
        followed = follow(project, term)
        return text(project, followed, depth - 1) if followed is not None else None
    if isinstance(node, tree.Call):
        return _text_of_call(project, term, node, depth)
    return None


def _joined(parts: list[str | None]) -> str | None:
    known = [part for part in parts if part is not None]
    return "".join(known) if len(known) == len(parts) else None


def _percent(project: Project, term: Term, node: tree.Binary, depth: int) -> str | None:
    pattern = text(project, term.at(node.terms[0]), depth - 1)
    items = node.terms[1].items if isinstance(node.terms[1], tree.Sequence) else (node.terms[1],)
    values = [text(project, term.at(item), depth - 1) for item in items]
    if pattern is None or None in values or re.sub("%s", "", pattern).count("%"):
        return None
    return pattern % tuple(values) if pattern.count("%s") == len(values) else None


_METHODS = frozenset(
    {"lower", "upper", "strip", "lstrip", "rstrip", "replace", "removesuffix", "removeprefix", "title", "capitalize"}
)


def _text_of_call(project: Project, term: Term, node: tree.Call, depth: int) -> str | None:
    func = node.func
    values = [text(project, term.at(arg), depth - 1) for arg in node.args]
    known = [value for value in values if value is not None]
    complete = len(known) == len(values) and all(name is not None for name, _ in node.keywords)
    if isinstance(func, (tree.Path, tree.Attribute)) and complete and (func.last in _METHODS or func.last == "format"):
        owner = _owner(term, func)
        subject = text(project, owner, depth - 1) if owner is not None else None
        if subject is not None:
            named = {str(name): text(project, term.at(value), depth - 1) for name, value in node.keywords}
            return _method(subject, func.last, known, named)
    if not isinstance(func, tree.Path):
        return None
    callee = _evaluate(project, term.at(func))
    if not isinstance(callee, Symbol):
        return None
    if callee.kind == "function":
        facts = function_facts(project, callee)
        args, keywords, _ = _arguments(term, node)
        return _returned(project, callee, facts, bind(facts, callee, args, keywords), depth) if facts else None
    if callee.name == "builtins.str" and len(known) == 1 == len(values):
        return known[0]
    if callee.name == "re.sub" and len(known) == 3 == len(values) and not node.keywords:
        return _substituted(*known)
    if callee.name == "inflection.underscore" and len(known) == 1 == len(values):
        return underscore(known[0])
    return None


def _owner(term: Term, func: tree.Path | tree.Attribute) -> Term | None:
    """What a method is called on."""
    if isinstance(func, tree.Attribute):
        return term.at(func.value) if "." not in func.text else None
    owner = func.text.rpartition(".")[0]
    return term.at(tree.Path(owner, func.at)) if owner else None


def _method(subject: str, name: str, args: list[str], named: dict[str, str | None]) -> str | None:
    if name == "format":
        fields = re.findall(r"\{(\w*)\}", subject)
        if re.sub(r"\{\w*\}", "", subject).count("{") or None in named.values():
            return None
        try:
            return subject.format(*args, **named) if len(fields) <= 20 else None
        except (IndexError, KeyError, ValueError):
            return None
    if len(args) > 2 or named:
        return None
    try:
        return str(getattr(subject, name)(*args))
    except TypeError:
        return None


def _substituted(pattern: str, replacement: str, subject: str) -> str | None:
    """`re.sub` on a name; patterns that could take long are left alone."""
    if len(pattern) > 100 or len(subject) > 200 or re.search(r"\)[*+{]|[*+}][*+{]", pattern):
        return None
    if len(re.findall(r"[*+{]", pattern)) > 3:
        return None
    try:
        return re.sub(pattern, replacement, subject)
    except (re.error, IndexError):
        return None


def underscore(name: str) -> str:
    """`UserProfile` as `user_profile`."""
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z\d])([A-Z])", r"\1_\2", name).replace("-", "_").lower()


def _returned(
    project: Project, callee: Symbol, facts: Function, given: tuple[tuple[str, Term], ...], depth: int
) -> str | None:
    """The text that a function without branches returns."""
    names = dict(given)
    for statement in facts.body:
        here = Term(None, callee.path, callee.name, tuple(names.items()))
        if isinstance(statement, tree.Return):
            return text(project, here.at(statement.value), depth - 1)
        if isinstance(statement, tree.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            value = text(project, here.at(statement.value), depth - 1)
            if not isinstance(target, tree.Path) or "." in target.text or value is None:
                return None
            names[target.text] = Term(tree.Constant(value, statement.at), callee.path, callee.name)
        elif not isinstance(statement, (tree.Expression, tree.ImportStatement)):
            return None
    return None


def returned_by(project: Project, method: Symbol, given: tuple[tuple[str, Term], ...]) -> str | None:
    """The text that a method returns for a class, whose names stand in `given`."""
    facts = function_facts(project, method)
    return _returned(project, method, facts, given, 16) if facts is not None else None
