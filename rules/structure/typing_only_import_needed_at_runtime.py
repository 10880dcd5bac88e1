"""A name is imported only for type checkers, and code that runs reads it.

## Why
What stands under `if TYPE_CHECKING:` is never imported when the program runs. Code that reads
such a name raises NameError: on import of the file for bases, defaults, decorators and, before
Python 3.14 and without `from __future__ import annotations`, for annotations; otherwise as soon
as the line runs. Type checkers do not report it, since for them the name is there.

## Instead
Import the name outside of `if TYPE_CHECKING:`, inside the function if that would make a circle.
Put an annotation in quotes.

## Known limits
Only names that nothing else in the file can bind are reported, each once. Annotations are
reported only where the project says that it runs on Python versions before 3.14. Quoted and
deferred annotations that a framework reads later are not looked at, nor are tests.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._type_only import files, needs


@rule(of=files, severity="error", constraint="wiring", precision="A")
def typing_only_import_needed_at_runtime(project: Project, path: str) -> Iterator[Finding]:
    """Uses that raise NameError."""
    for need in needs(project, path):
        yield Finding(
            Location(path, need.node.at),
            f"`{need.name}` is imported only for type checkers, and this "
            f"{'annotation' if need.annotation else 'code'} needs it when it runs.",
            related=(Evidence(Location(path, need.imported.at), "imported under `if TYPE_CHECKING:`"),),
            symbol=need.name,
            cure=f"Put the annotation in quotes, or import `{need.name}` outside of `if TYPE_CHECKING:`."
            if need.annotation
            else f"Import `{need.name}` outside of `if TYPE_CHECKING:`.",
        )
