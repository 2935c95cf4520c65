import numpy as np
import pytest
from tiny_data import tiny

from pipeline.histories import liked, newer_ratings, recent

# User 0 rates 3, 1, 0 and 2 in this order of time; user 1 nothing; user 2 only movie 1.
ROWS = [(0, 3, 4, 0), (0, 1, 5, 1), (0, 0, 3, 2), (0, 2, 4, 3), (2, 1, 1, 9)]
EVERYTHING = np.ones(5, dtype=bool)


def weights(half_life: float, train: np.ndarray = EVERYTHING, *, only_liked: bool = False) -> np.ndarray:
    dataset = tiny(ROWS, genres=["a"] * 4, n_users=3)
    found = recent(dataset, train, half_life, only_liked=only_liked)
    assert found.dtype == np.float32
    return found.toarray()


def test_the_newest_rating_of_each_user_has_none_after_it() -> None:
    assert newer_ratings(np.array([0, 0, 0, 2, 5, 5], dtype=np.int32)).tolist() == [2, 1, 0, 0, 1, 0]
    assert newer_ratings(np.array([], dtype=np.int32)).tolist() == []


def test_a_rating_counts_half_as_much_as_the_one_a_half_life_later() -> None:
    assert weights(1.0).tolist() == [[0.5, 0.25, 1, 0.125], [0, 0, 0, 0], [0, 1, 0, 0]]
    np.testing.assert_allclose(weights(3.0)[0], 0.5 ** (np.array([1, 2, 0, 3]) / 3), rtol=1e-6)


def test_what_is_not_liked_is_left_out_and_makes_others_older_all_the_same() -> None:
    assert weights(1.0, only_liked=True).tolist() == [[0, 0.25, 1, 0.125], [0, 0, 0, 0], [0, 0, 0, 0]]


def test_a_rating_that_is_not_trained_makes_nothing_older() -> None:
    without_last = np.array([True, True, True, False, True])
    assert weights(1.0, without_last)[0].tolist() == [1, 0.5, 0, 0.25]


def test_what_is_ten_half_lives_old_is_forgotten() -> None:
    dataset = tiny([(0, movie, 5, movie) for movie in range(12)], genres=["a"] * 12)
    found = recent(dataset, np.ones(12, dtype=bool), 1.0, only_liked=False)
    # 0.5^9 is above a thousandth, 0.5^10 below.
    assert found.indices.tolist() == list(range(2, 12))


@pytest.mark.parametrize(("stars", "is_liked"), [(5, True), (4, True), (3.9, False), (0, False)])
def test_four_stars_of_five_are_liked(stars: float, is_liked: bool) -> None:
    dataset = tiny([(0, 0, stars, 0)], genres=["a", "a"])
    assert liked(dataset, np.array([True])).toarray().tolist() == [[float(is_liked), 0]]
    assert liked(dataset, np.array([False])).toarray().tolist() == [[0, 0]]
