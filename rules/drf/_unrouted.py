"""The views that nothing routes, and the routers whose patterns nothing uses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function, Module
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import called_names, calls_of, words
from cdlint.project.classes import ancestry, class_facts, functions_of, resolve_in, subclasses
from cdlint.project.imports import importers
from cdlint.project.places import is_aside
from cdlint.rule import Location

from ._rows import drf_classes_in

_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options"})
_ACTIONS = frozenset({"list", "create", "retrieve", "update", "partial_update", "destroy"})
_SETS = frozenset({"ViewSet", "GenericViewSet", "ModelViewSet", "ReadOnlyModelViewSet", "ViewSetMixin"})
_ANSWERING = re.compile(r"(ReadOnly)?ModelViewSet|(List|Create|Retrieve|Update|Destroy)+APIView")
_ABSTRACT = re.compile(r"_|(Base|Abstract|Generic)(?![a-z])|.*(Base|Mixin|Abstract)(View|ViewSet|APIView)?$")
_SEARCHING = frozenset(
    {
        "getmembers", "__subclasses__", "import_string", "import_module", "iter_modules", "walk_packages",
        "globals", "vars", "dir", "getattr", "get_callable",
    }
)  # fmt: skip
_FINDING = frozenset(
    {"getmembers", "__subclasses__", "import_string", "import_module", "iter_modules", "walk_packages"}
)
_ROUTING = ("register", "as_view")
_ROUTERS = ("rest_framework.routers.", "rest_framework_nested.routers.")
_MANIFESTS = ("**/pyproject.toml", "**/setup.cfg", "**/setup.py")


class Unrouted(NamedTuple):
    """A view that no URL leads to, or a router (`kind` is `router`) with what is registered on it."""

    kind: str
    name: str
    at: Location
    holds: str = ""
    others: int = 0
    """How many more views of the file there are, when none of them is routed."""


def unrouted(project: Project) -> tuple[Unrouted, ...]:
    """What requests cannot reach; tests are left out, and so are packages that others route."""
    views = [view for path in project.paths for view in project[_views_in, path]]
    if not views or project[_is_package] or not any(project[_routed_in, path] for path in project.paths):
        return ()
    found = list(_routers(project))
    routed = frozenset().union(*(project[_routed_in, path] for path in project.paths))
    left = [view for view in views if view.last not in routed]
    names = tuple(sorted({view.last for view in left}))
    if names and not _are_looked_for(project):
        mentioned = frozenset().union(*(project[_mentioned_in, (path, names)] for path in project.paths))
        alone = [view for view in left if view.last not in mentioned and not _decorates(project, view)]
        found += _grouped(project, alone)
    return tuple(found) if found and not any(project[_asks_for_more, path] for path in project.paths) else ()


def _are_looked_for(project: Project) -> bool:
    """Whether views are found by computed names: where they are routed, or elsewhere for what is routed unnamed."""
    if any(project[_searches, path] for path in project.paths):
        return True
    finds = any(not is_aside(path) and not project[called_names, path].isdisjoint(_FINDING) for path in project.paths)
    return finds and any(project[_routes_unnamed, path] for path in project.paths)


def _grouped(project: Project, alone: list[Symbol]) -> Iterator[Unrouted]:
    """One for each view; for a file none of whose views is routed just one, at its first view."""
    by_file: dict[str, list[Symbol]] = {}
    for view in alone:
        by_file.setdefault(view.path, []).append(view)
    for path, views in by_file.items():
        whole = len(views) > 1 and len(views) == len(project[_views_in, path])
        for view in views[:1] if whole else views:
            facts = class_facts(project, view)
            if facts is not None:
                yield Unrouted("view", view.last, Location(path, facts.at), others=len(views) - 1 if whole else 0)


def _asks_for_more(project: Project, path: str) -> bool:
    """Whether a file asks for an app that extends the repository and lies elsewhere: that may route its views."""
    module = project.module(path) if not is_aside(path) else None
    for function in module.functions if module is not None else ():
        for node in function.nodes if function.mentions("INSTALLED_APPS") else ():
            if isinstance(node, tree.Compare) and getattr(node.terms[-1], "last", "") == "INSTALLED_APPS":
                top = str(getattr(node.terms[0], "value", "")).partition(".")[0]
                own = project[_tops]
                if top not in own and any(len(each) > 3 and top.startswith(each) for each in own):
                    return True
    return False


def _tops(project: Project) -> frozenset[str]:
    """The folders at the top of the repository."""
    return frozenset(path.partition("/")[0] for path in project.paths)


def _is_package(project: Project) -> bool:
    """Whether the repository offers a package to other projects, which route its views."""
    if any(not is_aside(path) for path in project.files("**/manage.py")):
        return False
    files = (path for pattern in _MANIFESTS for path in project.files(pattern))
    return any("Framework :: Django" in (project.text(path) or "") for path in files)


def _views_in(project: Project, path: str) -> tuple[Symbol, ...]:
    """The views of a file that answer requests and are no bases."""
    found = []
    for view in project[drf_classes_in, path]:
        facts = class_facts(project, view)
        nested = facts is None or bool(facts.parent) or facts.conditional
        if not nested and not _ABSTRACT.match(view.last) and _answers(project, view):
            found.append(view)
    return tuple(found)


def _answers(project: Project, view: Symbol) -> bool:
    above = project[ancestry, view]
    lasts = {name.rpartition(".")[2] for name in above.external if name.startswith("rest_framework.")}
    owned = [facts for owner in above.first_party if (facts := class_facts(project, owner)) is not None]
    hooked = any(
        facts.decorator_codes or facts.keyword_codes or "__init_subclass__" in facts.methods for facts in owned
    )
    if above.unknown or hooked or view in project[subclasses] or _is_abstract(project, view):
        return False
    if not {"APIView", *_SETS}.intersection(_kinds(lasts)):
        return False
    methods = {name for facts in owned for name in facts.methods}
    names = methods | {field.name for facts in owned for field in facts.fields}
    if not names & {"queryset", "serializer_class"} and _is_bare(project, view):
        return False
    if lasts & {"APIView"} or not any(_ANSWERING.fullmatch(last) for last in lasts):
        if "GenericViewSet" in lasts and any(last.endswith("ModelMixin") for last in lasts):
            return "queryset" in names or "get_queryset" in names or "get_object" in names
        return bool(methods & (_ACTIONS if lasts & _SETS else _VERBS))
    return bool(names & {"queryset", "get_queryset", "serializer_class", "get_serializer_class", *_VERBS, *_ACTIONS})


def _is_bare(project: Project, view: Symbol) -> bool:
    """Whether a class only says which verb does which action: it is there to be built on."""
    functions = [each for each in project[functions_of, view.path].values() if each.owner == view.name]
    return all(_hands_on(each) for each in functions)


def _hands_on(function: Function) -> bool:
    body = [node for node in function.body if not isinstance(node, tree.Expression)]
    value = body[0].value if len(body) == 1 and isinstance(body[0], tree.Return) else None
    return isinstance(value, tree.Call) and getattr(value.func, "text", "") in {f"self.{name}" for name in _ACTIONS}


def _kinds(lasts: set[str]) -> set[str]:
    """The names of bases, with `APIView` for every generic view."""
    return lasts | ({"APIView"} if any(last.endswith("APIView") for last in lasts) else set())


def _is_abstract(project: Project, view: Symbol) -> bool:
    functions = [each for each in project[functions_of, view.path].values() if each.owner == view.name]
    return any(each.mentions("NotImplementedError") for each in functions)


def _routed_in(project: Project, path: str) -> frozenset[str]:
    """The words of what a file routes: `X` of `X.as_view()`, and all that stands beside a `register()`."""
    module = project.module(path) if not is_aside(path) else None
    if module is None or project[called_names, path].isdisjoint({"register", "as_view"}):
        return frozenset()
    found: set[str] = set()
    for function in module.functions:
        found.update(call.split(".")[-2] for call in function.calls if call.endswith(".as_view"))
        if any(call.endswith("register") for call in function.calls):
            paths = (node for node in function.nodes if isinstance(node, tree.Path))
            found.update(word for node in paths for word in node.text.split("."))
    return frozenset(found)


def _searches(project: Project, path: str) -> bool:
    """Whether some code of a file that routes views looks for them by computed names."""
    module = project.module(path) if not is_aside(path) else None
    if module is None or project[called_names, path].isdisjoint(_SEARCHING):
        return False
    for function in module.functions:
        if any(call.endswith(_ROUTING) for call in function.calls):
            for call in function.call_nodes if _may_search(function) else ():
                plain = call.args and isinstance(call.args[-1], tree.Constant)
                if getattr(call.func, "last", "") in _SEARCHING and not plain:
                    return True
    return False


def _routes_unnamed(project: Project, path: str) -> bool:
    """Whether a file registers views on something under a name that is no class."""
    for function, call in calls_of(project, path, frozenset({"register"})) if not is_aside(path) else ():
        given = call.argument(1, "viewset") if getattr(call.func, "text", "") != "register" else None
        scope = function.qualname if getattr(given, "root", "") in function.binds else ""
        named = resolve_in(project, path, scope, given.text) if isinstance(given, tree.Path) else None
        if given is not None and not (isinstance(named, Symbol) and named.kind in ("class", "external")):
            return True
    return False


def _may_search(function: Function) -> bool:
    return not _SEARCHING.isdisjoint(function.lasts)


def _mentioned_in(project: Project, key: tuple[str, tuple[str, ...]]) -> frozenset[str]:
    """Which of these names stand in the code of a file outside of imports, `__all__`, tests and the class itself."""
    path, names = key
    module = project.module(path)
    if is_aside(path):
        return frozenset()
    if module is None:
        text = project.text(path) or ""
        return frozenset(name for name in names if name in text)
    found: set[str] = set()
    for function in module.functions:
        for name in names:
            own = function.owner == name or function.owner.endswith(f".{name}")
            if name not in found and not own and function.mentions(name) and _says(function.body, name):
                found.add(name)
    return frozenset(found)


def _decorates(project: Project, view: Symbol) -> bool:
    """Whether a decorator or a base beside the view, or where its module is imported, mentions it."""
    for path in {view.path, *(by for by, _ in project[importers].get(view.path, ()))}:
        module = project.module(path)
        for function in module.functions if module is not None else ():
            if any(view.last in words(code) for code in function.decorator_codes):
                return True
        for cls in module.classes if module is not None else ():
            if any(view.last in words(code) for code in (*cls.base_codes, *cls.decorator_codes)):
                return True
    return False


def _says(body: tuple[Node, ...], name: str) -> bool:
    word = re.compile(rf"\b{name}\b")
    stack = list(body)
    while stack:
        node = stack.pop()
        exports = isinstance(node, tree.Assign) and any(getattr(each, "text", "") == "__all__" for each in node.targets)
        if exports or (isinstance(node, tree.Expression) and isinstance(node.value, tree.Constant)):
            continue
        if isinstance(node, tree.Path) and name in node.text.split("."):
            return True
        if isinstance(node, tree.Constant) and isinstance(node.value, str) and word.search(node.value):
            return True
        stack.extend(tree.children(node))
    return False


# Routers


def _routers(project: Project) -> Iterator[Unrouted]:
    for path in project.paths:
        for name, at in project[_routers_in, path]:
            holds = [project[_uses_in, (each, name)] for each in _knowing(project, path, name)]
            if None not in holds:
                held = [view for each in holds for view in each or ()]
                if held:
                    yield Unrouted("router", name, Location(path, at), held[0])


def _knowing(project: Project, path: str, name: str) -> tuple[str, ...]:
    """A file that binds a name and the files that import it, also those that have the name from another one."""
    found = {path: None}
    waiting = [path]
    while waiting:
        for by, _ in project[importers].get(waiting.pop(), ()):
            if by not in found and not is_aside(by):
                found[by] = None
                if by.endswith("/__init__.py") or project[_imports, (by, name)]:
                    waiting.append(by)
    return tuple(found)


def _imports(project: Project, key: tuple[str, str]) -> bool:
    path, name = key
    module = project.module(path)
    return module is not None and any(each.name in (name, "*") for each in module.imports)


def _routers_in(project: Project, path: str) -> tuple[tuple[str, At], ...]:
    """The routers that a file binds once, under a name of its own."""
    module = project.module(path) if not is_aside(path) else None
    found = []
    for binding in module.bindings if module is not None else ():
        if binding.kind == "assign" and binding.callee.endswith("Router"):
            alike = [each for each in module.bindings if each.name == binding.name] if module is not None else []
            if len(alike) == 1 and not binding.guard and _is_router(project, path, binding.callee):
                found.append((binding.name, binding.at))
    return tuple(found)


def _is_router(project: Project, path: str, callee: str) -> bool:
    answer = resolve_in(project, path, "", callee)
    if not isinstance(answer, Symbol):
        return False
    names: tuple[str, ...] = (answer.name,) if answer.kind == "external" else ()
    if answer.kind == "class":
        above = project[ancestry, answer]
        names = above.external if not above.unknown else ()
    return bool(names) and all(name.startswith(_ROUTERS) for name in names)


def _uses_in(project: Project, key: tuple[str, str]) -> tuple[str, ...] | None:
    """What a file registers under this name of a router; None when it does anything else with it."""
    path, name = key
    module = project.module(path)
    if module is None or any(each.renamed and each.name == name for each in module.imports):
        return None
    found: list[str] = []
    for function in module.functions:
        for node in function.nodes if function.mentions(name) else ():
            if isinstance(node, tree.Call) and _registers(node.func, name):
                found.append(getattr(node.argument(1, "viewset"), "last", ""))
            elif isinstance(node, tree.Path) and name in node.text.split(".") and not _registers(node, name):
                bound = node.text == name and _is_bound(module, node.at)
                if not bound:
                    return None
    return tuple(each for each in found if each)


def _registers(func: Node, name: str) -> bool:
    return isinstance(func, tree.Path) and (func.text == f"{name}.register" or func.text.endswith(f".{name}.register"))


def _is_bound(module: Module, at: At) -> bool:
    """Whether this is the name that the assignment itself writes."""
    return any(binding.at == at for binding in module.bindings)
