"""The language server, driven over its streams as an editor does."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .editor import WATCHING, Editor

EXAMPLE = Path(__file__).parent.parent / "fixtures" / "example"
UNDEFINED = "structure/undefined-name"
UNRESOLVED = "structure/unresolved-first-party-name"
UNKNOWN_MODULE = "structure/unresolved-first-party-module"
SYNTAX = "structure/syntax-error"
IDLE = "structure/unused-suppression"

SHOP = "def price():\n    return 1\n"
ORDERS = "from shop.prices import price\n\ntotal = price()\n"
WRONG = "total = undefined_thing\n"
WORSE = "total = undefined_thing\nprint(another_thing)\n"


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Editor]:
    started = Editor(tmp_path / "cache")
    yield started
    started.process.kill()
    started.process.wait()


def repository(root: Path, **settings: str) -> Path:
    """A tiny project: `orders` takes a name from `prices`; `broken` has a finding."""
    package = root / "shop"
    package.mkdir(parents=True)
    (root / ".git").mkdir()
    (package / "__init__.py").touch()
    (package / "prices.py").write_text(SHOP)
    (package / "orders.py").write_text(ORDERS)
    (package / "broken.py").write_text(WRONG)
    return root


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return repository(tmp_path / "project")


def checked(root: Path) -> list[tuple[Any, ...]]:
    """What the command line finds."""
    command = [sys.executable, "-m", "cdlint", "check", str(root), "--no-cache", "--output-format", "json"]
    done = subprocess.run(command, capture_output=True, check=False, cwd=root)
    found = json.loads(done.stdout)["diagnostics"]
    names = ("line", "column", "end_line", "end_column")
    return sorted((f"{root}/{each['path']}", each["rule"], *(each[name] for name in names)) for each in found)


class TestDiagnostics:
    def test_they_come_when_a_file_is_opened_for_the_whole_project(self, editor: Editor, project: Path) -> None:
        editor.start(project)
        editor.open(project / "shop" / "orders.py")
        editor.sees(project / "shop" / "broken.py", UNDEFINED)
        (finding,) = editor.diagnostics[(project / "shop" / "broken.py").as_uri()]
        assert finding["range"] == {"start": {"line": 0, "character": 8}, "end": {"line": 0, "character": 23}}
        assert (finding["source"], finding["severity"]) == ("cdlint", 1)
        assert "undefined_thing" in finding["message"]
        assert finding["data"]["fingerprint"]

    def test_they_follow_a_buffer_that_is_not_saved(self, editor: Editor, project: Path) -> None:
        broken = project / "shop" / "broken.py"
        editor.start(project)
        editor.open(broken)
        editor.sees(broken, UNDEFINED)
        editor.type(broken, "total = 1\n")
        editor.sees(broken)
        assert broken.read_text() == WRONG
        editor.type(broken, "total = 1\n\n\nprint(other_thing)\n")
        editor.sees(broken, UNDEFINED)
        editor.close(broken)
        editor.until(lambda: editor.everything()[0][2] == 1)
        assert editor.everything() == checked(project)

    def test_a_buffer_changes_what_is_said_about_another_file(self, editor: Editor, project: Path) -> None:
        prices, orders = project / "shop" / "prices.py", project / "shop" / "orders.py"
        editor.start(project)
        editor.open(prices)
        editor.sees(project / "shop" / "broken.py", UNDEFINED)
        editor.type(prices, SHOP.replace("price", "cost"))
        editor.sees(orders, UNRESOLVED)
        editor.type(prices, SHOP)
        editor.sees(orders)
        editor.type(prices, SHOP.replace("price", "cost"))
        editor.sees(orders, UNRESOLVED)
        editor.save(prices, SHOP.replace("price", "cost"))
        editor.close(prices)
        editor.open(orders)
        editor.type(orders, "from shop.prices import cost\n")
        editor.sees(orders)

    def test_a_suppression_in_a_buffer_counts(self, editor: Editor, project: Path) -> None:
        broken = project / "shop" / "broken.py"
        editor.start(project)
        editor.open(broken)
        editor.sees(broken, UNDEFINED)
        editor.type(broken, WRONG.replace("\n", f"  # cdlint: ignore[{UNDEFINED}] made by exec\n"))
        editor.sees(broken)
        editor.type(broken, f"total = 1  # cdlint: ignore[{UNDEFINED}] made by exec\n")
        editor.sees(broken, IDLE)

    def test_a_syntax_error_while_typing_costs_no_other_file(self, editor: Editor, project: Path) -> None:
        orders, broken = project / "shop" / "orders.py", project / "shop" / "broken.py"
        editor.start(project)
        editor.open(orders)
        editor.sees(broken, UNDEFINED)
        editor.type(orders, "def half(:\n")
        editor.sees(orders, SYNTAX)
        assert editor.rules(broken) == [UNDEFINED]
        editor.type(orders, ORDERS)
        editor.sees(orders)
        assert editor.rules(broken) == [UNDEFINED]

    def test_only_what_differs_is_sent(self, editor: Editor, project: Path) -> None:
        orders, broken = project / "shop" / "orders.py", project / "shop" / "broken.py"
        editor.start(project)
        editor.open(orders)
        editor.sees(broken, UNDEFINED)
        editor.until(lambda: orders.as_uri() in editor.diagnostics)
        sent = editor.published
        for number in range(20):
            editor.type(orders, f"{ORDERS}x{number} = 1\n")
        editor.type(orders, f"{ORDERS}print(missing)\n")
        editor.sees(orders, UNDEFINED)
        assert editor.published == sent + 1

    def test_a_file_that_is_opened_again_is_told_again(self, editor: Editor, project: Path) -> None:
        broken = project / "shop" / "broken.py"
        editor.start(project)
        editor.open(broken)
        editor.sees(broken, UNDEFINED)
        editor.close(broken)
        editor.diagnostics.clear()
        editor.open(broken)
        editor.sees(broken, UNDEFINED)

    def test_they_equal_those_of_the_command_line(self, editor: Editor, tmp_path: Path) -> None:
        example = Path(shutil.copytree(EXAMPLE, tmp_path / "example", ignore=shutil.ignore_patterns("__pycache__")))
        expected = checked(example)
        assert expected
        editor.start(example)
        editor.open(next(example.rglob("main.py")))
        editor.until(lambda: len(editor.everything()) == len(expected))
        assert editor.everything() == expected


class TestPositions:
    TEXT = '# é\nsay = "🎉🎉"; print(undefined_thing)\n'

    @pytest.mark.parametrize(
        ("encodings", "column"),
        [(None, 20), (["utf-8", "utf-16"], 24), (["utf-32"], 18), (["utf-16", "utf-8"], 20)],
    )
    def test_columns_are_in_the_units_of_the_client(
        self, editor: Editor, project: Path, encodings: list[str] | None, column: int
    ) -> None:
        orders = project / "shop" / "orders.py"
        result = editor.start(project, capabilities={"general": {"positionEncodings": encodings}} if encodings else {})
        assert result["capabilities"]["positionEncoding"] == (encodings or ["utf-16"])[0]
        editor.open(orders, self.TEXT)
        editor.sees(orders, UNDEFINED)
        (finding,) = editor.diagnostics[orders.as_uri()]
        assert finding["range"]["start"] == {"line": 1, "character": column}
        assert finding["range"]["end"] == {"line": 1, "character": column + len("undefined_thing")}

    def test_line_ends_marks_and_encodings(self, editor: Editor, project: Path) -> None:
        latin = project / "shop" / "latin.py"
        latin.write_bytes("# coding: latin-1\nname = 'é'; print(undefined_thing)\n".encode("latin-1"))
        text = latin.read_bytes().decode("latin-1")
        editor.start(project)
        editor.open(latin, text)
        editor.sees(latin, UNDEFINED)
        assert editor.diagnostics[latin.as_uri()][0]["range"]["start"] == {"line": 1, "character": 18}
        editor.type(latin, "\ufeff# form\x0cfeed\r\nname = 1\r\nprint(undefined_thing)\r\n")
        editor.until(lambda: editor.diagnostics[latin.as_uri()][0]["range"]["start"] == {"line": 2, "character": 6})
        editor.type(latin, "# coding: latin-1\nname = '🎉\udc80'\n")
        editor.until(lambda: editor.rules(latin) != [UNDEFINED])
        editor.type(latin, "name = 1\n")
        editor.sees(latin)


class TestDisk:
    def test_watching_is_asked_for_where_it_can_be(self, editor: Editor, project: Path) -> None:
        editor.start(project, capabilities=WATCHING)
        editor.until(lambda: bool(editor.registered))
        assert [each["method"] for each in editor.registered] == ["workspace/didChangeWatchedFiles"]

    def test_files_come_change_and_go(self, editor: Editor, project: Path) -> None:
        prices, orders, new = (project / "shop" / name for name in ("prices.py", "orders.py", "new.py"))
        editor.start(project)
        editor.open(orders)
        editor.sees(project / "shop" / "broken.py", UNDEFINED)
        prices.unlink()
        editor.watched(3, prices)
        editor.sees(orders, UNKNOWN_MODULE)
        prices.write_text(SHOP)
        editor.watched(1, prices)
        editor.sees(orders)
        new.write_text(WRONG)
        editor.watched(1, new)
        editor.sees(new, UNDEFINED)
        new.write_text("total = 1\n")
        editor.watched(2, new)
        editor.sees(new)

    def test_a_folder_that_goes_takes_its_files_along(self, editor: Editor, project: Path) -> None:
        inside = project / "shop" / "more" / "inside.py"
        inside.parent.mkdir()
        inside.write_text(WRONG)
        editor.start(project)
        editor.open(project / "shop" / "orders.py")
        editor.sees(inside, UNDEFINED)
        shutil.rmtree(inside.parent)
        editor.watched(3, inside.parent)
        editor.sees(inside)

    def test_a_save_tells_of_all_that_changed(self, editor: Editor, project: Path) -> None:
        prices, orders = project / "shop" / "prices.py", project / "shop" / "orders.py"
        editor.start(project)
        editor.open(orders)
        editor.sees(project / "shop" / "broken.py", UNDEFINED)
        prices.write_text("cost = 1\n")
        editor.save(orders, ORDERS)
        editor.sees(orders, UNRESOLVED)

    def test_a_buffer_wins_over_its_file(self, editor: Editor, project: Path) -> None:
        broken, orders = project / "shop" / "broken.py", project / "shop" / "orders.py"
        editor.start(project)
        editor.open(broken, "total = 1\n")
        editor.open(orders, WRONG)
        editor.sees(orders, UNDEFINED)
        assert editor.rules(broken) == []
        broken.write_text(WORSE)
        editor.watched(2, broken)
        editor.type(orders, ORDERS)
        editor.sees(orders)
        assert editor.rules(broken) == []
        editor.close(broken)
        editor.sees(broken, UNDEFINED, UNDEFINED)

    def test_a_new_file_counts_before_it_is_saved(self, editor: Editor, project: Path) -> None:
        orders, extra = project / "shop" / "orders.py", project / "shop" / "extra.py"
        editor.start(project)
        editor.open(orders, "from shop.extra import price\n")
        editor.sees(orders, UNKNOWN_MODULE)
        editor.open(extra, SHOP)
        editor.sees(orders)
        editor.close(extra)
        editor.sees(orders, UNKNOWN_MODULE)

    def test_what_git_ignores_is_not_checked_when_opened(self, editor: Editor, project: Path) -> None:
        (project / ".gitignore").write_text("made/\n")
        made, orders = project / "made" / "code.py", project / "shop" / "orders.py"
        made.parent.mkdir()
        made.write_text(WRONG)
        editor.start(project)
        editor.open(made)
        editor.type(made, WORSE)
        editor.open(orders, WRONG)
        editor.sees(orders, UNDEFINED)
        assert editor.rules(made) == []
        (project / ".gitignore").write_text("")
        editor.watched(2, project / ".gitignore")
        editor.sees(made, UNDEFINED, UNDEFINED)

    def test_a_name_through_a_link_is_kept(self, editor: Editor, project: Path, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(project)
        uri = (tmp_path / "link" / "shop" / "broken.py").as_uri()
        editor.start(tmp_path / "link")
        editor.open(project / "shop" / "broken.py", uri=uri)
        editor.sees(project / "shop" / "broken.py", UNDEFINED, uri=uri)
        assert editor.rules(project / "shop" / "broken.py") == []


class TestProjects:
    def test_two_roots(self, editor: Editor, project: Path, tmp_path: Path) -> None:
        other = repository(tmp_path / "other")
        editor.start(project, other)
        editor.open(project / "shop" / "orders.py")
        editor.open(other / "shop" / "prices.py", "cost = 1\n")
        editor.sees(other / "shop" / "orders.py", UNRESOLVED)
        editor.sees(project / "shop" / "broken.py", UNDEFINED)
        editor.sees(other / "shop" / "broken.py", UNDEFINED)
        assert editor.rules(project / "shop" / "orders.py") == []

    def test_a_project_inside_another_speaks_for_itself(self, editor: Editor, project: Path) -> None:
        inner = project / "inner"
        inner.mkdir()
        (inner / "cdlint.toml").write_text(f"ignore = ['{UNDEFINED}']\n")
        (inner / "wrong.py").write_text(WRONG)
        editor.start(project)
        editor.open(project / "shop" / "orders.py")
        editor.sees(inner / "wrong.py", UNDEFINED)
        editor.open(inner / "wrong.py")
        editor.sees(inner / "wrong.py")
        editor.type(project / "shop" / "orders.py", WRONG)
        editor.sees(project / "shop" / "orders.py", UNDEFINED)
        assert editor.rules(inner / "wrong.py") == []
        (inner / "cdlint.toml").unlink()
        editor.watched(3, inner / "cdlint.toml")
        editor.sees(inner / "wrong.py", UNDEFINED)

    def test_a_file_of_no_project_is_not_checked_and_that_is_said(
        self, editor: Editor, project: Path, tmp_path: Path
    ) -> None:
        alone = tmp_path / "alone" / "script.py"
        alone.parent.mkdir()
        alone.write_text(WRONG)
        editor.start(project)
        editor.open(alone)
        editor.notify(
            "textDocument/didOpen",
            {"textDocument": {"uri": "untitled:Untitled-1", "languageId": "python", "version": 1, "text": WRONG}},
        )
        editor.open(project / "shop" / "orders.py")
        editor.sees(project / "shop" / "broken.py", UNDEFINED)
        assert editor.rules(alone) == []
        editor.until(lambda: any("belongs to no project" in message for message in editor.logged))
        assert editor.shown == []

    def test_a_folder_that_the_user_opened_is_a_project(self, editor: Editor, tmp_path: Path) -> None:
        script = tmp_path / "plain" / "tools" / "script.py"
        script.parent.mkdir(parents=True)
        script.write_text(WRONG)
        editor.start(tmp_path / "plain")
        editor.open(script)
        editor.sees(script, UNDEFINED)


class TestConfiguration:
    def test_an_error_is_shown_and_its_cure_is_seen(self, editor: Editor, project: Path) -> None:
        settings, broken = project / "cdlint.toml", project / "shop" / "broken.py"
        settings.write_text("selct = []\n")
        editor.start(project)
        editor.open(broken)
        editor.until(lambda: bool(editor.shown))
        assert "cdlint.toml:1: `selct`: unknown setting; did you mean `select`?" in editor.shown[0]
        editor.type(broken, WORSE)
        settings.write_text("")
        editor.watched(2, settings)
        editor.sees(broken, UNDEFINED, UNDEFINED)
        assert len(editor.shown) == 1

    def test_an_error_later_keeps_the_settings_of_before(self, editor: Editor, project: Path) -> None:
        settings, broken = project / "cdlint.toml", project / "shop" / "broken.py"
        editor.start(project)
        editor.open(broken)
        editor.sees(broken, UNDEFINED)
        editor.save(settings, "[[[")
        editor.until(lambda: bool(editor.shown))
        editor.type(broken, WORSE)
        editor.sees(broken, UNDEFINED, UNDEFINED)
        editor.save(settings, f"ignore = ['{UNDEFINED}']\n")
        editor.sees(broken)
        settings.unlink()
        editor.watched(3, settings)
        editor.sees(broken, UNDEFINED, UNDEFINED)

    def test_packs_of_the_repository_are_not_run(self, editor: Editor, project: Path) -> None:
        (project / "cdlint.toml").write_text("packs = ['tools']\n")
        (project / "tools").mkdir()
        (project / "tools" / "__init__.py").write_text("open('was_run', 'w')\n")
        editor.start(project)
        editor.open(project / "shop" / "broken.py")
        editor.until(lambda: bool(editor.shown))
        assert "whose code is never run unasked" in editor.shown[0]
        assert not list(project.rglob("was_run"))


class TestLeaving:
    def test_as_the_protocol_has_it(self, editor: Editor, project: Path) -> None:
        editor.start(project)
        editor.open(project / "shop" / "broken.py")
        editor.sees(project / "shop" / "broken.py", UNDEFINED)
        assert editor.quit() == (0, "")

    def test_an_exit_without_shutdown_fails(self, editor: Editor, project: Path) -> None:
        editor.start(project)
        editor.notify("exit", None)
        assert editor.end()[0] == 1

    def test_a_client_that_is_gone(self, editor: Editor, project: Path) -> None:
        editor.start(project)
        editor.open(project / "shop" / "broken.py")
        assert "Traceback" not in editor.end()[1]

    def test_an_interrupt(self, editor: Editor, project: Path) -> None:
        editor.start(project)
        editor.process.send_signal(signal.SIGINT)
        assert "Traceback" not in editor.end()[1]

    def test_stdio_is_accepted(self, tmp_path: Path, project: Path) -> None:
        editor = Editor(tmp_path / "cache", "--stdio")
        assert editor.start(project)["serverInfo"]["name"] == "cdlint"
        assert editor.quit() == (0, "")

    def test_the_repository_is_left_as_it_was(self, editor: Editor, project: Path) -> None:
        before = sorted(project.rglob("*"))
        editor.start(project)
        editor.open(project / "shop" / "broken.py")
        editor.sees(project / "shop" / "broken.py", UNDEFINED)
        editor.quit()
        assert sorted(project.rglob("*")) == before
