"""The memo: computed once, again only when something read came out different, never in a circle."""

from __future__ import annotations

import random

import pytest

from cdlint.project.memo import CyclicFact, Memo


class Sheet:
    """A little spreadsheet: inputs and sums, which counts how often each sum is computed."""

    def __init__(self, inputs: dict[str, int], sums: dict[str, tuple[str, ...]]) -> None:
        self.memo = Memo()
        self.inputs = inputs
        self.sums = sums
        self.ran: list[str] = []

    def get(self, name: str) -> int:
        if name in self.inputs:
            return int(self.memo.input(("cell", name), lambda: self.inputs[name]))
        return int(self.memo.get(("sum", name), lambda: self._sum(name)))

    def _sum(self, name: str) -> int:
        self.ran.append(name)
        return sum(self.get(each) for each in self.sums[name]) % 3

    def put(self, name: str, value: int) -> None:
        self.inputs[name] = value
        self.memo.set({("cell", name): value})


def test_computed_once() -> None:
    sheet = Sheet({"a": 1}, {"x": ("a",), "y": ("x", "x")})
    assert (sheet.get("y"), sheet.get("y"), sheet.ran) == (2, 2, ["y", "x"])


def test_an_equal_result_stops_the_wave() -> None:
    sheet = Sheet({"a": 1}, {"x": ("a",), "y": ("x",)})
    sheet.get("y")
    sheet.ran.clear()
    sheet.put("a", 4)
    assert sheet.ran == ["x"], "at once, since it read the input itself"
    assert not sheet.memo.doubtful(("sum", "y"))
    assert sheet.get("y") == 1
    assert sheet.ran == ["x"]


def test_what_did_not_read_it_is_left_alone() -> None:
    sheet = Sheet({"a": 1, "b": 1}, {"x": ("a",), "y": ("b",)})
    sheet.get("x")
    sheet.get("y")
    sheet.ran.clear()
    sheet.put("a", 2)
    assert not sheet.memo.doubtful(("sum", "y"))
    assert (sheet.get("x"), sheet.get("y"), sheet.ran) == (2, 1, ["x"])


def test_reads_that_change_are_followed() -> None:
    memo = Memo()
    values = {"which": "a", "a": 1, "b": 2}

    def cell(name: str) -> object:
        return memo.input(("cell", name), lambda: values[name])

    def chosen() -> object:
        return memo.get(("chosen", None), lambda: cell(str(cell("which"))))

    assert chosen() == 1
    memo.set({("cell", "which"): "b"})
    assert chosen() == 2
    before = memo.computed
    memo.set({("cell", "a"): 5})
    assert (chosen(), memo.computed) == (2, before)


def test_an_error_is_not_remembered() -> None:
    memo = Memo()
    answers = iter([ValueError("first"), 7])

    def compute() -> object:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with pytest.raises(ValueError, match="first"):
        memo.get(("fact", None), compute)
    assert memo.get(("fact", None), compute) == 7


def test_a_circle_is_an_error_that_names_the_fact() -> None:
    sheet = Sheet({}, {"x": ("y",), "y": ("x",)})
    with pytest.raises(CyclicFact, match="asks for itself"):
        sheet.get("x")


@pytest.mark.parametrize("seed", range(20))
def test_incremental_equals_from_scratch(seed: int) -> None:
    chance = random.Random(seed)
    names = [f"s{number}" for number in range(30)]
    inputs = {f"i{number}": chance.randrange(9) for number in range(8)}
    sums = {
        name: tuple(chance.choice([*inputs, *names[:index]]) for _ in range(chance.randrange(1, 4)))
        for index, name in enumerate(names)
    }
    sheet = Sheet(dict(inputs), sums)
    for _ in range(40):
        sheet.put(chance.choice(list(inputs)), chance.randrange(9))
        for name in chance.sample(names, 5):
            assert sheet.get(name) == Sheet(dict(sheet.inputs), sums).get(name)
