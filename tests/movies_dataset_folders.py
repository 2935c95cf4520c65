"""Folders like The Movies Dataset's, written from a few rows or from a dataset."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from releases import genres_of

from pipeline.dataset import Dataset

METADATA = [
    *("adult", "belongs_to_collection", "budget", "genres", "homepage", "id", "imdb_id", "original_language"),
    *("original_title", "overview", "popularity", "poster_path", "production_companies"),
    *("production_countries", "release_date", "revenue", "runtime", "spoken_languages", "status", "tagline"),
    *("title", "video", "vote_average", "vote_count"),
]
CREDITS = ["cast", "crew", "id"]
LINKS = ["movieId", "imdbId", "tmdbId"]
RATINGS = ["userId", "movieId", "rating", "timestamp"]
FAR = 1_000_000  # what MovieLens ids lie above TMDB's, so that nobody takes one for the other

Line = Sequence[object] | str  # cells, or a line as it is to stand in the file


@dataclass
class Rows:
    """The rows of the four files."""

    films: list[Line]
    casts: list[Line]
    links: list[Line]
    ratings: list[Line]


def film(
    id_: object,
    title: str = "",
    year: int = 0,
    genres: Sequence[str] = (),
    collection: object = None,
    **others: str,
) -> list[str]:
    """Make the cells of a movie; `others` replaces cells by column."""
    named = {"id": collection, "name": f"It's the {collection} Collection", "poster_path": None}
    cells = dict.fromkeys(METADATA, "") | {
        "adult": "False",
        "belongs_to_collection": "" if collection is None else repr(named),
        "genres": repr([{"id": number, "name": name} for number, name in enumerate(genres)]),
        "id": str(id_),
        "original_title": title,
        "overview": 'A "film", and\na good one.',
        "release_date": f"{year:04d}-06-30" if year else "",
        "title": title,
        "video": "False",
        "vote_average": "6.1",
        "vote_count": "12",
    }
    return [cells[column] for column in METADATA] if not others else list((cells | others).values())


def member(actor: object, order: object) -> dict[str, Any]:
    """Make one entry of a cast."""
    return {
        "cast_id": 7,
        "character": 'Peter "the Pan" O\'Toole',
        "credit_id": "52fe4284c3a36847f8024f95",
        "gender": 2,
        "id": actor,
        "name": f"Actor {actor}",
        "order": order,
        "profile_path": None,
    }


def credit(movie: object, cast: Sequence[object]) -> list[object]:
    """Make the cells of a movie's credits; the cast is of actors in billing order, or of entries."""
    entries = [one if isinstance(one, dict) else member(one, order) for order, one in enumerate(cast)]
    return [repr(entries), repr([{"id": 1, "job": "Director", "name": "It's Me"}]), movie]


def write_table(path: Path, header: Sequence[str], lines: Iterable[Line]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for line in lines:
            if isinstance(line, str):
                file.write(f"{line}\n")
            else:
                writer.writerow(line)


def write_folder(
    folder: Path,
    films: Iterable[Line],
    credits_: Iterable[Line] = (),
    links: Iterable[Line] = (),
    ratings: Iterable[Line] = (),
    *,
    small: bool = False,
) -> Path:
    """Write the four files that are read, the latter two under their small names on request."""
    folder.mkdir(parents=True, exist_ok=True)
    size = "_small" if small else ""
    write_table(folder / "movies_metadata.csv", METADATA, films)
    write_table(folder / "credits.csv", CREDITS, credits_)
    write_table(folder / f"links{size}.csv", LINKS, links)
    write_table(folder / f"ratings{size}.csv", RATINGS, ratings)
    return folder


def broken(cells: Sequence[object], column: str) -> str:
    """Write a row of a movie as two lines, broken inside of a column that should have stood in quotes."""
    place = METADATA.index(column)
    return f"{csv_line(cells[: place + 1])}\n - Written by Ørnås,{csv_line(cells[place + 1 :])}"


def write_movies_dataset(folder: Path, dataset: Dataset, *, seed: int = 0) -> Path:
    """Write a dataset whose users and movies have numbers as ids, ratings in an order of chance."""
    rows = rows_of(dataset, seed)
    return write_folder(folder, rows.films, rows.casts, rows.links, rows.ratings)


def rows_of(dataset: Dataset, seed: int = 0) -> Rows:
    """Take a dataset apart; its movies' numbers are TMDB's ids, FAR above them are MovieLens's."""
    order = np.random.default_rng(seed).permutation(dataset.n_ratings)
    ids = [int(movie_id) for movie_id in dataset.movie_ids]
    franchises = [None if number < 0 else number + 10 for number in dataset.franchises.tolist()]
    described = zip(
        ids,
        dataset.titles.tolist(),
        dataset.years.tolist(),
        genres_of(dataset),
        franchises,
        strict=True,
    )
    films: list[Line] = [film(*one) for one in described]
    casts: list[Line] = [credit(movie, cast) for movie, cast in zip(ids, _casts_of(dataset), strict=True)]
    links: list[Line] = [(FAR + movie, f"{movie:07d}", movie) for movie in ids]
    rated = np.array(ids)[dataset.movies[order]] + FAR
    stars = np.rint(dataset.ratings[order] * dataset.stars * 2) / 2
    columns = (dataset.user_ids[dataset.users[order]], rated, stars, dataset.timestamps[order])
    return Rows(films, casts, links, list(zip(*(column.tolist() for column in columns), strict=True)))


def _casts_of(dataset: Dataset) -> list[list[int]]:
    """List each movie's actors, numbers from 1, in billing order."""
    billing = dataset.billing
    return [
        (billing.indices[begin:end][np.argsort(billing.data[begin:end])] + 1).tolist()
        for begin, end in pairwise(billing.indptr)
    ]


def csv_line(cells: Sequence[object]) -> str:
    """Write cells as they stand in a file, without an end of line."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()
