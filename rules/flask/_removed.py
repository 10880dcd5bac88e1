"""What Flask, Werkzeug and their extensions no longer have, and where it is still used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function, Import, Module
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.places import is_aside
from cdlint.project.ranges import contains, within
from cdlint.project.values import evaluate
from cdlint.project.versions import statements, version
from cdlint.rule import Location

from ._extensions import extensions


class Removed(NamedTuple):
    """A name that is gone: from which distribution, since which version, and what takes its place."""

    distribution: str
    since: str
    instead: str


_CONTEXTS = "`flask.g`, `current_app` or `has_request_context()`"
_PROVIDER = "`flask.json.provider.DefaultJSONProvider`"
_FIRST = "code in the factory, under `with app.app_context():`"
_JWT = "`jwt_required(...)`"
_NAMES = {
    "flask.escape": Removed("flask", "3.0", "`markupsafe.escape`"),
    "flask.Markup": Removed("flask", "3.0", "`markupsafe.Markup`"),
    "flask.signals_available": Removed("flask", "3.0", "nothing: signals are always there"),
    "flask.helpers.locked_cached_property": Removed("flask", "3.0", "`functools.cached_property`"),
    "flask.json.JSONEncoder": Removed("flask", "2.3", _PROVIDER),
    "flask.json.JSONDecoder": Removed("flask", "2.3", _PROVIDER),
    "flask._request_ctx_stack": Removed("flask", "2.3", _CONTEXTS),
    "flask._app_ctx_stack": Removed("flask", "2.3", _CONTEXTS),
    "flask.globals._request_ctx_stack": Removed("flask", "2.3", _CONTEXTS),
    "flask.globals._app_ctx_stack": Removed("flask", "2.3", _CONTEXTS),
    "flask.safe_join": Removed("flask", "2.1", "`werkzeug.utils.safe_join`"),
    "flask.helpers.safe_join": Removed("flask", "2.1", "`werkzeug.utils.safe_join`"),
    "flask.helpers.total_seconds": Removed("flask", "2.1", "`timedelta.total_seconds`"),
    "werkzeug.security.safe_str_cmp": Removed("werkzeug", "2.1", "`hmac.compare_digest`"),
    "werkzeug.security.pbkdf2_hex": Removed("werkzeug", "2.1", "`hashlib.pbkdf2_hmac`"),
    "werkzeug.security.pbkdf2_bin": Removed("werkzeug", "2.1", "`hashlib.pbkdf2_hmac`"),
    "werkzeug.wrappers.BaseResponse": Removed("werkzeug", "2.1", "`werkzeug.wrappers.Response`"),
    "werkzeug.wrappers.BaseRequest": Removed("werkzeug", "2.1", "`werkzeug.wrappers.Request`"),
    "flask_sqlalchemy.BaseQuery": Removed("flask-sqlalchemy", "3.0", "`flask_sqlalchemy.query.Query`"),
    "flask_sqlalchemy.Pagination": Removed("flask-sqlalchemy", "3.0", "`flask_sqlalchemy.pagination.Pagination`"),
    "flask_sqlalchemy.get_debug_queries": Removed("flask-sqlalchemy", "3.0", "`get_recorded_queries`"),
    "flask_sqlalchemy.SignallingSession": Removed("flask-sqlalchemy", "3.0", "`flask_sqlalchemy.session.Session`"),
    "flask_jwt_extended.jwt_refresh_token_required": Removed("flask-jwt-extended", "4.0", _JWT),
    "flask_jwt_extended.jwt_optional": Removed("flask-jwt-extended", "4.0", _JWT),
    "flask_jwt_extended.fresh_jwt_required": Removed("flask-jwt-extended", "4.0", _JWT),
    "flask_jwt_extended.get_raw_jwt": Removed("flask-jwt-extended", "4.0", "`get_jwt`"),
    **{
        f"werkzeug.urls.{name}": Removed("werkzeug", "3.0", f"`urllib.parse.{other}`")
        for name, other in (
            ("url_quote", "quote"), ("url_quote_plus", "quote_plus"), ("url_encode", "urlencode"),
            ("url_decode", "parse_qs"), ("url_parse", "urlsplit"), ("url_unquote", "unquote"),
            ("url_unquote_plus", "unquote_plus"), ("url_join", "urljoin"), ("url_unparse", "urlunsplit"),
        )
    },
    **{
        f"werkzeug.{name}": Removed("werkzeug", "1.0", f"`werkzeug.{module}.{name}`")
        for name, module in (
            ("secure_filename", "utils"), ("cached_property", "utils"), ("generate_password_hash", "security"),
            ("check_password_hash", "security"), ("FileStorage", "datastructures"), ("MultiDict", "datastructures"),
        )
    },
}  # fmt: skip
_MODULES = {
    "flask.ext": Removed("flask", "1.0", "the extension's own package"),
    "flask._compat": Removed("flask", "2.0", "nothing: it was for Python 2"),
    "flask_script": Removed("flask", "2.0", "Flask's own commands, `@app.cli.command()`"),
    "werkzeug.contrib": Removed("werkzeug", "1.0", "packages such as `cachelib`"),
}
"""Modules that are gone, or that cannot be imported with such a version."""
_METHODS = {
    "before_first_request": Removed("flask", "2.3", _FIRST),
    "before_app_first_request": Removed("flask", "2.3", _FIRST),
}
_HASHES = frozenset({"sha256", "sha1", "md5", "plain", "sha512", "sha224", "sha384"})
_NEWEST = {"flask": "3.1.0", "werkzeug": "3.1.3", "flask-sqlalchemy": "3.1.1", "flask-jwt-extended": "4.7.1"}


class Use(NamedTuple):
    """A use of something that is gone, and whether the version is what a fresh installation gives."""

    at: Location
    name: str
    removed: Removed
    fresh: bool


def removed_uses(project: Project) -> tuple[Use, ...]:
    """The uses of what the versions of the repository no longer have, the first of each name in a file."""
    said = project[statements]
    if not {"flask", "werkzeug"} & set(said):
        return ()
    found: dict[tuple[str, str], Use] = {}
    for path in project.paths:
        if not is_aside(path):
            for at, name, removed in project[_uses_in, path]:
                known = project[at_least, (removed.distribution, removed.since)]
                if known:
                    found.setdefault((path, name), Use(Location(path, at), name, removed, known == "fresh"))
    return tuple(found.values())


def at_least(project: Project, key: tuple[str, str]) -> str:
    """Whether a distribution is of a version or a later one: `sure`, `fresh` when nothing holds it back, or `""`."""
    distribution, since = key
    found = project[version, distribution]
    answers = set()
    if found.version.why and distribution == "werkzeug":
        # Flask 3 needs Werkzeug 3.
        return project[at_least, ("flask", "3.0")] if "no manifest" in found.version.why else ""
    for each in (found.version, *found.others):
        if each.why:
            return ""
        if contains(f">={since}", each.exact) if each.exact else within(each.specifier, f">={since}"):
            answers.add("sure")
        elif not each.exact and (not each.specifier or contains(each.specifier, _NEWEST[distribution])):
            answers.add("fresh")
        else:
            return ""
    return "fresh" if "fresh" in answers else "sure"


def _uses_in(project: Project, path: str) -> tuple[tuple[tree.At, str, Removed], ...]:
    module = project.module(path)
    if module is None or not project[extensions, path]:
        return ()
    found = list(_imports(module))
    plain = {each.alias: each.alias if not each.renamed else each.module for each in module.imports if _is_plain(each)}
    for function in module.functions:
        found.extend(_decorators(project, path, function))
        if not _WATCHED.isdisjoint(function.lasts):
            found.extend(_calls(project, path, function))
        if any(function.mentions(f"{alias}.") for alias in plain):
            found.extend(_paths(function, plain))
    return tuple(dict.fromkeys(found))


_WATCHED = frozenset({*_METHODS, "generate_password_hash", "paginate"})


def _imports(module: Module) -> Iterator[tuple[tree.At, str, Removed]]:
    for each in module.imports:
        if each.kind not in ("runtime", "deferred"):
            continue
        gone = next((key for key in _MODULES if each.module == key or each.module.startswith(key + ".")), "")
        if gone:
            yield each.at, each.module, _MODULES[gone]
        elif each.name is not None and f"{each.module}.{each.name}" in _NAMES:
            name = f"{each.module}.{each.name}"
            yield each.at, name, _NAMES[name]


def _decorators(project: Project, path: str, function: Function) -> Iterator[tuple[tree.At, str, Removed]]:
    for each in function.decorators if function.decorator_codes else ():
        last = getattr(each, "last", "")
        if last in _METHODS and _is_flask(project, path, function.parent, each):
            yield each.at, last, _METHODS[last]


def _is_flask(project: Project, path: str, scope: str, node: tree.Node) -> bool:
    """Whether an attribute is one of an application or blueprint, or of something that is not known."""
    answer = evaluate(project, (path, scope), node)
    return not isinstance(answer, Symbol) or (answer.kind == "external" and answer.name.startswith("flask."))


def _calls(project: Project, path: str, function: Function) -> Iterator[tuple[tree.At, str, Removed]]:
    for call in _unguarded(function):
        last = getattr(call.func, "last", "")
        if last in _METHODS and _is_flask(project, path, function.qualname, call.func):
            yield call.at, last, _METHODS[last]
        elif last == "generate_password_hash":
            method = call.argument(1, "method")
            name = method.value if isinstance(method, tree.Constant) else ""
            answer = evaluate(project, (path, function.qualname), call.func)
            if name in _HASHES and isinstance(answer, Symbol) and answer.name == "werkzeug.security." + last:
                yield call.at, f"{last}(method={name!r})", Removed("werkzeug", "3.0", "the default method")
        elif last == "paginate" and call.args and not isinstance(call.args[0], tree.Starred):
            answer = evaluate(project, (path, function.qualname), call.func)
            if isinstance(answer, Symbol) and answer.name.startswith("flask_sqlalchemy.SQLAlchemy().Model.query."):
                instead = "keywords, `paginate(page=..., per_page=...)`"
                yield call.at, "paginate(page)", Removed("flask-sqlalchemy", "3.0", instead)


def _is_plain(each: Import) -> bool:
    return each.name is None and each.module.partition(".")[0] in ("flask", "werkzeug")


def _paths(function: Function, plain: dict[str, str]) -> Iterator[tuple[tree.At, str, Removed]]:
    """Attributes of modules that are imported as a whole."""
    for node in tree.walk(*_open(function.body)):
        if isinstance(node, tree.Path) and node.root in plain:
            parts = (plain[node.root] + node.text[len(node.root) :]).split(".")
            for count in (2, 3):
                name = ".".join(parts[:count])
                if name in _NAMES:
                    yield node.at, name, _NAMES[name]
                    break


def _unguarded(function: Function) -> Iterator[tree.Call]:
    """The calls of a function that stand in no `try` and under no `if`."""
    return tree.calls(*_open(function.body))


def _open(statements_: tuple[tree.Node, ...]) -> tuple[tree.Node, ...]:
    return tuple(each for each in statements_ if not isinstance(each, (tree.Try, tree.If)))
