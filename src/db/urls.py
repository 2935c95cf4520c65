"""What a database URL may be, and how it is shown without its password."""

import os
import re
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from pipeline.parameters import InvalidInput
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


def read_url(url: str) -> URL:
    """Read a URL into the one that SQLAlchemy opens: SQLite with an absolute path, PostgreSQL with psycopg.

    Raises:
        InvalidInput: one line that begins with db.url.

    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise _invalid(
            "must look like sqlite:///movies.db or postgresql+psycopg://user@host/database", url
        ) from None
    if parsed.drivername in {"sqlite", "sqlite+pysqlite"}:
        return _sqlite(parsed, url)
    if parsed.drivername in {"postgresql", "postgresql+psycopg"}:
        return _postgresql(parsed, url)
    raise _invalid("must begin with sqlite:/// or postgresql+psycopg://", url)


def _sqlite(parsed: URL, url: str) -> URL:
    if not parsed.database or parsed.database == ":memory:":
        # Each process would see a memory of its own, and the record would be gone with the last of them.
        raise _invalid("must name a file", url)
    if parsed.host or parsed.query:
        raise _invalid("must be sqlite:/// and a path, without host or options", url)
    path = ROOT / parsed.database
    problem = _problem_of_file(path)
    if problem is not None:
        raise _invalid(problem, url)
    return parsed.set(database=str(path))


def _problem_of_file(path: Path) -> str | None:
    """Say why SQLite could not write this file, without opening it."""
    if not path.parent.is_dir():
        return f"must name a file in a folder that exists, {path.parent} does not"
    if path.exists() and not path.is_file():
        return "must name a file, not a folder or device"
    # The write-ahead log is a file beside the database, so the folder has to be writable, too.
    if any(at.exists() and not os.access(at, os.W_OK) for at in (path, path.parent)):
        return "must name a file that may be written, in a folder that may be written"
    return None


def _postgresql(parsed: URL, url: str) -> URL:
    if find_spec("psycopg") is None:
        raise _invalid('needs psycopg: run python -m pip install "psycopg[binary]"', url)
    if "@" in f"{parsed.host}{parsed.database}":
        # What follows the first @ would be taken for the host, and printed as such by the driver.
        raise _invalid("must have @ and / in its password written as %40 and %2F", url)
    return parsed.set(drivername="postgresql+psycopg")


def _invalid(must: str, url: str) -> InvalidInput:
    return InvalidInput(f"db.url {must}; got {safe_url(url)}")
