"""What a source is given to get at its data."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

Announce = Callable[[str], None]


class Tables(Protocol):
    """The tables of a database at one moment; this room knows no SQL, so that they are handed in."""

    def rows(self, table: str, columns: Sequence[str], prefix: str) -> Iterator[Sequence[Sequence[Any]]]:
        """Give a table's rows in parts, each row the values of the columns asked for.

        Args:
            table: name, with the schema and a dot in front where it is not the usual one.
            columns: names.
            prefix: dotted key of the section that named them, for messages.

        Raises:
            InvalidInput: where table or column is not there.

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
