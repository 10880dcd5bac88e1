"""The commands of the services in compose files, and where their folders come from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from posixpath import join, normpath
from typing import NamedTuple

from cdlint.project import Project
from cdlint.project.images import Stage, stages
from cdlint.project.shell import HERE, Command, commands

PATTERNS = ("**/docker-compose*.y*ml", "**/compose*.y*ml")
_LINE = re.compile(r"( *)(- +)?(?:([\w.-]+) *:(?= |$))? *(.*)")


class _Entry(NamedTuple):
    line: int
    indent: int
    is_item: bool
    key: str
    value: str


def is_compose(path: str) -> bool:
    """Whether a file says which containers run together."""
    return re.fullmatch(r"(?:docker-)?compose[\w.-]*\.ya?ml", path.rpartition("/")[2]) is not None


def composed(project: Project, path: str) -> Iterator[tuple[Command, str, int]]:
    """The commands of a compose file, each with the file that says what its folder holds, and the stage in that."""
    entries = tuple(_entries(project.text(path) or ""))
    top = next((index for index, each in enumerate(entries) if each.key == "services" and each.indent == 0), -1)
    services = _below(entries, top) if top >= 0 else ()
    for index, each in enumerate(services):
        if each.indent == services[0].indent and each.key:
            yield from _of_service(project, path, _below(services, index))


def _entries(text: str) -> Iterator[_Entry]:
    for number, line in enumerate(text.splitlines(), start=1):
        plain = re.sub(r"(?:^|\s)#.*", "", line).rstrip()
        match = _LINE.fullmatch(plain)
        if match is not None and plain.strip():
            yield _Entry(number, len(match[1]), bool(match[2]), match[3] or "", match[4])


def _below(entries: tuple[_Entry, ...], index: int) -> tuple[_Entry, ...]:
    """What stands under an entry; the items of a list may stand as far left as its key."""
    found = []
    for each in entries[index + 1 :]:
        same = each.indent == entries[index].indent and each.is_item and not entries[index].is_item
        if each.indent <= entries[index].indent and not same:
            break
        found.append(each)
    return tuple(found)


def _of_service(project: Project, path: str, service: tuple[_Entry, ...]) -> Iterator[tuple[Command, str, int]]:
    keys = {each.key: i for i, each in enumerate(service) if each.indent == service[0].indent and each.key}
    indirect = any(each.key in ("extends", "entrypoint") or each.value.startswith(("*", "&")) for each in service)
    if "command" not in keys or indirect or any("<<" in each.value for each in service):
        return
    command = service[keys["command"]]
    below = _below(service, keys["command"])
    image = _image(project, path, service, keys)
    folder = _text(service[keys["working_dir"]].value) if "working_dir" in keys else image[1].folder if image else ""
    mounts = [_text(each.value) for each in _below(service, keys["volumes"])] if "volumes" in keys else []
    mounts += _list(service[keys["volumes"]].value) if "volumes" in keys else []
    bound = [each.split(":") for each in mounts if each.startswith(".") and ":" in each]
    if not folder.startswith("/") or (image is not None and image[1].has_entry):
        return
    over = next((each for each in bound if f"{folder}/".startswith(normpath(each[1]) + "/")), None)
    if over is None and (image is None or any(normpath(each[1]).startswith(f"{folder}/") for each in bound)):
        return
    if over is not None:
        rest = folder[len(normpath(over[1])) :]
        place, origin = HERE + "/" + normpath(over[0] + rest), (path, -1)
    else:
        assert image is not None
        place, origin = folder, (image[0], len(project[stages, image[0]]) - 1)
    for each in _commands(command, below):
        yield each._replace(folder=place, line=command.line), *origin


def _image(project: Project, path: str, service: tuple[_Entry, ...], keys: dict[str, int]) -> tuple[str, Stage] | None:
    """The Dockerfile that a service is built of, with its last stage."""
    if "build" not in keys:
        return None
    entry = service[keys["build"]]
    said = {each.key: _text(each.value) for each in _below(service, keys["build"])}
    if "target" in said:
        return None
    context = _text(entry.value) or said.get("context", ".")
    file = normpath(join(path.rpartition("/")[0] or ".", context, said.get("dockerfile", "Dockerfile")))
    every = project[stages, file] if project.exists(file) else ()
    return (file, every[-1]) if every else None


def _commands(entry: _Entry, below: tuple[_Entry, ...]) -> Iterator[Command]:
    words = _list(entry.value) or [_text(each.value) for each in below if each.is_item and not each.key]
    if words:
        yield Command(tuple(words), "", entry.line, not any("$" in word for word in words), ())
    elif entry.value and entry.value[0] not in "|>[":
        yield from commands(_text(entry.value), {}, entry.line)


def _list(text: str) -> list[str]:
    """The words of a list on one line."""
    try:
        found = json.loads(text) if text.startswith("[") else []
    except ValueError:
        return []
    return found if all(isinstance(each, str) for each in found) else []


def _text(value: str) -> str:
    """A value without its quotes."""
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
