"""Metrics over resamples of users: what intervals, and the price of picking the best, are made of.

Whole users are drawn, because the ratings of one user are not independent of each other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics import PerUser

# How many counts are held at once (8 MB): few enough for 50,000 users, enough for long matrix products.
CELLS = 2**20


@dataclass(frozen=True, eq=False)
class Terms:
    """One metric of several configurations: the mean over columns of sum(gains) / sum(sizes) over users."""

    gains: NDArray[np.float64]  # (n_users, n_configurations, n_columns)
    sizes: NDArray[np.float64]  # (n_users, n_columns) the same for all configurations

    @property
    def carriers(self) -> NDArray[np.bool_]:
        """Mark the users who count in the metric: (n_users,)."""
        return np.asarray(self.sizes.sum(axis=1) > 0)

    def over(self, counts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Take the metric over users who count several times, once or not at all.

        Columns that hold nothing are left out of the mean; 0 where all are empty.

        Args:
            counts: (n_resamples, n_users) how often each user counts.

        Returns:
            (n_resamples, n_configurations)

        """
        size = counts @ self.sizes
        shares = np.tensordot(counts, self.gains, axes=1) / np.maximum(size, 1)[:, None, :]
        return np.asarray(shares.sum(axis=2) / np.maximum((size > 0).sum(axis=1), 1)[:, None])

    def over_everybody(self) -> NDArray[np.float64]:
        """Take the metric over all users: (n_configurations,)."""
        return self.over(np.ones((1, len(self.sizes)))).ravel()


def terms_of(configurations: Sequence[PerUser], metric: str) -> Terms:
    """Write a metric of configurations, one at least, as sums over users.

    Args:
        configurations: each measured on the same held-out ratings.
        metric: accuracy, balanced_accuracy or ndcg.

    """
    gains, sizes = zip(*(_gain_and_size(one, metric) for one in configurations), strict=True)
    if any(not np.array_equal(size, sizes[0]) for size in sizes):
        raise ValueError(f"{metric} can be compared on the same held-out ratings only")
    return Terms(np.stack(gains, axis=1), sizes[0])


def resamples(n_users: int, n_resamples: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """Draw users with replacement; yield how often each is in each resample.

    The resamples come in blocks (n, n_users); how many there are to a block does not change them.
    """
    rng = np.random.default_rng(seed)
    in_a_block = max(1, CELLS // n_users)
    for start in range(0, n_resamples, in_a_block):
        n = min(in_a_block, n_resamples - start)
        drawn = rng.integers(n_users, size=(n, n_users)) + np.arange(n)[:, None] * n_users
        counts = np.bincount(drawn.ravel(), minlength=n * n_users)
        yield counts.reshape(n, n_users).astype(np.float64)


def _gain_and_size(per_user: PerUser, metric: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give one configuration's terms of a metric, both (n_users, n_columns)."""
    hits, ratings = per_user.hits.astype(np.float64), per_user.ratings.astype(np.float64)
    if metric == "accuracy":
        return hits.sum(axis=1, keepdims=True), ratings.sum(axis=1, keepdims=True)
    if metric == "balanced_accuracy":
        return hits, ratings
    if metric == "ndcg":
        undefined = np.isnan(per_user.ndcg)[:, None]
        return np.where(undefined, 0.0, per_user.ndcg[:, None]), 1.0 - undefined
    raise ValueError(f"metric must be accuracy, balanced_accuracy or ndcg, got {metric}")
