"""Ranking the full catalogue: sampled metrics order models wrongly (Krichene & Rendle, KDD 2020)."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from pipeline.kernels import compiled

# The score of what is not to be recommended.
SEEN = -1


def top_movies(
    scores: NDArray[np.float32], n: int, excluded: sparse.csr_array | None = None
) -> NDArray[np.intp]:
    """Find the n best movies of each user, best first; ties go to the lower movie index.

    Args:
        scores: (n_users, n_movies) at least 0. Excluded cells are overwritten.
        n: how many movies to find.
        excluded: (n_users, n_movies) stored cells are never recommended, whatever their value.

    Returns:
        (n_users, n) movie indices, -1 behind the last movie where fewer than n are left.

    """
    if excluded is not None:
        scores[stored_cells(excluded)] = SEEN
    best = np.full((len(scores), n), -1, dtype=np.intp)
    kernels = compiled(scores.size)
    if kernels is None:
        _rank(scores, best)
    elif n > 0:
        kernels.rank(scores, best)
    return best


def _rank(scores: NDArray[np.float32], best: NDArray[np.intp]) -> None:
    """Fill in the best movies of scores (n_users, n_movies), those below 0 left out: best (n_users, n)."""
    (n_users, n_movies), n = scores.shape, best.shape[1]
    kth = min(max(n_movies - n, 0), n_movies - 1)
    worst = np.partition(scores, kth, axis=1)[:, kth]
    # The movies at least as good as the n-th best: n of them, more where scores tie.
    users, movies = np.divmod(np.flatnonzero(scores >= np.maximum(worst, 0)[:, None]), n_movies)
    order = np.lexsort((movies, -scores[users, movies], users))
    users, movies = users[order], movies[order]
    counts = np.bincount(users, minlength=n_users)
    rank = np.arange(len(users)) - np.repeat(np.cumsum(counts) - counts, counts)
    kept = rank < n
    best[users[kept], rank[kept]] = movies[kept]


def stored_cells(
    matrix: sparse.csr_array, block: slice = slice(None)
) -> tuple[NDArray[np.intp], NDArray[np.integer]]:
    """Index the stored cells of a block of a sparse matrix's rows, zeros among them: (rows, columns)."""
    first, end, _ = block.indices(matrix.shape[0])
    starts = matrix.indptr[first : end + 1]
    rows = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    return rows, matrix.indices[starts[0] : starts[-1]]
