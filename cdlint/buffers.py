"""The repositories that an editor has open: which file belongs to which, and its buffers laid over them."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from . import config
from .cache import Cache
from .config import Config
from .diagnostic import Diagnostic, Notice
from .failure import Failure
from .session import Session, open_session
from .source import encoding_of


class Open(NamedTuple):
    """A buffer: the name that the client has for it, and the bytes that it would be on disk."""

    uri: str
    content: bytes


class Published(NamedTuple):
    """What the client was told about a file; None: nobody knows."""

    path: str
    diagnostics: tuple[Diagnostic, ...] | None


class Repositories:
    """One session for each project that a buffer belongs to. All paths are real and absolute."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}
        self._buffers: dict[str, Open] = {}
        self._homes: dict[str, str | None] = {}
        """Folder -> root of its project; None where there is none that can be used."""
        self._edited: dict[str, set[str]] = {}
        self._touched: set[str] = set()
        self._folders: tuple[str, ...] = ()
        self._complaints: dict[str, bool] = {}
        """What the user must know, and whether it was said."""
        self._remarks: dict[str, bool] = {}

    def put(self, full: str, uri: str, text: str, folders: tuple[str, ...]) -> None:
        """Take in the text of a buffer; `folders` are those that the user works in."""
        self._folders = folders
        self._buffers[full] = Open(uri, _encoded(text))
        self._mark(full)

    def close(self, full: str) -> None:
        """Take in that a buffer was closed."""
        if self._buffers.pop(full, None):
            self._mark(full)

    def look(self, paths: Iterable[str]) -> None:
        """Take in that files may have changed on disk, configuration included."""
        self._touched.update(paths)

    def settle(self, *, disk: bool) -> tuple[Session, ...]:
        """Bring the sessions up to date with the buffers, and with the disk; those that may say something new."""
        changed: dict[str, None] = {}
        if disk and self._touched:
            changed.update(dict.fromkeys(self._reread()))
        for full in list(self._buffers):
            if os.path.dirname(full) not in self._homes:
                changed.update(dict.fromkeys(self._settled(full)))
        for root, paths in self._edited.items():
            self._sessions[root].edit(sorted(paths))
            changed[root] = None
        self._edited.clear()
        return tuple(self._sessions[root] for root in changed if root in self._sessions)

    def owner(self, full: str) -> Session | None:
        """The session that speaks about a file: the innermost around it."""
        return self._sessions.get(max(self._around(full), key=len, default=""))

    def published(self, session: Session, name: Callable[[str], str]) -> dict[str, Published]:
        """What there is to say about each file of a session, by URI; `name` makes one from a path."""
        report = session.report()
        self._note(report.notices)
        found: dict[str, list[Diagnostic]] = {}
        for each in report.diagnostics:
            found.setdefault(each.path, []).append(each)
        full = {path: os.path.join(session.config.root, path) for path in found}
        return {
            self.uri(session, path, name): Published(full[path], tuple(each))
            for path, each in found.items()
            if self.owner(full[path]) is session
        }

    def uri(self, session: Session, path: str, name: Callable[[str], str]) -> str:
        """What the client calls a file: as it opened it, else as `name` says."""
        full = os.path.join(session.config.root, path)
        return self._buffers[full].uri if full in self._buffers else name(full)

    def complaints(self) -> list[str]:
        """What the user must be told and was not yet."""
        return _news(self._complaints)

    def remarks(self) -> list[str]:
        """What may interest whoever looks for the reason of something, and was not said yet."""
        return _news(self._remarks)

    def _mark(self, full: str) -> None:
        """Every session around a file reads it, also one that does not speak about it."""
        for root in self._around(full):
            session, path = self._sessions[root], _relative(root, full)
            buffer = self._buffers.get(full)
            if buffer is None:
                session.overlay.pop(path, None)
            elif session.overlay.get(path) == buffer.content:
                continue
            else:
                session.overlay[path] = buffer.content
            self._edited.setdefault(root, set()).add(path)

    def _around(self, full: str) -> list[str]:
        return [root for root in self._sessions if _is_in(root, full)]

    def _reread(self) -> list[str]:
        """Look at the disk again; the configurations as well, since one may have come in between."""
        self._homes.clear()
        self._complaints.clear()
        touched, self._touched = self._touched, set()
        self._sessions = {root: each for root, each in self._sessions.items() if self._is_project(root)}
        roots = {root for full in touched for root in self._around(full)}
        for root in roots:
            paths = [_relative(root, full) for full in touched if _is_in(root, full)]
            self._sessions[root].refresh([path for path in paths if path not in self._sessions[root].overlay])
        return sorted(roots)

    def _is_project(self, root: str) -> bool:
        try:
            settings = self._settings(root)
        except Failure:
            return True
        return settings is not None and settings.root == root

    def _settled(self, full: str) -> list[str]:
        """Find the project of a buffer and open it where it is not; the roots that changed by that."""
        folder = os.path.dirname(full)
        try:
            settings = self._settings(full)
            if settings is None:
                self._remarks.setdefault(f"{folder} belongs to no project, so it is not checked", False)
                self._homes[folder] = None
                return []
            self._homes[folder] = settings.root
            known = self._sessions.get(settings.root)
            if known is not None and known.config == settings:
                return []
            self._sessions[settings.root] = self._opened(settings)
            self._edited.pop(settings.root, None)
            return self._around(full)
        except Failure as problem:
            # What was read before stays, with the settings of then.
            self._complaints.setdefault(str(problem), False)
            self._homes[folder] = None
            return []

    def _settings(self, full: str) -> Config | None:
        """The configuration of a file; a folder without any sign of a project is one only if the user opened it."""
        found = config.load(full)
        if found.file or os.path.lexists(os.path.join(found.root, ".git")):
            return found
        folder = max((each for each in self._folders if full == each or _is_in(each, full)), key=len, default=None)
        return config.load(folder) if folder else None

    def _opened(self, settings: Config) -> Session:
        # In one process: threads read the client's messages, and a process that is forked beside
        # threads may never wake up. Without the buffers at first: what they hold is not for the cache.
        session = open_session(settings, cache=self._cache(settings.root))
        inside = {full: each for full, each in self._buffers.items() if _is_in(settings.root, full)}
        session.overlay.update({_relative(settings.root, full): each.content for full, each in inside.items()})
        session.edit(sorted(session.overlay))
        session.report()
        # What was read now stays: looking through it for garbage again and again would cost pauses.
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        return session

    def _cache(self, root: str) -> Cache | None:
        try:
            return Cache(root)
        except Failure as problem:
            self._remarks.setdefault(str(problem), False)
            return None

    def _note(self, notices: Sequence[Notice]) -> None:
        for notice in notices:
            words = f"{notice.path}: {notice.message}" if notice.path else notice.message
            kept = self._complaints if notice.message.startswith("internal error") else self._remarks
            kept.setdefault(words, False)


def _news(said: dict[str, bool]) -> list[str]:
    news = [message for message, done in said.items() if not done]
    said.update(dict.fromkeys(news, True))
    return news


def _is_in(root: str, full: str) -> bool:
    return full.startswith(root.rstrip(os.sep) + os.sep)


def _relative(root: str, full: str) -> str:
    return os.path.relpath(full, root).replace(os.sep, "/")


def _encoded(text: str) -> bytes:
    """The bytes of a text as its own encoding comment has it, in UTF-8 where that cannot be."""
    plain = text.encode("utf-8", "surrogatepass")
    try:
        return text.encode(encoding_of(plain).removesuffix("-sig"))
    except (UnicodeEncodeError, LookupError):
        return plain
