"""Attributes read from objects of the repository's own classes that those classes do not have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function, Module
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol, Unknown
from cdlint.project.calls import words
from cdlint.project.classes import ancestry, class_facts, class_member, function_facts, subclasses
from cdlint.project.names import lookup
from cdlint.project.places import is_aside
from cdlint.project.values import Scope, annotated, attribute, evaluate, given, local_value
from cdlint.rule import Location

from ._callables import is_given
from ._made import made
from ._members import MANAGERS, PRODUCERS, closed_names, holders_of_enums, lacks
from ._promises import is_broken


def _plain() -> Iterator[int]:
    yield 0


_OF_MANY = frozenset((*dir(list), *dir(set), *dir(_plain()), "aclose", "asend", "athrow", "result", "done"))
"""What lists, sets, generators and futures have: where one is promised, values are followed to what is in it."""
_OF_DICTS = frozenset(dir(dict))
_ASKING = frozenset({"callable", "cast", "getattr", "hasattr", "isinstance", "issubclass", "type", "vars"})
_EXPECTED = frozenset({"AttributeError", "Exception", "BaseException"})
_SETTINGS = ("settings", "config", "configuration")
_LOADING = frozenset({"getattr", "import_module", "import_string"})
"""By what a function may get something else than it promises."""
_ASSIGN, _WITH, _AWAIT = tree.TAG[tree.Assign], tree.TAG[tree.With], tree.TAG[tree.Await]
_CALL, _PATH = tree.TAG[tree.Call], tree.TAG[tree.Path]
_ZERO: At = (0, 0, 0, 0)


class AbsentName(NamedTuple):
    """An attribute that is read: of `owner`, written as `text`."""

    owner: Symbol
    name: str
    text: str
    at: Location


def reading(project: Project) -> tuple[str, ...]:
    """The files that read such attributes, tests left out."""
    paths = project.paths if project[closed_names] else ()
    return tuple(path for path in paths if not is_aside(path) and project[absent_names, path])


def absent_names(project: Project, path: str) -> tuple[AbsentName, ...]:
    """The attributes that a file reads in vain, each once in a function."""
    module = project.module(path)
    if module is None:
        return ()
    around = _around(project, path, module)
    found = []
    for function in module.functions:
        roots = _roots(project, around, function)
        own = function.params[0].name if function.owner and function.params else ""
        for root, value in roots.items():
            for text in _read(function, root, root == own):
                lacking = _lacking(project, value, text)
                if lacking is None or not _is_sure(project, (path, function), root, value):
                    continue
                if root == own and lacking[0] == value and value.name.rpartition(".")[2] not in project[made]:
                    continue
                if lacking[1] in _OF_DICTS and lacking[0] == value and _may_be_dict(project, function, root, value):
                    continue
                if lacking[0] == value and _may_be_another(project, path, function, root, value, lacking[1]):
                    continue
                if (
                    lacking[0] == value
                    and project[is_broken, (Symbol("function", path, function.qualname), root, value)]
                ):
                    continue
                if (at := _place(project, (path, function), text, lacking[2])) is not None:
                    found.append(AbsentName(lacking[0], lacking[1], lacking[2], Location(path, at)))
    return tuple({(each.at, each.name): each for each in sorted(found, key=lambda each: each.at)}.values())


def _may_be_dict(project: Project, function: Function, root: str, value: Symbol) -> bool:
    """Whether a parameter may well get a dict, whatever is promised: a class that only holds data has its shape."""
    said = any(each.name == root and each.annotation_code is not None for each in function.params)
    return said and not _has_methods(project, Symbol("class", value.path, value.name))


def _may_be_another(project: Project, path: str, function: Function, root: str, value: Symbol, name: str) -> bool:
    """Whether a method may get what the one that it overrides promises: an object of a class that has the name."""
    above = project[ancestry, Symbol("class", path, function.owner)].first_party[1:] if function.owner else ()
    owners = (class_facts(project, each) for each in above)
    if all(each.name != root for each in function.params) or not any(
        function.name in owner.methods for owner in owners if owner is not None
    ):
        return False
    kinds = project[ancestry, Symbol("class", value.path, value.name)].first_party[1:]
    others = (each for kind in kinds for each in project[subclasses].get(kind, ()))
    return any(not lacks(project, Symbol("instance", each.path, each.name), name) for each in others)


def _read(function: Function, root: str, is_own: bool) -> Iterable[str]:
    """The dotted names from one that a function reads; of its own object what it calls, since all else is too much."""
    return [call for call in function.calls if call.startswith(f"{root}.")] if is_own else function.paths_from(root)


def _is_sure(project: Project, place: tuple[str, Function], root: str, value: Symbol) -> bool:
    """Whether a name of a function holds nothing else at any time."""
    path, function = place
    if not function.qualname or root not in function.binds:
        return True
    return bool(project[local_value, (path, function.qualname, root)] == value)


def _shared(project: Project, path: str, module: Module) -> dict[str, Symbol]:
    """The names of the file's top level that hold objects of such classes, or these."""
    closed = project[_of_interest]
    found = {}
    others = {each.alias for each in module.imports if each.kind != "runtime" or each.scope}
    names = [each.alias for each in module.imports if (each.name or "") in closed]
    names += [each.name for each in module.bindings if each.callee.rpartition(".")[2] in closed]
    names += [each.name for each in module.classes if not each.parent and each.name in closed]
    bound = Counter(each.name for each in module.bindings) if names else Counter()
    for name in dict.fromkeys(names):
        if name not in others and bound[name] <= 1:
            value: Answer = project[lookup, (path, name)]
            if isinstance(value, Symbol) and value.kind == "variable":
                value = (
                    Unknown("made by another")
                    if project[_is_stand_in, value]
                    else evaluate(project, (path, ""), tree.Path(name, _ZERO))
                )
            if isinstance(value, Symbol) and value.kind in ("instance", "class"):
                found[name] = value
    return found


