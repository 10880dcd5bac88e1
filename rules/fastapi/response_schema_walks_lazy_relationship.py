"""The response of an endpoint reads a relationship that can no longer be loaded.

## Why
FastAPI reads what a handler returns into the response's schema, field by field, nested schemas
included. A field that is a relationship which the query did not load asks the database then: with
an async session, or after the session was closed, that raises inside the serialisation, and the
endpoint answers 500. Neither the handler nor the schema shows it.

## Instead
Load the relationship with the query, as deep as the schema goes:
`select(User).options(selectinload(User.posts).selectinload(Post.tags))`; or leave the field out.

## Known limits
Only what a handler returns itself is followed (an instance, or a list of them), through calls of
functions whose code is known. Fields with an alias are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.backend.responses import FailingRead, failing_reads
from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

_WHY = {
    "lazy": "its async session cannot load it then",
    "detached": "its session is closed by then",
}


@rule(of=failing_reads, severity="error", constraint="schema")
def response_schema_walks_lazy_relationship(project: Project, each: FailingRead) -> Iterator[Finding]:
    """One finding a field, at the query."""
    name = f"{each.model.last}.{each.name}"
    yield Finding(
        each.query,
        f"The `{each.how}` does not load `{name}`, which the response schema `{each.shape.last}` reads; "
        f"{_WHY[each.why]}.",
        related=(
            Evidence(each.returned, "the endpoint returns it"),
            Evidence(each.field, f"`{each.shape.last}.{each.name}` reads the relationship"),
        ),
        chain=each.chain,
        symbol=f"{each.handler.name}:{name}",
        cure=each.cure,
    )
