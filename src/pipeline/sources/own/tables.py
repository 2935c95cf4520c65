"""A dataset of a user's own tables: movies, their casts, and the ratings."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset import Dataset
from pipeline.parameters import InvalidInput
from pipeline.sources.assemble import LATEST, numbers
from pipeline.sources.catalogue import Catalogue, Movie
from pipeline.sources.coding import Coded
from pipeline.sources.gathering import Gathering, Part
from pipeline.sources.intake import Intake, Tally
from pipeline.sources.own.casts import read_casts
from pipeline.sources.own.chunks import Chunk, Opened, complaint, parsed, parsed_values
from pipeline.sources.own.people import cast_in, genres_in
from pipeline.sources.own.settings import Layout, MovieNames, RatingNames
from pipeline.sources.own.values import id_of, name_of, rating_of, text_of, time_of, year_of
from pipeline.sources.titles import title_and_year

ONE_USER = "1"  # who gave all ratings where no column tells
NO_TIMES = "there are no times: of a user's ratings those of the first movies count as the earliest"


def check_names(opened: Opened, layout: Layout) -> None:
    """Refuse tables and columns that are not there.

    Raises:
        InvalidInput: with all of them at once.

    """
    asked = [
        ("ratings", layout.ratings_at, layout.ratings.columns),
        ("movies", layout.movies_at, layout.movies.columns),
    ]
    if layout.cast_at is not None:
        asked.append(("cast", layout.cast_at, layout.cast.columns))
    problems = [line for key, place, columns in asked for line in opened.problems(key, place, columns)]
    if problems:
        raise InvalidInput(problems)


def read_dataset(name: str, opened: Opened, layout: Layout, *, is_ordered: bool) -> tuple[Dataset, Intake]:
    """Read movies, casts and ratings.

    Args:
        name: of the source.
        opened: its tables.
        layout: which of them to read.
        is_ordered: whether rows have an order that says something, as those of a file.

    Raises:
        InvalidInput: with table, row and column of what is not as it must be.

    """
    check_names(opened, layout)
    tally = Tally()
    movies = read_movies(opened, layout.movies_at, layout.movies, tally)
    if layout.cast_at is not None:
        known = {movie.id for movie in movies}
        casts = read_casts(opened, layout.cast_at, layout.cast, known, tally, is_ordered=is_ordered)
        movies = [replace(movie, cast=casts.get(movie.id, ())) for movie in movies]
    catalogue = Catalogue.of(movies, franchises_from_titles=layout.franchises_from_titles, tally=tally)
    gathering = Gathering(opened.name(layout.ratings_at), numbers(catalogue.ids), tally)
    for part in rating_parts(opened, layout.ratings_at, layout.ratings, tally):
        gathering.add(part)
    gathered = gathering.finished(layout.scale)
    if layout.scale is None:
        tally.note(f"ratings are on a scale up to {gathered.stars:g}, the smallest usual one that holds them")
    if layout.ratings.timestamp is None:
        tally.note(NO_TIMES)
    dataset = catalogue.dataset(name, gathered.columns, gathered.user_ids, gathered.stars)
    return dataset, tally.closed()


def read_movies(opened: Opened, place: str, names: MovieNames, tally: Tally) -> list[Movie]:
    """Read the movies.

    Raises:
        InvalidInput: with table, row and column of what is not as it must be, an id that is there twice too.

    """
    name = opened.name(place)
    seen: dict[str, tuple[Chunk, int]] = {}
    movies: list[Movie] = []
    for chunk in opened.chunks(place, list(names.columns.values())):
        tally.read("movies", len(chunk))
        found = _movies_of(chunk, names, name)
        for index, movie in enumerate(found):
            first, at = seen.setdefault(movie.id, (chunk, index))
            if (first, at) != (chunk, index):
                must = f"be there once, as in row {first.row(at)}"
                raise complaint(name, chunk.row(index), names.id, must, movie.id)
        movies += found
    if not movies:
        raise InvalidInput(f"{name} must hold movies, got none")
    return movies


def _movies_of(chunk: Chunk, names: MovieNames, name: str) -> list[Movie]:
    n = len(chunk)
    ids = parsed(chunk, names.id, name, id_of)
    titles = parsed(chunk, names.title, name, text_of) if names.title else [""] * n
    if names.year:
        titled = list(zip(titles, parsed(chunk, names.year, name, year_of), strict=True))
    else:
        titled = [title_and_year(title) for title in titles]
    genres = (
        parsed(chunk, names.genres, name, lambda value: genres_in(value, names.separator))
        if names.genres
        else [[]] * n
    )
    casts = parsed(chunk, names.cast, name, cast_in) if names.cast else [[]] * n
    collections = parsed(chunk, names.collection, name, name_of) if names.collection else [None] * n
    rows = zip(ids, titled, genres, casts, collections, strict=True)
    return [
        Movie(id=movie_id, title=title, year=year, genres=its, cast=cast, collection=collection)
        for movie_id, (title, year), its, cast, collection in rows
    ]


def rating_parts(opened: Opened, place: str, names: RatingNames, tally: Tally) -> Iterator[Part]:
    """Read the ratings part by part; errors are those of `read_movies`."""
    name = opened.name(place)
    for chunk in opened.chunks(place, list(names.columns.values())):
        ratings = parsed_values(chunk, names.rating, name, rating_of)
        yield Part(
            users=_users(chunk, names, name),
            movies=parsed_values(chunk, names.movie, name, id_of),
            ratings=np.array(ratings.values, dtype=np.float64)[ratings.codes],
            times=_times(chunk, names.timestamp, name, tally),
            first_row=0,
            row_of=chunk.row,
        )


def _users(chunk: Chunk, names: RatingNames, name: str) -> Coded:
    if names.user is None:
        return Coded([ONE_USER], np.zeros(len(chunk), dtype=np.int32))
    return parsed_values(chunk, names.user, name, id_of)


def _times(chunk: Chunk, column: str | None, name: str, tally: Tally) -> NDArray[np.int64]:
    """Read the times (n,) in seconds; 0 where there is none, which is before all others."""
    if column is None:
        return np.zeros(len(chunk), dtype=np.int64)
    times, is_read = chunk.seconds(column)
    rest = np.flatnonzero(~is_read | (times < 0) | (times > LATEST))
    if not len(rest):
        return times
    found = parsed_values(chunk, column, name, time_of, rest)
    missing = np.array([value is None for value in found.values])[found.codes]
    count = int(missing.sum())
    if count:
        example = f"{name}, row {chunk.row(int(rest[missing.argmax()]))}"
        tally.mend("ratings", "without a time: taken for the earliest", example, count)
    times = times.copy()
    times[rest] = np.array([value or 0 for value in found.values], dtype=np.int64)[found.codes]
    return times
