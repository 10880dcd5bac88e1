"""`cdlint check`: find, report, and say by the exit status whether there was anything."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import click

from ..config import require_packs
from ..failure import Failure
from ..formats import SarifOptions
from . import progress
from .main import CONTEXT
from .options import configuration, settings_options, source_options
from .output import destinations, emit, standard_output, tell
from .target import Target, has_python, is_below, target

if TYPE_CHECKING:
    from ..diagnostic import Report

FINDINGS = 1


@click.command(context_settings=CONTEXT)
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@settings_options
@click.option(
    "-o",
    "--output-file",
    "output_files",
    envvar="CDLINT_OUTPUT_FILE",
    multiple=True,
    metavar="[FORMAT:]FILE",
    help="Write to this file and not to the standard output, `-`. May be given several times.",
)
@source_options
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.option(
    "--force-exclude",
    is_flag=True,
    help="Accepted for the sake of habit: files that are excluded are never checked, even when named.",
)
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache.")
@click.option("--cache-dir", metavar="DIR", help="Keep the cache here and not in the user's cache folder.")
@click.option(
    "-j", "--jobs", type=click.IntRange(min=1), help="Processes that read files.  [default: one for each core]"
)
@click.option("--stdin-filename", metavar="FILE", help="Where the text of the standard input stands; with `-` as path.")
@click.option("--show-files", is_flag=True, help="List the files that would be checked, and check none.")
@click.option("--show-settings", is_flag=True, help="Show each setting and where it comes from, and check nothing.")
@click.option("--statistics", is_flag=True, help="Count the findings of each rule, and show none.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="When to use colours.")
@click.option("--no-progress", is_flag=True, help="Show no progress bar.")
@click.option("-q", "--quiet", is_flag=True, help="Write findings only; no notices, no progress, nothing when clean.")
@click.option("-v", "--verbose", is_flag=True, help="Say on stderr what was read and how long it took.")
@click.option("--sarif-category", default="", metavar="NAME", help="The category of a SARIF log, for monorepos.")
@click.option(
    "--sarif-max-results", type=click.IntRange(min=0), default=5_000, help="The most findings in a SARIF log; 0: all."
)
@click.option("--sarif-include-suppressed", is_flag=True, help="Put suppressed findings into the SARIF log too.")
@click.pass_context
def check(ctx: click.Context, /, paths: tuple[str, ...], **flags: Any) -> None:
    """Check a project and report what does not fit.

    The project is the nearest folder, at PATH or above, with a `cdlint.toml` or a `[tool.cdlint]` in
    `pyproject.toml`, else the git repository around PATH. All of it is read whatever PATH names; PATH narrows
    what is reported.

    \b
    Exit status:
      0  no errors and no warnings; notes alone do not fail
      1  at least one error or warning
      2  the job could not be done: usage, configuration, nothing to check
    """
    started = time.perf_counter()
    by_folder = not (flags["config_file"] or flags["isolated"])
    asked = target(paths, flags["stdin_filename"], configuration, by_folder=by_folder)
    if flags["show_settings"]:
        from .config import show_valid

        show_valid(asked.config)
        return
    if flags["show_files"]:
        _show_files(asked)
        return
    require_packs(asked.config)
    places = destinations(flags["output_files"], asked.config.output_format)
    configured = time.perf_counter()
    report = _accounted(asked, _run(asked, flags))
    checked = time.perf_counter()
    if not flags["quiet"]:
        tell(report, flags["color"], asked.config.root)
    if flags["statistics"]:
        _statistics(report, places[0].format)
    else:
        sarif = SarifOptions(flags["sarif_category"], flags["sarif_max_results"], flags["sarif_include_suppressed"])
        emit(report, places, asked.config, flags["color"], sarif, quiet=flags["quiet"])
    if flags["verbose"]:
        _timings(asked, report, configured - started, checked - configured, time.perf_counter() - checked)
    failed = any(diagnostic.severity != "note" for diagnostic in report.diagnostics)
    ctx.exit(FINDINGS if failed and not flags["exit_zero"] else 0)


def _run(asked: Target, flags: dict[str, Any]) -> Report:
    import gc

    from ..check import check as find

    config = asked.config
    cache = None
    if not flags["no_cache"]:
        from ..cache import Cache

        cache = Cache(config.root, flags["cache_dir"])
    silent = flags["no_progress"] or flags["quiet"] or not progress.is_wanted()
    # What a run builds it keeps until it ends, and looking for cycles in it doubles the cost of the rules.
    gc.disable()
    try:
        with nullcontext() if silent else progress.Bar() as bar:
            jobs = flags["jobs"] or _cores()
            return find(config, only=asked.only, overlay=asked.overlay, cache=cache, jobs=jobs, progress=bar)
    finally:
        # Nor has the interpreter to look for cycles in all of it when it ends.
        gc.freeze()
        gc.enable()


def _cores() -> int:
    """The processors that this process may use, which in a container are fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _accounted(asked: Target, report: Report) -> Report:
    """A run that looked at nothing is no success, and what was named and not looked at is said."""
    if not report.summary.files:
        raise Failure(f"no Python file to check in `{asked.config.root}`")
    found = {diagnostic.path for diagnostic in report.diagnostics}
    silent = [path for path in asked.only or () if not any(is_below(each, path) for each in found)]
    if not silent:
        return report
    from ..diagnostic import Notice

    files = _files(asked)
    missed = [path for path in silent if not any(is_below(each, path) for each in files)]
    for path in missed:
        if not has_python(asked.config, path):
            raise Failure(f"no Python file to check in `{path}`")
    said = tuple(Notice("not checked: excluded, ignored by git, or no Python file", path) for path in missed)
    return report._replace(notices=(*report.notices, *said))


def _files(asked: Target) -> tuple[str, ...]:
    from ..source import discover

    config = asked.config
    return discover(config.root, config.excluded, config.respect_gitignore, asked.overlay).python


def _show_files(asked: Target) -> None:
    for path in _files(asked):
        if asked.only is None or any(is_below(path, each) for each in asked.only):
            click.echo(path)


def _statistics(report: Report, format: str) -> None:
    counts = Counter((diagnostic.rule, diagnostic.severity) for diagnostic in report.diagnostics)
    rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    out = standard_output(format)
    if format == "json":
        import json

        plain = [{"rule": rule, "severity": severity, "count": count} for (rule, severity), count in rows]
        out.write(json.dumps(plain, indent=2) + "\n")
        return
    width = max((len(str(count)) for _, count in rows), default=0)
    for (rule, severity), count in rows:
        out.write(f"{count:>{width}}  {severity:7}  {rule}\n")


def _timings(asked: Target, report: Report, *seconds: float) -> None:
    config = asked.config
    steps = ", ".join(
        f"{name} {each:.3f} s" for name, each in zip(("configure", "check", "write"), seconds, strict=True)
    )
    said = (
        f"project {config.root}",
        f"configuration {config.file.path if config.file else 'none, defaults'}",
        f"{report.summary.files} files, {report.summary.rules} rules",
        f"{steps}, {time.process_time():.3f} s of CPU in all",
    )
    if sys.stderr is not None:
        sys.stderr.write("".join(f"cdlint: {line}\n" for line in said))
