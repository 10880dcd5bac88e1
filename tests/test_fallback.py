"""Files written for a newer Python give the facts that an older spelling of them gives."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from cdlint.facts import fallback, worker
from cdlint.facts.fallback import MAX_BYTES, MAX_CHAIN, NotRead, Older, downlevel
from cdlint.facts.tree import Call, FString, calls, walk

from .facts import broken, module, placeless, unbound

# Newer spelling, and older spelling with the same facts apart from columns.
SPELLINGS = {
    "except": ("try: pass\nexcept A, B:\n  x\n", "try: pass\nexcept (A, B):\n  x\n"),
    "except without space": ("try: pass\nexcept  A,B: x\n", "try: pass\nexcept (A, B): x\n"),
    "except star": ("try: pass\nexcept* A, B: x\n", "try: pass\nexcept* (A, B): x\n"),
    "except, both": (
        "try: pass\nexcept (A, B) as e: e\nexcept C, D: x\n",
        "try: pass\nexcept (A, B) as e: e\nexcept (C, D): x\n",
    ),
    "class": ("class A[T]: pass\nclass B[T = int](A): pass\n", "class A: pass\nclass B(A): pass\n"),
    "quotes": ('x = f"a{y["k"]}b"\n', "x = f'a{y[\"k\"]}b'\n"),
    "lone backslash": ('x = f"\\{y["k"]}"\n', "x = f'\\\\{y[\"k\"]}'\n"),
    "nested": ('x = f"{f"{f"{y}"}"}"\n', "x = f'''{f\"\"\"{f'{y}'}\"\"\"}'''\n"),
    "comment": ('x = f"{\n  y # why\n}"\n', "x = f'''{\n  y\n}'''\n"),
    "format": ('x = f"{y["k"]!r:>{w["n"]}.{p}} {z:%H}"\n', 'x = f\'{y["k"]!r:>{w["n"]}.{p}} {z:%H}\'\n'),
    "debug": ('x = f"{y["k"] = }"\n', "x = f'{y[\"k\"] = }'\n"),
    "braces": ('x = f"{{{y["k"]}}}\\t\\N{EM DASH}\\""\n', 'x = f\'{{{y["k"]}}}\\t\\N{EM DASH}"\'\n'),
    "raw": ('x = rf"\\d{{2}}{y["k"]}"\n', "x = rf'\\d{{2}}{y[\"k\"]}'\n"),
    "chain": ('x = ("a" # one\n  f"b{y["k"]}" "c" f"{z}")\n', "x = ('a'\n f'b{y[\"k\"]}' 'c' f'{z}')\n"),
    "docstring-like": ('f"{y["k"]}"\n', "f'{y[\"k\"]}'\n"),
    "triple": ('x = f"""\n  select {y["""k"""]} "{z}\n"""\n', 'x = f\'\'\'\n  select {y["""k"""]} "{z}\n\'\'\'\n'),
}


@pytest.mark.parametrize(("newer", "older"), SPELLINGS.values(), ids=SPELLINGS)
def test_same_facts(newer: str, older: str) -> None:
    assert placeless(newer) == placeless(older)


def test_backslashes_in_fields() -> None:
    found = module("x = f\"{'\\n'.join(y)}\"\n")
    (call,) = calls(*found.main.body)
    assert call.func.value.value == "\n"


@pytest.mark.parametrize("source", [newer.encode() for newer, _ in SPELLINGS.values()], ids=SPELLINGS)
def test_lines_are_kept(source: bytes) -> None:
    older = downlevel(source)
    assert older is not None
    assert older.source.count(b"\n") == source.count(b"\n")


def test_type_parameters_are_bound() -> None:
    found = module("def f[T](a: T) -> T: return T, U\nclass A[K](Base[K]):\n  def m(self, k: K) -> K: return k\n")
    assert [each.name for each in found.unbound] == ["U", "Base"]
    assert found.functions[1].binds == ("a",)


