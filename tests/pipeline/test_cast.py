import numpy as np
import pytest
from tiny_data import only, tiny

from pipeline.cast import billing_weights, cast_overlap, shared_cast
from pipeline.dataset import Dataset
from pipeline.hyperparameters import Phase1
from pipeline.recommender import Recommender

TWO_TIERS = Phase1(
    cast_lead_threshold=1,
    cast_supporting_threshold=2,
    cast_supporting_weight=0.5,
    cast_background_weight=0.25,
)


def movies(*cast: str) -> Dataset:
    return tiny([(0, 0, 5, 0)], genres=[""] * len(cast), cast=cast)


def overlap(hyperparameters: Phase1, *cast: str) -> np.ndarray:
    return cast_overlap(shared_cast(movies(*cast)), hyperparameters).toarray()


def test_positions_below_the_thresholds_are_lead_and_supporting() -> None:
    shared = shared_cast(movies("abcdefghijklmnopq"))
    assert billing_weights(shared, Phase1()).tolist() == [1.0] * 5 + [0.7] * 10 + [0.3] * 2
    equal = Phase1(cast_lead_threshold=3, cast_supporting_threshold=3)
    assert billing_weights(shared, equal).tolist() == [1.0] * 3 + [0.3] * 14
    nobody = Phase1(cast_lead_threshold=0, cast_supporting_threshold=0)
    assert billing_weights(shared, nobody).tolist() == [0.3] * 17


def test_a_shared_actor_counts_by_the_billing_on_both_sides() -> None:
    # b leads the second movie and supports in the first: 0.5 * 1 of 1 + 0.25, and of 1 + 0.25 + 0.0625.
    np.testing.assert_allclose(
        overlap(TWO_TIERS, "ab", "bcd"), [[1, 0.5 / 1.25], [0.5 / 1.3125, 1]], rtol=1e-6
    )


def test_a_movie_without_cast_overlaps_with_none() -> None:
    np.testing.assert_array_equal(overlap(TWO_TIERS, "a", "", "b"), [[1, 0, 0], [0, 0, 0], [0, 0, 1]])


def test_a_cast_without_weight_overlaps_with_none() -> None:
    silent = Phase1(cast_lead_weight=0, cast_lead_threshold=1)
    np.testing.assert_array_equal(overlap(silent, "a", "a"), [[0, 0], [0, 0]])
    mute = Phase1(cast_lead_weight=0, cast_supporting_weight=0, cast_background_weight=0)
    assert not overlap(mute, "abc", "cab").any()


def test_a_catalogue_without_any_cast_is_legal() -> None:
    assert overlap(Phase1(), "", "").tolist() == [[0, 0], [0, 0]]


def test_many_known_actors_are_worth_1_at_most() -> None:
    dataset = tiny([(0, 0, 5, 0), (0, 1, 5, 1)], genres=[""] * 3, cast=["a", "a", "ab"])
    parts = Recommender(only("cast_weight")).fit(dataset, np.array([True, True])).parts(np.array([0]))
    np.testing.assert_allclose(parts["cast"], [[1, 1, 1]])


def test_a_known_actor_is_worth_what_the_user_rated_the_film() -> None:
    dataset = tiny([(0, 0, 2, 0), (0, 1, 1, 1)], genres=[""] * 3, cast=["a", "b", "abc"])
    parts = Recommender(only("cast_weight")).fit(dataset, np.array([True, True])).parts(np.array([0]))
    np.testing.assert_allclose(parts["cast"], [[0.4, 0.2, (0.4 + 0.2) / 3]], rtol=1e-6)


@pytest.mark.parametrize("n_movies", [1, 2, 30])
def test_one_actor_of_all_movies_is_shared_by_all_pairs(n_movies: int) -> None:
    np.testing.assert_allclose(overlap(Phase1(), *["a"] * n_movies), np.ones((n_movies, n_movies)))
