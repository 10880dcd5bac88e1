"""The routes of aiohttp applications, and lists of routes of Starlette ones."""

from __future__ import annotations

from cdlint.rules.aiohttp._wiring import aiohttp_endpoints, aiohttp_unresolved
from cdlint.rules.fastapi._wiring import fastapi_endpoints

HEAD = "from aiohttp import web\n"


def routes(made, word=aiohttp_endpoints):
    return sorted(f"{each.method} {each.path} {each.handler.name}" for each in made[word])


class TestAiohttp:
    def test_router_methods_in_a_helper_of_another_module(self, project):
        made = project(
            {
                "main.py": HEAD + "from routes import setup_routes\n"
                "async def init():\n    app = web.Application()\n    setup_routes(app)\n    return app\n",
                "routes.py": "from views import Site, index\n"
                "def setup_routes(app):\n    router = app.router\n    site = Site()\n"
                "    router.add_get('/', index, name='index')\n    router.add_post('/site', site.save)\n"
                "    router.add_route('PUT', '/put', index)\n    router.add_route('*', '/any', index)\n"
                "    router.add_static('/static', path='static')\n"
                "    resource = router.add_resource(r'/r/{id:\\d+}')\n    resource.add_route('DELETE', index)\n",
                "views.py": "async def index(request): ...\nclass Site:\n    async def save(self, request): ...\n",
            }
        )
        assert routes(made) == [
            "ANY /any index", "DELETE /r/{id:\\d+} index", "GET / index", "POST /site Site.save", "PUT /put index",
        ]  # fmt: skip

    def test_helpers_imported_under_other_names(self, project):
        shop = "from views import index\ndef setup(app):\n    app.router.add_get('/{}', index)\n"
        made = project(
            {
                "main.py": HEAD + "from wire import wire\napp = web.Application()\n"
                "def start():\n    wire(app)\n    return app\n",
                "wire.py": "def wire(app):\n    from one import setup as one\n    from two import setup as two\n"
                "    one(app)\n    two(app)\n",
                "one.py": shop.format("one"),
                "two.py": shop.format("two"),
                "views.py": "async def index(request): ...\n",
            }
        )
        assert routes(made) == ["GET /one index", "GET /two index"]

    def test_definitions_tables_and_views(self, project):
        made = project(
            {
                "main.py": HEAD + "from views import V, h, table\n"
                "app = web.Application()\n"
                "app.add_routes([web.get('/a', h), web.route('POST', '/b', h), web.view('/v', V)])\n"
                "app.router.add_routes(table)\napp.router.add_view('/w', V)\n",
                "views.py": HEAD + "table = web.RouteTableDef()\n"
                "async def h(request): ...\n"
                "class V(web.View):\n    async def get(self): ...\n    async def post(self): ...\n"
                "@table.get('/t')\nasync def t(request): ...\n"
                "@table.view('/c')\nclass C(V):\n    async def delete(self): ...\n",
            }
        )
        assert routes(made) == [
            "DELETE /c C", "GET /a h", "GET /c C", "GET /t t", "GET /v V", "GET /w V", "POST /b h", "POST /c C",
            "POST /v V", "POST /w V",
        ]  # fmt: skip

    def test_sub_applications_and_classes_with_their_path(self, project):
        made = project(
            {
                "main.py": HEAD + "from handlers import HANDLERS\n"
                "def admin():\n    app = web.Application()\n    for handler in HANDLERS:\n"
                "        app.router.add_route('*', handler.URL, handler)\n    return app\n"
                "root = web.Application()\nroot.add_subapp('/admin/', admin())\n",
                "handlers.py": HEAD + "class A(web.View):\n    URL = '/a'\n    async def get(self): ...\n"
                "class B(web.View):\n    URL = r'/b/{id:\\d+}'\n    async def patch(self): ...\n"
                "HANDLERS = (A, B)\n",
            }
        )
        assert routes(made) == ["GET /admin/a A", "PATCH /admin/b/{id:\\d+} B"]

    def test_package_imported_whole(self, project):
        source = "import aiohttp as a\nasync def h(request): ...\napp = a.web.Application()\n"
        made = project({"main.py": source + "app.add_routes([a.web.get('/x', h)])\n"})
        assert routes(made) == ["GET /x h"]

    def test_what_is_not_known_is_said(self, project):
        made = project({"main.py": HEAD + "from other import make\napp = web.Application()\napp.add_routes(make())\n"})
        assert routes(made) == []
        assert [each.what for each in made[aiohttp_unresolved]] == ["add_routes"]


