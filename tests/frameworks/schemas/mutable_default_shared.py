"""Exits with 1 when a row or call begins with what another one left in the default."""

from __future__ import annotations

from filled import case, decide, session


def _django():
    import django
    from django.conf import settings

    settings.configure(INSTALLED_APPS=["shop"])
    django.setup()
    order = case("shop.models").Order
    order().options["a"] = "b"
    return "a" not in order().options


def _rows(attribute):
    post = case("models").Post
    with session(post) as opened:
        rows = [post(), post()]
        for row in rows:
            opened.add(row)
            opened.flush()
            getattr(row, attribute).append("left")
        return getattr(rows[1], attribute) == ["left"]


def _basket(basket):
    basket().add("left")
    return basket().items == []


def _headers(headers):
    headers("a")["left"] = "x"
    return "left" not in headers("b")


def _search(search):
    search("a")
    return search("a").count("active") == 1


decide(
    {
        "bad-django": _django,
        "bad-column": lambda: _rows("tags"),
        "bad-parameter": lambda: _headers(case("service").headers),
        "bad-passed-on": lambda: _search(case("search").search),
        "good": lambda: _rows("tags"),
        "good-django": _django,
        "good-parameter": lambda: _headers(case("service").headers) and _basket(case("service").Basket),
        "good-copied": lambda: case("models").Note().tags is not case("models").Note().tags,
    }
)
