"""Exits with 1 when two requests at the same time cannot both use the session of the case."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))

from sqlalchemy.exc import IllegalStateChangeError, InvalidRequestError


async def both() -> None:
    """Run the handler, or the query behind it, twice at once."""
    if Path("main.py").exists():
        from main import count
    else:
        from queries import one as count
    results = await asyncio.gather(count(), count(), return_exceptions=True)
    for result in results:
        if isinstance(result, (IllegalStateChangeError, InvalidRequestError)):
            print(result)
            sys.exit(1)
        assert result == 1, result


if sys.argv[1] == "good-command":
    import main  # noqa: F401
else:
    asyncio.run(both())
