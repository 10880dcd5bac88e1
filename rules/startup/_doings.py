"""Which outside calls reach beyond the process at once: requests, queries, connections, loops that run to their end."""

from __future__ import annotations

import re

from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol
from cdlint.project.effects import effect_of

_KINDS = {"network": "sends a request", "mail": "talks to a mail server", "enqueue": "puts a task into a queue"}
_LOOPS = frozenset(
    {
        "anyio.run", "asyncio.get_event_loop().run_until_complete", "asyncio.new_event_loop().run_until_complete",
        "asyncio.run", "asyncio.runners.run",
    }
)  # fmt: skip
_CONNECTS = frozenset(
    {
        "MySQLdb.connect", "cx_Oracle.connect", "mysql.connector.connect", "oracledb.connect",
        "pika.BlockingConnection", "psycopg.Connection.connect", "psycopg.connect", "psycopg2.connect",
        "pymssql.connect", "pymysql.connect", "pyodbc.connect",
    }
)  # fmt: skip
_SERVERS = re.compile(
    r"(?:redis\.(?:client\.)?(?:Strict)?Redis(?:\.from_url)?\(\)|redis\.from_url\(\))\."
    r"(?:ping|get|set|exists|keys|delete|hget|hset|hgetall|publish|flushdb|flushall|incr|expire|setnx|lpush|rpush|sadd)"
    r"|pymongo\.(?:mongo_client\.)?MongoClient\(\)[\w.()]*\."
    r"(?:command|count_documents|create_index|create_indexes|find_one|insert_many|insert_one|list_database_names"
    r"|server_info|update_one)"
    r"|elasticsearch\.Elasticsearch\(\)\.(?:info|ping|index|indices\.(?:create|exists|delete|put_mapping))"
)
_QUERIES = re.compile(
    r"(?:sqlalchemy|sqlmodel|flask_sqlalchemy)\.[\w.()]*?(?:"
    r"create_engine\(\)\.(?:connect|begin|execute|raw_connection)"
    r"|(?:[sS]ession|Session\(\)|sessionmaker\(\)\(\)|scoped_session\(\)(?:\(\))?|\.session)"
    r"\.(?:execute|scalar|scalars|get|commit|flush|query\(\)(?:\.\w+\(\))*\.(?:all|count|delete|first|get|one|one_or_none"
    r"|scalar|update))"
    r"|SQLAlchemy\(\)\.Model\.query(?:\.\w+\(\))*\.(?:all|count|delete|first|first_or_404|get|get_or_404|one|one_or_none"
    r"|scalar|update))"
)
_TABLES = re.compile(r"(?:sqlalchemy|sqlmodel|flask_sqlalchemy)\.[\w.()]*\.(?:create_all|drop_all|reflect)")

LASTS = frozenset(
    {
        "BlockingConnection", "SMTP", "SMTP_SSL", "all", "apply_async", "begin", "command", "commit", "connect",
        "count", "count_documents", "create", "create_all", "create_index", "delay", "delete", "drop_all",
        "enqueue", "execute", "exists", "find_one", "first", "first_or_404", "flush", "get", "get_or_404", "head",
        "info", "insert_one", "one", "one_or_none", "options", "patch", "ping", "post", "publish", "put",
        "raw_connection", "reflect", "request", "run", "run_until_complete", "scalar", "scalars", "send",
        "send_mail", "send_task", "server_info", "set", "stream", "update", "update_one", "urlopen", "urlretrieve",
    }
)  # fmt: skip
"""The last names of all these: others need not be looked up."""


def doing(project: Project, answer: Answer) -> tuple[str, str] | None:
    """The kind of what calling something does at once, and a phrase for it; None for nothing."""
    if not isinstance(answer, Symbol) or answer.kind != "external":
        return None
    name = answer.name
    if name in _LOOPS:
        return "loop", "runs a coroutine to its end"
    if name in _CONNECTS or _SERVERS.fullmatch(name):
        return "server", "talks to a server"
    if _TABLES.fullmatch(name):
        return "tables", "connects to the database"
    if _QUERIES.fullmatch(name):
        return "query", "connects to the database"
    kind = effect_of(project, answer)
    return (kind, _KINDS[kind]) if kind in _KINDS else None
