"""Bad input, end to end: a clear message, the right exit status, and nothing else is lost by it.

Beside each piece of bad input stands one ordinary finding, which must be reported still.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ORDINARY = "print(undefined_thing)\n"
FINDING = "ordinary.py:1:7 error structure/undefined-name `undefined_thing` is not defined."
DEEP = 10_000
START = "import sys\nfrom cdlint.__main__ import main\nsys.exit(main())\n"


class Place:
    """A repository with one ordinary finding, and the command on it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        self.cache = folder / "cache"
        (self.root / ".git").mkdir(parents=True)
        self.write("ordinary.py", ORDINARY)

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def start(self, *arguments: str, sabotage: str = "", format: str = "concise") -> subprocess.Popen[str]:
        """Start `cdlint check`; `sabotage` is run in the process first."""
        command = ["-m", "cdlint"] if not sabotage else ["-c", f"{sabotage}\n{START}"]
        chosen = ["check", "--output-format", format, *arguments]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CDLINT_")}
        return subprocess.Popen(
            [sys.executable, *command, *chosen],
            cwd=self.root,
            env={**environment, "XDG_CACHE_HOME": str(self.cache)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def check(self, *arguments: str, **options: Any) -> tuple[int, list[str], str]:
        """The exit status, the lines of the findings, and what was said on stderr; nothing else was written."""
        before = self.everything()
        process = self.start(*arguments, **options)
        out, err = process.communicate(timeout=120)
        assert "Traceback" not in out + err
        assert "internal error" not in out + err
        assert "\x1b" not in out + err
        assert self.everything() == before, "only the cache may be written"
        return process.returncode, [line for line in out.splitlines() if " structure/" in line], err

    def everything(self) -> list[tuple[str, int]]:
        """All that is around but the cache, with the times of change."""
        above = self.root.parent
        found = [path for path in sorted(above.rglob("*")) if not path.is_relative_to(self.cache)]
        return [(str(path), path.lstat().st_mtime_ns) for path in found]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


FINDINGS = {
    "undecodable bytes": (b"x = '\xff'\n", "structure/unreadable-file The file cannot be decoded"),
    "an encoding that does not exist": (b"# coding: nonsense\n", "unknown encoding: nonsense"),
    "NUL bytes": (b"x = 1\0\n", "null bytes"),
    "UTF-16": ("x = 1\n".encode("utf-16"), "null bytes"),
    "nothing but NUL": (b"\0" * 5_000, "null bytes"),
    "parentheses": ("x = " + "(" * DEEP + ")" * DEEP, "too many nested parentheses"),
    "lists": ("x = " + "[" * DEEP + "]" * DEEP, "too many nested parentheses"),
    "parentheses that never close": ("x = " + "(" * DEEP, "too many nested parentheses"),
    "blocks": ("".join(" " * depth + "if x:\n" for depth in range(300)), "too many levels of indentation"),
    "a quote that never closes": ('x = """' + "a\n" * DEEP, "unterminated triple-quoted string"),
}
NOTICES = {
    "attributes": "x = a" + ".b" * DEEP,
    "calls": "x = f" + "()" * DEEP,
    "subscripts": "x = a" + "[0]" * DEEP,
    "nots": "x = " + "not " * DEEP + "1",
    "lambdas": "x = " + "lambda: " * DEEP + "1",
    "conditions": "x = " + "a if b else " * DEEP + "c",
    "elifs": "if a:\n    pass\n" + "elif b:\n    pass\n" * 5_000,
    "terms": "x = " + " + ".join(["a"] * 5_000),
    "texts": "x = " + " + ".join(["'a'"] * 5_000),
    "newer syntax and depth": "type X = int\nx = a" + ".b" * DEEP,
}


class TestContent:
    @pytest.mark.parametrize("case", FINDINGS)
    def test_a_file_that_is_no_python_is_a_finding(self, place: Place, case: str) -> None:
        content, message = FINDINGS[case]
        place.write("bad.py", content)
        status, found, err = place.check("--no-cache")
        assert (status, len(found), err) == (1, 2, "")
        assert found[0].startswith("bad.py:")
        assert message in found[0]
        assert found[1] == FINDING

    @pytest.mark.parametrize("case", NOTICES)
    def test_a_file_that_is_too_deep_is_a_notice(self, place: Place, case: str) -> None:
        place.write("deep.py", NOTICES[case])
        if case in ("elifs", "terms", "texts") and sys.version_info >= (3, 13):
            # Not too deep for this Python: all that matters is that nothing is lost by it.
            status, found, _ = place.check()
            assert (status, FINDING in found) == (1, True)
            return
        for _ in range(2):
            status, found, err = place.check()
            assert (status, found) == (1, [FINDING])
            assert err.startswith("notice: deep.py: not checked, its names are unknown: ")
            assert err.count("\n") == 1
        place.write("ordinary.py", "from deep import anything\n\nprint(anything)\n")
        assert place.check()[:2] == (0, []), "what is unknown is not absent"

    def test_a_file_over_the_limit(self, place: Place) -> None:
        place.write("cdlint.toml", "max-file-size = 1000\n")
        place.write("large.py", "x = 1\n" * 1000)
        status, found, err = place.check()
        assert (status, found) == (1, [FINDING])
        assert err == "notice: large.py: not checked, its names are unknown: the file has 6,000 bytes\n"
        place.write("ordinary.py", "import large\n\nprint(large.anything)\n")
        assert place.check()[:2] == (0, []), "what is unknown is not absent"

    def test_many_files(self, place: Place) -> None:
        for number in range(10_000):
            folder = place.root / f"p{number % 100}"
            folder.mkdir(exist_ok=True)
            (folder / f"m{number}.py").write_text("import os\n")
        assert place.check()[:2] == (1, [FINDING])


class TestNames:
    NAMES = (
        "new\nline.py", "emo\N{PARTY POPPER}ji.py", "quo\"te'.py", "esc\x1b[2Jape.py", "sp ace.py", "per%25.py",
        "back\\slash.py", "--flag.py", "rtl\u202eyp.py", "co:lon,comma.py", "]]>&lt;.py",
    )  # fmt: skip

    @pytest.mark.parametrize("format", ["text", "concise", "json", "github", "sarif"])
    def test_names_and_lines_cannot_steer_anything(self, place: Place, format: str) -> None:
        for name in self.NAMES:
            place.write(name, 'print("\x1b]0;evil\x07\x9b2J", undefined_here)\n')
        status, _, err = place.check(format=format)
        assert (status, err) == (1, "")
        process = place.start(format=format)
        out, _ = process.communicate()
        assert not [each for each in out if each != "\n" and (ord(each) < 32 or 0x7F <= ord(each) < 0xA0)]
        assert "\u202e" not in out or format in ("json", "sarif")
        if format == "concise":
            assert len(out.splitlines()) == len(self.NAMES) + 2
        if format == "json":
            paths = {each["path"] for each in json.loads(out)["diagnostics"]}
            assert paths == {*self.NAMES, "ordinary.py"}

    def test_a_name_that_is_no_text(self, place: Place) -> None:
        (place.root / os.fsdecode(b"bad\xff.py")).write_text(ORDINARY)
        status, found, err = place.check()
        assert (status, found) == (1, [FINDING])
        assert err == "notice: left out, since its name is not valid UTF-8: bad\\xff.py\n"

    def test_links(self, place: Place) -> None:
        outside = place.root.parent / "outside"
        outside.mkdir()
        (outside / "secret.py").write_text("print(undefined_secret)\n")
        (place.root / "loop").symlink_to(".")
        (place.root / "inner").mkdir()
        (place.root / "inner" / "up").symlink_to("..")
        (place.root / "self.py").symlink_to("self.py")
        (place.root / "gone.py").symlink_to("nowhere.py")
        (place.root / "folder").symlink_to(outside)
        (place.root / "file.py").symlink_to(outside / "secret.py")
        status, found, err = place.check()
        assert (status, found) == (1, [FINDING])
        for name in ("folder", "file.py"):
            assert f"notice: {name}: not followed, since this link leads out of the repository\n" in err

    def test_a_pipe_is_not_waited_for(self, place: Place) -> None:
        os.mkfifo(place.root / "pipe.py")
        os.mkfifo(place.root / "requirements.txt")
        os.mkfifo(place.root / ".gitignore")
        assert place.check()[:2] == (1, [FINDING])

    def test_a_path_that_does_not_exist(self, place: Place) -> None:
        status, found, err = place.check("ordinary.py", "nowhere.py")
        assert (status, found, err) == (2, [], "cdlint: there is no file or folder `nowhere.py`\n")

    def test_a_repository_without_python(self, place: Place) -> None:
        (place.root / "ordinary.py").unlink()
        place.write("README.md", "")
        status, found, err = place.check()
        assert (status, found, err) == (2, [], f"cdlint: no Python file to check in `{place.root}`\n")


REFUSING = """
import errno, os
from cdlint import files
opened, scanned = os.open, os.scandir
def refuse(path):
    if "locked" in os.fsdecode(path):
        raise PermissionError(errno.EACCES, "Permission denied", path)
os.open = lambda path, *rest, **more: refuse(path) or opened(path, *rest, **more)
os.scandir = lambda path=".": refuse(path) or scanned(path)
"""
VANISHING = """
import os
from cdlint import gather
walked = gather.gather
def vanish(tree, *rest):
    os.rename("gone.py", "../gone")
    return walked(tree, *rest)
gather.gather = vanish
import cdlint.session
cdlint.session.gather = vanish
"""
KILLED = """
import os, signal
from cdlint import gather, workers
gather.WORTH_WORKERS = 0
parse, parent = workers.facts_of, os.getpid()
def die(source, limit):
    if b"deadly" in source and os.getpid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
    return parse(source, limit)
workers.facts_of = die
"""
FULL = """
import errno, os
opened = os.open
def full(path, flags, *rest, **more):
    if flags & (os.O_WRONLY | os.O_RDWR):
        raise OSError(errno.ENOSPC, "No space left on device", path)
    return opened(path, flags, *rest, **more)
os.open = full
import builtins
plain = builtins.open
def refuse(path, mode="r", *rest, **more):
    if set(mode) & set("wxa") and str(path) != os.devnull:
        raise OSError(errno.ENOSPC, "No space left on device", path)
    return plain(path, mode, *rest, **more)
builtins.open = refuse
"""
INTERRUPTED = """
import os, signal
from cdlint import gather, workers
gather.WORTH_WORKERS = {worth}
parse, parent = workers.parse_files, os.getpid()
single = workers.parse_file
def interrupt(*arguments):
    if os.getpid() == parent:
        os.kill(parent, signal.SIGINT)
    return single(*arguments)
def inform(tree, paths, jobs, limit, report):
    def tell(*arguments):
        os.kill(parent, signal.SIGINT)
        report(*arguments)
    return parse(tree, paths, jobs, limit, tell)
workers.parse_file, workers.parse_files = interrupt, inform
"""


class TestSystem:
    def test_files_and_folders_that_are_not_permitted(self, place: Place) -> None:
        place.write("locked.py", ORDINARY)
        place.write("locked_folder/inside.py", ORDINARY)
        status, found, err = place.check(sabotage=REFUSING)
        assert (status, len(found)) == (1, 2)
        assert found[0].startswith("locked.py:1:1 error structure/unreadable-file")
        assert "Permission denied" in found[0]
        assert found[1] == FINDING
        assert "notice: locked_folder: the directory cannot be read: Permission denied\n" in err

    def test_a_file_that_vanishes(self, place: Place) -> None:
        place.write("gone.py", ORDINARY)
        process = place.start(sabotage=VANISHING)
        out, err = process.communicate()
        assert (process.returncode, FINDING in out) == (1, True)
        assert err == "notice: gone.py: the file vanished while the repository was read\n"

    def test_a_killed_worker(self, place: Place) -> None:
        place.write("deadly.py", "deadly = 1\n")
        for number in range(20):
            place.write(f"m{number}.py", ORDINARY)
        for _ in range(2):
            status, found, err = place.check("-j", "2", sabotage=KILLED)
            assert (status, len(found), err) == (1, 22, "")
            assert "parsing this file crashed the parser" in found[0]
            assert FINDING in found

    @pytest.mark.parametrize("worth", [0, 10**9])
    def test_an_interrupt(self, place: Place, worth: int) -> None:
        for number in range(20):
            place.write(f"m{number}.py", ORDINARY)
        status, found, err = place.check("-j", "2", sabotage=INTERRUPTED.format(worth=worth))
        assert (status, found, err) == (130, [], "cdlint: interrupted\n")

    def test_a_closed_pipe(self, place: Place) -> None:
        place.write("many.py", "".join(f"print(undefined_{number})\n" for number in range(1_500)))
        for format in ("text", "json"):
            process = place.start(format=format)
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.read(1)
            process.stdout.close()
            assert (process.stderr.read(), process.wait()) == ("", 141)

    def test_a_full_disk_for_the_output(self, place: Place) -> None:
        status, _, err = place.check("-o", "/dev/full")
        assert status == 2
        assert "No space left on device" in err


class TestCache:
    def filled(self, place: Place) -> list[Path]:
        place.check()
        found = [path for path in place.cache.rglob("*") if path.is_file()]
        assert found
        return found

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda content: content[: len(content) // 2],
            lambda content: b"",
            lambda content: b"\x80\x04cos\nsystem\n(S'touch was_run'\ntR.",
            lambda content: content[:60] + bytes(reversed(content[60:])),
            lambda content: os.urandom(10_000),
        ],
        ids=["truncated", "empty", "pickle", "scrambled", "foreign"],
    )
    def test_a_spoilt_one_is_as_none(self, place: Place, spoil: Callable[[bytes], bytes]) -> None:
        for path in self.filled(place):
            path.write_bytes(spoil(path.read_bytes()))
        assert place.check() == (1, [FINDING], "")
        assert place.check() == (1, [FINDING], "")

    def test_a_folder_in_its_place(self, place: Place) -> None:
        for path in self.filled(place):
            path.unlink()
            path.mkdir()
        status, found, _ = place.check()
        assert (status, found) == (1, [FINDING])

    def test_a_file_in_the_place_of_its_folder(self, place: Place) -> None:
        place.cache.write_text("")
        status, found, err = place.check()
        assert (status, found) == (1, [FINDING])
        assert err.startswith(f"notice: the cache in {place.cache}")

    def test_a_full_disk(self, place: Place) -> None:
        status, found, err = place.check(sabotage=FULL)
        assert (status, found) == (1, [FINDING])
        assert "No space left on device" in err
        assert err.count("\n") == 1

    def test_many_runs_at_once(self, place: Place) -> None:
        for number in range(200):
            place.write(f"m{number}.py", "import os\n")
        expected = place.check("--no-cache")[1]
        for _ in range(2):
            running = [place.start() for _ in range(4)]
            for process in running:
                out, err = process.communicate()
                assert (process.returncode, err) == (1, "")
                assert [line for line in out.splitlines() if " structure/" in line] == expected
            place.write("m1.py", "import sys\n")
        assert not list(place.cache.rglob("*.tmp*"))


class TestConfiguration:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("select = 3", "cdlint.toml:1: `select`"),
            ("extend-exclude = [1]", "cdlint.toml:1: `extend-exclude"),
            ("max-file-size = 'big'", "cdlint.toml:1: `max-file-size`"),
            ("[[layers]]\nname = 1", "cdlint.toml:1: `layers[0]`"),
            ("select = ['structure/undefined-nam']", "did you mean `structure/undefined-name`?"),
            ("ignore = ['nothing-of-the-kind']", "cdlint.toml:1: `ignore`"),
            ("extend-exclude = ['[']", "cdlint.toml:1: `extend-exclude`"),
            ("source-roots = ['nowhere']", "cdlint.toml:1: `source-roots`"),
            ("x = " + "[" * 5_000 + "]" * 5_000, "cdlint.toml"),
            ("x = 1\0", "cdlint.toml:1: invalid TOML"),
        ],
    )
    def test_it_is_refused_in_one_line(self, place: Place, text: str, expected: str) -> None:
        place.write("cdlint.toml", text)
        status, found, err = place.check()
        assert (status, found, err.count("\n")) == (2, [], 1)
        assert expected in err

    @pytest.mark.parametrize("pattern", ["a*" * 40 + "b", "**/" * 40 + "b", "(a+)+$", "[a-z" * 2 + "]" * 2])
    def test_no_pattern_takes_forever(self, place: Place, pattern: str) -> None:
        place.write("/".join(["a" * 40] * 12)[:-3] + ".py", ORDINARY)
        place.write("cdlint.toml", f"extend-exclude = ['{pattern}']\nper-file-ignores = {{ '{pattern}' = ['ALL'] }}\n")
        place.write(".gitignore", f"{pattern}\n")
        status, found, _ = place.check()
        assert FINDING in found or status == 2
