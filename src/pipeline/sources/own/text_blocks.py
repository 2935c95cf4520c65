"""CSV and JSON Lines text cut into blocks of whole rows, and looked through where something is wrong."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pipeline.parameters import InvalidInput
from pipeline.sources.lines import in_row

BLOCK = 2**25  # bytes of text that are read at once; no row may be longer
SEPARATORS = ",;\t|"  # of columns; the header tells which one
NAMED_BY = 1000  # rows of JSON Lines whose keys are the columns
BOM = b"\xef\xbb\xbf"
QUOTE = b'"'
TRIES = 1000  # ends of lines that are looked at for one outside of quotes


@dataclass(frozen=True)
class Block:
    """Some whole rows of a file."""

    text: bytes
    first_row: int  # number of its first line in the file, 1 the first


@dataclass(frozen=True)
class Header:
    """The first line of a CSV file."""

    names: list[str]
    separator: str


def read_header(path: Path) -> Header:
    """Read the names of the columns.

    Raises:
        InvalidInput: where there are none.

    """
    with path.open("rb") as file:
        line = file.readline(BLOCK).removeprefix(BOM)
    text = _decoded(line, path.name, 1).rstrip("\r\n")
    if not text.strip():
        raise in_row(path.name, 1, "must name the columns, got nothing")
    separator = max(SEPARATORS, key=text.count)
    names = next(csv.reader([text], delimiter=separator), [])
    return Header([name.strip() for name in names], separator)


def read_keys(path: Path) -> list[str]:
    """List the keys of the first objects of a JSON Lines file.

    Raises:
        InvalidInput: where one of them is no object.

    """
    keys: dict[str, None] = {}
    with path.open("rb") as file:
        for row, line in enumerate(file, start=1):
            if row > NAMED_BY:
                break
            line = line.removeprefix(BOM) if row == 1 else line  # noqa: PLW2901
            if line.strip():
                keys |= dict.fromkeys(_object(line, path.name, row))
    return list(keys)


def blocks(path: Path, *, header: bool) -> Iterator[Block]:
    """Cut a file into blocks that end where a row does.

    Args:
        path: of the file.
        header: whether its first line is none of the rows, and rows may go over several lines in quotes.

    """
    with path.open("rb") as file:
        row = 1
        if header:
            file.readline(BLOCK)
            row = 2
        elif file.read(len(BOM)) != BOM:
            file.seek(0)
        for text in _whole_rows(file, path.name, quoted=header):
            _decoded(text, path.name, row)
            yield Block(text, row)
            row += text.count(b"\n")


def _whole_rows(file: IO[bytes], name: str, *, quoted: bool) -> Iterator[bytes]:
    rest = b""
    while read := file.read(BLOCK):
        text = rest + read
        end = _end_of_rows(text, quoted=quoted)
        if not end and len(text) > 2 * BLOCK:
            raise InvalidInput(f"{name} must be rows of text, got {BLOCK} bytes without an end of row")
        if end:
            yield text[:end]
        rest = text[end:]
    if rest:
        yield rest


def _end_of_rows(text: bytes, *, quoted: bool) -> int:
    """Find the end of the last line that does not end inside of quotes: their number before it is even."""
    last = end = text.rfind(b"\n") + 1
    if not quoted or QUOTE not in text:
        return last
    open_quotes = text.count(QUOTE, 0, end)
    for _ in range(TRIES):
        if end == 0 or open_quotes % 2 == 0:
            return end
        before = text.rfind(b"\n", 0, end - 1) + 1
        open_quotes -= text.count(QUOTE, before, end)
        end = before
    return last  # quotes stand inside of values, and say nothing


def _decoded(text: bytes, name: str, row: int) -> str:
    try:
        return text.decode("ascii" if text.isascii() else "utf-8")
    except UnicodeDecodeError as error:
        at = row + text.count(b"\n", 0, error.start)
        raise in_row(name, at, f"must be UTF-8 text, got the byte 0x{text[error.start]:02x}") from error


def csv_rows(block: Block, header: Header, name: str) -> list[int | None]:
    """Give the number of the line that each row begins in; None for a line of nothing.

    Raises:
        InvalidInput: with file and row of the first that has other columns than the header, or open quotes.

    """
    width = len(header.names)
    reader = csv.reader(
        io.StringIO(_decoded(block.text, name, block.first_row), newline=""),
        delimiter=header.separator,
        strict=True,
    )
    rows: list[int | None] = []
    row = block.first_row
    try:
        for fields in reader:
            if fields and len(fields) != width:
                raise in_row(name, row, f"must have {width} columns, got {len(fields)}")
            rows.append(row if fields else None)
            row = block.first_row + reader.line_num
    except csv.Error as error:
        raise in_row(name, row, f"must be values between {header.separator!r}, {error}") from error
    return rows


def json_rows(block: Block, name: str) -> list[int]:
    """Give the number of the line of each object.

    Raises:
        InvalidInput: with file and row of the first that is none.

    """
    rows = []
    for row, line in enumerate(block.text.split(b"\n"), start=block.first_row):
        if line.strip():
            _object(line, name, row)
            rows.append(row)
    return rows


def _object(line: bytes, name: str, row: int) -> Sequence[str]:
    """List the keys of an object."""
    try:
        found = json.loads(_decoded(line, name, row))
    except (ValueError, RecursionError) as error:
        if isinstance(error, InvalidInput):
            raise
        raise in_row(name, row, f"must be a JSON object, {error}") from error
    if not isinstance(found, dict):
        raise in_row(name, row, f"must be a JSON object, got {str(found)[:60]!r}")
    return list(found)
