"""Classes with their bases across files, and what their members are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..facts import tree
from ..facts.model import Binding, Class, Function
from . import Project
from .answers import Absent, Answer, Symbol, Unknown
from .answers import external as outside
from .memo import CyclicFact
from .names import resolve

IN_A_CIRCLE = "bases in a circle"
"""Among what is unknown of a class that is, by some way, its own base."""
TRANSPARENT = frozenset(
    {"builtins.object", "typing.Generic", "typing.Protocol", "abc.ABC", "typing_extensions.Protocol"}
)
"""Bases outside the repository that bring no members of their own."""


class Ancestry(NamedTuple):
    """What a class inherits from, nearest first, itself included.

    `first_party` are classes of the repository in method resolution order (depth first, last
    occurrence kept), `external` the dotted names of bases outside, `unknown` what could not
    be resolved: while there is any, nothing is absent from the class.
    """

    first_party: tuple[Symbol, ...]
    external: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether every ancestor is a class of the repository (or `object`)."""
        return not self.unknown and all(name in TRANSPARENT for name in self.external)

    @property
    def outside(self) -> str:
        """The nearest ancestor outside the repository that may have members, or `""`."""
        return next((name for name in self.external if name not in TRANSPARENT), "")


def classes_of(project: Project, path: str) -> dict[str, Class]:
    """The classes of a module by qualified name; the last one wins."""
    module = project.module(path)
    return {} if module is None else {each.qualname: each for each in module.classes}


def functions_of(project: Project, path: str) -> dict[str, Function]:
    """The functions of a module by qualified name; the last one wins."""
    module = project.module(path)
    return {} if module is None else {each.qualname: each for each in module.functions}


def class_facts(project: Project, symbol: Symbol) -> Class | None:
    """The facts of a first-party class."""
    return project[classes_of, symbol.path].get(symbol.name) if symbol.kind == "class" else None


def function_facts(project: Project, symbol: Symbol) -> Function | None:
    """The facts of a first-party function."""
    return project[functions_of, symbol.path].get(symbol.name) if symbol.kind == "function" else None


def all_classes(project: Project) -> tuple[Symbol, ...]:
    """Every class of the repository, by path and position."""
    return tuple(symbol for path in project.paths for symbol in project[_classes_in, path])


def _classes_in(project: Project, path: str) -> tuple[Symbol, ...]:
    module = project.module(path)
    return tuple(dict.fromkeys(Symbol("class", path, each.qualname) for each in module.classes)) if module else ()


def bases(project: Project, symbol: Symbol) -> tuple[Answer, ...]:
    """What each base of a class is; a subscripted base (`Generic[T]`) is what is subscripted."""
    facts = class_facts(project, symbol)
    if facts is None:
        return ()
    return tuple(_base(project, symbol, facts, node) for node in facts.bases)


def _base(project: Project, symbol: Symbol, facts: Class, node: tree.Node) -> Answer:
    from .values import evaluate

    while isinstance(node, tree.Subscript):
        node = node.value
    answer: Answer = Unknown("a base that is computed")
    if isinstance(node, tree.Path):
        answer = resolve_in(project, symbol.path, facts.parent, node.text)
        if isinstance(answer, Symbol) and answer.kind in ("class", "external"):
            return _shadowed(project, symbol, facts, node.text) if answer == symbol else answer
    if isinstance(node, (tree.Path, tree.Call, tree.Attribute)):
        # `db.Model`, `declarative_base()`: made by a call, here or where the name is assigned.
        try:
            value = evaluate(project, (symbol.path, facts.parent), node)
        except CyclicFact:
            return Unknown("a base that depends on the class itself")
        if isinstance(value, Symbol) and value.kind in ("class", "external") and value != symbol:
            return value
    return (
        answer if not isinstance(answer, Symbol) else Unknown(f"base `{getattr(node, 'text', '')}` is a {answer.kind}")
    )


def _shadowed(project: Project, symbol: Symbol, facts: Class, text: str) -> Answer:
    """`class ListView(Mixin, ListView)`: the base is what was imported under the name before."""
    from .names import _imported

    first, _, rest = text.partition(".")
    module = project.module(symbol.path)
    for each in module.imports if module is not None else ():
        if each.alias == first and each.name is not None and not each.scope and each.at < facts.at:
            found = _imported(project, symbol.path, each.module, each.name, frozenset())
            return _through(project, found, rest)
    return Unknown("a class that is its own base")


def resolve_in(project: Project, path: str, scope: str, text: str) -> Answer:
    """What a dotted name means inside the class or function `scope` of a module.

    Nested definitions and imports inside functions are seen before the module's own names.
    """
    first, _, rest = text.partition(".")
    while scope:
        answer = _local(project, path, scope, first)
        if answer is not None:
            return _through(project, answer, rest)
        scope = scope.rpartition(".")[0]
    return project[resolve, (path, text)]


def _through(project: Project, answer: Answer, rest: str) -> Answer:
    from .names import member

    for name in rest.split(".") if rest else ():
        if not isinstance(answer, Symbol):
            return answer
        answer = member(project, answer, name)
    return answer


