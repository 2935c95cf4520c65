"""Tables of a database of the user's own, read as one moment of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any


@contextmanager
def open_tables(url: str) -> Iterator["_Tables"]:
    """Open a database for reading."""
    yield _Tables(url)


class _Tables:
    def __init__(self, url: str) -> None:
        self._url = url

    def rows(self, table: str, columns: Sequence[str], prefix: str) -> Iterator[Sequence[Sequence[Any]]]:
        raise NotImplementedError(f"{prefix} {self._url} {table} {columns}")
