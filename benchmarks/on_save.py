"""How long an editor waits: CPU from a change of a buffer to the report, in a session that stays open.

    python benchmarks/on_save.py CHECKOUT [--edits 200] [--seed 0]

60 % of the edits are in a body, 20 % change a signature, 10 % an import, 10 % a base class or a
field. Each is a buffer over the file and undone again; the checkout itself is never written.
"""

from __future__ import annotations

import argparse
import ast
import gc
import random
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from cdlint.config import load
from cdlint.session import Session, open_session


class Edit(NamedTuple):
    """What is put in before a place of a file: line from 1, column in bytes."""

    line: int
    column: int
    text: str


def body(module: ast.Module, chance: random.Random, number: int) -> Edit | None:
    """A new statement in some function."""
    functions = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    if not functions:
        return None
    statement = chance.choice(chance.choice(functions).body)
    return _before(statement, f"edited_{number} = {number}")


def signature(module: ast.Module, chance: random.Random, number: int) -> Edit | None:
    """A new parameter with a default, after the others."""
    functions = [
        node
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.args.args
        and not (node.args.vararg or node.args.kwonlyargs or node.args.kwarg)
    ]
    if not functions:
        return None
    given = chance.choice(functions).args
    return _after(max([*given.args, *given.defaults], key=_end), f", edited_{number}=None")


def imports(module: ast.Module, chance: random.Random, number: int) -> Edit | None:
    """One more name from where a file imports already."""
    found = [node for node in module.body if isinstance(node, ast.Import | ast.ImportFrom)]
    found = [node for node in found if not (isinstance(node, ast.ImportFrom) and node.module == "__future__")]
    if not found:
        return None
    chosen = chance.choice(found)
    if isinstance(chosen, ast.Import):
        return _before(chosen, f"import {chosen.names[0].name} as edited_{number}")
    name = chosen.names[0].name
    alias = "" if name == "*" else f" as edited_{number}"
    return _before(chosen, f"from {'.' * chosen.level}{chosen.module or ''} import {name}{alias}")


def shape(module: ast.Module, chance: random.Random, number: int) -> Edit | None:
    """One more field, or one more base class."""
    classes = [node for node in ast.walk(module) if isinstance(node, ast.ClassDef)]
    if not classes:
        return None
    chosen = chance.choice(classes)
    if chosen.bases and not chosen.keywords and chance.random() < 0.5:
        return _after(chosen.bases[-1], ", object")
    return _before(chosen.body[0], f"edited_{number} = None")


def _before(node: ast.stmt, text: str) -> Edit:
    first = min([node, *getattr(node, "decorator_list", [])], key=lambda each: each.lineno)
    start = first.col_offset - (1 if first is not node else 0)
    return Edit(first.lineno, start, f"{text}; " if _is_simple(node) else f"{text}\n{' ' * start}")


def _is_simple(node: ast.stmt) -> bool:
    return not hasattr(node, "body") and not isinstance(node, ast.Match | ast.Try)


def _after(node: ast.AST, text: str) -> Edit:
    return Edit(*_end(node), text)


def _end(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "end_lineno", 0), getattr(node, "end_col_offset", 0)


def applied(source: bytes, edit: Edit) -> bytes | None:
    """The source with the edit, None when that is no Python."""
    lines = source.split(b"\n")
    line = lines[edit.line - 1]
    lines[edit.line - 1] = line[: edit.column] + edit.text.encode() + line[edit.column :]
    changed = b"\n".join(lines)
    try:
        ast.parse(changed)
    except (SyntaxError, ValueError, RecursionError):
        return None
    return changed


KINDS: tuple[tuple[str, int, Callable[[ast.Module, random.Random, int], Edit | None]], ...] = (
    ("body", 6, body),
    ("signature", 2, signature),
    ("import", 1, imports),
    ("shape", 1, shape),
)


def planned(session: Session, count: int, chance: random.Random) -> list[tuple[str, str, bytes]]:
    """Edits as kind, path and new content, spread over the whole repository."""
    turn = [kind for kind in KINDS for _ in range(kind[1])]
    made: list[tuple[str, str, bytes]] = []
    paths = session.project.paths
    for attempt in range(count * 100):
        if len(made) == count:
            break
        name, _, kind = turn[len(made) % len(turn)]
        path = chance.choice(paths)
        source = session.tree.read(path)
        try:
            edit = kind(ast.parse(source), chance, attempt)
        except (SyntaxError, ValueError, RecursionError):
            continue
        changed = applied(source, edit) if edit else None
        if changed is not None:
            made.append((name, path, changed))
    return made


def timed(session: Session, path: str, content: bytes) -> float:
    """CPU milliseconds from the change to the report; the change is undone afterwards."""
    started = time.process_time()
    session.overlay[path] = content
    session.edit([path])
    session.report()
    taken = time.process_time() - started
    del session.overlay[path]
    session.edit([path])
    session.report()
    return taken * 1000


def told(name: str, times: list[float]) -> str:
    """One row of the table."""
    times = sorted(times)
    at = [times[min(int(len(times) * part), len(times) - 1)] for part in (0.5, 0.95, 1.0)]
    return f"{name:10} {len(times):5}   " + " ".join(f"{each:9.2f}" for each in at)


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--edits", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--slowest", type=int, default=0, help="name so many of the slowest edits")
    given = parser.parse_args()
    started = time.process_time()
    session = open_session(load(str(given.checkout)))
    findings = len(session.report().diagnostics)
    opened = time.process_time() - started
    # As the server does: what was read at the start is not looked through again and again.
    gc.freeze()
    lines = sum(session.tree.read(path).count(b"\n") for path in session.project.paths)
    print(f"{given.checkout.name}: {len(session.project.paths):,} files, {lines:,} lines, {findings} findings, "
          f"opened in {opened:.2f} s of CPU")  # fmt: skip
    times = [
        (timed(session, path, content), kind, path)
        for kind, path, content in planned(session, given.edits, random.Random(given.seed))
    ]
    print(f"{'ms of CPU':10} {'edits':>5}   {'p50':>9} {'p95':>9} {'max':>9}")
    for name, _, _ in KINDS:
        print(told(name, [taken for taken, kind, _ in times if kind == name]))
    print(told("all", [taken for taken, _, _ in times]))
    for taken, kind, path in sorted(times, reverse=True)[: given.slowest]:
        print(f"{taken:9.2f} ms  {kind:10} {path}")
    unit = 1 if sys.platform == "darwin" else 1024
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
