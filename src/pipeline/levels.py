"""The level of every movie and user: a regression on what is known of a movie, and damped deviations."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.dataset import Dataset
from pipeline.kept import once_per_training_set
from pipeline.kernels import compiled

# Rounds in which movies and users are told apart; the seventh would move no level by more than 0.002 stars.
ROUNDS = 6
# Ridge penalty of the regression, in movies known for certain.
PENALTY = 20.0
# A column that spreads less than this over the ratings is the same for all of them but for rounding.
CONSTANT = 1e-9


@dataclass(frozen=True, eq=False)
class Levels:
    """A rating is about mean + expected[movie] + movie[movie] + user[user]."""

    mean: float
    expected: NDArray[np.float64]  # (n_movies,) of a movie of its genres, year and number of ratings
    movie: NDArray[np.float64]  # (n_movies,) what it deviates from that, damped; 0 for a new movie
    user: NDArray[np.float64]  # (n_users,) damped; 0 for a new user


@once_per_training_set
def levels(dataset: Dataset, train: NDArray[np.bool_], movie_variance: float, user_variance: float) -> Levels:
    """Tell movies and users apart by turns (backfitting), each turn in closed form.

    A deviation is damped as its variance asks: its ratings' sum / (number + 1 / variance).

    Args:
        dataset: the data.
        train: (n_ratings,) mask of the ratings to learn from, at least one.
        movie_variance: of movies about what is expected of them, in variances of the noise, above 0.
        user_variance: of users about the mean, likewise.

    """
    users, movies, y = dataset.users[train], dataset.movies[train], dataset.ratings[train]
    n_of_movie, n_of_user = (
        np.bincount(movies, minlength=dataset.n_movies),
        np.bincount(users, minlength=dataset.n_users),
    )
    known = _known_of_movies(dataset, n_of_movie)
    # How sure a movie's mean is, less the noise of its ratings and what it may deviate by.
    certain = n_of_movie / (1 + movie_variance * n_of_movie)
    gram = (known * certain[:, None]).T @ known + PENALTY * np.eye(known.shape[1])
    mean, of_user = float(y.mean()), np.zeros(dataset.n_users)
    expected = of_movie = np.zeros(dataset.n_movies)
    for _ in range(ROUNDS):
        total = _sums_left(movies, users, y, mean, of_user, size=dataset.n_movies)
        means = total / np.maximum(n_of_movie, 1)
        expected = known @ np.linalg.solve(gram, known.T @ (certain * means))
        of_movie = (total - n_of_movie * expected) / (n_of_movie + 1 / movie_variance)
        rest = _sums_left(users, movies, y, mean, expected + of_movie, size=dataset.n_users)
        of_user = rest / (n_of_user + 1 / user_variance)
    return Levels(mean, expected, of_movie, of_user)


def _sums_left(
    index: NDArray[np.int32],
    by: NDArray[np.int32],
    y: NDArray[np.float64],
    mean: float,
    levels: NDArray[np.float64],
    *,
    size: int,
) -> NDArray[np.float64]:
    """Sum by index what the mean and levels, looked up by the other index, leave of ratings (n,): (size,)."""
    kernels = compiled(len(y))
    if kernels is not None:
        return np.asarray(kernels.sums_left(index, by, y, mean, levels, size))
    return np.bincount(index, y - mean - levels[by], size).astype(np.float64, copy=False)


def _known_of_movies(dataset: Dataset, n_ratings: NDArray[np.integer]) -> NDArray[np.float64]:
    """Line up what a movie's level is regressed on: (n_movies, n), of mean 0 and spread 1 over the ratings.

    The logarithmic number of ratings and its square, decades since the mean year and before it, genres. An
    unknown year is the mean one. What lies outside of all that was rated counts as its edge: of there a line
    knows nothing, and a movie without ratings is as unknown as the one with the fewest.
    """
    years = dataset.years.astype(np.float64)
    dated = years > 0
    mean_year = np.average(years[dated], weights=n_ratings[dated] + 1) if dated.any() else 0.0
    decades = np.where(dated, (years - mean_year) / 10, 0.0)
    count = np.log1p(n_ratings)
    columns = [count, count**2, decades, np.minimum(decades, 0) ** 2, *dataset.genres.toarray().T]
    known = np.stack(columns, axis=1).astype(np.float64)
    rated = known[n_ratings > 0]
    known = np.clip(known, rated.min(axis=0), rated.max(axis=0))
    weights = n_ratings / n_ratings.sum()
    centered = known - weights @ known
    spread = np.sqrt(weights @ centered**2)
    return np.asarray(centered / np.where(spread > CONSTANT, spread, 1))
