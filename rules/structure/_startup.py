"""Loading a cycle of modules in Python's order, to see which import finds a half-loaded module."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.project import Project
from cdlint.project.loading import packages_of
from cdlint.project.modules import module_symbol, submodule
from cdlint.project.names import MODULE_ATTRIBUTES

from ._steps import Step, is_open, steps


class Frame(NamedTuple):
    """A file that is being loaded, and the step at which it stands."""

    path: str
    step: Step


class Failure(NamedTuple):
    """A step that takes a name from a module which has not got that far.

    `chain` leads from that module, import by import, to the step that fails, which is its last.
    """

    source: str
    name: str
    chain: tuple[Frame, ...]


class _Load:
    """A run: which files are loaded or being loaded, and the names that those have by now."""

    def __init__(self, project: Project, group: frozenset[str], optional: bool) -> None:
        self.project = project
        self.group = group
        self.optional = optional
        self.done: set[str] = set()
        self.bound: dict[str, set[str]] = {}
        self.open: set[str] = set()
        self.stack: list[list[object]] = []

    def start(self, path: str) -> None:
        self.bound[path] = set()
        if self.project[is_open, path]:
            self.open.add(path)
        self.stack.append([path, 0])

    def finish(self, path: str) -> None:
        self.done.add(path)
        packages = self.project[packages_of, path]
        if packages and packages[-1] in self.bound:
            folder = path.removesuffix("/__init__.py").removesuffix(".py")
            self.bound[packages[-1]].add(folder.rpartition("/")[2])

    def lacks(self, source: str, name: str) -> bool:
        """Whether a file that is being loaded has not bound a name yet."""
        running = source in self.bound and source not in self.done
        if not running or source in self.open:
            return False
        return name not in self.bound[source] and name not in MODULE_ATTRIBUTES


def load(project: Project, group: frozenset[str], entry: str, optional: bool) -> Failure | None:
    """The failure when this file of the group is loaded first, if there is one.

    `optional` says whether the imports that need not happen do. When one of those leads to the
    failure, what happens next is not known, and the answer is None.
    """
    run = _Load(project, group, optional)
    for first in (*project[packages_of, entry], entry):
        if first in group and first not in run.bound:
            run.start(first)
            failure = _drive(run)
            if failure is not None:
                certain = all(frame.step.certain for frame in failure[1])
                return failure[0] if certain else None
    return None


def _drive(run: _Load) -> tuple[Failure, tuple[Frame, ...]] | None:
    while run.stack:
        frame = run.stack[-1]
        path, position = str(frame[0]), frame[1]
        assert isinstance(position, int)
        todo = run.project[steps, path]
        if position == len(todo):
            run.stack.pop()
            run.finish(path)
            continue
        step = todo[position]
        if step.certain or run.optional:
            pending = _pending(run, step)
            if pending is not None:
                run.start(pending)
                continue
            missing = _missing(run, path, step)
            if missing is not None:
                return _failure(run, *missing)
            _bind(run, path, step)
        frame[1] = position + 1
    return None


def _pending(run: _Load, step: Step) -> str | None:
    """The next file that the step has to load: `from package import x` tries a module `x` last."""
    for each in step.loads:
        if each in run.group and each not in run.bound:
            return each
    if step.kind == "import" and step.name and run.lacks(step.source, step.name):
        inner = _submodule(run, step.source, step.name)
        return inner if inner in run.group and inner not in run.bound else None
    return None


def _submodule(run: _Load, package: str, name: str) -> str:
    inner = submodule(run.project, module_symbol(package), name)
    return inner.path if inner is not None else ""


def _missing(run: _Load, path: str, step: Step) -> tuple[str, str] | None:
    """The half-loaded file and the name of it that the step needs in vain."""
    if step.kind == "import" and step.name and step.name != "*" and step.source != path:
        lost = run.lacks(step.source, step.name) and not _submodule(run, step.source, step.name)
        return (step.source, step.name) if lost else None
    if step.kind == "read":
        source = step.source
        for name in step.name.split("."):
            if source not in run.bound:
                return None
            if run.lacks(source, name):
                return source, name
            source = _submodule(run, source, name)
    return None


def _bind(run: _Load, path: str, step: Step) -> None:
    if step.binds != "*":
        if step.binds:
            run.bound[path].add(step.binds)
    elif step.source in run.bound and step.source not in run.open:
        run.bound[path] |= run.bound[step.source]
    else:
        # It brings names that are not followed here.
        run.open.add(path)


def _failure(run: _Load, source: str, name: str) -> tuple[Failure, tuple[Frame, ...]]:
    frames = []
    for path, position in run.stack:
        assert isinstance(position, int)
        frames.append(Frame(str(path), run.project[steps, str(path)][position]))
    start = next(index for index, frame in enumerate(frames) if frame.path == source)
    return Failure(source, name, tuple(frames[start:])), tuple(frames)
