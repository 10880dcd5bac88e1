"""Keys that are read from the configuration of a Flask application and that nothing ever sets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cdlint.facts import tree
from cdlint.facts.model import Function, Module
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import calling
from cdlint.project.places import is_aside
from cdlint.project.values import Scope, evaluate

_APPLICATIONS = ("flask.Flask", "flask.app.Flask")
_HOLDERS = frozenset(
    {f"{name}().config" for name in _APPLICATIONS}
    | {f"{name}.config" for name in ("flask.current_app", "flask.globals.current_app")}
)
_FLASK_NAMES = """
APPLICATION_ROOT DEBUG ENV EXPLAIN_TEMPLATE_LOADING MAX_CONTENT_LENGTH MAX_COOKIE_SIZE MAX_FORM_MEMORY_SIZE
MAX_FORM_PARTS PERMANENT_SESSION_LIFETIME PREFERRED_URL_SCHEME PRESERVE_CONTEXT_ON_EXCEPTION PROPAGATE_EXCEPTIONS
PROVIDE_AUTOMATIC_OPTIONS SECRET_KEY SECRET_KEY_FALLBACKS SEND_FILE_MAX_AGE_DEFAULT SERVER_NAME
TEMPLATES_AUTO_RELOAD TESTING TRUSTED_HOSTS USE_X_SENDFILE
"""
_FLASK = frozenset(_FLASK_NAMES.split())
"""What every configuration has."""
_BROUGHT = re.compile(
    r"(?:ADMIN|API|APISPEC|APSCHEDULER|ASSETS|BABEL|BASIC_AUTH|BCRYPT|BOOTSTRAP|CACHE|CELERY|CKEDITOR|COMPRESS|CORS"
    r"|DEBUG_TB|DROPZONE|ELASTICSEARCH|FLASK|FLASKY?_ADMIN|GITHUB|HTTP_AUTH|JSON|JSONIFY|JWT|LOGGER|LOGIN|MAIL"
    r"|MARSHMALLOW|MONGO|MONGODB|MSEARCH|OAUTH\d?|OIDC|OPENAPI|PAGEDOWN|PLUGIN|RATELIMIT|RECAPTCHA|REDIS|REMEMBER"
    r"|RESTFUL|RESTX|RQ|SCHEDULER|SECURITY|SENTRY|SESSION|SITEMAP|SOCKETIO|SQLALCHEMY|SSE|SWAGGER|THEME|TRAP"
    r"|UPLOADED|UPLOADS|USER|WHOOSH|WTF)_|(?:SWAGGER|CACHE|API)\w*$"
)
"""The beginnings of the keys that extensions set themselves where nobody else does."""
_WORD = re.compile(r"\b[A-Z][A-Z0-9_]*\b")
_READ = re.compile(r"config\s*(?:\[\s*[\"']\w+[\"']\s*\](?!\s*=[^=])|\.get\(\s*[\"']\w+[\"'])")
_FROM_OUTSIDE = frozenset({"from_envvar", "from_file", "from_json", "from_prefixed_env", "from_pyfile"})
_TOOLS = frozenset({"bin", "scripts", "tools"})
_FROM_HERE = frozenset({"update", "from_mapping"})


def flask_unset(project: Project, path: str, module: Module) -> Iterator[tuple[str, At]]:
    """The keys that a file reads from the configuration and that nothing in the repository names otherwise."""
    if not any(each.module.partition(".")[0] == "flask" for each in module.imports) or not project[_is_whole]:
        return
    for key, at in project[_keys_in, path]:
        if not project[_is_named_elsewhere, key]:
            yield key, at


def _is_whole(project: Project) -> bool:
    """Whether an application is made here whose configuration gets nothing that cannot be seen."""
    paths = [path for path in project.paths if not is_aside(path)]
    # A script of a library makes one for itself.
    makes = any(project[_makes_one, path] for path in paths if _TOOLS.isdisjoint(path.split("/")))
    return makes and not any(project[_is_filled_from_outside, path] for path in paths)


def _makes_one(project: Project, path: str) -> bool:
    functions = calling(project, path, frozenset({"Flask"}))
    return any(call in ("Flask", "flask.Flask") for function in functions for call in function.calls)


def _is_filled_from_outside(project: Project, path: str) -> bool:
    """Whether a file fills a configuration under names that it does not write out, or from another file."""
    module = project.module(path)
    for function in module.functions if module is not None else ():
        lasts = function.lasts
        if lasts & _FROM_OUTSIDE:
            return True
        if not function.mentions("config"):
            continue
        params = {each.name for each in function.params}
        for node in function.nodes:
            if (
                isinstance(node, tree.Call)
                and _fills(node)
                and not all(_is_seen(each, params) for each in _given(node))
            ):
                return True
            for target in node.targets if isinstance(node, tree.Assign) else ():
                keyed = isinstance(target, tree.Subscript) and getattr(target.value, "last", "") == "config"
                if keyed and not isinstance(target.index, tree.Constant):
                    return True
                if isinstance(target, tree.Path) and target.last == "config" and "." in target.text:
                    return True
    return False


def _fills(node: tree.Call) -> bool:
    owner, _, last = getattr(node.func, "text", "").rpartition(".")
    return last in _FROM_HERE and owner.rpartition(".")[2] == "config"


def _given(node: tree.Call) -> tuple[tree.Node, ...]:
    return (*node.args, *(each.value for each in node.keywords if each.name is None))


def _is_seen(node: tree.Node, params: set[str]) -> bool:
    """Whether what fills a configuration is written out here, or is handed over by a caller who does."""
    if isinstance(node, tree.Mapping):
        return all(key is not None for key, _ in node.items)
    if isinstance(node, tree.Boolean):
        return all(_is_seen(each, params) for each in node.values)
    if isinstance(node, tree.Call):
        return getattr(node.func, "text", "") == "dict" and all(each.name for each in node.keywords) and not node.args
    return isinstance(node, tree.Path) and node.text in params


def _keys_in(project: Project, path: str) -> tuple[tuple[str, At], ...]:
    """The keys that a file reads by `config["KEY"]`, each once, where their absence is not provided for."""
    module = project.module(path)
    found: dict[str, At] = {}
    for function in module.functions if module is not None else ():
        if not function.mentions("config"):
            continue
        handled = list(_handled(function))
        targets = {
            target.at
            for node in function.nodes
            if isinstance(node, (tree.Assign, tree.Delete))
            for target in node.targets
        }
        for node in function.nodes:
            if not isinstance(node, tree.Subscript) or node.at in targets or not isinstance(node.index, tree.Constant):
                continue
            key = node.index.value
            if not isinstance(key, str) or not _WORD.fullmatch(key) or key in _FLASK or _BROUGHT.match(key):
                continue
            sure = not any(at[0] <= node.at[0] <= at[2] for at in handled)
            if sure and _is_configuration(project, (path, function.qualname), node.value):
                found.setdefault(key, node.at)
    return tuple(found.items())


def _handled(function: Function) -> Iterator[At]:
    for node in function.nodes:
        if isinstance(node, tree.Try):
            types = [each for handler in node.handlers for each in tree.walk(handler.type)]
            names = {getattr(each, "last", "") for each in types}
            if names & {"KeyError", "LookupError", "Exception"} or any(each.type is None for each in node.handlers):
                yield node.at


def _is_configuration(project: Project, scope: Scope, node: tree.Node) -> bool:
    if not isinstance(node, tree.Path):
        return False
    answer = evaluate(project, scope, node)
    if isinstance(answer, Symbol):
        return answer.kind == "external" and answer.name in _HOLDERS
    return node.text in ("app.config", "self.app.config", "application.config")


def _is_named_elsewhere(project: Project, key: str) -> bool:
    """Whether any file names the key other than to read it."""
    return any(key in project[_words_in, path] for path in project.paths)


def _words_in(project: Project, path: str) -> frozenset[str]:
    """The words in capitals in a file, without those that are only read from a configuration."""
    return frozenset(_WORD.findall(_READ.sub("", project.text(path) or "")))
