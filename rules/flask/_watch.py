"""What of Flask and its extensions holds routes, and the methods by which it gets them."""

from __future__ import annotations

from cdlint.project.objects import Watch

APPLICATIONS = frozenset(
    {"flask.Flask", "flask.app.Flask", "quart.Quart", "apiflask.APIFlask", "flask_openapi3.OpenAPI"}
)
BLUEPRINTS = frozenset(
    {
        "flask.Blueprint",
        "flask.blueprints.Blueprint",
        "flask_smorest.Blueprint",
        "quart.Blueprint",
        "apiflask.APIBlueprint",
        "flask_openapi3.APIBlueprint",
    }
)
APIS = frozenset(
    {
        "flask_restful.Api",
        "flask_restplus.Api",
        "flask_restplus.api.Api",
        "flask_restx.Api",
        "flask_restx.api.Api",
        "flask_smorest.Api",
    }
)
"""Extensions that register resources on an application or blueprint."""
NAMESPACES = frozenset(
    {"flask_restplus.Namespace", "flask_restplus.namespace.Namespace", "flask_restx.Namespace",
     "flask_restx.namespace.Namespace"}
)  # fmt: skip
VERBS = ("get", "post", "put", "patch", "delete")
ALL_VERBS = (*VERBS, "head", "options", "trace")
ROUTES = frozenset({"route", "resource", *VERBS})
REGISTER = frozenset({"register_blueprint", "register_api"})
QUIET = frozenset(
    {"before_request", "after_request", "teardown_request", "errorhandler", "app_errorhandler", "app_context",
     "context_processor", "app_context_processor", "template_filter", "app_template_filter", "cli.command",
     "before_app_request", "after_app_request", "url_value_preprocessor", "url_defaults", "register_error_handler",
     "template_global", "app_template_global", "test_client", "test_request_context", "shell_context_processor",
     "config.from_object", "config.update", "__init__", "teardown_appcontext", "logger.info", "namespace"}
)  # fmt: skip
WATCH = Watch(
    APPLICATIONS | BLUEPRINTS | APIS | NAMESPACES,
    frozenset({*REGISTER, "add_url_rule", "add_resource", "add_namespace", "init_app"}),
    ROUTES,
    frozenset({"flask_cors.CORS", "flask_cors.CORS().init_app", "flask_wtf.csrf.CSRFProtect().exempt",
               "flask_wtf.CSRFProtect().exempt"}),
    makes=(("namespace", "flask_restx.Namespace"),),
    single=APPLICATIONS,
    settings="config",
)  # fmt: skip
