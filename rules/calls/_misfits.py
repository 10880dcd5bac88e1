"""Calls whose arguments do not fit anything that they may run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol, Unknown
from cdlint.project.arguments import Shape, Signature, complaint, parameters, shape_of
from cdlint.project.calls import words
from cdlint.project.classes import class_member, function_facts, resolve_in
from cdlint.project.modules import find_module
from cdlint.project.names import resolve
from cdlint.project.places import is_aside
from cdlint.project.values import annotated, attribute

from ._callables import Candidate, candidates, is_given, is_replaced, of_made, signature_of
from ._instances import called_by, called_objects
from ._signatures import constructor_signature, function_signature

_KEEPING = frozenset(
    {
        "abstractmethod", "asynccontextmanager", "atomic", "cache", "classmethod", "contextmanager", "final",
        "lru_cache", "override", "staticmethod",
    }
)  # fmt: skip
"""The last names of the decorators that keep a signature."""
_EVERYDAY = frozenset(
    {name for kind in (bytes, dict, list, set, str) for name in dir(kind)}
    | {
        "cancel", "close", "commit", "create", "debug", "delete", "error", "exception", "exclude", "execute", "exists",
        "filter", "first", "flush", "info", "open", "order_by", "read", "result", "run", "save", "send", "start",
        "stop", "submit", "wait", "warning", "write",
    }
)  # fmt: skip
"""Methods that so many things have that their name alone says nothing."""
_INSPECTING = frozenset({"Signature", "getargspec", "getfullargspec", "signature"})
"""What a function calls that looks at signatures to call what it finds in the way that fits."""
_HANDLED = frozenset({"TypeError"})
_EXPECTING = frozenset({"raises", "suppress", "assertRaises", "assertRaisesRegex"})


class Misfit(NamedTuple):
    """A call, what it runs and what is wrong with it."""

    call: tree.Call
    target: Symbol
    complaint: str


def known_names(project: Project) -> dict[str, tuple[Symbol, ...]]:
    """Last name -> the functions and classes under it outside of tests, without those decorated out of the ordinary."""
    found: dict[str, list[Symbol]] = {}
    renamed: set[tuple[str, str]] = set()
    for path in project.paths:
        defined, aliases = project[_names_in, path]
        for name, symbol in defined:
            found.setdefault(name, []).append(symbol)
        renamed.update(aliases)
    for name, alias in sorted(renamed):
        if name in found and name != alias:
            found.setdefault(alias, []).extend(found[name])
    for name, methods in project[called_objects].items():
        found.setdefault(name, []).extend(methods)
    return {name: tuple(symbols) for name, symbols in found.items()}


def _names_in(project: Project, path: str) -> tuple[tuple[tuple[str, Symbol], ...], tuple[tuple[str, str], ...]]:
    """What a file defines for `known_names`, and what its imports rename, without positions."""
    module = None if is_aside(path) else project.module(path)
    if module is None:
        return (), ()
    functions = [
        (each.name, Symbol("function", path, each.qualname))
        for each in module.functions[1:]
        if not each.conditional and each.name[:2] != "__" and _is_ordinary(each)
    ]
    classes = [(each.name, Symbol("class", path, each.qualname)) for each in module.classes]
    renamed = [(each.name, each.alias) for each in module.imports if each.renamed and each.name is not None]
    return (*functions, *classes), tuple(renamed)


def named_signatures(project: Project, key: tuple[str, bool]) -> frozenset[Signature]:
    """The signatures of what is defined under a last name, without those that take anything.

    The other half of the key says whether methods are reached through their class.
    """
    name, through_class = key
    found: set[Signature] = set()
    for symbol in project[known_names].get(name, ()):
        facts = function_facts(project, symbol)
        dropped = facts is not None and _is_bound(facts, through_class)
        made = parameters(facts, dropped) if facts else project[constructor_signature, symbol]
        if made is not None and not _takes_anything(made):
            found.add(made)
    return frozenset(found)


def _takes_anything(signature: Signature) -> bool:
    return signature.more_positional and signature.more_keywords and not signature.required


def _is_ordinary(function: Function) -> bool:
    return all(_KEEPING.issuperset(words(code)) for code in function.decorator_codes)


def _is_bound(function: Function, through_class: bool) -> bool:
    said = {word for code in function.decorator_codes for word in words(code)}
    return bool(function.owner) and ("classmethod" in said if through_class else "staticmethod" not in said)


def suspects(project: Project) -> tuple[Symbol, ...]:
    """The functions, and modules' own code as `""`, that hold a call that may not fit."""
    return tuple(symbol for path in project.paths for symbol in project[_suspects_in, path])


