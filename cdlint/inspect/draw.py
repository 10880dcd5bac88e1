"""Graphs in the languages of Graphviz and Mermaid."""

from __future__ import annotations

from collections.abc import Sequence


def drawn(pairs: Sequence[tuple[str, str, bool]], format: str) -> str:
    """Arrows from the first to the second name of each pair, dashed where the third says False."""
    arrows = sorted(set(pairs))
    if format == "dot":
        lines = [f'  "{a}" -> "{b}"{"" if solid else " [style=dashed]"};' for a, b, solid in arrows]
        return "\n".join(("digraph {", *lines, "}")) + "\n"
    ids = {name: f"n{number}" for number, name in enumerate(sorted({name for pair in arrows for name in pair[:2]}))}
    lines = [f'  {key}["{name}"]' for name, key in ids.items()]
    lines += [f"  {ids[a]} {'-->' if solid else '-.->'} {ids[b]}" for a, b, solid in arrows]
    return "\n".join(("flowchart LR", *lines)) + "\n"
