"""Tables of a database of the user's own, read as one moment of it; nothing of it is ever changed."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from sqlalchemy import (
    ColumnClause,
    Connection,
    Engine,
    column,
    create_engine,
    event,
    inspect,
    quoted_name,
    select,
    table,
)
from sqlalchemy.pool import NullPool

from db.engine import BUSY_TIMEOUT, CONNECT_TIMEOUT, begin, explained, reading
from db.urls import read_url
from pipeline.parameters import InvalidInput, near

KEY = "data.url"
ROWS = 200_000  # that are held at once, some 80 MB of ratings


@contextmanager
def open_tables(url: str) -> Iterator["DatabaseTables"]:
    """Open a database for reading, all of it at one moment.

    A SQLite file has to be there, and stays as it is, its journal too. Whoever writes to one that keeps no
    write-ahead log waits until it has been read.

    Raises:
        InvalidInput: one line that begins with data.url, whatever is wrong with the URL or behind it.

    """
    engine = _opened(url)
    try:
        with explained(url, "cannot be read", KEY), reading(engine) as connection:
            yield DatabaseTables(connection, url)
    finally:
        engine.dispose()


def _opened(url: str) -> Engine:
    parsed = read_url(url, KEY, to_write=False)
    if parsed.get_backend_name() == "sqlite":
        path = f"file:{quote(str(parsed.database))}?mode=ro"
        engine = create_engine(parsed, creator=lambda: _read_only(path), poolclass=NullPool)
        event.listen(engine, "begin", begin)
        return engine
    arguments = {} if "connect_timeout" in parsed.query else {"connect_timeout": CONNECT_TIMEOUT}
    return create_engine(parsed, connect_args=arguments, poolclass=NullPool)


def _read_only(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, uri=True, isolation_level=None, timeout=BUSY_TIMEOUT)
    connection.execute("PRAGMA query_only=ON")
    return connection


class DatabaseTables:
    """The tables and views that one transaction sees."""

    def __init__(self, connection: Connection, url: str) -> None:
        self._connection, self._url = connection, url
        self._inspector = inspect(connection)

    def problems(self, key: str, name: str, columns: Mapping[str, str]) -> list[str]:
        """Say what of a table and its columns is not there; see `pipeline.sources.means.Tables`."""
        found = self._found(name)
        if found is None:
            must = "must be a table of the database"
            return [f"{key}.table {must}, got {name!r}{near(name, self._names(name))}"]
        there = [one["name"] for one in self._inspector.get_columns(found[1], found[0])]
        return [
            f"{key}.{part} must be a column of table {name}, got {asked!r}{near(asked, there)}"
            for part, asked in columns.items()
            if asked not in there
        ]

    def rows(self, name: str, columns: Sequence[str]) -> Iterator[Sequence[Sequence[Any]]]:
        """Give a table's rows in parts, as they come; see `pipeline.sources.means.Tables`."""
        found = self._found(name)
        if found is None:
            raise InvalidInput(f"{KEY} must have the table {name}")
        schema, plain = found
        asked: list[ColumnClause[Any]] = [column(quoted_name(one, quote=True)) for one in columns]
        where = None if schema is None else quoted_name(schema, quote=True)
        source = table(quoted_name(plain, quote=True), *asked, schema=where)
        with explained(self._url, f"cannot be read, table {name}", KEY):
            streamed = self._connection.execution_options(yield_per=ROWS)
            with streamed.execute(select(*asked).select_from(source)) as result:
                yield from result.partitions()

    def _found(self, name: str) -> tuple[str | None, str] | None:
        """Take schema and table apart; None where there is no such table."""
        if self._inspector.has_table(name):
            return None, name
        schema, _, plain = name.partition(".")
        known = plain and schema in self._inspector.get_schema_names()
        return (schema, plain) if known and self._inspector.has_table(plain, schema) else None

    def _names(self, name: str) -> list[str]:
        """List the tables and views that may be meant, those of another schema with its name in front."""
        schema = name.partition(".")[0] if "." in name else None
        if schema is None or schema not in self._inspector.get_schema_names():
            return [*self._inspector.get_table_names(), *self._inspector.get_view_names()]
        found = (*self._inspector.get_table_names(schema), *self._inspector.get_view_names(schema))
        return [f"{schema}.{one}" for one in found]
