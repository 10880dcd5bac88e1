"""SARIF logs: valid, within what code scanning takes, and saying all that the report says."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
from typing import Any

import pytest
import sarif_om as om
from hypothesis import given, settings
from hypothesis import strategies as st

from cdlint.diagnostic import Notice, Place, Report
from cdlint.formats import SarifOptions, write
from cdlint.formats.sarif_json import plain
from cdlint.formats.style import Style
from cdlint.rule import Rule

from .reports import LAZY, MODEL, STEPS, finding, full, report, rule
from .sarif_profile import accepted

OTHER = "fastapi/router-not-included"
RULES = {LAZY: rule(), OTHER: rule(OTHER, severity="warning", precision="B")}


def written(what: Report, rules: dict[str, Rule] | None = None, **options: Any) -> str:
    out = io.StringIO()
    write(what, "sarif", out, style=Style(), rules=RULES if rules is None else rules, sarif=SarifOptions(**options))
    return out.getvalue()


def run_of(*found: Any, rules: dict[str, Rule] | None = None, **options: Any) -> dict[str, Any]:
    return accepted(written(report(*found), rules, **options))


def test_no_findings_is_an_empty_list() -> None:
    assert run_of()["results"] == []


def test_full_result() -> None:
    (result,) = run_of(full())["results"]
    assert result == {
        "message": {
            "text": "`order.items` is loaded lazily under an async session. "
            "Add `selectinload(Order.items)` to the query in `get_order`. "
            "See [`Order.items` is declared without a loading strategy](1)."
        },
        "kind": "fail",
        "level": "error",
        "ruleId": LAZY,
        "ruleIndex": 1,
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "app/orders.py", "uriBaseId": "%SRCROOT%"},
                    "region": {
                        "startLine": 41,
                        "startColumn": 12,
                        "endLine": 41,
                        "endColumn": 23,
                        "snippet": {"text": "order.items"},
                    },
                }
            }
        ],
        "relatedLocations": [{"id": 1, **place(MODEL)}],
        "codeFlows": [{"threadFlows": [{"locations": [{"location": place(step)} for step in STEPS]}]}],
        "partialFingerprints": {"primaryLocationLineHash": "271789c17abda88f:1", "cdlint/v1": "0123456789abcdef"},
    }


def place(shown: Place) -> dict[str, Any]:
    return {
        "message": {"text": f"{shown.message}."},
        "physicalLocation": {
            "artifactLocation": {"uri": shown.path, "uriBaseId": "%SRCROOT%"},
            "region": {
                "startLine": shown.line,
                "startColumn": shown.column,
                "endLine": shown.end_line,
                "endColumn": shown.end_column,
            },
        },
    }


def test_rules_are_described() -> None:
    warning, error = run_of()["tool"]["driver"]["rules"]
    assert (warning["id"], error["id"]) == (OTHER, LAZY)
    assert error["name"] == "SqlalchemyLazyRelationshipInAsync"
    assert error["shortDescription"]["text"] == "A relationship is loaded lazily under an async session."
    assert error["fullDescription"]["text"].endswith("async session. It raises.")
    assert error["help"]["markdown"].endswith("## Instead\n\nUse `selectinload`.\n\n## Known limits\n\nNone.")
    assert error["defaultConfiguration"] == {"enabled": True, "level": "error"}
    assert error["properties"] == {
        "precision": "very-high",
        "problem.severity": "error",
        "tags": ["orm", "sqlalchemy"],
    }
    assert warning["defaultConfiguration"]["level"] == "warning"
    assert warning["properties"]["precision"] == "high"


def test_long_pages_are_cut_in_descriptions_and_whole_in_help() -> None:
    why = "word " * 1_000
    (described,) = run_of(rules={LAZY: rule(why=why)})["tool"]["driver"]["rules"]
    assert described["fullDescription"]["text"].endswith("word ...")
    assert why.strip() in described["help"]["markdown"]


def test_findings_of_a_rule_that_is_not_loaded() -> None:
    run = run_of(finding(rule="mine/own-rule"), rules={})
    assert run["tool"]["driver"]["rules"][0]["name"] == "MineOwnRule"


@pytest.mark.parametrize("severity", ["error", "warning", "note"])
def test_level_is_always_written(severity: str) -> None:
    (result,) = run_of(finding(severity=severity))["results"]
    assert result["level"] == severity


def test_serialiser_keeps_what_changes_meaning_and_drops_other_defaults() -> None:
    assert plain(om.Result(message=om.Message(text="x"), level="warning")) == {
        "message": {"text": "x"},
        "kind": "fail",
        "level": "warning",
    }
    assert plain(om.ReportingConfiguration()) == {"enabled": True, "level": "warning"}
    assert plain(om.Notification(message=om.Message(text="x"))) == {"message": {"text": "x"}, "level": "warning"}
    assert plain(om.Run(tool=None, results=[])) == {"results": []}
    assert plain(om.ArtifactLocation(index=0)) == {"index": 0}


def test_serialiser_refuses_what_is_no_object_of_the_model() -> None:
    with pytest.raises(ValueError, match="set"):
        plain({1, 2})


def test_same_rule_on_the_same_line_is_one_result() -> None:
    second = finding(column=30, end_column=40, message="`order.lines` is loaded lazily.", related=(MODEL,))
    results = run_of(finding(related=(MODEL,)), second, finding(rule=OTHER), finding(line=42, end_line=42))["results"]
    assert [item["ruleId"] for item in results] == [LAZY, OTHER, LAZY]
    assert results[0]["message"]["text"].endswith(
        "strategy](1). Also on this line: [`order.lines` is loaded lazily](2)."
    )
    assert [item["physicalLocation"]["region"]["startColumn"] for item in results[0]["relatedLocations"]] == [5, 30]


def test_brackets_in_a_phrase_do_not_end_the_link() -> None:
    (result,) = run_of(finding(related=(MODEL._replace(message="`list[Item]` is here"),)))["results"]
    assert "[`list\\[Item\\]` is here](1)" in result["message"]["text"]


def test_more_results_than_are_kept() -> None:
    found = [
        finding(path="a.py", rule=OTHER, severity="note"),
        finding(path="b.py", rule=OTHER, severity="warning"),
        finding(path="c.py", rule=OTHER),
        finding(path="d.py"),
        finding(path="e.py"),
    ]
    run = run_of(*found, max_results=3)
    assert [item["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for item in run["results"]] == [
        "c.py",
        "d.py",
        "e.py",
    ]
    (cut,) = run["invocations"][0]["toolExecutionNotifications"]
    assert cut["message"]["text"].startswith("2 of 5 results are left out")
    (only,) = run_of(*found, max_results=1)["results"]
    assert only["ruleId"] == LAZY, "of equal severity the more precise rule is kept"


def test_limits_by_default_and_lifted() -> None:
    found = [finding(line=line, end_line=line, path=f"app/m{line % 50}.py") for line in range(1, 5_102)]
    text = written(report(*found))
    assert len(json.loads(text)["runs"][0]["results"]) == 5_000
    assert len(gzip.compress(text.encode())) < 2_000_000
    assert len(json.loads(written(report(*found), max_results=0))["runs"][0]["results"]) == 5_101


def test_suppressed_findings_only_when_asked_for() -> None:
    what = report(finding(), suppressed=(finding(path="app/a.py", suppressed="reviewed"), finding(suppressed="")))
    assert len(accepted(written(what))["results"]) == 1
    first, second, third = accepted(written(what, include_suppressed=True))["results"]
    assert first["suppressions"] == [{"kind": "inSource", "justification": "reviewed"}]
    assert "suppressions" not in second
    assert third["suppressions"] == [{"kind": "inSource"}]


def test_notices_are_notifications() -> None:
    notices = (Notice("The file is too large", "app/big.py"), Notice("No endpoint was found."))
    (invocation,) = accepted(written(report(notices=notices)))["invocations"]
    assert invocation["executionSuccessful"] is True
    first, second = invocation["toolExecutionNotifications"]
    assert first["message"]["text"] == "The file is too large."
    assert first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "app/big.py"
    assert second == {"message": {"text": "No endpoint was found."}, "level": "warning"}


def test_category_only_when_asked_for() -> None:
    assert "automationDetails" not in run_of()
    assert run_of(category="backend")["automationDetails"] == {"id": "backend/"}


def test_paths_are_percent_encoded() -> None:
    for path, uri in {
        "a b/ü.py": "a%20b/%C3%BC.py",
        "c:d#?.py": "c%3Ad%23%3F.py",
        "caf\udce9.py": "caf%E9.py",
        "\ud800.py": "%EF%BF%BD.py",
    }.items():
        (result,) = run_of(finding(path=path))["results"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_file_that_cannot_be_read_still_has_a_key() -> None:
    (result,) = run_of(finding(line_hash="", source=()))["results"]
    assert result["partialFingerprints"]["primaryLocationLineHash"] == "0123456789abcdef"


def test_span_of_several_lines_has_its_text() -> None:
    (result,) = run_of(finding(end_line=42, end_column=6, source=("    return order", "    .items")))["results"]
    assert result["locations"][0]["physicalLocation"]["region"]["snippet"] == {"text": "order\n    ."}


TEXT = st.text(st.characters() | st.sampled_from("\ud800\udc80[]\\(){}%.\x1b\n"), min_size=1, max_size=20)


@settings(max_examples=40)
@given(TEXT, TEXT, TEXT)
def test_any_text_gives_a_valid_log(message: str, source: str, phrase: str) -> None:
    text = written(report(finding(message=message, source=(source,), related=(MODEL._replace(message=phrase),))))
    assert text.isascii()
    accepted(text)
    json.dumps(json.loads(text), ensure_ascii=False).encode("utf-8")


def test_library_is_loaded_for_sarif_only() -> None:
    script = (
        "import io, sys\n"
        "from tests.reports import full, report\n"
        "from cdlint import formats\n"
        "from cdlint.formats.style import Style\n"
        "what, plain, options = report(full()), Style(), formats.SarifOptions()\n"
        "for name in formats.FORMATS:\n"
        "    formats.write(what, name, io.StringIO(), style=plain, rules={}, sarif=options)\n"
        "    print(name, 'sarif_om' in sys.modules, 'jschema_to_python' in sys.modules)\n"
        "    sys.modules.pop('sarif_om', None)\n"
    )
    path = [*sys.path]
    out = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:] = {path!r}\n{script}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    loaded = {name: sarif for name, sarif, other in map(str.split, out.splitlines()) if other == "False"}
    assert loaded == {"text": "False", "concise": "False", "json": "False", "sarif": "True", "github": "False"}
