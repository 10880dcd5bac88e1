"""The command line: options, exit statuses, streams, and that it never ends in a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cdlint import __version__
from cdlint.cli import main as door
from cdlint.diagnostic import Diagnostic, Notice, Report, Summary
from cdlint.packs import Packs
from cdlint.rule import Rule, rule

RULE_ID = "flask/thing-wrong"


def finding(severity: str = "warning", message: str = "`x` is wrong.") -> Diagnostic:
    return Diagnostic(RULE_ID, severity, message, "app/a.py", 1, 1, 1, 2, ("x",), (), (), "", "f", "h", None)


def report(*findings: Diagnostic, files: int = 3, notices: tuple[Notice, ...] = ()) -> Report:
    counts = [sum(each.severity == severity for each in findings) for severity in ("error", "warning", "note")]
    return Report(findings, (), notices, Summary(files, 5, *counts, 0))


class Engine:
    """Stands for a session: gives the report it is told, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answer: Report | BaseException = report()
        self.root = ""
        self.config: Any = None
        self.options: dict[str, Any] = {}

    def check(self, config: Any, **options: Any) -> Report:
        self.root, self.config, self.options = config.root, config, options
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    standing = Engine()
    module = ModuleType("cdlint.check")
    module.check = standing.check  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "cdlint.check", module)
    return standing


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    (root / "app").mkdir(parents=True)
    (root / "docs").mkdir()
    (root / ".git").mkdir()
    (root / "app" / "a.py").write_text("x\n")
    (root / "app" / "b.py").write_text("y\n")
    for name in [name for name in os.environ if name.startswith("CDLINT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def rules(monkeypatch: pytest.MonkeyPatch) -> dict[str, Rule]:
    module = ModuleType("packs.flask.thing_wrong", "A thing is wrong.\n\n## Why\nBecause of `x`.\n\n## Instead\nMend.")

    def check(project: Any, item: Any) -> Iterator[Any]:
        yield from ()

    monkeypatch.setitem(sys.modules, module.__name__, module)
    check.__module__ = module.__name__
    made = rule(of=lambda project: (), severity="warning", constraint="wiring", options={"depth": 3})(check)
    found = {made.id: made}
    monkeypatch.setattr("cdlint.packs.load", lambda extra=(): Packs(found, {}, ()))
    return found


Run = Callable[..., Result]


@pytest.fixture
def run(project: Path) -> Run:
    def invoke(*arguments: str, **options: Any) -> Result:
        result = CliRunner().invoke(door.cli, list(arguments), prog_name="cdlint", **options)
        assert "Traceback" not in result.output
        return result

    return invoke


def process(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cdlint", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **options)


class TestExitStatus:
    @pytest.mark.parametrize(
        ("findings", "arguments", "status"),
        [
            ([], [], 0),
            ([finding("warning")], [], 1),
            ([finding("error"), finding("note")], [], 1),
            ([finding("note")], [], 0),
            ([finding("error")], ["--exit-zero"], 0),
        ],
    )
    def test_check(
        self, run: Run, engine: Engine, findings: list[Diagnostic], arguments: list[str], status: int
    ) -> None:
        engine.answer = report(*findings)
        assert run("check", *arguments).exit_code == status

    def test_nothing_to_check(self, run: Run, engine: Engine) -> None:
        engine.answer = report(files=0)
        result = run("check")
        assert (result.exit_code, "no Python file to check" in result.stderr) == (2, True)

    def test_a_folder_without_python(self, run: Run, engine: Engine) -> None:
        result = run("check", "docs")
        assert (result.exit_code, result.stderr) == (2, "cdlint: no Python file to check in `docs`\n")

    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            (["check", "nowhere"], "there is no file or folder `nowhere`"),
            (["check", "--outptu-format", "json"], "--output-format"),
            (["check", "--output-format", "jsn"], "'jsn' is not one of"),
            (["check", "-j", "0"], "Invalid value for '-j'"),
            (["check", "--config", "none.toml"], "none.toml: cannot be read"),
            (["check", "--config", "cdlint.toml", "--isolated"], "exclude each other"),
            (["check", "--exclude", "["], "--exclude: `[` has a `[` without `]`"),
            (["check", "--per-file-ignores", "tests"], "must be a pattern and a rule"),
            (["check", "-"], "`-` needs `--stdin-filename`"),
            (["check", "-", "app", "--stdin-filename", "x.py"], "must be the only path"),
            (["check", "app", "--stdin-filename", "x.py"], "the only path may be `-`"),
            (["check", "--stdin-filename", "app"], "is a folder"),
            (["chekc"], "no such command `chekc`; did you mean `check`?"),
            (["app"], "no such command `app`; a path goes after `check`"),
            (["rule", "flask/thing-wrng"], "there is no rule `flask/thing-wrng`; did you mean `flask/thing-wrong`?"),
            (["config", "show", "nowhere"], "there is no file or folder `nowhere`"),
            (["completion", "tcsh"], "'tcsh' is not one of"),
        ],
    )
    def test_job_that_cannot_be_done(
        self, run: Run, engine: Engine, rules: dict[str, Rule], arguments: list[str], expected: str
    ) -> None:
        result = run(*arguments)
        assert result.exit_code == 2
        assert expected in result.stderr
        assert result.stdout == ""

    def test_broken_configuration(self, run: Run, engine: Engine, project: Path) -> None:
        (project / "pyproject.toml").write_text("[tool.cdlint]\nselct = []\n")
        result = run("check")
        assert result.exit_code == 2
        message = "pyproject.toml:2: `tool.cdlint.selct`: unknown setting; did you mean `select`?"
        assert result.stderr == f"cdlint: {message}\n"

    def test_internal_error_is_one_line(
        self, run: Run, engine: Engine, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        engine.answer = KeyError("gone")
        result = run("check")
        assert result.exit_code == 2
        assert result.stderr.startswith("cdlint: internal error: KeyError: 'gone'")
        assert "CDLINT_DEBUG=1" in result.stderr
        monkeypatch.setenv("CDLINT_DEBUG", "1")
        result = CliRunner().invoke(door.cli, ["check"])
        assert (result.exit_code, "Traceback" in result.stderr) == (2, True)

    def test_interrupted(self, run: Run, engine: Engine) -> None:
        engine.answer = KeyboardInterrupt()
        result = run("check")
        assert (result.exit_code, result.stderr) == (130, "cdlint: interrupted\n")

    def test_packs_of_the_repository_are_not_run(self, run: Run, engine: Engine, project: Path) -> None:
        (project / "cdlint.toml").write_text("packs = ['tools']")
        result = run("check")
        assert (result.exit_code, "whose code is never run unasked" in result.stderr) == (2, True)
        assert engine.root == "", "the engine was never asked"
        assert run("check", "--config", "cdlint.toml").exit_code == 0
        assert engine.config.packs == (str(project / "tools"),)


class TestTarget:
    def test_whole_project(self, run: Run, engine: Engine, project: Path) -> None:
        run("check")
        assert (engine.root, engine.options["only"], engine.options["overlay"]) == (str(project), None, {})

    def test_paths_narrow_what_is_reported(self, run: Run, engine: Engine, project: Path) -> None:
        assert run("check", "app/b.py", "app/a.py", "app/a.py").exit_code == 0
        assert (engine.root, engine.options["only"]) == (str(project), ("app/a.py", "app/b.py"))
        run("check", ".", "app")
        assert engine.options["only"] is None

    def test_named_files_that_are_excluded(self, run: Run, engine: Engine, project: Path) -> None:
        (project / "README.md").write_text("")
        result = run("check", "app/a.py", "app/b.py", "README.md", "--extend-exclude", "b.py")
        assert result.exit_code == 0
        why = "not checked: excluded, ignored by git, or no Python file"
        assert result.stderr == f"notice: README.md: {why}\nnotice: app/b.py: {why}\n"

    def test_a_symbolic_link_is_what_it_points_to(self, run: Run, engine: Engine, project: Path) -> None:
        (project / "link").symlink_to(project / "app")
        run("check", "link")
        assert engine.options["only"] == ("app",)

    def test_several_projects(self, run: Run, engine: Engine, project: Path) -> None:
        (project / "app" / "cdlint.toml").write_text("")
        result = run("check", "app", "docs")
        assert result.exit_code == 2
        assert "`app` belongs to the project `app`, other paths to `.`" in result.stderr
        run("check", "app")
        assert engine.root == str(project / "app")

    def test_folders_without_any_sign_share_the_folder_above(self, run: Run, engine: Engine, project: Path) -> None:
        (project / ".git").rmdir()
        (project / "lib").mkdir()
        (project / "lib" / "c.py").write_text("")
        assert run("check", "app", "lib").exit_code == 0
        assert (engine.root, engine.options["only"]) == (str(project), ("app", "lib"))

    def test_standard_input(self, run: Run, engine: Engine) -> None:
        run("check", "-", "--stdin-filename", "app/new.py", input="import os\n")
        assert engine.options["only"] == ("app/new.py",)
        assert engine.options["overlay"] == {"app/new.py": b"import os\n"}


class TestOptions:
    def test_settings(self, run: Run, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CDLINT_EXTEND_EXCLUDE", "a b,c")
        monkeypatch.setenv("CDLINT_RESPECT_GITIGNORE", "false")
        run("check", "--select", "flask,structure", "--select", "ALL", "--per-file-ignores", "tests/*:flask/x-y,b:ALL")
        config = engine.config
        assert config.select == ("flask", "structure", "ALL")
        assert config.per_file_ignores == (("tests/*", ("flask/x-y",)), ("b", ("ALL",)))
        assert config.extend_exclude == ("a b", "c")
        assert config.respect_gitignore is False
        assert config.origin("extend-exclude") == "environment CDLINT_EXTEND_EXCLUDE"
        assert config.origin("select") == "flag --select"

    def test_flag_over_variable_over_file(
        self, run: Run, engine: Engine, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (project / "cdlint.toml").write_text("output-format = 'sarif'")
        run("check", "--show-files")
        monkeypatch.setenv("CDLINT_OUTPUT_FORMAT", "json")
        assert json.loads(run("check").stdout)["diagnostics"] == []
        assert run("check", "--output-format", "text").stdout.startswith("All clear")

    def test_cache_and_jobs(self, run: Run, engine: Engine, tmp_path: Path) -> None:
        run("check", "--no-cache", "-j", "3")
        assert (engine.options["cache"], engine.options["jobs"]) == (None, 3)
        run("check", "--cache-dir", str(tmp_path / "kept"))
        assert engine.options["cache"] is not None
        assert run("check", "--cache-dir", ".").exit_code == 2, "a cache inside the repository"

    def test_force_exclude_is_accepted(self, run: Run, engine: Engine) -> None:
        assert run("check", "--force-exclude", "app/a.py").exit_code == 0

    def test_show_files(self, run: Run) -> None:
        assert run("check", "--show-files").stdout.split() == ["app/a.py", "app/b.py"]
        assert run("check", "--show-files", "app/a.py").stdout.split() == ["app/a.py"]
        assert run("check", "--show-files", "--exclude", "b.py").stdout.split() == ["app/a.py"]

    def test_show_settings(self, run: Run, rules: dict[str, Rule]) -> None:
        assert 'ignore = ["flask"]  # flag --ignore\n' in run("check", "--show-settings", "--ignore", "flask").stdout


class TestOutput:
    def test_findings_on_stdout_notices_on_stderr(self, run: Run, engine: Engine) -> None:
        engine.answer = report(finding(), notices=(Notice("it is too big", "app/b.py"),))
        result = run("check")
        assert "app/a.py:1:1 warning flask/thing-wrong `x` is wrong." in result.stdout
        assert "too big" not in result.stdout
        assert result.stderr == "notice: app/b.py: it is too big\n"
        assert run("check", "-q").stderr == ""
        result = run("check", "--output-format", "json")
        assert json.loads(result.stdout)["notices"][0]["path"] == "app/b.py"
        assert "too big" in result.stderr

    def test_quiet_says_nothing_when_clean(self, run: Run, engine: Engine) -> None:
        result = run("check", "-q")
        assert (result.stdout, result.stderr) == ("", "")

    def test_files(self, run: Run, engine: Engine, project: Path, rules: dict[str, Rule]) -> None:
        engine.answer = report(finding())
        result = run("check", "-o", "out/plain.txt", "-o", "json:out/a.json", "-o", "sarif:out/a.sarif", "-o", "json:-")
        assert "is wrong" in (project / "out" / "plain.txt").read_text()
        written = (project / "out" / "a.json").read_text()
        assert json.loads(written)["diagnostics"][0]["rule"] == RULE_ID
        assert json.loads((project / "out" / "a.sarif").read_text())["version"] == "2.1.0"
        assert result.stdout == written

    @pytest.mark.parametrize("place", ["app", "json:app/a.py/x"])
    def test_file_that_cannot_be_written(self, run: Run, engine: Engine, place: str) -> None:
        result = run("check", "-o", place)
        assert (result.exit_code, "cannot be written" in result.stderr) == (2, True)

    def test_statistics(self, run: Run, engine: Engine) -> None:
        engine.answer = report(finding(), finding(), finding("error"))
        assert run("check", "--statistics").stdout == f"2  warning  {RULE_ID}\n1  error    {RULE_ID}\n"
        counts = json.loads(run("check", "--statistics", "--output-format", "json").stdout)
        assert counts[0] == {"rule": RULE_ID, "severity": "warning", "count": 2}

    def test_verbose_tells_on_stderr(self, run: Run, engine: Engine) -> None:
        result = run("check", "-v")
        assert "3 files, 5 rules" in result.stderr
        assert " s of CPU" in result.stderr

    def test_color(self, run: Run, engine: Engine) -> None:
        engine.answer = report(finding())
        assert "\x1b[" not in run("check", "--color", "auto", color=True).stdout
        assert "\x1b[" in run("check", "--color", "always", color=True).stdout
        assert "\x1b[" not in run("check", "--color", "always", "--output-format", "json", color=True).stdout

    def test_sarif_options(self, run: Run, engine: Engine, rules: dict[str, Rule]) -> None:
        engine.answer = report(finding())
        log = json.loads(run("check", "--output-format", "sarif", "--sarif-category", "back").stdout)
        assert log["runs"][0]["automationDetails"]["id"].startswith("back")


class TestOtherCommands:
    def test_rules(self, run: Run, rules: dict[str, Rule]) -> None:
        assert run("rule").stdout == f"{RULE_ID}  warning  A thing is wrong.\n"
        page = run("rule", RULE_ID).stdout
        assert page.startswith(f"# {RULE_ID}\n\nA thing is wrong.\n")
        assert "## Why\nBecause of `x`.\n" in page
        assert "- `depth`, by default `3`" in page
        assert "\x1b[" in run("rule", RULE_ID, "--color", "always", color=True).stdout
        one = json.loads(run("rule", RULE_ID, "--output-format", "json").stdout)
        assert json.loads(run("rule", "--output-format", "json").stdout) == [one]
        assert one["sections"] == {"Why": "Because of `x`.", "Instead": "Mend."}

    def test_config_show(self, run: Run, rules: dict[str, Rule], project: Path) -> None:
        import tomli

        (project / "cdlint.toml").write_text("ignore = ['flask']\n[rules.'flask/thing-wrong']\ndepth = 4\n")
        shown = run("config", "show", "app", "--select", "ALL").stdout
        assert 'select = ["ALL"]  # flag --select\n' in shown
        assert "# default" in shown
        plain = tomli.loads(run("config", "show").stdout)
        assert plain["ignore"] == ["flask"]
        assert plain["rules"] == {"flask/thing-wrong": {"depth": 4}}
        described = json.loads(run("config", "show", "--output-format", "json").stdout)["settings"]
        assert described["ignore"] == {"value": ["flask"], "from": "cdlint.toml:1"}
        assert described["select"] == {"value": None, "from": "default"}

    def test_config_check(self, run: Run, rules: dict[str, Rule], project: Path) -> None:
        assert run("config", "check").stdout == "There is no configuration file; defaults hold.\n"
        (project / "cdlint.toml").write_text("ignore = ['flask']")
        assert run("config", "check").stdout == "cdlint.toml is valid.\n"
        (project / "cdlint.toml").write_text("ignore = ['flsk']")
        result = run("config", "check")
        assert result.exit_code == 2
        assert "cdlint.toml:1: `ignore`: no rule matches `flsk`; did you mean `flask`?" in result.stderr

    def test_config_schema(self, run: Run, rules: dict[str, Rule]) -> None:
        described = json.loads(run("config", "schema").stdout)
        assert RULE_ID in described["properties"]["rules"]["properties"]

    def test_server_without_its_library(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        class Missing(ModuleType):
            def __getattr__(self, name: str) -> Any:
                raise ModuleNotFoundError("No module named 'pygls'", name="pygls.lsp")

        monkeypatch.setitem(sys.modules, "cdlint.lsp", Missing("cdlint.lsp"))
        result = run("server", "--stdio")
        assert (result.exit_code, "install `cdlint[server]`" in result.stderr) == (2, True)

    def test_server(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        served = []
        module = ModuleType("cdlint.lsp")
        module.serve = lambda: served.append(True)  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "cdlint.lsp", module)
        assert run("server", "--stdio").exit_code == 0
        assert served

    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_completion(self, run: Run, shell: str) -> None:
        assert "_CDLINT_COMPLETE" in run("completion", shell).stdout

    def test_clean(self, run: Run, tmp_path: Path) -> None:
        from cdlint.cache import Cache

        cache = Cache(os.getcwd(), str(tmp_path / "kept"))
        cache.save_report(b"key", ("plain",))
        assert cache.load_report(b"key") == ("plain",)
        assert run("clean", "app", "--cache-dir", str(tmp_path / "kept")).exit_code == 0
        assert cache.load_report(b"key") is None

    def test_version(self, run: Run) -> None:
        assert run("version").stdout == run("--version").stdout == f"cdlint {__version__}\n"

    @pytest.mark.parametrize(
        "command", [[], ["check"], ["rule"], ["config"], ["config", "show"], ["inspect"], ["inspect", "imports"],
                    ["server"], ["clean"], ["completion"], ["version"]],
    )  # fmt: skip
    def test_help(self, run: Run, command: list[str]) -> None:
        assert run(*command, "--help").stdout == run(*command, "-h").stdout


class TestProcess:
    """What only a process of its own shows."""

    def test_version_imports_next_to_nothing(self) -> None:
        code = (
            "import sys; sys.argv = ['cdlint', '--version']; from cdlint.__main__ import main; status = main();"
            "heavy = {'click', 'argparse', 'tomli', 'dataclasses', 're', 'json', 'cdlint.cli'} & set(sys.modules);"
            "sys.exit(str(heavy) if heavy or status else 0)"
        )
        done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=False,
                              env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)})  # fmt: skip
        assert (done.returncode, done.stdout, done.stderr) == (0, f"cdlint {__version__}\n", "")

    def test_nothing_of_the_checked_folder_is_imported(self, project: Path) -> None:
        for name in ("click", "tomli", "json", "rich"):
            (project / f"{name}.py").write_text("raise SystemExit('the code of the repository was run')\n")
        done = process("check", "--show-files", cwd=project)
        assert (done.returncode, "app/a.py" in done.stdout, done.stderr) == (0, True, "")

    @pytest.mark.parametrize("unbuffered", ["", "1"])
    def test_closed_pipe_ends_quietly(self, project: Path, unbuffered: str) -> None:
        command = [sys.executable, "-m", "cdlint", "config", "schema"]
        reading, writing = os.pipe()
        os.close(reading)
        environ = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
        done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, cwd=project, env=environ, check=False)
        os.close(writing)
        assert (done.returncode, done.stderr) == (141, b"")

    def test_output_that_cannot_be_written(self, project: Path) -> None:
        if not os.path.exists("/dev/full"):
            return
        for command in (["config", "schema"], ["check", "--show-files"], ["check", "--no-cache"]):
            with open("/dev/full", "w") as full:
                done = subprocess.run(
                    [sys.executable, "-m", "cdlint", *command],
                    stdout=full,
                    stderr=subprocess.PIPE,
                    text=True,
                    cwd=project,
                    check=False,
                )
            assert done.returncode == 2
            assert "cannot" in done.stderr
            assert done.stderr.count("\n") == 1

    def test_narrow_encoding(self, project: Path) -> None:
        (project / "app" / "größe_名.py").write_text("")
        environ = {**os.environ, "PYTHONIOENCODING": "latin-1"}
        done = process("check", "--show-files", cwd=project, env=environ, encoding="latin-1")
        assert (done.returncode, "größe_\\u540d.py" in done.stdout) == (0, True)

    def test_closed_stdout(self, project: Path) -> None:
        command = f"{sys.executable} -m cdlint check --show-files >&- 2>&1"
        done = subprocess.run(command, shell=True, cwd=project, capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stdout + done.stderr


HOOKS = Path(__file__).parent.parent / ".pre-commit-hooks.yaml"


def test_hooks() -> None:
    text = HOOKS.read_text()
    assert [line[6:] for line in text.splitlines() if line.startswith("- id: ")] == [
        "cdlint",
        "cdlint-changed",
        "cdlint-config",
    ]
    for line in text.splitlines():
        key, _, entry = line.strip().partition(": ")
        if key == "entry":
            result = CliRunner().invoke(door.cli, [*entry.split()[1:], "--help"])
            assert (result.exit_code, "--force-exclude" not in entry or "--force-exclude" in result.stdout) == (0, True)


def test_a_configuration_cannot_steer_the_terminal(run: Run, project: Path) -> None:
    (project / "cdlint.toml").write_text('select = ["\\u001b[2Jx"]')
    result = run("check")
    assert result.exit_code == 2
    assert "\x1b" not in result.stderr
