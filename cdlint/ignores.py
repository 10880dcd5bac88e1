"""Which paths ignore patterns leave out, with the precedence that git gives them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeAlias

from .globs import name_matcher

_MARK = "(?P<ps_d>/)"
_ANYWHERE = "^(?:.+/)?"
_FEW_STARS = 2
"""A regular expression with more of them can take longer than anybody waits."""

_Match: TypeAlias = Callable[[str], object]


class Patterns:
    """The patterns of one ignore file, for the paths below its directory.

    `base` is that directory with a slash at its end, or `""`. `invalid` are the lines that are
    no patterns. Paths of directories end in a slash.
    """

    __slots__ = ("_any", "_rules", "_starry", "base", "invalid")

    def __init__(self, base: str, lines: Iterable[str]) -> None:
        self.base = base
        self._rules, self.invalid = _translated(lines)
        regexes = [rule for rule, _ in self._rules if isinstance(rule, str)]
        self._any = re.compile(_union(regexes), re.DOTALL) if regexes else None
        self._starry = tuple(rule for rule, _ in self._rules if not isinstance(rule, str))

    def verdict(self, path: str) -> bool | None:
        """True: ignored, False: kept by a `!`, None: nothing said. The last pattern that matches decides."""
        below = path[len(self.base) :]
        plain = self._any is not None and self._any.fullmatch(below)
        if not plain and not any(matches(below) for matches in self._starry):
            return None
        for rule, ignored in reversed(self._rules):
            if re.compile(rule, re.DOTALL).fullmatch(below) if isinstance(rule, str) else rule(below):
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


def _translated(lines: Iterable[str]) -> tuple[list[tuple[str | _Match, bool]], tuple[str, ...]]:
    wanted = [line for line in lines if line.strip() and not line.startswith("#")]
    if not wanted:
        return [], ()
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern  # costs 20 ms

    rules: list[tuple[str | _Match, bool]] = []
    invalid = []
    for line in wanted:
        try:
            # `a/**/` means the directories below `a`, but the library takes it for `a/`
            regex, ignored = GitIgnoreSpecPattern.pattern_to_regex(re.sub(r"/\*\*/\s*$", "/**/*/", line))
        except ValueError:
            regex, ignored = None, None
        if regex is None or ignored is None:
            invalid.append(line)
            continue
        starry = len(re.findall(r"\*+", line)) > _FEW_STARS
        rules.append((partial(_matches, *_segmented(line)) if starry else _whole(regex), ignored))
    return rules, tuple(invalid)


def _segmented(line: str) -> tuple[str, bool]:
    """The pattern of a line for `globs`, and whether it is for directories only."""
    plain = re.sub(r"(?<!\\)[ \t\r]+$", "", line).removeprefix("!")
    anchored = "/" in plain.rstrip("/")
    only_directories = plain.endswith("/")
    segments = [] if anchored else ["**"]
    for part in plain.strip("/").split("/"):
        # `globs` has no escapes, but knows `[x]`, and `**` only by itself.
        literal = re.sub(r"\\(.)", lambda found: f"[{found[1]}]" if found[1] in "*?[" else found[1], part)
        segments.append(part if part == "**" else re.sub(r"\*+", "*", literal).replace("[^", "[!"))
    if segments[-1] == "**":
        segments.insert(-1, "*")
    return "/".join(segments), only_directories


def _matches(pattern: str, only_directories: bool, path: str) -> bool:
    return (path.endswith("/") or not only_directories) and name_matcher(pattern, "/")(path.rstrip("/"))


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
