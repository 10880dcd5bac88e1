"""The routes of Flask applications and of the extensions that register resources."""

from __future__ import annotations

from cdlint.rules.flask._wiring import flask_blueprints, flask_endpoints, flask_unresolved

APP = "from flask import Flask\napp = Flask(__name__)\n"


def routes(made):
    return sorted(f"{each.method} {each.path} {each.handler.name}" for each in made[flask_endpoints])


def certain(made):
    return {each.path: each.certain for each in made[flask_endpoints]}


class TestViews:
    def test_class_based_views_have_their_verbs(self, project):
        made = project(
            {
                "app.py": APP + "from flask.views import MethodView, View\n"
                "class Base(MethodView):\n    def get(self): ...\n    def head(self): ...\n"
                "class Items(Base):\n    def post(self): ...\n    def options(self): ...\n"
                "class Plain(View):\n    def dispatch_request(self): ...\n"
                "class Told(View):\n    methods = ['GET', 'PUT']\n"
                "app.add_url_rule('/items', view_func=Items.as_view('items'))\n"
                "view = Plain.as_view('plain')\n"
                "app.add_url_rule('/plain', 'plain', view)\n"
                "app.add_url_rule('/told', view_func=Told.as_view('told'))\n",
            }
        )
        assert routes(made) == [
            "GET /items Items", "GET /plain Plain", "GET /told Told", "OPTIONS /items Items", "POST /items Items",
            "PUT /told Told",
        ]  # fmt: skip

    def test_head_comes_with_get(self, project):
        made = project({"app.py": APP + "@app.route('/a', methods=('HEAD', 'GET'))\ndef a(): ...\n"})
        assert routes(made) == ["GET /a a"]

    def test_decorators_applied_by_hand(self, project):
        made = project(
            {
                "app.py": APP + "from functools import wraps\nfrom somewhere import guard\n"
                "def timed(view):\n    @wraps(view)\n    def inner(): return view()\n    return inner\n"
                "def a(): ...\ndef b(): ...\n"
                "app.add_url_rule('/a', view_func=guard(a))\napp.add_url_rule('/b', view_func=timed(b))\n",
            }
        )
        assert routes(made) == ["GET /a a", "GET /b b"]

    def test_settings_decide_with_their_defaults(self, project):
        made = project(
            {
                "settings.py": "import os\ndef flag(text):\n    text = text.strip().lower()\n"
                "    if text in ('1', 'true'):\n        return True\n    elif text in ('0', 'false'):\n"
                "        return False\n    else:\n        raise ValueError(text)\n"
                "MANY = flag(os.environ.get('MANY', 'false'))\nEXTRA = True\n",
                "app.py": APP + "import settings\n"
                "def scoped(rule):\n    if settings.MANY:\n        return '/<org>{}'.format(rule)\n    return rule\n"
                "@app.route(scoped('/a'))\ndef a(): ...\n"
                "if settings.EXTRA:\n    @app.route('/b')\n    def b(): ...\n"
                "if settings.MANY:\n    @app.route('/c')\n    def c(): ...\n"
                "if settings.OTHER:\n    @app.route('/d')\n    def d(): ...\n",
            }
        )
        assert certain(made) == {"/a": True, "/b": True, "/d": False}
        assert [each.why for each in made[flask_unresolved]] == ["the settings' defaults leave it out"]


