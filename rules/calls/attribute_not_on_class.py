"""Something is asked for a method or attribute that neither its class nor any subclass has.

## Why
Python looks an attribute up when the line runs. A method that was renamed in one layer and is
still called by its old name in another, or was never written, raises AttributeError on the
first request that comes by.

## Instead
Call what the class has, or write what is missing.

## Known limits
Only objects are looked at whose class is certain, from an annotation, a constructor or what a
function promises to return, and only classes of the repository of which every base and every
decorator is known, that define no `__getattr__` and that nothing gives attributes as the program
runs. So does an object that is given where a protocol asks for the attribute, if what gets it
calls that. Where code asks first (`hasattr`, `isinstance`) or catches AttributeError, and in tests,
nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_facts
from cdlint.rule import Evidence, Finding, Location, rule

from ._absent import absent_names, reading
from ._members import public_members
from ._unfit import unfit, unfit_in


def _subjects(project: Project) -> tuple[str, ...]:
    """The files that read attributes in vain, or give objects for a protocol which they do not have."""
    return tuple(dict.fromkeys((*project[reading], *(each.at.path for each in project[unfit]))))


@rule(of=_subjects, severity="error", constraint="wiring", precision="A")
def attribute_not_on_class(project: Project, path: str) -> Iterator[Finding]:
    """Report attributes that are read and that nothing has."""
    for each in project[absent_names, path]:
        cls = Symbol("class", each.owner.path, each.owner.name)
        facts = class_facts(project, cls)
        near = get_close_matches(each.name, sorted(public_members(project, cls)), n=1, cutoff=0.6)
        yield Finding(
            each.at,
            f"`{each.owner.name}` has no attribute `{each.name}`, so `{each.text}` raises AttributeError.",
            related=(Evidence(Location(cls.path, facts.at), f"`{facts.name}` is defined"),) if facts else (),
            symbol=f"{each.owner.name}.{each.name}",
            cure=f"Did you mean `{near[0]}`?" if near else "",
        )
    for lack in project[unfit_in, path]:
        yield Finding(
            lack.at,
            f"`{lack.cls.name}` has no attribute `{lack.name}`, "
            f"which is called on what is given for `{lack.protocol.name}`.",
            related=(Evidence(lack.called, f"`.{lack.name}()` is called"),),
            symbol=f"{lack.cls.name}.{lack.name} as {lack.protocol.name}",
            cure=f"Give an object that has what `{lack.protocol.name}` asks for, or write `{lack.name}`.",
        )
