"""Whether every version that one specifier allows is allowed by another one too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from packaging.version import Version

_CLAUSE = re.compile(r"\s*(===|==|~=|!=|<=|>=|<|>)\s*([^\s,]+)\s*")


class _Edge(NamedTuple):
    """An end of a range; what is exactly there may belong to it or not."""

    version: Version
    inclusive: bool


class _Range(NamedTuple):
    low: _Edge | None
    high: _Edge | None


def contains(specifier: str, version: str) -> bool:
    """Whether a specifier allows a version, which may be a pre-release; False when either cannot be read."""
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    try:
        return SpecifierSet(specifier).contains(Version(version), prereleases=True)
    except ValueError:
        # Invalid ones, and numbers of more digits than Python converts.
        return False


def within(narrow: str, wide: str) -> bool:
    """Whether every version that `narrow` allows is certainly allowed by `wide`."""
    try:
        inner = _range(narrow)
        clauses = _CLAUSE.findall(wide)
        return inner is not None and bool(clauses) and all(_holds(inner, narrow, *clause) for clause in clauses)
    except ValueError:
        return False


def _holds(inner: _Range, narrow: str, operator: str, version: str) -> bool:
    if operator == "===":
        return False
    if operator == "!=":
        outer = _clause("==", version)
        apart = _below(inner.high, outer.low) or _below(outer.high, inner.low)
        return apart or ("!=", version) in _CLAUSE.findall(narrow)
    outer = _clause(operator, version)
    if operator == ">" and inner.low is not None and outer.low is not None:
        # Post-releases of the version itself are no greater version.
        return inner.low.version.release > outer.low.version.release or inner.low == outer.low
    return _reaches(inner.low, outer.low, 1) and _reaches(inner.high, outer.high, -1)


def _reaches(inner: _Edge | None, outer: _Edge | None, sign: int) -> bool:
    """Whether an end of the inner range is not beyond that of the outer one."""
    if outer is None:
        return True
    if inner is None:
        return False
    if inner.version == outer.version:
        return outer.inclusive or not inner.inclusive
    return (inner.version > outer.version) == (sign > 0)


def _below(high: _Edge | None, low: _Edge | None) -> bool:
    """Whether a range that ends at `high` has nothing in common with one that starts at `low`."""
    if high is None or low is None:
        return False
    return high.version < low.version or (high.version == low.version and not (high.inclusive and low.inclusive))


def _range(specifier: str) -> _Range | None:
    """What a specifier allows and maybe more; None when it cannot be told."""
    low: _Edge | None = None
    high: _Edge | None = None
    for operator, version in _CLAUSE.findall(specifier):
        if operator == "===":
            return None
        if operator == "!=":
            continue
        each = _clause(operator, version)
        if low is None or not _reaches(low, each.low, 1):
            low = each.low or low
        if high is None or not _reaches(high, each.high, -1):
            high = each.high or high
    return _Range(low, high)


def _clause(operator: str, text: str) -> _Range:
    from packaging.version import Version

    if operator == "==" and text.endswith(".*"):
        return _family(text[:-2])
    version = Version(text)
    if operator == "==":
        return _Range(_Edge(version, True), _Edge(version, True))
    if operator == "~=":
        return _Range(_Edge(version, True), _family(".".join(map(str, version.release[:-1])) or "0").high)
    if operator in (">", ">="):
        return _Range(_Edge(version, operator == ">="), None)
    if operator == "<" and not version.is_prerelease:
        # Its own pre-releases are left out as well.
        return _Range(None, _Edge(Version(f"{version.base_version}.dev0"), False))
    return _Range(None, _Edge(version, operator == "<="))


def _family(prefix: str) -> _Range:
    """`==1.2.*`."""
    from packaging.version import Version

    version = Version(prefix)
    above = [*version.release[:-1], version.release[-1] + 1]
    epoch = f"{version.epoch}!" if version.epoch else ""
    return _Range(
        _Edge(Version(f"{version}.dev0"), True), _Edge(Version(f"{epoch}{'.'.join(map(str, above))}.dev0"), False)
    )
