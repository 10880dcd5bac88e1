"""The keys under which aiohttp's applications and requests keep things of a type that the key names."""

from __future__ import annotations

from cdlint.backend.collected import provides
from cdlint.project import Project
from cdlint.project.typed_keys import typed_keys

_KEYS = frozenset(
    f"aiohttp.{home}.{name}" for home in ("web", "helpers") for name in ("AppKey", "RequestKey", "ResponseKey")
)


@provides(typed_keys)
def aiohttp_keys(project: Project) -> frozenset[str]:
    """The same for every repository."""
    return _KEYS
