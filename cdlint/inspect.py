"""What cdlint believes about a repository, as tables to read and as JSON to compare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .config import Config
from .facts.model import Broken
from .project import Project
from .project.answers import Symbol, Unknown
from .project.imports import Edge, edges
from .project.modules import find_module, module_name
from .session import open_session

FORMATS = ("text", "json", "mermaid", "dot")


def imports(config: Config, format: str = "text") -> str:
    """The modules of a project and the imports between them."""
    session = open_session(config)
    answer = imports_of(session.project)
    if format == "json":
        import json

        return json.dumps(answer, indent=1, ensure_ascii=False) + "\n"
    if format in ("mermaid", "dot"):
        return _drawn(answer["imports"], format)
    rows = [
        (f"{row['file']}:{row['line']}", row["importer"], row["imported"], row["kind"]) for row in answer["imports"]
    ]
    return _table(("where", "importer", "imports", "kind"), rows) + _unknown_text(answer["unknown"])


def imports_of(project: Project) -> dict[str, Any]:
    """The answer of `inspect imports`; every list is sorted."""
    names = {path: module_name(project, path) for path in project.paths}
    rows = [_row(names, edge) for path in project.paths for edge in project[edges, path]]
    rows.sort(key=lambda row: (row["importer"], row["line"], row["imported"], row["kind"]))
    unknown = [item for path in project.paths for item in _unknown(project, path)]
    return {"modules": sorted(set(names.values())), "imports": rows, "unknown": unknown}


def _row(names: dict[str, str], edge: Edge) -> dict[str, Any]:
    imported = names.get(edge.imported) or edge.imported.rstrip("/").replace("/", ".")
    return {
        "importer": names[edge.importer],
        "imported": imported,
        "line": edge.at[0],
        "kind": edge.kind,
        "file": edge.importer,
    }


def _unknown(project: Project, path: str) -> Iterable[dict[str, Any]]:
    facts = project.facts(path)
    if isinstance(facts, Broken):
        yield {"file": path, "line": facts.line, "what": "the whole file", "why": facts.message}
    elif facts is not None:
        for each in facts.imports:
            answer = project[find_module, (path, each.module)]
            if not isinstance(answer, Symbol):
                why = answer.why if isinstance(answer, Unknown) else "there is no such module"
                yield {"file": path, "line": each.at[0], "what": f"import of `{each.module}`", "why": why}


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
    ]
    return "\n".join((lines[0], "  ".join("-" * width for width in widths), *lines[1:])) + "\n"


def _unknown_text(unknown: Sequence[dict[str, Any]]) -> str:
    if not unknown:
        return ""
    lines = [f"  {row['file']}:{row['line']}: {row['what']}: {row['why']}" for row in unknown]
    return "\n".join(("", f"Not resolved ({len(unknown)}):", *lines)) + "\n"


def _drawn(rows: Sequence[dict[str, Any]], format: str) -> str:
    """The graph in a drawing language; dashed lines do not run when the module is imported."""
    pairs = sorted({(row["importer"], row["imported"], row["kind"] in ("runtime", "conditional")) for row in rows})
    if format == "dot":
        lines = [f'  "{a}" -> "{b}"{"" if runs else " [style=dashed]"};' for a, b, runs in pairs]
        return "\n".join(("digraph imports {", *lines, "}")) + "\n"
    ids = {name: f"m{number}" for number, name in enumerate(sorted({name for pair in pairs for name in pair[:2]}))}
    lines = [f'  {key}["{name}"]' for name, key in ids.items()]
    lines += [f"  {ids[a]} {'-->' if runs else '-.->'} {ids[b]}" for a, b, runs in pairs]
    return "\n".join(("flowchart LR", *lines)) + "\n"
