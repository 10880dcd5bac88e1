"""Settings modules, followed statement by statement: what `INSTALLED_APPS` holds and what is in doubt."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from cdlint.rules.django._apps import installed
from cdlint.rules.django._settings import app_list, root_urlconf, running

from cdlint.project import Project

Make = Callable[[Mapping[str, str]], Project]


def apps(project: Make, text: str, **others: str) -> tuple[str, bool]:
    """The entries of `INSTALLED_APPS`, uncertain ones with a `?`, and whether those are all."""
    files = {"settings.py": text, **{f"{name}.py": source for name, source in others.items()}}
    found = project(files)[app_list, "settings.py"]
    return " ".join(each.text + "?" * (not each.sure) for each in found.entries), not found.why


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("INSTALLED_APPS = ['a', 'b']", "a b"),
        ("A = ('a',)\nINSTALLED_APPS = A + ('b',)", "a b"),
        ("INSTALLED_APPS: list[str] = ['a']\nINSTALLED_APPS += ['b']", "a b"),
        ("A = ['b']\nINSTALLED_APPS = ['a', *A]", "a b"),
        ("INSTALLED_APPS = ['a']\nINSTALLED_APPS.append('b')\nINSTALLED_APPS.insert(0, 'c')", "a b c"),
        ("INSTALLED_APPS = ['a']\nINSTALLED_APPS.extend(('b', 'c'))\nINSTALLED_APPS.remove('b')", "a c"),
        ("INSTALLED_APPS = ['a']\nif DEBUG:\n    INSTALLED_APPS += ['b']", "a b?"),
        ("INSTALLED_APPS = ['a'] + (['b'] if DEBUG else [])", "a b?"),
        ("INSTALLED_APPS = ['a', 'b'] if DEBUG else ['a']", "a b?"),
        ("INSTALLED_APPS = [f'apps.{x}' for x in ('a', 'b')]", "apps.a apps.b"),
        ("INSTALLED_APPS = [x for x in ('a', 'b') if x != SKIP]", "a? b?"),
        ("INSTALLED_APPS = []\nfor x in ['a', 'b']:\n    INSTALLED_APPS.append('apps.' + x)", "apps.a? apps.b?"),
        ("INSTALLED_APPS = list(dict.fromkeys(['a', 'a']))", "a"),
        ("A = ['a']\nINSTALLED_APPS = A\nA.append('b')", "a b"),
        ("try:\n    import x\n    INSTALLED_APPS = ['a']\nexcept ImportError:\n    INSTALLED_APPS = ['b']", "a? b?"),
        ("try:\n    from local import *\nexcept ImportError:\n    pass\nINSTALLED_APPS = ['a']", "a"),
        ("def more(apps, extra='b'):\n    return apps + [extra]\nINSTALLED_APPS = more(['a'])", "a b"),
        ("INSTALLED_APPS = ['%s.a' % 'x', '{}.b'.format('x')]", "x.a x.b"),
        ("import base\nINSTALLED_APPS = base.APPS + ['b']", "base.a b"),
        ("from base import *\nfrom base import APPS as MORE\nINSTALLED_APPS = APPS + MORE[:1]", "base.a base.a?"),
        ("from base import Base\nclass S(Base):\n    APPS = Base.APPS + ['b']\nINSTALLED_APPS = S.APPS", "base.k b"),
    ],
)
def test_known_completely(project: Make, text: str, entries: str) -> None:
    base = "APPS = ['base.a']\n\n\nclass Base:\n    APPS = ['base.k']\n"
    assert apps(project, text, base=base) == (entries, True)


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("INSTALLED_APPS = env.list('APPS', default=['a'])", "a"),
        ("INSTALLED_APPS = ['a'] + plugins()", "a"),
        ("INSTALLED_APPS = ['a', os.environ['APP']]", "a"),
        ("INSTALLED_APPS = ['a']\nregister(INSTALLED_APPS)", "a"),
        ("INSTALLED_APPS = ['a']\nheroku.settings(locals())", "a"),
        ("INSTALLED_APPS = ['a']\nfrom somewhere import *", "a"),
        ("INSTALLED_APPS = ['a']\nexec(open('x').read())", "a"),
        ("INSTALLED_APPS, B = load()", ""),
        ("B = 1", ""),
        ("def f(n):\n    return f(n) + f(n)\nINSTALLED_APPS = ['a'] + f(1)", "a"),
    ],
)
def test_known_in_part(project: Make, text: str, entries: str) -> None:
    assert apps(project, text) == (entries, False)


def test_a_cycle_of_star_imports_is_in_doubt(project: Make) -> None:
    assert apps(project, "INSTALLED_APPS = ['a']\nfrom other import *", other="from settings import *") == ("a", False)


def test_settings_split_over_files(project: Make) -> None:
    text = "from split_settings.tools import include, optional\ninclude('parts_*.py', optional('local.py'))"
    parts = {"parts_a": "INSTALLED_APPS = ['a']", "parts_b": "INSTALLED_APPS += ['b']"}
    assert apps(project, text, **parts) == ("a b", True)


def test_a_property_of_a_settings_class(project: Make) -> None:
    text = """
class Base:
    EXTRA = ["b"]
    @property
    def INSTALLED_APPS(self):
        return ["a"] + self.EXTRA
class Local(Base):
    EXTRA = ["c"]
    @property
    def INSTALLED_APPS(self):
        return super().INSTALLED_APPS + ["d"]
Local.load(__name__)
"""
    assert apps(project, text) == ("a c d", True)


def test_the_running_settings_are_those_of_the_starting_points(project: Make) -> None:
    start = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', '{}')"
    made = project(
        {
            "manage.py": start.format("site.settings"),
            "tests/conftest.py": start.format("tests.settings"),
            "site/settings.py": "ROOT_URLCONF = 'site.urls'",
            "tests/settings.py": "",
        }
    )
    chosen = made[running]
    assert [each.path for each in chosen.modules] == ["site/settings.py"]
    assert not chosen.why
    assert [each.text for each in made[root_urlconf, "site/settings.py"].entries] == ["site.urls"]


def test_computed_settings_are_in_doubt(project: Make) -> None:
    made = project({"manage.py": "import os\nos.environ['DJANGO_SETTINGS_MODULE'] = f'site.{stage}'"})
    assert made[running].why


def test_labels_and_packages(project: Make) -> None:
    config = "from django.apps import AppConfig\n\nclass C(AppConfig):\n    name = 'shop.carts'\n    label = 'basket'\n"
    made = project(
        {
            "settings.py": "INSTALLED_APPS = ['django.contrib.auth', 'shop.orders', 'shop.carts', 'celery.x']",
            "shop/__init__.py": "",
            "shop/orders/__init__.py": "",
            "shop/carts/__init__.py": "",
            "shop/carts/apps.py": config,
        }
    )
    found = made[installed, "settings.py"]
    assert not found.why
    assert [(app.label, app.package) for app in found.apps] == [
        ("auth", ""),
        ("orders", "shop/orders/"),
        ("basket", "shop/carts/"),
        ("", ""),
    ]
    assert found.covers("shop/carts/models/cart.py")
    assert not found.covers("shop/carts_old/models.py")
