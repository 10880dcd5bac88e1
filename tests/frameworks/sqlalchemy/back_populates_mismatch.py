"""Exits with 1 when SQLAlchemy refuses the two sides of a relationship, or writes one of them into the other's key."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mapped import modules
from sqlalchemy import create_engine
from sqlalchemy.exc import ArgumentError, InvalidRequestError
from sqlalchemy.orm import Session, configure_mappers


def keeps_apart(models: ModuleType) -> bool:
    """Whether what somebody receives is not taken for sent by them."""
    models.Base.metadata.create_all(engine := create_engine("sqlite://"))
    with Session(engine) as session:
        try:
            session.add(models.User(id=1, received=[models.Message(id=1)]))
        except ValueError as error:
            return "Bidirectional attribute conflict" not in str(error)
        session.commit()
        message = session.get(models.Message, 1)
        return (message.sender_id, message.reader_id) == (None, 1)


found = modules()
try:
    configure_mappers()
except (ArgumentError, InvalidRequestError) as error:
    print(error)
    sys.exit(1)
if sys.argv[1] == "bad-crossed-pairs":
    sys.exit(0 if keeps_apart(next(each for each in found if each.__name__ == "models")) else 1)
