"""What a user thinks of each genre: mean ratings beside the user's own mean, recent ratings first."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from pipeline.dataset import Dataset
from pipeline.genres import GenreFit
from pipeline.kernels import compiled

SECONDS_A_DAY = 86_400
# A deviation of a whole star of five is a full preference; a genre whose ratings spread as much counts half.
STEP = 0.2
SQUARED_STEP = STEP**2
# A genre with this many ratings has half of its preference, as a movie's mean is damped.
SHRINKAGE = 5
# What is left of a sum of weights where all of them were taken away again.
EMPTY = 1e-9


@dataclass(frozen=True, eq=False)
class GenreRatings:
    """The training ratings as preferences need them; no hyperparameter touches this."""

    users: NDArray[np.int32]  # (n,) user of each training rating
    y: NDArray[np.float64]  # (n,) its rating
    age: NDArray[np.float64]  # (n,) days before the user's last training rating
    row: NDArray[np.intp]  # (n_pairs,) training rating, once for each genre of its movie
    cell: NDArray[np.int64]  # (n_pairs,) user * n_genres + genre
    kind_genres: (
        sparse.csr_array
    )  # (n_kinds, n_genres) share of each genre in a kind of movie; rows sum to 1 or 0
    n_users: int

    @cached_property
    def n_genres_of_row(self) -> NDArray[np.intp]:
        """Count the genres of each training rating's movie: (n,)."""
        return np.bincount(self.row, minlength=len(self.users))

    @cached_property
    def starts(self) -> NDArray[np.intp]:
        """Say where the genres of each training rating's movie begin: (n + 1,)."""
        return np.append(0, np.cumsum(self.n_genres_of_row))

    @property
    def n_cells(self) -> int:
        """Count the cells: n_users * n_genres."""
        return self.n_users * int(self.kind_genres.shape[1])


@dataclass(frozen=True, eq=False)
class Preferences:
    """How much users like the genres of movies: 1 for a star of five or more above the own mean, -1 below."""

    of_kind: NDArray[np.float64]  # (n_users, n_kinds) in [-1, 1]; 0 for a cold user or a kind without genres
    left_out: NDArray[np.float64]  # (n,) of each training rating's movie, had the user not rated it


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums of w, w * y and w * y^2 over some ratings."""

    weight: NDArray[np.float64]
    rating: NDArray[np.float64]
    square: NDArray[np.float64]

    @staticmethod
    def of(index: NDArray[np.integer], w: NDArray[np.float64], y: NDArray[np.float64], size: int) -> "Sums":
        """Sum by index: (size,) each."""
        weight, rating, square = (
            np.bincount(index, part, size).astype(np.float64, copy=False) for part in (w, w * y, w * y * y)
        )
        return Sums(weight, rating, square)

    def at(self, index: Any) -> "Sums":
        return Sums(self.weight[index], self.rating[index], self.square[index])

    def without(self, w: NDArray[np.float64], y: NDArray[np.float64]) -> "Sums":
        return Sums(self.weight - w, self.rating - w * y, self.square - w * y * y)


def genre_ratings(dataset: Dataset, train: NDArray[np.bool_], genres: GenreFit) -> GenreRatings:
    """Lay out the training ratings by user and genre."""
    users, movies, times = dataset.users[train], dataset.movies[train], dataset.timestamps[train]
    last = np.full(dataset.n_users, np.iinfo(np.int64).min)
    np.maximum.at(last, users, times)
    of_movie = dataset.genres.tocsr()
    counts = np.diff(of_movie.indptr)[movies]
    row = np.repeat(np.arange(len(users)), counts)
    within = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    genre = of_movie.indices[of_movie.indptr[movies][row] + within]
    n_genres = dataset.genres.shape[1]
    return GenreRatings(
        users=users,
        y=dataset.ratings[train],
        age=(last[users] - times) / SECONDS_A_DAY,
        row=row,
        cell=users[row].astype(np.int64) * n_genres + genre,
        kind_genres=_shares(of_movie[np.unique(genres.kind, return_index=True)[1]]),
        n_users=dataset.n_users,
    )


def preferences(ratings: GenreRatings, half_life: float) -> Preferences:
    """Weigh each rating by 0.5^(age / half_life) and average what is thought of a movie's genres.

    With W, M and V the weight, mean and variance of the user's ratings of a genre, and m the user's own
    mean, all of them weighted, what the user thinks of the genre is

        clip((M - m) / STEP, -1, 1) * W / (W + SHRINKAGE) / (1 + V / STEP^2)

    so that few, old and contradictory ratings say little.
    """
    w = np.exp2(-ratings.age / half_life)
    own, by_genre = _sums(ratings, w)
    every = np.arange(ratings.n_cells).reshape(ratings.n_users, -1)
    taste = tastes(by_genre.at(every), own.at((slice(None), None)))
    of_row = _left_out(ratings, w, by_genre, own) / np.maximum(ratings.n_genres_of_row, 1)
    return Preferences(np.ascontiguousarray((ratings.kind_genres @ taste.T).T), of_row)


def _sums(ratings: GenreRatings, w: NDArray[np.float64]) -> tuple[Sums, Sums]:
    """Sum the ratings of each user: (n_users,) each; and by genre: (n_cells,) each."""
    users, cell, row, y = ratings.users, ratings.cell, ratings.row, ratings.y
    sizes = ratings.n_users, ratings.n_cells
    kernels = compiled(len(cell))
    if kernels is None:
        return Sums.of(users, w, y, sizes[0]), Sums.of(cell, w[row], y[row], sizes[1])
    own, by_genre = kernels.taste_sums(users, ratings.starts, cell, w, y, sizes)
    return Sums(*own), Sums(*by_genre)


def _left_out(
    ratings: GenreRatings, w: NDArray[np.float64], by_genre: Sums, own: Sums
) -> NDArray[np.float64]:
    """Add up what the user's other ratings say of the genres of each training rating's movie: (n,)."""
    cell, row, y, users = ratings.cell, ratings.row, ratings.y, ratings.users
    kernels = compiled(len(cell))
    if kernels is None:
        others = by_genre.at(cell).without(w[row], y[row])
        left_out = tastes(others, own.at(users[row]).without(w[row], y[row]))
        return np.bincount(row, left_out, len(y)).astype(np.float64, copy=False)
    sums = ((one.weight, one.rating, one.square) for one in (by_genre, own))
    return np.asarray(kernels.tastes_left_out(users, ratings.starts, cell, w, y, *sums))


def tastes(genre: Sums, own: Sums) -> NDArray[np.float64]:
    """Compare the ratings of genres with all ratings of their users; 0 where there are none."""
    known = genre.weight > EMPTY
    weight = np.where(known, genre.weight, 1.0)
    mean = genre.rating / weight
    variance = np.maximum(genre.square / weight - mean**2, 0)
    deviation = np.clip((mean - own.rating / np.maximum(own.weight, EMPTY)) / STEP, -1, 1)
    found = deviation * (weight / (weight + SHRINKAGE)) / (1 + variance / SQUARED_STEP)
    return np.where(known, found, 0.0)


def _shares(genres: sparse.csr_array) -> sparse.csr_array:
    """Divide each row by its sum; a row of nothing stays one."""
    shares = genres.astype(np.float64)
    shares.data /= np.repeat(np.asarray(shares.sum(axis=1)).ravel(), np.diff(shares.indptr))
    return shares
