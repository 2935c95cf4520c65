"""Rows of the small comma-separated files of a GroupLens release, text in quotes included."""

import csv
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
    reader = csv.reader(_lines(file), strict=True)
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


def _lines(file: IO[bytes]) -> Iterator[str]:
    """Decode line by line; what is no UTF-8 is replaced, and the mark that some editors put in front goes."""
    for number, line in enumerate(file):
        yield line.decode("utf-8" if number else "utf-8-sig", errors="replace")


def is_number(text: str, highest: int) -> bool:
    """Say whether a text is a whole number from 0 to the highest, and nothing else."""
    return text.isascii() and text.isdecimal() and len(text) <= len(str(highest)) and int(text) <= highest
