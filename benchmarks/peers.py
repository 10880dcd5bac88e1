"""cdlint beside whichever peers are installed, in turn, on copies of checkouts: ratios of CPU, and memory.

python benchmarks/peers.py CHECKOUT... [--rounds 5] [--only ty,semgrep]
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

CDLINT = (sys.executable, "-m", "cdlint")
LEFT_OUT = (".git", ".venv", "venv", "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache")
SEMGREP_RULES = """\
rules:
  - {id: eval, languages: [python], severity: ERROR, message: eval, pattern: eval(...)}
  - {id: shell, languages: [python], severity: ERROR, message: shell, pattern: "subprocess.run(..., shell=True, ...)"}
  - {id: bare, languages: [python], severity: ERROR, message: bare, pattern: "try: ...\\nexcept: ..."}
  - id: commit
    languages: [python]
    severity: ERROR
    message: commit in a loop
    patterns: [{pattern: $S.commit()}, {pattern-inside: "for $X in $Y: ..."}]
  - id: view
    languages: [python]
    severity: ERROR
    message: query in a view
    patterns: [{pattern: $M.objects.filter(...)}, {pattern-inside: "def $F(request, ...): ..."}]
"""


class Run(NamedTuple):
    """What one process, with all that it started, took."""

    cpu: float
    megabytes: float
    """The peak of its largest process."""
    status: int


class Job(NamedTuple):
    """A command to measure; `before` is not measured."""

    name: str
    command: Sequence[str]
    folder: Path
    before: Callable[[], None] | None = None


def measure(job: Job, environment: dict[str, str]) -> Run:
    """Run a command to its end, its output thrown away."""
    if job.before:
        job.before()
    with open(os.devnull, "w") as nowhere:
        process = subprocess.Popen(job.command, cwd=job.folder, env=environment, stdout=nowhere, stderr=nowhere)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(used.ru_utime + used.ru_stime, used.ru_maxrss * unit / 1e6, process.returncode)


def compare(one: Job, other: Job, rounds: int, environment: dict[str, str]) -> None:
    """Run two jobs in turn and print how they relate."""
    pairs = []
    for _ in range(rounds):
        pairs.append((measure(one, environment), measure(other, environment)))
    ratios = [a.cpu / b.cpu for a, b in pairs]
    a, b = [statistics.median(run.cpu for run in runs) for runs in zip(*pairs, strict=True)]
    memory = [max(run.megabytes for run in runs) for runs in zip(*pairs, strict=True)]
    failed = {run.status for _, run in pairs if run.status not in (0, 1)}
    print(
        f"{one.name:28} {a:8.3f} s {memory[0]:5.0f} MB   {other.name:24} {b:8.3f} s {memory[1]:5.0f} MB   "
        f"{min(ratios):7.3f} {statistics.median(ratios):7.3f} {max(ratios):7.3f}"
        + (f"   exit status {sorted(failed)}: not to be trusted" if failed else ""),
        flush=True,
    )


def copied(checkout: Path, work: Path) -> Path:
    """A copy that the work may change."""
    root = work / checkout.name
    shutil.copytree(checkout, root, symlinks=True, ignore=shutil.ignore_patterns(*LEFT_OUT))
    (root / ".git").mkdir()
    return root


def largest_package(root: Path) -> Path | None:
    """The top-level package with the most Python files."""
    tops = {
        path.parent
        for path in root.rglob("__init__.py")
        if not (path.parent.parent / "__init__.py").exists() and path.parent != root
    }
    return max(sorted(tops), key=lambda top: sum(1 for _ in top.rglob("*.py")), default=None)


def contract(package: Path, work: Path) -> Path:
    """One layers contract for import-linter: the parts of the largest package, each a layer."""
    parts = sorted(
        {each.stem for each in package.glob("*.py") if each.stem.isidentifier() and each.stem != "__init__"}
        | {each.parent.name for each in package.glob("*/__init__.py")}
    )
    layers = "".join(f"    {package.name}.{part}\n" for part in parts)
    config = work / f"{package.name}.importlinter"
    head = (
        f"[importlinter]\nroot_package = {package.name}\n[importlinter:contract:layers]\nname = layers\ntype = layers\n"
    )
    config.write_text(f"{head}layers =\n{layers}")
    return config


def import_linter(root: Path, work: Path, *, cold: bool) -> Job | None:
    """import-linter with its contract, None where there is no package to write one for."""
    package = largest_package(root)
    program = found("lint-imports")
    if package is None or program is None:
        return None
    cache = ["--no-cache"] if cold else ["--cache-dir", str(work / "import-linter")]
    command = [program, "--config", str(contract(package, work)), *cache]
    return Job(f"import-linter {'cold' if cold else 'warm'}", command, package.parent)


def found(program: str) -> str | None:
    """A program beside this Python, or on the path."""
    beside = Path(sys.executable).parent / program
    return str(beside) if beside.exists() else shutil.which(program)


def peers(root: Path, work: Path) -> list[Job]:
    """All peers that are installed, without their caches."""
    rules = work / "semgrep.yml"
    rules.write_text(SEMGREP_RULES)
    semgrep = ["scan", "--metrics=off", "--disable-version-check", "--quiet", "--config", str(rules), "."]
    commands = {
        "ty": ["check", "."],
        "semgrep": semgrep,
        "mypy": ["--no-incremental", "--cache-dir", os.devnull, "--ignore-missing-imports", "."],
        "basedpyright": ["."],
        "pylint": ["--recursive=y", "--score=n", "."],
    }
    jobs = [Job(name, [found(name) or "", *rest], root) for name, rest in commands.items() if found(name)]
    linter = import_linter(root, work, cold=True)
    return [*jobs, linter] if linter else jobs


class Editor:
    """Changes one file of the copy before each run."""

    def __init__(self, root: Path) -> None:
        files = sorted(path for path in root.rglob("*.py") if path.is_file() and not path.is_symlink())
        self.file = sorted(files, key=lambda path: (path.stat().st_size, path))[len(files) * 3 // 4]
        self.number = 0

    def __call__(self) -> None:
        self.number += 1
        with self.file.open("a") as file:
            file.write(f"\n\ndef changed_{self.number}():\n    return {self.number}\n")


def benchmark(checkout: Path, rounds: int, only: frozenset[str], work: Path) -> None:
    """All comparisons on one checkout."""
    root = copied(checkout, work)
    environment = {**os.environ, "XDG_CACHE_HOME": str(work / "cache"), "PYTHONDONTWRITEBYTECODE": ""}
    check = [*CDLINT, "check", ".", "--no-progress"]
    cold = Job("cdlint cold", [*check, "--no-cache"], root)
    warm = Job("cdlint warm", check, root)
    changed = Job("cdlint warm, one changed", check, root, Editor(root))
    lines = sum(path.read_bytes().count(b"\n") for path in root.rglob("*.py") if path.is_file())
    print(f"\n{checkout.name}: {lines:,} lines{'':40} CPU of the first / CPU of the second:    min  median     max")
    measure(cold, environment)
    for peer in peers(root, work):
        if not only or peer.name.split()[0] in only:
            compare(cold, peer, rounds, environment)
    measure(warm, environment)
    compare(warm, cold, rounds, environment)
    linter = import_linter(root, work, cold=False)
    if linter and (not only or "import-linter" in only):
        measure(linter, environment)
        compare(warm, linter, rounds, environment)
        compare(changed, linter, rounds, environment)
    else:
        compare(changed, cold, rounds, environment)
    version = Job("cdlint --version", [*CDLINT, "--version"], work)
    compare(version, Job("python -c pass", [sys.executable, "-c", "pass"], work), max(rounds, 10), environment)


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkouts", nargs="+", type=Path, metavar="CHECKOUT")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="the peers to run, with commas between")
    given = parser.parse_args()
    for checkout in given.checkouts:
        with tempfile.TemporaryDirectory() as work:
            benchmark(checkout.resolve(), given.rounds, frozenset(filter(None, given.only.split(","))), Path(work))


if __name__ == "__main__":
    main()
