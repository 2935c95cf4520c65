"""Metrics over resamples of users: what intervals, and the price of picking the best, are made of.

Whole users are drawn, because the ratings of one user are not independent of each other. Where they are many
they are drawn in bundles that chance made: the sum over a bundle varies as the sums over its users do, so
that intervals are as wide, and resampling costs no more than with as many users as there are bundles.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics import PerUser

# How many counts are held at once (8 MB): few enough for 50,000 users, enough for long matrix products.
CELLS = 2**20
# Users up to which each is drawn alone; as many bundles as this are made of more. The width of an interval is
# then known to 1 / sqrt(2 * 10,000), less than a hundredth.
MOST_UNITS = 10_000


@dataclass(frozen=True, eq=False)
class Terms:
    """One metric of several configurations: the mean over columns of sum(gains) / sum(sizes) over units.

    A unit is a user, or a bundle of users.
    """

    gains: NDArray[np.float64]  # (n_units, n_configurations, n_columns)
    sizes: NDArray[np.float64]  # (n_units, n_columns) the same for all configurations
    n_users: int  # who count in the metric

    @property
    def carriers(self) -> NDArray[np.bool_]:
        """Mark the units that count in the metric: (n_units,)."""
        return np.asarray(self.sizes.sum(axis=1) > 0)

    def over(self, counts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Take the metric over units that count several times, once or not at all.

        Columns that hold nothing are left out of the mean; 0 where all are empty.

        Args:
            counts: (n_resamples, n_units) how often each unit counts.

        Returns:
            (n_resamples, n_configurations)

        """
        size = counts @ self.sizes
        shares = np.tensordot(counts, self.gains, axes=1) / np.maximum(size, 1)[:, None, :]
        return np.asarray(shares.sum(axis=2) / np.maximum((size > 0).sum(axis=1), 1)[:, None])

    def over_everybody(self) -> NDArray[np.float64]:
        """Take the metric over all units: (n_configurations,)."""
        return self.over(np.ones((1, len(self.sizes)))).ravel()


def terms_of(configurations: Sequence[PerUser], metric: str) -> Terms:
    """Write a metric of configurations, one at least, as sums over users, or over bundles of them.

    Args:
        configurations: each measured on the same held-out ratings, and ranked for the same users.
        metric: accuracy, balanced_accuracy or ndcg.

    """
    of_all, gains = _gain_and_size(configurations[0], metric)[1], []
    for one in configurations:
        gain, size = _gain_and_size(one, metric)
        if not np.array_equal(size, of_all):
            raise ValueError(f"{metric} can be compared on the same held-out ratings only")
        gains.append(_in_bundles(gain))
    return Terms(np.stack(gains, axis=1), _in_bundles(of_all), int((of_all.sum(axis=1) > 0).sum()))


def _in_bundles(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add up what users (n_users, n_columns) have by bundle: (n_units, n_columns); themselves if few."""
    if len(values) <= MOST_UNITS:
        return values
    bundle = _bundle_of(len(values), MOST_UNITS)
    return np.stack([np.bincount(bundle, column, MOST_UNITS) for column in values.T], axis=1)


@lru_cache(maxsize=1)
def _bundle_of(n_users: int, n_bundles: int) -> NDArray[np.intp]:
    """Bundle users by chance, the same for all that is compared: (n_users,)."""
    return np.random.default_rng(n_users).permutation(n_users) % n_bundles


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
