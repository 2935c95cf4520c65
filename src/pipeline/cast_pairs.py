"""Which of a user's ratings are of movies that share actors: listed once, whatever actors weigh."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from pipeline.blocks import blocks_of, starts_of
from pipeline.cast import SharedCast
from pipeline.dataset import Dataset
from pipeline.features import features_of
from pipeline.kept import once_per_training_set

# Pairs of ratings that are kept, of 8 bytes each. Where there are more, nothing is.
MOST = 10_000_000


@once_per_training_set
def cast_pairs(dataset: Dataset, train: NDArray[np.bool_]) -> sparse.csr_array | None:
    """Line up for each training rating the user's ratings of movies with actors in common, itself included.

    Args:
        dataset: the data.
        train: (n_ratings,) mask of the n ratings to learn from.

    Returns:
        (n, n_cells) float32, the y of these ratings, each in the column of the stored cell of `cast_overlap`
        that weighs it: times the stored values it is what users know of the casts of the movies they rated.
        None where more than MOST pairs would be kept.

    """
    features, users, movies = features_of(dataset, train), dataset.users[train], dataset.movies[train]
    found: list[sparse.csr_array] = []
    starts, left = starts_of(users, dataset.n_users), MOST
    for block in blocks_of(dataset.n_users):
        inside = slice(starts[block.start], starts[block.stop])
        rated = features.ratings[block].toarray()
        found.append(_pairs_of(features.shared_cast, rated, users[inside] - block.start, movies[inside]))
        left -= found[-1].nnz
        if left < 0:
            return None
    return sparse.csr_array(sparse.vstack(found, format="csr"))


def _pairs_of(
    shared: SharedCast, rated: NDArray[np.float32], row: NDArray[np.int32], movies: NDArray[np.int32]
) -> sparse.csr_array:
    """Line up ratings (n,) of some users, by their rows in rated (n_users, n_movies): (n, n_cells)."""
    counts = np.diff(shared.indptr)[movies]
    ends = np.cumsum(counts, dtype=np.int64)
    rating = np.repeat(np.arange(len(movies)), counts)
    cell = np.arange(len(rating)) + np.repeat(shared.indptr[movies] - (ends - counts), counts)
    y = rated[row[rating], shared.indices[cell]]
    told = y > 0
    starts = np.append(0, np.cumsum(told))[np.append(0, ends)]
    cells = y[told], cell[told].astype(np.int32), starts.astype(np.int32)
    return sparse.csr_array(cells, shape=(len(movies), len(shared.indices)))
