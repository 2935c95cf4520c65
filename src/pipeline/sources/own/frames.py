"""CSV, JSON Lines and Parquet files of any size, read part by part with polars (extra `readers`)."""

import operator
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.parameters import InvalidInput
from pipeline.sources.coding import Coded, coded
from pipeline.sources.own.text_blocks import (
    Block,
    Header,
    blocks,
    csv_rows,
    json_rows,
    read_header,
    read_keys,
)

ROWS = 2**20  # of a Parquet file that are read at once
CSV = (".csv", ".tsv", ".txt")
JSON_LINES = (".jsonl", ".ndjson")
PARQUET = (".parquet",)
BEYOND = "beyond"  # takes what a row has more than its columns
DATES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")  # the usual ones, read at once; others one by one


@dataclass(frozen=True, eq=False)
class Framed:
    """Rows of a file."""

    frame: pl.DataFrame
    row_of: Callable[[int], int]  # number of a row in the file

    def __len__(self) -> int:
        return len(self.frame)

    def row(self, index: int) -> int:
        return self.row_of(index)

    def values(self, column: str) -> Sequence[Any]:
        return self.frame[column].to_list()

    def coded(self, column: str, rows: NDArray[np.intp] | None = None) -> Coded:
        return _coded(self.frame[column] if rows is None else self.frame[column].gather(rows))

    def seconds(self, column: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        times = _seconds(self.frame[column])
        return times.fill_null(0).to_numpy(), times.is_not_null().to_numpy()


def columns_of(path: Path) -> list[str]:
    """List the columns of a file.

    Raises:
        InvalidInput: where it is not what its ending says.

    """
    if path.suffix.lower() in PARQUET:
        return list(_of_parquet(path, lambda: pl.read_parquet_schema(path)))
    return read_keys(path) if path.suffix.lower() in JSON_LINES else read_header(path).names


def read_frames(path: Path, columns: Sequence[str]) -> Iterator[Framed]:
    """Read columns that are there.

    Raises:
        InvalidInput: with file and row of what is not as its ending says.

    """
    wanted = list(dict.fromkeys(columns))
    if path.suffix.lower() in PARQUET:
        return _parquet_frames(path, wanted)
    if path.suffix.lower() in JSON_LINES:
        return (_json_frame(block, path.name, wanted) for block in blocks(path, header=False))
    header = read_header(path)
    return (_csv_frame(block, path.name, header, wanted) for block in blocks(path, header=True))


def _csv_frame(block: Block, name: str, header: Header, columns: Sequence[str]) -> Framed:
    """Parse a block; where its shape may be wrong it is read a second time, row by row."""
    rows = cache(lambda: csv_rows(block, header, name))
    frame = _parsed_csv(block, header)
    if frame is None:
        rows()  # names the row
        raise InvalidInput(f"{name} must be comma-separated values, got others from row {block.first_row} on")
    if _may_be_wrong(frame, block, header, has_quotes=b'"' in block.text):
        if len(rows()) != len(frame):
            raise InvalidInput(f"{name} must have quotes around whole values, from row {block.first_row} on")
        frame = frame.filter(pl.Series([row is not None for row in rows()], dtype=pl.Boolean))
    numbers = cache(lambda: [row for row in rows() if row is not None])
    asked = frame.select(_numbered(header, columns))
    return Framed(asked, _row_of(block, len(frame), lambda index: numbers()[index]))


def _row_of(block: Block, n_rows: int, looked_up: Callable[[int], int]) -> Callable[[int], int]:
    """Count rows where each is a line, else look them up, which reads the block a second time."""
    n_lines = block.text.count(b"\n") + (not block.text.endswith(b"\n"))
    return partial(operator.add, block.first_row) if n_lines == n_rows else looked_up


def _numbered(header: Header, columns: Sequence[str]) -> list[pl.Expr]:
    """Find columns by their place, as a header may name one twice that is not asked for."""
    return [pl.col(str(header.names.index(column))).alias(column) for column in columns]


def _parsed_csv(block: Block, header: Header) -> pl.DataFrame | None:
    """Parse lines into text, empty where there is none; None where polars cannot."""
    names = [str(place) for place in range(len(header.names))]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its parallel parts, where quotes stand inside of values
            return pl.read_csv(
                block.text,
                has_header=False,
                schema=dict.fromkeys([*names, BEYOND], pl.String),
                separator=header.separator,
                quote_char='"',
                empty_string_is_null=False,
                missing_columns="insert",
                extra_columns="ignore",
            )
    except pl.exceptions.PolarsError:
        return None


def _may_be_wrong(frame: pl.DataFrame, block: Block, header: Header, *, has_quotes: bool) -> bool:
    """Say whether a row may have more or fewer columns than the header, or be none."""
    if (frame[BEYOND] != "").any():
        return True
    if has_quotes:
        return bool((frame[str(len(header.names) - 1)] == "").any())
    return block.text.count(header.separator.encode()) != len(frame) * (len(header.names) - 1)


def _json_frame(block: Block, name: str, columns: Sequence[str]) -> Framed:
    """Parse objects into text, lists and objects too; null where there is none."""
    rows = cache(lambda: json_rows(block, name))
    try:
        frame = pl.read_ndjson(block.text, schema=dict.fromkeys(columns, pl.String))
    except pl.exceptions.PolarsError as error:
        rows()  # names the row
        raise InvalidInput(f"{name} must be JSON Lines, got others from row {block.first_row} on") from error
    return Framed(frame, _row_of(block, len(frame), lambda index: rows()[index]))


def _parquet_frames(path: Path, columns: Sequence[str]) -> Iterator[Framed]:
    lazy = pl.scan_parquet(path)
    n_rows = _of_parquet(path, lambda: lazy.select(pl.len()).collect().item())
    for start in range(0, n_rows, ROWS):
        part = lazy.select(columns).slice(start, ROWS)
        yield Framed(_of_parquet(path, part.collect), partial(operator.add, start + 1))


def _of_parquet(path: Path, read: Callable[[], Any]) -> Any:
    try:
        return read()
    except (pl.exceptions.PolarsError, OSError) as error:
        problem = str(error).splitlines()[0]
        raise InvalidInput(f"{path.name} must be a Parquet file that can be read: {problem}") from error


def _coded(series: pl.Series) -> Coded:
    if series.dtype in (pl.Categorical, pl.Enum):
        series = series.cast(pl.String)
    if series.dtype.is_nested() or series.dtype == pl.Null:
        return coded(series.to_list())
    if series.dtype == pl.String:
        known = series.cast(pl.Categorical(pl.Categories.random()))  # numbered from 0 as they first occur
        found, codes = known.drop_nulls().unique(), known.to_physical()
        values = found.gather(found.to_physical().arg_sort()).cast(pl.String).to_list()
    else:
        found = series.drop_nulls().unique()
        values = found.to_list()
        codes = series.replace_strict(found, np.arange(len(found)), default=None, return_dtype=pl.Int32)
    if codes.null_count():
        codes, values = codes.fill_null(len(values)), [*values, None]
    return Coded(values, codes.cast(pl.Int32).to_numpy())


def _seconds(series: pl.Series) -> pl.Series:
    """Read whole seconds, null where a value is none or has to be looked at."""
    if series.dtype.is_integer():
        return series.cast(pl.Int64, strict=False)
    if series.dtype == pl.Date:
        return series.cast(pl.Datetime("ms")).dt.epoch("s")
    if series.dtype == pl.Datetime:
        return series.dt.epoch("s")
    if series.dtype != pl.String:
        return pl.Series([None] * len(series), dtype=pl.Int64)
    times = series.cast(pl.Int64, strict=False)
    for form in DATES:
        if not times.null_count():
            break
        dates = series.str.strip_suffix("Z").str.to_datetime(form, time_unit="ms", strict=False)
        times = times.fill_null(dates.dt.epoch("s"))
    return times
