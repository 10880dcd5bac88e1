"""What kind of place a file is: code that serves, or tests, examples and documentation about it."""

from __future__ import annotations

_FOLDERS = frozenset(
    {
        "test", "tests", "testing", "e2e", "example", "examples", "sample", "samples", "demo", "demos", "docs",
        "docs_src", "doc", "benchmark", "benchmarks", "fixtures", "testdata", "test_data", "integration_tests",
    }
)  # fmt: skip


def is_aside(path: str) -> bool:
    """Whether a file is a test, an example or documentation: nothing of it is served."""
    *folders, name = path.split("/")
    if name == "conftest.py" or name.startswith("test_") or name.endswith(("_test.py", "_tests.py")):
        return True
    return name == "tests.py" or not _FOLDERS.isdisjoint(folders)
