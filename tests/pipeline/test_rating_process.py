import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_data import datasets, legal_hyperparameters, masks, tiny

from pipeline.hyperparameters import Phase3
from pipeline.likeness import likeness
from pipeline.rating_process import Rows, Variances, fit_rating_process
from pipeline.user_process import Drift


def variances(**some: float) -> Variances:
    """Believe in nothing but what is named."""
    nothing = dict.fromkeys(("level", "genre", "era", "neighbour", "movie_level", "movie_neighbour"), 0.001)
    return Variances(**(nothing | some), drift=Drift(0.0, 1.0), patterns=0.0)


def test_the_last_quarter_of_each_users_ratings_is_late() -> None:
    # Users of four, three, no and nine ratings: from the fourth, none, none, from the eighth.
    rows = [(user, movie, 3, movie) for user, n in ((0, 4), (1, 3), (3, 9)) for movie in range(n)]
    dataset = tiny(rows, genres=["a"] * 9, n_users=4)
    late = Rows.of(dataset, np.ones(len(rows), dtype=bool)).late
    assert late.tolist() == [False] * 3 + [True] + [False] * 3 + [False] * 7 + [True] * 2


def test_late_is_counted_among_training_ratings_alone() -> None:
    dataset = tiny([(0, movie, 3, movie) for movie in range(8)], genres=["a"] * 8)
    assert Rows.of(dataset, np.arange(8) < 4).late.tolist() == [False, False, False, True]


def test_the_covariance_of_movies_is_the_sum_of_its_kinds() -> None:
    rows = [(0, 0, 5, 0), (0, 1, 5, 1)]
    dataset = tiny(rows, genres=["a", "ab", "b"], years=[1990, 1990, 0])
    alike = likeness(dataset, np.ones(2, dtype=bool))
    found = variances(level=0.1, genre=0.2, era=0.4, neighbour=0.6).of_movies(alike)
    half, company = np.sqrt(0.5), 1 / 6
    expected = [
        [1.3, 0.1 + 0.2 * half + 0.4 + 0.6 * company, 0.1],
        [0.1 + 0.2 * half + 0.4 + 0.6 * company, 1.3, 0.1 + 0.2 * half],
        [0.1, 0.1 + 0.2 * half, 0.1 + 0.2 + 0.6],
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_the_covariance_of_users_is_a_level_and_what_is_alike() -> None:
    dataset = tiny([(0, 0, 5, 0), (1, 0, 5, 0)], genres=["a"], n_users=3)
    alike = likeness(dataset, np.ones(2, dtype=bool))
    features = variances(movie_level=0.3, movie_neighbour=0.6).of_users(alike)
    both = 0.3 + 0.6 / 6
    expected = [[0.9, both, 0.3], [both, 0.9, 0.3], [0.3, 0.3, 0.9]]
    np.testing.assert_allclose(features @ features.T, expected, rtol=1e-6)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_what_is_foretold_are_the_late_ratings_and_all_predictions_lie_within_0_and_1(
    data: st.DataObject,
) -> None:
    dataset = data.draw(datasets(at_least=6))
    train = data.draw(masks(dataset))
    used = data.draw(legal_hyperparameters(dataset, Phase3))
    assert isinstance(used, Phase3)
    process, foretold = fit_rating_process(dataset, train, Variances.of(used))
    late = Rows.of(dataset, train).late
    np.testing.assert_array_equal(foretold.y, dataset.ratings[train][late])
    assert ((foretold.predicted >= 0) & (foretold.predicted <= 1)).all()
    predicted = process.block(np.arange(dataset.n_users))
    assert predicted.dtype == np.float32
    assert ((predicted >= 0) & (predicted <= 1)).all()


def test_who_rated_nothing_is_predicted_what_the_movies_get() -> None:
    # Movie 0 is loved and movie 1 disliked by a crowd; of movie 2 nothing is known.
    rows = [(user, movie, 5 - 4 * movie, 0) for user in range(10) for movie in range(2)]
    dataset = tiny(rows, genres=["a"] * 3, n_users=11)
    process, _ = fit_rating_process(dataset, np.ones(20, dtype=bool), variances(movie_level=1.0))
    loved, disliked, unknown = process.block(np.array([10]))[0]
    # Ten ratings are ten elevenths believed; the rest, once more, is what the users leave.
    assert loved > 0.9
    assert disliked < 0.3
    np.testing.assert_allclose(unknown, 0.6, atol=1e-6)
