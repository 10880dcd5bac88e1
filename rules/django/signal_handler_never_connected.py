"""A signal handler that is never called: never imported, kept by nothing, or refused by the signal.

## Why
`@receiver` connects a handler when its module is imported. A `signals.py` that no
`AppConfig.ready()` imports connects nothing, without any error. A handler defined inside a
function, or a lambda, is gone as soon as the function returns: signals hold weak references. And a
sender given as text that names no model is waited for for ever. A handler without `**kwargs` is refused
when `DEBUG` is on, and fails on the first signal when it is off.

## Instead
Import the module in `AppConfig.ready()`. Define handlers on the top level of a module, or connect
them with `weak=False`. Name the sender as `"app_label.Model"` of an installed app.

## Known limits
A module that anything of the project imports, or that some code may import by a computed name, is
left alone, as are handlers of packages' own signals inside functions.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._signals import Silent, silent_handlers


@rule(of=silent_handlers, severity="error", constraint="wiring")
def signal_handler_never_connected(project: Project, each: Silent) -> Iterator[Finding]:
    """A handler that no signal reaches."""
    related = (Evidence(each.config, "its `ready()` could import the module"),) if each.config else ()
    name = f"`{each.name}`" if each.name.isidentifier() else each.name
    if each.why == "module":
        more = f" and {each.others} more handler{'s' * (each.others > 1)}" if each.others else ""
        message = f"Nothing imports `{each.text}`, so its handler {name}{more} is never connected."
        message = message.replace("is never", "are never") if each.others else message
        cure = f"Import `{each.text}` in `ready()` of the app's `AppConfig`."
    elif each.why == "lost":
        message = f"Only a weak reference keeps {name}, so it is gone when this function returns."
        message = message.replace("`a lambda`", "a lambda")
        cure = "Define it on the top level of the module, or pass `weak=False`."
    elif each.why == "closed":
        message = f"{name} takes no `**kwargs`, so connecting it raises `ValueError`, or each signal `TypeError`."
        cure = "Add `**kwargs` to its parameters."
    else:
        message = f"{name} waits for the sender `{each.text}`, and no installed app has such a model."
        cure = "Name the model as `app_label.Model`."
    yield Finding(each.at, message[0].upper() + message[1:], related, symbol=f"{each.why} {each.name}", cure=cure)
