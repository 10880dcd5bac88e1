"""Which calls outside the repository make a thread wait: requests, queries, processes, sleeps."""

from __future__ import annotations

from cdlint.project.answers import Answer, Symbol

_VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "request")
_HTTP = (
    "requests", "requests.api", "requests.Session()", "requests.session()", "requests.sessions.Session()",
    "httpx", "httpx.Client()", "urllib3.PoolManager()",
)  # fmt: skip
_WAITING = {
    "time.sleep": "sleeps",
    "os.system": "runs a process",
    "subprocess.call": "runs a process",
    "subprocess.check_call": "runs a process",
    "subprocess.check_output": "runs a process",
    "subprocess.getoutput": "runs a process",
    "subprocess.run": "runs a process",
    "socket.create_connection": "calls the network",
    "urllib.request.urlopen": "calls the network",
    "urllib.request.urlretrieve": "calls the network",
    "urllib3.request": "calls the network",
    "urllib3.PoolManager().urlopen": "calls the network",
    "requests.Session().send": "calls the network",
    "httpx.stream": "calls the network",
    "httpx.Client().send": "calls the network",
    "httpx.Client().stream": "calls the network",
    "smtplib.SMTP": "sends mail",
    "smtplib.SMTP_SSL": "sends mail",
    "smtplib.SMTP().send_message": "sends mail",
    "smtplib.SMTP().sendmail": "sends mail",
    "smtplib.SMTP().login": "sends mail",
    "smtplib.SMTP_SSL().send_message": "sends mail",
    "smtplib.SMTP_SSL().sendmail": "sends mail",
    "django.core.mail.send_mail": "sends mail",
    "django.core.mail.send_mass_mail": "sends mail",
    "django.core.mail.EmailMessage().send": "sends mail",
    "django.core.mail.EmailMultiAlternatives().send": "sends mail",
    "psycopg2.connect": "connects to a database",
    "psycopg.connect": "connects to a database",
    "pymysql.connect": "connects to a database",
    "MySQLdb.connect": "connects to a database",
    "mysql.connector.connect": "connects to a database",
    **{f"{owner}.{verb}": "calls the network" for owner in _HTTP for verb in _VERBS},
}
_AWS = (
    "boto3.client()", "boto3.session.Session().client()", "boto3.Session().client()",
    "botocore.session.get_session().create_client()",
)  # fmt: skip
_AWS_LOCAL = frozenset(
    {"generate_presigned_url", "generate_presigned_post", "get_paginator", "get_waiter", "can_paginate", "close"}
)
_CURSORS = ("execute", "executemany", "fetchall", "fetchone", "fetchmany", "commit", "callproc", "copy_expert")
_EXECUTING = frozenset({"commit", "execute", "exec", "flush", "get", "refresh", "scalar", "scalars", "get_one",
                        "bulk_save_objects", "bulk_insert_mappings", "bulk_update_mappings"})  # fmt: skip
_FETCHING = frozenset({"all", "count", "delete", "first", "get", "one", "one_or_none", "scalar", "update"})
_ENGINES = ("sqlalchemy.create_engine()", "sqlmodel.create_engine()", "sqlalchemy.engine.create_engine()",
            "sqlalchemy.engine.Engine()", "sqlalchemy.Engine()")  # fmt: skip
_SESSIONS = (
    "sqlalchemy.orm.Session()", "sqlalchemy.orm.session.Session()", "sqlmodel.Session()",
    "sqlmodel.orm.session.Session()", "sqlalchemy.orm.sessionmaker()()", "sqlalchemy.orm.session.sessionmaker()()",
    "sqlalchemy.orm.sessionmaker().begin()", "sqlalchemy.orm.scoped_session()", "sqlalchemy.orm.scoped_session()()",
)  # fmt: skip
_MONGO = ("pymongo.MongoClient()", "pymongo.mongo_client.MongoClient()", "pymongo.collection.Collection()",
          "pymongo.database.Database()")  # fmt: skip
_MONGO_VERBS = frozenset(
    {
        "bulk_write", "count_documents", "create_index", "delete_many", "delete_one", "distinct",
        "estimated_document_count", "find_one", "find_one_and_delete", "find_one_and_replace", "find_one_and_update",
        "insert_many", "insert_one", "replace_one", "update_many", "update_one",
    }
)  # fmt: skip
_REDIS = ("redis.Redis()", "redis.StrictRedis()", "redis.from_url()", "redis.Redis.from_url()",
          "redis.client.Redis()", "redis.StrictRedis.from_url()")  # fmt: skip
_REDIS_LOCAL = frozenset({"pipeline", "lock", "pubsub", "close", "register_script"})
MODULES = frozenset(
    {"MySQLdb", "boto3", "botocore", "httpx", "mysql", "os", "psycopg", "psycopg2", "pymongo", "pymysql", "redis",
     "requests", "smtplib", "socket", "sqlalchemy", "sqlmodel", "subprocess", "time", "urllib", "urllib3", "django"}
)  # fmt: skip
"""The packages that the known names begin with."""


def waits(answer: Answer) -> str:
    """What a call makes the thread do while it waits, `""` when it is not known to wait."""
    if not isinstance(answer, Symbol) or answer.kind != "external":
        return ""
    known = _WAITING.get(answer.name)
    if known is not None:
        return known
    owner, _, name = answer.name.rpartition(".")
    if owner in _AWS:
        return "" if name in _AWS_LOCAL else "calls the network"
    if owner in _REDIS:
        return "" if name in _REDIS_LOCAL else "waits for Redis"
    if name in _MONGO_VERBS and owner.startswith(_MONGO):
        return "waits for MongoDB"
    if name in _CURSORS and owner.startswith(("psycopg2.connect()", "psycopg.connect()", "pymysql.connect()")):
        return "waits for the database"
    return "waits for the database" if _queries(owner, name) else ""


def _queries(owner: str, name: str) -> bool:
    if owner.startswith(_ENGINES):
        return name in ("begin", "connect", "execute", "scalar", "scalars")
    if owner in _SESSIONS:
        return name in _EXECUTING
    base, made, _ = owner.partition(".query()")
    return bool(made) and base in _SESSIONS and name in _FETCHING
