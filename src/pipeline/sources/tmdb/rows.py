"""The rows of The Movies Dataset's CSV files, whole again where a line break took them apart."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Literal

from pipeline.sources.lines import SHOWN, in_row

LONGEST = 2**24  # characters of a field; a cast of hundreds takes more than csv's 2**17
MOST_LINES = 100  # that a row may be broken into
NUMBER = re.compile(r"\s*0*(\d{1,18})(?:\.0*)?\s*", re.ASCII)  # 862, and 862.0 where pandas wrote it
NOTHING = ("", "nan", "NaN", "None")  # how what is missing is written
Shape = Literal["whole", "joined", "short", "long"]
Line = tuple[int, list[str]]  # number of the line that it begins in, fields


@dataclass(frozen=True)
class Row:
    """A row of a file."""

    line: int  # that it begins in, as an editor counts
    values: Mapping[str, str]  # by column; empty where the row ends before it
    shape: Shape  # joined of several lines; with fewer or more fields than the header


def number_of(text: str) -> str | None:
    """Return an id as its digits, without leading zeros; None for what is none, such as a date."""
    found = NUMBER.fullmatch(text)
    return found[1] if found else None


def read_rows(
    file: IO[bytes], name: str, key: str, needed: Sequence[str], optional: Sequence[str] = ()
) -> Iterator[Row]:
    """Read a file with a header, whose columns may stand in any order.

    Args:
        file: at its beginning.
        name: of the file, as a message calls it.
        key: column of numbers; what has none there is no row of its own.
        needed: columns beside the key.
        optional: columns that may be missing; empty then.

    Raises:
        InvalidInput: where the first row does not name the key and all that is needed.

    """
    with _text(file) as text:
        yield from _rows(_lines(text, name), name, [key, *needed], optional)


def told(name: str, row: Row, value: str) -> str:
    """Word an example of what was dropped or mended."""
    return f"{name}, row {row.line}: {value[:SHOWN]!r}"


@contextmanager
def _text(file: IO[bytes]) -> Iterator[Iterable[str]]:
    """Decode a file, and leave it open to whom it belongs."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
    try:
        yield text
    finally:
        with suppress(ValueError):  # where it is closed already
            text.detach()


def _rows(lines: Iterator[Line], name: str, columns: Sequence[str], optional: Sequence[str]) -> Iterator[Row]:
    """Name the fields by the header; the first column is the key."""
    _, header = next(lines, (1, []))
    places = {column.strip(): place for place, column in enumerate(header)}
    if not set(columns) <= set(places):
        raise in_row(name, 1, f"must name the columns {', '.join(columns)}, got {','.join(header)[:80]!r}")
    asked = {column: places.get(column, len(header)) for column in (*columns, *optional)}
    for line, fields, shape in _whole(lines, len(header), places[columns[0]]):
        values = {c: fields[place] if place < len(fields) else "" for c, place in asked.items()}
        yield Row(line, values, shape)


def _lines(text: Iterable[str], name: str) -> Iterator[Line]:
    """Take lines apart; a field in quotes may run over several, and empty ones are none."""
    before = csv.field_size_limit(LONGEST)
    reader = csv.reader(text)
    begin = 1
    try:
        for fields in reader:
            if fields:
                yield begin, fields
            begin = reader.line_num + 1
    except csv.Error as error:
        raise in_row(name, begin, f"must be comma-separated values, {error}") from error
    finally:
        csv.field_size_limit(before)


def _whole(lines: Iterable[Line], width: int, key: int) -> Iterator[tuple[int, list[str], Shape]]:
    """Join what a line break outside of quotes took apart: lines that together have the header's width.

    The break lies inside a field, whose two ends are one again.
    """
    broken: list[Line] = []
    for line, fields in lines:
        if len(fields) >= width or not _goes_on(broken, fields, width, key):
            yield from _as_they_are(broken)
            broken = []
        if len(fields) >= width:
            yield line, fields, "whole" if len(fields) == width else "long"
            continue
        broken.append((line, fields))
        if _width_of(broken) == width:
            joined = _joined(broken)
            if number_of(joined[key]):
                yield broken[0][0], joined, "joined"
            else:
                yield from _as_they_are(broken)
            broken = []
    yield from _as_they_are(broken)


def _goes_on(broken: Sequence[Line], fields: list[str], width: int, key: int) -> bool:
    """Say whether a line can be what follows: a number as its key tells a row of its own, or chance.

    A movie's last fields are numbers too; where the widths fit it is chance, unless the key comes first.
    """
    together = _width_of([*broken, (0, fields)])
    has_key = key < len(fields) and number_of(fields[key]) is not None
    may_follow = together <= width and len(broken) < MOST_LINES
    return may_follow and (not has_key or (together == width and key > 0))


def _width_of(broken: Sequence[Line]) -> int:
    return sum(len(fields) for _, fields in broken) - len(broken) + 1


def _as_they_are(broken: Iterable[Line]) -> Iterator[tuple[int, list[str], Shape]]:
    for line, fields in broken:
        yield line, fields, "short"


def _joined(broken: Sequence[Line]) -> list[str]:
    whole = list(broken[0][1])
    for _, fields in broken[1:]:
        whole[-1:] = [f"{whole[-1]}\n{fields[0]}", *fields[1:]]
    return whole
