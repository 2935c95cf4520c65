"""What became of an arm's users since they were exposed, one number a user: users are what is counted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deployment.ab_testing.sequential import Moments


@dataclass(frozen=True, eq=False)
class Outcomes:
    """One arm at one moment of looking, or at many: every array has the shape of the moments, () for one."""

    exposed: NDArray[np.float64]  # users who were exposed; the ratio of these is what the split decides
    accuracy: Moments  # of those who rated: share of a user's counted ratings answered within 0.2
    mean_rating: Moments  # of those who rated recommended movies: a user's mean rating of them, y in [0, 1]
    rating_rate: Moments  # of all exposed: ratings of a user since the exposure, 0 for none
    latency_ms: Moments  # of those who were timed: how long a user's recommendations took
    errors: Moments  # of all exposed: 1 for a user who was failed or given the champion instead


def share_of(count: ArrayLike, n: ArrayLike) -> Moments:
    """Take the moments of an event that `count` of n users had.

    The variance is that of two more users, one with the event and one without (Agresti & Coull 1998): none in
    a hundred is not never, and an interval without width would say so.
    """
    count, n = np.asarray(count, dtype=np.float64), np.asarray(n, dtype=np.float64)
    likely = (count + 1) / (n + 2)
    mean = np.where(n >= 1, count / np.maximum(n, 1), np.nan)
    return Moments(n, mean, np.where(n >= 2, likely * (1 - likely), np.nan))
