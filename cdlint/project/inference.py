"""Values that only inference can tell: what a call of the repository's own function comes to.

`astroid` does the inference, on the sources that the project has, and for the asking module
only. It costs twenty times a parse, so it is asked when folding has given up and the answer
decides structure, and it is bounded: in the size of the modules, their number, and the
number of values that it may try.
"""

from __future__ import annotations

from itertools import islice
from typing import Any, TypeGuard

from . import Project
from .answers import Symbol, Unknown
from .imports import targets
from .modules import module_name

MODULE_SIZE = 60_000
"""Characters of a module from which inference is not tried."""
MODULES = 20
"""How many of the repository's modules one inference may read."""
VALUES = 4
"""How many values of one expression are looked at before it is called undecided."""


def inferred(project: Project, key: tuple[str, int, int]) -> Any:
    """What the call that starts at `(path, line, column)` comes to: a constant, a tuple of them, or Unknown."""
    path, line, column = key
    try:
        import astroid
    except ImportError:
        return Unknown("astroid is not installed")
    # Its own modules stay in astroid's cache, which costs much to fill; the repository's do not.
    cache, brain = astroid.manager.AstroidManager().astroid_cache, astroid.manager.AstroidManager.brain
    names: list[str] = ["builtins"]
    denied, brain["module_denylist"] = brain["module_denylist"], _Elsewhere(names)
    try:
        module = _built(project, path, astroid, names)
        call = next((node for node in module.nodes_of_class(astroid.nodes.Call) if _starts(node, line, column)), None)
        return _one(list(islice(call.infer(), VALUES)), astroid) if call is not None else Unknown("no call there")
    except (astroid.exceptions.AstroidError, RecursionError, SyntaxError, ValueError, AttributeError) as error:
        return Unknown(f"inference failed: {type(error).__name__}")
    finally:
        brain["module_denylist"] = denied
        for name in names[1:]:
            cache.pop(name, None)


class _Elsewhere:
    """The modules that are not read: all but these. Astroid would look for the others among what is installed."""

    def __init__(self, names: list[str]) -> None:
        self.names = names

    def __contains__(self, name: object) -> bool:
        return name not in self.names


def _built(project: Project, path: str, astroid: Any, names: list[str]) -> Any:
    """The module, and those that it imports, where astroid finds them by their `names` and never on disk."""
    wanted = [path]
    built: dict[str, Any] = {}
    while wanted and len(built) < MODULES:
        each = wanted.pop(0)
        text = project.text(each)
        if each in built or text is None or len(text) > MODULE_SIZE:
            continue
        names.append(module_name(project, each))
        # What astroid knows of libraries it adds by reading those.
        built[each] = astroid.parse(text, module_name=names[-1], path=each, apply_transforms=False)
        wanted.extend(imported for imported, kind in project[targets, each] if kind != "type-only")
    if path not in built:
        raise ValueError("the module is too large")
    return built[path]


def _starts(node: Any, line: int, column: int) -> bool:
    return bool(node.lineno == line and node.col_offset == column)


def _one(values: list[Any], astroid: Any) -> Any:
    """The one constant that all inferred values are."""
    plain = [_plain(value, astroid) for value in values]
    if not plain or any(isinstance(value, Unknown) or value != plain[0] for value in plain):
        return Unknown("inference finds no single constant")
    return plain[0]


def _plain(value: Any, astroid: Any) -> Any:
    if isinstance(value, astroid.nodes.Const):
        return value.value
    if isinstance(value, (astroid.nodes.List, astroid.nodes.Tuple)):
        items = [_one(list(islice(item.infer(), VALUES)), astroid) for item in value.elts]
        return next((item for item in items if isinstance(item, Unknown)), tuple(items))
    return Unknown("a value that is no constant")


def is_own_function(answer: object) -> TypeGuard[Symbol]:
    """Whether it is a function of the repository, whose result is worth inferring."""
    return isinstance(answer, Symbol) and answer.kind == "function"
