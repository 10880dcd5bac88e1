"""The string that an expression stands for, when that can be said without running the code."""

from __future__ import annotations

import re

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import function_facts

from ._terms import Term, arguments, bind, evaluated, follow, settled


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
    if isinstance(node, tree.Conditional):
        return _chosen(project, term, node, depth)
    if isinstance(node, tree.Call):
        return _text_of_call(project, term, node, depth)
    if isinstance(node, tree.Subscript) and isinstance(node.index, tree.Slice):
        return _sliced(project, term, node, node.index, depth)
    return None


def _sliced(project: Project, term: Term, node: tree.Subscript, index: tree.Slice, depth: int) -> str | None:
    """`name[:-1]`."""
    subject = text(project, term.at(node.value), depth - 1)
    bounds: list[int | None] = []
    for each in (index.lower, index.upper):
        sign = -1 if isinstance(each, tree.Unary) and each.op == "-" else 1
        inner = each.value if isinstance(each, tree.Unary) else each
        value = inner.value if isinstance(inner, tree.Constant) else None
        if each is not None and not isinstance(value, int):
            return None
        bounds.append(sign * value if isinstance(value, int) else None)
    return subject[bounds[0] : bounds[1]] if subject is not None and index.step is None else None


def _chosen(project: Project, term: Term, node: tree.Conditional, depth: int) -> str | None:
    """`a if c.isupper() else b`."""
    decided = holds(project, term.at(node.test), depth - 1)
    if decided is None:
        return None
    return text(project, term.at(node.body if decided else node.orelse), depth - 1)


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
    if isinstance(func, (tree.Path, tree.Attribute)) and func.last == "join" and len(node.args) == 1:
        owner = _owner(term, func)
        glue = text(project, owner, depth - 1) if owner is not None else None
        pieces = texts(project, term.at(node.args[0]), depth - 1)
        return glue.join(pieces) if glue is not None and pieces is not None else None
    if isinstance(func, (tree.Path, tree.Attribute)) and complete and (func.last in _METHODS or func.last == "format"):
        owner = _owner(term, func)
        subject = text(project, owner, depth - 1) if owner is not None else None
        if subject is not None:
            named = {str(name): text(project, term.at(value), depth - 1) for name, value in node.keywords}
            return _method(subject, func.last, known, named)
    if not isinstance(func, tree.Path):
        return None
    callee = evaluated(project, term.at(func))
    if not isinstance(callee, Symbol):
        return None
    if callee.kind == "function":
        facts = function_facts(project, callee)
        args, keywords, _ = arguments(project, term, node)
        return _returned(project, callee, facts, bind(facts, callee, args, keywords), depth) if facts else None
    if callee.name == "builtins.str" and len(known) == 1 == len(values):
        return known[0]
    if (
        callee.name in ("re.compile().sub", "re.Pattern().sub", "typing.Pattern().sub")
        and len(known) == 2 == len(values)
        and not node.keywords
    ):
        pattern = _compiled(project, term.at(tree.Path(func.text.rpartition(".")[0], func.at)), depth)
        return _substituted(pattern, *known) if pattern is not None else None
    if callee.name == "re.sub" and len(known) == 3 == len(values) and not node.keywords:
        return _substituted(*known)
    if callee.name == "inflection.underscore" and len(known) == 1 == len(values):
        return underscore(known[0])
    return None


def _compiled(project: Project, term: Term, depth: int) -> str | None:
    """The pattern of `re.compile(pattern)` without flags, held by a name."""
    held = follow(project, term)
    if held is None or not isinstance(held.node, tree.Call) or len(held.node.args) != 1 or held.node.keywords:
        return None
    return text(project, held.at(held.node.args[0]), depth - 1)


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


