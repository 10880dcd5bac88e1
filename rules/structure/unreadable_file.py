"""A Python file of the program cannot be read or decoded.

## Why
The interpreter reads source files as UTF-8 unless a comment in the first two lines names
another encoding. A file with other bytes, or one that may not be read, cannot be imported.

## Instead
Save the file as UTF-8, or name its encoding in its first line: `# -*- coding: latin-1 -*-`.

## Known limits
Templates, samples and test data in folders from which nothing is imported are left alone. A
file above `max-file-size` is only noticed.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.facts.model import Broken
from cdlint.project import Project
from cdlint.rule import Finding, Location, rule

from ._broken import broken_files


@rule(of=broken_files, severity="error", constraint="startup")
def unreadable_file(project: Project, file: tuple[str, Broken]) -> Iterator[Finding]:
    """One finding a file."""
    path, broken = file
    if broken.kind == "syntax":
        return
    what = "decoded" if broken.kind == "undecodable" else "read"
    cure = "" if broken.kind == "undecodable" else "Give the file the permissions that its neighbours have."
    at = Location(path, (broken.line, 0, broken.line, 0))
    yield Finding(at, f"The file cannot be {what}: {broken.message.rstrip('.')}.", symbol=broken.kind, cure=cure)
