import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_data import checkerboard, datasets, masks, tiny

from pipeline.dataset import Dataset
from pipeline.ease import ease_weights
from pipeline.metrics import RELEVANT

NEAR = 1e-5  # of float32, whose inverse may be as far from singular as the penalty is from the ratings


def textbook(dataset: Dataset, train: np.ndarray, penalty: float) -> np.ndarray:
    """Invert the whole Gram matrix, as in the paper: B = I - P diag(1 / diag P)."""
    x = np.zeros((dataset.n_users, dataset.n_movies))
    for user, movie, y, learnt in zip(dataset.users, dataset.movies, dataset.ratings, train, strict=True):
        x[user, movie] = learnt and y >= RELEVANT
    p = np.linalg.inv(x.T @ x + penalty * np.eye(dataset.n_movies))
    b = np.eye(dataset.n_movies) - p / np.diag(p)
    np.fill_diagonal(b, 0)
    return b


def random_ratings(n_users: int, n_movies: int) -> Dataset:
    rng = np.random.default_rng(n_users)
    cells = [(u, m) for u in range(n_users) for m in range(n_movies) if rng.random() < 0.4]
    return tiny([(u, m, float(rng.integers(1, 6)), 0) for u, m in cells], genres=["a"] * n_movies)


@given(st.data(), st.floats(1, 1000))
@settings(max_examples=60, deadline=None)
def test_weights_are_those_of_the_textbook(data: st.DataObject, penalty: float) -> None:
    dataset = data.draw(datasets())
    train = data.draw(masks(dataset))
    found = ease_weights(dataset, train, penalty)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, textbook(dataset, train, penalty), rtol=0, atol=NEAR)


@pytest.mark.parametrize("shape", [(12, 30), (30, 12), (20, 20)], ids=["movies", "users", "square"])
@pytest.mark.parametrize("penalty", [1.0, 50.0])
def test_they_are_with_fewer_users_than_movies_and_with_more(shape: tuple[int, int], penalty: float) -> None:
    dataset = random_ratings(*shape)
    train = np.arange(dataset.n_ratings) % 5 > 0
    found = ease_weights(dataset, train, penalty)
    np.testing.assert_allclose(found, textbook(dataset, train, penalty), rtol=0, atol=NEAR)


def test_two_movies_that_one_user_likes_speak_for_each_other() -> None:
    # X'X + 1 is [[2, 1], [1, 2]], its inverse [[2, -1], [-1, 2]] / 3; movie 2 was not liked.
    dataset = tiny([(0, 0, 5, 0), (0, 1, 4, 1), (0, 2, 3, 2)], genres=["a"] * 3)
    found = ease_weights(dataset, np.ones(3, dtype=bool), 1.0)
    np.testing.assert_allclose(found, [[0, 0.5, 0], [0.5, 0, 0], [0, 0, 0]], atol=1e-7)


def test_on_a_checkerboard_only_the_own_colour_speaks() -> None:
    board = checkerboard()
    found = ease_weights(board.dataset, board.train, 1.0)
    same = (np.arange(8)[:, None] + np.arange(8)) % 2 == 0
    np.fill_diagonal(same, False)
    assert (found[same] > 0.1).all()
    np.testing.assert_allclose(found[~same], 0, atol=1e-6)


def test_where_nothing_is_liked_nothing_speaks() -> None:
    dataset = tiny([(0, 0, 3, 0), (1, 1, 1, 0)], genres=["a"] * 3)
    assert not ease_weights(dataset, np.ones(2, dtype=bool), 1.0).any()


@pytest.mark.parametrize("seed", range(12))
def test_whoever_likes_what_nobody_else_likes_is_told_nothing_at_all(seed: int) -> None:
    """Not even what rounding says: stretched over [0, 1] it would be a recommendation."""
    rng = np.random.default_rng(seed)
    crowd, alone = 30, 20
    cells = [(u, m) for u in range(crowd) for m in range(25 + 2 * seed) if rng.random() < 0.3]
    n_movies = 25 + 2 * seed + alone
    cells += [(crowd + k, n_movies - alone + k) for k in range(alone)]
    place = rng.permutation(crowd + alone)
    dataset = tiny([(int(place[u]), m, 5, 0) for u, m in cells], genres=["a"] * n_movies)
    found = ease_weights(dataset, np.ones(dataset.n_ratings, dtype=bool), 250.0)
    assert not found[-alone:].any()
    assert found[:25].any(axis=1).all()


def test_a_stronger_penalty_says_less() -> None:
    dataset = random_ratings(20, 10)
    train = np.ones(dataset.n_ratings, dtype=bool)
    weak, strong = (np.abs(ease_weights(dataset, train, penalty)).sum() for penalty in (1.0, 100.0))
    assert strong < weak / 2