def texts(project: Project, term: Term, depth: int) -> list[str] | None:
    """The strings of a list: `re.split(...)`, `re.findall(...)`, a comprehension over one or over a string."""
    node = term.node
    if depth <= 0:
        return None
    if isinstance(node, tree.Path):
        followed = follow(project, term)
        return texts(project, followed, depth - 1) if followed is not None else None
    if isinstance(node, tree.Sequence):
        found = [text(project, term.at(item), depth - 1) for item in node.items]
        known = [each for each in found if each is not None]
        return known if len(known) == len(found) else None
    if isinstance(node, tree.Comprehension) and len(node.generators) == 1:
        return _comprehended(project, term, node, depth)
    callee = evaluated(project, term.at(node.func)) if isinstance(node, tree.Call) else None
    if isinstance(callee, Symbol) and callee.name in ("re.split", "re.findall") and len(node.args) == 2:
        pattern, subject = (text(project, term.at(arg), depth - 1) for arg in node.args)
        if (
            pattern is not None
            and subject is not None
            and is_quick(pattern, subject)
            and pattern.count("(?") == pattern.count("(")
        ):
            return [piece or "" for piece in getattr(re, callee.last)(pattern, subject)]
    return None


def _comprehended(project: Project, term: Term, node: tree.Comprehension, depth: int) -> list[str] | None:
    generator = node.generators[0]
    if not isinstance(generator.target, tree.Path):
        return None
    items = texts(project, term.at(generator.iterable), depth - 1)
    if items is None:
        characters = text(project, term.at(generator.iterable), depth - 1)
        items = list(characters) if characters is not None and len(characters) < 200 else None
    name = generator.target.text
    found = []
    for item in items or ():
        inner = term._replace(given=((name, Term(tree.Constant(item, node.at), term.path, term.scope)), *term.given))
        if any(not (isinstance(each, tree.Path) and each.text == name) for each in generator.conditions):
            return None
        if generator.conditions and not item:
            continue
        found.append(text(project, inner.at(node.element), depth - 1))
    known = [each for each in found if each is not None]
    return known if items is not None and len(known) == len(found) else None


def is_quick(pattern: str, subject: str) -> bool:
    """Whether matching cannot take long: short, few repetitions, none of them nested."""
    if len(pattern) > 100 or len(subject) > 200 or re.search(r"\)[*+{]|[*+}][*+{]", pattern):
        return False
    return len(re.findall(r"[*+{]", pattern)) <= 3


def _substituted(pattern: str, replacement: str, subject: str) -> str | None:
    """`re.sub` on a name; patterns that could take long are left alone."""
    if not is_quick(pattern, subject):
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
    """The text that a function returns whose branches can be decided."""
    found = _result(project, Term(None, callee.path, callee.name, given), facts.body, depth)
    return text(project, found, depth - 1) if found is not None else None


def _result(project: Project, here: Term, body: tuple[tree.Node, ...], depth: int) -> Term | None:
    """What a function returns, with the texts that its variables hold."""
    names = dict(here.given)
    for statement in body:
        here = here._replace(given=tuple(names.items()))
        if isinstance(statement, tree.Return):
            return here.at(statement.value)
        if isinstance(statement, tree.If):
            decided = holds(project, here.at(statement.test), depth - 1)
            if decided is None:
                return None
            branch = statement.body if decided else statement.orelse
            found = _result(project, here, branch, depth - 1)
            if found is not None or any(isinstance(each, (tree.Return, tree.Assign, tree.If)) for each in branch):
                return found
        elif isinstance(statement, tree.Assign) and len(statement.targets) == 1:
            value = _assigned(project, here, statement, depth)
            target = statement.targets[0]
            if value is None or not isinstance(target, tree.Path) or "." in target.text:
                return None
            names[target.text] = value
        elif not isinstance(statement, (tree.Expression, tree.ImportStatement)):
            return None
    return None


def _assigned(project: Project, here: Term, statement: tree.Assign, depth: int) -> Term | None:
    """The text, or the list of texts, that a variable is given."""
    value = text(project, here.at(statement.value), depth - 1)
    if value is not None:
        return Term(tree.Constant(value, statement.at), here.path, here.scope)
    pieces = texts(project, here.at(statement.value), depth - 1)
    if pieces is None:
        return None
    constants = tuple(tree.Constant(piece, statement.at) for piece in pieces)
    return Term(tree.Sequence("list", constants, statement.at), here.path, here.scope)


