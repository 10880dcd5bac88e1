"""Which functions and modules have to do with watched objects, found by names before any body is read."""

from __future__ import annotations

from ..facts import tree
from ..facts.model import Class, Function, Module
from . import Project
from .answers import Answer, Symbol
from .classes import classes_of, resolve_in
from .objects import Watch
from .places import is_aside

_PATH, _CALL = tree.TAG[tree.Path], tree.TAG[tree.Call]


def makers(project: Project, watch: Watch) -> frozenset[str]:
    """Last segments of all names that may stand for a watched class: aliases, subclasses, `partial` of them."""
    wanted = {name.rpartition(".")[2] for name in watch.classes}
    edges: dict[str, set[str]] = {}
    for path in project.paths:
        for source, target in project[_names, path]:
            edges.setdefault(source, set()).add(target)
    stack = list(wanted)
    while stack:
        for name in edges.get(stack.pop(), ()):
            if name not in wanted:
                wanted.add(name)
                stack.append(name)
    return frozenset(wanted)


def _names(project: Project, path: str) -> tuple[tuple[str, str], ...]:
    """Pairs (name, other name that may stand for the same class), by last segments."""
    module = project.module(path)
    if module is None:
        return ()
    found: set[tuple[str, str]] = set()
    for each in module.imports:
        if each.renamed and each.name is not None:
            found.add((each.name, each.alias))
    for cls in module.classes:
        for base in cls.base_codes:
            if base[0] == _PATH:
                found.add((_last(base[1]), cls.name))
                if cls.parent and cls.parent in {f.qualname for f in module.functions}:
                    found.add((cls.name, _last(cls.parent)))
    for binding in module.bindings:
        code = binding.value_code
        if binding.callee:
            if code is not None and binding.callee.endswith("partial") and code[2] and code[2][0][0] == _PATH:
                found.add((_last(code[2][0][1]), binding.name))
            elif binding.name[:1].isupper():
                found.add((_last(binding.callee), binding.name))
        elif code is not None and code[0] == _PATH:
            found.add((_last(code[1]), binding.name))
    return tuple(sorted(pair for pair in found if pair[0] != pair[1]))


def _last(text: str) -> str:
    return text.rpartition(".")[2]


def direct(project: Project, key: tuple[Watch, str]) -> tuple[Symbol, ...]:
    """The functions of a module, its own code included, that make or use watched objects themselves."""
    watch, path = key
    module = project.module(path)
    if module is None:
        return ()
    made = project[makers, watch]
    verbs = watch.verbs | {_last(verb) for verb, _ in watch.makes}
    found = {
        each.qualname
        for each in module.functions
        for call in each.calls
        if _last(call) in verbs or (_last(call) in made and not _is_other(project, key, each.qualname, call))
    }
    for function in module.functions:
        if function.decorator_codes and any(_decorates(code, watch) for code in function.decorator_codes):
            found.add(_around(module, function))
    for cls in module.classes:
        if any(_decorates(code, watch) for code in cls.decorator_codes):
            found.add(cls.parent if cls.parent in {f.qualname for f in module.functions} else "")
    return tuple(Symbol("function", path, each.qualname) for each in module.functions if each.qualname in found)


def _is_other(project: Project, key: tuple[Watch, str], qualname: str, text: str) -> bool:
    """Whether a call is one of a namesake of a watched class, from outside as well."""
    watch, path = key
    answer = project[_meant, (path, qualname, text)]
    return isinstance(answer, Symbol) and answer.kind == "external" and answer.name not in watch.classes


def _decorates(code: tree.Code, watch: Watch) -> bool:
    return bool(code[0] == _CALL and code[1][0] == _PATH and _last(code[1][1]) in watch.decorators)


def _around(module: Module, function: Function) -> str:
    """The function whose running defines this one; `""` for the module's own code."""
    if function.parent or not function.owner:
        return function.parent
    owner = next((each for each in module.classes if each.qualname == function.owner), None)
    return owner.parent if owner and any(f.qualname == owner.parent for f in module.functions) else ""


