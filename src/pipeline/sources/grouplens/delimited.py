"""Numbers in delimited text of any size, read block by block with polars (extra `readers`), never whole."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.parameters import InvalidInput
from pipeline.sources.lines import in_column, in_row

BLOCK = 2**25  # bytes of text that are read at once; no line may be longer
TYPES: dict[type[np.generic], type[pl.DataType]] = {
    np.int32: pl.Int32,
    np.int64: pl.Int64,
    np.float64: pl.Float64,
}
BEYOND = "beyond"  # takes what a row has more than its columns
NOTHING = -1  # stands for what is missing or no number; no column may hold it


@dataclass(frozen=True)
class Column:
    """One column of numbers: all of the file's have one, in the file's order."""

    name: str  # as a message calls it
    dtype: type[np.generic]
    must: str  # what holds of each value, in words
    holds: Callable[[NDArray[Any]], NDArray[np.bool_]]  # (n,) -> (n,); false of NOTHING and of NaN


@dataclass(frozen=True)
class Table:
    """A file of numbers."""

    file: str  # as a message calls it
    columns: tuple[Column, ...]  # all of them, in order
    separator: str  # between them, one or two characters
    first_row: int  # number of the line that its numbers begin in


@dataclass(frozen=True, eq=False)
class Block:
    """Some rows of a file."""

    first_row: int  # number of its first line in the file, 1 the first
    columns: tuple[NDArray[Any], ...]  # (n_rows,) each


def read_blocks(file: IO[bytes], table: Table) -> Iterator[Block]:
    """Read a file from where its numbers begin to its end.

    Raises:
        InvalidInput: with file, row and column of the first value that is none.

    """
    row = table.first_row
    for text in _whole_lines(file, table.file):
        frame = _parsed(text, table)
        values = tuple(frame[column.name].fill_null(NOTHING).to_numpy() for column in table.columns)
        wrong = _first_wrong(values, frame[BEYOND].is_not_null().to_numpy(), table)
        if wrong is not None:
            index, column = wrong
            line = text.split(b"\n")[index].decode(errors="replace").rstrip("\r")
            raise _complaint(line, row + index, column, table)
        yield Block(row, values)
        row += len(frame)


def _whole_lines(file: IO[bytes], name: str) -> Iterator[bytes]:
    """Cut a file into blocks that end where a line does."""
    rest = b""
    while read := file.read(BLOCK):
        end = read.rfind(b"\n") + 1
        if not end and len(rest) + len(read) > BLOCK:
            raise InvalidInput(f"{name} must be lines of text, got {BLOCK} bytes without an end of line")
        if end:
            yield rest + read[:end]
        rest = read[end:] if end else rest + read
    if rest:
        yield rest


def _parsed(text: bytes, table: Table) -> pl.DataFrame:
    """Parse lines into one row each, an empty line too; null is what is missing or no number."""
    separator = table.separator
    if len(separator) > 1:
        # polars knows separators of one byte. A tab in the text makes a column too many, and is refused.
        text, separator = text.replace(separator.encode(), b"\t"), "\t"
    return pl.read_csv(
        text,
        has_header=False,
        schema={**{column.name: TYPES[column.dtype] for column in table.columns}, BEYOND: pl.String},
        separator=separator,
        quote_char=None,
        encoding="utf8-lossy",
        ignore_errors=True,
        missing_columns="insert",
        extra_columns="ignore",
    )


def _first_wrong(
    values: Sequence[NDArray[Any]], is_too_long: NDArray[np.bool_], table: Table
) -> tuple[int, int] | None:
    """Return the first row that is not as it must be, and the first column of it that is not."""
    fails = [~column.holds(array) for column, array in zip(table.columns, values, strict=True)]
    wrong = np.logical_or.reduce([*fails, is_too_long])
    if not wrong.any():
        return None
    row = int(wrong.argmax())
    return row, next((number for number, fail in enumerate(fails) if fail[row]), len(fails))


def _complaint(line: str, row: int, column: int, table: Table) -> InvalidInput:
    fields = line.split(table.separator)
    if len(fields) != len(table.columns):
        return in_row(table.file, row, f"must have {len(table.columns)} columns, got {len(fields)}")
    asked = table.columns[column]
    return in_column(table.file, row, asked.name, asked.must, fields[column])
