"""Reports to print in tests: one finding with everything, and the parts to vary it."""

from __future__ import annotations

from typing import Any

from cdlint.diagnostic import Diagnostic, Notice, Place, Report, Summary
from cdlint.rule import Documentation, Rule

LAZY = "sqlalchemy/lazy-relationship-in-async"

MODEL = Place(
    "app/models.py",
    118,
    5,
    118,
    10,
    "`Order.items` is declared without a loading strategy",
    '    items: Mapped[list["Item"]] = relationship(back_populates="order")',
)
STEPS = (
    Place("app/api.py", 12, 5, 12, 14, "`read_order` calls `get_order`", "    get_order(pk)"),
    Place("app/orders.py", 40, 5, 40, 15, "`get_order` runs under `AsyncSession`", "    async with"),
)


def finding(**changed: Any) -> Diagnostic:
    """A finding of one line without evidence, with some fields changed."""
    plain = Diagnostic(
        rule=LAZY,
        severity="error",
        message="`order.items` is loaded lazily under an async session.",
        path="app/orders.py",
        line=41,
        column=12,
        end_line=41,
        end_column=23,
        source=("    return order.items",),
        related=(),
        chain=(),
        cure="",
        fingerprint="0123456789abcdef",
        line_hash="271789c17abda88f:1",
        suppressed=None,
    )
    return plain._replace(**changed)


def full() -> Diagnostic:
    """A finding with evidence, a chain and a cure."""
    return finding(related=(MODEL,), chain=STEPS, cure="Add `selectinload(Order.items)` to the query in `get_order`.")


def report(
    *found: Diagnostic, suppressed: tuple[Diagnostic, ...] = (), notices: tuple[Notice, ...] = (), files: int = 412
) -> Report:
    """A report of these findings, its summary counted."""
    severities = [item.severity for item in found]
    counts = [severities.count(severity) for severity in ("error", "warning", "note")]
    return Report(found, suppressed, notices, Summary(files, 19, *counts, len(suppressed)))


def rule(identity: str = LAZY, *, severity: str = "error", precision: str = "A", why: str = "It raises.") -> Rule:
    """A rule with a page, never asked."""
    documentation = Documentation.parse(
        f"A relationship is loaded lazily under an async session.\n\n## Why\n{why}\n\n"
        "## Instead\nUse `selectinload`.\n\n## Known limits\nNone.\n"
    )
    return Rule(identity, _never, _never, severity, "orm", precision, True, documentation)


def _never(*_: Any) -> list[Any]:
    raise AssertionError("a format asks no rule")
