"""Exits with 1 when reading the schema from a row fails for a field that the row does not have."""

from __future__ import annotations

from filled import case, decide, fill, session, status
from pydantic import ValidationError


def _ok(path, **user):
    models = case("models")
    fill(models.Base, models.engine, models.User(**user))
    return status(path) == 200


async def _repository():
    repository, models = case("repository"), case("models")
    async with repository.engine.begin() as connection:
        await connection.run_sync(models.Base.metadata.create_all)
    async with repository.factory() as opened:
        opened.add(models.Note(text="a"))
        await opened.commit()
    rows = await repository.Notes().recent(1)
    return case("schemas").NoteOut.model_validate(rows[0])


def _authors():
    models = case("models")
    row = models.Author(name="a", books=[models.Book(title="b")])
    return case("service").authors(session(models.Base, row))


def _hybrid():
    models = case("models")
    fill(models.Base, models.engine, models.House(name="h", rooms=[models.Room(width=1)]))
    return status("/rooms/1") == 200


def _token():
    return status("/tokens?email=a@b") == 200


def _note():
    services, models = case("services"), case("models")
    fill(models.Base, services.engine, models.Note(title="a", text="b"))
    return status("/notes/1") == 200


decide(
    {
        "bad": lambda: _ok("/users/1", name="a"),
        "bad-repository": _repository,
        "bad-validated-nested": _authors,
        "good-validator-above": _authors,
        "good": lambda: _ok("/users/1", name="a", email="b"),
        "good-validator": lambda: case("service").first(session(case("models").Base, case("models").User(name="ab"))),
        "good-hybrid-and-backref": _hybrid,
        "good-annotation-is-wrong": _token,
        "good-base-is-given-another": _note,
    },
    ValidationError,
)
