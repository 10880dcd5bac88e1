"""The class name and the length of a column's type, from `String(50)`, a variable, a factory or an own class."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts, function_facts

from ._enums import enum_length
from ._terms import Term, arguments, bind, evaluated, follow

SIZED = frozenset(
    {
        *("String", "Unicode", "Text", "UnicodeText", "VARCHAR", "NVARCHAR", "VARCHAR2", "NVARCHAR2", "CHAR", "NCHAR"),
        *("TEXT", "NTEXT", "TINYTEXT", "MEDIUMTEXT", "LONGTEXT", "CLOB", "AutoString", "BIT"),
        *("LargeBinary", "Binary", "BINARY", "VARBINARY", "BLOB"),
    }
)
ENUMS = frozenset({"Enum", "ENUM"})
_USUAL_LENGTHS = {
    "sqlalchemy_utils.ChoiceType": 255,
    "sqlalchemy_utils.ColorType": 20,
    "sqlalchemy_utils.CountryType": 2,
    "sqlalchemy_utils.CurrencyType": 3,
    "sqlalchemy_utils.EmailType": 255,
    "sqlalchemy_utils.IPAddressType": 50,
    "sqlalchemy_utils.LocaleType": 10,
    "sqlalchemy_utils.PhoneNumberType": 20,
    "sqlalchemy_utils.TimezoneType": 50,
    "sqlalchemy_utils.UUIDType": 16,
    "advanced_alchemy.GUID": 16,
}
"""Package and class -> the length that its columns have unless told otherwise."""
_DEPTH = 8
_WRAPPING = frozenset({"as_mutable", "associate_with"})
_SAME = frozenset({"with_variant", "evaluates_none", "copy"})


class TypeFact(NamedTuple):
    """A type. `why` says what could not be read, `""` when nothing is missing."""

    name: str | None
    length: int | None
    why: str = ""


def type_of(project: Project, term: Term, depth: int = _DEPTH) -> TypeFact:
    """The type that an expression stands for."""
    node = term.node
    if depth <= 0:
        return TypeFact(None, None, "its type is defined through itself")
    if isinstance(node, tree.Path):
        followed = follow(project, term)
        if followed is not None:
            return type_of(project, followed, depth - 1)
        return _constructed(project, term, None, depth)
    if isinstance(node, tree.Call):
        return _of_call(project, term, node, depth)
    return TypeFact(getattr(node, "last", None), None, "its type is computed")


def _of_call(project: Project, term: Term, node: tree.Call, depth: int) -> TypeFact:
    func = node.func
    last = func.last if isinstance(func, (tree.Path, tree.Attribute)) else ""
    if last in _WRAPPING and node.args:
        return type_of(project, term.at(node.args[0]), depth - 1)
    if last in _SAME and isinstance(func, tree.Attribute) and "." not in func.text:
        return type_of(project, term.at(func.value), depth - 1)
    if last in _SAME and isinstance(func, tree.Path) and "." in func.text:
        return type_of(project, term.at(tree.Path(func.text.rpartition(".")[0], func.at)), depth - 1)
    callee = evaluated(project, term.at(func))
    if isinstance(callee, Symbol) and callee.kind == "function":
        return _of_factory(project, term, node, callee, depth)
    if isinstance(callee, Symbol) and callee.name == "functools.partial()":
        held = follow(project, term.at(func))
        if held is not None and isinstance(held.node, tree.Call) and held.node.args:
            first, *rest = held.node.args
            joined = tree.Call(first, (*rest, *node.args), (*held.node.keywords, *node.keywords), node.at)
            return type_of(project, held.at(joined), depth - 1)
    return _constructed(project, term.at(func), term, depth)


def _of_factory(project: Project, term: Term, node: tree.Call, callee: Symbol, depth: int) -> TypeFact:
    facts = function_facts(project, callee)
    returned = [each.value for each in facts.every(tree.Return)] if facts else []
    if facts is None or len(returned) != 1 or returned[0] is None:
        return TypeFact(None, None, "a function with several results makes its type")
    args, keywords, _ = arguments(project, term, node)
    given = bind(facts, callee, args, keywords)
    return type_of(project, Term(returned[0], callee.path, callee.name, given), depth - 1)


def _constructed(project: Project, cls: Term, call: Term | None, depth: int) -> TypeFact:
    """A type from its class and the call that makes it, None when it is named without one."""
    answer = evaluated(project, cls)
    if isinstance(answer, Symbol) and answer.kind == "class":
        return _of_own(project, answer, call, depth)
    dotted = answer.name.removesuffix("()") if isinstance(answer, Symbol) and answer.kind == "external" else ""
    written = cls.node.last if isinstance(cls.node, (tree.Path, tree.Attribute)) else ""
    # A name that has two meanings, under `try` and `except`: its spelling says more than nothing.
    name = dotted.rpartition(".")[2] or (written if written[:1].isupper() else "")
    return _of_outside(project, name, dotted, call, depth)


def _of_outside(project: Project, name: str, dotted: str, call: Term | None, depth: int) -> TypeFact:
    """A type of SQLAlchemy or of another package, by its name and its arguments."""
    if name in ENUMS:
        length, why = enum_length(project, call)
        return TypeFact(name, length, why)
    if name in SIZED:
        return _sized(project, name, _given(call, 0, "length"))
    usual = _USUAL_LENGTHS.get(f"{dotted.partition('.')[0]}.{name}")
    if usual is not None:
        impl = _given(call, None, "impl")
        if impl is not None:
            return TypeFact(name, type_of(project, impl, depth - 1).length)
        own = _given(call, None, "length")
        return _sized(project, name, own) if own is not None else TypeFact(name, usual)
    return TypeFact(name or None, None, "" if name else "its type is computed")


def _given(call: Term | None, position: int | None, name: str) -> Term | None:
    if call is None or not isinstance(call.node, tree.Call):
        return None
    node = call.node.keyword(name) if position is None else call.node.argument(position, name)
    return call.at(node) if node is not None else None


def _sized(project: Project, name: str, given: Term | None) -> TypeFact:
    if given is None:
        return TypeFact(name, None)
    value = number(project, given)
    if value is None and not (isinstance(given.node, tree.Constant) and given.node.value is None):
        return TypeFact(name, None, "the length of its type is computed")
    return TypeFact(name, value)


def _of_own(project: Project, cls: Symbol, call: Term | None, depth: int) -> TypeFact:
    """A class of the repository: a `TypeDecorator`, or a subclass of a type."""
    found = project[ancestry, cls]
    base = found.outside
    name = base.rpartition(".")[2]
    call = _through_init(project, found.first_party, call)
    if name in ("TypeDecorator", "UserDefinedType", "TypeEngine"):
        impl = _implementation(project, found.first_party)
        if impl is None or depth <= 0:
            return TypeFact(cls.last, None)
        if isinstance(impl.node, tree.Call) or call is None:
            return type_of(project, impl, depth - 1)._replace(name=cls.last)
        return _constructed(project, impl, call, depth - 1)._replace(name=cls.last)
    return _of_outside(project, name, base, call, depth)._replace(name=cls.last)


def _implementation(project: Project, owners: tuple[Symbol, ...]) -> Term | None:
    for owner in owners:
        facts = class_facts(project, owner)
        for binding in facts.fields if facts is not None else ():
            if binding.name == "impl" and binding.value_code is not None:
                return Term(binding.value, owner.path, owner.name)
    return None


def _through_init(project: Project, owners: tuple[Symbol, ...], call: Term | None) -> Term | None:
    """The call of the outside base's `__init__`, as the nearest own `__init__` makes it."""
    for owner in owners:
        init = Symbol("function", owner.path, f"{owner.name}.__init__")
        facts = function_facts(project, init)
        if facts is None:
            continue
        calls = [each for each in facts.call_nodes if getattr(each.func, "last", "") == "__init__"]
        if len(calls) != 1:
            return None
        node = call.node if call is not None and isinstance(call.node, tree.Call) else tree.Call(None, (), (), facts.at)
        home = call if call is not None else Term(node, owner.path, "")
        args, keywords, _ = arguments(project, home, node)
        nothing = Term(None, owner.path, owner.name)
        given = bind(facts, init, (nothing, *args), keywords)
        inner = Term(calls[0], owner.path, init.name, given)
        inner_args, inner_keywords, _ = arguments(project, inner, calls[0])
        return _flattened(inner, calls[0], inner_args, inner_keywords)
    return call


