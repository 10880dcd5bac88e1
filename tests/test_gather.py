"""The facts of all files, whatever the cache holds and whatever happens to the workers."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import time
from pathlib import Path

import pytest

from cdlint import files, source, workers
from cdlint import gather as gathering
from cdlint.cache import Cache
from cdlint.facts.model import Broken, Module, load
from cdlint.facts.parse import facts_of
from cdlint.gather import Gathered, gather
from cdlint.source import discover

LIMIT = 100_000


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "repository"
    (path / "pkg").mkdir(parents=True)
    for number in range(30):
        (path / "pkg" / f"m{number}.py").write_text(f"import os\nx{number} = {number}\n" + "# filler\n" * number)
    (path / "pkg" / "__init__.py").touch()
    (path / "__init__.py").touch()
    return path


@pytest.fixture
def cache(root: Path, tmp_path: Path) -> Cache:
    return Cache(str(root), str(tmp_path / "cache"))


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers are worth it for any number of bytes."""
    monkeypatch.setattr(gathering, "WORTH_WORKERS", 0)


def loaded(gathered: Gathered) -> dict[str, Module | Broken]:
    return {path: load(facts) for path, facts in gathered.facts.items()}


def broken(gathered: Gathered) -> dict[str, tuple[str, str]]:
    return {path: (fact.kind, fact.message) for path, fact in loaded(gathered).items() if isinstance(fact, Broken)}


def test_the_second_run_parses_nothing(root: Path, cache: Cache) -> None:
    first = gather(discover(root), cache, 1, LIMIT)
    second = gather(discover(root), cache, 1, LIMIT)
    assert (first.parsed, second.parsed) == (32, 0)
    assert second[:2] == first[:2]
    assert list(first.facts) == sorted(first.facts) == list(discover(root).python)


def test_without_a_cache(root: Path) -> None:
    assert gather(discover(root), None, 1, LIMIT).parsed == 32


def test_only_what_changed_is_parsed(root: Path, cache: Cache) -> None:
    gather(discover(root), cache, 1, LIMIT)
    (root / "pkg" / "m3.py").write_text("y = 1\n")
    (root / "pkg" / "m4.py").rename(root / "moved.py")
    os.utime(root / "pkg" / "m5.py", (1, 1))
    gathered = gather(discover(root), cache, 1, LIMIT)
    assert gathered.parsed == 1
    assert gathered.facts == gather(discover(root), None, 1, LIMIT).facts
    assert "moved.py" in gathered.facts
    assert "pkg/m4.py" not in cache.load_facts()


def test_a_change_within_one_tick_of_the_clock_is_noticed(root: Path, cache: Cache) -> None:
    path = root / "pkg" / "m1.py"
    stat = path.stat()
    gather(discover(root), cache, 1, LIMIT)
    path.write_text(path.read_text().replace("x1", "z1"))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert gather(discover(root), cache, 1, LIMIT).parsed == 1


@pytest.mark.usefixtures("forked")
def test_the_number_of_workers_does_not_matter(root: Path) -> None:
    tree = discover(root)
    one, two, many = (gather(tree, None, jobs, LIMIT) for jobs in (1, 2, 5))
    assert loaded(one) == loaded(two) == loaded(many)
    assert one.digests == two.digests == many.digests


@pytest.mark.parametrize("jobs", [1, 3])
@pytest.mark.usefixtures("forked")
def test_progress(root: Path, jobs: int) -> None:
    told: list[tuple[int, int]] = []
    gather(discover(root), None, jobs, LIMIT, lambda done, total: told.append((done, total)))
    assert told == [(count, 32) for count in range(1, 33)]


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.usefixtures("forked")
def test_files_without_facts(root: Path, cache: Cache, jobs: int) -> None:
    (root / "large.py").write_text("x" * (LIMIT + 1))
    (root / "wrong.py").write_text("def f(:\n")
    (root / "gone.py").touch()
    tree = discover(root)
    (root / "gone.py").unlink()
    (root / "pkg" / "m0.py").unlink()
    os.mkfifo(root / "pkg" / "m0.py")
    for _ in range(2):
        gathered = gather(tree, cache, jobs, LIMIT)
        assert {path: kind for path, (kind, _) in broken(gathered).items()} == {
            "large.py": "too-large",
            "pkg/m0.py": "unreadable",
            "wrong.py": "syntax",
        }
        assert [notice.path for notice in gathered.notices] == ["gone.py"]
        assert "gone.py" not in gathered.facts
    assert not {"large.py", "pkg/m0.py", "gone.py"} & set(cache.load_facts())


