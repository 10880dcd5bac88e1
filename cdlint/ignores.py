"""Which paths ignore patterns leave out, with the precedence that git gives them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeAlias

_MARK = "(?P<ps_d>/)"
_ANYWHERE = "^(?:.+/)?"


class Patterns:
    """The patterns of one ignore file, for the paths below its directory.

    `base` is that directory with a slash at its end, or `""`. `invalid` are the lines that are
    no patterns. Paths of directories end in a slash.
    """

    __slots__ = ("_any", "_rules", "base", "invalid")

    def __init__(self, base: str, lines: Iterable[str]) -> None:
        self.base = base
        self._rules, self.invalid = _translated(lines)
        self._any = re.compile(_union([regex for regex, _ in self._rules]), re.DOTALL) if self._rules else None

    def verdict(self, path: str) -> bool | None:
        """True: ignored, False: kept by a `!`, None: nothing said. The last pattern that matches decides."""
        below = path[len(self.base) :]
        if self._any is None or self._any.fullmatch(below) is None:
            return None
        for regex, ignored in reversed(self._rules):
            if re.compile(regex, re.DOTALL).fullmatch(below):
                return ignored
        return None


Chain: TypeAlias = tuple[Patterns, ...]
"""The patterns that hold in a directory; later ones win."""


def ignored_by(chain: Chain, path: str) -> bool:
    """Whether the patterns leave out this path, whose parents they keep."""
    for patterns in reversed(chain):
        verdict = patterns.verdict(path)
        if verdict is not None:
            return verdict
    return False


def extended(chain: Chain, base: str, content: bytes | None) -> Chain:
    """The chain with the ignore file of the directory `base` added, if it has one."""
    if not content:
        return chain
    lines = content.decode("utf-8-sig", "surrogateescape").split("\n")
    return (*chain, Patterns(base, lines))


def _translated(lines: Iterable[str]) -> tuple[list[tuple[str, bool]], tuple[str, ...]]:
    wanted = [line for line in lines if line.strip() and not line.startswith("#")]
    if not wanted:
        return [], ()
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern  # costs 20 ms

    rules, invalid = [], []
    for line in wanted:
        try:
            # `a/**/` means the directories below `a`, but the library takes it for `a/`
            regex, ignored = GitIgnoreSpecPattern.pattern_to_regex(re.sub(r"/\*\*/\s*$", "/**/*/", line))
        except ValueError:
            regex, ignored = None, None
        if regex is None or ignored is None:
            invalid.append(line)
            continue
        rules.append((_whole(regex), ignored))
    return rules, tuple(invalid)


def _whole(regex: str) -> str:
    """The expression so that it matches the ignored path alone, not also all paths below it.

    The walk asks about each directory on its way down. A pattern must therefore not speak for
    files below a directory that a later pattern has kept.
    """
    if regex == ".":
        return ".+"
    start = "" if regex.startswith("^") else ".*"
    end = "" if regex.endswith((_MARK, f"(?:{_MARK}|$)")) else ".+"
    return start + regex.replace(_MARK, "/") + end


def _union(regexes: list[str]) -> str:
    anywhere = [regex[len(_ANYWHERE) :] for regex in regexes if regex.startswith(_ANYWHERE)]
    others = [f"(?:{regex})" for regex in regexes if not regex.startswith(_ANYWHERE)]
    if anywhere:
        others.append("(?:.+/)?(?:" + "|".join(f"(?:{regex})" for regex in anywhere) + ")")
    return "|".join(others)


def repository_files(
    root: str, read: Callable[[str], bytes | None], exists: Callable[[str], bool]
) -> tuple[str, Chain]:
    """What holds above the root of the check, when that lies inside a git checkout.

    The path of the root from the top of the checkout, with a slash at its end, and the patterns
    of the directories in between. A root that is itself ignored was chosen on purpose: there
    nothing above counts.
    """
    top, steps = root, []
    while not exists(f"{top}/.git"):
        parent, _, name = top.rpartition("/")
        if not name or not parent:
            return "", ()
        steps.append(name)
        top = parent
    chain = extended((), "", read(_git_folder(top, read) + "/info/exclude"))
    below = ""
    for name in reversed(steps):
        chain = extended(chain, below, read(f"{top}/{below}.gitignore"))
        below += f"{name}/"
        if ignored_by(chain, below):
            return "", ()
    return below, chain


def _git_folder(top: str, read: Callable[[str], bytes | None]) -> str:
    """The folder with `info/exclude`: for a linked worktree `.git` is a file that names another folder."""
    pointer = (read(f"{top}/.git") or b"").decode("utf-8", "replace")
    if not pointer.startswith("gitdir:"):
        return f"{top}/.git"
    folder = _joined(top, pointer.removeprefix("gitdir:").strip())
    common = (read(f"{folder}/commondir") or b"").decode("utf-8", "replace").strip()
    return _joined(folder, common) if common else folder


def _joined(folder: str, path: str) -> str:
    return path if path.startswith("/") or path[1:2] == ":" else f"{folder}/{path}"
