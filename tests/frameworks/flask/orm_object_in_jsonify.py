"""Whether a view of the case hands a row to what makes JSON, which does not know how.

Flask-RESTful and Flask-Login are not at hand: what stands in for them makes JSON of what a method returns, and
lets everybody in.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

sys.path.insert(0, ".")

from flask import Flask, jsonify
from flask.views import MethodView
from flask_sqlalchemy import SQLAlchemy


class Resource(MethodView):
    """A view whose methods return data."""

    def dispatch_request(self, **given: Any) -> Any:
        """Make JSON of it."""
        data, status = super().dispatch_request(**given)
        return jsonify(data), status


class Api:
    """Where resources are added."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def add_resource(self, resource: type[Resource], path: str) -> None:
        """Add one."""
        self._app.add_url_rule(path, view_func=resource.as_view(resource.__name__))


for name, values in {
    "flask_restful": {"Api": Api, "Resource": Resource},
    "flask_login": {"login_required": lambda view: view},
}.items():
    sys.modules[name] = ModuleType(name)
    vars(sys.modules[name]).update(values)
Flask.default_config = {**Flask.default_config, "SQLALCHEMY_DATABASE_URI": "sqlite://"}  # type: ignore[assignment]

module = import_module("app")
app = module.create_app() if hasattr(module, "create_app") else module.app
db: SQLAlchemy = app.extensions["sqlalchemy"]
with app.app_context():
    db.create_all()
    for mapper in list(db.Model.registry.mappers):
        db.session.add(mapper.class_(**({"name": "x"} if "name" in mapper.columns else {})))
    db.session.commit()
app.testing = True
failed = 0
for rule in app.url_map.iter_rules():
    for verb in rule.methods.intersection({"GET", "POST"}) if rule.endpoint != "static" else ():
        try:
            app.test_client().open(rule.rule.replace("<int:pk>", "1"), method=verb)
        except TypeError as error:
            print(error)
            failed = 1 if "is not JSON serializable" in str(error) else 2
sys.exit(failed)
