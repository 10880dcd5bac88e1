"""What the tracer of queries knows of a value: rows, one row, a model, or a function that makes some of them."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts.tree import At
from cdlint.project.answers import Symbol

from ._query_graph import Model

NOTHING: frozenset[str] = frozenset()


FROM_ELSEWHERE = frozenset({"?"})
"""The names of an instance that a function is given: what the query for it fetched along is not seen."""


class Rows(NamedTuple):
    """A manager or queryset of a model.

    `names` are annotations, `loose` says that there may be others. `selected` and `prefetched` are
    what is loaded along, `*` among them anything. `form` is `values` after `values()` and its kin,
    `cut` the slice, `combined` the method that made a union. `managers` are the classes of the repository
    whose methods it has, `manager` says that no query was begun, `small` that there are few rows.
    """

    model: Model
    names: frozenset[str] = NOTHING
    loose: bool = False
    selected: frozenset[str] = NOTHING
    prefetched: frozenset[str] = NOTHING
    form: str = ""
    cut: bool = False
    combined: str = ""
    managers: tuple[Symbol, ...] = ()
    manager: bool = False
    small: bool = False
    origin: At | None = None
    """Where the query begins, in the file that is traced."""
    loaded: bool = False
    """They came along with the instance whose relation they are, so that reading them asks nothing."""
    by: str = ""
    """The `loop` of the row by which they were chosen."""
    vague: bool = False
    """What methods they have is not known: they are in a list or a page, or come from one of several managers."""

    maybe: frozenset[str] = NOTHING
    """What may have come along with them all the same, as long as they are not asked for anew."""

    def row(self, loop: str = "") -> One:
        """One of the rows; `*` is among its names where there may be others."""
        names = self.names | {"*"} if self.loose else self.names
        return One(self.model, self.selected | self.maybe, self.prefetched | self.maybe, loop=loop, names=names)

    @property
    def along(self) -> frozenset[str]:
        """All that is loaded along."""
        return self.selected | self.prefetched | self.maybe


class One(NamedTuple):
    """An instance of a model. `fresh` was made by its constructor and not saved.

    `loop` is `row` for one of several rows and `given` for such a row that a function is given.
    `within` is the path from that row, for what is reached from it.
    """

    model: Model
    selected: frozenset[str] = NOTHING
    prefetched: frozenset[str] = NOTHING
    fresh: bool = False
    loop: str = ""
    within: str = ""
    names: frozenset[str] = NOTHING

    @property
    def along(self) -> frozenset[str]:
        """All that is loaded along."""
        return self.selected | self.prefetched


class Cls(NamedTuple):
    """A model class."""

    model: Model


class Conditions(NamedTuple):
    """`Q` objects, or a dictionary that is given to `filter`: the paths in it. `open` says that there may be others."""

    paths: tuple[tuple[str, At], ...]
    open: bool = False


class Later(NamedTuple):
    """What a function of the repository returns when these parameters are given."""

    function: Symbol
    given: tuple[tuple[str, Value], ...] = ()


class Items(NamedTuple):
    """A list or another plain collection of these."""

    item: Value


class Given(NamedTuple):
    """Whatever a parameter is given that could be left out."""


Value = Rows | One | Cls | Conditions | Later | Items | Given | Symbol | None


def join(left: Value, right: Value) -> Value:
    """What a name may be that is one of two things."""
    if left is right or left == right:
        return left
    if left is None or right is None:
        return None
    if isinstance(left, Rows) and isinstance(right, Rows) and left.model == right.model:
        return Rows(
            left.model,
            left.names | right.names,
            left.loose or right.loose,
            left.selected | right.selected,
            left.prefetched | right.prefetched,
            left.form or right.form,
            left.cut and right.cut,
            left.combined if right.combined else "",
            left.managers if left.managers == right.managers else (),
            left.manager and right.manager,
            left.small and right.small,
            left.origin or right.origin,
            left.loaded or right.loaded,
            left.by if left.by == right.by else "",
            left.vague or right.vague or left.managers != right.managers,
            left.maybe | right.maybe,
        )
    if isinstance(left, One) and isinstance(right, One) and left.model == right.model:
        return One(
            left.model,
            left.selected | right.selected,
            left.prefetched | right.prefetched,
            left.fresh and right.fresh,
            left.loop if left.loop == right.loop else "",
            left.within if left.within == right.within else "",
            left.names | right.names,
        )
    if isinstance(left, Conditions) and isinstance(right, Conditions):
        paths = tuple(dict.fromkeys((*left.paths, *right.paths)))
        return Conditions(paths, left.open or right.open)
    return None


def below(paths: frozenset[str], name: str) -> frozenset[str]:
    """What of the loaded paths lies behind a name."""
    if "*" in paths:
        return paths
    return frozenset(path[len(name) + 2 :] for path in paths if path.startswith(name + "__"))


def loads(paths: frozenset[str], name: str) -> bool:
    """Whether the loaded paths hold a name."""
    return "*" in paths or any(path == name or path.startswith(name + "__") for path in paths)


def passed(value: Value) -> Value:
    """A value as the function sees it that it is given to."""
    if isinstance(value, One) and value.loop:
        return value._replace(loop="given")
    return value._replace(origin=None) if isinstance(value, Rows) else value