def _suspects_in(project: Project, path: str) -> tuple[Symbol, ...]:
    known = project[known_names]
    module = None if is_aside(path) else project.module(path)
    outside = project[outside_roots, path] if module else frozenset()
    found = []
    for function in module.functions if module else ():
        for raw in function.shapes:
            call = raw[0]
            if (
                call[call.rfind(".") + 1 :] in known
                and call.partition(".")[0] not in outside
                and (_is_followed(function, call) or _is_made_here(known, function, call))
                and _may(project, (path, function), Shape._make(raw))
            ):
                found.append(Symbol("function", path, function.qualname))
                break
    return tuple(dict.fromkeys(found))


def outside_roots(project: Project, path: str) -> frozenset[str]:
    """The names that a module imports from outside the repository."""
    module = project.module(path)
    found = set()
    for each in module.imports if module else ():
        if not each.module.startswith(".") and each.alias != "*":
            answer = project[find_module, (path, each.module)]
            if isinstance(answer, Symbol) and answer.kind == "external":
                found.add(each.alias)
    return frozenset(found)


def _is_made_here(known: dict[str, tuple[Symbol, ...]], function: Function, call: str) -> bool:
    """Whether a call may be one of a method of an instance that the function itself makes, named or not."""
    root, _, rest = call.partition(".")
    params = {param.name for param in function.params}
    if not rest or "." in rest or root in params or (root != "?" and root not in function.binds):
        return False
    last = [each[each.rfind(".") + 1 :] for each in function.calls]
    return any(each.kind == "class" for name in last for each in known.get(name, ()))


def _is_followed(function: Function, call: str) -> bool:
    """Whether what a call starts from may be known, as far as it costs nothing to tell."""
    root, _, rest = call.partition(".")
    if root == "?":
        return False
    if not rest or root not in function.binds or not function.qualname:
        return True
    for position, param in enumerate(function.params):
        if param.name == root:
            if position == 0 and function.owner:
                return True
            return param.annotation_code is not None
    return rest[rest.rfind(".") + 1 :] not in _EVERYDAY


def _may(project: Project, place: tuple[str, Function], shape: Shape) -> bool:
    """Whether a definition of the name refuses a call of this shape, and the call may mean it."""
    text = shape.callee
    owner, _, last = text.rpartition(".")
    holders = project[known_names].get(owner[owner.rfind(".") + 1 :], ())
    through_class = any(each.kind == "class" for each in holders)
    if not any(complaint(each, shape) for each in project[named_signatures, (last, through_class)]):
        return False
    path, function = place
    root, _, rest = text.partition(".")
    if root == "?":
        return True
    if function.qualname and root in function.binds:
        return _local_may(project, path, function, shape)
    answer = project[resolve, (path, text)]
    if isinstance(answer, Symbol):
        return _refuses(project, answer, shape, False) or (answer.kind == "variable" and bool(rest))
    if not isinstance(answer, Unknown) or not rest:
        return False
    head = project[resolve, (path, root)] if rest[rest.rfind(".") + 1 :] in _EVERYDAY else None
    return head is None or (isinstance(head, Symbol) and head.kind == "variable")


def _local_may(project: Project, path: str, function: Function, shape: Shape) -> bool:
    """The same for what starts from a parameter or a local name."""
    text = shape.callee
    root, _, rest = text.partition(".")
    for position, param in enumerate(function.params):
        if param.name != root:
            continue
        if position == 0 and function.owner:
            own = Symbol("instance", path, function.owner)
            if not rest or "." in rest:
                return not rest or _attribute_may(project, own, rest, shape)
            held = called_by(project, attribute(project, own, rest)) if rest in project[called_objects] else None
            return _refuses(project, held or project[class_member, (own._replace(kind="class"), rest)], shape, True)
        value = annotated(project, (path, function.qualname), param.annotation)
        return _attribute_may(project, value, rest, shape)
    answer = resolve_in(project, path, function.qualname, text)
    return _refuses(project, answer, shape, False) if isinstance(answer, Symbol) and not rest else True


def _attribute_may(project: Project, value: Answer, rest: str, shape: Shape) -> bool:
    """The same for attributes of something known."""
    for name in rest.split(".") if rest else ():
        if not isinstance(value, Symbol):
            return False
        value = attribute(project, value, name)
    return _refuses(project, called_by(project, value) or value, shape, True)


