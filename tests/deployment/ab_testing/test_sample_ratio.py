"""The check of the arms' sizes is scipy's chi-square, and finds a faulty assignment."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from deployment.ab_testing.sample_ratio import BLOCKS_BELOW, sample_ratio_p


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.floats(0.01, 0.99))
def test_it_is_the_chi_square_test_of_scipy(champion: int, challenger: int, split: float) -> None:
    n = champion + challenger
    expected = np.array([n * (1 - split), n * split])
    found = float(sample_ratio_p(champion, challenger, split))
    if expected.min() < 5:
        assert found == 1.0
    else:
        observed = np.array([champion, challenger])
        assert found == pytest.approx(stats.chisquare(observed, expected).pvalue, rel=1e-6, abs=1e-300)


def test_nobody_is_no_fault() -> None:
    assert float(sample_ratio_p(0, 0, 0.5)) == 1.0
    assert float(sample_ratio_p(0, 1, 0.01)) == 1.0


def test_an_arm_without_anybody_is_one() -> None:
    assert float(sample_ratio_p(20, 0, 0.5)) < BLOCKS_BELOW


def blocked(share: float, n_users: int, n_tests: int) -> float:
    """Draw tests whose true share of challengers is another than the split of one half."""
    given = np.random.default_rng(3).binomial(n_users, share, n_tests)
    return float((sample_ratio_p(n_users - given, given, 0.5) < BLOCKS_BELOW).mean())


def test_a_fault_of_the_assignment_is_caught() -> None:
    assert blocked(0.53, 5_000, 1_000) >= 0.80
    assert blocked(0.52, 14_000, 1_000) >= 0.90
    assert blocked(0.50, 14_000, 1_000) <= 0.004


def test_sound_tests_looked_at_on_28_days_are_seldom_blocked() -> None:
    given = np.random.default_rng(4).binomial(250, 0.5, (2_000, 28)).cumsum(axis=1)
    shown = np.arange(1, 29) * 250
    blocked = (sample_ratio_p(shown - given, given, 0.5) < BLOCKS_BELOW).any(axis=1)
    assert blocked.mean() <= 0.02
