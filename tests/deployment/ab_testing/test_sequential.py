"""The confidence sequence is the published one, and its arms are those of Welch's test: bar A4."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from deployment.ab_testing.sequential import (
    difference,
    half_width,
    moments_of,
    moments_of_sums,
    standard_error,
)

# Made by gbstats 0.8.0 (numpy 1.26) of sums drawn at random, for which it is asked, absolute differences:
#   SequentialTwoSidedTTest(SampleMeanStatistic(n, sum, squares) of each arm,
#       SequentialConfig("absolute", alpha=…, sequential_tuning_parameter=tuned_for)).compute_result()
CASES = json.loads((Path(__file__).parent / "gbstats_sequences.json").read_text(encoding="utf-8"))

numbers = st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=30)


def test_there_are_enough_cases_of_gbstats() -> None:
    assert len(CASES) >= 20
    assert {case["alpha"] for case in CASES} == {0.001, 0.01, 0.05, 0.1}


@pytest.mark.parametrize("case", CASES)
def test_the_sequence_is_that_of_gbstats(case: dict[str, Any]) -> None:
    arms = [moments_of_sums(*case[arm]) for arm in ("champion", "challenger")]
    found = difference(*arms, alpha=case["alpha"], tuned_for=case["tuned_for"])
    expected = [case[name] for name in ("estimate", "low", "high")]
    assert [found.estimate, found.low, found.high] == pytest.approx(expected, abs=1e-8)


def test_many_moments_of_looking_are_each_as_one_alone() -> None:
    sums = [np.array([case[arm] for case in CASES]).T for arm in ("champion", "challenger")]
    together = difference(*(moments_of_sums(*one) for one in sums), alpha=0.05, tuned_for=5000)
    for place, case in enumerate(CASES):
        arms = [moments_of_sums(*case[arm]) for arm in ("champion", "challenger")]
        alone = difference(*arms, alpha=0.05, tuned_for=5000)
        assert (together.low[place], together.high[place]) == (alone.low, alone.high)


@given(numbers, numbers)
def test_moments_and_standard_error_are_those_of_welch(first: list[float], second: list[float]) -> None:
    one, other = moments_of(first), moments_of(second)
    assert float(one.mean) == pytest.approx(np.mean(first), abs=1e-9)
    assert float(one.variance) == pytest.approx(np.var(first, ddof=1), rel=1e-6, abs=1e-5)
    if np.ptp(first) < 1e-3 or np.ptp(second) < 1e-3:
        return
    welch = stats.ttest_ind(second, first, equal_var=False)
    z = (other.mean - one.mean) / standard_error(one, other)
    assert float(z) == pytest.approx(welch.statistic, rel=1e-6, abs=1e-9)


def test_the_width_at_the_sample_it_is_tuned_for_depends_on_alpha_alone() -> None:
    assert float(half_width(500, 0.05, tuned_for=500)) == pytest.approx(3.035, abs=0.001)
    assert float(half_width(9, 0.05, tuned_for=9)) == pytest.approx(3.035, abs=0.001)


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.1])
def test_no_other_tuning_is_narrower_by_one_percent(alpha: float) -> None:
    widths = [float(half_width(1000, alpha, tuned)) for tuned in range(100, 10_000, 50)]
    assert float(half_width(1000, alpha, tuned_for=1000)) < 1.01 * min(widths)


@given(st.integers(2, 10**7), st.floats(0.001, 0.2), st.integers(2, 10**7))
def test_a_sequence_is_never_as_narrow_as_the_interval_of_one_look(n: int, alpha: float, tuned: int) -> None:
    assert float(half_width(n, alpha, tuned)) > stats.norm.isf(alpha / 2)


def test_swapped_arms_turn_the_interval_around() -> None:
    one, other = moments_of([0.2, 0.4, 0.9]), moments_of([0.5, 0.8, 0.7, 0.1])
    there = difference(one, other, alpha=0.05, tuned_for=10)
    back = difference(other, one, alpha=0.05, tuned_for=10)
    assert (there.low, there.high) == (-back.high, -back.low)


@pytest.mark.parametrize(
    "numbers",
    [[], [0.5], [0.5, 0.5], [0.1] * 100, [0.2, float("nan")], [0.2, float("inf")]],
    ids=["nobody", "one", "equal", "many equal", "NaN", "infinite"],
)
def test_there_is_no_interval_where_an_arm_has_no_variance(numbers: list[float]) -> None:
    usual, other = moments_of([0.2, 0.4, 0.9]), moments_of(numbers)
    for arms in ((usual, other), (other, usual), (other, other)):
        found = difference(*arms, alpha=0.05, tuned_for=10)
        assert np.isnan([found.low, found.high]).all()


def test_nobody_has_no_mean_and_one_user_no_variance() -> None:
    nobody, one = moments_of([]), moments_of([0.5])
    assert (float(nobody.n), float(one.n), float(one.mean)) == (0, 1, 0.5)
    assert np.isnan([nobody.mean, nobody.variance, one.variance]).all()
