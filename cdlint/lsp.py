"""The language server: diagnostics on open, change and save, from repositories that stay open."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from . import __version__, config
from .diagnostic import Diagnostic, Place
from .failure import Failure
from .session import Session, open_session

SEVERITY = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "note": types.DiagnosticSeverity.Information,
}
CONFIGURATION = ("cdlint.toml", "pyproject.toml")
WATCHED = ("**/*.py", "**/cdlint.toml", "**/pyproject.toml", "**/.gitignore")


class Server(LanguageServer):
    """The server with its open repositories, by root."""

    def __init__(self) -> None:
        super().__init__("cdlint", __version__)
        self.sessions: dict[str, Session] = {}
        self.published: dict[str, tuple[Diagnostic, ...]] = {}
        self.complaints: set[str] = set()

    def session_of(self, path: str) -> Session | None:
        """The repository that a file belongs to, opened when first asked for; None when that fails."""
        try:
            settings = config.load(path)
            if settings.root not in self.sessions:
                self.sessions[settings.root] = open_session(settings, jobs=os.cpu_count() or 1)
            return self.sessions[settings.root]
        except Failure as problem:
            self.complain(str(problem))
            return None

    def complain(self, message: str) -> None:
        """Tell the user about a problem, once."""
        if message not in self.complaints:
            self.complaints.add(message)
            self.window_show_message(types.ShowMessageParams(types.MessageType.Error, f"cdlint: {message}"))

    def take(self, uri: str, text: str | None) -> None:
        """Take in the text of a buffer (None: it was closed) and publish what changed by it."""
        full = to_fs_path(uri)
        session = self.session_of(full) if full else None
        if session is None or full is None:
            return
        path = _relative(session, full)
        if text is None:
            session.overlay.pop(path, None)
        elif session.overlay.get(path) == text.encode("utf-8", "surrogatepass"):
            return
        else:
            session.overlay[path] = text.encode("utf-8", "surrogatepass")
        session.edit([path])
        self.publish(session)

    def look(self, uris: Sequence[str]) -> None:
        """Take in that files changed on disk."""
        touched: dict[str, list[str]] = {}
        for uri in uris:
            full = to_fs_path(uri) or ""
            root = next((root for root in sorted(self.sessions, reverse=True) if full.startswith(root + os.sep)), "")
            if root and os.path.basename(full) in (*CONFIGURATION, ".gitignore"):
                self.reopen(root)
            elif root:
                touched.setdefault(root, []).append(_relative(self.sessions[root], full))
        for root, paths in touched.items():
            session = self.sessions[root]
            outside = [path for path in paths if path not in session.overlay]
            if outside:
                session.edit(outside)
                self.publish(session)

    def reopen(self, root: str) -> None:
        """Read a repository anew: its configuration changed."""
        overlay = self.sessions.pop(root).overlay
        try:
            session = open_session(config.load(root), overlay=overlay, jobs=os.cpu_count() or 1)
        except Failure as problem:
            self.complain(str(problem))
            return
        self.sessions[session.config.root] = session
        self.publish(session)

    def publish(self, session: Session) -> None:
        """Send the diagnostics of each file whose diagnostics are not what the client has."""
        found: dict[str, list[Diagnostic]] = {}
        for each in session.report().diagnostics:
            found.setdefault(_uri(session, each.path), []).append(each)
        root = _uri(session, "")
        for uri in sorted({*found, *(uri for uri in self.published if uri.startswith(root))}):
            diagnostics = tuple(found.get(uri, ()))
            if self.published.get(uri, ()) != diagnostics:
                self.published[uri] = diagnostics
                items = [_diagnostic(session, each) for each in diagnostics]
                self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, items))


def _relative(session: Session, full: str) -> str:
    return Path(os.path.realpath(full)).relative_to(session.config.root).as_posix()


def _uri(session: Session, path: str) -> str:
    return from_fs_path(os.path.join(session.config.root, path)) or ""


def _diagnostic(session: Session, each: Diagnostic) -> types.Diagnostic:
    related = [
        types.DiagnosticRelatedInformation(
            types.Location(_uri(session, place.path), _range(session, place)), place.message
        )
        for place in (*each.related, *each.chain)
    ]
    return types.Diagnostic(
        range=_range(session, each),
        message=f"{each.message}\n{each.cure}".rstrip(),
        severity=SEVERITY[each.severity],
        code=each.rule,
        source="cdlint",
        related_information=related,
        data={"fingerprint": each.fingerprint},
    )


def _range(session: Session, place: Diagnostic | Place) -> types.Range:
    return types.Range(
        types.Position(place.line - 1, _utf16(session, place.path, place.line, place.column)),
        types.Position(place.end_line - 1, _utf16(session, place.path, place.end_line, place.end_column)),
    )


def _utf16(session: Session, path: str, line: int, column: int) -> int:
    """The column in UTF-16 units, from 0, which is what every client understands."""
    head = session.placer.line(path, line)[: column - 1]
    return column - 1 + sum(ord(character) > 0xFFFF for character in head)


def make() -> Server:
    """A server that is ready to be started."""
    server = Server()

    @server.feature(types.INITIALIZED)
    def initialized(ls: Server, params: types.InitializedParams) -> None:
        workspace = ls.client_capabilities.workspace
        watching = workspace.did_change_watched_files if workspace else None
        if watching and watching.dynamic_registration:
            watchers = [types.FileSystemWatcher(glob_pattern=pattern) for pattern in WATCHED]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            registration = types.Registration("cdlint-watch", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            ls.client_register_capability(types.RegistrationParams([registration]))

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
        ls.take(params.text_document.uri, params.text_document.text)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
        uri = params.text_document.uri
        ls.take(uri, ls.workspace.get_text_document(uri).source)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
        uri = params.text_document.uri
        ls.take(uri, ls.workspace.get_text_document(uri).source)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
        ls.take(params.text_document.uri, None)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
        ls.look([change.uri for change in params.changes])

    return server


def serve() -> None:
    """Speak the language server protocol on the standard streams until the client leaves."""
    make().start_io()