class TestStarlette:
    def test_lists_of_routes(self, project):
        made = project(
            {
                "main.py": "from starlette.applications import Starlette\n"
                "from starlette.endpoints import HTTPEndpoint\n"
                "from starlette.routing import Mount, Route, Router, WebSocketRoute\n"
                "async def a(request): ...\nclass E(HTTPEndpoint):\n    async def put(self, request): ...\n"
                "inner = Router(routes=[Route('/x', a)])\n"
                "routes = [Route('/', a), Route('/e', E), Route('/m', endpoint=a, methods=['POST']),\n"
                "    Mount('/list', routes=[Route('/y', a)]), Mount('/router', app=inner), WebSocketRoute('/ws', a)]\n"
                "app = Starlette(routes=routes)\n",
            }
        )
        assert routes(made, fastapi_endpoints) == [
            "GET / a", "GET /list/y a", "GET /router/x a", "POST /m a", "PUT /e E", "WEBSOCKET /ws a",
        ]  # fmt: skip

    def test_fastapi_with_routes_and_hosts(self, project):
        made = project(
            {
                "main.py": "from fastapi import APIRouter, FastAPI\nfrom fastapi.routing import APIRoute\n"
                "async def a(): ...\nrouter = APIRouter(prefix='/r')\n"
                "@router.get('/x')\nasync def x(): ...\n"
                "sub = FastAPI()\n@sub.get('/s')\nasync def s(): ...\n"
                "app = FastAPI(routes=[APIRoute('/a', a, methods=['GET', 'HEAD']), *router.routes])\n"
                "app.host('api.example.org', sub)\n",
            }
        )
        assert routes(made, fastapi_endpoints) == ["GET /a a", "GET /r/x x", "GET /s s", "HEAD /a a"]

    def test_router_that_an_object_keeps_and_a_path_of_an_enumeration(self, project):
        made = project(
            {
                "main.py": "from fastapi import FastAPI\nfrom held import holder\n"
                "app = FastAPI()\napp.include_router(holder.router)\n",
                "held.py": "from enum import Enum\nfrom fastapi import APIRouter\n"
                "class Paths(str, Enum):\n    X = '/x'\n"
                "class Holder:\n    def __init__(self):\n        self.router = APIRouter(prefix='/held')\n"
                "        self.router.add_api_route(Paths.X.value, self.x)\n    def x(self): ...\n"
                "holder = Holder()\n",
            }
        )
        assert routes(made, fastapi_endpoints) == ["GET /held/x Holder.x"]

    def test_application_that_a_cache_may_hold(self, project):
        made = project(
            {
                "main.py": "from fastapi import FastAPI\nCACHE = {}\n"
                "def inner(key):\n    if key in CACHE:\n        return CACHE[key]\n    app = FastAPI()\n"
                "    @app.get('/x')\n    def x(): ...\n    CACHE[key] = app\n    return app\n"
                "def outer(key):\n    app = FastAPI()\n    app.mount('/api', app=inner(key))\n    return app\n",
            }
        )
        assert routes(made, fastapi_endpoints) == ["GET /api/x inner.x"]

    def test_routers_of_walked_modules_and_names_in_all(self, project):
        made = project(
            {
                "api/__init__.py": "",
                "api/main.py": "from fastapi import APIRouter, FastAPI\nfrom importlib import import_module\n"
                "from pathlib import Path\nfrom api import extra\n"
                "app = FastAPI()\n"
                "for file in sorted(Path(__file__).parent.joinpath('routes').glob('*.py')):\n"
                "    if file.stem == '__init__':\n        continue\n"
                "    module = import_module(f'api.routes.{file.stem}')\n"
                "    app.include_router(module.router, prefix='/v1')\n"
                "for name in extra.__all__:\n    app.include_router(getattr(extra, name).router, prefix=f'/{name}')\n",
                "api/routes/__init__.py": "",
                "api/routes/one.py": "from fastapi import APIRouter\nrouter = APIRouter()\n"
                "@router.get('/one')\ndef one(): ...\n",
                "api/extra/__init__.py": "from . import two\n__all__ = ['two']\n",
                "api/extra/two.py": "from fastapi import APIRouter\nrouter = APIRouter()\n"
                "@router.get('/')\ndef two(): ...\n",
            }
        )
        assert routes(made, fastapi_endpoints) == ["GET /two/ two", "GET /v1/one one"]

    def test_routers_joined_while_the_application_starts(self, project):
        made = project(
            {
                "main.py": "from contextlib import asynccontextmanager\nfrom fastapi import APIRouter, FastAPI\n"
                "router = APIRouter(prefix='/a')\n@router.get('/x')\ndef x(): ...\n"
                "def join(app: FastAPI):\n    app.include_router(router)\n"
                "@asynccontextmanager\nasync def lifespan(app: FastAPI):\n    join(app)\n    yield\n"
                "def create():\n    return FastAPI(lifespan=lifespan)\n",
            }
        )
        assert routes(made, fastapi_endpoints) == ["GET /a/x x"]

    def test_settings_of_the_environment_with_the_defaults_of_what_they_are_annotated_as(self, project):
        made = project(
            {
                "conf.py": "import os\nfrom pydantic_settings import BaseSettings\n"
                "class Config(BaseSettings):\n    prefix: str = '/v1'\n"
                "class Dev(Config): ...\nclass Live(Config): ...\nconfig: Config\n"
                "match os.getenv('ENV'):\n    case 'dev':\n        config = Dev()\n"
                "    case _:\n        config = Live()\n",
                "main.py": "from fastapi import APIRouter, FastAPI\nfrom conf import config\n"
                "router = APIRouter(prefix=config.prefix)\n@router.get('/x')\ndef x(): ...\n"
                "app = FastAPI()\n"
                "for name, each in {'x': router}.items():\n    app.include_router(each, tags=[name])\n",
            }
        )
        assert routes(made, fastapi_endpoints) == ["GET /v1/x x"]

    def test_an_application_that_a_setting_may_put_inside_another(self, project):
        made = project(
            {
                "main.py": "from fastapi import FastAPI\nfrom conf import settings\n"
                "def create():\n    app = FastAPI()\n    @app.get('/x')\n    def x(): ...\n"
                "    if settings.base and settings.base != '/':\n        outer = FastAPI()\n"
                "        outer.mount(settings.base, app)\n        return outer\n    return app\n",
                "conf.py": "from somewhere import settings\n",
            }
        )
        assert routes(made, fastapi_endpoints) == ["GET /x create.x"]

    def test_a_helper_that_changes_the_options_it_hands_on(self, project):
        made = project(
            {
                "main.py": "import os\nfrom typing import cast\nfrom fastapi import APIRouter, FastAPI\n"
                "ROOT = os.environ.get('ROOT', '')\n"
                "def join(app, router, **options):\n    root = f\"/{ROOT.strip('/')}\" if ROOT else ''\n"
                "    given = cast(str | None, options.get('prefix'))\n    if given:\n"
                "        prefix = f\"{root}/{given.strip('/')}\"\n    else:\n        prefix = root\n"
                "    app.include_router(router, **{**options, 'prefix': prefix})\n"
                "one, two = APIRouter(prefix='/one'), APIRouter()\napp = FastAPI()\n"
                "@one.get('/x')\ndef x(): ...\n@two.get('/y')\ndef y(): ...\n"
                "join(app, one)\njoin(app, two, prefix='/two/', tags=['two'])\n",
            }
        )
        assert routes(made, fastapi_endpoints) == ["GET /one/x x", "GET /two/y y"]
