"""All modules of the repository as one: what a name means, whatever file it stands in.

`project[fact]` and `project[fact, key]` are memoised functions of the project; see `memo`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar, cast, overload

from ..facts.model import Broken, Module, load
from .memo import CLEAN, RUNNING, Key, Memo, OneRun

T = TypeVar("T")
K = TypeVar("K")

INSTALLED = "<python>/"
"""What the paths of installed modules begin with, which are never among the paths of a project."""


class Files(Protocol):
    """What a project needs of the files it is made of; `source.Tree` is one."""

    def text(self, path: str) -> str | None:
        """The text of a file, None when there is none."""

    def exists(self, path: str) -> bool:
        """Whether a file or folder is there."""

    def files(self, pattern: str) -> tuple[str, ...]:
        """The files that match a glob."""

    def ignored(self, path: str) -> bool:
        """Whether git would ignore a path."""


class Project:
    """The repository as facts. Never changed by its readers, and it reads no file itself."""

    _PULLS = frozenset({"text", "exists", "files", "ignored"})
    """The inputs that are answered by the method of `Files` of the same name."""

    def __init__(
        self,
        facts: dict[str, bytes],
        files: Files,
        settings: Mapping[str, Any] | None = None,
        providers: Mapping[Callable[..., Any], tuple[Callable[..., Any], ...]] | None = None,
        installed: Callable[[str], bytes | None] | None = None,
    ) -> None:
        """`facts` are encoded, by path, and taken over; `providers` say which facts of packs fill a backend word.

        `installed` gives the encoded facts of a file of installed packages, when they may be read.
        """
        self.memo = Memo()
        self._facts = facts
        self._files = files
        self._settings = dict(settings or {})
        self._providers = dict(providers or {})
        self._installed = installed

    def equip(
        self, settings: Mapping[str, Any], providers: Mapping[Callable[..., Any], tuple[Callable[..., Any], ...]]
    ) -> None:
        """Give it the settings and providers that it was made without, before any fact is asked for."""
        self._settings = dict(settings)
        self._providers = dict(providers)

    @overload
    def __getitem__(self, fact: Callable[[Project], T]) -> T: ...

    @overload
    def __getitem__(self, fact: tuple[Callable[[Project, K], T], K]) -> T: ...

    def __getitem__(self, fact: Any) -> Any:
        """Compute a fact at most once per change; every later reader gets the same answer."""
        whole = fact if type(fact) is tuple else (fact, None)
        memo = self.memo
        entry = memo.entries.get(whole)
        if entry is not None and entry.state == CLEAN:
            # Nearly every question ends here, so this way is short.
            if memo.reading is not None:
                memo.reading[entry] = None
            return entry.value
        if whole is fact:
            function, key = fact
            return memo.get(fact, lambda: function(self, key))
        return memo.get(whole, lambda: fact(self))

    # Inputs: every one is recorded, absence included

    @property
    def paths(self) -> tuple[str, ...]:
        """The Python files, sorted, those without facts included."""
        return cast("tuple[str, ...]", self.memo.input(("paths", None), lambda: tuple(sorted(self._facts))))

    def facts(self, path: str) -> Module | Broken | None:
        """What is known of one file; None when the repository has no such Python file."""
        memo = self.memo
        entry = memo.entries.get(("facts", path))
        if entry is None:
            return cast("Module | Broken | None", memo.input(("facts", path), lambda: self._load(path)))
        if memo.reading is not None:
            memo.reading[entry] = None
        return cast("Module | Broken | None", entry.value)

    def module(self, path: str) -> Module | None:
        """The facts of one file, None when it has none."""
        found = self.facts(path)
        return found if isinstance(found, Module) else None

    def text(self, path: str) -> str | None:
        """The text of any file, None when there is none."""
        return cast("str | None", self.memo.input(("text", path), lambda: self._files.text(path)))

    def exists(self, path: str) -> bool:
        """Whether a file or folder is there."""
        return bool(self.memo.input(("exists", path), lambda: self._files.exists(path)))

    def files(self, pattern: str) -> tuple[str, ...]:
        """The files that match a glob such as `**/templates/**`, sorted."""
        return cast("tuple[str, ...]", self.memo.input(("files", pattern), lambda: self._files.files(pattern)))

    def ignored(self, path: str) -> bool:
        """Whether git would ignore a path: then a file that is missing there is made by a build."""
        return bool(self.memo.input(("ignored", path), lambda: self._files.ignored(path)))

    def setting(self, name: str, default: Any = None) -> Any:
        """A value of the configuration, such as `layers`."""
        return self.memo.input(("setting", name), lambda: self._settings.get(name, default))

    def option(self, rule: str, name: str) -> Any:
        """An option of a rule, its default included."""
        return self.setting("options", {}).get(rule, {}).get(name)

    def provided(self, word: Callable[..., Any]) -> tuple[Callable[..., Any], ...]:
        """The facts of packs that fill a backend word."""
        return self._providers.get(word, ())

    # Edits

    def update(self, facts: Mapping[str, bytes | None], others: bool = False) -> None:
        """Replace the facts of files (None: the file is gone). `others`: look at all other inputs again."""
        memo = self.memo
        before = frozenset(self._facts)
        for path, data in facts.items():
            if data is None:
                self._facts.pop(path, None)
            else:
                self._facts[path] = data
        # What was never asked for stays encoded until it is.
        values: dict[Key, Any] = {
            ("facts", path): self._load(path) for path in facts if ("facts", path) in memo.entries
        }
        listing = before != frozenset(self._facts)
        if listing:
            values["paths", None] = tuple(sorted(self._facts))
        for kind, argument in memo.inputs():
            if kind in self._PULLS and (listing or others or argument in facts):
                values[kind, argument] = getattr(self._files, kind)(argument)
        memo.set(values)

    def replace_files(self, files: Files) -> None:
        """Ask other files from now on; `update` says which of them differ."""
        self._files = files

    def _load(self, path: str) -> Module | Broken | None:
        data = self._facts.get(path)
        if data is None and self._installed is not None and path.startswith(INSTALLED):
            data = self._installed(path.removeprefix(INSTALLED))
        elif data is not None:
            # Decoded they are kept by the memo; the bytes would be there twice.
            self._facts[path] = b""
        return None if data is None else load(data)


class Snapshot(Project):
    """A project that nobody edits: every question is answered faster, and `update` is refused."""

    def __init__(
        self, facts: dict[str, bytes], files: Files, *, installed: Callable[[str], bytes | None] | None = None
    ) -> None:
        super().__init__(facts, files, installed=installed)
        answers = OneRun()
        self.memo = answers  # type: ignore[assignment]
        self._values = answers.values
        self._read: dict[str, Module | Broken | None] = {}

    def __getitem__(self, fact: Any) -> Any:
        """Compute a fact at most once."""
        whole = fact if type(fact) is tuple else (fact, None)
        values = self._values
        value = values.get(whole, values)
        if value is values:
            values[whole] = RUNNING
            try:
                value = fact[0](self, fact[1]) if whole is fact else fact(self)
            except BaseException:
                del values[whole]
                raise
            values[whole] = value
        elif value is RUNNING:
            return self.memo.get(whole, lambda: None)
        return value

    def facts(self, path: str) -> Module | Broken | None:
        """What is known of one file; None when the repository has no such Python file."""
        try:
            return self._read[path]
        except KeyError:
            found = self._read[path] = self._load(path)
            return found

    def module(self, path: str) -> Module | None:
        """The facts of one file, None when it has none."""
        try:
            found = self._read[path]
        except KeyError:
            found = self.facts(path)
        return found if type(found) is Module else None

    def update(self, facts: Mapping[str, bytes | None], others: bool = False) -> None:
        """Refused: it is not known what depends on a file."""
        raise RuntimeError("a snapshot cannot be edited")