class TestBlueprints:
    def test_modules_imported_by_name_in_a_loop(self, project):
        made = project(
            {
                "web/__init__.py": "from flask import Flask\nfrom importlib import import_module\n"
                "def create():\n    app = Flask(__name__)\n    for name in ('a', 'b'):\n"
                "        module = import_module(f'{__name__}.{name}.views')\n"
                "        app.register_blueprint(module.bp)\n    return app\n",
                "web/a/views.py": "from flask import Blueprint\nbp = Blueprint('a', __name__, url_prefix='/a')\n"
                "@bp.route('/')\ndef one(): ...\n",
                "web/b/views.py": "from flask import Blueprint\nbp = Blueprint('b', __name__, url_prefix='/b')\n"
                "@bp.route('/')\ndef two(): ...\n",
            }
        )
        assert routes(made) == ["GET /a/ one", "GET /b/ two"]

    def test_modules_of_a_folder_walked(self, project):
        made = project(
            {
                "web/__init__.py": "import glob, os\nfrom flask import Flask\nfrom .plugins import load_all\n"
                "def create():\n    app = Flask(__name__)\n    load_all(app)\n    return app\n",
                "web/plugins/__init__.py": "import glob, importlib, os\n"
                "def names():\n    found = []\n    for path in glob.glob(os.path.dirname(__file__) + '/*'):\n"
                "        if os.path.isdir(path):\n            found.append(os.path.basename(path))\n    return found\n"
                "def assets(app, path):\n    path = path.strip('/')\n    def handler(name): ...\n"
                "    app.add_url_rule('/' + path + '/<name>', view_func=handler)\n"
                "def load_all(app):\n    for name in names():\n        module = '.' + name\n"
                "        module = importlib.import_module(module, package='web.plugins')\n        module.load(app)\n",
                "web/plugins/one/__init__.py": "from web.plugins import assets\ndef load(app):\n"
                "    assets(app, '/one/')\n",
                "web/plugins/two/__init__.py": "from web.plugins import assets\ndef load(app):\n"
                "    assets(app, '/two/')\n",
                "web/plugins/helpers.py": "value = 1\n",
            }
        )
        assert routes(made) == ["GET /one/<name> assets.handler", "GET /two/<name> assets.handler"]

    def test_folder_walked_with_a_test_of_the_module(self, project):
        made = project(
            {
                "web/__init__.py": "import pkgutil\nfrom importlib import import_module\nfrom flask import Flask\n"
                "from web import parts\ndef create():\n    app = Flask(__name__)\n"
                "    for info in pkgutil.iter_modules(parts.__path__):\n"
                "        module = import_module(f'{parts.__name__}.{info.name}')\n"
                "        if not hasattr(module, 'bp'):\n            continue\n"
                "        app.register_blueprint(module.bp)\n    return app\n",
                "web/parts/__init__.py": "",
                "web/parts/a.py": "from flask import Blueprint\nbp = Blueprint('a', __name__)\n"
                "@bp.get('/a')\ndef a(): ...\n",
                "web/parts/b.py": "from flask import Blueprint\nbp = Blueprint('b', __name__)\n"
                "@bp.get('/b')\ndef b(): ...\n",
                "web/parts/none.py": "",
            }
        )
        assert certain(made) == {"/a": True, "/b": True}

    def test_names_found_by_werkzeug_and_a_list_that_grows(self, project):
        made = project(
            {
                "web.py": "from flask import Flask\nfrom werkzeug.utils import find_modules, import_string\n"
                "from registry import known\ndef create():\n    app = Flask(__name__)\n"
                "    for name in find_modules('parts'):\n"
                "        app.register_blueprint(import_string(f'{name}:bp'))\n"
                "    for bp in known:\n        app.register_blueprint(bp)\n    return app\n",
                "parts/__init__.py": "",
                "parts/a.py": "from flask import Blueprint\nbp = Blueprint('a', __name__)\n"
                "@bp.get('/a')\ndef a(): ...\n",
                "registry.py": "from flask import Blueprint\nb = Blueprint('b', __name__)\nknown = []\n"
                "known.append(b)\n@b.get('/b')\ndef b(): ...\n",
            }
        )
        assert routes(made) == ["GET /a a", "GET /b b"]

    def test_a_setting_decides_which_modules(self, project):
        made = project(
            {
                "web/__init__.py": "from importlib import import_module\nfrom flask import Flask\n"
                "def create(config):\n    app = Flask(__name__)\n    for name in config.MODULES:\n"
                "        module = import_module('web.' + name)\n        app.register_blueprint(module.bp)\n"
                "    return app\n",
                "web/a.py": "from flask import Blueprint\nbp = Blueprint('a', __name__)\n@bp.get('/a')\ndef a(): ...\n",
            }
        )
        assert routes(made) == []
        assert [each.what for each in made[flask_unresolved]] == ["register_blueprint"]
        assert [each.reached for each in made[flask_blueprints]] == [None]


