"""What became of an arm's users since they were exposed, one number a user: users are what is counted."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from db.deployment.answers import Exposed
from deployment.ab_testing.assignment import Arm
from deployment.ab_testing.sequential import Moments, moments_of


@dataclass(frozen=True, eq=False)
class Outcomes:
    """One arm at one moment of looking, or at many: every array has the shape of the moments, () for one."""

    exposed: NDArray[np.float64]  # users who were exposed; the ratio of these is what the split decides
    accuracy: Moments  # of those who rated: share of a user's counted ratings answered within 0.2
    mean_rating: Moments  # of those who rated recommended movies: a user's mean rating of them, y in [0, 1]
    rating_rate: Moments  # of all exposed: ratings of a user since the exposure, 0 for none
    latency_ms: Moments  # of those who were timed: how long a user's recommendations took
    errors: Moments  # of all exposed: 1 for a user who was failed or given the champion instead


def outcomes_of(users: Iterable[Exposed], arm: Arm) -> Outcomes:
    """Sum up one arm's users, whatever they were shown in the end: who fell back stays in the arm."""
    of_arm = [user for user in users if user.arm == arm]
    tasted = [user.rating_of_recommended for user in of_arm if user.rating_of_recommended is not None]
    return Outcomes(
        exposed=np.asarray(float(len(of_arm))),
        accuracy=moments_of([user.hits / user.forecasts for user in of_arm if user.forecasts]),
        mean_rating=moments_of(tasted),
        rating_rate=counted(moments_of([user.ratings for user in of_arm])),
        latency_ms=moments_of([user.latency_ms for user in of_arm]),
        errors=share_of(sum(user.fell_back for user in of_arm), len(of_arm)),
    )


def counted(counts: Moments) -> Moments:
    """Take counts to vary at least as Poisson's do, of one more in all: equal ones are chance, too."""
    with np.errstate(divide="ignore"):
        least = counts.mean + 1 / counts.n
    return Moments(counts.n, counts.mean, np.where(counts.variance < least, least, counts.variance))


def share_of(count: ArrayLike, n: ArrayLike) -> Moments:
    """Take the moments of an event that `count` of n users had.

    The variance is that of two more users, one with the event and one without (Agresti & Coull 1998): none in
    a hundred is not never, and an interval without width would say so.
    """
    count, n = np.asarray(count, dtype=np.float64), np.asarray(n, dtype=np.float64)
    likely = (count + 1) / (n + 2)
    mean = np.where(n >= 1, count / np.maximum(n, 1), np.nan)
    return Moments(n, mean, np.where(n >= 2, likely * (1 - likely), np.nan))
