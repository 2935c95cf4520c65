"""Which difference of two means the data allow, at whatever moment one looks: a confidence sequence.

The interval of a fixed sample, looked at daily for a month, names a winner among two equal versions in more
than one of five tests. A confidence sequence holds the truth at all moments together with probability
1 - alpha, so that a test may be watched and stopped at any of them. Its price: it is half as wide again.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class Moments:
    """What is kept of one number a user: arrays of one shape, an element a moment of looking, () for one."""

    n: NDArray[np.float64]  # users
    mean: NDArray[np.float64]  # NaN for no user
    variance: NDArray[np.float64]  # between users, by n - 1; NaN for fewer than two


@dataclass(frozen=True, eq=False)
class Interval:
    """Challenger minus champion, and what it may be: arrays of the moments' shape, NaN where nothing is."""

    estimate: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def moments_of(numbers: ArrayLike) -> Moments:
    """Take the moments of one number a user (n,); one NaN among them makes mean and variance NaN."""
    values = np.asarray(numbers, dtype=np.float64)
    return moments_of_sums(np.asarray(len(values)), values.sum(), (values**2).sum())


def moments_of_sums(n: ArrayLike, total: ArrayLike, squares: ArrayLike) -> Moments:
    """Take moments from how many numbers there are, their sum and that of their squares, of one shape."""
    n, total, squares = (np.asarray(one, dtype=np.float64) for one in (n, total, squares))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(n >= 1, total / n, np.nan)
        spread = squares - n * mean**2
        # What rounding leaves of numbers that are all the same is no variance.
        variance = np.where(spread <= 1e-12 * squares, 0.0, spread / (n - 1))
    return Moments(n, mean, np.where(n >= 2, variance, np.nan))


def difference(champion: Moments, challenger: Moments, *, alpha: float, tuned_for: int) -> Interval:
    """Bound the challenger's mean minus the champion's at every moment together.

    The asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (2024, Annals of
    Statistics 52(6), arXiv 2103.06476), in the form in which GrowthBook computes it. It is asymptotic in the
    users of both arms, so that a verdict waits for a minimum of them.

    Args:
        champion: moments of its users.
        challenger: moments of its users, of the same shape.
        alpha: how often the sequence may ever leave the truth out.
        tuned_for: users of both arms at whom it is as narrow as can be; it holds at all others, too.

    Returns:
        NaN as ends where an arm has fewer than two users, users who are all the same, or an infinite number.

    """
    with np.errstate(invalid="ignore"):
        estimate = challenger.mean - champion.mean
    error = standard_error(champion, challenger)
    known = np.isfinite(error) & (champion.variance > 0) & (challenger.variance > 0)
    n = np.where(known, champion.n + challenger.n, 1.0)
    half = np.where(known, error * half_width(n, alpha, tuned_for), np.nan)
    return Interval(estimate, estimate - half, estimate + half)


def standard_error(champion: Moments, challenger: Moments) -> NDArray[np.float64]:
    """Estimate the standard error of a difference of means without equal variances (Welch 1947)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.sqrt(champion.variance / champion.n + challenger.variance / challenger.n))


def half_width(n: ArrayLike, alpha: float, tuned_for: int) -> NDArray[np.float64]:
    """Half the sequence's width in standard errors at n users of both arms; 1.96 in a fixed sample.

    With r = n rho^2 it is sqrt(2 (r + 1) log(sqrt(r + 1) / alpha) / r), equation 9 of the paper, and rho is
    what its appendix advises for `tuned_for` users. With so many it is 3.03 for alpha 0.05.
    """
    rarity = -2 * np.log(alpha)
    r = np.asarray(n, dtype=np.float64) * (rarity + np.log(rarity + 1)) / tuned_for
    return np.asarray(np.sqrt(2 * (r + 1) * np.log(np.sqrt(r + 1) / alpha) / r))
