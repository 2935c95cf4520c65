"""Metrics of predicted ratings and of rankings, kept per user first and averaged last."""

from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from pipeline.blocks import starts_of

TOLERANCE = 0.2 + 1e-9
RELEVANT = 0.8 - 1e-9
TOP = 10

# Higher is better for all but mae and rmse; None where a metric is not defined.
RATING_METRICS = ("accuracy", "balanced_accuracy", "mae", "rmse")
RANKING_METRICS = ("ndcg", "recall", "coverage")
METRICS = RATING_METRICS + RANKING_METRICS


@dataclass(frozen=True, eq=False)
class PerUser:
    """Counts and means of each user of a dataset; what intervals over users are made of."""

    ratings: NDArray[np.int32]  # (n_users, n_levels) held-out ratings at each rating level
    hits: NDArray[np.int32]  # (n_users, n_levels) of them predicted within the tolerance
    ndcg: NDArray[np.float64]  # (n_users,) NDCG@10, NaN for a user without a relevant movie
    recall: NDArray[np.float64]  # (n_users,) recall@10, NaN likewise
    ranking: NDArray[np.uint32]  # (n_users,) digest of the ten movies in their order, 0 without a ranking
    squares: NDArray[np.float64]  # (n_users,) sum of squared errors in stars, NaN where nothing is predicted
    fitted: NDArray[np.int32]  # (n_users,) ratings that the model was fitted on


