"""Signatures of the repository's functions and constructors, as far as they are certain."""

from __future__ import annotations

from cdlint.facts import tree
from cdlint.facts.model import Class, Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol
from cdlint.project.arguments import Signature, parameters
from cdlint.project.classes import ancestry, class_facts, class_member
from cdlint.project.values import evaluate

_KEEPING = frozenset(
    {
        "abc.abstractmethod", "builtins.classmethod", "builtins.staticmethod", "contextlib.asynccontextmanager",
        "contextlib.contextmanager", "django.db.transaction.atomic", "django.db.transaction.atomic()",
        "functools.cache", "functools.lru_cache", "functools.lru_cache()", "typing.final",
        "typing.override", "typing_extensions.final", "typing_extensions.override",
    }
)  # fmt: skip
"""Decorators after which a function takes the arguments that its `def` says."""
_ERRORS = frozenset(
    f"builtins.{name}"
    for name in ("Exception", "LookupError", "OSError", "RuntimeError", "TypeError", "ValueError", "PermissionError")
)
_DATACLASS_OPTIONS = frozenset({"frozen", "slots", "eq", "order", "repr", "unsafe_hash"})


def decorators(project: Project, path: str, function: Function) -> frozenset[str] | None:
    """The names of a function's decorators if all of them keep its signature, else None."""
    if not function.decorator_codes:
        return frozenset()
    scope = (path, function.qualname.rpartition(".")[0])
    answers = [evaluate(project, scope, each) for each in function.decorators]
    names = frozenset(each.name for each in answers if isinstance(each, Symbol) and each.kind == "external")
    return names if len(names) == len(answers) and names <= _KEEPING else None


def function_signature(project: Project, key: tuple[Symbol, bool]) -> Signature | None:
    """The signature of a function, for `(function, bound)`; bound to its object, it has one parameter less."""
    symbol, bound = key
    module = project.module(symbol.path)
    same = [each for each in module.functions if each.qualname == symbol.name] if module else []
    if len(same) != 1 or same[0].conditional:
        return None
    function = same[0]
    names = decorators(project, symbol.path, function)
    owner = class_facts(project, Symbol("class", symbol.path, function.owner)) if function.owner else None
    bound_again = owner is not None and any(
        each.name == function.name and each.kind != "function" for each in owner.fields
    )
    if names is None or bound_again:
        return None
    dropped = bound and "builtins.staticmethod" not in names
    return parameters(function, dropped)


def constructor_signature(project: Project, symbol: Symbol) -> Signature | None:
    """What making an object of a class takes, None unless everything that has a say in it is known."""
    facts = class_facts(project, symbol)
    found = project[ancestry, symbol]
    if facts is None or found.unknown or not _is_single(project, symbol):
        return None
    made = frozenset(name for name in found.external if name not in _ERRORS)
    if made == {"typing.NamedTuple"} and len(facts.base_codes) == 1 and not facts.decorator_codes:
        return _signature(_fields(facts, ""))
    if not found._replace(external=tuple(made)).complete:
        return None
    classes = [class_facts(project, each) for each in found.first_party]
    if facts.decorator_codes and not found.external:
        return _of_dataclasses(project, found.first_party)
    if any(each is None or not _is_plain(each) for each in classes):
        return None
    method = project[class_member, (symbol, "__init__")]
    if isinstance(method, Symbol) and method.kind == "function" and inherits_one(project, symbol, "__init__"):
        return project[function_signature, (method, True)]
    return None


def inherits_one(project: Project, cls: Symbol, name: str) -> bool:
    """Whether the order of the ancestors cannot matter for a member: the class has it, or one ancestor alone."""
    owners = [each for each in project[ancestry, cls].first_party if _has(class_facts(project, each), name)]
    return owners[:1] == [cls] or len(owners) == 1


def _has(facts: Class | None, name: str) -> bool:
    return facts is None or name in facts.methods or any(each.name == name for each in facts.fields)


def _is_single(project: Project, symbol: Symbol) -> bool:
    module = project.module(symbol.path)
    same = [each for each in module.classes if each.qualname == symbol.name] if module else []
    return len(same) == 1 and not same[0].conditional


def _is_plain(facts: Class) -> bool:
    """Whether nothing but `__init__` decides what making an object takes."""
    plain = all(name == "metaclass" and getattr(value, "last", "") == "ABCMeta" for name, value in facts.keywords)
    assigned = {each.name for each in facts.fields if each.kind != "function"} & {"__init__", "__new__"}
    hooked = {"__init_subclass__", "__new__"} & set(facts.methods)
    return plain and not assigned and not hooked and not facts.decorator_codes


def _of_dataclasses(project: Project, line: tuple[Symbol, ...]) -> Signature | None:
    """What a dataclass takes whose bases, one above the other, are dataclasses too: their fields come first."""
    names: dict[str, bool] = {}
    for owner in line[::-1]:
        facts = class_facts(project, owner)
        own = _of_dataclass(project, owner, facts) if facts is not None and len(facts.base_codes) <= 1 else None
        if own is None:
            return None
        names.update(own)
    return _signature(names)


def _of_dataclass(project: Project, symbol: Symbol, facts: Class) -> dict[str, bool] | None:
    if len(facts.decorator_codes) != 1 or facts.keyword_codes or {"__init__", "__new__"} & set(facts.methods):
        return None
    decorator = facts.decorators[0]
    func: Node = decorator.func if isinstance(decorator, tree.Call) else decorator
    if isinstance(decorator, tree.Call) and not {each.name for each in decorator.keywords} <= _DATACLASS_OPTIONS:
        return None
    answer: Answer = evaluate(project, (symbol.path, facts.parent), func)
    is_one = isinstance(answer, Symbol) and answer.name == "dataclasses.dataclass"
    return _fields(facts, "field") if is_one else None


def _fields(facts: Class, maker: str) -> dict[str, bool] | None:
    """The annotated names of a class body with whether they have a default; None if one is out of the ordinary."""
    names: dict[str, bool] = {}
    for field in facts.fields:
        if field.guard or field.kind == "delete" or (field.name in names):
            return None
        if field.annotation_code is None:
            continue
        if not isinstance(field.annotation, (tree.Path, tree.Subscript, tree.Binary, tree.Constant)):
            return None
        if any("ClassVar" in word or "InitVar" in word or "KW_ONLY" in word for word in _texts(field.annotation)):
            return None
        default = field.value_code is not None
        if maker and field.callee.rpartition(".")[2] == maker:
            options = {each.name for each in field.value.keywords} if isinstance(field.value, tree.Call) else {None}
            if options & {None, "init", "kw_only"}:
                return None
            default = bool(options & {"default", "default_factory"})
        names[field.name] = default
    return names


def _signature(names: dict[str, bool] | None) -> Signature | None:
    """What is taken by a constructor that has these fields for parameters."""
    if names is None:
        return None
    order = tuple(names)
    return Signature(order, 0, tuple([name for name in order if not names[name]]), frozenset(order), False, False)


def _texts(node: Node) -> list[str]:
    found = []
    for each in tree.walk(node):
        if isinstance(each, tree.Path):
            found.append(each.text)
        elif isinstance(each, tree.Constant) and isinstance(each.value, str):
            found.append(each.value)
    return found
