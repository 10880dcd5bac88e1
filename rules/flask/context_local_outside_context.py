"""`current_app`, `g`, `request` or `session` is read where no application or request is current.

## Why
These names stand for whatever is current while a request is answered or a command runs. When a
module is imported, in a thread of its own, or while a response is streamed after the view has
returned, nothing is current, and reading them raises `RuntimeError: Working outside of
application context` (or request context).

## Instead
Read them inside the function that answers the request and pass on what is needed. In a thread
push a context: `with app.app_context():`. Wrap a generator that is streamed in
`stream_with_context`.

## Known limits
Reads under an `if` or in a `try` are not reported, nor modules that are imported by a function
which pushes a context.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._locals import Outside, outside

_WHEN = {
    "import": "while the module is imported, when no application is current",
    "thread": "in a thread, in which no context is pushed",
    "stream": "while the response is streamed, after its context is gone",
}
_START = {"thread": "the thread is started here", "stream": "the response is returned here"}
_CURES = {
    "import": "Read `{name}` inside the function that needs it.",
    "thread": "Read `{name}` before the thread starts and pass the value, or push a context in the thread.",
    "stream": "Wrap the generator in `stream_with_context`.",
}


@rule(of=outside, severity="error", constraint="startup")
def context_local_outside_context(project: Project, each: Outside) -> Iterator[Finding]:
    """Report a read that raises."""
    verb = "read" if each.name in ("current_app", "g", "request", "session") else "called"
    related = (Evidence(each.start, _START[each.how]),) if each.how in _START else ()
    yield Finding(
        each.at,
        f"`{each.name}` is {verb} {_WHEN[each.how]}.",
        related=related,
        symbol=f"{each.how}:{each.name}",
        cure=_CURES[each.how].format(name=each.name),
    )
