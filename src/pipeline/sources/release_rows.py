"""Rows of the small comma-separated files of a GroupLens release, text in quotes included."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import IO

from pipeline.sources.lines import in_row


def rows_of(file: IO[bytes], name: str, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Give the fields of each row, and the number of the line that it begins in.

    Args:
        file: at its beginning.
        name: of the file, as a message calls it.
        columns: that the first row must name, and every other one have.

    Raises:
        InvalidInput: with file and row of the first that is not as it must be.

    """
    reader = csv.reader(io.TextIOWrapper(file, "utf-8-sig", errors="replace", newline=""), strict=True)
    row = 1
    try:
        header = next(reader, [])
        if header != list(columns):
            raise in_row(name, 1, f"must be {','.join(columns)}, got {','.join(header)[:80]!r}")
        row = reader.line_num + 1
        for fields in reader:
            if len(fields) != len(columns):
                raise in_row(name, row, f"must have {len(columns)} columns, got {len(fields)}")
            yield row, fields
            row = reader.line_num + 1
    except csv.Error as error:
        raise in_row(name, row, f"must be comma-separated values, {error}") from error


def is_number(text: str, highest: int) -> bool:
    """Say whether a text is a whole number from 0 to the highest, and nothing else."""
    return text.isascii() and text.isdecimal() and len(text) <= len(str(highest)) and int(text) <= highest
