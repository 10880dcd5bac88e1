"""What a Django project answers to and stores: URL patterns, REST routers, views, models and their columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from cdlint.rules.django._routes import django_endpoints, django_unresolved
from cdlint.rules.django._tables import django_tables, django_unknown_tables

from cdlint.project import Project

Make = Callable[[Mapping[str, str]], Project]

MANAGE = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'conf.settings')\n"
SETTINGS = "ROOT_URLCONF = 'conf.urls'\nLANGUAGE_CODE = 'en'\n"
SETTINGS += "INSTALLED_APPS = ['django.contrib.auth', 'shop', 'base']\n"
VIEWS = """
from django.http import HttpResponse
from django.views import View
from django.views.decorators.http import require_http_methods, require_POST
from django.views.generic import *
from django.views.generic import CreateView, DeleteView, ListView, TemplateView
from rest_framework.decorators import api_view
def home(request): ...
@require_POST
def send(request): ...
@require_http_methods(['GET', 'HEAD', 'PUT'])
def some(request): ...
@api_view(['GET', 'DELETE'])
def api(request): ...
@api_view()
def read(request): ...
class Plain(View):
    def get(self, request): ...
    post = get
class Only(View):
    http_method_names = ['get']
    def get(self, request): ...
    def post(self, request): ...
class Items(ListView): ...
class Make(CreateView): ...
class Gone(DeleteView): ...
class ListView(ListView): ...
class Page(TemplateView):
    @classmethod
    def as_view(cls, **kw): return super().as_view(**kw)
class Feed:
    def __call__(self, request): ...
def wrap(view):
    def inner(request): return view(request)
    return inner
