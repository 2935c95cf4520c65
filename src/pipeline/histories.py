"""What a user rated, the newest first: older ratings say less of what comes next."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from pipeline.blocks import starts_of
from pipeline.dataset import Dataset
from pipeline.kept import once_per_training_set, shared_per_training_set
from pipeline.metrics import RELEVANT

# A rating whose weight has fallen below this is forgotten.
FORGOTTEN = 1e-3


def newer_ratings(users: NDArray[np.int32]) -> NDArray[np.intp]:
    """Count for each rating how many of its user's come after it: (n,), 0 for the newest.

    Args:
        users: (n,) user of each rating, sorted by user and then by time.

    """
    ends = np.searchsorted(users, users, side="right")
    return ends - 1 - np.arange(len(users))


def liked(dataset: Dataset, train: NDArray[np.bool_]) -> sparse.csr_array:
    """Mark the training ratings of y >= 0.8, which is what a ranking is asked for: (n_users, n_movies)."""
    chosen = train & (dataset.ratings >= RELEVANT)
    cells = dataset.users[chosen], dataset.movies[chosen]
    shape = (dataset.n_users, dataset.n_movies)
    return sparse.csr_array((np.ones(int(chosen.sum()), dtype=np.float32), cells), shape=shape)


@once_per_training_set
def recent(
    dataset: Dataset, train: NDArray[np.bool_], half_life: float, *, only_liked: bool
) -> sparse.csr_array:
    """Weigh a user's training ratings by how many newer ones there are: (n_users, n_movies) float32.

    Args:
        dataset: the data.
        train: (n_ratings,) mask of the ratings to learn from.
        half_life: newer ratings after which a rating counts half.
        only_liked: leave out ratings of y < 0.8; they count as newer ones all the same.

    """
    rated = _rated(dataset, train)
    weights = (0.5 ** (np.arange(rated.newer.max(initial=-1) + 1) / half_life))[rated.newer]
    told = (weights >= FORGOTTEN) & (rated.liked if only_liked else True)
    starts = np.append(0, np.cumsum(told))[rated.starts].astype(np.int32)
    cells = weights[told].astype(np.float32), rated.movies[told], starts
    return sparse.csr_array(cells, shape=(dataset.n_users, dataset.n_movies))


@dataclass(frozen=True, eq=False)
class Rated:
    """The n training ratings, sorted by user and movie, as a sparse matrix keeps them."""

    movies: NDArray[np.int32]  # (n,)
    newer: NDArray[np.intp]  # (n,) how many of the user's come after it
    liked: NDArray[np.bool_]  # (n,) y >= 0.8
    starts: NDArray[np.intp]  # (n_users + 1,) where each user's begin


@shared_per_training_set
def _rated(dataset: Dataset, train: NDArray[np.bool_]) -> Rated:
    users, movies, y = dataset.users[train], dataset.movies[train], dataset.ratings[train]
    order = np.lexsort((movies, users))
    starts = starts_of(users, dataset.n_users)
    return Rated(movies[order], newer_ratings(users)[order], y[order] >= RELEVANT, starts)