class TestResources:
    def test_restful_with_wrappers_and_bases(self, project):
        made = project(
            {
                "app.py": APP + "from flask import Blueprint\nfrom flask_restful import Api, Resource\n"
                "bp = Blueprint('api', __name__, url_prefix='/api')\n"
                "class Ext(Api):\n    def add_scoped(self, resource, *urls, **options):\n"
                "        urls = ['/org' + url for url in urls]\n"
                "        return self.add_resource(resource, *urls, **options)\n"
                "api = Ext()\n"
                "class Base(Resource):\n    decorators = [len]\n    def get(self): ...\n"
                "class Thing(Base):\n    def delete(self): ...\n"
                "api.add_scoped(Thing, '/a', '/b', endpoint='thing')\n"
                "api.init_app(app)\n"
                "other = Api(bp, prefix='/v2')\n"
                "@other.resource('/c')\nclass Listed(Resource):\n    def post(self): ...\n"
                "app.register_blueprint(bp)\n",
            }
        )
        assert routes(made) == [
            "DELETE /org/a Thing", "DELETE /org/b Thing", "GET /org/a Thing", "GET /org/b Thing",
            "POST /api/v2/c Listed",
        ]  # fmt: skip

    def test_restx_namespace_made_by_the_api(self, project):
        made = project(
            {
                "app.py": APP + "from flask import Blueprint\nfrom flask_restx import Api\n"
                "bp = Blueprint('api', __name__, url_prefix='/api')\n"
                "api = Api(bp, version='1')\n"
                "birds = api.namespace('birds', path='/flying')\n"
                "@birds.route('/')\nclass Birds:\n    def get(self): ...\n"
                "@api.route('/plain')\nclass Plain:\n    def patch(self): ...\n"
                "app.register_blueprint(bp)\n",
            }
        )
        assert routes(made) == ["GET /api/flying/ Birds", "PATCH /api/plain Plain"]

    def test_restx_namespaces_of_other_modules(self, project):
        made = project(
            {
                "app.py": APP + "from flask_restx import Api\nfrom parts import cats, dogs\n"
                "api = Api()\napi.add_namespace(cats, path='/c')\napi.add_namespace(dogs)\napi.init_app(app)\n",
                "parts.py": "from flask_restx import Namespace, Resource\n"
                "cats = Namespace('cats')\ndogs = Namespace('dogs', description='d')\n"
                "@cats.route('', '/all')\nclass Cats(Resource):\n    @cats.doc('x')\n    def get(self): ...\n"
                "@dogs.route('/<int:id>')\nclass Dog(Resource):\n    def put(self, id): ...\n",
            }
        )
        assert routes(made) == ["GET /c Cats", "GET /c/all Cats", "PUT /dogs/<int:id> Dog"]

    def test_smorest(self, project):
        made = project(
            {
                "app.py": APP + "from flask.views import MethodView\nfrom flask_smorest import Api, Blueprint\n"
                "api = Api(app)\nblp = Blueprint('pets', __name__, url_prefix='/pets')\n"
                "@blp.route('/')\nclass Pets(MethodView):\n    def get(self): ...\n    def post(self): ...\n"
                "@blp.route('/<id>', methods=['DELETE'])\ndef gone(id): ...\n"
                "api.register_blueprint(blp)\n",
            }
        )
        assert routes(made) == ["DELETE /pets/<id> gone", "GET /pets/ Pets", "POST /pets/ Pets"]

    def test_prefix_that_is_computed_is_said_to_be_unknown(self, project):
        made = project(
            {
                "app.py": APP + "import os\nfrom flask_restful import Api, Resource\n"
                "class A(Resource):\n    def get(self): ...\n"
                "api = Api(app, prefix=os.environ['PREFIX'])\napi.add_resource(A, '/a')\n",
            }
        )
        assert routes(made) == []
        assert [each.why for each in made[flask_unresolved]] == ["a prefix or path is not known"]

    def test_namespaces_made_by_a_module_that_does_nothing_else(self, project):
        made = project(
            {
                "server.py": APP + "from flask import Blueprint\nfrom flask_restx import Api\n"
                "bp = Blueprint('api', __name__, url_prefix='/v1')\napi = Api(bp)\napp.register_blueprint(bp)\n",
                "spaces.py": "from server import api\nbirds = api.namespace('birds', path='/birds')\n",
                "views.py": "from flask_restx import Resource\nfrom spaces import birds\n"
                "@birds.route('/<int:id>')\nclass Bird(Resource):\n    def get(self, id): ...\n",
            }
        )
        assert routes(made) == ["GET /v1/birds/<int:id> Bird"]


