"""One way to open a database, and the one place where transactions are committed and rolled back."""

import hashlib
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from db.urls import password_in, read_url, safe_url
from pipeline.parameters import InvalidInput

__all__ = [
    "FAULTS",
    "begin",
    "connect",
    "explained",
    "hold",
    "is_there",
    "password_in",
    "reading",
    "safe_url",
    "writing",
]

BUSY_TIMEOUT = 30.0  # seconds a SQLite connection waits for the one writer
CONNECT_TIMEOUT = 10  # seconds until a PostgreSQL server has to answer
# What a database raises that is locked for too long, gone or full.
FAULTS = (SQLAlchemyError, sqlite3.Error)
PRAGMAS = ("synchronous=FULL", "foreign_keys=ON", "mmap_size=0")

_READ_ONLY = "reeltune_read_only"
_HURRIED = "reeltune_hurried"
_engines: dict[tuple[int, str], Engine] = {}


def connect(url: str) -> Engine:
    """Open a database, once per process and URL; a child made by fork opens its own.

    Raises:
        InvalidInput: one line that begins with db.url, whatever is wrong with the URL or behind it.

    """
    key = (os.getpid(), url)
    if key not in _engines:
        _engines[key] = _opened(url)
    return _engines[key]


def is_there(url: str) -> bool:
    """Say whether there is a database to open; a SQLite file is made by whoever opens it first."""
    parsed = read_url(url)
    return parsed.get_backend_name() != "sqlite" or Path(str(parsed.database)).is_file()


@contextmanager
def writing(engine: Engine, *, hurried: bool = False) -> Iterator[Connection]:
    """Give a connection in a write transaction: commit at the end, roll back after an exception.

    A hurried one is there for all once it is committed, and survives the death of this process. Nobody waits
    for the disk, so that a power failure takes it unless a later transaction, whoever's, was not hurried.
    """
    with engine.connect().execution_options(**{_HURRIED: hurried}) as connection, connection.begin():
        if hurried and engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one snapshot and waits for no writer."""
    options: dict[str, Any] = {_READ_ONLY: True}
    if engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def hold(connection: Connection, name: str) -> None:
    """Hold a named lock until the transaction ends; on SQLite a write transaction is alone anyway."""
    if connection.dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        connection.execute(select(func.pg_advisory_xact_lock(number)))


@contextmanager
def explained(url: str, what: str, key: str = "db.url") -> Iterator[None]:
    """Turn what the database answers into one line for the user."""
    try:
        yield
    except FAULTS as error:
        answer = (str(getattr(error, "orig", None) or error).splitlines() or [type(error).__name__])[0]
        raise InvalidInput(f"{key} {what}: {answer}; got {safe_url(url)}") from error


def _opened(url: str) -> Engine:
    parsed = read_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, connect_args={"isolation_level": None, "timeout": BUSY_TIMEOUT})
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", begin)
    else:
        arguments = {} if "connect_timeout" in parsed.query else {"connect_timeout": CONNECT_TIMEOUT}
        # A connection may be hours old when a trial ends: ask whether it still lives.
        engine = create_engine(parsed, connect_args=arguments, pool_pre_ping=True)
    with explained(url, "cannot be opened"), engine.connect():
        return engine


def begin(connection: Connection) -> None:
    """Begin on SQLite: a writer takes the lock first, as a lock upgrade later would fail without waiting."""
    options = connection.get_execution_options()
    if options.get(_READ_ONLY, False):
        connection.exec_driver_sql("BEGIN")
        return
    # Of the write-ahead log; whoever waits for the disk waits for all that was committed before.
    connection.exec_driver_sql(f"PRAGMA synchronous={'NORMAL' if options.get(_HURRIED, False) else 'FULL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _set_pragmas(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    mode = _switched_to_wal(cursor)
    if mode != "wal":
        raise sqlite3.OperationalError(f"the disk does not support write-ahead logging (journal_mode {mode})")
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _switched_to_wal(cursor: DBAPICursor) -> str:
    """Return the journal mode after the switch; SQLite's busy timeout does not cover it, so we try again."""
    deadline = time.monotonic() + BUSY_TIMEOUT
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return str(cursor.fetchall()[0][0])
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
