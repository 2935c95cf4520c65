"""A dataset written as somebody's own files or database, rows shuffled, and how it is asked for."""

import csv
import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import yaml
from releases import genres_of
from scipy import sparse

from pipeline.dataset import Dataset
from pipeline.sources.assemble import genre_matrix
from pipeline.sources.section import Data, read_section

CONF = Path(__file__).parents[1] / "conf" / "data"
COLUMNS = {
    "ratings": ("user_id", "movie_id", "rating", "timestamp"),
    "movies": ("movie_id", "title", "year", "genres", "collection"),
    "cast": ("movie_id", "actor_id", "position"),
}
KNOWN = (
    *("data.movies.year=year", "data.movies.collection=collection", "data.cast.position=position"),
    "data.franchises_from_titles=false",
)
Rows = list[tuple[Any, ...]]


def as_told(dataset: Dataset) -> Dataset:
    """Leave out what tables of rows cannot say: genres and actors of no movie."""
    names, genres = genre_matrix(genres_of(dataset))
    billing = dataset.billing
    used, columns = np.unique(billing.indices, return_inverse=True)
    shape = (dataset.n_movies, len(used))
    told = sparse.csr_array((billing.data, columns.astype(np.int32), billing.indptr), shape=shape)
    return replace(dataset, genre_names=names, genres=genres, billing=told)


def rows_of(dataset: Dataset, seed: int = 0) -> dict[str, Rows]:
    """Take a dataset apart into the rows of three tables."""
    rows = {"ratings": _ratings(dataset), "movies": _movies(dataset), "cast": _cast(dataset)}
    rng = np.random.default_rng(seed)
    return {name: [its[row] for row in rng.permutation(len(its))] for name, its in rows.items()}


def _ratings(dataset: Dataset) -> Rows:
    stars = np.rint(dataset.ratings * dataset.stars * 2) / 2
    users, movies = dataset.user_ids[dataset.users], dataset.movie_ids[dataset.movies]
    columns = (users.tolist(), movies.tolist(), stars.tolist(), dataset.timestamps.tolist())
    return list(zip(*columns, strict=True))


def _movies(dataset: Dataset) -> Rows:
    collections = [None if number < 0 else f"series {number}" for number in dataset.franchises.tolist()]
    years = [year or None for year in dataset.years.tolist()]
    genres = ["|".join(names) for names in genres_of(dataset)]
    columns = (dataset.movie_ids.tolist(), dataset.titles.tolist(), years, genres, collections)
    return list(zip(*columns, strict=True))


def _cast(dataset: Dataset) -> Rows:
    """Name the actors so that they are numbered as in the dataset."""
    billing = dataset.billing
    owners = np.repeat(dataset.movie_ids, np.diff(billing.indptr))
    actors = [f"nm{actor:07d}" for actor in billing.indices.tolist()]
    return list(zip(owners.tolist(), actors, billing.data.astype(int).tolist(), strict=True))


