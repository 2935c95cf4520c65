"""Steps that every source shares: number the ids, order the ratings, lay genres and casts out as matrices."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from pipeline.parameters import InvalidInput

CHUNK = 2_000_000  # ratings of whole users that are made or ordered at once: some 200 MB of work
SPAN = 2**32  # seconds, 136 years, within which a data set's ratings lie
LATEST = SPAN - 1  # seconds since 1970: the year 2106; a time in milliseconds lies beyond


@dataclass(frozen=True, eq=False)
class RatingColumns:
    """The four columns of ratings, as in a Dataset."""

    users: NDArray[np.int32]
    movies: NDArray[np.int32]
    ratings: NDArray[np.float64]
    timestamps: NDArray[np.int64]


def ordered(ids: Iterable[str]) -> NDArray[np.str_]:
    """Sort distinct ids as a Dataset numbers them: by value where all are integers, else as text."""
    distinct = set(ids)
    by_value = all(i.isdecimal() and i.isascii() for i in distinct)
    # Equal values ("7", "07") fall back on the text, so that the order never hangs on the set's.
    found = sorted(distinct, key=(lambda i: (int(i), i)) if by_value else None)
    return np.array(found, dtype=np.str_)


def numbers(ids: NDArray[np.str_]) -> dict[str, int]:
    """Give each id its place in the order."""
    return {str(name): index for index, name in enumerate(ids)}


def distinct(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sort and keep one of each; np.unique of numpy 2.4 hashes and took 40 times as long on 5M keys."""
    in_order = np.sort(values)
    return in_order[np.concatenate(([True], in_order[1:] != in_order[:-1]))] if len(values) else in_order


def rating_order(
    users: NDArray[np.integer], movies: NDArray[np.integer], timestamps: NDArray[np.int64]
) -> NDArray[np.intp]:
    """Return the order (n_ratings,) by user, then time, then movie; equal ones stay as they came.

    Two keys in one number each are sorted in a quarter of the time that np.lexsort takes.

    Raises:
        InvalidInput: where the times lie further apart than any in seconds do.

    """
    low, high = (int(timestamps.min()), int(timestamps.max())) if len(timestamps) else (0, 0)
    if high - low >= SPAN:
        raise InvalidInput(f"timestamps must be seconds within 136 years, got {low} to {high}")
    since = timestamps - low
    by_movie = np.argsort(joined(users, movies), kind="stable")
    by_time = np.argsort(joined(users[by_movie], since[by_movie]), kind="stable")
    return np.asarray(by_movie[by_time])


def joined(users: NDArray[np.integer], others: NDArray[np.integer]) -> NDArray[np.int64]:
    """Put two numbers below 2**31 and 2**32 into one that sorts as they do."""
    return np.asarray((users.astype(np.int64) << 32) | others)


def rated_again(users: NDArray[np.integer], movies: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the distinct pairs (n, 2) of user and movie that are there more than once."""
    pairs = np.sort(joined(users, movies))
    again = distinct(pairs[1:][pairs[1:] == pairs[:-1]])
    return np.stack([again >> 32, again & (SPAN - 1)], axis=1)


def shares(counts: NDArray[np.integer]) -> Iterator[slice]:
    """Cut users (n_users,) into runs of at most CHUNK ratings; one who has more is alone."""
    ends = np.cumsum(counts)
    first = 0
    while first < len(counts):
        before = ends[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(ends, before + CHUNK, side="right")))
        yield slice(first, last)
        first = last


def in_order(parts: Iterable[RatingColumns], n_ratings: int) -> RatingColumns:
    """Join parts of ratings, each of later users than the one before it, in the order of a Dataset.

    Only one part is held beside the columns (n_ratings,) that they fill.
    """
    whole = RatingColumns(
        np.empty(n_ratings, np.int32),
        np.empty(n_ratings, np.int32),
        np.empty(n_ratings, np.float64),
        np.empty(n_ratings, np.int64),
    )
    begin = 0
    for part in parts:
        order = rating_order(part.users, part.movies, part.timestamps)
        rows = slice(begin, begin + len(order))
        whole.users[rows], whole.movies[rows] = part.users[order], part.movies[order]
        whole.ratings[rows], whole.timestamps[rows] = part.ratings[order], part.timestamps[order]
        begin = rows.stop
    return whole


def genre_matrix(rows: Sequence[Sequence[str]]) -> tuple[NDArray[np.str_], sparse.csr_array]:
    """Return the sorted genre names and the matrix (n_movies, n_genres) of one list of genres a movie."""
    names = np.array(sorted({genre for row in rows for genre in row}), dtype=np.str_)
    column = numbers(names)
    movies = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    columns = np.array([column[genre] for row in rows for genre in row], dtype=np.int64)
    return names, indicator_matrix(movies, columns, (len(rows), len(names)))


def indicator_matrix(
    rows: NDArray[np.integer], columns: NDArray[np.integer], shape: tuple[int, int]
) -> sparse.csr_array:
    """Return the matrix with 1 at each of the places, which may repeat."""
    places = distinct(rows.astype(np.int64) * shape[1] + columns)
    return _sorted_csr(places, np.ones(len(places)), shape)


def billing_matrix(
    movies: NDArray[np.integer], actors: NDArray[np.integer], shape: tuple[int, int]
) -> sparse.csr_array:
    """Return the matrix (n_movies, n_actors) of billing positions, 1 for the first-billed.

    Credits of one movie stand in billing order, in any order of the movies. An actor credited twice in a
    movie keeps the first position.
    """
    places, first = np.unique(movies.astype(np.int64) * shape[1] + actors, return_index=True)
    owners = places // shape[1]
    in_order = np.lexsort((first, owners))
    starts = np.searchsorted(owners, owners)  # owners are sorted: where each credit's movie begins
    positions = np.empty(len(places))
    positions[in_order] = np.arange(len(places)) - starts + 1
    return _sorted_csr(places, positions, shape)


def _sorted_csr(
    places: NDArray[np.int64], values: NDArray[np.float64], shape: tuple[int, int]
) -> sparse.csr_array:
    """Build the matrix of sorted distinct places (row * width + column), with 32-bit indices always."""
    counts = np.bincount(places // max(shape[1], 1), minlength=shape[0])
    starts = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
    columns = (places % max(shape[1], 1)).astype(np.int32)
    return sparse.csr_array((values, columns, starts), shape=shape)


def franchise_numbers(groups: NDArray[np.integer]) -> NDArray[np.int32]:
    """Number the groups (n_movies,) of at least two movies by their first movie; -1 for every other movie.

    A group below 0 is no group. A franchise of one movie can relate no two movies, so it is none.
    """
    movies_in = np.bincount(groups[groups >= 0], minlength=1)
    shared = np.flatnonzero((groups >= 0) & (movies_in[groups] >= 2))
    result = np.full(len(groups), -1, dtype=np.int32)
    _, first, member_of = np.unique(groups[shared], return_index=True, return_inverse=True)
    result[shared] = np.argsort(np.argsort(first))[member_of]
    return result
