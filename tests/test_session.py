"""Properties of a run: incremental equals from scratch, order and workers do not show, naming files only narrows."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cdlint.check import check
from cdlint.diagnostic import Report, narrowed

from .conftest import isolated, opened

FIXTURES = Path(__file__).parent.parent / "fixtures"
EXAMPLE = FIXTURES / "example"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """A copy of the bundled example that a test may break."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "example", ignore=shutil.ignore_patterns("__pycache__")))


def edit(root: Path, chance: random.Random) -> list[str]:
    """One careless edit somewhere: the paths that it touched."""
    files = sorted(path for path in root.rglob("*.py") if path.is_file())
    target = chance.choice(files)
    lines = target.read_text().splitlines(keepends=True)
    what = chance.choice(["drop", "repeat", "blank", "rename", "break", "remove", "add", "swap"])
    position = chance.randrange(len(lines)) if lines else 0
    if what == "remove":
        target.unlink()
        return [target.relative_to(root).as_posix()]
    if what == "add":
        target = target.with_name(f"added_{chance.randrange(1000)}.py")
        target.write_text("from . import missing\n\nx = undefined_thing\n")
    elif lines and what == "drop":
        del lines[position]
    elif lines and what == "repeat":
        lines.insert(position, lines[position])
    elif what == "blank":
        lines.insert(position, "\n")
    elif lines and what == "swap":
        other = chance.randrange(len(lines))
        lines[position], lines[other] = lines[other], lines[position]
    elif lines and what == "rename":
        words = [word for word in lines[position].replace("(", " ").replace(".", " ").split() if word.isidentifier()]
        if words:
            lines[position] = lines[position].replace(chance.choice(words), "renamed")
    elif lines:
        lines[position] = lines[position] + "    )\n"
    if what != "add":
        target.write_text("".join(lines))
    return [target.relative_to(root).as_posix()]


def plain(report: Report) -> list[tuple[object, ...]]:
    return [tuple(each) for each in (*report.diagnostics, *report.suppressed)]


@pytest.mark.parametrize("seed", range(12))
def test_incremental_equals_from_scratch(example: Path, seed: int) -> None:
    chance = random.Random(seed)
    session = opened(example)
    session.report()
    for _ in range(12):
        session.edit(edit(example, chance))
        assert plain(session.report()) == plain(opened(example).report())


def test_an_edit_asks_again_only_what_read_it(example: Path) -> None:
    session = opened(example)
    session.report()
    everything = session.project.memo.computed
    target = max(example.rglob("*.py"), key=lambda path: path.stat().st_size)
    target.write_text(target.read_text() + "\n\nadded_at_the_end = 1\n")
    session.edit([target.relative_to(example).as_posix()])
    session.report()
    assert session.project.memo.computed - everything < everything / 2


def test_buffers_stand_in_for_files(example: Path) -> None:
    broken = sorted(example.rglob("*.py"))[-1]
    path = broken.relative_to(example).as_posix()
    session = opened(example)
    before = plain(session.report())
    session.overlay[path] = b"def broken(:\n"
    session.edit([path])
    assert any(each.path == path and each.rule == "structure/syntax-error" for each in session.report().diagnostics)
    del session.overlay[path]
    session.edit([path])
    assert plain(session.report()) == before


def test_naming_files_only_narrows(example: Path) -> None:
    whole = check(isolated(example))
    assert whole.diagnostics, "the example has planted defects"
    for each in {diagnostic.path for diagnostic in whole.diagnostics}:
        narrow = check(isolated(example), only=(each,))
        assert narrow.diagnostics == tuple(d for d in whole.diagnostics if d.path == each)
        assert narrowed(whole, (each,)) == narrow


def run_with(seed: str, *flags: str) -> bytes:
    command = [sys.executable, "-m", "cdlint", "check", str(EXAMPLE), "--output-format", "json", "--no-cache", *flags]
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    return subprocess.run(command, capture_output=True, env=environment, check=False).stdout


def test_same_bytes_for_any_hash_seed_and_number_of_workers() -> None:
    first = run_with("0", "-j", "1")
    assert first.startswith(b"{")
    assert run_with("1", "-j", "4") == first
    assert run_with("4242", "-j", "2") == first


def test_the_cache_does_not_show(example: Path, tmp_path: Path) -> None:
    from cdlint.cache import Cache

    settings = isolated(example)
    bare = check(settings)
    cold = check(settings, cache=Cache(settings.root, str(tmp_path / "cache")))
    replayed = check(settings, cache=Cache(settings.root, str(tmp_path / "cache")))
    assert plain(bare) == plain(cold) == plain(replayed)
    target = sorted(example.rglob("*.py"))[-1]
    target.write_text(target.read_text() + "\nprint(never_defined_anywhere)\n")
    again = check(settings, cache=Cache(settings.root, str(tmp_path / "cache")))
    assert plain(again) == plain(check(settings)) != plain(bare)
