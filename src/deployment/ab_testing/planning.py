"""How many users a test needs to find the effect that it is made for."""

import math

from scipy.special import ndtri

from deployment.ab_testing.sequential import half_width


def planned_users(*, effect: float, variance: float, split: float, alpha: float, power: float) -> int:
    """Find the users of both arms at whom the sequence leaves 0 out with the power asked for.

    The difference found is normal around the effect; its standard error has to be small enough for the effect
    to lie half the sequence's width, at the sample it is tuned for, and the power's quantile beyond 0. At
    alpha 0.05 and power 0.8 this takes 1.9 times the users of a test that is looked at once.

    Args:
        effect: smallest difference of means worth finding.
        variance: of one number a user, between users.
        split: share of users who are given the challenger.
        alpha: how often a difference may be found where there is none.
        power: how often the effect is to be found.

    """
    # Tuned for the very sample asked about, the width in standard errors does not depend on it.
    error = effect / (float(half_width(1, alpha, tuned_for=1)) + float(ndtri(power)))
    return max(2, math.ceil(variance / (split * (1 - split)) / error**2))


def largest_variance(mean: float) -> float:
    """Bound the variance of numbers in [0, 1] by their mean: that of numbers that are all 0 or 1.

    What to plan with before anybody has rated; users who rate often differ less.
    """
    return mean * (1 - mean)
