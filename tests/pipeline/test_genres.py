import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_data import datasets, only, tiny

from pipeline.dataset import Dataset
from pipeline.features import features_of
from pipeline.genres import twice_mid_rank
from pipeline.recommender import Recommender


def similarity(dataset: Dataset) -> np.ndarray:
    """Genre similarity of all users and movies: (n_users, n_movies)."""
    fit = features_of(dataset, np.ones(dataset.n_ratings, dtype=bool)).genres
    return fit.similarity(np.arange(dataset.n_users))[:, fit.kind]


def mid_rank(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return twice_mid_rank(values, weights) / (2 * max(weights.sum(), 1))


def test_a_rank_is_the_share_below_and_half_of_the_share_that_ties() -> None:
    ranks = mid_rank(np.array([[0.1, 0.5, 0.5, 0.9]]), np.array([1, 1, 1, 1]))
    assert ranks.tolist() == [[0.125, 0.5, 0.5, 0.875]]


def test_a_column_counts_as_often_as_it_weighs() -> None:
    ranks = mid_rank(np.array([[0.1, 0.5, 0.9]]), np.array([2, 0, 6]))
    assert ranks.tolist() == [[0.125, 0.25, 0.625]]


def test_cosines_equal_to_nine_digits_tie() -> None:
    ranks = mid_rank(np.array([[0.3, 0.1 + 0.2, 0.3 + 1e-8]]), np.array([1, 1, 1]))
    assert ranks.tolist() == [[2 / 6, 2 / 6, 5 / 6]]


def test_without_weights_every_rank_is_0() -> None:
    assert mid_rank(np.array([[0.2, 0.4]]), np.array([0, 0])).tolist() == [[0, 0]]


@given(st.lists(st.lists(st.sampled_from([0, 0.25, 0.5, 1]), min_size=4, max_size=4), min_size=1, max_size=6))
@settings(max_examples=50, deadline=None)
def test_no_row_has_a_say_in_the_ranks_of_another(rows: list[list[float]]) -> None:
    weights = np.array([1, 2, 0, 3])
    together = mid_rank(np.array(rows, dtype=float), weights)
    alone = [mid_rank(np.array([row], dtype=float), weights)[0] for row in rows]
    np.testing.assert_array_equal(together, alone)
    np.testing.assert_allclose(together @ weights / weights.sum(), 0.5)


def test_similarity_spreads_over_the_whole_range_for_every_user() -> None:
    genres = ["a" * (movie % 2) + "b" * (movie // 2 % 2) + "c" * (movie // 4 % 2) for movie in range(1, 8)]
    dataset = tiny([(0, 0, 5, 0), (0, 1, 3, 0), (0, 3, 1, 0)], genres=genres)
    assert sorted(similarity(dataset)[0]) == pytest.approx([(2 * k + 1) / 14 for k in range(7)])


def test_the_genres_of_the_better_rated_movie_fit_better() -> None:
    dataset = tiny([(0, 0, 5, 0), (0, 1, 1, 0)], genres=["a", "b", "a", "b"])
    assert similarity(dataset).tolist() == [[0.75, 0.25, 0.75, 0.25]]


@pytest.mark.parametrize(
    ("ratings", "genres"),
    [
        ([(0, 0, 5, 0)], ["", "a"]),
        ([(0, 1, 0, 0)], ["a", "a"]),
        ([(0, 0, 5, 0)], ["", ""]),
        ([(1, 0, 5, 0)], ["a", "b"]),
    ],
    ids=["only a movie without genres", "only zero stars", "no genres at all", "no ratings"],
)
def test_of_an_unknown_taste_half_of_all_movies_fit_better_and_none_is_boosted(
    ratings: list[tuple[int, int, float, int]], genres: list[str]
) -> None:
    dataset = tiny(ratings, genres=genres)
    model = Recommender(only("genre_weight", genre_boost_low=-0.2)).fit(
        dataset, np.ones(dataset.n_ratings, dtype=bool)
    )
    parts = model.parts(np.array([0]))
    assert (parts["genre"] == 0.5).all()
    assert not parts["genre_boost"].any()


def test_a_movie_without_genres_is_in_the_middle_and_counts_in_nobody_elses_rank() -> None:
    assert similarity(tiny([(0, 0, 5, 0)], genres=["a", "b", "", ""])).tolist() == [[0.75, 0.25, 0.5, 0.5]]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_whoever_is_unknown_similarity_is_on_average_the_same(data: st.DataObject) -> None:
    dataset = data.draw(datasets())
    np.testing.assert_allclose(similarity(dataset).mean(axis=1), 0.5)


@pytest.mark.parametrize(
    ("low", "medium", "high", "boost"),
    [
        (0.0, 0.0, 0.75, 0.10),
        (0.0, 0.75, 0.75, 0.0),
        (0.75, 0.75, 0.75, 0.0),
        (0.0, 0.0, 0.7499, 0.15),
        (0.7501, 0.8, 0.8, -0.20),
    ],
)
def test_a_similarity_exactly_at_a_threshold_is_neither_above_nor_below(
    low: float, medium: float, high: float, boost: float
) -> None:
    dataset = tiny([(0, 0, 5, 0)], genres=["a", "b"])
    boosts = {"genre_boost_high": 0.15, "genre_boost_medium": 0.10, "genre_boost_low": -0.20}
    thresholds = {
        "genre_threshold_low": low,
        "genre_threshold_medium": medium,
        "genre_threshold_high": high,
    }
    model = Recommender(only("genre_weight", **boosts, **thresholds)).fit(dataset, np.array([True]))
    assert model.parts(np.array([0]))["genre_boost"][0, 0] == boost
