"""Signal handlers, and which of them are never connected or lost at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function, Module
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import function_facts, resolve_in
from cdlint.project.imports import importers
from cdlint.project.modules import module_name
from cdlint.rule import Location

from ._apps import installed
from ._settings import aside, running
from ._settings_paths import has_class

_RECEIVER = frozenset({"django.dispatch.receiver", "django.dispatch.dispatcher.receiver"})
_MODEL_SIGNALS = frozenset(
    f"django.db.models.signals.{name}"
    for name in ("pre_init", "post_init", "pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed")
)
_OTHERS = (
    "django.core.signals.",
    "django.contrib.auth.signals.",
    "django.test.signals.",
    "django.db.backends.signals.",
)
_FIRING = frozenset(
    {"save", "create", "delete", "get_or_create", "update_or_create", "send", "send_robust", "disconnect"}
)
_MORE = (
    frozenset(f"django.db.models.signals.{name}" for name in ("class_prepared", "pre_migrate", "post_migrate"))
    | _MODEL_SIGNALS
)


class Handler(NamedTuple):
    """A handler that is connected where it stands. `lost`: only a weak reference to it remains; `sender`: as text.

    `closed` says that it takes no `**kwargs`.
    """

    name: str
    at: At
    lost: bool
    sender: str
    sender_at: At
    closed: bool = False


class Silent(NamedTuple):
    """A handler that no signal reaches. `why`: `module` (never imported), `lost`, `sender` or `closed`."""

    why: str
    name: str
    at: Location
    text: str
    config: Location | None
    others: int = 0


def silent_handlers(project: Project) -> tuple[Silent, ...]:
    """The handlers that are never called."""
    found: list[Silent] = []
    for path in project.paths:
        handlers = project[handlers_of, path] if not aside(path) else ()
        found += [Silent("lost", each.name, Location(path, each.at), "", None) for each in handlers if each.lost]
        found += [Silent("closed", each.name, Location(path, each.at), "", None) for each in handlers if each.closed]
        kept = [each for each in handlers if not each.lost and not each.closed]
        if kept:
            found += _senders(project, path, kept)
            forgotten = _forgotten(project, path)
            if forgotten is not None:
                first = kept[0]
                home = Location(path, first.at)
                found.append(Silent("module", first.name, home, forgotten[0], forgotten[1], len(kept) - 1))
    return tuple(found)


def handlers_of(project: Project, path: str) -> tuple[Handler, ...]:
    """The handlers that a file connects."""
    module = project.module(path)
    if module is None or not any(
        "signal" in f"{each.module}.{each.name}" or "dispatch" in f"{each.module}.{each.name}"
        for each in module.imports
    ):
        return ()
    made = (*_decorated(project, path, module), *_connected(project, path, module))
    return tuple({(each.name, each.at): each for each in made}.values())


def _decorated(project: Project, path: str, module: Module) -> Iterator[Handler]:
    """Functions under `@receiver(...)`."""
    for function in module.functions:
        for decorator in function.decorators if function.decorator_codes else ():
            if not isinstance(decorator, tree.Call) or not isinstance(decorator.func, tree.Path):
                continue
            named = resolve_in(project, path, function.owner or function.parent, decorator.func.text)
            if isinstance(named, Symbol) and named.name in _RECEIVER:
                signal = decorator.argument(0, "signal")
                known = isinstance(signal, tree.Path) and _is_signal(project, path, "", signal.text)
                lost = bool(function.parent) and known and not _is_kept(decorator, module, function)
                closed = len(function.decorator_codes) == 1 and not function.owner and _is_closed(function)
                yield _handler(function.name, function.at, lost, decorator)._replace(closed=closed)


def _handler(name: str, at: At, lost: bool, call: tree.Call) -> Handler:
    sender = call.keyword("sender")
    text = sender.value if isinstance(sender, tree.Constant) and isinstance(sender.value, str) else ""
    return Handler(name, at, lost, text, sender.at if sender is not None else at)


def _connected(project: Project, path: str, module: Module) -> Iterator[Handler]:
    """`post_save.connect(handler)`."""
    for function in module.functions:
        if not any(call.endswith(".connect") for call in function.calls):
            continue
        inner = {each.name: each for each in module.functions if each.parent == function.qualname and function.qualname}
        for call in function.call_nodes:
            if not isinstance(call.func, tree.Path) or call.func.last != "connect":
                continue
            if not _is_signal(project, path, function.qualname, call.func.text.rpartition(".")[0]):
                continue
            given = call.argument(0, "receiver")
            name = getattr(given, "text", "a lambda")
            nested = inner.get(name) if isinstance(given, tree.Path) else None
            lost = isinstance(given, tree.Lambda) or (nested is not None and not _escapes(function, call, name))
            lost = lost and not _is_strong(call) and not _fires(function)
            closed = _is_closed_handler(project, (path, function.qualname), given)
            if lost or closed or not function.qualname:
                yield _handler(name, call.at, lost, call)._replace(closed=closed and not lost)


def _is_closed(function: Function) -> bool:
    return not any(param.kind == "**" for param in function.params)


def _is_closed_handler(project: Project, scope: tuple[str, str], given: tree.Node) -> bool:
    """Whether a name is that of a plain function that takes no `**kwargs`."""
    found = resolve_in(project, *scope, given.text) if isinstance(given, tree.Path) else None
    facts = function_facts(project, found) if isinstance(found, Symbol) else None
    return facts is not None and not facts.decorator_codes and not facts.owner and _is_closed(facts)


def _is_signal(project: Project, path: str, scope: str, text: str) -> bool:
    """Whether a name is a signal of Django."""
    found = resolve_in(project, path, scope, text)
    if not isinstance(found, Symbol) or found.kind != "external":
        return False
    return found.name in _MORE or found.name.startswith(_OTHERS)


def _is_strong(call: tree.Call) -> bool:
    weak = call.argument(2, "weak")
    return weak is not None and not (isinstance(weak, tree.Constant) and weak.value is True)


def _is_kept(call: tree.Call, module: Module, nested: Function) -> bool:
    """Whether something besides the signal holds a nested function."""
    outer = next((each for each in module.functions if each.qualname == nested.parent), None)
    weak = call.keyword("weak")
    strong = weak is not None and not (isinstance(weak, tree.Constant) and weak.value is True)
    return strong or outer is None or _escapes(outer, None, nested.name) or _fires(outer)


def _fires(function: Function) -> bool:
    """Whether a function saves or sends something itself, so that its own handlers are there when they are wanted."""
    return not _FIRING.isdisjoint(function.lasts)


def _escapes(function: Function, call: tree.Call | None, name: str) -> bool:
    """Whether a function uses a name anywhere but in this call."""
    within = {id(each) for each in (call.args if call is not None else ())}
    within |= {id(each.value) for each in (call.keywords if call is not None else ())}
    for node in function.nodes:
        if isinstance(node, tree.Path) and node.root == name and id(node) not in within:
            return True
    return name in function.outer


def _senders(project: Project, path: str, handlers: list[Handler]) -> Iterator[Silent]:
    """Senders given as `"app.Model"` that no installed app has."""
    for each in handlers:
        label, dot, model = each.sender.partition(".")
        if not dot or "." in model:
            continue
        worlds = [project[installed, settings.path] for settings in project[running].modules]
        if not worlds or any(world.why for world in worlds):
            continue
        apps = [app for world in worlds for app in world.apps]
        packages = [app.package for app in apps if app.label == label]
        # Labels are unique: once an app has it, those whose labels are not known have others.
        known = packages or all(app.label for app in apps)
        if known and all(package and not has_class(project, package, model) for package in packages):
            yield Silent("sender", each.name, Location(path, each.sender_at), each.sender, None)


def _forgotten(project: Project, path: str) -> tuple[str, Location | None] | None:
    """The name of a module of handlers that nothing imports, and the `AppConfig` that could."""
    if any(not aside(by) and by != path for by, _ in project[importers].get(path, ())):
        return None
    if path.endswith(("/__init__.py", "/models.py", "/admin.py", "/apps.py")) or "/management/" in path:
        return None
    last = path.rpartition("/")[2].removesuffix(".py")
    if last.startswith("test") or last in ("settings", "urls", "wsgi", "asgi", "manage", "celery"):
        return None
    module = project.module(path)
    if module is not None and any(each.base_codes for each in module.classes if not each.parent):
        return None  # A setting of the installation may name a class of it, which loads the module.
    for settings in project[running].modules:
        for app in project[installed, settings.path].apps:
            if app.package.endswith("/") and path.startswith(app.package) and app.entry.sure and not app.why:
                if any(last in project[_spoken, other] for other in project.paths if other != path):
                    return None
                if _is_written(project, path):
                    return None
                config = _place(project, app.config)
                return module_name(project, path), config
    return None


def _is_written(project: Project, path: str) -> bool:
    """Whether a file has a string with the name of a module, or its end with the package: something may load it."""
    name = ".".join(path.removesuffix(".py").split("/")[-2:])
    return any(project[_writes, (each, name)] for each in project.paths if each != path and not aside(each))


def _writes(project: Project, key: tuple[str, str]) -> bool:
    path, name = key
    text = project.text(path) or ""
    return name in text and re.search(rf"""["'][\w.]*\b{re.escape(name)}(?:\.\w+)*["']""", text) is not None


def _place(project: Project, config: Symbol | None) -> Location | None:
    module = project.module(config.path) if config is not None else None
    found = [each for each in module.classes if config and each.qualname == config.name] if module and config else []
    return Location(config.path, found[0].at) if config is not None and found else None


def _spoken(project: Project, path: str) -> frozenset[str]:
    """The last parts of the strings of a file in which modules may be named."""
    module = project.module(path)
    if module is None or not any(
        call.rpartition(".")[2] in ("import_module", "autodiscover_modules", "__import__", "import_string", "find_spec")
        or "discover" in call
        for function in module.functions
        for call in function.calls
    ):
        return frozenset()
    nodes = tree.walk(*(node for function in module.functions for node in function.body))
    texts = [each.value for each in nodes if isinstance(each, tree.Constant) and isinstance(each.value, str)]
    return frozenset(part for text in texts for part in text.split("."))
