"""What a call passes, what a function takes, and why the one does not fit the other."""

from __future__ import annotations

from typing import NamedTuple

from ..facts import tree
from ..facts.model import Function


class Shape(NamedTuple):
    """What a call passes: how many plain positional arguments and which keywords, `*` and `**` among them."""

    callee: str
    positional: int
    keywords: tuple[str, ...]


class Signature(NamedTuple):
    """What a call may pass. The first `unnamed` of the positional parameters have no keyword."""

    positional: tuple[str, ...]
    unnamed: int
    required: tuple[str, ...]
    keywords: frozenset[str]
    more_positional: bool
    more_keywords: bool


def shape_of(call: tree.Call) -> Shape:
    """The shape of a decoded call of a name, as `Function.shapes` has it."""
    plain = sum(not isinstance(each, tree.Starred) for each in call.args)
    names = tuple(each.name or "**" for each in call.keywords)
    return Shape(getattr(call.func, "text", "?"), plain, names if plain == len(call.args) else (*names, "*"))


def parameters(function: Function, dropped: bool) -> Signature:
    """The signature that the `def` says; `dropped` leaves out the first positional parameter."""
    params = list(function.params)
    if dropped and params and params[0].kind.startswith("positional"):
        del params[0]
    positional = [each for each in params if each.kind.startswith("positional")]
    named = [each for each in params if each.kind in ("positional", "keyword")]
    return Signature(
        tuple([each.name for each in positional]),
        sum(each.kind == "positional-only" for each in positional),
        tuple([each.name for each in params if each.default_code is None and not each.kind.startswith("*")]),
        frozenset(each.name for each in named),
        any(each.kind == "*" for each in params),
        any(each.kind == "**" for each in params),
    )


def complaint(signature: Signature, shape: Shape) -> str:
    """What is certainly wrong with a call of this shape, `""` if nothing is."""
    taken = len(signature.positional)
    if shape.positional > taken and not signature.more_positional:
        return f"with {_count(shape.positional)}, but takes {taken or 'none'}"
    filled = signature.positional[: shape.positional]
    more = False
    for name in shape.keywords:
        if name[0] == "*":
            more = True
        elif name not in signature.keywords:
            if not signature.more_keywords:
                return f"with the keyword `{name}`, which it does not take"
        elif name in filled:
            return f"with `{name}` both by position and by keyword"
    if more:
        return ""
    missing = [name for name in signature.required if name not in filled and name not in shape.keywords]
    return f"without {_list(missing)}, which it needs" if missing else ""


def _count(number: int) -> str:
    return f"{number} positional argument{'s' if number > 1 else ''}"


def _list(names: list[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