def _is_stand_in(project: Project, variable: Symbol) -> bool:
    """Whether a variable says of what class it is and holds an object of another, as a proxy does."""
    module = project.module(variable.path)
    scope: Scope = (variable.path, "")
    for each in module.bindings if module is not None else ():
        if each.name == variable.name and each.annotation_code is not None and each.callee:
            made, said = evaluate(project, scope, each.value), annotated(project, scope, each.annotation)
            if isinstance(made, Symbol) and isinstance(said, Symbol):
                return made.kind == "external" or not _is_one(project, made, said)
    return False


def _is_one(project: Project, made: Symbol, said: Symbol) -> bool:
    above = project[ancestry, Symbol("class", made.path, made.name)].first_party
    return made.kind != "instance" or Symbol("class", said.path, said.name) in above


def _of_interest(project: Project) -> frozenset[str]:
    """The names of classes, of module variables that hold their objects or name them, and of what returns one."""
    closed = project[closed_names]
    found = (project[fact, path] for path in project.paths for fact in (_named_after, holders_of_enums))
    return closed.union(*found) if closed else closed


def _makers(project: Project) -> frozenset[str]:
    """The names of these and of the functions that return objects of such classes."""
    return project[_of_interest].union(*(project[_makers_in, path] for path in project.paths))


def _makers_in(project: Project, path: str) -> frozenset[str]:
    module = None if is_aside(path) else project.module(path)
    closed = project[closed_names]
    functions = (each for each in (module.functions if module else ()) if each.returns_code)
    makers = (each for each in functions if not closed.isdisjoint(words(each.returns_code)))
    return frozenset(
        each.name for each in makers if each.lasts.isdisjoint(_LOADING) and (not each.owner or _is_manager(each))
    )


def _is_manager(function: Function) -> bool:
    return any(not MANAGERS.isdisjoint(words(code)) for code in (function.returns_code, *function.decorator_codes))


