"""Defaults that are the result of one call on import where each object is meant to get a new one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import Code, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.calls import words
from cdlint.project.classes import class_facts, function_facts, resolve_in
from cdlint.project.values import evaluate

from ._defaults import Default, binding_of, collects, in_classes, in_parameters, in_tables, is_made_once, kept

_MOMENTS = frozenset(
    {
        "arrow.now", "arrow.utcnow", "datetime.date.today", "datetime.datetime.now", "datetime.datetime.today",
        "datetime.datetime.utcnow", "django.utils.timezone.localdate", "django.utils.timezone.localtime",
        "django.utils.timezone.now", "pendulum.now", "pendulum.today", "time.monotonic", "time.perf_counter",
        "time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.strftime",
    }
)  # fmt: skip
_VALUES = frozenset(
    {
        "django.utils.crypto.get_random_string", "os.urandom", "random.choice", "random.choices", "random.getrandbits",
        "random.randint", "random.random", "random.randrange", "random.sample", "random.uniform", "secrets.choice",
        "secrets.randbelow", "secrets.token_bytes", "secrets.token_hex", "secrets.token_urlsafe", "uuid.uuid1",
        "uuid.uuid4", "uuid.uuid7", "ulid.ULID", "ulid.new",
    }
)  # fmt: skip
_DESCRIBING = frozenset({"Body", "Cookie", "Field", "File", "Form", "Header", "Param", "Path", "Query"})
"""Calls that stand where the default of a parameter does and describe it."""
_SHOWN = frozenset({"example", "examples", "json_schema_extra", "description", "title"})
_LAST = frozenset(name.rpartition(".")[2] for name in _MOMENTS | _VALUES)
_TOPS = frozenset(name.partition(".")[0] for name in _MOMENTS | _VALUES)


class Fresh(NamedTuple):
    """A default that stays what it was on import. `how` is the call that makes it."""

    default: Default
    how: str
    moment: bool
    within: tuple[Symbol, tree.At] | None
    """The function of the repository in which the call stands, and where."""


def makers(project: Project) -> frozenset[str]:
    """The names of functions of the repository that may give a new value each time."""
    return frozenset(name for path in project[kept] for name in project[_makers_in, path])


def _makers_in(project: Project, path: str) -> tuple[str, ...]:
    module = project.module(path)
    found = []
    if module is None or _TOPS.isdisjoint([each.module.partition(".")[0] for each in module.imports]):
        return ()
    for function in module.functions[1:]:
        calls = function.calls
        if calls and len(calls) < 20 and any(call[call.rfind(".") + 1 :] in _LAST for call in calls):
            found.append(function.name)
    return tuple(sorted(set(found)))


def fresh_files(project: Project) -> tuple[str, ...]:
    """The files that have such defaults."""
    return tuple(path for path in project[kept] if project[fresh, path])


def fresh(project: Project, path: str) -> tuple[Fresh, ...]:
    """The ones of a file, in source order."""
    found = [each for default in _suspects(project, path) if (each := _fresh(project, default)) is not None]
    return tuple(sorted(found, key=lambda each: each.default.value.at))


def _suspects(project: Project, path: str) -> Iterator[Default]:
    for default in project[in_classes, path]:
        symbol = Symbol("class", path, default.owner)
        facts = class_facts(project, symbol) if not isinstance(default.value, tree.Constant) else None
        if facts is None or (default.maker is None and not collects(project, symbol, facts)):
            continue
        if not is_made_once(project, symbol):
            yield default
    yield from in_tables(project, path)
    for _, default in in_parameters(project, path):
        value = default.value
        if isinstance(value, tree.Call) and getattr(value.func, "last", "") in _DESCRIBING:
            default = default._replace(value=value.argument(0, "default"))
        yield default


def _fresh(project: Project, default: Default) -> Fresh | None:
    """The default with the call in it that gives another value each time, if there is one."""
    if isinstance(default.value, tree.Path):
        return _held(project, default)
    wanted = project[makers] | _LAST
    for call in _run_at_once(default.value):
        last = getattr(call.func, "last", "")
        if last in wanted:
            found = _gives(project, default, call)
            if found is not None:
                return found
    return None


def _run_at_once(node: Node) -> Iterator[tree.Call]:
    stack = [node]
    if isinstance(node, tree.Call):
        # An example that describes a field is no default of it.
        stack = [node._replace(keywords=tuple(each for each in node.keywords if each.name not in _SHOWN))]
    while stack:
        each = stack.pop()
        if isinstance(each, tree.Call):
            yield each
        if each is not None and not isinstance(each, tree.Lambda):
            stack.extend(tree.children(each))


def _gives(project: Project, default: Default, call: tree.Call) -> Fresh | None:
    answer = evaluate(project, (default.path, ""), call.func)
    if not isinstance(answer, Symbol):
        return None
    if answer.kind == "external":
        known = answer.name in _MOMENTS or answer.name in _VALUES
        return Fresh(default, _written(call.func), answer.name in _MOMENTS, None) if known else None
    inner = project[made_by, answer] if answer.kind == "function" else None
    return Fresh(default, _written(call.func), inner[1], (answer, inner[0])) if inner is not None else None


def made_by(project: Project, function: Symbol) -> tuple[tree.At, bool] | None:
    """Where a function makes the new value that it returns, and whether that is a moment; None if it makes none."""
    facts = function_facts(project, function)
    names = (
        {getattr(n.func if isinstance(n, tree.Call) else n, "last", "") for n in facts.decorators} if facts else set()
    )
    if facts is None or facts.is_async or facts.is_generator or not names <= {"staticmethod", "classmethod"}:
        return None
    scope = (function.path, function.name)
    local = project[local_assignments, scope]
    for node in facts.nodes:
        if not isinstance(node, tree.Return):
            continue
        roots = {each.root for each in tree.walk(node.value) if isinstance(each, tree.Path)}
        kept = [value for root in sorted(roots) for value, _ in local.get(root, ())]
        for call in (call for value in (node.value, *kept) for call in _run_at_once(value)):
            answer = evaluate(project, scope, call.func) if getattr(call.func, "last", "") in _LAST else None
            if isinstance(answer, Symbol) and answer.name in _MOMENTS | _VALUES:
                return call.at, answer.name in _MOMENTS
    return None


def _held(project: Project, default: Default) -> Fresh | None:
    """`default=now` where the module says `now = timezone.now()`; a name in capitals is meant so."""
    text = default.value.text
    answer = resolve_in(project, default.path, "", text)
    if not isinstance(answer, Symbol) or answer.kind != "variable" or answer.last.isupper():
        return None
    binding = binding_of(project.module(answer.path), answer.name)
    if binding is None or binding.value_code is None or not set(words(_func(binding.value_code))) & _LAST:
        return None
    value = binding.value
    found = _fresh(project, default._replace(path=answer.path, value=value)) if isinstance(value, tree.Call) else None
    return found._replace(default=default) if found is not None else None


def _func(code: Code) -> Code:
    return code[1] if code[0] == tree.TAG[tree.Call] else None


def _written(func: Node) -> str:
    return func.text if isinstance(func, tree.Path) else f"...{getattr(func, 'text', '')}"
