"""Every fixture's SARIF log is valid, and keeps to what code scanning shows."""

from __future__ import annotations

import io

from cdlint.formats import SarifOptions, write
from cdlint.formats.style import Style
from cdlint.packs import load

from .conftest import reported
from .sarif_profile import accepted
from .test_fixtures import CASES, FIXTURES

ALL = [FIXTURES / "example", *CASES]


def test_logs_are_accepted() -> None:
    rules = load().rules
    results = 0
    # What is silent, without a finding or a notice, gives one and the same log.
    silent = next(case for case in ALL if case.name.startswith("good"))
    for case in ALL:
        if case != silent and not reported(case).diagnostics and not reported(case).notices:
            continue
        out = io.StringIO()
        write(reported(case), "sarif", out, style=Style(), rules=rules, sarif=SarifOptions())
        results += len(accepted(out.getvalue())["results"])
    assert results > len(ALL) / 3
