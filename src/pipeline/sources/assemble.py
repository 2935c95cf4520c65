"""Steps that every source shares: number the ids, order the ratings, lay genres and casts out as matrices."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


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
    """Return the order (n_ratings,) by user, then time, then movie."""
    return np.lexsort((movies, timestamps, users))


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
