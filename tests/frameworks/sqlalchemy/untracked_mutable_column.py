"""Exits with 1 when a change of a list or dict in a column is not saved."""

from __future__ import annotations

import json

from sqlalchemy import inspect
from stored import judge


def _stored(case, session):
    model = getattr(case.models, "Document", None) or case.models.Ticket
    session.expire_all()
    found = [{key: getattr(each, key) for key in inspect(model).columns.keys()} for each in session.query(model)]  # noqa: SIM118
    return json.dumps(found)


def _changed(action):
    def run(case, session):
        model = getattr(case.models, "Document", None) or case.models.Ticket
        session.add(model())
        session.commit()
        before = _stored(case, session)
        action(case, session)
        return before != _stored(case, session)

    return run


async def _async(case, session, asynchronously):
    session.add(case.models.Document())
    await session.commit()
    session.expunge_all()
    await case.service.change(session, 1, {"title": "New"})
    return await session.run_sync(lambda inner: "New" in _stored(case, inner))


def _shown(case, session):
    session.add(case.models.Document())
    session.commit()
    return case.service.shown(session, 1) == {"number": 1}


judge(
    {
        "good-only-shown": _shown,
        "bad-item": _changed(lambda case, session: case.service.rename(session, 1, "New")),
        "bad-method": _async,
        "bad-loop": _changed(lambda case, session: case.service.label(session, "New")),
        "good-mutable": _changed(lambda case, session: case.service.change(session, 1)),
        "good-assigned": _changed(lambda case, session: case.service.change(session, 1)),
        "good-written-by-statement": _changed(lambda case, session: case.service.change(session, 1)),
        "good-new": _changed(lambda case, session: (case.service.make(session), case.service.copy(session, 1))),
    }
)
