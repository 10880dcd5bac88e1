"""The walk over the paths of a function."""

from __future__ import annotations

from cdlint.facts import tree
from cdlint.project.flow import Outcome, Step, order, walk
from cdlint.project.flow_tests import never_run

from .facts import module


def body(code: str) -> tuple[tree.Node, ...]:
    return module(f"def f():\n{code}").functions[1].body


def trace(code: str, paths: int = 12) -> Outcome[tuple[str, ...]]:
    """The calls of plain names on each path; `stop()` never returns."""

    def step(state: tuple[str, ...], each: Step) -> tuple[str, ...] | None:
        if each.kind in ("enter", "leave", "catch"):
            return (*state, each.kind)
        if each.kind in ("assume", "item"):
            return state
        for node, _ in order(each.value):
            if isinstance(node, tree.Call) and isinstance(node.func, tree.Path):
                if node.func.text == "stop":
                    return None
                state = (*state, node.func.text)
        return state

    return walk(body(code), (), step, None, paths)


def test_branches_and_early_returns() -> None:
    found = trace(" if x:\n  a()\n  return\n b()\n if y:\n  stop()\n c()")
    assert found.returns == (("a",),)
    assert found.ends == (("b", "c"),)


def test_tests_that_contradict_each_other_are_no_path() -> None:
    found = trace(" if x:\n  a()\n if not x:\n  b()\n if x is None:\n  c()\n")
    assert set(found.ends) == {("a",), ("b",), ("b", "c")}


def test_an_assignment_forgets_a_test() -> None:
    assert len(trace(" if x:\n  a()\n x = g()\n if x:\n  b()\n").ends) == 4


def test_loops_run_no_one_or_two_rounds() -> None:
    found = trace(" for i in xs:\n  a()\n  if i:\n   break\n else:\n  b()\n")
    assert set(found.ends) == {("b",), ("a", "b"), ("a", "a", "b"), ("a",), ("a", "a")}
    assert trace(" while True:\n  a()\n  if x:\n   return b()\n").ends == ()


def test_a_with_is_left_on_every_way_out() -> None:
    found = trace(" with g():\n  if x:\n   return a()\n  b()\n c()\n")
    assert found.returns == (("enter", "a", "leave"),)
    assert found.ends == (("enter", "b", "leave", "c"),)


def test_every_statement_of_a_try_may_raise() -> None:
    found = trace(" try:\n  a()\n  b()\n except E:\n  c()\n else:\n  d()\n finally:\n  e()\n")
    assert set(found.ends) == {("a", "b", "d", "e"), ("catch", "c", "e"), ("a", "catch", "c", "e")}


def test_a_final_block_runs_before_a_return() -> None:
    assert trace(" try:\n  return a()\n finally:\n  b()\n").returns == (("a", "b"),)


def test_match_falls_through_without_a_last_case_for_all() -> None:
    assert set(trace(" match x:\n  case 1:\n   a()\n").ends) == {("a",), ()}
    assert set(trace(" match x:\n  case 1:\n   a()\n  case _:\n   b()\n").ends) == {("a",), ("b",)}


def test_too_many_paths_are_joined_or_cut() -> None:
    code = "".join(f" if x{i}:\n  a{i}()\n" for i in range(6))
    assert not trace(code, 4).complete
    limit = trace(code, 4).limit
    assert limit is not None
    assert "more than 4 different ways" in limit.why

    def step(state: int, each: Step) -> int:
        return state + (each.kind == "evaluate" and isinstance(each.value, tree.Call))

    joined = walk(body(code), 0, step, max, 4)
    assert joined.complete
    assert joined.ends == (6,)


def test_order_is_that_of_evaluation() -> None:
    (statement,) = body(" return f(await g(x), [h(y) for y in k()])\n")
    calls = [(node.func.text, awaited) for node, awaited in order(statement.value) if isinstance(node, tree.Call)]
    assert calls == [("g", True), ("k", False), ("h", False), ("f", False)]


def test_a_literal_in_a_test_decides_it() -> None:
    found = trace(" if False and x:\n  a()\n if x or True:\n  b()\n else:\n  c()\n if x and y:\n  d()\n")
    assert set(found.ends) == {("b",), ("b", "d")}
    dead = body(" if not (x and 0):\n  a()\n else:\n  b()\n  c()\n if x:\n  d()\n")
    assert list(never_run(*dead)) == [(5, 2, 6, 5)]
