"""Ranking the full catalogue: sampled metrics order models wrongly (Krichene & Rendle, KDD 2020)."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


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
    n_users, n_movies = scores.shape
    if excluded is not None:
        scores[stored_cells(excluded)] = -1
    kth = min(max(n_movies - n, 0), n_movies - 1)
    worst = np.partition(scores, kth, axis=1)[:, kth]
    # The movies at least as good as the n-th best: n of them, more where scores tie.
    users, movies = np.divmod(np.flatnonzero(scores >= np.maximum(worst, 0)[:, None]), n_movies)
    order = np.lexsort((movies, -scores[users, movies], users))
    users, movies = users[order], movies[order]
    counts = np.bincount(users, minlength=n_users)
    rank = np.arange(len(users)) - np.repeat(np.cumsum(counts) - counts, counts)
    best = np.full((n_users, n), -1, dtype=np.intp)
    kept = rank < n
    best[users[kept], rank[kept]] = movies[kept]
    return best


def stored_cells(matrix: sparse.csr_array) -> tuple[NDArray[np.intp], NDArray[np.integer]]:
    """Index the stored cells of a sparse matrix, zeros among them: (rows, columns)."""
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    return rows, matrix.indices
