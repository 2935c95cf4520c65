import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from pipeline.movie_process import MovieProcesses, movie_processes


def stored(residuals: np.ndarray, rated: np.ndarray) -> sparse.csr_array:
    """Keep a cell for each rating, one of 0 too."""
    matrix = sparse.csr_array(rated.astype(float))
    matrix.data = residuals[rated]
    return matrix


class Drawn:
    """Users of random features who rated some movies; the last movie has no ratings."""

    def __init__(self, seed: int, n_users: int, n_movies: int, k: int) -> None:
        rng = np.random.default_rng(seed)
        self.features = rng.normal(size=(n_users, k))
        self.rated = rng.random((n_movies, n_users)) < 0.6
        self.rated[-1] = False
        self.residuals = rng.normal(0, 0.3, size=(n_movies, n_users)) * self.rated

    def fitted(self, rated: np.ndarray | None = None) -> MovieProcesses:
        return movie_processes(self.features, stored(self.residuals, self.rated if rated is None else rated))


drawn = st.builds(Drawn, st.integers(0, 10**6), st.integers(1, 8), st.integers(1, 5), st.integers(1, 4))


@given(drawn)
@settings(max_examples=60, deadline=None)
def test_predictions_are_those_of_a_process_over_users(case: Drawn) -> None:
    """The other side of the same regression: k(user, raters) (K + I)^-1 residuals."""
    found = case.fitted()
    kernel = case.features @ case.features.T
    users = np.arange(len(kernel))
    for movie, raters in enumerate(case.rated):
        among = kernel[np.ix_(raters, raters)] + np.eye(raters.sum())
        weights = np.linalg.solve(among, case.residuals[movie, raters])
        predicted = found.at(users, np.full(len(users), movie))
        np.testing.assert_allclose(predicted, kernel[:, raters] @ weights, rtol=0, atol=1e-9)


@given(drawn)
@settings(max_examples=40, deadline=None)
def test_a_prediction_without_a_rating_is_that_of_a_refit_without_it(case: Drawn) -> None:
    movies, users = np.nonzero(case.rated)
    found = case.fitted().without(users, movies, case.residuals[movies, users])
    for place, (movie, user) in enumerate(zip(movies, users, strict=True)):
        others = case.rated.copy()
        others[movie, user] = False
        refitted = case.fitted(others).at(np.array([user]), np.array([movie]))
        assert found[place] == pytest.approx(refitted[0], abs=1e-9)


def test_a_movie_without_ratings_deviates_by_nothing() -> None:
    case = Drawn(0, 6, 3, 2)
    assert case.fitted().weights[-1].tolist() == [0, 0]


def test_users_of_one_level_are_believed_by_their_number() -> None:
    # Of two ratings 0.3 above, 2 / 3 are believed; without one of them the half of the other.
    level = np.ones((2, 1))
    ratings = sparse.csr_array(np.array([[0.3, 0.3]]))
    found = movie_processes(level, ratings)
    one, movie = np.array([0]), np.array([0])
    assert found.at(one, movie).tolist() == pytest.approx([0.2])
    assert found.without(one, movie, np.array([0.3])).tolist() == pytest.approx([0.15])


def test_users_who_differ_think_apart() -> None:
    # Two kinds of users: the first likes the movie, the second does not.
    kinds = np.array([[2.0, 0], [2, 0], [0, 2], [0, 2], [2, 0], [0, 2]])
    ratings = np.array([[0.5, 0.5, -0.5, -0.5, 0, 0]])
    found = movie_processes(kinds, sparse.csr_array(ratings))
    likes, dislikes = found.at(np.array([4, 5]), np.array([0, 0]))
    assert likes == pytest.approx(-dislikes)
    assert likes > 0.4


def test_a_rating_that_leaves_nothing_to_explain_counts_as_a_rating() -> None:
    # One of two raters of one level is where all are: a third of the other's 0.3 is believed.
    ratings = stored(np.array([[0.3, 0.0]]), np.array([[True, True]]))
    found = movie_processes(np.ones((2, 1)), ratings)
    assert found.at(np.array([0]), np.array([0])).tolist() == pytest.approx([0.1])
