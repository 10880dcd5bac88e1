"""How the programs of a backend are started: which module is loaded first, from which folder."""

from __future__ import annotations

from dataclasses import dataclass

from ..project import Project
from ..rule import Location
from .collected import collect


@dataclass(frozen=True, slots=True)
class Start:
    """One way in which a file of the repository says that a program is started.

    `program` is what runs (`uvicorn`, `python`, `script`), `kind` one of `file`, `module` (`-m`) and
    `object`; `target` is as written: a path, a module, or `module:attribute`. `paths` are the files
    that are loaded first, one for each folder that the command may run in; none when nothing is found.
    """

    program: str
    kind: str
    target: str
    paths: tuple[str, ...]
    at: Location


def starts(project: Project) -> tuple[Start, ...]:
    """All starts that packs know of."""
    return collect(project, starts)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file that the running program surely loads, whatever starts it, and the line that shows it.

    `function` is the one in which that line runs, `""` for the module's own code.
    """

    path: str
    function: str
    what: str
    """A phrase for that line, such as `the application is made here`."""
    at: Location


def entries(project: Project) -> tuple[Entry, ...]:
    """The files from which packs know that the program of the repository begins."""
    return collect(project, entries)
