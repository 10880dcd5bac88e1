"""What is kept between runs, and when it is believed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from cdlint import cache as cache_module
from cdlint import files
from cdlint.cache import Cache, CacheError, Entry, default_directory
from cdlint.gather import gather
from cdlint.replay import recall, remember, replay
from cdlint.source import discover

ENTRIES = {
    "a.py": Entry((1, 2, 3, 4), b"digest of a", b"facts of a"),
    "b/c.py": Entry((5, 6, 7, 8), b"digest of c", b"\0" * 5000),
    "d.py": Entry((5, 6, 7, 9), b"digest of d", b""),
}
KEY = b"settings"
LIMIT = 1_000_000


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "repository"
    path.mkdir()
    return path


@pytest.fixture
def cache(root: Path, tmp_path: Path) -> Cache:
    return Cache(str(root), str(tmp_path / "cache"))


def stored(tmp_path: Path, name: str = "facts") -> Path:
    return next((tmp_path / "cache").glob(f"*/{name}*"))


def test_facts_come_back(cache: Cache) -> None:
    assert cache.load_facts() == {}
    cache.save_facts(ENTRIES)
    assert cache.load_facts() == ENTRIES
    cache.save_facts({})
    assert cache.load_facts() == {}
    assert cache.notices == []


def test_reports_come_back_by_key(cache: Cache) -> None:
    plain = (1, ("é", None, b"\xff"), ())
    cache.save_report(KEY, plain)
    assert cache.load_report(KEY) == plain
    assert cache.load_report(b"other") is None


def test_only_the_newest_reports_are_kept(cache: Cache, tmp_path: Path) -> None:
    for number in range(20):
        cache.save_report(b"%d" % number, number)
    assert len(list((tmp_path / "cache").glob("*/report-*"))) < 10
    assert cache.load_report(b"19") == 19


@pytest.mark.parametrize("end", [0, 1, 20, 35, 60, 100, -5000, -1])
def test_a_truncated_cache_is_empty(cache: Cache, tmp_path: Path, end: int) -> None:
    cache.save_facts(ENTRIES)
    path = stored(tmp_path)
    path.write_bytes(path.read_bytes()[:end])
    assert cache.load_facts() == {}
    cache.save_facts(ENTRIES)
    assert cache.load_facts() == ENTRIES


def test_any_changed_byte_is_noticed(cache: Cache, tmp_path: Path) -> None:
    cache.save_facts(ENTRIES)
    path = stored(tmp_path)
    whole = path.read_bytes()
    for at in (*range(0, 300, 7), len(whole) - 2500, len(whole) - 1):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        assert cache.load_facts() == {}, at
    path.write_bytes(whole + b"\0")
    assert cache.load_facts() == {}


def test_a_foreign_file_is_empty(cache: Cache, tmp_path: Path) -> None:
    cache.save_facts(ENTRIES)
    stored(tmp_path).write_bytes(b"SQLite format 3\0" * 100)
    assert cache.load_facts() == {}


def test_another_version_is_empty(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.save_facts(ENTRIES)
    cache.save_report(KEY, 1)
    with monkeypatch.context() as patch:
        patch.setattr(cache_module, "__version__", "0.0.0")
        assert cache.load_facts() == {}
        assert cache.load_report(KEY) is None
    with monkeypatch.context() as patch:
        patch.setattr(sys, "version_info", (3, 99, 0))
        assert cache.load_facts() == {}
    with monkeypatch.context() as patch:
        patch.setattr("cdlint.facts.model.FORMAT", -1)
        assert cache.load_facts() == {}
        assert cache.load_report(KEY) == 1
    assert cache.load_facts() == ENTRIES


def test_two_caches_of_one_root_and_of_two(cache: Cache, tmp_path: Path, root: Path) -> None:
    again, other = Cache(str(root), str(tmp_path / "cache")), Cache(str(tmp_path / "other"), str(tmp_path / "cache"))
    cache.save_facts(ENTRIES)
    other.save_facts({})
    assert again.load_facts() == ENTRIES
    again.save_facts({"x.py": ENTRIES["a.py"]})
    assert cache.load_facts() == {"x.py": ENTRIES["a.py"]}
    assert other.load_facts() == {}
    cache.clear()
    assert again.load_facts() == {}
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_nothing_half_written_remains(cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.save_facts(ENTRIES)

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        cache.save_facts({})
        cache.save_report(KEY, 1)
    assert cache.load_facts() == ENTRIES
    assert [path.name for path in stored(tmp_path).parent.iterdir()] == ["facts"]
    assert len(cache.notices) == 1
    assert cache.notices[0].message.endswith("cannot be written: No space left on device")


def test_a_directory_that_cannot_be_written_is_said_once(root: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = Cache(str(root), str(tmp_path / "file" / "cache"))
    assert cache.load_facts() == {}
    cache.save_facts(ENTRIES)
    cache.save_report(KEY, 1)
    assert cache.load_facts() == {}
    assert len(cache.notices) == 1
    cache.clear()


def test_never_inside_the_repository(root: Path, tmp_path: Path) -> None:
    with pytest.raises(CacheError, match="inside the checked repository"):
        Cache(str(root), str(root / ".cache"))
    os.symlink(root, tmp_path / "link")
    with pytest.raises(CacheError):
        Cache(str(root), str(tmp_path / "link" / "cache"))
    Cache(str(root), str(tmp_path / "repository-cache"))


def test_where_it_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("CDLINT_CACHE_DIR", "/chosen")
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    monkeypatch.setenv("HOME", "/home/someone")
    assert default_directory() == "/chosen"
    monkeypatch.delenv("CDLINT_CACHE_DIR")
    assert default_directory() == "/xdg/cdlint"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert default_directory() == "/home/someone/.cache/cdlint"


def test_without_a_home_nothing_is_cached(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "default_directory", lambda: None)
    cache = Cache(str(root))
    cache.save_facts(ENTRIES)
    assert cache.load_facts() == {}
    assert len(cache.notices) == 1


@pytest.fixture
def repository(root: Path) -> Path:
    (root / "pkg").mkdir()
    (root / "pkg" / "a.py").write_text("x = 1\n")
    (root / "b.py").write_text("y = 1\n")
    (root / "settings.toml").write_text("z = 1\n")
    (root / "unread.txt").write_text("1")
    (root / ".gitignore").write_text("*.log\n")
    return root


def finish(cache: Cache, root: Path) -> None:
    tree = discover(root)
    gathered = gather(tree, cache, 1, LIMIT)
    tree.text("settings.toml")
    tree.text("missing.toml")
    tree.exists("generated.py")
    remember(cache, tree, gathered.digests, KEY, ("report",))


def recalled(cache: Cache, root: Path) -> object:
    tree = discover(root)
    return recall(cache, tree, gather(tree, cache, 1, LIMIT).digests, KEY)


def test_a_report_is_given_again(cache: Cache, repository: Path) -> None:
    assert replay(cache, KEY) is None
    finish(cache, repository)
    assert replay(cache, KEY) == ("report",)
    assert replay(cache, b"other settings") is None
    assert recalled(cache, repository) == ("report",)


@pytest.mark.parametrize("path", ["pkg/a.py", "b.py", "settings.toml", ".gitignore"])
def test_a_changed_file_is_noticed_even_if_its_stat_is_the_same(cache: Cache, repository: Path, path: str) -> None:
    file = repository / path
    stat = file.stat()
    finish(cache, repository)
    file.write_bytes(file.read_bytes().replace(b"1", b"2").replace(b"log", b"gol"))
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert replay(cache, KEY) is None
    assert recalled(cache, repository) is None


@pytest.mark.parametrize("path", ["pkg/new.py", "new.html", "missing.toml", "generated.py", "pkg/.gitignore"])
def test_a_new_file_is_noticed(cache: Cache, repository: Path, path: str) -> None:
    finish(cache, repository)
    (repository / path).touch()
    assert replay(cache, KEY) is None
    assert recalled(cache, repository) is None


@pytest.mark.parametrize("path", ["pkg/a.py", "settings.toml", "unread.txt", ".gitignore"])
def test_a_removed_file_is_noticed(cache: Cache, repository: Path, path: str) -> None:
    finish(cache, repository)
    (repository / path).unlink()
    assert replay(cache, KEY) is None
    assert recalled(cache, repository) is None


def test_times_alone_change_nothing(cache: Cache, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finish(cache, repository)
    for path in (repository / "b.py", repository / "pkg", repository):
        os.utime(path, (1, 1))
    (repository / "unread.txt").write_text("2")
    (repository / "pkg" / "__pycache__").mkdir()
    assert replay(cache, KEY) == ("report",)
    monkeypatch.setattr(files, "COARSE_NS", -(10**12))
    assert replay(cache, KEY) == ("report",), "now the new stats are stored"
    monkeypatch.setattr("cdlint.replay._content", lambda full: pytest.fail("read again"))
    assert replay(cache, KEY) == ("report",)


def test_an_ignored_file_takes_a_walk_but_no_new_report(cache: Cache, repository: Path) -> None:
    finish(cache, repository)
    (repository / "run.log").touch()
    assert replay(cache, KEY) is None
    assert recalled(cache, repository) == ("report",)
    assert replay(cache, KEY) == ("report",)


def test_what_stands_above_the_root_counts(cache: Cache, repository: Path) -> None:
    finish(cache, repository)
    (repository.parent / ".git").mkdir()
    assert replay(cache, KEY) is None


def test_runs_that_cannot_be_repeated_are_not_remembered(cache: Cache, repository: Path) -> None:
    tree = discover(repository, overlay={"b.py": b""})
    remember(cache, tree, gather(tree, cache, 1, LIMIT).digests, KEY, 1)
    assert replay(cache, KEY) is None
    tree = discover(repository)
    (repository / "b.py").unlink()
    gathered = gather(tree, cache, 1, LIMIT)
    assert [notice.path for notice in gathered.notices] == ["b.py"]
    remember(cache, tree, gathered.digests, KEY, 1)
    assert replay(cache, KEY) is None
