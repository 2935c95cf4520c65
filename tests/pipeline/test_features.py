import numpy as np
import pytest
from tiny_data import tiny

from pipeline.features import features_of
from pipeline.kept import KEPT

DATASET = tiny(
    [(0, 0, 5, 0), (0, 1, 1, 1), (1, 0, 3, 0), (2, 2, 0, 0)],
    genres=["a", "b", "c", "a"],
    franchises=[0, 0, -1, 1],
    n_users=4,
)
ALL = np.ones(4, dtype=bool)


def test_the_rating_level_weighs_ratings_by_themselves() -> None:
    overall = (1 + 0.04 + 0.36) / (1 + 0.2 + 0.6)
    assert features_of(DATASET, ALL).rating_level == pytest.approx([1.04 / 1.2, 0.6, overall, overall])


def test_without_any_positive_rating_the_level_is_0() -> None:
    dataset = tiny([(0, 0, 0, 0)], genres=["a"], n_users=2)
    assert features_of(dataset, np.array([True])).rating_level.tolist() == [0, 0]


def test_the_mean_rating_starts_as_five_ratings_at_the_overall_mean() -> None:
    mean = (1 + 0.2 + 0.6 + 0) / 4
    expected = [(1.6 + 5 * mean) / 7, (0.2 + 5 * mean) / 6, 5 * mean / 6, mean]
    assert features_of(DATASET, ALL).mean_rating == pytest.approx(expected)


def test_the_count_share_is_logarithmic_and_full_at_999_ratings() -> None:
    counts = {0: 999, 1: 99, 2: 1200, 3: 0}
    ratings = [(u, m, 5, 0) for m, count in counts.items() for u in range(count)]
    dataset = tiny(ratings, genres=["a"] * 4)
    assert features_of(dataset, np.ones(len(ratings), dtype=bool)).count_share == pytest.approx(
        [1, 2 / 3, 1, 0]
    )


def test_a_franchise_is_known_by_any_of_its_films_whatever_the_rating() -> None:
    dataset = tiny([(0, 0, 0, 0), (1, 2, 5, 0)], genres=["a"] * 4, franchises=[0, 0, -1, 1], n_users=3)
    known = features_of(dataset, np.array([True, True])).franchise.toarray()
    assert known.tolist() == [[1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]


def test_a_rating_of_zero_stars_stays_a_rating() -> None:
    ratings = features_of(DATASET, ALL).ratings
    assert np.diff(ratings.indptr).tolist() == [2, 1, 1, 0]


def test_features_are_computed_once_and_few_are_kept() -> None:
    first = features_of(DATASET, ALL)
    assert features_of(DATASET, ALL.copy()) is first
    for left_out in range(KEPT):
        other = ALL.copy()
        other[left_out] = False
        assert features_of(DATASET, other) is not first
    assert features_of(DATASET, ALL) is not first


def test_a_dataset_of_the_same_name_is_not_taken_for_another() -> None:
    other = tiny([(0, 0, 1, 0)], genres=["a"])
    same_size = tiny([(0, 0, 2, 0)], genres=["a"])
    levels = [features_of(d, np.array([True])).rating_level[0] for d in (other, same_size)]
    assert levels == pytest.approx([0.2, 0.4])
