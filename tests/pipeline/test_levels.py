import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_data import datasets, masks, tiny

from pipeline.dataset import Dataset
from pipeline.hyperparameters import Phase3
from pipeline.levels import Levels, levels
from pipeline.split import PerUserTimeline, split_ratings


def fitted(dataset: Dataset, movie_variance: float = 1.0, user_variance: float = 1.0) -> Levels:
    return levels(dataset, np.ones(dataset.n_ratings, dtype=bool), movie_variance, user_variance)


def everybody_rates_everything(stars: list[list[float]], **known: list[int]) -> Dataset:
    rows = [(u, m, y, 0) for u, of_user in enumerate(stars) for m, y in enumerate(of_user)]
    return tiny(rows, genres=["a"] * len(stars[0]), **known)  # type: ignore[arg-type]


@pytest.mark.parametrize("variance", [0.1, 1.0, 10.0])
def test_a_user_is_damped_as_the_variance_asks(variance: float) -> None:
    # Both ratings of user 0 are two stars of five above the mean, both of user 1 two below it.
    found = fitted(everybody_rates_everything([[5, 5], [1, 1]]), user_variance=variance)
    assert found.mean == pytest.approx(0.6)
    expected = 2 * 0.4 / (2 + 1 / variance)
    np.testing.assert_allclose(found.user, [expected, -expected])
    np.testing.assert_allclose(found.expected + found.movie, 0, atol=1e-12)


@pytest.mark.parametrize("variance", [0.1, 1.0, 10.0])
def test_a_movie_is_damped_as_the_variance_asks(variance: float) -> None:
    found = fitted(everybody_rates_everything([[5, 1], [5, 1], [5, 1]]), movie_variance=variance)
    expected = 3 * 0.4 / (3 + 1 / variance)
    np.testing.assert_allclose(found.movie, [expected, -expected])
    np.testing.assert_allclose(found.expected, 0, atol=1e-12)
    np.testing.assert_allclose(found.user, 0, atol=1e-12)


def test_movies_and_users_are_told_apart() -> None:
    # User 1 rates the better movies, and is no more generous than user 0, who rates them all.
    rows = [(0, 0, 5, 0), (0, 1, 5, 0), (0, 2, 1, 0), (0, 3, 1, 0), (1, 0, 5, 0), (1, 1, 5, 0)]
    found = fitted(tiny(rows, genres=["a"] * 4), 10.0, 10.0)
    assert abs(found.user[1] - found.user[0]) < 0.1
    assert (found.expected + found.movie)[0] - (found.expected + found.movie)[2] > 0.6


@given(st.data(), st.floats(0.001, 10), st.floats(0.001, 10))
@settings(max_examples=80, deadline=None)
def test_a_new_movie_and_a_new_user_deviate_by_nothing(
    data: st.DataObject, movie_variance: float, user_variance: float
) -> None:
    dataset = data.draw(datasets())
    train = data.draw(masks(dataset))
    found = levels(dataset, train, movie_variance, user_variance)
    assert (found.movie[~np.isin(np.arange(dataset.n_movies), dataset.movies[train])] == 0).all()
    assert (found.user[~np.isin(np.arange(dataset.n_users), dataset.users[train])] == 0).all()
    for part in (found.expected, found.movie, found.user):
        assert (np.abs(part) <= 1.5).all()


def test_a_movie_is_expected_to_be_as_its_genre_is() -> None:
    # Forty comedies are loved, forty dramas disliked; of each there is one that nobody has rated.
    genres = ["c", "d"] * 41
    rows = [(user, movie, 5.0 if movie % 2 == 0 else 1.0, 0) for user in range(5) for movie in range(80)]
    found = fitted(tiny(rows, genres=genres))
    comedy, drama = found.expected[80:]
    assert comedy > 0.2
    assert comedy == pytest.approx(-drama)


def test_a_movie_of_an_unknown_year_is_expected_in_the_middle() -> None:
    # The newer the worse, among movies of forty years, each with as many ratings.
    years = [*range(1950, 1990), 0, 1950, 1989]
    rows = [(user, movie, 5 - movie / 10, 0) for user in range(4) for movie in range(40)]
    expected = fitted(tiny(rows, genres=["a"] * 43, years=years)).expected
    unknown, old, new = expected[40:]
    assert new < unknown < old


@pytest.mark.parametrize("seed", range(20))
def test_a_new_movie_without_the_genre_of_all_others_is_expected_among_them(seed: int) -> None:
    """What is the same for all ratings spreads by rounding: divided by that, nothing would be very far."""
    rng = np.random.default_rng(seed)
    cells = [(u, m) for u in range(9) for m in range(7) if rng.random() < 0.7]
    rows = [(u, m, float(rng.integers(1, 6)), 0) for u, m in cells]
    expected = fitted(tiny(rows, genres=["a"] * 7 + ["b"])).expected
    assert expected[:7].min() - 1e-9 <= expected[7] <= expected[:7].max() + 1e-9


def test_a_new_movie_is_expected_as_one_of_the_fewest_ratings() -> None:
    # The more ratings the better, from thirteen to thirty: a line to no rating at all would end far below.
    rows = [(user, movie, 1 + movie / 5, 0) for movie in range(18) for user in range(13 + movie)]
    expected = fitted(tiny(rows, genres=["a"] * 19), 10.0, 0.001).expected
    assert expected[18] == pytest.approx(expected[0])
    assert expected[0] < expected[17]


def test_another_round_would_move_no_real_rating_by_a_thousandth_of_a_star(
    movielens: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    train, shipped = split_ratings(movielens, PerUserTimeline()).train, Phase3()
    expected = []
    for rounds in (6, 7):
        monkeypatch.setattr("pipeline.levels.ROUNDS", rounds)
        found = levels.__wrapped__(  # type: ignore[attr-defined]
            movielens, train, shipped.movie_level_variance, shipped.taste_level_variance
        )
        expected.append((found.expected + found.movie)[movielens.movies] + found.user[movielens.users])
    assert np.abs(expected[0] - expected[1]).max() * movielens.stars < 0.001
