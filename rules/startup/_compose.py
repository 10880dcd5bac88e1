"""The commands of the services in compose files, and where their folders come from."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from posixpath import join, normpath
from typing import NamedTuple

from cdlint.project import Project
from cdlint.project.images import Stage, stages
from cdlint.project.shell import HERE, UNKNOWN, Command, commands
from cdlint.project.yaml_text import Items, Strange, Table, Text, Unreadable, Value, read

PATTERNS = ("**/docker-compose*.y*ml", "**/compose*.y*ml")
_VARIABLE = re.compile(r"\$\$|\$(?:\w+|\{[^}]*\})")


class Service(NamedTuple):
    """A service: how it is started, where, and what it is made of. What is not known makes it no service."""

    command: tuple[str, ...] | str
    """Words of a list, or the text of a line."""
    line: int
    folder: str
    """The one it runs in, `""` for that of its image."""
    mounts: tuple[tuple[str, str], ...]
    """Folders beside the file, each with the place where the container has it."""
    build: tuple[str, str] | None
    """The context and the Dockerfile in it, None for an image that is made elsewhere."""
    environment: tuple[tuple[str, str], ...]


class Compose(NamedTuple):
    """A compose file: its services, or why it cannot be read."""

    services: tuple[Service, ...]
    problem: Unreadable | None


def is_compose(path: str) -> bool:
    """Whether a file says which containers run together."""
    return re.fullmatch(r"(?:docker-)?compose[\w.-]*\.ya?ml", path.rpartition("/")[2]) is not None


def compose(project: Project, path: str) -> Compose:
    """What a compose file says of its services."""
    whole = read(project.text(path) or "")
    if isinstance(whole, Unreadable):
        return Compose((), whole)
    services = whole.get("services") if isinstance(whole, Table) else None
    pairs = services.pairs if isinstance(services, Table) else ()
    # A name that is given twice counts as it stands last.
    tables = {key.value: value for key, value in pairs}.values()
    found = (_service(each) for each in tables if isinstance(each, Table))
    return Compose(tuple(each for each in found if each is not None), None)


def compose_problem(project: Project, path: str) -> tuple[str, int] | None:
    """Why a compose file cannot be read, and the line; None when it can."""
    problem = project[compose, path].problem
    return (problem.why, problem.line) if problem is not None else None


def _service(table: Table) -> Service | None:
    if table.get("extends") is not None or any(isinstance(value, Strange) for _, value in table.pairs):
        return None
    started = _started(table.get("command"), table.get("entrypoint"))
    build, folder = table.get("build"), table.get("working_dir")
    built = _build(build) if build is not None else None
    if started is None or (build is not None and built is None) or not isinstance(folder, Text | None):
        return None
    line = table.line_of("command" if table.get("command") is not None else "entrypoint")
    place = folder.value if folder is not None else ""
    return Service(started, line, place, _mounts(table.get("volumes")), built, _environment(table.get("environment")))


def _started(command: Value | None, entry: Value | None) -> tuple[str, ...] | str | None:
    """What a container runs; None when the service does not say it, or not in full."""
    if entry is None:
        return _words(command) or (_line(command) if isinstance(command, Text) else None)
    first = _words(entry) or (_split(entry.value) if isinstance(entry, Text) else ())
    rest = _words(command) or (_split(command.value) if isinstance(command, Text) else ())
    return (*first, *rest) if first and (rest or command is None) else None


def _words(value: Value | None) -> tuple[str, ...]:
    """The words of a list."""
    values = value.values if isinstance(value, Items) else ()
    words = tuple(_filled(each.value) for each in values if isinstance(each, Text))
    return words if len(words) == len(values) else ()


def _line(value: Text) -> tuple[str, ...] | str | None:
    """The text of a command: one line is read as a shell reads it, several are words."""
    text = value.value.strip()
    return (_split(text) if "\n" in text else text) or None


def _split(text: str) -> tuple[str, ...]:
    try:
        return tuple(_filled(word) for word in shlex.split(text))
    except ValueError:
        return ()


def _filled(word: str) -> str:
    """A word with what the environment of Compose decides hidden in it."""
    return _VARIABLE.sub(lambda match: "$" if match[0] == "$$" else UNKNOWN, word)


def _build(value: Value) -> tuple[str, str] | None:
    """The context and the Dockerfile that a service is built of; None when it takes more than these to say it."""
    if isinstance(value, Text):
        return value.value, "Dockerfile"
    if not isinstance(value, Table) or any(value.get(key) is not None for key in ("target", "dockerfile_inline")):
        return None
    context, file = value.get("context"), value.get("dockerfile")
    if not isinstance(context, Text | None) or not isinstance(file, Text | None):
        return None
    return context.value if context is not None else ".", file.value if file is not None else "Dockerfile"


def _mounts(value: Value | None) -> tuple[tuple[str, str], ...]:
    found = []
    for each in value.values if isinstance(value, Items) else ():
        if isinstance(each, Text) and each.value.startswith(".") and ":" in each.value:
            source, target = each.value.split(":")[:2]
            found.append((source, target))
        elif isinstance(each, Table):
            origin, place = each.get("source"), each.get("target")
            if isinstance(origin, Text) and isinstance(place, Text) and origin.value.startswith("."):
                found.append((origin.value, place.value))
    return tuple(found)


def _environment(value: Value | None) -> tuple[tuple[str, str], ...]:
    """The variables that a service sets, as a table or as a list of `NAME=value`."""
    if isinstance(value, Table):
        pairs = [(key.value, each.value) for key, each in value.pairs if isinstance(each, Text)]
    else:
        texts = [each.value for each in value.values if isinstance(each, Text)] if isinstance(value, Items) else []
        pairs = [(name, text) for name, sign, text in (each.partition("=") for each in texts) if sign]
    return tuple(sorted({name: _filled(text) for name, text in pairs}.items()))


def composed(project: Project, path: str) -> Iterator[tuple[Command, str, int]]:
    """The commands of a compose file, each with the file that says what its folder holds, and the stage in that."""
    for service in project[compose, path].services:
        placed = _place(project, path, service)
        if placed is not None:
            folder, holder, stage = placed
            for each in _commands(service):
                yield each._replace(folder=folder, line=service.line), holder, stage


def _place(project: Project, path: str, service: Service) -> tuple[str, str, int] | None:
    """The folder that a service runs in, as its command means it, and what says which files it has."""
    image = _image(project, path, service)
    folder = service.folder or (image[1].folder if image is not None else "")
    if not folder.startswith("/") or (image is not None and image[1].has_entry):
        return None
    over = next((each for each in service.mounts if f"{folder}/".startswith(normpath(each[1]) + "/")), None)
    if over is not None:
        return HERE + "/" + normpath(over[0] + folder[len(normpath(over[1])) :]), path, -1
    if image is None or any(normpath(target).startswith(f"{folder}/") for _, target in service.mounts):
        return None
    return folder, image[0], len(project[stages, image[0]]) - 1


def _image(project: Project, path: str, service: Service) -> tuple[str, Stage] | None:
    """The Dockerfile that a service is built of, with its last stage."""
    if service.build is None:
        return None
    file = normpath(join(path.rpartition("/")[0] or ".", *service.build))
    every = project[stages, file] if project.exists(file) else ()
    return (file, every[-1]) if every else None


def _commands(service: Service) -> Iterator[Command]:
    if isinstance(service.command, str):
        yield from commands(service.command, dict(service.environment), service.line)
        return
    certain = not any(UNKNOWN in word for word in service.command)
    yield Command(service.command, "", service.line, certain, service.environment)
