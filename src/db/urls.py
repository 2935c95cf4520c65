"""What a database URL may be, and how it is shown without its password."""

import os
import re
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from pipeline.parameters import InvalidInput, nearest
from project import ROOT

# A password that was not percent-encoded goes on up to the last @; libpq takes one in the query, too.
_PASSWORD = re.compile(r":(?!//).+@")
_SQLITE = re.compile(r"sqlite(\+pysqlite)?:")
_PASSWORD_IN_QUERY = re.compile(r"(password=)[^&\s]+", re.IGNORECASE)


def safe_url(url: str) -> str:
    """Return the URL in one line with its password hidden, also where the URL is malformed."""
    if password_in(url):
        url = _PASSWORD_IN_QUERY.sub(r"\1***", _PASSWORD.sub(":***@", url))
    return " ".join(url.split())


def password_in(url: str) -> bool:
    """Say whether the URL carries a password; SQLite's are paths and never do."""
    return not _SQLITE.match(url) and any(p.search(url) for p in (_PASSWORD, _PASSWORD_IN_QUERY))


def is_of_one_machine(url: str) -> bool:
    """Say whether a database is a file, whose write-ahead log the processes of one machine can share only."""
    return bool(_SQLITE.match(url))


def read_url(url: str, key: str = "db.url", *, to_write: bool = True) -> URL:
    """Read a URL into the one that SQLAlchemy opens: SQLite with an absolute path, PostgreSQL with psycopg.

    Args:
        url: as a config has it.
        key: dotted, of the config, for messages.
        to_write: whether a SQLite file will be written, and made where there is none.

    Raises:
        InvalidInput: one line that begins with the key.

    """
    try:
        parsed = make_url(url)
        problem = _problem_of(parsed, to_write=to_write)
    except (ArgumentError, ValueError):
        problem = "must look like sqlite:///movies.db or postgresql+psycopg://user@host/database"
    if problem is not None:
        raise InvalidInput(f"{key} {problem}; got {safe_url(url)}")
    if parsed.get_backend_name() == "sqlite":
        return parsed.set(database=str(ROOT / str(parsed.database)))
    return parsed.set(drivername="postgresql+psycopg")


def _problem_of(parsed: URL, *, to_write: bool) -> str | None:
    if parsed.drivername in {"sqlite", "sqlite+pysqlite"}:
        return _problem_of_sqlite(parsed, to_write=to_write)
    if parsed.drivername in {"postgresql", "postgresql+psycopg"}:
        return _problem_of_postgresql(parsed)
    return "must begin with sqlite:/// or postgresql+psycopg://"


def _problem_of_sqlite(parsed: URL, *, to_write: bool) -> str | None:
    if not parsed.database or parsed.database == ":memory:":
        # Each process would see a memory of its own, and the record would be gone with the last of them.
        return "must name a file"
    if parsed.host or parsed.query:
        return "must be sqlite:/// and a path, without host or options"
    path = ROOT / parsed.database
    return _problem_of_written(path) if to_write else _problem_of_read(path)


def _problem_of_written(path: Path) -> str | None:
    """Say why SQLite could not write this file, without opening it."""
    if not path.parent.is_dir():
        return f"must name a file in a folder that exists, {path.parent} does not"
    if path.exists() and not path.is_file():
        return "must name a file, not a folder or device"
    # The write-ahead log is a file beside the database, so the folder has to be writable, too.
    if any(at.exists() and not os.access(at, os.W_OK) for at in (path, path.parent)):
        return "must name a file that may be written, in a folder that may be written"
    return None


def _problem_of_read(path: Path) -> str | None:
    """Say why SQLite could not read this file, without opening it."""
    try:
        if not path.exists():
            there = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
            return f"must name a file that exists, {path} does not{nearest(path.name, there)}"
    except OSError as error:
        return f"must name a file that may be read, {error.strerror}"
    if not path.is_file():
        return "must name a file, not a folder or device"
    return None if os.access(path, os.R_OK) else "must name a file that may be read"


def _problem_of_postgresql(parsed: URL) -> str | None:
    if find_spec("psycopg") is None:
        return 'needs psycopg: run python -m pip install "psycopg[binary]"'
    if "@" in f"{parsed.host}{parsed.database}":
        # What follows the first @ would be taken for the host, and printed as such by the driver.
        return "must have @ and / in its password written as %40 and %2F"
    return None
