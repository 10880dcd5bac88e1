"""What kind of place a file is: code that serves, or tests, examples and documentation about it."""

from __future__ import annotations

from functools import lru_cache

_FOLDERS = frozenset(
    {
        "test", "tests", "testing", "e2e", "example", "examples", "samples", "demos", "docs",
        "docs_src", "doc", "benchmark", "benchmarks", "fixtures", "testdata", "test_data", "integration_tests",
    }
)  # fmt: skip


_TESTS = frozenset({"test", "tests", "unittest", "unittests"})
_MANY = 50_000
"""How many files' answers are kept: nearly every fact of a file asks first."""


@lru_cache(maxsize=_MANY)
def is_aside(path: str) -> bool:
    """Whether a file is a test, an example, documentation or a copy laid aside: nothing of it is served."""
    folder, _, name = path.rpartition("/")
    return is_test(path) or is_copy(name) or _is_folder_aside(folder)


@lru_cache(maxsize=_MANY)
def is_test(path: str) -> bool:
    """Whether a file is a test, or stands among tests."""
    folder, _, name = path.rpartition("/")
    named = name.startswith("test_") or name.endswith(("_test.py", "_tests.py")) or name in ("tests.py", "conftest.py")
    return named or _is_folder_of_tests(folder) or (name == "test.py" and folder.endswith("settings"))


def is_copy(name: str) -> bool:
    """Whether a file has the name of a copy: `views copy.py`, `views (1).py`."""
    return "(" in name or " copy" in name.lower()


def _is_folder_aside(folder: str) -> bool:
    return not _FOLDERS.isdisjoint(folder.split("/"))


@lru_cache(maxsize=_MANY)
def _is_folder_of_tests(folder: str) -> bool:
    return any(not _TESTS.isdisjoint(part.split("_")) for part in folder.split("/"))
