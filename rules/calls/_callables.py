"""What a call of a first-party function or class runs, with every definition that it may reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.arguments import Signature
from cdlint.project.assignments import local_assignments
from cdlint.project.calls import words
from cdlint.project.classes import (
    TRANSPARENT,
    ancestry,
    class_facts,
    class_member,
    descendants,
    function_facts,
    functions_of,
)
from cdlint.project.places import is_aside
from cdlint.project.values import Scope, evaluate

from ._handed import implementers
from ._instances import called_by
from ._members import is_protocol
from ._promises import is_kept
from ._signatures import constructor_signature, function_signature, inherits_one

_ITSELF = frozenset({"self", "cls", "klass", "mcs", "this", "_self", "_cls"})
_PLAIN = frozenset({"ABC", "ABCMeta", "type"})


class Candidate(NamedTuple):
    """Something that a call may run: a function or a class, and whether the first argument is given already."""

    symbol: Symbol
    bound: bool


def candidates(project: Project, scope: Scope, func: tree.Path) -> tuple[Candidate, ...]:
    """Everything that a call of this name may run, `()` when that is not certain."""
    answer = evaluate(project, scope, func)
    if not isinstance(answer, Symbol) or not _is_fixed(project, scope, func):
        return ()
    method = called_by(project, answer)
    if method is not None:
        # An annotation that is not kept is seen where attributes are read, but not where the object is called.
        kept = project[is_kept, (Symbol("function", *scope), func.text, answer)]
        return _methods(project, answer, method, "__call__", True) if kept else ()
    if answer.kind not in ("function", "class"):
        return ()
    local = _is_local(project, scope, func.root)
    if answer.kind == "class":
        return _constructors(project, answer) if local else (Candidate(answer, True),)
    facts = function_facts(project, answer)
    if facts is None:
        return ()
    if not facts.owner:
        return (Candidate(answer, False),)
    owner, _, name = func.text.rpartition(".")
    receiver = evaluate(project, scope, tree.Path(owner, func.at)) if owner else None
    if not isinstance(receiver, Symbol) or receiver.kind not in ("instance", "class"):
        return ()
    return _methods(project, receiver, answer, name, local)


def of_made(project: Project, scope: Scope, func: tree.Attribute) -> tuple[Candidate, ...]:
    """Everything that a call of a method of an instance made on the spot may run: `Repository(session).find()`."""
    made = func.value
    if not isinstance(made, tree.Call) or not isinstance(made.func, tree.Path) or "." in func.text:
        return ()
    cls = evaluate(project, scope, made.func)
    if not isinstance(cls, Symbol) or cls.kind != "class" or not _is_fixed(project, scope, made.func):
        return ()
    if _is_local(project, scope, made.func.root):
        return ()
    owners = [class_facts(project, each) for each in project[ancestry, cls].first_party]
    if any(each is None or "__new__" in each.methods for each in owners):
        return ()
    member = project[class_member, (cls, func.text)]
    known = isinstance(member, Symbol) and member.kind == "function" and inherits_one(project, cls, func.text)
    if not isinstance(member, Symbol) or not known or not _is_open(project, cls, member):
        return ()
    return (Candidate(member, True),) if _takes_itself(project, member) else ()


def _methods(project: Project, receiver: Symbol, method: Symbol, name: str, local: bool) -> tuple[Candidate, ...]:
    facts = function_facts(project, method)
    cls = Symbol("class", receiver.path, receiver.name)
    of_class = facts is not None and any(getattr(each, "text", "") == "classmethod" for each in facts.decorators)
    bound = receiver.kind == "instance" or of_class
    found = []
    for each in _family(project, cls) if local or receiver.kind == "instance" else (cls,):
        member = project[class_member, (each, name)]
        if not (isinstance(member, Symbol) and member.kind == "function"):
            return ()
        if _is_abstract(project, member):
            continue  # There are no objects of this class.
        if not inherits_one(project, each, name) or not _is_open(project, each, member):
            return ()
        if bound and not _takes_itself(project, member):
            return ()
        found.append(Candidate(member, bound))
    return tuple(dict.fromkeys(found))


def _family(project: Project, cls: Symbol) -> tuple[Symbol, ...]:
    """The classes that an object may have where a class is promised."""
    return implementers(project, cls) if is_protocol(project, cls) else project[descendants, cls]


def _is_abstract(project: Project, method: Symbol) -> bool:
    facts = function_facts(project, method)
    return facts is not None and any("abstractmethod" in words(code) for code in facts.decorator_codes)


def _takes_itself(project: Project, method: Symbol) -> bool:
    """Whether a method has the usual first parameter and a body: those of interfaces have neither."""
    facts = function_facts(project, method)
    if facts is None or is_stub(facts):
        return False
    static = any(getattr(each, "text", "") == "staticmethod" for each in facts.decorators)
    return static or (bool(facts.params) and facts.params[0].name in _ITSELF)


def is_stub(function: Function) -> bool:
    """Whether the body does nothing, or only raises: others say what it really takes and gives."""
    rest = [
        each
        for each in function.body
        if not (isinstance(each, tree.Expression) and isinstance(each.value, tree.Constant))
        and not isinstance(each, (tree.Jump, tree.ImportStatement))
    ]
    return not rest or isinstance(rest[0], tree.Raise)


def _constructors(project: Project, cls: Symbol) -> tuple[Candidate, ...]:
    return tuple([Candidate(each, True) for each in project[descendants, cls]])


def _is_open(project: Project, each: Symbol, member: Symbol) -> bool:
    """Whether nothing but what can be read decides what the member of a class is."""
    found = project[ancestry, each]
    owner = Symbol("class", member.path, member.name.rpartition(".")[0])
    if found.unknown or is_protocol(project, owner):
        return False
    if owner != each and set(found.external) - set(project[ancestry, owner].external) - TRANSPARENT:
        return False
    for above in found.first_party:
        facts = class_facts(project, above)
        if facts is None or facts.conditional or "__getattribute__" in facts.methods:
            return False
        if any(name == "metaclass" and getattr(value, "last", "") not in _PLAIN for name, value in facts.keywords):
            return False
        names = [getattr(node.func if isinstance(node, tree.Call) else node, "last", "") for node in facts.decorators]
        if not set(names) <= {"dataclass", "final"}:
            return False
    return True


def _is_local(project: Project, scope: Scope, root: str) -> bool:
    return bool(scope[1]) and any(root in each.binds for each in _around(project, scope))


def _around(project: Project, scope: Scope) -> Iterator[Function]:
    """The function and those around it."""
    inner = scope[1]
    while inner:
        function = project[functions_of, scope[0]].get(inner)
        if function is not None:
            yield function
        inner = inner.rpartition(".")[0]


def _is_fixed(project: Project, scope: Scope, func: tree.Path) -> bool:
    """Whether the name that the call starts from has one meaning, and nothing replaces the one that it ends in."""
    root = func.root
    module = project.module(scope[0])
    if module is None:
        return False
    for function in _around(project, scope):
        if root in function.outer:
            return False
        if root in function.binds:
            imports = [each for each in module.imports if each.scope == function.qualname and each.alias == root]
            inner = f"{function.qualname}.{root}"
            functions = [each for each in module.functions if each.qualname == inner]
            classes = [each for each in module.classes if each.qualname == inner]
            ways = len(imports) + len(functions) + len(classes)
            assigned = root in project[local_assignments, (scope[0], function.qualname)]
            return ways <= 1 and not (ways and assigned)
    bound = [each for each in module.bindings if each.name == root and each.guard != "type-only"]
    return len(bound) == 1 and bound[0].guard in ("", "main")


def is_replaced(project: Project, name: str) -> bool:
    """Whether the program binds a name in several ways or assigns to an attribute of that name."""
    return any(project[_is_replaced_in, (path, name)] for path in project.paths if not is_aside(path))


def is_given(project: Project, name: str) -> bool:
    """Whether code assigns to an attribute of that name that is not its own object's."""
    return any(project[_is_given_in, (path, name)] for path in project.paths if not is_aside(path))