def _local(project: Project, path: str, scope: str, name: str) -> Answer | None:
    """What a function or class scope itself binds the name to; None when it does not."""
    from .names import _imported

    module = project.module(path)
    if module is None:
        return None
    functions = project[functions_of, path]
    function = functions.get(scope)
    if function is not None and name not in function.binds:
        return None
    inner = f"{scope}.{name}"
    if function is not None:
        for each in module.imports:
            if each.scope == scope and each.alias == name:
                plain = each.name is None and not each.renamed
                target = each.module.partition(".")[0] if plain else each.module
                return _imported(project, path, target, each.name, frozenset())
        if inner in project[classes_of, path]:
            return Symbol("class", path, inner)
        if inner in functions:
            return Symbol("function", path, inner)
        return Unknown(f"a local variable of `{scope}`")
    if inner in project[classes_of, path]:
        return Symbol("class", path, inner)
    return None


def ancestry(project: Project, symbol: Symbol) -> Ancestry:
    """Everything a class inherits from."""
    order: list[Symbol] = []
    external: list[str] = []
    unknown: list[str] = []
    _collect(project, symbol, order, external, unknown, (symbol,))
    kept = tuple(reversed(dict.fromkeys(reversed(order))))
    return Ancestry(kept, tuple(dict.fromkeys(external)), tuple(dict.fromkeys(unknown)))


def _collect(
    project: Project,
    symbol: Symbol,
    order: list[Symbol],
    external: list[str],
    unknown: list[str],
    above: tuple[Symbol, ...],
) -> None:
    order.append(symbol)
    if len(order) > 500:
        unknown.append("more ancestors than anyone would write")
        return
    facts = class_facts(project, symbol)
    texts = facts.bases if facts is not None else ()
    for node, answer in zip(texts, project[bases, symbol], strict=True):
        if isinstance(answer, Symbol) and answer.kind == "class":
            if answer in above:
                unknown.append(IN_A_CIRCLE)
            else:
                _collect(project, answer, order, external, unknown, (*above, answer))
        elif isinstance(answer, Symbol) and answer.kind == "external":
            external.append(answer.name)
        else:
            unknown.append(getattr(node, "text", "a computed base"))


def inherits(project: Project, symbol: Symbol, names: frozenset[str]) -> bool:
    """Whether a class has one of these external classes among its ancestors."""
    return not names.isdisjoint(project[ancestry, symbol].external)


def subclasses(project: Project) -> dict[Symbol, tuple[Symbol, ...]]:
    """First-party class -> its direct first-party subclasses."""
    found: dict[Symbol, list[Symbol]] = {}
    for symbol in project[all_classes]:
        for base in project[bases, symbol]:
            if isinstance(base, Symbol) and base.kind == "class":
                found.setdefault(base, []).append(symbol)
    return {base: tuple(children) for base, children in found.items()}


def descendants(project: Project, symbol: Symbol) -> tuple[Symbol, ...]:
    """A class and every first-party class below it, each once."""
    found, waiting = {symbol: None}, [symbol]
    while waiting:
        fresh = [each for each in project[subclasses].get(waiting.pop(), ()) if each not in found]
        found.update(dict.fromkeys(fresh))
        waiting.extend(fresh)
    return tuple(found)


def fields(project: Project, symbol: Symbol) -> Iterator[tuple[Symbol, Binding]]:
    """The fields of a class and its first-party ancestors, each with the class that has it.

    Nearest class first; a name that a nearer class binds hides the same name further up.
    """
    seen: set[str] = set()
    for owner in project[ancestry, symbol].first_party:
        facts = class_facts(project, owner)
        for binding in facts.fields if facts else ():
            if binding.name not in seen:
                yield owner, binding
        seen.update(binding.name for binding in (facts.fields if facts else ()))


def class_member(project: Project, key: tuple[Symbol, str]) -> Answer:
    """What attribute `name` of a class is, for `(class, name)`, through its ancestors."""
    symbol, name = key
    found = project[ancestry, symbol]
    for owner in found.first_party:
        facts = class_facts(project, owner)
        if facts is None:
            continue
        inner = f"{owner.name}.{name}"
        if name in facts.methods:
            return Symbol("function", owner.path, inner)
        if inner in project[classes_of, owner.path]:
            return Symbol("class", owner.path, inner)
        if any(binding.name == name for binding in facts.fields):
            return Symbol("variable", owner.path, inner)
    if found.complete and not any(_dynamic(project, owner) for owner in found.first_party):
        return Absent(symbol.path)
    if found.outside and not found.unknown:
        return outside(f"{found.outside}.{name}")
    return Unknown(f"base `{found.unknown[0]}`" if found.unknown else "the class makes attributes as it runs")


def _dynamic(project: Project, symbol: Symbol) -> bool:
    """Whether a class may have attributes that its body does not show."""
    facts = class_facts(project, symbol)
    if facts is None:
        return True
    hooks = {"__getattr__", "__getattribute__", "__init_subclass__", "__class_getitem__"}
    return bool(facts.decorator_codes or facts.keyword_codes or hooks & set(facts.methods))
