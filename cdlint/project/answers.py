"""The three answers of every resolver: a symbol that is known, unknown, or absent."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["module", "class", "function", "variable", "instance", "external"]


class Symbol(NamedTuple):
    """Something with a name. `path` is the file that defines it, `""` for what is external.

    `name` is the qualified name inside the file (`""` for the module itself), or the full
    dotted name of something external, as its users import it: `sqlalchemy.orm.Session`.
    """

    kind: Kind
    path: str
    name: str

    @property
    def last(self) -> str:
        """The last segment of its name."""
        return self.name.rpartition(".")[2]


class Unknown(NamedTuple):
    """It could not be decided; `why` is a phrase such as `star import of an unknown module`."""

    why: str


class Absent(NamedTuple):
    """It is certain that there is no such thing. `path` is the file that lacks it, or `""`."""

    path: str = ""


Answer: TypeAlias = Symbol | Unknown | Absent


def external(dotted: str) -> Symbol:
    """The symbol of something outside the repository."""
    return Symbol("external", "", dotted)
