"""What a command starts: a file, a module or an object of one, whatever wrappers stand before it."""

from __future__ import annotations

import re
from posixpath import basename
from typing import NamedTuple

from cdlint.project.shell import UNKNOWN

_PLAIN = frozenset({"exec", "nohup", "time", "sudo", "command", "env", "ddtrace-run", "setsid", "tini", "dumb-init"})
_USERS = frozenset({"su-exec", "gosu"})
_RUNNERS = frozenset({"poetry", "pipenv", "pdm", "rye", "hatch", "uv", "newrelic-admin"})
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*")
_OBJECT = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*(?:\(.*\))?")
_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_ASGI = frozenset({"uvicorn", "gunicorn", "hypercorn", "daphne", "granian", "waitress-serve"})
_VALUED = frozenset(
    {"-b", "--bind", "-k", "--worker-class", "-c", "--config", "--logger-class", "-n", "--name", "--host"}
)
_UV_FLAGS = frozenset(
    {"--", "--frozen", "--no-dev", "--locked", "--no-sync", "--all-groups", "--all-extras", "--no-cache"}
)


class Target(NamedTuple):
    """What is started. `added` are folders that the command puts on Python's path, `moved` where it goes first."""

    program: str
    kind: str
    text: str
    added: tuple[str, ...] = ()
    moved: str = ""


def target(words: tuple[str, ...], environment: tuple[tuple[str, str], ...]) -> Target | None:
    """What a command starts, None when it starts nothing that is known."""
    rest = _unwrapped(list(words))
    if not rest or UNKNOWN in rest[0]:
        return None
    program = basename(rest[0])
    if _PYTHON.fullmatch(program):
        return _python(rest[1:], environment)
    return _named(program, rest, environment)


def _named(program: str, rest: list[str], environment: tuple[tuple[str, str], ...]) -> Target | None:
    args = rest[1:]
    if program in _ASGI:
        return _server(program, args)
    if program == "celery":
        text = _option(args, "-A", "--app")
        return Target(program, "object", text, _paths(args, "--workdir")) if text else None
    if program == "flask":
        text = _option(args, "-A", "--app") or dict(environment).get("FLASK_APP", "")
        return Target(program, "object", text) if text else None
    if program == "fastapi" and args[:1] in (["run"], ["dev"]):
        return Target(program, "path", next((word for word in args[1:] if word.endswith(".py")), "."))
    if program in ("pip", "pip3") or (program == "uv" and args[:1] == ["pip"]):
        text = _option(args, "-r", "--requirement") if "install" in args else ""
        return Target("pip", "data", text) if text else None
    if program in ("sh", "bash", "source", ".") and args and not args[0].startswith("-"):
        return Target(program, "data", args[0]) if args[0].endswith((".sh", ".bash")) else None
    if "/" in rest[0] and program.endswith((".sh", ".bash")):
        return Target("sh", "data", rest[0])
    return Target("python", "file", rest[0]) if "/" in rest[0] and program.endswith(".py") else None


def _unwrapped(words: list[str]) -> list[str]:
    while words:
        name = basename(words[0])
        if name in _PLAIN:
            words = words[1:]
            while words and (words[0].startswith("-") or "=" in words[0]):
                words = words[1:]
        elif name in _USERS:
            words = words[2:]
        elif name in _RUNNERS and len(words) > 2 and words[1] in ("run", "run-program"):
            words = words[2:]
            while words and words[0] in _UV_FLAGS:
                words = words[1:]
            if words and words[0].startswith("-"):
                return []
        elif "=" in words[0] and not words[0].startswith("-"):
            words = words[1:]
        else:
            return words
    return words


def _python(args: list[str], environment: tuple[tuple[str, str], ...]) -> Target | None:
    while args and args[0].startswith("-") and args[0] != "-":
        if args[0] in ("-X", "-W"):
            args = args[2:]
        elif args[0] == "-m":
            module = args[1] if len(args) > 1 else ""
            if module in _ASGI or module in ("celery", "flask", "pip", "fastapi"):
                return _named(module, args[1:], environment)
            if module == "gunicorn.app.wsgiapp":
                return _named("gunicorn", args[1:], environment)
            return Target("python", "module", module) if _MODULE.fullmatch(module) else None
        elif re.fullmatch(r"-[bBdEiIOqsSuvx]+", args[0]):
            if "E" in args[0] or "I" in args[0]:
                return None
            args = args[1:]
        else:
            return None
    if not args or args[0] == "-" or UNKNOWN in args[0] or not args[0].endswith(".py"):
        return None
    return Target("python", "file", args[0])


def _server(program: str, args: list[str]) -> Target | None:
    added = _paths(args, "--app-dir", "--pythonpath")
    moved = _option(args, "--chdir") or _option(args, "--working-dir")
    for before, word in zip(["", *args], args, strict=False):
        if before in _VALUED or word.startswith("-"):
            continue
        if _OBJECT.fullmatch(word):
            return Target(program, "object", word, added, moved)
    first = args[0] if args else ""
    if program == "gunicorn" and _MODULE.fullmatch(first) and "." in first:
        return Target(program, "object", f"{first}:application", added, moved)
    return None


def _option(args: list[str], *names: str) -> str:
    for index, word in enumerate(args):
        name, sign, value = word.partition("=")
        if name in names:
            return value if sign else args[index + 1] if index + 1 < len(args) else ""
    return ""


def _paths(args: list[str], *names: str) -> tuple[str, ...]:
    text = _option(args, *names)
    return tuple(re.split(r"[,:]", text)) if text else ()
