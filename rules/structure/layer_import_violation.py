"""A module imports, directly or through others, from a layer above its own.

## Why
The configuration declares which layer may know which. An import upwards makes the lower layer
depend on what is built on it: it can no longer be tested, reused or replaced alone, and the next
step is an import cycle.

## Instead
Move what both layers need down into the lower one, or pass it in from above as an argument.

## Known limits
Only declared contracts are checked. An import counts if its kind is listed in `edges`: by
default those that run when the file is loaded and those in functions, not those for type
checkers only. Modules of no layer are passed through, modules of a layer are not.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.backend.layers import Layers
from cdlint.project import Project
from cdlint.project.modules import module_name
from cdlint.rule import Evidence, Finding, Location, rule

from ._layers import breaches, guarded


@rule(of=guarded, severity="warning", constraint="architecture", precision="B")
def layer_import_violation(project: Project, subject: tuple[Layers, str]) -> Iterator[Finding]:
    """One finding for each import that leads upwards and each layer it leads to."""
    contract, path = subject
    for breach in project[breaches, subject]:
        importer = module_name(project, path)
        names = [_name(project, edge.imported) for edge in breach.chain]
        through = f" through `{'`, `'.join(names[:-1])}`" if len(names) > 1 else ""
        message = (
            f"`{importer}` of the layer `{breach.lower}` imports "
            f"`{names[-1]}` of the higher layer `{breach.higher}`{through}."
        )
        chain = tuple(
            Evidence(Location(edge.importer, edge.at), f"`{module_name(project, edge.importer)}` imports `{name}`")
            for edge, name in zip(breach.chain, names, strict=True)
        )
        yield Finding(
            Location(path, breach.chain[0].at),
            message,
            chain=chain if len(chain) > 1 else (),
            symbol=f"{contract.name}: {importer} -> {names[0]} -> {breach.higher}",
        )


def _name(project: Project, path: str) -> str:
    return path.rstrip("/").replace("/", ".") if path.endswith("/") else module_name(project, path)
