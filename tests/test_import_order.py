"""Loading a cycle of modules is simulated as Python does it: compared with Python on packages made by chance."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from cdlint.packs import load as load_packs
from cdlint.project import Project

PACKAGES = 60
NAMES = ("x0", "x1", "x2")
RUN = """
import importlib, json, os, sys
results = {}
for number in sorted(os.listdir(sys.argv[1])):
    sys.path.insert(0, os.path.join(sys.argv[1], number))
    for file in sorted(os.listdir(os.path.join(sys.path[0], "pkg"))):
        for name in [name for name in sys.modules if name.partition(".")[0] == "pkg"]:
            del sys.modules[name]
        importlib.invalidate_caches()
        try:
            importlib.import_module("pkg" if file == "__init__.py" else "pkg." + file[:-3])
            results[f"{number} pkg/{file}"] = True
        except (ImportError, AttributeError):
            results[f"{number} pkg/{file}"] = False
    del sys.path[0]
print(json.dumps(results))
"""


def _line(rng: random.Random, other: str) -> list[str]:
    name = rng.choice(NAMES)
    lines = [
        [f"from pkg.{other} import {name}"],
        [f"from .{other} import *"],
        [f"from pkg import {other}"],
        [f"import pkg.{other} as a{other}", f"y = a{other}.{name}"],
        [f"import pkg.{other}", f"class K(pkg.{other}.{name}.__class__): pass"],
        [f"from . import {other} as b{other}"],
        [f"{name} = 1"],
        [f"{name} = 2"],
    ]
    return rng.choice(lines)


def _package(number: int) -> dict[str, str]:
    """A package whose modules all bind all names in the end, so that only the order can fail."""
    rng = random.Random(number)
    modules = [f"m{index}" for index in range(rng.randint(2, 4))]
    files = {}
    for module in (*modules, "__init__"):
        others = [each for each in modules if each != module]
        lines = [line for _ in range(rng.randint(1, 4)) for line in _line(rng, rng.choice(others))]
        files[f"pkg/{module}.py"] = "\n".join([*lines, *(f"{name} = 0" for name in NAMES), ""])
    return files


def test_as_python_loads_it(tmp_path: Path, project: Callable[[Mapping[str, str]], Project]) -> None:
    packages = {f"{number:03}": _package(number) for number in range(PACKAGES)}
    for number, files in packages.items():
        for path, text in files.items():
            (tmp_path / number / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / number / path).write_text(text)
    command = [sys.executable, "-B", "-c", RUN, str(tmp_path)]
    real = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    rule = load_packs().rules["structure/fatal-import-cycle"]
    startup = sys.modules[rule.check.__module__.rpartition(".")[0] + "._startup"]
    found = {
        f"{number} {path}": startup.load(made, frozenset(files), path, optional=True) is None
        for number, files in packages.items()
        for made in [project(files)]
        for path in files
    }
    assert found == real
    assert {True, False} == set(found.values())