class TestHelpers:
    def test_views_kept_in_a_dict_while_pairs_are_registered(self, project):
        made = project(
            {
                "wire.py": "def wire(bp, pairs, guards=None):\n    views = {}\n    for rule, cls in pairs:\n"
                "        view = views.get(cls)\n        if view is None:\n"
                "            view = cls.as_view(cls.__name__)\n"
                "            for guard in guards or []:\n                view = guard(view)\n"
                "            views[cls] = view\n        bp.add_url_rule(rule, view_func=view)\n    return bp\n",
                "app.py": APP + "from flask import Blueprint\nfrom flask.views import MethodView\n"
                "from somewhere import guard\nfrom wire import wire\n"
                "class A(MethodView):\n    def get(self): ...\nclass B(MethodView):\n    def post(self): ...\n"
                "plain, guarded = Blueprint('p', __name__), Blueprint('g', __name__)\n"
                "wire(plain, [('/a', A), ('/b', B), ('/old', A)])\nwire(guarded, [('/c', B)], guards=[guard()])\n"
                "app.register_blueprint(plain)\napp.register_blueprint(guarded)\n",
            }
        )
        assert routes(made) == ["GET /a A", "GET /old A", "POST /b B", "POST /c B"]

    def test_prefixes_from_the_settings_of_the_application(self, project):
        made = project(
            {
                "settings.py": "class Base:\n    ROOT = '/api'\n    MODE = 'a'\nclass Live(Base):\n    MODE = 'b'\n",
                "app.py": "from flask import Flask, Blueprint\nimport settings\n"
                "bp = Blueprint('bp', __name__)\n@bp.get('/x')\ndef x(): ...\n"
                "other = Blueprint('other', __name__)\n@other.get('/y')\ndef y(): ...\n"
                "def create():\n    app = Flask(__name__)\n    app.config.from_object(settings.Live)\n"
                "    app.register_blueprint(bp, url_prefix=app.config['ROOT'])\n"
                "    app.register_blueprint(other, url_prefix=app.config.get('MODE'))\n    return app\n",
            }
        )
        assert routes(made) == ["GET /api/x x"]

    def test_hooks_that_are_given_the_application(self, project):
        hooked = (
            "from flask import Blueprint, Flask\nfrom hooks import impl\nbp = Blueprint('bp', __name__)\n"
            "@bp.get('/x')\ndef x(): ...\n@impl\ndef load(app: Flask):\n    app.register_blueprint(bp)\n"
        )
        hooks = "from pluggy import HookimplMarker\nimpl = HookimplMarker('x')\n"
        factory = "from flask import Flask\ndef create():\n    app = Flask(__name__)\n    return app\n"
        made = project({"app.py": factory, "views.py": hooked, "hooks.py": hooks})
        assert routes(made) == ["GET /x x"]
        assert certain(made) == {"/x": False}
        assert routes(project({"views.py": hooked, "hooks.py": hooks})) == []
        assert routes(project({"app.py": factory, "b.py": factory, "views.py": hooked, "hooks.py": hooks})) == []

    def test_an_application_made_in_either_branch(self, project):
        made = project(
            {
                "app.py": "from flask import Flask\nfrom somewhere import debug\n"
                "if debug():\n    app = Flask('a')\nelse:\n    app = Flask('b')\n"
                "@app.get('/x')\ndef x(): ...\n",
                "more.py": "from app import app\n@app.get('/y')\ndef y(): ...\n",
            }
        )
        assert routes(made) == ["GET /x x", "GET /y y"]
