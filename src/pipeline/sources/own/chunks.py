"""Rows of a user's own tables, part by part, whatever file or database they lie in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.parameters import InvalidInput
from pipeline.sources.coding import Coded, coded
from pipeline.sources.lines import in_column
from pipeline.sources.own.values import Parse, Unreadable


class Chunk(Protocol):
    """Some n rows of a table, with the columns that were asked for."""

    def __len__(self) -> int: ...

    def row(self, index: int) -> int:
        """Give the number of a row in its file or table."""

    def values(self, column: str) -> Sequence[Any]:
        """Give a column (n,)."""

    def coded(self, column: str, rows: NDArray[np.intp] | None = None) -> Coded:
        """Give a column, or some rows of it, by its distinct values."""

    def seconds(self, column: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Read what is plainly a time in whole seconds: the times (n,), and which rows (n,) were read."""


class Opened(Protocol):
    """The tables that a source is made of."""

    def problems(self, key: str, place: str, columns: dict[str, str]) -> list[str]:
        """Say which table or columns are not there.

        Args:
            key: dotted, of the section that names them.
            place: the table.
            columns: names by the last part of their key.

        """

    def name(self, place: str) -> str:
        """Give a table's name as messages call it."""

    def chunks(self, place: str, columns: Sequence[str]) -> Iterator[Chunk]:
        """Read columns of a table that are there."""


@dataclass(frozen=True, eq=False)
class Listed:
    """Rows as Python values, as a database gives them."""

    columns: dict[str, Sequence[Any]]  # (n,) each
    first_row: int
    n_rows: int

    def __len__(self) -> int:
        return self.n_rows

    def row(self, index: int) -> int:
        return self.first_row + index

    def values(self, column: str) -> Sequence[Any]:
        return self.columns[column]

    def coded(self, column: str, rows: NDArray[np.intp] | None = None) -> Coded:
        values = self.columns[column]
        return coded(values if rows is None else [values[row] for row in rows.tolist()])

    def seconds(self, column: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        values = self.columns[column]
        try:
            if set(map(type, values)) <= {int}:
                return np.array(values, dtype=np.int64), np.ones(len(values), dtype=np.bool_)
        except OverflowError:
            pass
        return np.zeros(len(values), dtype=np.int64), np.zeros(len(values), dtype=np.bool_)


def parsed(chunk: Chunk, column: str, name: str, parse: Parse) -> list[Any]:
    """Read each value of a column.

    Raises:
        InvalidInput: with table, row and column of the first that is not as it must be.

    """
    result = []
    for index, value in enumerate(chunk.values(column)):
        try:
            result.append(parse(value))
        except Unreadable as error:
            raise complaint(name, chunk.row(index), column, error, value) from error
    return result


def parsed_values(
    chunk: Chunk, column: str, name: str, parse: Parse, rows: NDArray[np.intp] | None = None
) -> Coded:
    """Read each distinct value of a column, or of some rows of it; errors are those of `parsed`."""
    found = chunk.coded(column, rows)
    values: list[Any] = []
    wrong: dict[int, Unreadable] = {}
    for place, value in enumerate(found.values):
        try:
            values.append(parse(value))
        except Unreadable as error:
            wrong[place] = error
            values.append(None)
    if wrong:
        index = int(np.isin(found.codes, list(wrong)).argmax())
        place = int(found.codes[index])
        at = index if rows is None else int(rows[index])
        raise complaint(name, chunk.row(at), column, wrong[place], found.values[place])
    return Coded(values, found.codes)


def complaint(name: str, row: int, column: str, must: object, got: Any) -> InvalidInput:
    """Say in one line which value is not as it must be."""
    if got is None:
        return InvalidInput(f"{name}, row {row}, column {column}: must {must}, got nothing")
    return in_column(name, row, column, str(must), str(got))
