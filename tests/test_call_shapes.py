"""What is read from encoded bodies is what decoding them says."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.project import Project
from cdlint.project.arguments import shape_of
from rules.calls._shapes import heads

SOURCE = """
def run(items, **options):
    f()
    f(1, *items, key=2)
    a.b.f(f(1, 2), **options)
    f().g(3)
    long_name_of_a_function_with_exactly_forty_c(1)
    text = "f(" + f"{f(4)}" + "é"
    lambda: f(5)
    with open("x") as one, a.lock():
        for item in f(6):
            pass
    try:
        pass
    except ValueError:
        with f(7):
            pass
    match text:
        case "x":
            for item in g():
                pass


async def wait():
    async with f():
        async for item in a.g():
            pass
"""


def functions(project: Callable[[Mapping[str, str]], Project]) -> list[Function]:
    module = project({"m.py": SOURCE}).module("m.py")
    assert module is not None
    return list(module.functions)


def test_the_shapes_of_calls_are_those_of_the_decoded_body(project: Callable[[Mapping[str, str]], Project]) -> None:
    for function in functions(project):
        decoded = {shape_of(call) for call in tree.calls(*function.body) if isinstance(call.func, tree.Path)}
        assert {shape for shape in function.shapes if not shape[0].startswith("?")} == decoded
        assert {shape[0] for shape in function.shapes} == set(function.calls)


def test_the_calls_in_the_heads_of_statements(project: Callable[[Mapping[str, str]], Project]) -> None:
    _, run, wait = functions(project)
    assert sorted(heads(run)) == [("a.lock", "with"), ("f", "for"), ("f", "with"), ("g", "for"), ("open", "with")]
    assert sorted(heads(wait)) == [("a.g", "async for"), ("f", "async with")]
