"""Inference by astroid: the results of the repository's own functions, across files, bounded."""

from __future__ import annotations

from cdlint.facts import tree
from cdlint.project.answers import Unknown
from cdlint.project.constants import fold

SETTINGS = """
def apps(*names):
    return ["core"] + list_of_apps()

def list_of_apps():
    return ["blog", "shop"]

def prefix(version):
    return "/api/" + version
"""


def value_of(project, name):
    binding = next(each for each in project.module("app.py").bindings if each.name == name)
    assert isinstance(binding.value, tree.Call)
    return fold(project, ("app.py", ""), binding.value)


def test_results_of_own_functions(project):
    made = project(
        {
            "settings.py": SETTINGS,
            "app.py": "from settings import apps, prefix\n\nA = apps()\nP = prefix('v1')\nU = input()\n",
        }
    )
    assert value_of(made, "A") == ("core", "blog", "shop")
    assert value_of(made, "P") == "/api/v1"
    assert isinstance(value_of(made, "U"), Unknown)


def test_undecided_and_endless_are_unknown(project):
    made = project(
        {
            "app.py": "import random\n\ndef f():\n    return 'a' if random.random() > 0.5 else 'b'\n\n"
            "def g():\n    return g()\n\nA = f()\nB = g()\n"
        }
    )
    assert isinstance(value_of(made, "A"), Unknown)
    assert isinstance(value_of(made, "B"), Unknown)
