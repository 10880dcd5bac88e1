"""What a name means in a module: through imports, aliases, re-exports, stars and submodules."""

from __future__ import annotations

from typing import NamedTuple

from ..facts import tree
from ..facts.builtin import BUILTINS
from ..facts.model import Binding, Import, Module
from . import Project
from .answers import Absent, Answer, Symbol, Unknown, external
from .modules import find_module, module_symbol, submodule

MODULE_ATTRIBUTES = frozenset(
    [
        "__all__",
        "__builtins__",
        "__cached__",
        "__dict__",
        "__doc__",
        "__file__",
        "__loader__",
        "__name__",
        "__package__",
        "__path__",
        "__spec__",
        "__class__",
        "__annotations__",
        "__version__",
    ]
)
_PREFERENCE = ("try", "if", "main", "loop", "else", "except")


class Bound(NamedTuple):
    """What one name of a module is bound to, without positions.

    `kind` is that of `Binding`; `target` is the module and name of an import, the qualified
    name of a definition, or the dotted path of an alias (`Model = db.Model`), else `""`.
    """

    kind: str
    target: str
    name: str | None
    type_only: bool


class Namespace(NamedTuple):
    """The names of a module, without positions, so that it is equal while only lines move."""

    names: dict[str, Bound]
    stars: tuple[str, ...]
    """Modules imported with a star, in order, those for type checkers only left out."""
    exports: frozenset[str] | None
    """`__all__`, None when there is none or it is computed."""
    exports_known: bool
    dynamic: str


def namespace(project: Project, path: str) -> Namespace | None:
    """The names that a module binds on its top level; None when the file has no facts."""
    module = project.module(path)
    if module is None:
        return None
    groups: dict[str, list[Binding]] = {}
    stars = []
    for binding in module.bindings:
        if binding.name == "*":
            if binding.guard != "type-only":
                stars.append(module.imports[binding.ref].module)
        elif binding.kind != "delete":
            groups.setdefault(binding.name, []).append(binding)
    names = {name: _bound(module, _choose(bindings)) for name, bindings in groups.items()}
    for name in module.main.binds:
        # Bound by a `global` statement in some function, or by a walrus.
        names.setdefault(name, Bound("assign", "", None, False))
    names.pop("*", None)
    exports = frozenset(module.exports) if module.exports is not None and module.exports_known else None
    return Namespace(names, tuple(stars), exports, module.exports_known, module.dynamic)


def _choose(bindings: list[Binding]) -> Binding:
    """The binding that counts when a name is bound more than once."""
    live = [b for b in bindings if b.guard != "type-only" and b.kind != "augment"]
    live = live or [b for b in bindings if b.kind != "augment"] or bindings
    always = [b for b in live if b.guard in ("", "type-only")]
    guarded = [b for b in live if b.guard == "try" and b.kind in ("import", "function", "class")]
    if always:
        return always[-1] if not guarded or always[-1].at > guarded[0].at else guarded[0]
    return min(live, key=lambda b: (_PREFERENCE.index(b.guard) if b.guard in _PREFERENCE else 0, b.at))


def _bound(module: Module, binding: Binding) -> Bound:
    type_only = binding.guard == "type-only"
    if binding.kind == "import":
        found: Import = module.imports[binding.ref]
        plain = found.name is None and not found.renamed
        target = found.module.partition(".")[0] if plain else found.module
        return Bound("import", target, found.name, type_only)
    if binding.kind == "function":
        return Bound("function", module.functions[binding.ref].qualname, None, type_only)
    if binding.kind == "class":
        return Bound("class", module.classes[binding.ref].qualname, None, type_only)
    value = binding.value_code
    alias = value[1] if binding.kind == "assign" and value is not None and value[0] == tree.TAG[tree.Path] else ""
    return Bound(binding.kind, alias, None, type_only)


def lookup(project: Project, key: tuple[str, str]) -> Answer:
    """What attribute `name` of the module at `path` is, for `(path, name)`."""
    return _lookup(project, key[0], key[1], frozenset())