def _refuses(project: Project, answer: Answer, shape: Shape, bound: bool) -> bool:
    """Whether a function or class refuses a call of this shape; `bound` if it is reached through an object."""
    if not isinstance(answer, Symbol) or answer.kind not in ("function", "class"):
        return False
    if answer.kind == "class":
        signature = project[constructor_signature, answer]
    else:
        facts = function_facts(project, answer)
        of_class = facts is not None and any("classmethod" in words(code) for code in facts.decorator_codes)
        signature = project[function_signature, (answer, bound or of_class)]
    return signature is not None and bool(complaint(signature, shape))


def misfits(project: Project, function: Symbol) -> Iterator[Misfit]:
    """The certain ones of a function, in source order."""
    facts = function_facts(project, function)
    if facts is None or not _INSPECTING.isdisjoint(each.rpartition(".")[2] for each in facts.calls):
        return
    for call in _calls(project, function, facts.body):
        reached = _reached(project, function, facts, call)
        if not reached:
            continue
        signatures = [signature_of(project, each) for each in reached]
        found = [complaint(each, shape_of(call)) if each is not None else "" for each in signatures]
        if found and all(found) and not _is_replaced(project, call, reached):
            yield Misfit(call, reached[0].symbol, found[0])


def _is_replaced(project: Project, call: tree.Call, reached: tuple[Candidate, ...]) -> bool:
    """Whether code assigns something else to what is called, or to what it runs."""
    name = getattr(call.func, "last", "")
    if reached[0].symbol.last == "__call__" and name != "__call__":
        return project[is_given, name]
    made = [f"{each.symbol.last}.__init__" for each in reached if each.symbol.kind == "class"]
    return any(project[is_replaced, each] for each in (name, *made))


def _reached(project: Project, function: Symbol, facts: Function, call: tree.Call) -> tuple[Candidate, ...]:
    """What a call may run, `()` where it fits or that is not certain."""
    func, scope = call.func, (function.path, function.name)
    known = project[known_names]
    if getattr(func, "last", "") not in known:
        return ()
    if isinstance(func, tree.Attribute):
        shape = shape_of(call)._replace(callee=f"?.{func.text}")
        fits = "." in func.text or not _may(project, (function.path, facts), shape)
        return () if fits else of_made(project, scope, func)
    if not isinstance(func, tree.Path):
        return ()
    if not _is_followed(facts, func.text) and not _is_made_here(known, facts, func.text):
        return ()
    return candidates(project, scope, func) if _may(project, (function.path, facts), shape_of(call)) else ()


def _calls(project: Project, function: Symbol, body: tuple[Node, ...]) -> Iterator[tree.Call]:
    """The calls of names that mean what they mean in the function's own scope, and that nobody expects to fail."""
    module = project.module(function.path)
    stack: list[tuple[Node, frozenset[str]]] = [(node, frozenset()) for node in reversed(body)]
    while stack:
        node, hidden = stack.pop()
        if isinstance(node, tree.Lambda):
            hidden |= {*node.params}
        elif isinstance(node, tree.ClassDef) and module is not None:
            cls = module.classes[node.ref]
            hidden |= {*cls.methods, *(each.name for each in cls.fields)}
        elif isinstance(node, tree.Comprehension):
            targets = tree.walk(*(each.target for each in node.generators))
            hidden |= {each.root for each in targets if isinstance(each, tree.Path)}
        elif isinstance(node, tree.Call) and _root(node.func) not in hidden:
            yield node
        skipped = _expected(node)
        stack.extend((child, hidden) for child in reversed(tuple(tree.children(node))) if child not in skipped)


def _root(func: Node) -> str:
    """The name that a call starts from: of `Repository(session).find()` the class; `""` for none."""
    made = func.value if isinstance(func, tree.Attribute) else func
    named = made.func if isinstance(made, tree.Call) else made
    return named.root if isinstance(named, tree.Path) else ""


def _expected(node: Node) -> tuple[Node, ...]:
    """The statements of a node in which a TypeError is caught, and those that then try it another way."""
    if isinstance(node, tree.Try):
        catching = [
            handler
            for handler in node.handlers
            if any(isinstance(each, tree.Path) and each.last in _HANDLED for each in tree.walk(handler.type))
        ]
        return (*node.body, *catching) if catching else ()
    if isinstance(node, tree.With):
        made = [getattr(each.func, "last", "") for each, _ in node.items if isinstance(each, tree.Call)]
        return node.body if _EXPECTING & set(made) else ()
    return ()
