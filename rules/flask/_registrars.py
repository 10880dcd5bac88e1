"""The decorators of Flask and its extensions that register callbacks and listeners."""

from __future__ import annotations

from cdlint.backend.collected import provides
from cdlint.backend.registrars import Registrar, registrars
from cdlint.project import Project

_OF_APPLICATIONS = (
    "after_app_request", "after_request", "app_context_processor", "app_errorhandler", "app_template_filter",
    "app_template_global", "before_app_request", "before_request", "context_processor", "errorhandler",
    "shell_context_processor", "teardown_appcontext", "teardown_request", "template_filter", "template_global",
    "url_defaults", "url_value_preprocessor", "cli.command",
)  # fmt: skip
_CALLBACKS = (
    *(f"{owner}().{verb}" for owner in ("flask.Flask", "flask.Blueprint") for verb in _OF_APPLICATIONS),
    *(f"flask_login.LoginManager().{verb}" for verb in ("request_loader", "user_loader")),
    *(
        f"flask_jwt_extended.JWTManager().{verb}"
        for verb in ("token_in_blocklist_loader", "user_identity_loader", "user_lookup_loader")
    ),
)
_LISTENERS = (
    "flask_socketio.SocketIO().on",
    *(
        f"blinker.{maker}.{verb}"
        for maker in ("Signal()", "NamedSignal()", "Namespace().signal()", "signal()")
        for verb in ("connect", "connect_via")
    ),
)


@provides(registrars)
def flask_registrars(project: Project) -> tuple[Registrar, ...]:
    """The same for every repository."""
    return (
        *(Registrar(name, "callback") for name in _CALLBACKS),
        *(Registrar(name, "listener") for name in _LISTENERS),
    )
