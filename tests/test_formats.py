"""Text, JSON and workflow commands: exact output, and nothing of a hostile repository that acts on the reader."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdlint.diagnostic import Diagnostic, Notice, Report, Summary
from cdlint.formats import FORMATS, SarifOptions, write
from cdlint.formats.excerpt import Span, excerpt
from cdlint.formats.style import Style, wants_color
from cdlint.formats.text import notices_text, summary_text
from cdlint.rule import Rule

from .reports import LAZY, MODEL, finding, full, report, rule

PLAIN = Style()
HOSTILE = "\x1b]0;owned\x07\r\u202e\u2066\udc80\n::error::x"


def written(what: Report, format: str, style: Style = PLAIN, rules: dict[str, Rule] | None = None) -> str:
    out = io.StringIO()
    write(what, format, out, style=style, rules=rules or {}, sarif=SarifOptions())
    return out.getvalue()


def shown(item: Diagnostic, style: Style = PLAIN) -> list[str]:
    """The lines of the excerpt of a finding."""
    return written(report(item), "text", style).splitlines()[2:-2]


def test_unknown_format() -> None:
    with pytest.raises(ValueError, match="xml"):
        written(report(), "xml")


# Text


def test_text() -> None:
    what = report(
        full(),
        finding(path="app/users.py", line=7, end_line=7, severity="warning", rule="structure/syntax-error", source=()),
        suppressed=(finding(suppressed=""),),
        notices=(Notice("larger than `max-file-size`, not read", "app/big.py"), Notice("no endpoint was found")),
    )
    assert written(what, "text") == (
        f"app/orders.py:41:12 error {LAZY} `order.items` is loaded lazily under an async session.\n"
        "    |\n"
        " 41 |     return order.items\n"
        "    |            ^^^^^^^^^^^\n"
        "    |\n"
        "   --> app/models.py:118:5 `Order.items` is declared without a loading strategy\n"
        "    |\n"
        '118 |     items: Mapped[list["Item"]] = relationship(back_populates="order")\n'
        "    |     -----\n"
        "    |\n"
        "steps:\n"
        "  1. app/api.py:12:5 `read_order` calls `get_order`\n"
        "  2. app/orders.py:40:5 `get_order` runs under `AsyncSession`\n"
        "help: Add `selectinload(Order.items)` to the query in `get_order`.\n"
        "\n"
        "app/users.py:7:12 warning structure/syntax-error `order.items` is loaded lazily under an async session.\n"
        "\n"
        "notice: app/big.py: larger than `max-file-size`, not read\n"
        "notice: no endpoint was found\n"
        "Found 1 error, 1 warning in 412 files (1 suppressed).\n"
    )


def test_concise() -> None:
    assert written(report(full(), full()), "concise") == (
        f"app/orders.py:41:12 error {LAZY} `order.items` is loaded lazily under an async session.\n" * 2
        + "Found 2 errors in 412 files.\n"
    )


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        (Summary(412, 19, 0, 0, 0, 0), "All clear: 412 files, 19 rules, no findings."),
        (Summary(1, 1, 0, 0, 0, 2), "All clear: 1 file, 1 rule, no findings (2 suppressed)."),
        (Summary(412, 19, 3, 1, 0, 0), "Found 3 errors, 1 warning in 412 files."),
        (Summary(1_412, 19, 0, 0, 1, 0), "Found 1 note in 1,412 files."),
        (Summary(0, 19, 0, 0, 0, 0), "Nothing was checked: 0 files, 19 rules."),
        (Summary(3, 0, 0, 0, 0, 0), "Nothing was checked: 3 files, 0 rules."),
    ],
)
def test_summary(summary: Summary, expected: str) -> None:
    assert summary_text(summary) == expected


def test_notices_apart() -> None:
    assert notices_text((Notice("not read", "a.py", 3), Notice("odd")), PLAIN) == (
        "notice: a.py:3: not read\nnotice: odd\n"
    )


def test_tabs_and_wide_characters_keep_marks_below_the_span() -> None:
    item = finding(line=3, end_line=3, column=7, end_column=10, source=("\t变量 = foo",))
    assert shown(item) == ["3 |     变量 = foo", "  |            ^^^", "  |"]


def test_several_lines_are_bracketed() -> None:
    item = finding(line=9, column=5, end_line=11, end_column=6, source=("    call(", "        one,", "    )"))
    assert shown(item) == [
        " 9 | /     call(",
        "10 | |         one,",
        "11 | |     )",
        "   | |_____^",
        "   |",
    ]


def test_bracket_from_the_middle_of_a_line_and_without_its_end() -> None:
    item = finding(
        line=7, column=9, end_line=30, end_column=2, source=("    x = call(", "        one,", "        two,")
    )
    assert shown(item) == [
        "7 |       x = call(",
        "  |  _________^",
        "8 | |         one,",
        "9 | |         two,",
        "  | | ...",
        "  |",
    ]


def test_long_lines_are_cut_around_the_span() -> None:
    line = "x" * 3_000 + "target" + "y" * 3_000
    item = finding(line=1, end_line=1, column=3_001, end_column=3_007, source=(line,))
    text, marks, _ = shown(item, Style(width=60))
    assert len(text) <= 60
    assert text.startswith("1 | ...x")
    assert text.endswith("y...")
    assert text[marks.index("^") : marks.rindex("^") + 1] == "target"


def test_evidence_over_several_lines_marks_the_first() -> None:
    item = finding(related=(MODEL._replace(line=3, column=1, end_line=9, end_column=2, source="class Order:"),))
    assert "   |\n 3 | class Order:\n   | ------------\n   |\n" in written(report(item), "text")


def test_evidence_that_cannot_be_shown_keeps_its_message() -> None:
    lines = written(report(finding(related=(MODEL._replace(source=""),))), "text").splitlines()
    assert lines[5] == "  --> app/models.py:118:5 `Order.items` is declared without a loading strategy"
    assert lines[6] == ""


def columns(text: str) -> int:
    return sum(
        0 if unicodedata.category(char) in ("Mn", "Me") else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


LINE = st.text(st.characters(exclude_characters="\r\n") | st.sampled_from("\t变\u0301\ud800\x1b a"), max_size=200)


@given(LINE, st.integers(1, 220), st.integers(0, 220), st.integers(0, 200))
def test_any_line_fits_and_is_printable(line: str, column: int, length: int, width: int) -> None:
    text, marks = excerpt((line,), Span(5, column, 5, column + length), "^", width)
    assert (text.text + marks.text + marks.marks).isprintable()
    assert columns(f"5 | {text.text}") <= max(width or 140, 40)
    assert len(f"5 | {marks.text}{marks.marks}") <= max(width or 140, 40)
    assert marks.marks
    assert marks.marks == "^" * len(marks.marks)


@given(st.lists(LINE, min_size=2, max_size=3), st.integers(1, 220), st.integers(1, 220), st.integers(0, 2))
def test_any_lines_are_printable(lines: list[str], column: int, end: int, more: int) -> None:
    for line in excerpt(lines, Span(5, column, 4 + len(lines) + more, end), "^", 80):
        assert (line.text + line.marks).isprintable()
        assert columns(line.text + line.marks) <= 80


# Hostile repositories


def hostile() -> Report:
    place = MODEL._replace(path=HOSTILE, message=HOSTILE, source=HOSTILE.replace("\n", ""))
    item = finding(
        path=HOSTILE,
        message=HOSTILE,
        cure=HOSTILE,
        source=(HOSTILE.replace("\n", ""),),
        related=(place,),
        chain=(place,),
        suppressed=None,
    )
    return report(item, notices=(Notice(HOSTILE, HOSTILE),))


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_hostile_is_printed(format: str) -> None:
    text = written(hostile(), format)
    assert text.replace("\n", "").isprintable()
    assert not any(line.startswith("::error::") for line in text.splitlines())
    text.encode("utf-8")


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_any_encoding_of_the_stream_will_do(format: str, encoding: str) -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding=encoding, errors="strict")
    what = report(finding(message="变 ü \udc80", source=("变 ü \udc80",), path="ü.py"), notices=(Notice("变"),))
    write(what, format, out, style=PLAIN, rules={}, sarif=SarifOptions())
    out.flush()
    assert raw.getvalue()


# Colour and links


def test_colour_changes_nothing_but_colour() -> None:
    style = Style(color=True, hyperlinks=True, root="/srv/shop")
    what = report(full(), finding(severity="note"), notices=(Notice("odd", "a.py"),))
    text = written(what, "text", style, {LAZY: rule()})
    assert "\x1b[1;31merror\x1b[0m" in text
    assert re.sub(r"\x1b\[[\d;]*m|\x1b\]8;;.*?\x1b\\", "", text) == written(what, "text")


def test_links_lead_to_the_file_and_to_the_rule() -> None:
    style = Style(hyperlinks=True, root=os.path.abspath("/srv/my shop"))
    text = written(report(finding()), "concise", style, {LAZY: rule()})
    assert "/srv/my%20shop/app/orders.py\x1b\\app/orders.py:41:12\x1b]8;;\x1b\\" in text
    assert f"reports.py\x1b\\{LAZY}\x1b]8;;\x1b\\" in text


@pytest.mark.parametrize("format", ["json", "sarif", "github"])
def test_machine_formats_are_never_coloured(format: str) -> None:
    assert "\x1b" not in written(report(full()), format, Style(color=True, hyperlinks=True, root="/srv"))


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("choice", "environ", "terminal", "expected"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "0"}, False, False),
        ("auto", {"CLICOLOR_FORCE": "1"}, False, True),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_wants_color(choice: Any, environ: dict[str, str], terminal: bool, expected: bool) -> None:
    stream = _Terminal() if terminal else io.StringIO()
    assert wants_color(stream, choice, environ) is expected


# JSON


def test_json() -> None:
    what = report(full(), suppressed=(finding(suppressed="reviewed"),), notices=(Notice("not read", "a.py", 3),))
    text = written(what, "json")
    assert text.endswith("}\n")
    log = json.loads(text)
    (item,) = log["diagnostics"]
    related, chain = item.pop("related"), item.pop("chain")
    assert item == {
        "rule": LAZY,
        "severity": "error",
        "message": "`order.items` is loaded lazily under an async session.",
        "path": "app/orders.py",
        "line": 41,
        "column": 12,
        "end_line": 41,
        "end_column": 23,
        "cure": "Add `selectinload(Order.items)` to the query in `get_order`.",
        "fingerprint": "0123456789abcdef",
        "fix": None,
    }
    assert related == [
        {
            "path": "app/models.py",
            "line": 118,
            "column": 5,
            "end_line": 118,
            "end_column": 10,
            "message": "`Order.items` is declared without a loading strategy",
        }
    ]
    assert [step["path"] for step in chain] == ["app/api.py", "app/orders.py"]
    assert [item["reason"] for item in log["suppressed"]] == ["reviewed"]
    assert log["notices"] == [{"message": "not read", "path": "a.py", "line": 3}]
    assert log["summary"] == {"files": 412, "rules": 19, "errors": 1, "warnings": 0, "notes": 0, "suppressed": 1}


def test_json_of_nothing() -> None:
    log = json.loads(written(report(), "json"))
    assert (log["diagnostics"], log["notices"], log["suppressed"]) == ([], [], [])


@given(st.text(st.characters() | st.sampled_from("\ud800\udc80")))
def test_json_of_any_text_is_unicode(text: str) -> None:
    log = json.loads(written(report(finding(message=text)), "json"))
    json.dumps(log, ensure_ascii=False).encode("utf-8")


# Workflow commands


def test_github() -> None:
    what = report(
        full(),
        finding(severity="note", end_line=43, path="a,b:c%.py", message="50 %\nof it"),
        notices=(Notice("not read", "a.py", 3),),
    )
    assert written(what, "github") == (
        f"::error file=app/orders.py,line=41,endLine=41,col=12,endColumn=23,title={LAZY}::"
        "`order.items` is loaded lazily under an async session."
        "%0Aapp/models.py:118:5 `Order.items` is declared without a loading strategy"
        "%0A1. app/api.py:12:5 `read_order` calls `get_order`"
        "%0A2. app/orders.py:40:5 `get_order` runs under `AsyncSession`"
        "%0Ahelp: Add `selectinload(Order.items)` to the query in `get_order`.\n"
        f"::notice file=a%2Cb%3Ac%25.py,line=41,endLine=43,title={LAZY}::50 %25%0Aof it\n"
        "::notice title=cdlint,file=a.py,line=3::not read\n"
    )


# All


@pytest.mark.parametrize("format", FORMATS)
def test_bytes_do_not_depend_on_the_hash_seed(format: str) -> None:
    script = (
        f"import sys; sys.path[:] = {sys.path!r}\n"
        "from tests.reports import full, finding, report, rule, LAZY\n"
        "from cdlint import formats\n"
        "from cdlint.formats.style import Style\n"
        "what = report(full(), finding(rule='b/c'), finding(rule='b/a'))\n"
        f"formats.write(what, {format!r}, sys.stdout, style=Style(), rules={{LAZY: rule()}}, "
        "sarif=formats.SarifOptions())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, check=True, env={**os.environ, "PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
