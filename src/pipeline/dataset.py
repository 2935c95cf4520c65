"""Ratings, and what is known of the movies, as one frozen value of arrays."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

HASHED = 1_000_000  # values that are copied at once to be hashed


@dataclass(frozen=True, eq=False)
class Dataset:
    """All that a model may learn from.

    Users, movies, genres and actors are indices from 0; users and movies are numbered in the order of
    their ids. Ratings are sorted by user, then time, then movie: equal data are equal arrays, whatever
    the source.
    """

    name: str
    users: NDArray[np.int32]  # (n_ratings,) user of each rating
    movies: NDArray[np.int32]  # (n_ratings,) movie of each rating
    ratings: NDArray[np.float64]  # (n_ratings,) y in [0, 1]: rating / the scale's maximum
    timestamps: NDArray[np.int64]  # (n_ratings,) seconds since 1970
    stars: float  # the scale's maximum, in the source's own unit
    user_ids: NDArray[np.str_]  # (n_users,) as the source writes them
    movie_ids: NDArray[np.str_]  # (n_movies,) as the source writes them
    titles: NDArray[np.str_]  # (n_movies,) empty where unknown
    years: NDArray[np.int32]  # (n_movies,) 0 where unknown
    genre_names: NDArray[np.str_]  # (n_genres,)
    genres: sparse.csr_array  # (n_movies, n_genres) 1 where the movie has the genre
    billing: sparse.csr_array  # (n_movies, n_actors) 1 for the first-billed actor, 2 for the second, …
    franchises: NDArray[np.int32]  # (n_movies,) number of the franchise, -1 where the movie has none

    @property
    def n_users(self) -> int:
        return len(self.user_ids)

    @property
    def n_movies(self) -> int:
        return len(self.movie_ids)

    @property
    def n_ratings(self) -> int:
        return len(self.ratings)

    @cached_property
    def fingerprint(self) -> str:
        """Hash everything that can change a number; 16 hexadecimal digits. The name is not part of it.

        Nor is the memory: equal texts are equal in columns of any width, equal numbers in any order of bytes
        that lie apart.
        """
        digest = hashlib.sha256()
        for field in fields(self):
            if field.name != "name":
                for array in _arrays_of(getattr(self, field.name)):
                    digest.update(f"{field.name} {array.dtype.kind} {array.shape}".encode())
                    for part in _parts(array):
                        digest.update(part)
        return digest.hexdigest()[:16]


def _arrays_of(value: object) -> list[NDArray[Any]]:
    if isinstance(value, sparse.csr_array):
        return [value.indptr, value.indices, value.data, np.asarray(value.shape)]
    return [np.asarray(value)]


def _parts(array: NDArray[Any]) -> Iterator[bytes]:
    """Give an array's bytes piece by piece, so that a large one is never copied whole."""
    flat = array.reshape(-1)
    if array.dtype.kind == "U":
        flat = flat.astype(f"<U{max(1, np.strings.str_len(flat).max(initial=1))}")
    for start in range(0, len(flat), HASHED):
        yield flat[start : start + HASHED].tobytes()
