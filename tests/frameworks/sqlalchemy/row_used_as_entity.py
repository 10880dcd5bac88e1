"""Exits with 1 when a row is taken for the instance in it."""

from __future__ import annotations

from stored import judge


def _hero(name):
    def run(case, session):
        session.add(case.models.Hero(name="One"))
        session.commit()
        return getattr(case.service, name)(session)

    return run


judge(
    {
        "bad-direct": lambda case, session: case.service.name(session, 1),
        "bad-loop": lambda case, session, asynchronously: case.service.names(session),
        "bad-sqlmodel": _hero("first_name"),
        "good-scalars": lambda case, session: case.service.names(session),
        "good-statement-replaced": lambda case, session: case.service.names(session),
        "good-row": lambda case, session: case.service.names(session),
        "good-sqlmodel": _hero("names"),
    },
    AttributeError,
)
