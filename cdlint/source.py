"""The files of the checked repository as one run sees them: which there are and what they hold."""

from __future__ import annotations

import errno
import os
import re
import time
from collections.abc import Mapping
from pathlib import PurePath

from .diagnostic import Notice
from .files import IRRELEVANT, Seen, complaint, digest_of, read_regular, stat_of
from .globs import name_matcher
from .ignores import Chain, Patterns, ignored_by, repository_files
from .texts import UNDECODABLE
from .walk import Filter, Found, is_inside, walk


class Tree:
    """The files below `root`, by paths relative to it with `/`; made by `discover`.

    `python` are the Python files, `others` all other files that are not ignored (templates,
    manifests, Dockerfiles), `directories` those that were entered, `""` the root. `overlay`
    stands in for files of the disk. What is asked of it is recorded in `seen`, absence
    included, so that a later run can tell whether the answers still hold.
    """

    def __init__(
        self, root: str, started: int, rules: Filter, found: Found, overlay: Mapping[str, bytes], seen: dict[str, Seen]
    ) -> None:
        added = [path for path in overlay if path not in found.python and path not in found.others]
        self.root = root
        self.started = started
        """When the walk began, in ns: what changed later may not be in what was read."""
        self.overlay = overlay
        self.stats = {path: stat for path, stat in found.python.items() if path not in overlay}
        """The stats of the Python files on disk, from before they were read."""
        self.listings = found.listings
        self.seen = seen
        self._rules = rules
        self._chains: dict[str, Chain] = {}
        kept = [path for path in added if not self._is_left_out(path)]
        self.python = tuple(sorted({*found.python, *(path for path in kept if path.endswith(".py"))}))
        self.others = tuple(sorted([*found.others, *(path for path in kept if not path.endswith(".py"))]))
        self.directories = tuple(sorted(found.directories))
        self._known = frozenset((*found.python, *found.others))
        self._found: dict[str, tuple[str, ...]] = {}
        self._folders: dict[str, str] = {}
        """The real paths of folders in which something was looked for."""
        self._notices = list(found.notices)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What was left out or could not be read so far, sorted."""
        return tuple(sorted(set(self._notices), key=lambda notice: (notice.path, notice.message)))

    def __contains__(self, path: str) -> bool:
        """Whether a file belongs to the repository."""
        return path in self._known or path in self.overlay

    def read(self, path: str) -> bytes:
        """The content of a file of the repository, ignored or not. Raises OSError."""
        if path in self.overlay:
            return self.overlay[path]
        full = plain = f"{self.root}/{path}"
        if path not in self._known:
            inside = self._inside(path)
            if inside is None:
                raise FileNotFoundError(errno.ENOENT, "it lies outside the repository", path)
            full = inside
        try:
            content, stat = read_regular(full)
        except OSError:
            self.seen[path] = _seen_unread(plain)
            raise
        if full != plain:
            self.seen[path], path = Seen(True), full
        self.seen[path] = Seen(True, stat, digest_of(content))
        return content

    def text(self, path: str) -> str | None:
        """The text of a file, None if there is none or it cannot be read. Line ends stay as they are.

        In a file that is no Python, `UNDECODABLE` stands for what is no UTF-8.
        """
        try:
            content = self.read(path)
        except OSError as error:
            if path in self._known or not isinstance(error, FileNotFoundError):
                self._notices.append(Notice(f"the file cannot be read: {complaint(error)}", path))
            return None
        return content.decode(encoding_of(content), "replace") if path.endswith(".py") else _plain(path, content)

    def exists(self, path: str) -> bool:
        """Whether there is a file or directory, ignored ones included."""
        path = path.rstrip("/")
        if path in self.overlay or path in self._known or f"{path}/" in self.listings or not path:
            return True
        if self._inside(path) is None:
            return False
        there = os.path.exists(f"{self.root}/{path}")
        self.seen.setdefault(path, Seen(there))
        return there

    def files(self, pattern: str) -> tuple[str, ...]:
        """The files that match a glob from the root: `*` within one name, `**/` any directories."""
        if pattern not in self._found:
            matches = name_matcher(pattern, "/")
            tail = re.split(r"[*?\]]", pattern)[-1].lstrip("/")
            paths = [path for path in (*self.python, *self.others) if path.endswith(tail) and matches(path)]
            self._found[pattern] = tuple(sorted(paths))
        return self._found[pattern]

    def ignored(self, path: str) -> bool:
        """Whether git would ignore this path, which need not exist; that of a directory ends in a slash.

        A module that is missing and ignored is one that some tool generates.
        """
        parents, _, _ = path.rstrip("/").rpartition("/")
        directory = ""
        for name in parents.split("/") if parents else ():
            chain = self._chain(directory)
            directory += f"{name}/"
            if ignored_by(chain, self._rules.prefix + directory):
                return True
        return ignored_by(self._chain(directory), self._rules.prefix + path)

    def _chain(self, directory: str) -> Chain:
        if directory not in self._chains:
            parent = directory[:-1].rpartition("/")
            above = self._chain(parent[0] + parent[1]) if directory else self._rules.above
            self._chains[directory] = self._rules.chain_in(directory, above)
        return self._chains[directory]

    def _is_left_out(self, path: str) -> bool:
        parents = path.split("/")[:-1]
        steps = ["/".join(parents[: count + 1]) + "/" for count in range(len(parents))]
        excluded = any(self._rules.exclude.verdict(step) for step in (*steps, path))
        return (
            bool(IRRELEVANT.intersection(parents)) or excluded or (self._rules.respect_gitignore and self.ignored(path))
        )

    def _inside(self, path: str) -> str | None:
        """The real path of something that the walk has not met, None if it leads out."""
        if "\0" in path:
            return None
        folder, _, name = path.rpartition("/")
        if folder not in self._folders:
            self._folders[folder] = os.path.realpath(f"{self.root}/{folder}")
        full = f"{self._folders[folder]}/{name}"
        if name in ("", ".", "..") or os.path.islink(full):
            full = os.path.realpath(full)
        return full if is_inside(self.root, full) else None


class _IgnoreFiles:
    """Reads the ignore files, by absolute paths or from the root, and records that."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.seen: dict[str, Seen] = {}
        self.notices: list[Notice] = []

    def read(self, path: str) -> bytes | None:
        full = path if os.path.isabs(path) else f"{self.root}/{path}"
        try:
            content, stat = read_regular(full)
        except OSError as error:
            self.seen[path] = _seen_unread(full)
            if self.seen[path].exists and os.path.isfile(full):
                self.notices.append(Notice(f"the ignore file cannot be read: {complaint(error)}", path))
            return None
        self.seen[path] = Seen(True, stat, digest_of(content))
        return content

    def exists(self, full: str) -> bool:
        self.seen[full] = Seen(os.path.exists(full))
        return self.seen[full].exists