@dataclass(frozen=True, eq=False)
class Measurement:
    """What one fitted model is worth on one held-out part."""

    metrics: dict[str, float | None]
    per_user: PerUser


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Held-out ratings, sorted by user."""

    users: NDArray[np.int32]  # (n,)
    movies: NDArray[np.int32]  # (n,)
    ratings: NDArray[np.float64]  # (n,) y in [0, 1]
    n_users: int
    n_movies: int
    stars: float  # the scale's maximum: turns errors in y into stars
    sample: NDArray[np.intp] | None = None  # users whose rankings are measured, ascending; None = all

    @property
    def ranked(self) -> NDArray[np.intp]:
        """Name the users whose rankings are measured, ascending."""
        return np.arange(self.n_users) if self.sample is None else self.sample

    @cached_property
    def starts(self) -> NDArray[np.intp]:
        """Find where each user's ratings begin, and where the last end: (n_users + 1,)."""
        return starts_of(self.users, self.n_users)

    @cached_property
    def level(self) -> NDArray[np.intp]:
        """Number each rating by its level, the lowest that occurs first: (n,)."""
        return np.unique(self.ratings, return_inverse=True)[1]

    @cached_property
    def per_level(self) -> NDArray[np.intp]:
        """Count the ratings of each level: (n_levels,)."""
        return np.bincount(self.level)

    @cached_property
    def relevant(self) -> NDArray[np.int64]:
        """List the pairs of y >= 0.8, each as user * n_movies + movie, ascending."""
        told = self.ratings >= RELEVANT
        return np.sort(self.users[told].astype(np.int64) * self.n_movies + self.movies[told])

    @cached_property
    def n_relevant(self) -> NDArray[np.intp]:
        """Count each user's relevant movies: (n_users,)."""
        return np.bincount(self.relevant // max(self.n_movies, 1), minlength=self.n_users)

    @cached_property
    def asked(self) -> NDArray[np.bool_]:
        """Which users have a held-out rating: (n_users,)."""
        return np.bincount(self.users, minlength=self.n_users) > 0

    def per_user_and_level(self, weights: NDArray[np.bool_] | None = None) -> NDArray[np.int32]:
        """Count ratings, or those that are true in `weights` (n,): (n_users, n_levels)."""
        n_levels = int(self.level.max(initial=-1)) + 1
        cell = self.users.astype(np.int64) * n_levels + self.level
        counts = np.bincount(cell, weights, minlength=self.n_users * n_levels)
        return counts.astype(np.int32).reshape(self.n_users, n_levels)


def rating_metrics(
    predicted: NDArray[np.float64], answered: NDArray[np.float64], held_out: HeldOut
) -> dict[str, float | None]:
    """Measure predicted ratings.

    accuracy: share of ratings with |answered - y| <= 0.2. balanced_accuracy: its mean over the rating levels
    that occur, so that the frequent levels do not decide alone. mae, rmse: errors in stars of what is
    predicted. No one number is best for a tolerance and for squared errors alike (Gneiting 2011), so that a
    model may predict one and answer another.

    Args:
        predicted: (n,) expected ratings in [0, 1].
        answered: (n,) the answers made of them, the same where nothing is decided.
        held_out: n ratings.

    """
    error = np.abs(predicted - held_out.ratings)
    hits = np.abs(answered - held_out.ratings) <= TOLERANCE
    by_level = np.bincount(held_out.level, hits) / held_out.per_level
    return {
        "accuracy": float(hits.mean()),
        "balanced_accuracy": float(by_level.mean()),
        "mae": float(error.mean() * held_out.stars),
        "rmse": float(np.sqrt((error**2).mean()) * held_out.stars),
    }


def hits_per_user(answered: NDArray[np.float64], held_out: HeldOut) -> NDArray[np.int32]:
    """Count each user's ratings answered within the tolerance: (n_users, n_levels)."""
    return held_out.per_user_and_level(np.abs(answered - held_out.ratings) <= TOLERANCE)


def squares_per_user(predicted: NDArray[np.float64], held_out: HeldOut) -> NDArray[np.float64]:
    """Add up each user's squared errors in stars: (n_users,), 0 for a user without held-out ratings."""
    error = (predicted - held_out.ratings) * held_out.stars
    return np.bincount(held_out.users, error**2, held_out.n_users).astype(np.float64, copy=False)


def ranking_per_user(
    best: NDArray[np.intp], held_out: HeldOut
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Measure rankings: NDCG@10 with binary gains (Järvelin & Kekäläinen 2002) and recall@10.

    A movie is relevant when the user's held-out rating is y >= 0.8. The ideal ranking has all relevant
    movies, ten at most, on top. Recall is the share of the user's relevant movies among the ten.

    Args:
        best: (len(held_out.ranked), 10) movie indices of the users ranked, best first, -1 for none.
        held_out: the ratings that decide what is relevant.

    Returns:
        (n_users,) NDCG@10 and (n_users,) recall@10, NaN for users without a relevant movie or a ranking.

    """
    ranked, wanted = held_out.ranked, np.append(held_out.relevant, np.iinfo(np.int64).max)
    n_relevant = held_out.n_relevant[ranked]
    offered = ranked[:, None] * held_out.n_movies + best
    hit = (wanted[np.searchsorted(wanted, offered)] == offered) & (best >= 0)
    discount = 1 / np.log2(np.arange(2, TOP + 2))
    ideal = np.concatenate(([np.nan], np.cumsum(discount)))[np.minimum(n_relevant, TOP)]
    found = np.where(n_relevant > 0, hit.sum(axis=1), np.nan)
    ndcg, recall = np.full((2, held_out.n_users), np.nan)
    ndcg[ranked], recall[ranked] = (hit @ discount) / ideal, found / np.maximum(n_relevant, 1)
    return ndcg, recall


def ranking_digests(best: NDArray[np.intp]) -> NDArray[np.uint32]:
    """Keep of each ranking what tells whether two are the same: CRC-32 of its movies as little-endian int32.

    Equal rankings have equal digests; two that differ share one in 1 of 4 billion cases.

    Args:
        best: (n, 10) movie indices, best first, -1 for none.

    """
    return np.array([crc32(row) for row in best.astype("<i4")], dtype=np.uint32)


def ranking_metrics(
    best: NDArray[np.intp], ndcg: NDArray[np.float64], recall: NDArray[np.float64], held_out: HeldOut
) -> dict[str, float | None]:
    """Average over users; coverage is the share of the catalogue in at least one held-out user's ten.

    Of a sample coverage is that of the users in it: the more are asked, the more is shown.
    """
    shown = best[held_out.asked[held_out.ranked]]
    n_shown = np.count_nonzero(np.bincount(shown[shown >= 0], minlength=1))
    return {
        "ndcg": mean_or_none(ndcg),
        "recall": mean_or_none(recall),
        "coverage": float(n_shown / held_out.n_movies),
    }


def mean_or_none(values: NDArray[np.float64]) -> float | None:
    """Average the defined values; None where there are none."""
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if len(defined) else None
