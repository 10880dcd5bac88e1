"""Exits with 1 when a relationship that is not loaded is read of an instance of an async session."""

from __future__ import annotations

import httpx
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from stored import answer, judge


async def _added(case, session, asynchronously):
    session.add(case.models.Team())
    await session.commit()
    session.expunge_all()
    return await case.service.sizes(session)


async def _mapper(case, session, asynchronously):
    return await case.service.titles(session, 1), await case.service.attach(session, 2)


async def _page(case, session, asynchronously):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=case.app.app), base_url="http://case") as client:
        return (await client.get("/users")).status_code == 200


async def _sizes(case, session, asynchronously):
    from sqlalchemy.ext.asyncio import async_sessionmaker

    case.app.app.state.sessions = async_sessionmaker(session.bind)
    return await answer(case.app.app, "/sizes")


async def _at_hand(case, session, asynchronously):
    from sqlalchemy import select

    users = {user.name: user for user in await session.scalars(select(case.models.User))}
    return await case.service.shown(session, users, "a"), await case.service.labelled(session, 1)


async def _given_loaded(case, session, asynchronously):
    session.add(case.models.Part(id=1, vendor=case.models.Vendor(name="a")))
    await session.commit()
    session.expunge_all()
    return await case.service.wind(session, 1) == "a" and await case.service.found(session, 1) == "here"


judge(
    {
        "good-at-hand": _at_hand,
        "good-given-loaded": _given_loaded,
        "bad-maker-of-state": _sizes,
        "bad-direct": lambda case, session, asynchronously: case.service.titles(session, "a"),
        "bad-repository": lambda case, session, asynchronously: case.service.report(session),
        "bad-dependency": lambda case, session, asynchronously: answer(case.app.app, "/count?user_id=1"),
        "bad-nested-option": lambda case, session, asynchronously: case.service.authors(session),
        "bad-created": lambda case, session, asynchronously: case.service.Accounts(session).create("New"),
        "bad-property": _added,
        "bad-template": _page,
        "good-template": _page,
        "good-options": lambda case, session, asynchronously: case.service.titles(session, True),
        "bad-generic": lambda case, session, asynchronously: case.service.titles(session, 1),
        "good-generic": lambda case, session, asynchronously: case.service.titles(session, 1),
        "good-list-of-options": lambda case, session, asynchronously: case.service.size(session),
        "good-looked-into": lambda case, session, asynchronously: case.service.size(session),
        "bad-looked-into": lambda case, session, asynchronously: case.service.size(session),
        "good-refreshed-in-part": lambda case, session, asynchronously: case.service.size(session),
        "bad-refreshed-in-part": lambda case, session, asynchronously: case.service.size(session),
        "good-mapper": _mapper,
        "good-asked-for": lambda case, session, asynchronously: case.service.sizes(session, 1),
        "good-by-hand": lambda case, session, asynchronously: case.service.titles(session),
        "good-sync": lambda case, session: case.service.titles(Session(session.get_bind()), 1),
    },
    SQLAlchemyError,
    says="greenlet_spawn",
)