def _named_after(project: Project, path: str) -> frozenset[str]:
    module = None if is_aside(path) else project.module(path)
    if module is None:
        return frozenset()
    closed = project[closed_names]
    found = {
        each.name
        for each in module.bindings
        if each.kind == "assign"
        and (each.callee.rpartition(".")[2] in closed or not closed.isdisjoint(words(each.annotation_code)))
    }
    found.update(
        each.name
        for each in module.bindings
        if each.kind == "assign" and not each.callee and not closed.isdisjoint(words(each.value_code))
    )
    return frozenset(found)


class _Around(NamedTuple):
    """What the functions of a file see around them."""

    path: str
    module: Module
    shared: dict[str, Symbol]
    read: tuple[str, ...]
    """The names among them of which all reads count. Of classes with methods only what is called does."""
    is_near: bool
    """Whether the file binds the name of anything of interest."""


def _around(project: Project, path: str, module: Module) -> _Around:
    shared = _shared(project, path, module)
    read = tuple([name for name, value in shared.items() if not _has_methods(project, value)])
    return _Around(path, module, shared, read, not project[_of_interest].isdisjoint(module.main.binds))


def _roots(project: Project, around: _Around, function: Function) -> dict[str, Symbol]:
    """The names that a function reads attributes of, with what they hold, as far as that is sure."""
    path, module, shared, read, is_near = around
    if not function.qualname:
        # What a class binds in its body hides the name there.
        inner = {each.name for cls in module.classes for each in cls.fields}
        inner.update(each.name for each in module.classes if each.parent)
        return {name: value for name, value in shared.items() if name not in inner}
    known = project[_of_interest]
    called = dict.fromkeys([call[: call.find(".")] for call in function.calls if "." in call])
    names = [name for name in called if name in shared]
    names += [name for name in read if name not in called and function.mentions(f"{name}.")]
    found = {name: shared[name] for name in names if name not in function.binds and not _hides(module, function, name)}
    params = {each.name: each for each in function.params}
    for name, param in params.items():
        if param is function.params[0] and function.owner:
            near = is_near or function.owner.rpartition(".")[2] in known
            if near and name in called and (not function.decorator_codes or _is_plain(function)):
                found[name] = Symbol("instance", path, function.owner)
        elif param.annotation_code is not None and function.mentions(f"{name}."):
            said = set(words(param.annotation_code))
            if not known.isdisjoint(said) and PRODUCERS.isdisjoint(said):
                value: Answer = given(project, (path, function.qualname), param)
                if isinstance(value, Symbol) and value.kind in ("instance", "class"):
                    found[name] = value
    makers = project[_makers]
    if not makers.isdisjoint([call[call.rfind(".") + 1 :] for call in function.calls]):
        for name in _kept(function, makers).difference(params, function.outer):
            if function.paths_from(name):
                _note(project, (path, function), name, found)
    return found


def _has_methods(project: Project, cls: Symbol) -> bool:
    facts = class_facts(project, cls) if cls.kind == "class" else None
    return facts is not None and bool(facts.methods)


def _is_plain(function: Function) -> bool:
    """Whether a method gets its object, and not the class or nothing."""
    return not any(word in ("classmethod", "staticmethod") for code in function.decorator_codes for word in words(code))


def _hides(module: Module, function: Function, name: str) -> bool:
    """Whether a function around this one binds the name."""
    around = function.parent
    return bool(around) and any(name in each.binds for each in module.functions if each.qualname == around)


def _kept(function: Function, known: frozenset[str]) -> set[str]:
    """The local names to which a call of something of interest is assigned, or that `with` binds."""
    found = set()
    for code in function.statements():
        if code[0] == _ASSIGN and code[2] is not None:
            pairs = [(code[2], target) for target in code[1]]
        elif code[0] == _WITH:
            pairs = [(value, target) for value, target in code[1] if target is not None]
        else:
            continue
        for value, target in pairs:
            value = value[1] if value[0] == _AWAIT else value
            if target[0] == _PATH and "." not in target[1]:
                called = value[1] if value[0] == _CALL else value
                if called[0] == _PATH and (value[0] != _CALL or called[1][called[1].rfind(".") + 1 :] in known):
                    found.add(target[1])
    return found


