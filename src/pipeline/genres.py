"""How well a movie's genres fit a user's taste, on a scale that thresholds can cut."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from pipeline.dataset import Dataset

# Cosines that differ by less than this are the same fit; summation order must not decide a rank.
COSINE_STEPS = 10**9
# What a user's similarities are on average: half of the movies fit better, half of them worse.
NEUTRAL = 0.5


@dataclass(frozen=True, eq=False)
class GenreFit:
    """Genre similarity by kind of movie: movies with equal genres share one column."""

    similarity: NDArray[np.float64]  # (n_users, n_kinds) in [0, 1]
    known: NDArray[np.bool_]  # (n_users, n_kinds) both the user's taste and the movie's genres are known
    kind: NDArray[np.intp]  # (n_movies,) column of each movie


def genre_fit(dataset: Dataset, ratings: sparse.csr_array) -> GenreFit:
    """Compare each user's rating-weighted genre profile with every kind of movie.

    The profile of a user is the sum of the genre vectors of the rated movies, each weighted by its rating.
    Similarity is the cosine's mid-rank within the catalogue: 0.7 says that the movie fits the user's taste
    better than 70% of all movies do. That spreads it evenly over [0, 1] for every user, while raw cosines
    crowd between 0.1 and 0.8 and leave fixed thresholds without a bite.

    Where the taste of a user or the genres of a movie are unknown, nothing is for or against the movie: its
    similarity is NEUTRAL and not `known`. So a newcomer's scores are as high as everybody's are on average,
    and in the order of what else is known of the movies.

    Args:
        dataset: with genres (n_movies, n_genres).
        ratings: (n_users, n_movies) training ratings y.

    """
    kinds, kind, sizes = np.unique(dataset.genres.toarray(), axis=0, return_inverse=True, return_counts=True)
    profile = ratings @ dataset.genres.toarray().astype(np.float64)
    lengths = np.linalg.norm(profile, axis=1)[:, None] * np.linalg.norm(kinds, axis=1)[None, :]
    known = lengths > 0
    cosine = np.divide(profile @ kinds.T, lengths, out=np.zeros_like(lengths), where=known)
    weights = np.where(kinds.any(axis=1), sizes, 0)
    return GenreFit(np.where(known, mid_rank(cosine, weights), NEUTRAL), known, kind.ravel())


def mid_rank(values: NDArray[np.float64], weights: NDArray[np.int64]) -> NDArray[np.float64]:
    """Rank each row's values within (0, 1): the share of weight below plus half of the share that ties.

    Args:
        values: (n_rows, n_columns) in [0, 1]; ties within 1e-9.
        weights: (n_columns,) how often each column counts.

    Returns:
        (n_rows, n_columns); all 0 where the weights are all 0.

    """
    rows = np.arange(len(values), dtype=np.int64)[:, None]
    keys = (rows * (2 * COSINE_STEPS) + np.rint(values * COSINE_STEPS).astype(np.int64)).ravel()
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    total = int(weights.sum())
    below = np.concatenate(([0], np.cumsum(np.broadcast_to(weights, values.shape).ravel()[order])))
    low = below[np.searchsorted(ordered, keys, side="left")]
    high = below[np.searchsorted(ordered, keys, side="right")]
    middle = ((low + high) / 2).reshape(values.shape)
    return (middle - rows * total) / max(total, 1)
