"""Is one configuration really better than another? Paired bootstrap over users."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.metrics import PerUser

RESAMPLES = 2000
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Difference:
    """What one configuration is ahead of another, with its 95% interval."""

    estimate: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """Name what the interval allows to say: better, worse or not distinguishable."""
        if self.low > 0:
            return "better"
        return "worse" if self.high < 0 else "not distinguishable"


def paired_differences(
    candidates: list[PerUser], baseline: PerUser, metric: str, seed: int = 0
) -> list[Difference]:
    """Compare configurations with a baseline on the same users.

    Users are resampled with replacement, the same resamples for all candidates; percentile interval
    (Efron & Tibshirani 1993, chapter 13). A user's ratings stay together, because they are not independent.

    Args:
        candidates: each measured on the same held-out ratings as the baseline.
        baseline: the configuration to be ahead of.
        metric: accuracy, balanced_accuracy or ndcg.
        seed: of the resampling.

    """
    counts = _resamples(len(baseline.ndcg), seed)
    reference, reference_resampled = _estimate(baseline, metric, counts)
    differences = []
    for candidate in candidates:
        value, resampled = _estimate(candidate, metric, counts)
        low, high = np.quantile(resampled - reference_resampled, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
        differences.append(Difference(value - reference, float(low), float(high)))
    return differences


def _resamples(n_users: int, seed: int) -> NDArray[np.float64]:
    """Draw how often each user is in each resample: (RESAMPLES, n_users)."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(n_users, size=(RESAMPLES, n_users)) + np.arange(RESAMPLES)[:, None] * n_users
    counts = np.bincount(drawn.ravel(), minlength=RESAMPLES * n_users)
    return counts.reshape(RESAMPLES, n_users).astype(np.float64)


def _estimate(
    per_user: PerUser, metric: str, counts: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """Return the metric over all users, and over each resample (RESAMPLES,)."""
    gain, size = _terms(per_user, metric)
    return float(_mean_share(gain.sum(axis=0), size.sum(axis=0))), _mean_share(counts @ gain, counts @ size)


def _mean_share(gain: NDArray[np.float64], size: NDArray[np.float64]) -> NDArray[np.float64]:
    """Average gain / size over the columns that hold anything, 0 where none does; both (…, n_columns)."""
    shares = gain / np.maximum(size, 1)
    return np.asarray(shares.sum(axis=-1) / np.maximum((size > 0).sum(axis=-1), 1))


def _terms(per_user: PerUser, metric: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Write a metric as the mean over columns of sum(gain) / sum(size); both (n_users, n_columns)."""
    if metric == "accuracy":
        return (
            per_user.hits.sum(axis=1, keepdims=True).astype(np.float64),
            per_user.ratings.sum(axis=1, keepdims=True).astype(np.float64),
        )
    if metric == "balanced_accuracy":
        return per_user.hits.astype(np.float64), per_user.ratings.astype(np.float64)
    if metric == "ndcg":
        defined = ~np.isnan(per_user.ndcg)
        return np.nan_to_num(per_user.ndcg)[:, None], defined[:, None].astype(np.float64)
    raise ValueError(f"no interval is defined for {metric}")
