"""How findings about instances explain themselves: where they come from, what is not loaded, and what to add."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence

from ._state_classes import links
from ._state_run import Seen


def eager(each: Seen) -> str:
    """The loader option that is missing: `selectinload(User.posts).selectinload(Post.author)`."""
    steps = (*each.parents, f"{each.cls.last}.{each.name}")
    return ".".join(f"selectinload({step})" for step in steps)


def evidence(project: Project, each: Seen, origin: str) -> tuple[Evidence, ...]:
    """Where the instance comes from, what ended its life in the session, and the relationship."""
    return tuple(_evidence(project, each, origin))


def _evidence(project: Project, each: Seen, origin: str) -> Iterator[Evidence]:
    from cdlint.rule import Location

    if each.origin != each.at:
        yield Evidence(each.origin, origin)
    if each.since is not None and each.since != each.at:
        yield Evidence(each.since, "the session is closed here" if each.kind == "detached" else f"`{each.why}()`")
    link = project[links, each.cls].get(each.name)
    if link is not None:
        yield Evidence(Location(link.path, link.at), f"`{each.cls.last}.{each.name}` is loaded when it is read")


def is_made_here(each: Seen) -> bool:
    """Whether the instance was made by its class, not queried."""
    return each.how.endswith("(...)")


def cure(each: Seen) -> str:
    """What to add, and where."""
    if is_made_here(each):
        return f'Load it with `await session.refresh(..., ["{each.name}"])` after the flush or commit.'
    return f"Add `.options({eager(each)})` to the `{each.how}` in `{each.origin.path}` line {each.origin.at[0]}."
