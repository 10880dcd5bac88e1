"""Features of frameworks that need a package which the framework itself does not bring along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Class, Function, Module
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import resolve_in
from cdlint.project.names import resolve
from cdlint.project.places import is_aside
from cdlint.rule import Location

from ._reach import tops

_EMAIL = frozenset({"EmailStr", "NameEmail"})
_FORMS = frozenset({"Form", "File", "UploadFile", "OAuth2PasswordRequestForm", "OAuth2PasswordRequestFormStrict"})
_DECORATORS = frozenset({"get", "post", "put", "patch", "delete", "options", "head", "trace", "api_route", "route"})
_IMPORTED = {
    ("starlette.middleware.sessions", "SessionMiddleware"): ("itsdangerous",),
    ("fastapi.testclient", "TestClient"): ("httpx", "httpx2"),
    ("starlette.testclient", "TestClient"): ("httpx", "httpx2"),
}
_CALLED: dict[str, tuple[str | tuple[str, ...], tuple[str, ...]]] = {
    "create_async_engine": ("sqlalchemy.ext.asyncio.", ("greenlet",)),
    "async_engine_from_config": ("sqlalchemy.ext.asyncio.", ("greenlet",)),
    "Jinja2Templates": (("fastapi.templating.", "starlette.templating."), ("jinja2",)),
    "ORJSONResponse": ("fastapi.responses.", ("orjson",)),
    "UJSONResponse": ("fastapi.responses.", ("ujson",)),
    "ImageField": ("django.db.models.", ("pillow",)),
}
_NAMES = _EMAIL | _FORMS | _CALLED.keys() | {name for _, name in _IMPORTED}
_MODULES = frozenset(
    {"pydantic", "fastapi", "starlette", "sqlalchemy.ext", "sqlalchemy.ext.asyncio", "fastapi.responses"}
)
_PLAIN_BASES = frozenset({"Protocol", "TypedDict", "NamedTuple", "Generic", "ABC"})


class Feature(NamedTuple):
    """A use of something that needs one of some distributions when it runs."""

    what: str
    needs: tuple[str, ...]
    at: Location


def features(project: Project, path: str) -> tuple[Feature, ...]:
    """The uses in one file, the first of each kind."""
    module = project.module(path)
    # What lies among templates is copied from there, and never run where it is.
    if module is None or "templates" in path.split("/") or not project[_hints, path]:
        return ()
    found: dict[tuple[str, ...], Feature] = {}
    for each in _all(project, path, module):
        found.setdefault(each.needs, each)
    return tuple(found.values())


def _hints(project: Project, path: str) -> bool:
    """Whether a file imports anything of what matters here, under any name."""
    module = project.module(path)
    if module is None:
        return False
    wanted, django = project[_wanted], False
    for each in module.imports:
        if (each.name in wanted or each.module in _MODULES) and each.kind != "type-only":
            return True
        django = django or each.module.startswith("django")
    # Of Django one kind of field counts, and its models are mostly taken as `models`.
    return django and any(binding.callee.endswith("ImageField") for cls in module.classes for binding in cls.fields)


def _wanted(project: Project) -> frozenset[str]:
    """The names whose import says that a file may have a feature."""
    return project[_aliases] | _NAMES


def _all(project: Project, path: str, module: Module) -> Iterator[Feature]:
    for each in module.imports:
        needed = _IMPORTED.get((each.module, each.name or ""))
        if needed is not None and each.kind == "runtime" and not each.scope:
            yield Feature(each.name or "", needed, Location(path, each.at))
    if is_aside(path):
        return
    yield from _emails(project, path, module)
    yield from _forms(project, path, module)
    yield from _calls(project, path, module)


def _aliases(project: Project) -> frozenset[str]:
    """Names of variables that stand for an address type: `Email = Annotated[EmailStr, ...]`."""
    passing = (path for path in project.paths if "pydantic" in project[tops, path])
    return frozenset(name for path in passing for name in project[_named, path])


def _named(project: Project, path: str) -> tuple[str, ...]:
    module = project.module(path)
    own = {each.alias for each in module.imports if each.name in _EMAIL} if module is not None else set()
    if module is None or not own:
        return ()
    return tuple(
        binding.name
        for binding in module.bindings
        if binding.kind == "assign" and any(getattr(node, "text", "") in own for node in tree.walk(binding.value))
    )


def _is_email(project: Project, path: str, text: str) -> bool:
    last = text.rpartition(".")[2]
    answer = project[resolve, (path, text)] if text else None
    if not isinstance(answer, Symbol):
        return False
    if answer.kind == "variable":
        return answer.name in project[_aliases] and answer.name in project[_named, answer.path] and last != ""
    return answer.name in ("pydantic.EmailStr", "pydantic.NameEmail") or (
        answer.name.startswith("pydantic.networks.") and answer.last in _EMAIL
    )


def _emails(project: Project, path: str, module: Module) -> Iterator[Feature]:
    names = {each.alias for each in module.imports if each.name in _EMAIL or (each.name or "") in project[_aliases]}
    names |= set(project[_named, path])
    modules = {each.alias for each in module.imports if each.module.startswith("pydantic") and each.name is None}
    if not names and not modules:
        return
    for cls in module.classes:
        if _is_checked(cls):
            for binding in cls.fields:
                yield from _email_in(project, path, binding.annotation, names | modules, binding.at)
    for function in module.functions:
        if function.decorator_codes and _is_handler(function):
            for param in function.params:
                yield from _email_in(project, path, param.annotation, names | modules, param.at)


def _is_checked(cls: Class) -> bool:
    """Whether the annotations of a class are looked at when it is made: it has a base that may do so."""
    last = [getattr(base, "last", "") for base in cls.bases] or [""]
    return bool(cls.base_codes) and not _PLAIN_BASES.issuperset(last)


def _email_in(project: Project, path: str, node: Node | None, roots: set[str], at: At) -> Iterator[Feature]:
    for each in tree.walk(node):
        text = each.text if isinstance(each, tree.Path) else each.value if isinstance(each, tree.Constant) else ""
        if isinstance(text, str) and text.partition(".")[0] in roots and _is_email(project, path, text):
            yield Feature(text.rpartition(".")[2], ("email-validator",), Location(path, at))
            return


def _is_handler(function: Function) -> bool:
    return any(
        isinstance(each, tree.Call) and getattr(each.func, "last", "") in _DECORATORS for each in function.decorators
    )


def _forms(project: Project, path: str, module: Module) -> Iterator[Feature]:
    names = {each.alias: each.name for each in module.imports if each.name in _FORMS}
    if not names and not any(each.module == "fastapi" and each.name is None for each in module.imports):
        return
    for function in module.functions:
        handler = bool(function.decorator_codes) and _is_handler(function)
        for param in function.params:
            for node in tree.walk(param.annotation, param.default):
                text = node.text if isinstance(node, tree.Path) else ""
                last = names.get(text) or (text.rpartition(".")[2] if "." in text else "")
                if last not in _FORMS or not (handler or last in ("Form", "File")):
                    continue
                answer = resolve_in(project, path, function.qualname, text)
                if isinstance(answer, Symbol) and answer.kind == "external" and answer.name.startswith("fastapi."):
                    yield Feature(last or "", ("python-multipart", "multipart"), Location(path, param.at))


def _calls(project: Project, path: str, module: Module) -> Iterator[Feature]:
    aliases = {each.alias: each.name for each in module.imports if each.name in _CALLED}
    held = aliases or any(each.module.startswith(("fastapi", "starlette", "sqlalchemy.ext")) for each in module.imports)
    for function in module.functions if held else ():
        for called in function.calls:
            last = aliases.get(called) or called.rpartition(".")[2]
            if last not in _CALLED:
                continue
            starts, needed = _CALLED[last]
            answer = resolve_in(project, path, function.qualname, called)
            if isinstance(answer, Symbol) and answer.kind == "external" and answer.name.startswith(starts):
                yield Feature(last, needed, Location(path, _call_at(function, called)))
    for cls in module.classes:
        for binding in cls.fields:
            last = binding.callee.rpartition(".")[2]
            if last == "ImageField":
                answer = project[resolve, (path, binding.callee)]
                if isinstance(answer, Symbol) and answer.name == "django.db.models.ImageField":
                    yield Feature(last, ("pillow",), Location(path, binding.at))


def _call_at(function: Function, called: str) -> At:
    for call in function.call_nodes:
        if isinstance(call.func, tree.Path) and call.func.text == called:
            return call.at
    return function.at