def _flattened(inner: Term, call: tree.Call, args: tuple[Term, ...], keywords: dict[str, Term]) -> Term:
    """A call whose arguments stand in `given`, so that they keep their own places."""
    given = (*inner.given, *((f"<{at}>", each) for at, each in enumerate(args)))
    given = (*given, *((f"<{name}>", each) for name, each in keywords.items()))
    nodes = tuple(tree.Path(f"<{at}>", call.at) for at in range(len(args)))
    named = tuple(tree.Keyword(name, tree.Path(f"<{name}>", call.at)) for name in keywords)
    return inner._replace(node=tree.Call(call.func, nodes, named, call.at), given=given)


_OPERATIONS: dict[str, Callable[[int, int], int | None]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "//": lambda a, b: a // b if b else None,
    "**": lambda a, b: a**b if 0 <= b <= 32 and abs(a) <= 1024 else None,
    "<<": lambda a, b: a << b if 0 <= b <= 32 else None,
}


def number(project: Project, term: Term, depth: int = _DEPTH) -> int | None:
    """The whole number that an expression stands for."""
    node = term.node
    if depth <= 0:
        return None
    if isinstance(node, tree.Constant):
        return node.value if type(node.value) is int else None
    if isinstance(node, tree.Path):
        followed = follow(project, term)
        return number(project, followed, depth - 1) if followed is not None else None
    if isinstance(node, tree.Binary) and node.op in _OPERATIONS:
        total: int | None = None
        for at, each in enumerate(node.terms):
            value = number(project, term.at(each), depth - 1)
            if value is None or (at and total is None):
                return None
            total = _OPERATIONS[node.op](total, value) if total is not None else value
        return total
    return None
