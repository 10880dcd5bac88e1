"""What the settings say of one rule: whether it runs, how grave it is, where it is silent, its options.

Where several selectors match a rule the most specific decides: `ALL` or a glob, then a pack,
then an id. Between equals `ignore` wins over `select`, and a later severity over an earlier.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from . import globs
from .readers import convert
from .settings import Settings


def selects(selector: str, rule: str) -> bool:
    """Whether a selector takes in a rule's id."""
    if selector == "ALL" or selector in (rule, rule.partition("/")[0]):
        return True
    if not any(sign in selector for sign in "*?["):
        return False
    subject = rule if "/" in selector else rule.partition("/")[0]
    return globs.name_matcher(selector, "/")(subject)


def enabled(settings: Settings, defaults: Mapping[str, bool]) -> tuple[str, ...]:
    """The ids of the rules that run, sorted; `defaults` says of each whether it does by itself."""
    wanted = (settings.select or ()) + settings.extend_select
    chosen = []
    for rule, default in sorted(defaults.items()):
        select, ignore = _strongest(wanted, rule), _strongest(settings.ignore, rule)
        if select > ignore or (ignore == select == 0 and settings.select is None and default):
            chosen.append(rule)
    return tuple(chosen)


def severity(settings: Settings, rule: str, default: str) -> str:
    """The severity of a rule's findings."""
    best, found = 0, default
    for selector, value in settings.severity:
        strength = _strongest((selector,), rule)
        if strength and strength >= best:
            best, found = strength, value
    return found


def is_ignored_in(settings: Settings, rule: str, path: str) -> bool:
    """Whether `per-file-ignores` silences a rule in a file, by its path from the root."""
    return any(
        globs.path_matcher(pattern)(path) and _strongest(selectors, rule)
        for pattern, selectors in settings.per_file_ignores
    )


def options(settings: Settings, rule: str, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """A rule's options: those of the configuration over its defaults, in the defaults' types."""
    given = {name: value for each, pairs in settings.rules if each == rule for name, value in pairs}
    return {name: convert(given[name], default) if name in given else default for name, default in defaults.items()}


def matching(selector: str, known: Iterable[str]) -> tuple[str, ...]:
    """The known ids that a selector takes in."""
    return tuple(rule for rule in known if selects(selector, rule))


def _strongest(selectors: Iterable[str], rule: str) -> int:
    """How specific the most specific selector is that takes in the rule, 0 when none does."""
    return max((_strength(selector) for selector in selectors if selects(selector, rule)), default=0)


def _strength(selector: str) -> int:
    if selector == "ALL":
        return 1
    if any(sign in selector for sign in "*?["):
        return 2
    return 4 if "/" in selector else 3
