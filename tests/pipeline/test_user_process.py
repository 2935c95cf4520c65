import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.user_process import Drift, UserProcesses, user_processes

NEAR = 1e-5  # of float32
NO_DRIFT = Drift(0.0, 1.0)


class Drawn:
    """Users with some ratings each, the first of them without any, of movies with a random kernel."""

    def __init__(self, seed: int, n_users: int, n_movies: int, drift: Drift) -> None:
        rng = np.random.default_rng(seed)
        counts = rng.integers(0, n_movies + 1, size=n_users)
        counts[0] = 0
        self.starts = np.concatenate(([0], np.cumsum(counts)))
        self.movies = np.concatenate([rng.permutation(n_movies)[:count] for count in counts]).astype(np.int32)
        self.residuals = rng.normal(0, 0.3, size=len(self.movies))
        root = rng.normal(size=(n_movies, 3))
        self.kernel = (root @ root.T / 3).astype(np.float32)
        self.drift = drift

    @property
    def users(self) -> list[slice]:
        return [slice(begin, end) for begin, end in zip(self.starts, self.starts[1:], strict=False)]

    def fitted(self) -> UserProcesses:
        return user_processes(self.starts, self.movies, self.residuals, self.kernel, self.drift)

    def covariance(self, movies: np.ndarray) -> np.ndarray:
        """Covariance of ratings in a row, without noise, in float64."""
        steps = np.arange(len(movies))
        wandering = self.drift.variance * 0.5 ** (np.abs(steps[:, None] - steps) / self.drift.half_life)
        return self.kernel.astype(np.float64)[np.ix_(movies, movies)] + wandering


drawn = st.builds(
    Drawn,
    st.integers(0, 10**6),
    st.integers(1, 4),
    st.integers(1, 12),
    st.builds(Drift, st.floats(0, 10), st.floats(1, 100)),
)


@given(drawn)
@settings(max_examples=60, deadline=None)
def test_weights_solve_the_equations_of_each_user(case: Drawn) -> None:
    found = case.fitted()
    assert found.weights.dtype == np.float32
    for own in case.users:
        covariance = case.covariance(case.movies[own])
        expected = np.linalg.solve(covariance + np.eye(len(covariance)), case.residuals[own])
        np.testing.assert_allclose(found.weights[own], expected, rtol=0, atol=NEAR)


@given(drawn)
@settings(max_examples=60, deadline=None)
def test_what_is_foretold_of_a_rating_is_what_a_refit_on_the_earlier_ones_predicts(case: Drawn) -> None:
    found = case.fitted()
    for own in case.users:
        covariance, e = case.covariance(case.movies[own]), case.residuals[own]
        for place in range(len(e)):
            weights = np.linalg.solve(covariance[:place, :place] + np.eye(place), e[:place])
            expected = covariance[place, :place] @ weights
            assert found.foretold[own][place] == pytest.approx(expected, abs=NEAR)


@given(drawn)
@settings(max_examples=40, deadline=None)
def test_where_the_level_wandered_is_what_the_last_ratings_say_of_the_one_after_them(case: Drawn) -> None:
    found = case.fitted()
    for user, own in enumerate(case.users):
        n = own.stop - own.start
        away = case.drift.variance * 0.5 ** ((n - np.arange(n)) / case.drift.half_life)
        assert found.drifted[user] == pytest.approx(away @ found.weights[own].astype(np.float64), abs=NEAR)


def test_whatever_a_rating_is_it_does_not_foretell_itself() -> None:
    case = Drawn(0, 3, 10, Drift(0.5, 5.0))
    before = case.fitted().foretold
    last = case.starts[-1] - 1
    case.residuals[last] += 1
    np.testing.assert_allclose(case.fitted().foretold, before, rtol=0, atol=NEAR)


def alone(residuals: list[float], variance: float, drift: Drift = NO_DRIFT) -> UserProcesses:
    """Let one user rate movies that are all the same to the user."""
    n = len(residuals)
    kernel = np.full((n, n), variance, dtype=np.float32)
    movies = np.arange(n, dtype=np.int32)
    return user_processes(np.array([0, n]), movies, np.array(residuals), kernel, drift)


def test_at_the_variance_of_the_noise_half_of_a_rating_is_believed() -> None:
    found = alone([0.4], variance=1.0)
    assert found.weights.tolist() == pytest.approx([0.2])
    assert found.foretold.tolist() == [0]


def test_the_mean_of_more_ratings_is_believed_more() -> None:
    # n / (n + 1) of the mean of n earlier ones.
    assert alone([0.3, 0.3, 0.3], variance=1.0).foretold.tolist() == pytest.approx([0, 0.15, 0.2])


def test_a_level_that_wanders_is_where_it_was_lately() -> None:
    rising = [-0.4] * 10 + [0.4] * 10
    steady = alone(rising, variance=1.0)
    wandering = alone(rising, variance=0.0, drift=Drift(1.0, 3.0))
    assert steady.drifted.tolist() == [0]
    assert steady.weights.sum() == pytest.approx(0, abs=1e-6)
    assert wandering.drifted[0] > 0.2
    assert wandering.foretold[9] < 0 < wandering.foretold[19]


def test_one_rating_is_forgotten_by_half_in_a_half_life() -> None:
    # Of one rating half is believed, and half of that a half-life, one rating, later.
    assert alone([0.4], variance=0.0, drift=Drift(1.0, 1.0)).drifted.tolist() == pytest.approx([0.1])


def test_without_users_ratings_or_drift_there_is_nothing() -> None:
    none = np.array([], dtype=np.int32)
    found = user_processes(
        np.zeros(3, dtype=np.intp), none, np.array([]), np.eye(2, dtype=np.float32), NO_DRIFT
    )
    assert found.weights.shape == found.foretold.shape == (0,)
    assert found.drifted.tolist() == [0, 0]
