"""The ratings of a GroupLens release, from text to the columns of a Dataset, in memory that is bounded."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

import numpy as np
from numpy.typing import NDArray

from pipeline.parameters import InvalidInput
from pipeline.sources.assemble import LATEST, RatingColumns, distinct, in_order, rated_again
from pipeline.sources.gathering import latest_of, rows_by_users
from pipeline.sources.grouplens.delimited import Column, Table, read_blocks
from pipeline.sources.grouplens.movie_files import ID
from pipeline.sources.grouplens.release import Layout
from pipeline.sources.intake import Tally
from pipeline.sources.lines import in_column, in_row

STARS = 5.0
STEP = 0.5  # stars


@dataclass(frozen=True, eq=False)
class Gathered:
    """Ratings in the order of their file, 13 bytes each."""

    user_ids: NDArray[np.int64]  # (n_users,) ascending
    users: NDArray[np.int32]  # (n_ratings,) index into user_ids
    movies: NDArray[np.int32]  # (n_ratings,) index into the ids of the movies
    steps: NDArray[np.int8]  # (n_ratings,) half stars
    times: NDArray[np.uint32]  # (n_ratings,) seconds since 1970


@dataclass(frozen=True, eq=False)
class Linked:
    """Which movie of a catalogue each id of a file of ratings means; several may mean one."""

    ids: NDArray[np.int64]  # (n,) ascending
    movies: NDArray[np.int32]  # (n,) index into the catalogue


# Of ids (n,) and the number of the first one's row: index (n,) of each movie, -1 where the rating is dropped.
Number = Callable[[NDArray[np.int32], int], NDArray[np.int32]]


def read_ratings(
    file: IO[bytes], layout: Layout, movie_ids: NDArray[np.int64]
) -> tuple[NDArray[np.int64], RatingColumns]:
    """Return the ids of the users (n_users,) and the ratings in a Dataset's order.

    Args:
        file: at its beginning.
        layout: of the release.
        movie_ids: (n_movies,) ascending; a rating of another movie is refused.

    Raises:
        InvalidInput: with file, row and column of the first rating that is not as it must be.

    """
    table = _table(file, layout)
    gathered = _gather(file, table, lambda ids, row: _numbered(ids, movie_ids, layout, row))
    return gathered.user_ids, in_order(_parts(gathered, table, movie_ids), len(gathered.users))


def read_linked_ratings(
    file: IO[bytes], layout: Layout, linked: Linked, tally: Tally
) -> tuple[NDArray[np.int64], RatingColumns]:
    """Return the ids of the users (n_users,) and the ratings of linked movies in a Dataset's order.

    Ratings of other movies are dropped and counted. Of several ratings of a movie by one user the latest
    counts, of one moment the higher.

    Raises:
        InvalidInput: with file, row and column of the first rating that is not as it must be, or where
            none is left.

    """
    gathered = _gather(
        file, _table(file, layout), lambda ids, row: _numbered_or_dropped(ids, linked, layout, row, tally)
    )
    if not len(gathered.users):
        raise InvalidInput(f"{layout.ratings} must hold ratings of movies that are there, got none")
    n_users = len(gathered.user_ids)
    is_latest = latest_of(gathered.users, gathered.movies, gathered.times, gathered.steps, n_users)
    n_latest = int(is_latest.sum())
    dropped = len(gathered.users) - n_latest
    tally.drop("ratings", "of a movie that the user rated again later", count=dropped)
    kept = (rows[is_latest[rows]] for rows in rows_by_users(gathered.users, n_users))
    return gathered.user_ids, in_order((_columns(gathered, rows) for rows in kept), n_latest)


def _table(file: IO[bytes], layout: Layout) -> Table:
    return Table(layout.ratings, columns_of(layout), layout.separator, 1 + _skip_header(file, layout))


def _skip_header(file: IO[bytes], layout: Layout) -> int:
    """Read the line that names the columns, where there is one; return how many lines were read."""
    if not layout.has_header:
        return 0
    header = layout.separator.join(layout.columns)
    line = file.readline(1000).decode("utf-8-sig", errors="replace").rstrip("\r\n")
    if line != header:
        raise in_row(layout.ratings, 1, f"must be {header}, got {line[:80]!r}")
    return 1


def columns_of(layout: Layout) -> tuple[Column, ...]:
    """Say what must hold of each column of ratings."""
    user, movie, rating, time = layout.columns
    return (
        Column(user, np.int32, ID, lambda ids: ids >= 0),
        Column(movie, np.int32, ID, lambda ids: ids >= 0),
        Column(rating, np.float64, f"be {STEP:g} to {STARS:g} in half stars", _are_half_stars),
        Column(time, np.int64, f"be whole seconds since 1970, 0 to {LATEST}", _are_times),
    )


def _are_half_stars(stars: NDArray[np.float64]) -> NDArray[np.bool_]:
    steps = stars / STEP
    return np.asarray((steps >= 1) & (stars <= STARS) & (steps == np.floor(steps)))


def _are_times(times: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.asarray((times >= 0) & (times <= LATEST))


def _gather(file: IO[bytes], table: Table, number: Number) -> Gathered:
    ids: list[NDArray[np.int32]] = []
    movies: list[NDArray[np.int32]] = []
    steps: list[NDArray[np.int8]] = []
    times: list[NDArray[np.uint32]] = []
    for block in read_blocks(file, table):
        user, movie, stars, time = block.columns
        numbers = number(movie, block.first_row)
        kept = slice(None) if (numbers >= 0).all() else numbers >= 0
        ids.append(user[kept].copy())  # what is kept lets go of the block
        movies.append(numbers[kept])
        steps.append((stars[kept] / STEP).astype(np.int8))
        times.append(time[kept].astype(np.uint32))
    if not ids:
        raise InvalidInput(f"{table.file} must hold ratings, got none")
    user_ids = distinct(np.concatenate([distinct(some.astype(np.int64)) for some in ids]))
    users = np.concatenate([np.searchsorted(user_ids, some).astype(np.int32) for some in ids])
    return Gathered(user_ids, users, np.concatenate(movies), np.concatenate(steps), np.concatenate(times))


def _numbered(
    ids: NDArray[np.int32], movie_ids: NDArray[np.int64], layout: Layout, first_row: int
) -> NDArray[np.int32]:
    """Return the index of each movie; a release has no rating of a movie that it does not list."""
    places = np.searchsorted(movie_ids, ids)
    is_unknown = np.append(movie_ids, -1)[places] != ids
    if is_unknown.any():
        row = int(is_unknown.argmax())
        must = f"be a movie of {layout.movies}"
        raise in_column(layout.ratings, first_row + row, layout.columns[1], must, str(ids[row]))
    return places.astype(np.int32)


def _numbered_or_dropped(
    ids: NDArray[np.int32], linked: Linked, layout: Layout, first_row: int, tally: Tally
) -> NDArray[np.int32]:
    """Return the index of each movie, -1 for one that is not linked; count both."""
    places = np.searchsorted(linked.ids, ids)
    is_known = np.append(linked.ids, -1)[places] == ids
    tally.read("ratings", len(ids))
    if not is_known.all():
        row = int(is_known.argmin())
        example = f"{layout.ratings}, row {first_row + row}: {layout.columns[1]} {ids[row]}"
        tally.drop("ratings", "of movies that are not there", example, int((~is_known).sum()))
    return np.where(is_known, np.append(linked.movies, -1)[places], -1).astype(np.int32)


def _parts(gathered: Gathered, table: Table, movie_ids: NDArray[np.int64]) -> Iterator[RatingColumns]:
    """Take the ratings apart by users, each part small enough to be put in order."""
    for rows in rows_by_users(gathered.users, len(gathered.user_ids)):
        again = rated_again(gathered.users[rows], gathered.movies[rows])
        if len(again):
            raise _twice(gathered, again[0], table, movie_ids)
        yield _columns(gathered, rows)


def _columns(gathered: Gathered, rows: NDArray[np.intp]) -> RatingColumns:
    ratings = gathered.steps[rows] * np.float64(STEP) / STARS
    return RatingColumns(
        gathered.users[rows], gathered.movies[rows], ratings, gathered.times[rows].astype(np.int64)
    )


def _twice(
    gathered: Gathered, pair: NDArray[np.int64], table: Table, movie_ids: NDArray[np.int64]
) -> InvalidInput:
    """Say where a user rated a movie for the second time."""
    user, movie = pair
    rows = np.flatnonzero((gathered.users == user) & (gathered.movies == movie)) + table.first_row
    named = f"user {gathered.user_ids[user]} and movie {movie_ids[movie]}"
    problem = f"must be a user's only rating of a movie, got {named} as in row {rows[0]}"
    return in_row(table.file, int(rows[1]), problem)
