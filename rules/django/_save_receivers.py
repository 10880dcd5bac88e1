"""Which functions Django calls before and after it saves instances of which models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Module
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import called_names
from cdlint.project.classes import resolve_in
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._query_graph import by_name, user_model
from ._query_models import is_model
from ._settings import aside

_RECEIVER = frozenset({"django.dispatch.receiver", "django.dispatch.dispatcher.receiver"})
_SIGNALS = {f"django.db.models.signals.{name}": name for name in ("pre_save", "post_save")}
_HARMLESS = frozenset({"staticmethod", "atomic"})


class Receiver(NamedTuple):
    """A function that is called when rows are saved: of one model, or of any where `sender` is None."""

    function: Symbol
    signal: str
    sender: Symbol | None
    at: Location


def receivers(project: Project) -> tuple[Receiver, ...]:
    """The receivers of the repository; tests are left out."""
    return tuple(each for path in project.paths for each in project[_receivers_in, path])


def _receivers_in(project: Project, path: str) -> tuple[Receiver, ...]:
    module = project.module(path) if not aside(path) else None
    if module is None or not any("signal" in f"{each.module}.{each.name}" for each in module.imports):
        return ()
    if project[called_names, path].isdisjoint({"receiver", "connect"}):
        return ()
    return tuple(dict.fromkeys((*_decorated(project, path, module), *_connected(project, path, module))))


def _decorated(project: Project, path: str, module: Module) -> Iterator[Receiver]:
    for function in module.functions:
        calls = (
            [each for each in function.decorators if isinstance(each, tree.Call)] if function.decorator_codes else []
        )
        if not calls or not all(_is_harmless(each) for each in function.decorators):
            continue
        for call in calls:
            named = resolve_in(project, path, "", call.func.text) if isinstance(call.func, tree.Path) else None
            if isinstance(named, Symbol) and named.name in _RECEIVER:
                symbol = Symbol("function", path, function.qualname)
                yield from _made(project, path, "", call, symbol, call.argument(0, "signal"))


def _is_harmless(node: Node) -> bool:
    """Whether a decorator lets every call through: others may be there to stop the recursion."""
    func = node.func if isinstance(node, tree.Call) else node
    return getattr(func, "last", "") in _HARMLESS or getattr(func, "last", "") == "receiver"


def _connected(project: Project, path: str, module: Module) -> Iterator[Receiver]:
    for function in module.functions:
        if not any(call.endswith("_save.connect") for call in function.calls):
            continue
        for call in function.call_nodes:
            if not isinstance(call.func, tree.Path) or call.func.last != "connect":
                continue
            given = call.argument(0, "receiver")
            found = evaluate(project, (path, function.qualname), given) if isinstance(given, tree.Path) else None
            if isinstance(found, Symbol) and found.kind == "function":
                other = project.module(found.path)
                facts = [each for each in other.functions if each.qualname == found.name] if other is not None else []
                if facts and all(_is_harmless(each) for each in facts[-1].decorators):
                    signal = tree.Path(call.func.text.removesuffix(".connect"), call.at)
                    yield from _made(project, path, function.qualname, call, found, signal)


def _made(
    project: Project, path: str, scope: str, call: tree.Call, function: Symbol, signal: Node | None
) -> Iterator[Receiver]:
    sender = call.argument(1, "sender") if getattr(call.func, "last", "") == "connect" else call.keyword("sender")
    model = _model(project, path, scope, sender)
    if any(each.name is None for each in call.keywords) or (sender is not None and model is None):
        return
    for node in signal.items if isinstance(signal, tree.Sequence) else (signal,):
        named = resolve_in(project, path, scope, node.text) if isinstance(node, tree.Path) else None
        if isinstance(named, Symbol) and named.kind == "external" and named.name in _SIGNALS:
            yield Receiver(function, _SIGNALS[named.name], model, Location(path, call.at))


def _model(project: Project, path: str, scope: str, node: Node | None) -> Symbol | None:
    """The model of the repository that a sender is."""
    if isinstance(node, tree.Constant) and isinstance(node.value, str):
        found = project[by_name].get(node.value.rpartition(".")[2].lower(), ())
        return found[0] if len(found) == 1 and "." in node.value else None
    last = getattr(node.func if isinstance(node, tree.Call) else node, "last", "")
    if last in ("AUTH_USER_MODEL", "get_user_model"):
        user = project[user_model]
        return user if isinstance(user, Symbol) else None
    answer = resolve_in(project, path, scope, node.text) if isinstance(node, tree.Path) else None
    if isinstance(answer, Symbol) and answer.kind == "class" and is_model(project, answer):
        return answer
    if isinstance(answer, Symbol) and answer.kind == "variable" and isinstance(node, tree.Path):
        value = evaluate(project, (path, scope), node)
        user = project[user_model]
        called = isinstance(value, Symbol) and "get_user_model" in value.name
        return user if called and isinstance(user, Symbol) else None
    return None