ready = Plain.as_view()
"""
HEAD = "from django.urls import include, path, re_path\nfrom shop import views\n"


def files(urls: str, **others: str) -> dict[str, str]:
    """A small project; other files by their path with `__` for `/`."""
    found = {
        "manage.py": MANAGE,
        "conf/__init__.py": "",
        "conf/settings.py": SETTINGS,
        "conf/urls.py": HEAD + urls,
        "shop/__init__.py": "",
        "shop/views.py": VIEWS,
        "base/__init__.py": "",
    }
    return found | {f"{name.replace('__', '/')}.py": text for name, text in others.items()}


def routes(project: Make, urls: str, **others: str) -> list[str]:
    """`METHOD path handler` of each route; `?` marks what is under a condition."""
    found = project(files(urls, **others))[django_endpoints]
    return sorted(f"{e.method} {e.path} {e.handler.name}{'' if e.certain else '?'}" for e in found)


@pytest.mark.parametrize(
    ("urls", "expected"),
    [
        ("urlpatterns = [path('a/', views.home)]", "ANY /a/ home"),
        ("urlpatterns = [re_path(r'^a/(?P<x>\\d+)$', views.home)]", "ANY /a/(?P<x>\\d+)$ home"),
        ("urlpatterns = [path('a/', views.send)]", "POST /a/ send"),
        ("urlpatterns = [path('a/', views.some)]", "GET /a/ some|PUT /a/ some"),
        ("urlpatterns = [path('a/', views.api)]", "DELETE /a/ api|GET /a/ api"),
        ("urlpatterns = [path('a/', views.read)]", "GET /a/ read"),
        ("urlpatterns = [path('a/', views.Plain.as_view())]", "GET /a/ Plain|POST /a/ Plain"),
        ("urlpatterns = [path('a/', view=views.Only.as_view())]", "GET /a/ Only"),
        ("urlpatterns = [path('a/', views.Items.as_view(x=1))]", "GET /a/ Items"),
        ("urlpatterns = [path('a/', views.Make.as_view())]", "GET /a/ Make|POST /a/ Make|PUT /a/ Make"),
        ("urlpatterns = [path('a/', views.Gone.as_view())]", "DELETE /a/ Gone|GET /a/ Gone|POST /a/ Gone"),
        ("urlpatterns = [path('a/', views.ListView.as_view())]", "GET /a/ ListView"),
        ("urlpatterns = [path('a/', views.Page.as_view())]", "GET /a/ Page"),
        ("urlpatterns = [path('a/', views.Feed())]", "ANY /a/ Feed"),
        ("urlpatterns = [path('a/', views.wrap(views.home))]", "ANY /a/ home"),
        ("urlpatterns = [path('a/', views.ready)]", "GET /a/ Plain|POST /a/ Plain"),
        ("urlpatterns = [path('a/', 'shop.views.home')]", "ANY /a/ home"),
        ("from x import deco\nurlpatterns = [path('a/', deco(1)(views.send))]", "POST /a/ send"),
        ("urlpatterns = [path('a/', lambda r: None)]", "ANY /a/ <lambda>"),
        ("from django.contrib import admin\nurlpatterns = [path('a/', admin.site.urls)]", ""),
        ("from django.views.generic import TemplateView as T\nurlpatterns = [path('a/', T.as_view())]", ""),
    ],
)
def test_views(project: Make, urls: str, expected: str) -> None:
    assert "|".join(routes(project, urls)) == expected


ONE = "from django.urls import path\nfrom shop.views import home\nurlpatterns = [path('x', home)]\n"


@pytest.mark.parametrize(
    ("urls", "expected"),
    [
        ("urlpatterns = [path('a/', include('shop.urls'))]", "ANY /a/x home"),
        ("urlpatterns = [path('a/', include(('shop.urls', 'shop'), namespace='s'))]", "ANY /a/x home"),
        ("import shop.urls\nurlpatterns = [path('a/', include(shop.urls))]", "ANY /a/x home"),
        ("from shop import urls\nurlpatterns = [path('', include(urls.urlpatterns))]", "ANY /x home"),
        ("urlpatterns = [path('a/', include([path('b', include(([path('c', views.home)], 'n')))]))]", "ANY /a/bc home"),
        ("urlpatterns = [re_path('^a/', include('shop.urls'))]", "ANY /a/x home"),
        ("urlpatterns = []\nurlpatterns += [path('a', views.home)]", "ANY /a home"),
        ("more = [path('a', views.home)]\nurlpatterns = [*more, path('b', views.home)]", "ANY /a home|ANY /b home"),
        ("urlpatterns = [path('a', views.home)] + [path('b', views.home)]", "ANY /a home|ANY /b home"),
        ("urlpatterns = [path('a', views.home)]\nurlpatterns.append(path('b', views.home))", "ANY /a home|ANY /b home"),
        ("urlpatterns = [path(f'{n}/', views.home) for n in ('a', 'b')]", "ANY /a/ home|ANY /b/ home"),
        ("urlpatterns = []\nfor n in ['a']:\n    urlpatterns.append(path(n, views.home))", "ANY /a home"),
        ("def some(n):\n    return [path(n, views.home)]\nurlpatterns = [] + some('a')", "ANY /a home"),
        (
            "from functools import reduce\nfrom operator import add\n"
            "urlpatterns = reduce(add, [[path('a', views.home)], [path('b', views.home)]])",
            "ANY /a home|ANY /b home",
        ),
        ("from shop.urls import *\nurlpatterns += [path('b', views.home)]", "ANY /b home|ANY /x home"),
        ("from shop.urls import urlpatterns\nurlpatterns += [path('b', views.home)]", "ANY /b home|ANY /x home"),
        (
            "from django.conf.urls.i18n import i18n_patterns\nurlpatterns = i18n_patterns(path('a', views.home))",
            "ANY /en/a home",
        ),
        (
            "from django.conf.urls.i18n import i18n_patterns as t\n"
            "urlpatterns = [] + t(path('a', views.home), prefix_default_language=False)",
            "ANY /a home",
        ),
        ("from django.conf import settings\nurlpatterns = [path(settings.LANGUAGE_CODE, views.home)]", "ANY /en home"),
        (
            "from django.conf import settings\nurlpatterns = []\n"
            "if settings.EXTRA:\n    urlpatterns += [path('a', views.home)]",
            "ANY /a home?",
        ),
        ("try:\n    import x\nexcept ImportError:\n    x = None\nurlpatterns = [path('a', views.home)]", "ANY /a home"),
        ("from django.conf.urls import *\nurlpatterns = patterns('', url('^a$', views.home))", ""),
        ("import django.conf.urls as u\nurlpatterns = u.patterns('', u.url('^a$', views.home))", "ANY /a$ home"),
    ],
)
def test_patterns(project: Make, urls: str, expected: str) -> None:
    assert "|".join(routes(project, urls, shop__urls=ONE)) == expected


API = """
from rest_framework import mixins, routers, viewsets
from rest_framework.decorators import action
class Full(viewsets.ModelViewSet):
    @action(detail=True, methods=['post', 'delete'], url_path='pay-now')
    def pay(self, request, pk): ...
    @pay.mapping.put
    def repay(self, request, pk): ...
    @action(detail=False)
    def last(self, request): ...
