"""What an item of an outside object is: unknown but for its name, unless the key says of what type it is."""

from __future__ import annotations

from collections.abc import Callable

from ..facts import tree
from ..facts.tree import Node
from . import Project
from .answers import Answer, Symbol, Unknown, external
from .assignments import Scope
from .classes import resolve_in


def item(project: Project, scope: Scope, held: Answer, index: Node) -> Answer:
    """What `held[index]` is."""
    if not isinstance(held, Symbol) or held.kind != "external":
        return Unknown("an item")
    if isinstance(index, tree.Path):
        answer = resolve_in(project, scope[0], scope[1], index.text)
        said = project[_type_of, answer] if isinstance(answer, Symbol) and answer.kind == "variable" else None
        if said is not None:
            return said
    return external(f"{held.name}[]")


def typed_keys(project: Project) -> frozenset[str]:
    """Outside callables that make a key of a name and the type of what is kept under it, from all packs."""
    providers: tuple[Callable[[Project], frozenset[str]], ...] = project.provided(typed_keys)
    return frozenset().union(*(project[each] for each in providers))


def _type_of(project: Project, variable: Symbol) -> Answer | None:
    """What is kept under the key that a module's variable holds, None where it is no such key."""
    from .values import annotated, evaluate

    module = project.module(variable.path)
    bindings = [each for each in (module.bindings if module is not None else ()) if each.name == variable.name]
    if len(bindings) != 1 or bindings[0].callee.rpartition(".")[2] not in project[_last_names]:
        return None
    call, home = bindings[0].value, (variable.path, "")
    made = evaluate(project, home, call.func) if isinstance(call, tree.Call) else None
    if not isinstance(made, Symbol) or made.name not in project[typed_keys] or not isinstance(call, tree.Call):
        return None
    return annotated(project, home, call.argument(1, "t"))


def _last_names(project: Project) -> frozenset[str]:
    return frozenset(name.rpartition(".")[2] for name in project[typed_keys])
