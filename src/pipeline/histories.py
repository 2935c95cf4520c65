"""What a user rated, the newest first: older ratings say less of what comes next."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from pipeline.dataset import Dataset
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
    users, movies, y = dataset.users[train], dataset.movies[train], dataset.ratings[train]
    weights = 0.5 ** (newer_ratings(users) / half_life)
    told = (weights >= FORGOTTEN) & ((y >= RELEVANT) if only_liked else True)
    cells = users[told], movies[told]
    shape = (dataset.n_users, dataset.n_movies)
    return sparse.csr_array((weights[told].astype(np.float32), cells), shape=shape)
