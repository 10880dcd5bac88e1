"""An aiohttp route is never served, or its handler reads a key nobody sets or gives no response.

## Why
aiohttp finds out while it answers. Routes in a `RouteTableDef` that is never added give 404, and
of two routes with equal method and path the second is never called, or refused. Reading
`request.match_info`, `request.app` or the request under a key that is not there raises
`KeyError`, and a handler that returns None fails too: status 500.

## Instead
Add each table with `app.add_routes(routes)`, keep one route for each method and path, set what
handlers read before the application starts or in a middleware, and return a response on every
path of a handler.

## Known limits
Keys are compared by name over the whole repository, so one that is set on another application
counts. Nothing is said of keys when some are computed, or when the application is handed to a
library that may set its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._broken import broken
from ._unserved import Broken

_MESSAGES = {
    "table": "Route table `{name}` is added to no application, so its routes answer 404.",
    "route": "`{name}` is registered already, so this handler is never called.",
    "setup": "Nothing calls `{name}`, so the routes that it adds answer 404.",
    "apart": "The application that `{name}` is or makes is neither run nor added to another, so its routes answer 404.",
    "name": "Another route of the application has the name `{name}` already, so adding this one raises ValueError.",
    "unnamed": "No route has the name `{name}`, so asking the router for it raises KeyError.",
    "asks": "Handler `{detail}` asks for `{name}`, but aiohttp passes nothing for it.",
    "takes": "Handler `{name}` takes no request, which aiohttp passes.",
    "value": "Handler `{name}` returns something here that is no response.",
    "context": "`{name}` is a context of the application, but never yields, so the start fails.",
    "match": "Handler `{detail}` reads `{name}` from `match_info`, but its path has no such variable.",
    "app": "Key `{name}` of the application is read, but nothing ever sets it.",
    "request": "Key `{name}` of the request is read, but nothing ever sets it.",
    "past": "Handler `{name}` can end without a response.",
    "never": "Handler `{name}` never returns a response.",
    "bare": "Handler `{name}` returns nothing here, which is no response.",
}
_SHOWN = {"route": "the route that is served", "setup": "it would be added here", "name": "the first of that name"}
_CURES = {
    "table": "Add it: `app.add_routes({name})`.",
    "route": "Remove one of the two, or give it another path.",
    "setup": "Call it with the application where that is made.",
    "apart": "Add it where the application is made: `app.add_subapp(prefix, ...)`.",
    "name": "Give each route a name of its own.",
    "unnamed": "Ask for a name that a route has, or give the route this name.",
    "asks": 'Read it of the request: `request.match_info["{name}"]`.',
    "takes": "Give it a parameter `request`.",
    "value": "Return a response, such as `web.json_response(...)`, or raise the exception.",
    "context": "Write `yield` between what is set up and what is taken down.",
    "match": "Read a variable of the path, or add `{{{name}}}` to it.",
    "app": 'Set it where the application is made: `app["{name}"] = ...`.',
    "request": 'Set it in a middleware: `request["{name}"] = ...`.',
}


@rule(of=broken, severity="error", constraint="wiring")
def aiohttp_wiring_broken(project: Project, each: Broken) -> Iterator[Finding]:
    """Report what cannot work."""
    name = each.name.rpartition(":")[2] if each.kind in ("app", "request") else each.name
    kind = "never" if each.detail == "never" else each.kind
    shown = _SHOWN.get(each.kind, "it is registered here")
    yield Finding(
        each.at,
        _MESSAGES[kind].format(name=name, detail=each.detail),
        related=(Evidence(each.other, shown),) if each.other is not None else (),
        symbol=f"{each.kind}:{name}",
        cure=_CURES.get(each.kind, "Return a response on every path.").format(name=name),
    )
