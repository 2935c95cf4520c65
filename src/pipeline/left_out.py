"""The training ratings, each with what the others say of it: what a regression on them may look at.

Whoever predicts a rating from a mean that holds it finds more than there is, and is disappointed by ratings
that were held out. So level, mean, count, franchise, cast and preference of each training rating are made
without it, in closed form. Genre similarity is not: leaving a movie out would rank the whole catalogue anew
for each rating, to turn a profile of dozens of movies by one. Nor are the overall mean and level, to which a
rating adds one part in n.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from pipeline.cast_pairs import cast_pairs
from pipeline.dataset import Dataset
from pipeline.features import count_share, damped_mean, features_of
from pipeline.kept import shared_per_training_set
from pipeline.preferences import GenreRatings, genre_ratings
from pipeline.ranking import stored_cells


@dataclass(frozen=True, eq=False)
class LeftOut:
    """The n training ratings, sorted by user, and what no hyperparameter touches of the others."""

    movies: NDArray[np.int32]  # (n,) movie of each training rating
    genres: GenreRatings
    genre_similarity: NDArray[np.float64]  # (n,) of user and movie; the one thing that its rating is part of
    rating_level: NDArray[np.float64]  # (n,) of the user's other ratings
    mean_rating: NDArray[np.float64]  # (n,) damped, of the movie's other ratings
    count_share: NDArray[np.float64]  # (n,) of the movie's other ratings
    other_films: NDArray[np.int64]  # (n,) that the user rated of the movie's franchise
    other_liking: NDArray[np.float64]  # (n,) the sum of their ratings
    liking: NDArray[np.float64]  # (n_cells,) sum of the ratings, for each stored cell of `Features.franchise`
    cast_pairs: sparse.csr_array | None  # the user's ratings that share actors, the rating among them


@shared_per_training_set
def left_out(dataset: Dataset, train: NDArray[np.bool_]) -> LeftOut:
    """Look at each training rating without it, at most once per process.

    Args:
        dataset: the data.
        train: (n_ratings,) mask of the ratings to learn from.

    """
    features = features_of(dataset, train)
    users, movies, y = dataset.users[train], dataset.movies[train], dataset.ratings[train]
    others = np.bincount(movies)[movies] - 1
    sums = np.bincount(movies, y)[movies] - y
    films, liked, liking = _franchises(dataset, train)
    return LeftOut(
        movies=movies,
        genres=genre_ratings(dataset, train, features.genres),
        genre_similarity=features.genres.similarity[users, features.genres.kind[movies]],
        rating_level=_levels(users, y),
        mean_rating=damped_mean(sums, others, float(y.mean())),
        count_share=count_share(others),
        other_films=films,
        other_liking=liked,
        liking=liking,
        cast_pairs=cast_pairs(dataset, train),
    )


def _levels(users: NDArray[np.int32], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Level of the user's other ratings, everybody's where they hold nothing: (n,)."""
    positive = np.bincount(users, y > 0)[users] - (y > 0)
    sums, squares = np.bincount(users, y)[users] - y, np.bincount(users, y * y)[users] - y * y
    overall = (y * y).sum() / y.sum() if y.sum() > 0 else 0.0
    level: NDArray[np.float64] = np.divide(squares, sums, out=np.full(len(y), overall), where=positive > 0)
    return level


def _franchises(
    dataset: Dataset, train: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Count the user's other films of each rating's franchise (n,), and add up the ratings of them (n,).

    The third is the sum of all the user's ratings of the franchise, for each stored cell of
    `Features.franchise`.
    """
    users, movies, y = dataset.users[train], dataset.movies[train], dataset.ratings[train]
    rated = dataset.franchises[movies] >= 0
    keys, place = np.unique(_keys(dataset, users[rated], movies[rated]), return_inverse=True)
    counts, sums = (
        np.bincount(place, minlength=len(keys)),
        np.bincount(place, y[rated], len(keys)).astype(np.float64),
    )
    films, liked = np.zeros(len(y), dtype=np.int64), np.zeros(len(y))
    films[rated] = counts[place] - 1
    liked[rated] = np.where(films[rated] > 0, sums[place] - y[rated], 0.0)
    known = _keys(dataset, *stored_cells(features_of(dataset, train).franchise))
    return films, liked, sums[np.searchsorted(keys, known)]


def _keys(dataset: Dataset, users: NDArray[np.integer], movies: NDArray[np.integer]) -> NDArray[np.int64]:
    """Number pairs of a user and a movie's franchise."""
    n_franchises = int(dataset.franchises.max(initial=-1)) + 1
    return np.asarray(users.astype(np.int64) * n_franchises + dataset.franchises[movies])