def test_a_file_that_is_not_permitted(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = files.read_regular

    def refuse(full: str) -> object:
        if full.endswith("m7.py"):
            raise PermissionError(13, "Permission denied")
        return read(full)

    monkeypatch.setattr(source, "read_regular", refuse)
    gathered = gather(discover(root), None, 1, LIMIT)
    assert broken(gathered) == {"pkg/m7.py": ("unreadable", "Permission denied")}


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.usefixtures("forked")
def test_a_bug_of_the_parser_costs_one_file(root: Path, jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(content: bytes, max_bytes: int) -> bytes:
        if b"x9 " in content:
            raise KeyError("oops")
        return facts_of(content, max_bytes)

    monkeypatch.setattr(workers, "facts_of", fail)
    gathered = gather(discover(root), None, jobs, LIMIT)
    assert broken(gathered) == {"pkg/m9.py": ("unreadable", "the parser failed on this file (KeyError: 'oops')")}
    assert "pkg/m9.py" not in gathered.digests


@pytest.mark.parametrize("end", [lambda: os._exit(0), lambda: os.kill(os.getpid(), signal.SIGKILL)])
@pytest.mark.usefixtures("forked")
def test_a_killed_worker_costs_one_file(root: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch, end: object) -> None:
    assert callable(end)
    parent = os.getpid()

    def die(content: bytes, max_bytes: int) -> bytes:
        if b"x9 " in content or b"x20 " in content:
            assert os.getpid() != parent
            end()
        return facts_of(content, max_bytes)

    monkeypatch.setattr(workers, "facts_of", die)
    gathered = gather(discover(root), cache, 2, LIMIT)
    crashed = ("unreadable", "parsing this file crashed the parser")
    assert broken(gathered) == {"pkg/m20.py": crashed, "pkg/m9.py": crashed}
    assert len(gathered.facts) == 32
    monkeypatch.setattr(workers, "facts_of", facts_of)
    assert gather(discover(root), cache, 1, LIMIT).parsed == 2


@pytest.mark.usefixtures("forked")
def test_a_worker_killed_by_accident_costs_nothing(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = tmp_path / "killed"

    def die(content: bytes, max_bytes: int) -> bytes:
        if b"x9 " in content and not mark.exists():
            mark.touch()
            os._exit(1)
        return facts_of(content, max_bytes)

    monkeypatch.setattr(workers, "facts_of", die)
    gathered = gather(discover(root), None, 2, LIMIT)
    assert broken(gathered) == {}
    assert len(gathered.facts) == 32


@pytest.mark.usefixtures("forked")
def test_a_stuck_worker_costs_one_file(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(content: bytes, max_bytes: int) -> bytes:
        if b"x9 " in content:
            time.sleep(600)
        return facts_of(content, max_bytes)

    monkeypatch.setattr(workers, "facts_of", hang)
    monkeypatch.setattr(workers, "SECONDS_A_FILE", 0.7)
    gathered = gather(discover(root), None, 2, LIMIT)
    assert list(broken(gathered)) == ["pkg/m9.py"]
    assert len(gathered.facts) == 32


@pytest.mark.usefixtures("forked")
def test_an_interrupt_ends_the_workers(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[workers._Worker] = []
    start = workers._Worker.__init__

    def watch(self: workers._Worker, *arguments: object) -> None:
        start(self, *arguments)  # type: ignore[arg-type]
        made.append(self)

    monkeypatch.setattr(workers._Worker, "__init__", watch)

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with contextlib.suppress(KeyboardInterrupt):
        gather(discover(root), None, 2, LIMIT, interrupt)
    assert made
    assert not any(worker.process.is_alive() for worker in made)
    assert gc.isenabled()


@pytest.mark.usefixtures("forked")
def test_workers_do_not_hear_ctrl_c(
    root: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def press(content: bytes, max_bytes: int) -> bytes:
        os.kill(os.getpid(), signal.SIGINT)
        return facts_of(content, max_bytes)

    monkeypatch.setattr(workers, "facts_of", press)
    assert len(gather(discover(root), None, 2, LIMIT).facts) == 32
    assert capfd.readouterr().err == ""


@pytest.mark.usefixtures("forked")
def test_where_no_process_can_be_started_the_run_goes_on(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(workers._Worker, "__init__", refuse)
    assert len(gather(discover(root), None, 2, LIMIT).facts) == 32


def test_an_overlay_is_parsed_and_not_cached(root: Path, cache: Cache) -> None:
    before = gather(discover(root), cache, 1, LIMIT)
    tree = discover(root, overlay={"pkg/m1.py": b"new = 1\n", "added.py": b"", "huge.py": b"#" * (LIMIT + 1)})
    gathered = gather(tree, cache, 1, LIMIT)
    assert gathered.parsed == 2
    assert {"pkg/m1.py", "added.py"} <= set(gathered.facts)
    assert broken(gathered)["huge.py"][0] == "too-large"
    assert gather(discover(root), cache, 1, LIMIT).facts == before.facts
    assert gather(discover(root), cache, 1, LIMIT).parsed == 0


@pytest.mark.parametrize("content", [b"x = 1\r\ny = 2\r\n", b"\xef\xbb\xbfx = 1\ny = 2\n", b"x = 1\ny = 2"])
def test_line_ends_and_marks(root: Path, content: bytes) -> None:
    (root / "a.py").write_bytes(content)
    module = loaded(gather(discover(root), None, 1, LIMIT))["a.py"]
    assert isinstance(module, Module)
    assert [binding.name for binding in module.bindings] == ["x", "y"]


def test_a_smaller_limit_holds_for_cached_files_too(root: Path, cache: Cache) -> None:
    gather(discover(root), cache, 1, LIMIT)
    assert "pkg/m29.py" in broken(gather(discover(root), cache, 1, 200))
    assert broken(gather(discover(root), cache, 1, LIMIT)) == {}