def _note(project: Project, place: tuple[str, Function], name: str, found: dict[str, Symbol]) -> None:
    value = project[local_value, (place[0], place[1].qualname, name)]
    if isinstance(value, Symbol) and value.kind in ("instance", "class"):
        found[name] = value


def _lacking(project: Project, value: Symbol, text: str) -> tuple[Symbol, str, str] | None:
    """The first attribute of a dotted name that what is before it lacks: that, the name, and the text until there."""
    root, *names = text.split(".")
    for depth, name in enumerate(names, 1):
        if value.last.lower().endswith(_SETTINGS):
            return None
        if lacks(project, value, name):
            return (value, name, ".".join([root, *names[:depth]])) if name not in _OF_MANY else None
        inside = project[class_member, (value, name)] if value.kind == "class" else None
        if isinstance(inside, Symbol) and inside.kind == "class":
            value = inside
            continue
        if value.kind != "instance" or _OF_MANY.issuperset(names[depth:]):
            return None
        inner = project[_attribute, (value, name)]
        if not isinstance(inner, Symbol) or inner.kind != "instance":
            return None
        value = inner
    return None


def _attribute(project: Project, key: tuple[Symbol, str]) -> Answer:
    """What an attribute of an object is, unknown where a class only says that it may be."""
    value, name = key
    found = project[class_member, (Symbol("class", value.path, value.name), name)]
    facts = function_facts(project, found) if isinstance(found, Symbol) else None
    if facts is not None and not PRODUCERS.isdisjoint(words(facts.returns_code)):
        return Unknown("it gives many")
    return attribute(project, value, name)


def _place(project: Project, where: tuple[str, Function], text: str, until: str) -> At | None:
    """Where a dotted name is read, None where it is set, asked for before, or its absence is provided for."""
    path, function = where
    root, last = text.partition(".")[0], until.rpartition(".")[2]
    if _is_entered(project, (path, function.qualname), function, root):
        return None
    skipped: list[At] = []
    for node in function.nodes:
        if isinstance(node, tree.Call) and getattr(node.func, "last", "") in _ASKING and node.args:
            if until.startswith(getattr(node.args[0], "text", "?")):
                return None
        elif isinstance(node, tree.Try):
            if any(h.type is None or _catches(h.type) for h in node.handlers):
                skipped.append(node.at)
        elif (isinstance(node, tree.Lambda) and root in node.params) or (
            isinstance(node, tree.Generator) and any(getattr(n, "text", "") == root for n in tree.walk(node.target))
        ):
            return None
        elif isinstance(node, (tree.Assign, tree.Delete)):
            skipped.extend(each.at for each in node.targets if isinstance(each, tree.Path) and each.text == until)
    for node in function.nodes:
        if isinstance(node, tree.Path) and node.text == text and not any(tree.within(node.at, at) for at in skipped):
            # All files are gone through for this, so it is asked last.
            return None if project[is_given, last] else node.at
    return None


def _catches(node: tree.Node) -> bool:
    return any(isinstance(each, tree.Path) and each.last in _EXPECTED for each in tree.walk(node))


def _is_entered(project: Project, scope: Scope, function: Function, root: str) -> bool:
    """Whether a name holds what entering a context manager gives, unless that is the manager itself."""
    for node in function.nodes:
        for value, target in node.items if isinstance(node, tree.With) else ():
            if getattr(target, "text", "") == root and not _gives_itself(project, evaluate(project, scope, value)):
                return True
    return False


def _gives_itself(project: Project, manager: Answer) -> bool:
    if not isinstance(manager, Symbol) or manager.kind != "instance":
        return False
    cls = Symbol("class", manager.path, manager.name)
    for name in ("__enter__", "__aenter__"):
        method = project[class_member, (cls, name)]
        facts = function_facts(project, method) if isinstance(method, Symbol) else None
        if facts is not None and facts.params:
            own = facts.params[0].name
            values = [node.value for node in facts.every(tree.Return)]
            return bool(values) and all(getattr(each, "text", "") == own for each in values)
    return True