def test_type_parameters_on_many_lines() -> None:
    found = module("def f[\n    T, # c\n    U,\n](a: T) -> U:\n    return 1\nclass A[\n  T\n]:\n  x = 1\ny = 2\n")
    assert [function.end_line for function in found.functions[1:]] == [5]
    assert [binding.at[0] for binding in found.bindings] == [1, 6, 10]
    assert found.classes[0].fields[0].at[0] == 9


def test_type_alias() -> None:
    found = module("type X[T] = dict[T, Later]\nif X:\n    type  Y=int; z = 1\n")
    assert found.unbound == ()
    assert [(each.name, each.at) for each in found.bindings[:2]] == [("X", (1, 5, 1, 6)), ("Y", (3, 10, 3, 11))]
    assert found.bindings[2].name == "z"


def test_places_inside_strings_are_kept() -> None:
    source = 'x = f"é{a["k"]} and {b.c!r:>{w}}", tail["n"]\n'
    older = downlevel(source.encode())
    assert older is not None
    line = source.encode()
    paths = [node for node in walk(*module(source).main.body) if type(node).__name__ == "Path"]
    assert [line[at[1] : at[3]].decode() for _, at in paths if _ != "x"] == ["a", "b.c", "tail"]


def test_strings_stay_strings() -> None:
    found = module('q = text(f"select {t["name"]}")\n')
    (call,) = calls(*found.main.body)
    assert isinstance(call, Call)
    assert isinstance(call.args[0], FString)
    assert call.args[0].parts[0].value == "select "


def test_template_strings_and_lazy_imports() -> None:
    older = downlevel(b'lazy import a.b; x = 1\nlazy from c import d\ny = t"k{a["b"]:>{w}}"\nz = [*a for a in b]\n')
    assert older is not None
    written = ast.unparse(older.restore(ast.parse(older.source)))
    assert written.startswith("import a.b\nx = 1\nfrom c import d\n")
    assert written.endswith("z = [a for a in b]")


def test_what_nobody_reads_is_a_syntax_error() -> None:
    assert broken("def f[T](: pass\n").kind == "syntax"
    assert broken("try: pass\nexcept A, B as c: pass\n").kind == "syntax"
    assert broken("<<<<<<< ours\nx = 1\n").line == 1


def test_encodings_and_line_ends() -> None:
    new = "try: pass\nexcept A, B: pass\nx = 'é'\n"
    for source in (
        b"\xef\xbb\xbf" + new.encode(),
        b"# coding: latin-1\n" + new.encode("latin-1"),
        new.replace("\n", "\r\n").encode(),
        new.rstrip("\n").encode(),
    ):
        assert unbound(source) == ["A", "B"]
        assert module(source).bindings[0].value.value == "é"


def test_suppressions_after_newer_syntax() -> None:
    found = module('x = f"{a["b"]}"\ny = 1  # cdlint: ignore[a/b] why\n')
    assert [(each.rules, each.lines) for each in found.suppressions] == [(("a/b",), (2, 2))]


@pytest.mark.parametrize(
    "source",
    ["type X = " + "[" * 150 + "]" * 150, "type X = " + "+".join("1" * MAX_CHAIN * 2), "type X = a" + ".b" * 20_000],
)
def test_intricate_code_is_not_tried(source: str) -> None:
    with pytest.raises(NotRead):
        downlevel(source.encode())


