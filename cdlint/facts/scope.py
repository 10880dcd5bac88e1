"""Which names a scope binds and loads, and what is left unbound when it closes."""

from __future__ import annotations

from typing import TypeAlias

from .tree import At

CallShape: TypeAlias = tuple[str, int, tuple[str, ...]]
"""Dotted callee, number of plain positional arguments, keywords; `*` and `**` stand among these."""


class Scope:
    """A module, class, function, lambda or comprehension while its code is read."""

    __slots__ = (
        "binds", "calls", "declared", "dynamic", "exported", "guarded", "is_generator", "kind", "loads", "outer",
        "qualname", "unawaited",
    )  # fmt: skip

    def __init__(self, kind: str, qualname: str, outer: Scope | None) -> None:
        self.kind = kind
        self.qualname = qualname
        self.outer = outer
        self.loads: dict[str, At] = {}
        self.binds: set[str] = set()
        self.calls: set[CallShape] = set()
        self.unawaited: set[str] = set()
        """Those of the calls that stand somewhere without `await`."""
        self.declared: set[str] = set()
        """Names declared `global` or `nonlocal`."""
        self.exported: set[str] = set()
        """Names declared `global`."""
        self.guarded: set[str] = set()
        """Names whose absence the code expects: loaded under `except NameError`."""
        self.is_generator = False
        self.dynamic = ""
        """Why names may exist that no statement shows; only a module's counts."""
        if kind in ("lambda", "comprehension") and outer is not None:
            # Their calls are the function's own: they have no node of their own to hang on.
            self.calls = outer.calls
            self.unawaited = outer.unawaited

    def called(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[CallShape, ...]]:
        """The distinct callees, those of them that `await` stands before every time, and all shapes of their calls."""
        names = {shape[0] for shape in self.calls}
        return tuple(sorted(names)), tuple(sorted(names - self.unawaited)), tuple(sorted(self.calls))

    def close(self) -> None:
        """Hand what is not bound here to the scopes around it.

        A name declared global is bound by the module; a class body's names are not seen by
        the functions inside it.
        """
        outer = self.outer
        if outer is None:
            return
        if self.kind == "comprehension" and self.is_generator:
            outer.is_generator = True
        module = outer
        while module.outer is not None:
            module = module.outer
        module.binds.update(self.exported & self.binds)
        if self.kind in ("function", "lambda"):
            while outer.kind == "class" and outer.outer is not None:
                outer = outer.outer
        bound = self.binds - self.declared
        for name, at in self.loads.items():
            if name not in bound:
                outer.loads.setdefault(name, at)
        outer.guarded.update(self.guarded - bound)
