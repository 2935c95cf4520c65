"""What a source is given to get at its data."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

Announce = Callable[[str], None]


class Tables(Protocol):
    """The tables of a database at one moment; this room knows no SQL, so that they are handed in."""

    def problems(self, key: str, table: str, columns: Mapping[str, str]) -> list[str]:
        """Say what of a table and its columns is not there, a line each.

        Args:
            key: dotted, of the section that names them.
            table: name, with schema and dot in front where it is not in the usual one; a view is one, too.
            columns: names, by the last part of the key that names them.

        """

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[Sequence[Sequence[Any]]]:
        """Give a table's rows in parts, in any order, each row the values of the columns asked for.

        Raises:
            InvalidInput: where the database does not answer.

        """


OpenTables = Callable[[str], AbstractContextManager[Tables]]  # of a database URL


def to_stderr(line: str) -> None:
    """Tell what takes a moment."""
    print(line, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Means:
    """Where it may keep files, whom it tells, and how it opens a database."""

    cache: Path
    announce: Announce = to_stderr
    open_tables: OpenTables | None = None  # None where no database can be opened from
