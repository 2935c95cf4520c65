"""GroupLens releases in each of their layouts, written from a few rows or from a dataset."""

import dataclasses
import zipfile
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from pipeline.dataset import Dataset
from pipeline.sources.assemble import billing_matrix, genre_matrix
from pipeline.sources.grouplens.movie_files import GENRES_OF_100K

Rating = tuple[int | str, int | str, float, int]  # user, movie, stars, seconds
Movie = tuple[int | str, str, Sequence[str]]  # id, title with year, genres
Link = tuple[int | str, int | str, int | str]  # movie, id of IMDb, id of TMDB
Tag = tuple[int | str, int | str, str, int]  # user, movie, tag, seconds
# The keys beside the path, as conf/data/movielens.yaml has them.
KEYS = {"franchises_from_titles": True, "credits": None, "tag_users": None}
STYLES = ("ml-100k", "ml-1m", "ml-10m", "ml-25m")


def write_release(folder: Path, style: str, ratings: Iterable[Rating], movies: Iterable[Movie]) -> Path:
    """Write the two files that are read, in the style of a release of this name."""
    folder.mkdir(parents=True, exist_ok=True)
    {"ml-100k": _like_100k, "ml-1m": _like_1m, "ml-10m": _like_10m, "ml-25m": _like_25m}[style](
        folder, ratings, movies
    )
    return folder


def write_links(folder: Path, links: Iterable[Link]) -> None:
    """Write links.csv as later releases have it; an id of IMDb fills seven digits."""
    _write(
        folder / "links.csv",
        ["movieId,imdbId,tmdbId", *(f"{m},{imdb:0>7},{tmdb}" for m, imdb, tmdb in links)],
    )


def write_tags(folder: Path, tags: Iterable[Tag]) -> None:
    """Write tags.csv as later releases have it."""
    rows = (f"{user},{movie},{_quoted(tag)},{time}" for user, movie, tag, time in tags)
    _write(folder / "tags.csv", ["userId,movieId,tag,timestamp", *rows])


def zipped(folder: Path) -> Path:
    """Pack a folder as GroupLens does: everything inside a folder of its name."""
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{folder.name}/README.txt", "not read")
        for file in sorted(folder.iterdir()):
            archive.write(file, f"{folder.name}/{file.name}")
    return path


def as_released(dataset: Dataset) -> Dataset:
    """Leave out what a release cannot say: casts, franchises, genres of no movie."""
    nobody = np.empty(0, dtype=np.int64)
    names, matrix = genre_matrix(genres_of(dataset))
    return dataclasses.replace(
        dataset,
        genre_names=names,
        genres=matrix,
        billing=billing_matrix(nobody, nobody, (dataset.n_movies, 0)),
        franchises=np.full(dataset.n_movies, -1, dtype=np.int32),
    )


def rows_of(dataset: Dataset, seed: int = 0) -> tuple[list[Rating], list[Movie]]:
    """Take a dataset apart into rows, ratings in an order of chance."""
    order = np.random.default_rng(seed).permutation(dataset.n_ratings)
    users, movies = dataset.user_ids[dataset.users[order]], dataset.movie_ids[dataset.movies[order]]
    stars = np.rint(dataset.ratings[order] * dataset.stars * 2) / 2
    columns = (users.tolist(), movies.tolist(), stars.tolist(), dataset.timestamps[order].tolist())
    titled = zip(dataset.movie_ids.tolist(), dataset.titles.tolist(), dataset.years.tolist(), strict=True)
    listed = [
        (movie_id, f"{title} ({year})" if year else title, genres)
        for (movie_id, title, year), genres in zip(titled, genres_of(dataset), strict=True)
    ]
    return list(zip(*columns, strict=True)), listed


def genres_of(dataset: Dataset) -> list[list[str]]:
    """Name the genres of each movie."""
    names, starts = dataset.genre_names[dataset.genres.indices], dataset.genres.indptr
    return [names[begin:end].tolist() for begin, end in pairwise(starts)]


def _like_100k(folder: Path, ratings: Iterable[Rating], movies: Iterable[Movie]) -> None:
    rows = ["\t".join((str(u), str(m), f"{stars:g}", str(time))) for u, m, stars, time in ratings]
    items = [
        "|".join(
            [
                str(movie),
                title,
                "01-Jan-1995",
                "",
                "http://…",
                *("01"[name in genres] for name in GENRES_OF_100K),
            ]
        )
        for movie, title, genres in movies
    ]
    _write(folder / "u.data", rows)
    (folder / "u.item").write_bytes("".join(f"{item}\n" for item in items).replace("…", "").encode("latin-1"))


def _like_1m(folder: Path, ratings: Iterable[Rating], movies: Iterable[Movie]) -> None:
    _write(folder / "ratings.dat", [f"{u}::{m}::{stars:g}::{time}" for u, m, stars, time in ratings])
    items = "".join(f"{movie}::{title}::{'|'.join(genres)}\n" for movie, title, genres in movies)
    (folder / "movies.dat").write_bytes(items.encode("latin-1"))


def _like_10m(folder: Path, ratings: Iterable[Rating], movies: Iterable[Movie]) -> None:
    _like_1m(folder, ratings, movies)
    items = (folder / "movies.dat").read_bytes().decode("latin-1")
    (folder / "movies.dat").write_text(items, encoding="utf-8")


def _like_25m(folder: Path, ratings: Iterable[Rating], movies: Iterable[Movie]) -> None:
    header = "userId,movieId,rating,timestamp"
    _write(
        folder / "ratings.csv", [header, *(f"{u},{m},{stars:.1f},{time}" for u, m, stars, time in ratings)]
    )
    items = ["movieId,title,genres"]
    for movie, title, genres in movies:
        items.append(f"{movie},{_quoted(title)},{'|'.join(genres) or '(no genres listed)'}")
    _write(folder / "movies.csv", items)


def _quoted(text: str) -> str:
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if set(text) & {",", '"', "\n"} else text


def _write(path: Path, rows: Sequence[str]) -> None:
    path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