def write_csv(folder: Path, dataset: Dataset, seed: int = 0) -> list[str]:
    """Write CSV files; return what to type."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in rows_of(dataset, seed).items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows([COLUMNS[name], *rows])
    return ["data=csv", f"data.path={folder}", "data.cast.file=cast.csv", *KNOWN]


def write_json_lines(folder: Path, dataset: Dataset, seed: int = 0) -> list[str]:
    """Write JSON Lines, ids as numbers where they are some, genres as lists, times as ISO 8601."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in rows_of(dataset, seed).items():
        lines = [json.dumps(_as_json(dict(zip(COLUMNS[name], row, strict=True)))) for row in rows]
        (folder / f"{name}.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return _of_folder(folder, "jsonl")


def _as_json(row: dict[str, Any]) -> dict[str, Any]:
    return row | {
        **{key: _number(value) for key, value in row.items() if key in {"user_id", "movie_id"}},
        **({"genres": row["genres"].split("|") if row["genres"] else []} if "genres" in row else {}),
        **({"timestamp": _moment(row["timestamp"]).isoformat()} if "timestamp" in row else {}),
    }


def write_parquet(folder: Path, dataset: Dataset, seed: int = 0) -> list[str]:
    """Write Parquet, ids as numbers where they are some, genres as lists, times as moments."""
    import polars as pl  # noqa: PLC0415 - starts slowly

    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in rows_of(dataset, seed).items():
        frame = pl.DataFrame(rows, schema=COLUMNS[name], orient="row", infer_schema_length=None)
        ids = [one for one in ("user_id", "movie_id") if one in frame.columns]
        if all(str(row[COLUMNS[name].index(one)]).isdecimal() for row in rows for one in ids):
            frame = frame.with_columns(pl.col(ids).cast(pl.Int64))
        if name == "ratings":
            frame = frame.with_columns(pl.from_epoch("timestamp"))
        if name == "movies":
            genres = [row[3].split("|") if row[3] else [] for row in rows]
            frame = frame.with_columns(pl.Series("genres", genres, dtype=pl.List(pl.String)))
        frame.write_parquet(folder / f"{name}.parquet", row_group_size=1000)
    return _of_folder(folder, "parquet")


def _of_folder(folder: Path, ending: str) -> list[str]:
    files = [f"data.{name}.file={name}.{ending}" for name in COLUMNS]
    return ["data=csv", f"data.path={folder}", *files, *KNOWN]


def write_sqlite(path: Path, dataset: Dataset, seed: int = 0) -> list[str]:
    """Write a SQLite file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        for name, rows in rows_of(dataset, seed).items():
            names = COLUMNS[name]
            connection.execute(f"CREATE TABLE {name} ({', '.join(names)})")
            marks = ", ".join("?" * len(names))
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
    return ["data=sql", f"data.url=sqlite:///{path}", "data.cast.table=cast", *KNOWN]


def write_postgresql(url: str, dataset: Dataset, seed: int = 0) -> list[str]:
    """Write into an empty PostgreSQL database: ratings as NUMERIC, times as moments, genres as arrays."""
    types = {"rating": "NUMERIC(4, 1)", "timestamp": "TIMESTAMPTZ", "year": "INT", "position": "INT"}
    types["genres"] = "TEXT[]"
    with psycopg.connect(url.replace("+psycopg", "")) as connection, connection.cursor() as cursor:
        for name, rows in rows_of(dataset, seed).items():
            columns = ", ".join(f'"{one}" {types.get(one, "TEXT")}' for one in COLUMNS[name])
            cursor.execute(f'CREATE TABLE "{name}" ({columns})'.encode())
            with cursor.copy(f'COPY "{name}" FROM STDIN'.encode()) as copy:
                for row in rows:
                    copy.write_row(_as_postgresql(name, row))
    return ["data=sql", f"data.url={url}", "data.cast.table=cast", *KNOWN]


def _as_postgresql(name: str, row: Sequence[Any]) -> list[Any]:
    if name == "ratings":
        return [*row[:3], _moment(row[3])]
    if name == "movies":
        return [*row[:3], row[3].split("|") if row[3] else [], row[4]]
    return list(row)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _number(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


FILES: dict[str, Callable[[Path, Dataset, int], list[str]]] = {
    "csv": write_csv,
    "jsonl": write_json_lines,
    "parquet": write_parquet,
}


def asked(overrides: Sequence[str]) -> Data:
    """Read what is typed as a command would, without composing a config."""
    typed = dict(line.split("=", 1) for line in overrides)
    values = yaml.safe_load((CONF / f"{typed.pop('data')}.yaml").read_text(encoding="utf-8"))
    for key, value in typed.items():
        *sections, name = key.split(".")[1:]
        section = values
        for one in sections:
            section = section[one]
        section[name] = yaml.safe_load(value)
    return read_section(values)
