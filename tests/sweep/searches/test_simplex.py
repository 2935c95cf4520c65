"""Weights drawn from the simplex: every mix equally likely, and each mix has its coordinates."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from sweep.searches.simplex import coordinates, weights

units = st.floats(0, 1)


def draws(k: int, n: int = 4000) -> np.ndarray:
    """Draw (n, k) weights from uniform coordinates."""
    uniform = np.random.default_rng(1).uniform(size=(n, k))
    names = [str(i) for i in range(k)]
    return np.array([list(weights(dict(zip(names, row, strict=True))).values()) for row in uniform])


@pytest.mark.parametrize("k", [2, 4, 5])
def test_uniform_coordinates_give_every_mix_the_same_chance(k: int) -> None:
    """Dirichlet(1, …, 1) has margins Beta(1, k - 1); any two weights have covariance -1/k²(k+1)."""
    mixes = draws(k)
    for margin in mixes.T:
        assert stats.kstest(margin, stats.beta(1, k - 1).cdf).pvalue > 0.01
    assert mixes.mean(axis=0) == pytest.approx(np.full(k, 1 / k), abs=0.02)
    covariance = np.cov(mixes.T)[~np.eye(k, dtype=bool)]
    assert covariance == pytest.approx(np.full(k * (k - 1), -1 / (k * k * (k + 1))), abs=0.005)


def test_weights_that_are_merely_normalised_would_not_pass() -> None:
    uniform = np.random.default_rng(1).uniform(size=(4000, 5))
    crowded = uniform / uniform.sum(axis=1, keepdims=True)
    assert stats.kstest(crowded[:, 0], stats.beta(1, 4).cdf).pvalue < 1e-6


@given(st.dictionaries(st.sampled_from("abcdefgh"), units, min_size=1), st.floats(1e-6, 1))
def test_weights_are_shares_of_the_whole(drawn: dict[str, float], whole: float) -> None:
    shares = weights(drawn, whole)
    assert list(shares) == list(drawn)
    assert all(0 <= share <= whole + 1e-12 for share in shares.values())
    assert math.fsum(shares.values()) == pytest.approx(whole, abs=1e-11)


@given(st.dictionaries(st.sampled_from("abcdefgh"), units, min_size=1))
def test_coordinates_lead_back_to_the_mix(mix: dict[str, float]) -> None:
    total = sum(mix.values())
    assume(total > 1e-6)
    at = coordinates(mix)
    assert all(0 <= u < 1 for u in at.values())
    for name, share in weights(at).items():
        # A weight of 0 comes back as next to nothing: a coordinate has to lie inside its interval.
        assert share == pytest.approx(mix[name] / total, abs=2e-9)


def test_the_shipped_weights_come_back_to_twelve_digits() -> None:
    shipped = {"genre": 0.40, "cast": 0.15, "franchise": 0.05, "rating": 0.30, "popularity": 0.10}
    assert weights(coordinates(shipped)) == pytest.approx(shipped, abs=1e-12)


def test_all_at_an_edge_share_alike() -> None:
    assert weights({"a": 0.0, "b": 0.0}) == {"a": 0.5, "b": 0.5}
    assert weights({"a": 1.0, "b": 1.0}) == {"a": 0.5, "b": 0.5}
    assert weights(coordinates({"a": 0.0, "b": 0.0})) == {"a": 0.5, "b": 0.5}
    assert weights({"a": 0.3}, whole=0.58) == {"a": 0.58}