def _is_given_in(project: Project, key: tuple[str, str]) -> bool:
    path, name = key
    module = project.module(path)
    return any(_assigns(each, name, _own(each)) for each in (module.functions if module is not None else ()))


def _own(function: Function) -> str:
    """The name that a method has for its object."""
    return function.params[0].name if function.owner and function.params else ""


def _is_replaced_in(project: Project, key: tuple[str, str]) -> bool:
    path, name = key
    module = project.module(path)
    if module is None:
        return False
    bound = [each for each in module.bindings if each.name == name and each.guard != "type-only"]
    if len(bound) > 1 or any(each.guard not in ("", "main") for each in bound):
        return True
    return any(name in function.outer or _assigns(function, name) for function in module.functions)


def _assigns(function: Function, name: str, own: str = "") -> bool:
    sets = "setattr" in function.calls and function.mentions(name)
    if not sets and not function.mentions(name if "." in name else f".{name}"):
        return False
    for node in function.nodes:
        targets = node.targets if isinstance(node, (tree.Assign, tree.Delete)) else ()
        texts = [each.text for each in targets if isinstance(each, tree.Path)]
        if any(_ends(text, name) and text != f"{own}.{name}" for text in texts):
            return True
        if isinstance(node, tree.Call) and getattr(node.func, "last", "") == "setattr":
            given = node.argument(1)
            if isinstance(given, tree.Constant) and given.value == name:
                return True
    return False


def _ends(text: str, name: str) -> bool:
    return text.endswith(f".{name}") or (text == name and "." in name)


def signature_of(project: Project, candidate: Candidate) -> Signature | None:
    """The signature of a candidate, None when it is not certain."""
    if candidate.symbol.kind == "class":
        return project[constructor_signature, candidate.symbol]
    return project[function_signature, (candidate.symbol, candidate.bound)]
