import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from pipeline.ranking import stored_cells, top_movies


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_the_best_movies_are_those_of_a_stable_sort(data: st.DataObject) -> None:
    n_users, n_movies = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 30))
    few_values = st.sampled_from([0.0, 0.25, 0.5, 0.5, 1.0]) | st.floats(0, 1, width=32)
    row = st.lists(few_values, min_size=n_movies, max_size=n_movies)
    scores = np.array(data.draw(st.lists(row, min_size=n_users, max_size=n_users)), dtype=np.float32)
    cells = st.tuples(st.integers(0, n_users - 1), st.integers(0, n_movies - 1))
    seen = data.draw(st.lists(cells, unique=True, max_size=40))
    n = data.draw(st.integers(0, 35))
    rows, columns = [user for user, _ in seen], [movie for _, movie in seen]
    stored = data.draw(st.lists(st.sampled_from([0.0, 1.0]), min_size=len(seen), max_size=len(seen)))
    excluded = sparse.csr_array((stored, (rows, columns)), shape=scores.shape)
    best = top_movies(scores.copy(), n, excluded)
    assert best.shape == (n_users, n)
    for user in range(n_users):
        order = np.argsort(-scores[user], kind="stable").tolist()
        expected = [movie for movie in order if (user, movie) not in set(seen)][:n]
        assert best[user].tolist() == expected + [-1] * (n - len(expected))


def test_a_movie_rated_zero_stars_is_excluded_too() -> None:
    excluded = sparse.csr_array(([0.0], ([0], [1])), shape=(1, 3))
    assert top_movies(np.array([[0.1, 0.9, 0.5]], dtype=np.float32), 2, excluded).tolist() == [[2, 0]]


def test_without_exclusions_the_scores_stay_as_they_are() -> None:
    scores = np.array([[0.3, 0.3, 0.1]], dtype=np.float32)
    before = scores.copy()
    assert top_movies(scores, 10).tolist() == [[0, 1, 2, *[-1] * 7]]
    np.testing.assert_array_equal(scores, before)


def test_a_score_of_0_can_be_recommended() -> None:
    assert top_movies(np.zeros((1, 2), dtype=np.float32), 2).tolist() == [[0, 1]]


@pytest.mark.parametrize("n_users", [0, 2])
def test_nothing_asked_for_is_nothing_found(n_users: int) -> None:
    assert top_movies(np.zeros((n_users, 3), dtype=np.float32), 0).shape == (n_users, 0)


def test_stored_cells_are_all_that_is_stored() -> None:
    matrix = sparse.csr_array(([0.0, 2.0], ([1, 1], [0, 2])), shape=(3, 3))
    rows, columns = stored_cells(matrix)
    assert (rows.tolist(), columns.tolist()) == ([1, 1], [0, 2])
