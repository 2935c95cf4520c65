"""What a model needs of the training ratings whatever its hyperparameters are: computed once, then shared."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from pipeline.cast import SharedCast, shared_cast
from pipeline.dataset import Dataset
from pipeline.genres import GenreFit, genre_fit
from pipeline.kept import shared_per_training_set

# A movie's mean rating starts as this many ratings at the global mean.
MEAN_DAMPING = 5
# Three powers of ten: a movie with 999 ratings or more has the full count share.
COUNT_DECADES = 3


@dataclass(frozen=True, eq=False)
class Features:
    """The parts of the score that no hyperparameter touches."""

    ratings: sparse.csr_array  # (n_users, n_movies) float32, y of the training ratings
    genres: GenreFit
    shared_cast: SharedCast
    franchise: sparse.csr_array  # (n_users, n_movies) 1 where the user rated a film of the movie's franchise
    rating_level: NDArray[np.float64]  # (n_users,) sum(y^2) / sum(y); the overall level for a cold user
    mean_rating: NDArray[np.float64]  # (n_movies,) damped mean rating in [0, 1]
    count_share: NDArray[np.float64]  # (n_movies,) min(1, log10(n + 1) / 3)

    @property
    def ratings_per_user(self) -> NDArray[np.int32]:
        """Count each user's training ratings, those of zero stars among them: (n_users,)."""
        return np.diff(self.ratings.indptr)


@shared_per_training_set
def features_of(dataset: Dataset, train: NDArray[np.bool_]) -> Features:
    """Return the features of the training ratings, computed at most once per process.

    Args:
        dataset: the data.
        train: (n_ratings,) mask of the ratings to learn from.

    """
    users, movies, y = dataset.users[train], dataset.movies[train], dataset.ratings[train]
    ratings = sparse.csr_array((y, (users, movies)), shape=(dataset.n_users, dataset.n_movies))
    counts = np.bincount(movies, minlength=dataset.n_movies)
    sums = np.bincount(movies, y, minlength=dataset.n_movies)
    return Features(
        ratings=ratings.astype(np.float32),
        genres=genre_fit(dataset, ratings),
        shared_cast=shared_cast(dataset),
        franchise=_franchise_known(dataset, users, movies),
        rating_level=_rating_level(users, y, dataset.n_users),
        mean_rating=damped_mean(sums, counts, float(y.mean())),
        count_share=count_share(counts),
    )


def damped_mean(sums: NDArray[np.number], counts: NDArray[np.integer], mean: float) -> NDArray[np.float64]:
    """Mean rating of each movie, drawn towards the overall mean where there are few ratings."""
    return np.asarray((sums + MEAN_DAMPING * mean) / (counts + MEAN_DAMPING))


def count_share(counts: NDArray[np.number]) -> NDArray[np.float64]:
    """Share of the logarithmic count that a movie with this many ratings has, at most 1."""
    return np.asarray(np.minimum(1.0, np.log10(counts + 1) / COUNT_DECADES))


def _rating_level(users: NDArray[np.int32], y: NDArray[np.float64], n_users: int) -> NDArray[np.float64]:
    """Mean rating weighted by the ratings themselves; a user without (positive) ratings gets everybody's."""
    sums, squares = np.bincount(users, y, n_users), np.bincount(users, y * y, n_users)
    overall = squares.sum() / sums.sum() if sums.sum() > 0 else 0.0
    level: NDArray[np.float64] = np.divide(squares, sums, out=np.full(n_users, overall), where=sums > 0)
    return level


def _franchise_known(
    dataset: Dataset, users: NDArray[np.int32], movies: NDArray[np.int32]
) -> sparse.csr_array:
    """Mark the movies of every franchise that a user rated a film of."""
    n_franchises = int(dataset.franchises.max(initial=-1)) + 1
    member = np.flatnonzero(dataset.franchises >= 0)
    films = sparse.csr_array(
        (np.ones(len(member), dtype=np.float32), (dataset.franchises[member], member)),
        shape=(n_franchises, dataset.n_movies),
    )
    rated = dataset.franchises[movies] >= 0
    known = sparse.csr_array(
        (np.ones(int(rated.sum()), dtype=np.float32), (users[rated], dataset.franchises[movies[rated]])),
        shape=(dataset.n_users, n_franchises),
    )
    marks = (known @ films).tocsr()
    marks.data = np.ones(marks.nnz, dtype=np.float32)
    marks.sort_indices()
    return marks
