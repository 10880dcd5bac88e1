"""A function of the repository is called with arguments that it does not take.

## Why
Python matches arguments with parameters when the call runs: one that is missing, one too many or
one under an unknown name raises TypeError there. It is what remains after a parameter was added,
renamed or removed and a caller in another file was forgotten.

## Instead
Pass what the `def` takes, or give the new parameter a default.

## Known limits
Only calls are reported whose target is certain: a function, method or constructor of the
repository that is defined once and unconditionally, that nothing assigns anew, and whose
decorators keep its signature. Of a method, every override below the class must refuse the call
too. What `*args` and `**kwargs` may fill in is taken to fit. Constructors are those of `__init__`
where every base is known, of plain dataclasses without bases and of named tuples. Calls in tests
and calls whose TypeError is caught are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_facts, function_facts
from cdlint.rule import Evidence, Finding, Location, rule

from ._misfits import misfits, suspects


@rule(of=suspects, severity="error", constraint="wiring", precision="A")
def first_party_call_signature(project: Project, function: Symbol) -> Iterator[Finding]:
    """Calls that raise TypeError before anything of the function runs."""
    for misfit in misfits(project, function):
        target = misfit.target
        defined = class_facts(project, target) or function_facts(project, target)
        func = misfit.call.func
        name = target.name if isinstance(func, tree.Attribute) else getattr(func, "text", target.name)
        yield Finding(
            Location(function.path, misfit.call.at),
            f"`{name}()` is called {misfit.complaint}.",
            related=(Evidence(Location(target.path, defined.at), f"`{defined.name}` is defined"),) if defined else (),
            symbol=f"{function.name or '<module>'}: {name}",
            cure=f"Make the call and the parameters of `{target.last}` agree.",
        )