def discover(
    root: str | PurePath,
    exclude: tuple[str, ...] = (),
    respect_gitignore: bool = True,
    overlay: Mapping[str, bytes] | None = None,
) -> Tree:
    """Walk a repository. `exclude` are patterns as in a `.gitignore` at the root."""
    started = time.time_ns()
    top = os.path.realpath(root).replace(os.sep, "/")
    files = _IgnoreFiles(top)
    prefix, above = repository_files(top, files.read, files.exists)
    rules = Filter(prefix, above, Patterns("", exclude), respect_gitignore, files.read)
    found = walk(top, rules)
    found.notices.extend(files.notices)
    for line in rules.exclude.invalid:
        found.notices.append(Notice(f"`{line}` is not a pattern that `exclude` understands"))
    return Tree(top, started, rules, found, overlay or {}, files.seen)


def _plain(path: str, content: bytes) -> str:
    """The text of a file that is no Python."""
    # What PowerShell writes by default (`pip freeze > requirements.txt`), and pip reads.
    wide = path.endswith(".txt") and content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("utf-8-sig", "replace").replace("\ufffd", UNDECODABLE)


def encoding_of(content: bytes) -> str:
    """The encoding that a Python file declares in its first two lines, else UTF-8."""
    head = content[:400].split(b"\n", 2)[:2]
    if not any(b"coding" in line for line in head):
        return "utf-8-sig"
    from io import BytesIO
    from tokenize import detect_encoding

    try:
        return detect_encoding(BytesIO(content).readline)[0]
    except SyntaxError:
        return "utf-8-sig"


def _seen_unread(full: str) -> Seen:
    try:
        return Seen(True, stat_of(os.stat(full)))
    except OSError:
        return Seen(False)
