"""When one Starlette path answers every URL of another."""

from __future__ import annotations

import pytest
from cdlint.rules.fastapi._shadow import covers


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("/users/{id}", "/users/me"),
        ("/users/{id}", "/users/{name}"),
        ("/users/{id}", "/users/{id:int}"),
        ("/{rest:path}", "/a/{b}/c"),
        ("/{a}/{b}", "/x-{y}/z"),
        ("/a", "/a"),
    ],
)
def test_covers(earlier: str, later: str) -> None:
    """Every URL of the later path is matched by the earlier one."""
    assert covers(earlier, later)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("/users/{id:int}", "/users/me"),
        ("/users/{id:int}", "/users/{id}"),
        ("/users/{id:uuid}", "/users/{id}"),
        ("/users/{id}", "/users/{rest:path}"),
        ("/users/{id}", "/users/me/"),
        ("/users/{id}", "/users/"),
        ("/{a}.{b}", "/{a}"),
        ("/users/{id:custom}", "/users/me"),
        ("/a.b", "/axb"),
    ],
)
def test_does_not_cover(earlier: str, later: str) -> None:
    """Some URL of the later path is not matched by the earlier one."""
    assert not covers(earlier, later)


def test_mount_covers_what_is_below() -> None:
    """A mount takes every path below its prefix, and not the prefix itself."""
    assert covers("/files", "/files/{name}", mount=True)
    assert covers("", "/anything", mount=True)
    assert not covers("/files", "/files", mount=True)
    assert not covers("/files", "/filesystem", mount=True)
