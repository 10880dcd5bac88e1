"""A language client over the standard streams: what an editor does, in plain JSON-RPC."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

PATIENCE = 12.0
WATCHING = {"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}}


class Editor:
    """A running `cdlint server`, and what it has said so far."""

    def __init__(self, cache: Path, *arguments: str) -> None:
        environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
        command = [sys.executable, "-m", "cdlint", "server", *arguments]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
        )
        self.diagnostics: dict[str, list[dict[str, Any]]] = {}
        self.shown: list[str] = []
        self.logged: list[str] = []
        self.registered: list[dict[str, Any]] = []
        self.published = 0
        self._answers: dict[int, dict[str, Any]] = {}
        self._messages: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._number = 0
        self._versions: dict[str, int] = {}
        threading.Thread(target=self._read, daemon=True).start()

    # The protocol

    def request(self, method: str, params: Any) -> Any:
        """Ask, and wait for the answer."""
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        self.until(lambda: self._number in self._answers)
        return self._answers[self._number]["result"]

    def notify(self, method: str, params: Any) -> None:
        """Tell."""
        self._send({"method": method, "params": params})

    def until(self, condition: Callable[[], bool]) -> None:
        """Take in messages until the condition holds."""
        while not condition():
            try:
                message = self._messages.get(timeout=PATIENCE)
            except queue.Empty:
                raise AssertionError(f"nothing more comes; {self.diagnostics} {self.shown} {self.logged}") from None
            assert message is not None, f"the server is gone: {self._stderr()}"
            self._take(message)

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self.process.stdin.flush()

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while header := stream.readline():
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                while stream.readline().strip():
                    pass
                self._messages.put(json.loads(stream.read(int(value))))
        self._messages.put(None)

    def _take(self, message: dict[str, Any]) -> None:
        method, params = message.get("method"), message.get("params")
        if method is None:
            assert "error" not in message, message
            self._answers[message["id"]] = message
        elif method == "textDocument/publishDiagnostics":
            self.published += 1
            self.diagnostics[params["uri"]] = params["diagnostics"]
        elif method == "window/showMessage":
            self.shown.append(params["message"])
        elif method == "window/logMessage":
            self.logged.append(params["message"])
        elif method == "client/registerCapability":
            self.registered += params["registrations"]
            self._send({"id": message["id"], "result": None})

    def _stderr(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read().decode()

    # What a user does

    def start(self, *folders: Path, capabilities: dict[str, Any] | None = None) -> Any:
        """Initialize with these workspace folders."""
        named = [{"uri": folder.as_uri(), "name": folder.name} for folder in folders]
        root = folders[0].as_uri() if folders else None
        params = {"processId": None, "rootUri": root, "workspaceFolders": named, "capabilities": capabilities or {}}
        result = self.request("initialize", params)
        self.notify("initialized", {})
        return result

    def open(self, path: Path, text: str | None = None, uri: str = "") -> None:
        """Open a file, or a new one with a text."""
        text = path.read_bytes().decode() if text is None else text
        document = {"uri": uri or path.as_uri(), "languageId": "python", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def type(self, path: Path, text: str) -> None:
        """Change a buffer."""
        self._versions[str(path)] = self._versions.get(str(path), 1) + 1
        document = {"uri": path.as_uri(), "version": self._versions[str(path)]}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})

    def save(self, path: Path, text: str) -> None:
        """Write the file and say so."""
        path.write_text(text)
        self.notify("textDocument/didSave", {"textDocument": {"uri": path.as_uri()}})

    def close(self, path: Path) -> None:
        """Close a buffer."""
        self.notify("textDocument/didClose", {"textDocument": {"uri": path.as_uri()}})

    def watched(self, kind: int, *paths: Path) -> None:
        """Say that files were created (1), changed (2) or deleted (3)."""
        changes = [{"uri": path.as_uri(), "type": kind} for path in paths]
        self.notify("workspace/didChangeWatchedFiles", {"changes": changes})

    def quit(self) -> tuple[int, str]:
        """Leave as the protocol has it; the exit status and what was written to stderr."""
        self.request("shutdown", None)
        self.notify("exit", None)
        return self.end()

    def end(self) -> tuple[int, str]:
        """Hang up."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        status = self.process.wait(PATIENCE)
        return status, self._stderr()

    # What the user sees

    def rules(self, path: Path, uri: str = "") -> list[str]:
        """The rules of the findings in a file, in order."""
        return [each["code"] for each in self.diagnostics.get(uri or path.as_uri(), [])]

    def sees(self, path: Path, *rules: str, uri: str = "") -> None:
        """Wait until a file has exactly these findings."""
        self.until(lambda: self.rules(path, uri) == list(rules))

    def everything(self) -> list[tuple[Any, ...]]:
        """All findings as path, rule, line, column, end."""
        found = []
        for uri, diagnostics in self.diagnostics.items():
            for each in diagnostics:
                start, end = each["range"]["start"], each["range"]["end"]
                where = (start["line"] + 1, start["character"] + 1, end["line"] + 1, end["character"] + 1)
                found.append((unquote(urlsplit(uri).path), each["code"], *where))
        return sorted(found)