class Some(mixins.ListModelMixin, mixins.UpdateModelMixin, viewsets.GenericViewSet):
    lookup_field = 'slug'
    lookup_value_regex = '[a-z]+'
class Own(viewsets.ViewSet):
    def list(self, request): ...
"""
ROUTER = "from shop.api import *\nfrom rest_framework import routers\n"


def rest(project: Make, text: str) -> str:
    urls = ROUTER + text + "\nurlpatterns = [path('v1/', include(router.urls))]"
    return "|".join(routes(project, urls, shop__api=API))


def test_simple_router(project: Make) -> None:
    found = rest(project, "router = routers.SimpleRouter()\nrouter.register('f', Full, basename='f')").split("|")
    one = "/v1/f/(?P<pk>[^/.]+)"
    assert found == [
        f"DELETE {one}/$ Full",
        f"DELETE {one}/pay-now/$ Full",
        "GET /v1/f/$ Full",
        f"GET {one}/$ Full",
        "GET /v1/f/last/$ Full",
        f"PATCH {one}/$ Full",
        "POST /v1/f/$ Full",
        f"POST {one}/pay-now/$ Full",
        f"PUT {one}/$ Full",
        f"PUT {one}/pay-now/$ Full",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "router = routers.SimpleRouter(trailing_slash=False)\nrouter.register('s', Some)",
            "GET /v1/s$ Some|PATCH /v1/s/(?P<slug>[a-z]+)$ Some|PUT /v1/s/(?P<slug>[a-z]+)$ Some",
        ),
        (
            "router = routers.DefaultRouter()\nrouter.register(r'o', Own, 'o')",
            "GET /v1/o/$ Own|GET /v1/o\\.(?P<format>[a-z0-9]+)/?$ Own",
        ),
        (
            "class R(routers.DefaultRouter):\n    include_format_suffixes = False\n    def __init__(self):\n"
            "        super().__init__()\n        self.trailing_slash = '/?'\nrouter = R()\nrouter.register('o', Own)",
            "GET /v1/o/?$ Own",
        ),
        (
            "R = routers.SimpleRouter\nother = R()\nother.register('o', Own)\nrouter = R()\n"
            "router.registry.extend(other.registry)",
            "GET /v1/o/$ Own",
        ),
        (
            "router = routers.SimpleRouter()\nfor n, v in {'a': Own}.items():\n    router.register(n, v)",
            "GET /v1/a/$ Own",
        ),
        (
            "class R(routers.SimpleRouter):\n    routes = [routers.Route(url='^{prefix}/all$', mapping={'get': 'list'},"
            " name='', detail=False, initkwargs={})]\nrouter = R()\nrouter.register('o', Own)",
            "GET /v1/o/all$ Own",
        ),
        (
            "class R(routers.SimpleRouter):\n    def __init__(self, *args):\n        super().__init__(*args)\n"
            "        self.routes[0].mapping.update({'put': 'list'})\nrouter = R()\nrouter.register('o', Own)",
            "GET /v1/o/$ Own|PUT /v1/o/$ Own",
        ),
        (
            "class Root(routers.APIRootView): ...\nrouter = routers.DefaultRouter()\nrouter.APIRootView = Root",
            "GET /v1/ Root|GET /v1/<drf_format_suffix:format> Root",
        ),
        (
            "from rest_framework_nested.routers import NestedSimpleRouter\nup = routers.SimpleRouter()\n"
            "up.register('s', Some)\nrouter = NestedSimpleRouter(up, 's', lookup='some')\nrouter.register('o', Own)",
            "GET /v1/s/(?P<some_slug>[a-z]+)/o/$ Own",
        ),
    ],
)
def test_routers(project: Make, text: str, expected: str) -> None:
    assert rest(project, text) == expected


@pytest.mark.parametrize(
    ("urls", "why"),
    [
        ("urlpatterns = [path(compute(), views.home)]", "computed"),
        ("urlpatterns = [path('a', views.nothing)]", ""),
        ("urlpatterns = [path('a', include('shop.missing'))]", "no such module"),
        ("urlpatterns = [path('a', include('conf.urls'))]", "include each other"),
        ("from x import Base\nclass V(Base): ...\nurlpatterns = [path('a', V.as_view())]", "brings"),
    ],
)
def test_what_is_not_followed_is_told(project: Make, urls: str, why: str) -> None:
    found = project(files(urls))[django_unresolved]
    assert found
    assert any(why in each.why for each in found)


@pytest.mark.parametrize(
    "urls",
    [
        "urlpatterns = [path('a', views.home)]\n" + "urlpatterns += urlpatterns\n" * 60,
        "urlpatterns = []\n" + "urlpatterns.append(urlpatterns)\n" * 3,
        "s = 'x'\n" + "s = s + s\n" * 60 + "urlpatterns = [path(s, views.home)]",
        "f = lambda x: f(x)\nurlpatterns = f(1)",
        "def f(x): return [*f(x), *f(x), *f(x)]\nurlpatterns = f(1)",
        "class A:\n    x = A.x\nurlpatterns = [path(A.x, views.home)]",
        "class A:\n    @property\n    def x(self): return self.x\nurlpatterns = [path(A().x, views.home)]",
        "from rest_framework.routers import SimpleRouter as R\na, b = R(), R()\na.registry.extend(b.registry)\n"
        "b.registry.extend(a.registry)\nurlpatterns = a.urls",
    ],
)
def test_endless_code_ends(project: Make, urls: str) -> None:
    assert len(routes(project, urls)) <= 1


def columns(project: Make, models: str, **others: str) -> dict[str, dict[str, str]]:
    """Table -> column -> its type and flags."""
    text = "from django.db import models\nfrom django.conf import settings\n" + models
    made = project(files("urlpatterns = []", shop__models=text, **others))
    tables: dict[str, dict[str, str]] = {}
    for table in made[django_tables]:
        if table.name is not None:
            held = tables.setdefault(table.name, {})
            for each in table.columns:
                flags = [name for name in ("nullable", "primary_key", "unique") if getattr(each, name)]
                extra = [str(each.max_length)] * bool(each.max_length) + [each.fk or ""] * bool(each.fk)
                held[each.name] = " ".join([each.type or "", *flags, *extra])
    return tables


KEY = "AutoField primary_key unique"


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        (
            "class A(models.Model):\n    name = models.CharField(max_length=9, null=True)\n    m = models.EmailField()",
            {"shop_a": {"id": KEY, "name": "CharField nullable 9", "m": "EmailField 254"}},
        ),
        (
            "class A(models.Model):\n    code = models.CharField('Code', primary_key=True, max_length=3)\n"
            "class B(models.Model):\n    a = models.ForeignKey(A, models.CASCADE, db_column='aa')\n"
            "    class Meta:\n        db_table = 'bb'",
            {
                "shop_a": {"code": "CharField primary_key unique 3"},
                "bb": {"id": KEY, "aa": "ForeignKey shop_a.code"},
            },
        ),
        (
            "class A(models.Model):\n    up = models.ForeignKey('self', null=True, on_delete=1)\n"
            "    one = models.OneToOneField('B', on_delete=1)\n    u = models.ForeignKey(settings.AUTH_USER_MODEL, 1)\n"
            "class B(models.Model): ...",
            {
                "shop_a": {
                    "id": KEY,
                    "up_id": "ForeignKey nullable shop_a.id",
                    "one_id": "OneToOneField unique shop_b.id",
                    "u_id": "ForeignKey auth_user.id",
                },
                "shop_b": {"id": KEY},
            },
        ),
        (
            "from base.mixins import Stamped\nclass A(Stamped):\n    gone = None\n"
            "class B(A):\n    x = models.IntegerField()\nclass C(A):\n    class Meta:\n        proxy = True\n"
            "class D(models.Model):\n    c = models.ForeignKey(C, 1)",
            {
                "shop_a": {"id": KEY, "made": "DateTimeField"},
                "shop_b": {"a_ptr_id": "OneToOneField primary_key unique shop_a.id", "x": "IntegerField"},
                "shop_d": {"id": KEY, "c_id": "ForeignKey shop_a.id"},
            },
        ),
        (
            "class T(models.Model): ...\nclass A(models.Model):\n    tags = models.ManyToManyField(T)\n"
            "    near = models.ManyToManyField('self')\n    via = models.ManyToManyField(T, through='L')\n"
            "class L(models.Model): ...",
            {
                "shop_t": {"id": KEY},
                "shop_a": {"id": KEY},
                "shop_l": {"id": KEY},
                "shop_a_tags": {"id": KEY, "a_id": "ForeignKey shop_a.id", "t_id": "ForeignKey shop_t.id"},
                "shop_a_near": {"id": KEY, "from_a_id": "ForeignKey shop_a.id", "to_a_id": "ForeignKey shop_a.id"},
            },
        ),
        (
            "class Short(models.CharField):\n    def __init__(self, *args, **kwargs):\n"
            "        kwargs.setdefault('max_length', 5)\n        super().__init__(*args, **kwargs)\n"
            "SIZE = 7\nclass A(models.Model):\n    s = Short(unique=True)\n    t = models.CharField(max_length=SIZE)",
            {"shop_a": {"id": KEY, "s": "Short unique 5", "t": "CharField 7"}},
        ),
        (
            "from django.contrib.contenttypes.fields import GenericForeignKey\nfrom django import forms\n"
            "class A(models.Model):\n    g = GenericForeignKey()\nclass F(forms.Form):\n    x = forms.CharField()",
            {"shop_a": {"id": KEY}},
        ),
        (
            "from simple_history.models import HistoricalRecords\nclass A(models.Model):\n"
            "    n = models.SlugField(unique=True)\n    history = HistoricalRecords()",
            {
                "shop_a": {"id": KEY, "n": "SlugField unique 50"},
                "shop_historicala": {
                    "id": "IntegerField",
                    "n": "SlugField 50",
                    "history_id": KEY,
                    "history_date": "DateTimeField",
                    "history_change_reason": "CharField nullable 100",
                    "history_type": "CharField 1",
                    "history_user_id": "ForeignKey nullable auth_user.id",
                },
            },
        ),
    ],
)
def test_columns(project: Make, models: str, expected: dict[str, dict[str, str]]) -> None:
    mixins = (
        "from django.db import models\nclass Stamped(models.Model):\n    made = models.DateTimeField()\n"
        "    gone = models.DateField()\n    class Meta:\n        abstract = True\n"
    )
    assert columns(project, models, base__mixins=mixins) == expected


def test_user_model(project: Make) -> None:
    user = "from django.contrib.auth.models import AbstractUser\nclass User(AbstractUser): ..."
    settings = SETTINGS + "AUTH_USER_MODEL = 'shop.User'\nDEFAULT_AUTO_FIELD = 'django.db.models.BigAutoField'\n"
    found = columns(project, user, conf__settings=settings)
    assert found["shop_user"]["id"] == "BigAutoField primary_key unique"
    assert found["shop_user"]["username"] == "CharField unique 150"
    assert found["shop_user_groups"] == {
        "id": "BigAutoField primary_key unique",
        "user_id": "ForeignKey shop_user.id",
        "group_id": "ForeignKey auth_group.id",
    }


def test_what_is_not_known_of_models_is_told(project: Make) -> None:
    text = (
        "from django.db import models\nfrom package.models import AbstractThing\n"
        "class A(AbstractThing):\n    n = models.TextField()\n"
        "class B(models.Model):\n    x = models.ForeignKey(pick(), 1)\n"
    )
    made = project(files("urlpatterns = []", shop__models=text, lost__models=text))
    told = {(each.at.path, each.what): each.why for each in made[django_unknown_tables]}
    assert "AbstractThing" in told["shop/models.py", "`A`"]
    assert ("shop/models.py", "`B.x`") in told
    assert told["lost/models.py", "`B`"] == "its app is not installed"
    assert not next(each for each in made[django_tables] if each.name == "shop_a").complete


def test_what_packages_add_to_models_and_routes_is_said(project: Make) -> None:
    files = {
        "manage.py": MANAGE,
        "conf/settings.py": SETTINGS,
        "conf/urls.py": "from django.contrib import admin\nfrom django.urls import include, path\n"
        "from rest_framework.routers import SimpleRouter\nfrom shop.views import Items\n"
        "router = SimpleRouter()\nrouter.register('items', Items)\n"
        "urlpatterns = [path('admin/', admin.site.urls), path('', include(router.urls))]\n",
        "shop/__init__.py": "",
        "shop/models.py": "from django.db import models\nfrom djmoney.models.fields import MoneyField\n"
        "from simple_history import register\nclass Item(models.Model):\n    price = MoneyField(max_digits=9)\n"
        "register(Item)\n",
        "shop/admin.py": "from django.contrib import admin\nclass ItemAdmin(admin.ModelAdmin):\n"
        "    def get_urls(self): return [*super().get_urls()]\n",
        "shop/views.py": "from rest_framework.viewsets import ReadOnlyModelViewSet\n"
        "from rest_framework.decorators import action\nfrom shop.names import NAMES\n"
        "class Items(ReadOnlyModelViewSet):\n"
        "    @action(detail=False, url_path='-'.join(NAMES))\n    def sold(self, request): ...\n",
    }
    made = project(files)
    assert {each.what for each in made[django_unresolved]} == {"the URLs that `ItemAdmin.get_urls` adds", "router"}
    assert {each.what for each in made[django_unknown_tables]} == {"`Item.price`", "the history of `Item`"}


def test_a_router_with_patterns_of_its_own_beside_its_viewsets(project: Make) -> None:
    text = (
        "from typing import Any, NamedTuple\nfrom rest_framework import routers, viewsets\n"
        "class Extra(NamedTuple):\n    name: str\n    route: Any\n"
        "class Router(routers.SimpleRouter):\n"
        "    def __init__(self, *args):\n        super().__init__(*args)\n        self.extra = []\n"
        "    def also(self, route, view):\n        self.extra.append(Extra(route, path(route, view)))\n"
        "    @property\n    def urls(self):\n        return super().urls + [each.route for each in self.extra]\n"
        "class Own(viewsets.ViewSet):\n    def list(self, request): ...\n"
        "router = Router()\nrouter.register('own', Own)\nrouter.also('more', views.home)\n"
        "urlpatterns = [path('api/', include(router.urls))]\n"
    )
    assert routes(project, text) == ["ANY /api/more home", "GET /api/own/$ Own"]


def test_models_for_type_checkers_and_the_user_model_under_another_name(project: Make) -> None:
    text = (
        "from typing import TYPE_CHECKING\nfrom django.conf import settings\nUser = settings.AUTH_USER_MODEL\n"
        "class Item(models.Model):\n    by = models.ForeignKey(User, models.CASCADE)\n"
        "if TYPE_CHECKING:\n    class Typed(Item):\n        x: int\nelse:\n    Typed = Item\n"
    )
    found = columns(project, text)
    assert list(found) == ["shop_item"]
    assert "auth_user.id" in found["shop_item"]["by_id"]
