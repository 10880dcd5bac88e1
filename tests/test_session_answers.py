"""What `inspect sessions` and `inspect transactions` say: what begins by itself, what ends it, what is not known."""

from __future__ import annotations

from cdlint.facts.parse import facts_of
from cdlint.inspect import sessions, transactions
from cdlint.packs import load
from cdlint.project import Project
from tests.conftest import LIMIT, Memory

FILES = {
    "db.py": """
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker

SessionLocal = sessionmaker(create_engine("sqlite://"))


def get_db():
    with SessionLocal() as db:
        yield db
        db.commit()


class Unit:
    def __enter__(self):
        self.session = SessionLocal()

    def __exit__(self, *error):
        self.session.close()

    def commit(self):
        self.session.commit()
""",
    "work.py": """
from db import SessionLocal


def store(session, row):
    session.add(row)
    session.flush()


def run(rows):
    with SessionLocal() as session:
        for row in rows:
            store(session, row)
        session.commit()


def guess(db_session):
    db_session.commit()
""",
}


def _project() -> Project:
    facts = {path: facts_of(text.encode(), LIMIT) for path, text in FILES.items()}
    return Project(facts, Memory(FILES), None, load().providers)


def test_what_begins_by_itself_is_seen_through_callers() -> None:
    found = transactions.answer(_project())
    told = {each["function"]: [event["kind"] for event in each["events"]] for each in found["autobegun"]}
    assert told["work:store"] == ["write", "flush"]
    assert told["work:run"] == ["commit"]


def test_what_ends_transactions_around_code() -> None:
    found = {each["name"]: each for each in transactions.answer(_project())["boundaries"]}
    assert found["db:get_db"]["ends"] == ["close", "commit"]
    assert (found["db:Unit"]["ends"], found["db:Unit"]["explicit"]) == (["close"], True)


def test_what_is_not_known_has_a_reason() -> None:
    (unknown,) = transactions.answer(_project())["unknown"]
    assert (unknown["file"], unknown["what"]) == ("work.py", "`db_session`")
    assert "no annotation" in unknown["why"]


def test_sessions_are_listed_where_they_are_made() -> None:
    found = [(each["kind"], each["function"], each["closed"]) for each in sessions.answer(_project())["sessions"]]
    assert ("session", "work:run", "with") in found
    assert ("factory", "db", None) in found


def test_a_function_with_too_many_ways_through_it_is_not_known() -> None:
    writes = "".join(f"    if row.x{i}:\n        session.add(row.x{i})\n        session.commit()\n" for i in range(9))
    files = {
        **FILES,
        "many.py": f"from db import SessionLocal\n\n\ndef many(row):\n    session = SessionLocal()\n{writes}",
    }
    facts = {path: facts_of(text.encode(), LIMIT) for path, text in files.items()}
    project = Project(facts, Memory(files), None, load().providers)
    for kind in (sessions, transactions):
        (found,) = (each for each in kind.answer(project)["unknown"] if each["file"] == "many.py")
        assert found["what"] == "`many()`"
        assert found["line"] > 5
        assert "not all ways through it were followed: more than 12 different ways" in found["why"]