INHERITS = "has_inherited_table()"
"""The name under which `given` says whether a class inherits a table."""
_TESTS = frozenset({"endswith", "startswith", "isupper", "islower"})


def holds(project: Project, term: Term, depth: int = 8) -> bool | None:
    """Whether a condition on names holds: `has_inherited_table(cls)`, `name.endswith("y")`, `a == "b"`."""
    node = term.node
    if depth <= 0:
        return None
    if isinstance(node, tree.Unary) and node.op == "not":
        inner = holds(project, term.at(node.value), depth - 1)
        return None if inner is None else not inner
    if isinstance(node, tree.Constant):
        return node.value if isinstance(node.value, bool) else None
    if isinstance(node, tree.Path):
        followed = follow(project, term)
        return holds(project, followed, depth - 1) if followed is not None else None
    if isinstance(node, tree.Compare) and len(node.ops) == 1 and _is_count(node.terms[0]):
        return _counted(project, term, node)
    if isinstance(node, tree.Compare) and len(node.ops) == 1 and node.ops[0] in ("==", "!="):
        left, right = (text(project, term.at(each), depth - 1) for each in node.terms)
        return None if left is None or right is None else (left == right) == (node.ops[0] == "==")
    if not isinstance(node, tree.Call) or not isinstance(node.func, (tree.Path, tree.Attribute)):
        return None
    if node.func.last == "has_inherited_table":
        given = term.look(INHERITS)
        return given.node.value if given is not None else None
    owner = _owner(term, node.func)
    if node.func.last not in _TESTS or owner is None or len(node.args) > 1:
        return None
    subject = text(project, owner, depth - 1)
    values = [text(project, term.at(each), depth - 1) for each in node.args]
    known = [each for each in values if each is not None]
    if subject is None or len(known) != len(values) or bool(known) != node.func.last.endswith("with"):
        return None
    return bool(getattr(subject, node.func.last)(*known))


def _is_count(node: tree.Node) -> bool:
    return isinstance(node, tree.Call) and getattr(node.func, "text", "") == "len" and len(node.args) == 1


def _counted(project: Project, term: Term, node: tree.Compare) -> bool | None:
    """`len(cls.choices) > 1` on a display."""
    held = settled(project, term.at(node.terms[0].args[0]))
    limit = node.terms[1]
    if not isinstance(held.node, tree.Sequence) or not isinstance(limit, tree.Constant):
        return None
    if type(limit.value) is not int or any(isinstance(each, tree.Starred) for each in held.node.items):
        return None
    size = len(held.node.items)
    known = {"==": size == limit.value, "!=": size != limit.value, ">": size > limit.value, "<": size < limit.value}
    return known.get(node.ops[0])


def results(project: Project, here: Term, body: tuple[tree.Node, ...]) -> list[tree.Node]:
    """What the statements of a function may return, without the branches that are not taken."""
    found: list[tree.Node] = []
    for statement in body:
        if isinstance(statement, tree.If):
            decided = holds(project, here.at(statement.test))
            if decided is not False:
                found += results(project, here, statement.body)
            if decided is not True:
                found += results(project, here, statement.orelse)
            if decided is not None and found:
                return found
        elif isinstance(statement, tree.Return):
            return [*found, statement.value] if statement.value is not None else found
        else:
            found += [n.value for n in tree.walk(statement) if isinstance(n, tree.Return) and n.value is not None]
    return found


def returned_by(project: Project, method: Symbol, given: tuple[tuple[str, Term], ...]) -> str | None:
    """The text that a method returns for a class, whose names stand in `given`; `""` when it returns None."""
    facts = function_facts(project, method)
    if facts is None:
        return None
    found = _result(project, Term(None, method.path, method.name, given), facts.body, 16)
    if found is not None and isinstance(found.node, tree.Constant) and found.node.value is None:
        return ""
    return text(project, found) if found is not None else None
