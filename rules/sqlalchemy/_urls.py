"""The URL that an engine is made with: its beginning, and the line on which that is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Binding
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol
from cdlint.project.classes import class_facts, class_member, fields, function_facts, functions_of
from cdlint.project.constants import fold
from cdlint.project.memo import CyclicFact
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._statements import receiver_of
from ._terms import Term, follow

_URL = re.compile(r"([a-z][a-z0-9]*)(?:\+(\w+))?://")
_ENVIRONMENT = frozenset({"os.getenv", "os.environ.get", "os.environ"})
_READERS = frozenset({"config", "env", "str", "get", "getenv"})
_SAME = frozenset({"str", "make_url", "render_as_string", "unicode_string", "get_secret_value"})
_VALIDATORS = frozenset({"validator", "field_validator", "root_validator", "model_validator"})
_FILES = (
    "**/.env", "**/.env.*", "**/*.env", "**/docker-compose*.yml", "**/docker-compose*.yaml", "**/compose*.y*ml",
)  # fmt: skip
_DEPTH = 10


class Url(NamedTuple):
    """What a URL starts with."""

    dialect: str
    driver: str
    """`""` when none is written."""
    at: Location


def url(project: Project, term: Term, depth: int = _DEPTH) -> Url | None:
    """The URL that an expression comes to, as far as its beginning is written down."""
    node = term.node
    if node is None or depth <= 0:
        return None
    if isinstance(node, tree.Constant):
        return _read(node.value, Location(term.path, node.at)) if isinstance(node.value, str) else None
    if isinstance(node, tree.FString):
        return _of_parts(project, term, node)
    if isinstance(node, tree.Binary) and node.op in ("+", "%"):
        return url(project, term.at(node.terms[0]), depth - 1)
    if isinstance(node, tree.Boolean) and node.op == "or":
        return _one(project, term, node.values, depth)
    if isinstance(node, tree.Call):
        return _of_call(project, term, node, depth)
    if isinstance(node, tree.Subscript) and isinstance(node.index, tree.Constant):
        answer = _value(project, term, node.value)
        known = isinstance(answer, Symbol) and answer.name == "os.environ" and isinstance(node.index.value, str)
        return _from_files(project, str(node.index.value)) if known else None
    if isinstance(node, tree.Path):
        return _of_path(project, term, node, depth)
    if isinstance(node, tree.Attribute) and "." not in node.text:
        return _of_attribute(project, _value(project, term, node.value), node.text, depth)
    return None


def _read(text: str, at: Location) -> Url | None:
    match = _URL.match(text)
    return Url(match[1], match[2] or "", at) if match is not None else None


def _of_parts(project: Project, term: Term, node: tree.FString) -> Url | None:
    text = ""
    for part in node.parts:
        known = (
            part.value if isinstance(part, tree.Constant) else fold(project, (term.path, term.scope), part, infer=False)
        )
        if not isinstance(known, str):
            return None
        text += known
        if "://" in text:
            break
    return _read(text, Location(term.path, node.at))


def _one(project: Project, term: Term, nodes: tuple[Node, ...], depth: int) -> Url | None:
    """The one URL among alternatives; what the environment says comes first."""
    found = [each for node in nodes if (each := url(project, term.at(node), depth - 1)) is not None]
    return found[0] if found and len({each[:2] for each in found}) == 1 else None


def _of_call(project: Project, term: Term, call: tree.Call, depth: int) -> Url | None:
    name = getattr(call.func, "last", "")
    answer = _value(project, term, call.func)
    outside = answer.name if isinstance(answer, Symbol) and answer.kind == "external" else ""
    if isinstance(answer, Symbol) and answer.kind == "function":
        return _returned(project, answer, depth)
    if name in _SAME and (outside.startswith("builtins.") or "make_url" in outside or not call.args):
        given = call.args[0] if call.args else receiver_of(call)
        return url(project, term.at(given), depth - 1) if given is not None else None
    if outside.endswith("URL.create"):
        return _of_name(project, term, call.argument(0, "drivername"), call)
    if name == "build" and call.keyword("scheme") is not None:
        return _of_name(project, term, call.keyword("scheme"), call)
    if outside in _ENVIRONMENT or (name in _READERS and outside and not outside.startswith("builtins.")):
        return _from_environment(project, term, call, depth)
    text = fold(project, (term.path, term.scope), call, infer=False)
    return _read(text, Location(term.path, call.at)) if isinstance(text, str) else None


def _of_name(project: Project, term: Term, node: Node | None, call: tree.Call) -> Url | None:
    text = fold(project, (term.path, term.scope), node, infer=False) if node is not None else None
    return _read(f"{text}://", Location(term.path, call.at)) if isinstance(text, str) else None


def _from_environment(project: Project, term: Term, call: tree.Call, depth: int) -> Url | None:
    first = call.argument(0)
    default = call.argument(1, "default")
    name = first.value if isinstance(first, tree.Constant) and isinstance(first.value, str) else ""
    return _settled(project, name, url(project, term.at(default), depth - 1) if default is not None else None)


def _settled(project: Project, name: str, default: Url | None) -> Url | None:
    """What files of settings say of a variable; when they say nothing, its default."""
    written = project[settings_urls].get(name.upper(), ())
    if not written:
        return default
    return written[0] if len({each[:2] for each in written}) == 1 else None


def _from_files(project: Project, name: str) -> Url | None:
    return _settled(project, name, None)


def settings_urls(project: Project) -> dict[str, tuple[Url, ...]]:
    """Variable of the environment -> the URLs that `.env` and compose files give it."""
    found: dict[str, list[Url]] = {}
    for path in sorted({path for pattern in _FILES for path in project.files(pattern)}):
        for number, line in enumerate((project.text(path) or "").splitlines(), start=1):
            match = re.match(r"\s*(?:-\s*|export\s+)?[\"']?(\w+)\s*[=:]\s*[\"']?([a-z][\w+]*://)", line)
            known = _read(match[2], Location(path, (number, 0, number, 0))) if match is not None else None
            if match is not None and known is not None:
                found.setdefault(match[1].upper(), []).append(known)
    return {name: tuple(urls) for name, urls in found.items()}


def _returned(project: Project, function: Symbol, depth: int) -> Url | None:
    facts = function_facts(project, function)
    if facts is None or facts.is_generator:
        return None
    nodes = [node.value for node in facts.every(tree.Return)]
    found = [url(project, Term(node, function.path, function.name), depth - 1) for node in nodes]
    if not found or found[0] is None or any(each is None or each[:2] != found[0][:2] for each in found):
        return None
    return found[0]


def _of_path(project: Project, term: Term, node: tree.Path, depth: int) -> Url | None:
    owner, _, name = node.text.rpartition(".")
    if not owner and _is_decided_by_caller(project, term, node.text):
        return None
    followed = follow(project, term)
    if followed is not None:
        return url(project, followed, depth - 1)
    return _of_attribute(project, _value(project, term, tree.Path(owner, node.at)), name, depth) if owner else None


def _of_attribute(project: Project, owner: Answer | None, name: str, depth: int) -> Url | None:
    if not isinstance(owner, Symbol) or owner.kind not in ("instance", "class"):
        return None
    cls = Symbol("class", owner.path, owner.name)
    member = project[class_member, (cls, name)]
    if isinstance(member, Symbol) and member.kind == "function":
        return _returned(project, member, depth)
    return _of_field(project, cls, name, depth)


def _is_decided_by_caller(project: Project, term: Term, name: str) -> bool:
    function = project[functions_of, term.path].get(term.scope)
    params = function.params if function is not None else ()
    return any(param.name == name for param in params) and term.look(name) is None


def _of_field(project: Project, cls: Symbol, name: str, depth: int) -> Url | None:
    """The value of a field of a settings class: files of settings first, then its default."""
    for owner, binding in fields(project, cls):
        if binding.name == name:
            if _is_changed(project, cls, name):
                return None
            default = _default(project, owner, binding, depth)
            return _settled(project, name, default) if _is_settings(project, cls) else default
    return None


def _default(project: Project, owner: Symbol, binding: Binding, depth: int) -> Url | None:
    value = binding.value
    if isinstance(value, tree.Call) and getattr(value.func, "last", "") in ("Field", "field"):
        value = value.argument(0, "default")
    return url(project, Term(value, owner.path, owner.name), depth - 1) if value is not None else None


def _is_settings(project: Project, cls: Symbol) -> bool:
    """Whether the class reads the environment under the plain names of its fields."""
    facts = class_facts(project, cls)
    return facts is not None and not any("prefix" in str(binding.value_code) for binding in facts.fields)


def _is_changed(project: Project, cls: Symbol, name: str) -> bool:
    """Whether a validator or a method of the class may give the field another value."""
    for function in project[functions_of, cls.path].values():
        if function.owner == cls.name and function.mentions(name):
            words = {
                getattr(each.func if isinstance(each, tree.Call) else each, "last", "") for each in function.decorators
            }
            if words & _VALIDATORS or function.name in ("__init__", "__post_init__", "model_post_init"):
                return True
        decorated = (
            function.owner == cls.name
            and function.decorator_codes
            and _VALIDATORS.intersection(_decorating(function.decorators, name))
        )
        if decorated:
            return True
    return False


def _decorating(decorators: tuple[Node, ...], name: str) -> Iterator[str]:
    """The names of the decorators that are told of a field."""
    for each in decorators:
        if isinstance(each, tree.Call) and any(
            isinstance(arg, tree.Constant) and arg.value in (name, "*") for arg in each.args
        ):
            yield getattr(each.func, "last", "")


def _value(project: Project, term: Term, node: Node) -> Answer | None:
    try:
        return evaluate(project, (term.path, term.scope), node)
    except CyclicFact:
        return None
