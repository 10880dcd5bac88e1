"""The language server: which messages it understands, and when it computes."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterable

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from . import __version__
from .buffers import Published, Repositories
from .diagnostic import Diagnostic, Place
from .session import Session

SEVERITY = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "note": types.DiagnosticSeverity.Information,
}
WATCHED = ("**/*.{py,toml,cfg,txt,html}", "**/.gitignore")
SOON, LATER = 0.04, 0.4
"""Seconds: what comes within them is taken in at once."""


class Server(LanguageServer):
    """The open repositories, and what the client was told about them."""

    def __init__(self) -> None:
        # Whole texts: pygls splits lines at form feeds, where editors do not, so that changes of
        # parts would end up in the wrong place.
        super().__init__("cdlint", __version__, types.TextDocumentSyncKind.Full)
        self.repositories = Repositories()
        self.sent: dict[str, Published] = {}
        self.was_dismissed = False
        self._timers: dict[float, asyncio.TimerHandle] = {}

    def put(self, uri: str, text: str) -> None:
        """Take in the text of a buffer."""
        if full := _path(uri):
            self.repositories.put(full, uri, text, self._folders())
            self._schedule(SOON)

    def forget(self, uri: str) -> None:
        """Some clients have lost what they were told about a buffer once it was closed."""
        if full := _path(uri):
            self.sent[uri] = Published(full, None)

    def close(self, uri: str) -> None:
        """Take in that a buffer was closed: what is on disk counts again."""
        if full := _path(uri):
            self.repositories.close(full)
            self._schedule(SOON)

    def look(self, uris: Iterable[str]) -> None:
        """Take in that files may have changed on disk."""
        self.repositories.look([full for full in map(_path, uris) if full])
        self._schedule(LATER)

    def _folders(self) -> tuple[str, ...]:
        """The folders that the user has opened."""
        uris = [*self.workspace.folders, self.workspace.root_uri or ""]
        return tuple(full for full in map(_path, uris) if full)

    def _schedule(self, delay: float) -> None:
        """Compute when the messages that are under way have been read, however many there are."""
        if delay not in self._timers:
            self._timers[delay] = asyncio.get_running_loop().call_later(delay, self._due, delay)

    def _due(self, delay: float) -> None:
        self._timers.pop(delay, None)
        try:
            self._publish(self.repositories.settle(disk=delay == LATER))
        except Exception as error:
            reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
            self._say(types.MessageType.Error, f"internal error: {reason} (this is a bug of cdlint)")
            if os.environ.get("CDLINT_DEBUG"):
                raise

    def _publish(self, changed: tuple[Session, ...]) -> None:
        """Send the diagnostics of each file whose diagnostics are not what the client has."""
        for session in changed:
            found = self.repositories.published(session, _uri)
            for uri, old in self.sent.items():
                if uri not in found and self.repositories.owner(old.path) in (session, None):
                    found[uri] = old._replace(diagnostics=())
            for uri, new in sorted(found.items()):
                if self.sent.get(uri, Published(new.path, ())).diagnostics != new.diagnostics:
                    items = [self._diagnostic(session, each) for each in new.diagnostics or ()]
                    self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, items))
                self.sent.pop(uri, None)
                if new.diagnostics:
                    self.sent[uri] = new
        for message in self.repositories.complaints():
            self._say(types.MessageType.Error, message)
        for message in self.repositories.remarks():
            self.window_log_message(types.LogMessageParams(types.MessageType.Info, f"cdlint: {message}"))

    def _say(self, kind: types.MessageType, message: str) -> None:
        self.window_show_message(types.ShowMessageParams(kind, f"cdlint: {message}"))

    def _diagnostic(self, session: Session, each: Diagnostic) -> types.Diagnostic:
        related = [
            types.DiagnosticRelatedInformation(
                types.Location(self.repositories.uri(session, place.path, _uri), self._range(session, place)),
                place.message,
            )
            for place in (*each.related, *each.chain)
        ]
        return types.Diagnostic(
            range=self._range(session, each),
            message=f"{each.message}\n{each.cure}".rstrip(),
            severity=SEVERITY[each.severity],
            code=each.rule,
            source="cdlint",
            related_information=related,
            data={"fingerprint": each.fingerprint},
        )

    def _range(self, session: Session, place: Diagnostic | Place) -> types.Range:
        return types.Range(
            types.Position(place.line - 1, self._column(session, place.path, place.line, place.column)),
            types.Position(place.end_line - 1, self._column(session, place.path, place.end_line, place.end_column)),
        )

    def _column(self, session: Session, path: str, line: int, column: int) -> int:
        """The column from 0, in the units that were agreed with the client."""
        head = session.placer.line(path, line)[: column - 1]
        return int(self.workspace.position_codec.client_num_units(head)) + column - 1 - len(head)


def _path(uri: str) -> str:
    """The real path of a file's URI, `""` for a buffer that is no file."""
    full = to_fs_path(uri) if uri.startswith("file:") else None
    return os.path.realpath(full) if full and "\0" not in full else ""


def _uri(full: str) -> str:
    return from_fs_path(full) or ""


def _watch(server: Server) -> None:
    """Ask the client to tell what changes on disk, if it can."""
    workspace = server.client_capabilities.workspace
    watching = workspace.did_change_watched_files if workspace else None
    if watching and watching.dynamic_registration:
        watchers = [types.FileSystemWatcher(glob_pattern=pattern) for pattern in WATCHED]
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        registration = types.Registration("cdlint-watch", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        server.client_register_capability(types.RegistrationParams([registration]))


def make() -> Server:
    """A server that is ready to be started."""
    server = Server()

    @server.feature(types.INITIALIZED)
    def initialized(ls: Server, params: types.InitializedParams) -> None:
        _watch(ls)

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
        ls.forget(params.text_document.uri)
        ls.put(params.text_document.uri, params.text_document.text)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
        uri = params.text_document.uri
        ls.put(uri, ls.workspace.get_text_document(uri).source)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
        # Not every client tells what changes on disk, but every one tells when the user saves.
        ls.look([params.text_document.uri])

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
        ls.close(params.text_document.uri)

    @server.feature(types.SHUTDOWN)
    def dismissed(ls: Server, params: None) -> None:
        ls.was_dismissed = True

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
        ls.look([change.uri for change in params.changes])

    return server


def serve() -> int:
    """Speak the language server protocol on the standard streams until the client leaves.

    The exit status: 0 if the client asked for the end before it left.
    """
    server = make()
    # Nothing else may write where the messages go.
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)
        server.start_io(sys.stdin.buffer, out)
    return 0 if server.was_dismissed else 1