def relevant(project: Project, watch: Watch) -> frozenset[Symbol]:
    """The functions (and modules, as functions named `""`) whose running does something to watched objects."""
    if not _used(project, watch):
        return frozenset()
    found = {symbol for path in project.paths if not is_aside(path) for symbol in project[direct, (watch, path)]}
    callers: dict[str, list[tuple[str, str, str]]] = {}
    for path in project.paths:
        renamed = project[_renamed, path]
        for qualname, calls in project[_calls_in, path]:
            for text in calls:
                callers.setdefault(renamed.get(text) or _last(text), []).append((path, qualname, text))
    stack = sorted(found)
    while stack:
        target = stack.pop()
        owner, _, name = target.name.rpartition(".")
        names = (name, _last(owner)) if name == "__init__" else (name,)
        for each in names if name else ():
            for path, qualname, text in callers.get(each, ()):
                symbol = Symbol("function", path, qualname)
                if symbol not in found and _means(project, path, qualname, text, target):
                    found.add(symbol)
                    stack.append(symbol)
    return frozenset(found)


def _calls_in(project: Project, path: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What each function of a file calls, without positions; tests and examples call nothing that counts."""
    module = None if is_aside(path) else project.module(path)
    return tuple((each.qualname, each.calls) for each in module.functions) if module else ()


def _renamed(project: Project, path: str) -> dict[str, str]:
    """What a file imports under another name: that name -> the last segment of the name it has at home."""
    module = project.module(path)
    return {each.alias: _last(each.name) for each in module.imports if each.renamed and each.name} if module else {}


def _used(project: Project, watch: Watch) -> bool:
    """Whether the repository imports any watched class, or a module that holds one."""
    return any(project[_uses, (watch, path)] for path in project.paths)


def _uses(project: Project, key: tuple[Watch, str]) -> bool:
    watch, path = key
    module = project.module(path)
    if module is None:
        return False
    holders, named, tops = project[_wanted, watch]
    for each in module.imports:
        top = each.module.partition(".")[0]
        if each.name == "*" or each.name is None:
            if each.module in named or top in named:
                return True
            if top in tops and _reads(module, f"{each.alias or top}.", holders, top):
                return True
        elif f"{each.module}.{each.name}" in named:
            return True
    return False


def _wanted(project: Project, watch: Watch) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The modules that hold watched classes, all names that lead to one, and the packages around them."""
    holders = frozenset(name.rpartition(".")[0] for name in watch.classes)
    outer = {each for name in holders for each in _outer(name) if "." in each or each in holders}
    return holders, watch.classes | outer, frozenset(name.partition(".")[0] for name in holders) - holders


def _outer(dotted: str) -> tuple[str, ...]:
    """A dotted name and all that it begins with."""
    parts = dotted.split(".")
    return tuple(".".join(parts[:count]) for count in range(1, len(parts) + 1))


def _reads(module: Module, start: str, holders: frozenset[str], top: str) -> bool:
    """Whether a module calls something of a holder through its package, such as `package.module.Class()`."""
    starts = tuple(start + holder.removeprefix(f"{top}.") + "." for holder in sorted(holders) if holder != top)
    return any(call.startswith(starts) for function in module.functions for call in function.calls)


def _means(project: Project, path: str, qualname: str, text: str, target: Symbol) -> bool:
    """Whether a call may be one of the target, a function that matters."""
    owner, _, name = target.name.rpartition(".")
    if "." in text and name != "__init__" and owner in project[classes_of, target.path]:
        receiver = text.rpartition(".")[0]
        if receiver in ("self", "cls", "super"):
            return path == target.path or _single(project, name)
        return _single(project, name) and receiver not in ("?", "")
    answer = project[_meant, (path, qualname, text)]
    if not isinstance(answer, Symbol):
        return False
    if answer.kind == "class":
        return name == "__init__" and (answer.path, answer.name) == (target.path, owner)
    return answer == target


def _meant(project: Project, key: tuple[str, str, str]) -> Answer:
    return resolve_in(project, *key)


def _single(project: Project, name: str) -> bool:
    """Whether only one method of the repository has this name, so that a call of it is likely that one."""
    return len(project[_definitions].get(name, ())) <= 1


def _definitions(project: Project) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for path in project.paths:
        for name in project[_methods_in, path]:
            found.setdefault(name, []).append(path)
    return {name: tuple(paths) for name, paths in found.items()}


def _methods_in(project: Project, path: str) -> tuple[str, ...]:
    module = project.module(path)
    return tuple(function.name for function in module.functions if function.owner) if module else ()


def class_matters(module: Module, cls: Class, wanted: frozenset[str]) -> bool:
    """Whether running a class body may do something: decorated methods, or fields made by calls that matter."""
    if any(_last(binding.callee) in wanted for binding in cls.fields if binding.callee):
        return True
    return any(f.owner == cls.qualname and f.decorator_codes for f in module.functions)
