"""Planned users find the planned effect as often as was asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from deployment.ab_testing.planning import largest_variance, planned_users
from deployment.ab_testing.sequential import Moments, difference


def power_at(n: int, effect: float, variance: float, split: float, alpha: float) -> float:
    """Compute, with the sequence itself, how often its lower end is above 0 for n users of both arms."""
    arms = [
        Moments(np.asarray(n * share), np.asarray(mean), np.asarray(variance))
        for share, mean in ((1 - split, 0.0), (split, effect))
    ]
    found = difference(*arms, alpha=alpha, tuned_for=n)
    error = np.sqrt(variance / (n * split * (1 - split)))
    return float(stats.norm.cdf(found.low / error))


@given(
    st.floats(0.005, 0.3),
    st.floats(0.01, 0.25),
    st.floats(0.05, 0.95),
    st.sampled_from([0.01, 0.05, 0.1]),
    st.floats(0.5, 0.95),
)
def test_the_planned_sample_is_the_smallest_with_the_power(
    effect: float, variance: float, split: float, alpha: float, power: float
) -> None:
    n = planned_users(effect=effect, variance=variance, split=split, alpha=alpha, power=power)
    if n > 2:
        assert power_at(n, effect, variance, split, alpha) >= power - 1e-9
        assert power_at(n - 1, effect, variance, split, alpha) < power + 1e-9


def test_looking_at_any_time_costs_1_9_times_the_users_of_one_look() -> None:
    n = planned_users(effect=0.02, variance=0.09, split=0.5, alpha=0.05, power=0.8)
    one_look = 4 * 0.09 * ((stats.norm.isf(0.025) + stats.norm.ppf(0.8)) / 0.02) ** 2
    assert n / one_look == pytest.approx(1.92, abs=0.01)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_no_numbers_between_0_and_1_vary_more_than_those_that_are_0_or_1(numbers: list[float]) -> None:
    assert np.var(numbers) <= largest_variance(float(np.mean(numbers))) + 1e-12