def _lookup(project: Project, path: str, name: str, seen: frozenset[tuple[str, str]]) -> Answer:
    if (path, name) in seen:
        return Unknown("names that are defined by each other")
    seen |= {(path, name)}
    if path.endswith("/"):
        inner = submodule(project, module_symbol(path), name)
        return inner or Unknown("a folder without `__init__.py` may be completed by an installed package")
    space = project[namespace, path]
    if space is None:
        return Unknown("the file could not be read")
    bound = space.names.get(name)
    if bound is not None:
        return _follow(project, path, name, bound, seen)
    return _unbound(project, path, name, space, seen)


def _follow(project: Project, path: str, name: str, bound: Bound, seen: frozenset[tuple[str, str]]) -> Answer:
    if bound.kind in ("function", "class"):
        return Symbol("class" if bound.kind == "class" else "function", path, bound.target)
    if bound.kind == "import":
        return _imported(project, path, bound.target, bound.name, seen)
    if bound.target:
        answer = _dotted(project, path, bound.target, seen)
        if isinstance(answer, Symbol):
            return answer
    return Symbol("variable", path, name)


def _imported(project: Project, path: str, module: str, name: str | None, seen: frozenset[tuple[str, str]]) -> Answer:
    """What an import binds: `name` of `module`, or the module itself."""
    found = project[find_module, (path, module)]
    if name is None or not isinstance(found, Symbol):
        return found
    if found.kind == "external":
        return external(f"{found.name}.{name}")
    if found.path == path:
        # `from . import name` inside the package's own `__init__`: only a submodule can be meant.
        inner = submodule(project, found, name)
        if inner is not None:
            return inner
    return _lookup(project, found.path, name, seen)


def _unbound(project: Project, path: str, name: str, space: Namespace, seen: frozenset[tuple[str, str]]) -> Answer:
    """A name that no statement of the module binds: a star, a submodule, or nothing."""
    doubt = ""
    for star in reversed(space.stars):
        found = project[find_module, (path, star)]
        if not isinstance(found, Symbol) or found.kind == "external":
            doubt = f"star import of `{star}`"
            continue
        if not _starred(project, found.path, name):
            continue
        answer = _lookup(project, found.path, name, seen)
        if isinstance(answer, Symbol):
            return answer
        if isinstance(answer, Unknown):
            doubt = answer.why
    inner = submodule(project, module_symbol(path), name)
    if inner is not None:
        return inner
    if doubt:
        return Unknown(doubt)
    if space.dynamic:
        return Unknown(f"the module uses `{space.dynamic}`")
    return Unknown("an attribute that every module has") if name in MODULE_ATTRIBUTES else Absent(path)


def _starred(project: Project, path: str, name: str) -> bool:
    """Whether a star import of the module would bring the name along."""
    space = project[namespace, path] if not path.endswith("/") else None
    if space is None or not space.exports_known:
        return True
    return name in space.exports if space.exports is not None else not name.startswith("_")


def resolve(project: Project, key: tuple[str, str]) -> Answer:
    """What the dotted `text` means on the top level of the module at `path`, for `(path, text)`."""
    return _dotted(project, key[0], key[1], frozenset())


def _dotted(project: Project, path: str, text: str, seen: frozenset[tuple[str, str]]) -> Answer:
    first, *rest = text.split(".")
    answer = _lookup(project, path, first, seen) if seen else project[lookup, (path, first)]
    if isinstance(answer, Absent) and first in BUILTINS:
        answer = external(f"builtins.{first}")
    for index, name in enumerate(rest):
        if not isinstance(answer, Symbol):
            return answer
        if answer.kind == "external":
            return external(".".join((answer.name, *rest[index:])))
        answer = member(project, answer, name, seen)
    return answer


def member(project: Project, owner: Symbol, name: str, seen: frozenset[tuple[str, str]] = frozenset()) -> Answer:
    """What attribute `name` of a symbol is, as far as the symbol alone decides it."""
    if owner.kind == "module":
        return _lookup(project, owner.path, name, seen) if seen else project[lookup, (owner.path, name)]
    if owner.kind == "external":
        return external(f"{owner.name}.{name}")
    if owner.kind == "class":
        from .classes import class_member

        return project[class_member, (owner, name)]
    return Unknown(f"an attribute of the {owner.kind} `{owner.name}`")