def test_large_files_are_not_tried() -> None:
    with pytest.raises(NotRead, match="bytes"):
        downlevel(b"type X = int\n" * (MAX_BYTES // 10))


def test_long_displays_are_read() -> None:
    assert downlevel(b"type X = int\nx = [" + b"f(1 + 1), " * 3_000 + b"]\n") is not None


def test_unread_is_not_a_syntax_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: bytes) -> Older | None:
        raise NotRead("it gave up")

    monkeypatch.setattr(fallback, "downlevel", refuse)
    found = broken("def f(:\n")
    assert found.kind == "too-deep"
    assert "it gave up" in found.message


def test_templates_that_do_not_fit() -> None:
    older = Older(b"m(x)", frozenset(), "m", (((3, None),),))
    with pytest.raises(ValueError, match="field"):
        older.restore(ast.parse(older.source))


def test_a_dead_worker_is_replaced() -> None:
    assert downlevel(b"type X = int\n") is not None
    process = worker._workers[os.getpid()]._process
    assert process is not None
    process.kill()
    process.wait()
    assert downlevel(b"type X = int\n") is not None


def test_a_worker_that_dies_of_a_file_costs_that_file_only(monkeypatch: pytest.MonkeyPatch) -> None:
    own = worker._Worker()
    monkeypatch.setitem(worker._workers, os.getpid(), own)
    monkeypatch.setattr(worker, "_START", DYING)
    with pytest.raises(NotRead, match="gave up"):
        downlevel(b"die")
    with pytest.raises(NotRead, match="again"):
        downlevel(b"live")
    own.stop()


DYING = """
import sys, os; sys.path[:] = sys.argv[1:]
import cdlint.facts.worker as worker
worker._answer = lambda source: os._exit(3) if source == b"die" else ("failed", "again")
worker.serve()
"""
HANGING = """
import sys, time; sys.path[:] = sys.argv[1:]
import cdlint.facts.worker as worker
worker.TIMEOUT = 0.2
worker._answer = lambda source: time.sleep(600) if source else ("ready",)
worker.serve()
"""


def test_a_hanging_worker_ends_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    own = worker._Worker()
    monkeypatch.setitem(worker._workers, os.getpid(), own)
    monkeypatch.setattr(worker, "_START", HANGING)
    with pytest.raises(NotRead, match="gave up"):
        downlevel(b"hang")
    own.stop()


def test_no_worker_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(worker._workers, os.getpid(), worker._Worker())
    monkeypatch.setattr(sys, "executable", str(Path(__file__).parent / "no-such-python"))
    for _ in range(2):
        with pytest.raises(NotRead, match="does not start"):
            downlevel(b"type X = int\n")


def script(text: str, where: Path) -> list[str]:
    """The lines printed by a Python that runs the text in a folder."""
    paths = os.pathsep.join([str(Path(__file__).parent.parent), *sys.path])
    ran = subprocess.run(
        [sys.executable, "-P", "-c", textwrap.dedent(text)],
        cwd=where,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stderr == ""
    return ran.stdout.splitlines()


def test_the_checked_folder_is_never_imported_from(tmp_path: Path) -> None:
    for name in ("libcst", "faulthandler", "signal", "cdlint"):
        (tmp_path / f"{name}.py").write_text(f"open('imported-{name}', 'w')\n")
    ask = "from cdlint.facts.fallback import downlevel\nprint(downlevel(b'type X = int') is not None)"
    lines = script(ask, tmp_path)
    assert lines == ["True"]
    assert not list(tmp_path.glob("imported-*"))


def test_the_worker_ends_with_its_process(tmp_path: Path) -> None:
    lines = script(
        """
        import os
        from cdlint.facts import fallback, worker
        fallback.downlevel(b"type X = int")
        print(worker._workers[os.getpid()]._process.pid, flush=True)
        os._exit(0)
        """,
        tmp_path,
    )
    for _ in range(200):
        if not alive(int(lines[0])):
            return
        time.sleep(0.05)
    pytest.fail("the worker outlives its process")


def alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    if status.parent.parent.joinpath("self").exists():
        return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"
    if os.name != "posix":
        return False
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def test_a_forked_process_has_its_own_worker(tmp_path: Path) -> None:
    lines = script(
        """
        import os
        from cdlint.facts import fallback
        print(fallback.downlevel(b"type X = int") is not None, flush=True)
        if hasattr(os, "fork"):
            child = os.fork()
            if not child:
                os._exit(fallback.downlevel(b"type X = int") is None)
            print(os.waitpid(child, 0)[1] == 0)
        else:
            print(True)
        print(fallback.downlevel(b"type X = int") is not None)
        """,
        tmp_path,
    )
    assert lines == ["True", "True", "True"]
