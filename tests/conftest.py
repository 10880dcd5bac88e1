"""What the tests share: a project or a report from a few lines of source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from cdlint import config as configuration
from cdlint.config import Config
from cdlint.diagnostic import Report
from cdlint.facts.parse import facts_of
from cdlint.project import Project
from cdlint.session import Session, open_session

LIMIT = 5_000_000


class Memory:
    """Files that only exist in memory, as a project asks for them."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = dict(files)

    def text(self, path: str) -> str | None:
        return self._files.get(path)

    def exists(self, path: str) -> bool:
        return path in self._files or any(each.startswith(f"{path}/") for each in self._files)

    def files(self, pattern: str) -> tuple[str, ...]:
        name = pattern.rpartition("/")[2]
        return tuple(sorted(path for path in self._files if Path(path).match(name)))

    def ignored(self, path: str) -> bool:
        return False


@pytest.fixture
def project() -> Callable[[Mapping[str, str]], Project]:
    """A project from path -> source."""

    def make(files: Mapping[str, str]) -> Project:
        facts = {path: facts_of(text.encode(), LIMIT) for path, text in files.items() if path.endswith(".py")}
        return Project(facts, Memory(files))

    return make


def isolated(root: Path) -> Config:
    """The configuration of a folder, whatever lies above it."""
    found = configuration.load(str(root))
    if Path(found.root) == root.resolve():
        return found
    return replace(configuration.load(str(root), isolated=True), root=str(root.resolve()))


def opened(root: Path) -> Session:
    """A session on a folder, without a cache."""
    return open_session(isolated(root))


@cache
def reported(case: Path) -> Report:
    """What all rules say of a fixture, which nobody changes while the tests run."""
    return opened(case).report()
