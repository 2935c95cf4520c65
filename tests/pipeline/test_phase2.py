import dataclasses
from typing import Any

import numpy as np
import pytest
from as_defined import all_scores, assert_parts_as_defined
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_phase2 import ReferencePhase2
from tiny_data import alone, datasets, legal_hyperparameters, masks, tiny

from pipeline.dataset import Dataset
from pipeline.hyperparameters import Phase1, Phase2
from pipeline.parameters import parameters, read
from pipeline.phase2 import FittedPhase2, franchise_depth
from pipeline.recommender import Recommender
from pipeline.split import PerUserTimeline, split_ratings

NEAR = 1e-6
ADDED = [name for name in parameters(Phase2) if name not in parameters(Phase1)]
NOTHING_ADDED = {"user_preference_weight": 0.0, "rating_prediction_weight": 0.0, "franchise_depth_scale": 1.0}
DAY = 86_400


def fitted(dataset: Dataset, train: np.ndarray | None = None, **hyperparameters: Any) -> FittedPhase2:
    everything = np.ones(dataset.n_ratings, dtype=bool)
    return FittedPhase2.fit(
        Phase2(**hyperparameters).normalised(), dataset, everything if train is None else train
    )


@given(st.data())
@settings(max_examples=120, deadline=None)
def test_every_score_is_the_score_of_the_definition(data: st.DataObject) -> None:
    dataset = data.draw(datasets())
    train = data.draw(masks(dataset))
    hyperparameters = data.draw(legal_hyperparameters(dataset, Phase2))
    assert isinstance(hyperparameters, Phase2)
    model = Recommender(hyperparameters).fit(dataset, train)
    slow = ReferencePhase2(hyperparameters, dataset, train)
    users, movies = np.divmod(np.arange(dataset.n_users * dataset.n_movies), dataset.n_movies)
    expected = [slow.score(int(u), int(m)) for u, m in zip(users, movies, strict=True)]
    np.testing.assert_allclose(model.score(users, movies), expected, rtol=0, atol=NEAR)
    assert_parts_as_defined(model, slow, zip(users.tolist(), movies.tolist(), strict=True), NEAR)


@pytest.mark.parametrize("seed", [1, 2])
def test_real_scores_are_those_of_the_definition(movielens: Dataset, seed: int) -> None:
    rng = np.random.default_rng(seed)
    few = split_ratings(movielens, PerUserTimeline()).train & (movielens.users < 12)
    added = {"franchise_depth_scale": 3.0, "rating_prediction_weight": 0.5, "user_preference_weight": 0.7}
    hyperparameters = Phase2(**added, preference_half_life_days=float(rng.integers(1, 90)))
    model = Recommender(hyperparameters).fit(movielens, few)
    slow = ReferencePhase2(hyperparameters, movielens, few)
    users, movies = rng.integers(14, size=200), rng.integers(movielens.n_movies, size=200)
    expected = [slow.score(int(u), int(m)) for u, m in zip(users, movies, strict=True)]
    assert len(set(expected)) > 100, "scores that are all clipped compare nothing"
    np.testing.assert_allclose(model.score(users, movies), expected, rtol=0, atol=NEAR)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_with_nothing_added_it_is_phase_1_to_the_last_bit(data: st.DataObject) -> None:
    dataset = data.draw(datasets())
    train = data.draw(masks(dataset))
    first = data.draw(legal_hyperparameters(dataset))
    others = {name: getattr(Phase2(), name) for name in ADDED}
    second = Phase2(**dataclasses.asdict(first), **(others | NOTHING_ADDED))
    scores = [all_scores(Recommender(recipe).fit(dataset, train)) for recipe in (first, second)]
    assert scores[0].tobytes() == scores[1].tobytes()


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_with_the_whole_weight_the_score_is_the_prediction(data: st.DataObject) -> None:
    dataset = data.draw(datasets())
    train = data.draw(masks(dataset))
    recipe = dataclasses.replace(
        data.draw(legal_hyperparameters(dataset, Phase2)), rating_prediction_weight=1.0
    )
    model = Recommender(recipe).fit(dataset, train)
    assert isinstance(model, FittedPhase2)
    predicted = model.predict(np.arange(model.n_users))
    np.testing.assert_allclose(all_scores(model), np.clip(predicted, 0, 1), rtol=0, atol=NEAR)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_whoever_is_cold_scores_are_finite_and_preferences_within_minus_1_and_1(data: st.DataObject) -> None:
    dataset = data.draw(datasets())
    train = data.draw(masks(dataset))
    model = Recommender(data.draw(legal_hyperparameters(dataset, Phase2))).fit(dataset, train)
    assert isinstance(model, FittedPhase2)
    scores = all_scores(model)
    assert ((scores >= 0) & (scores <= 1)).all()
    assert (np.abs(model.preference) <= 1).all()
    cold = ~np.isin(np.arange(model.n_users), dataset.users[train])
    assert (model.preference[cold] == 0).all()
    without = ~dataset.genres.toarray().any(axis=1)
    assert (model.preference[:, model.features.genres.kind[without]] == 0).all()


# One user liked comedies and not dramas; movies 4 and 5 are one of each, 6 is both, 7 is neither.
GENRES = ["c", "c", "d", "d", "c", "d", "cd", ""]
LIKES_COMEDIES = [(0, 0, 5, 0), (0, 1, 5, 0), (0, 2, 1, 0), (0, 3, 1, 0)]


def preference_parts(ratings: list[tuple[int, int, float, int]], **hyperparameters: Any) -> list[float]:
    model = fitted(tiny(ratings, genres=GENRES), rating_prediction_weight=0, **hyperparameters)
    return [float(value) for value in model.parts(np.array([0]))["preference"][0]]


def test_liked_genres_are_lifted_and_disliked_ones_lowered() -> None:
    parts = preference_parts(LIKES_COMEDIES, user_preference_weight=0.5)
    # Two stars above the mean is more than the one that counts fully; two ratings of two and five.
    assert parts[4] == pytest.approx(0.5 * 2 / 7)
    assert parts[5] == pytest.approx(-0.5 * 2 / 7)
    assert parts[6] == pytest.approx(0)
    assert parts[7] == 0


def test_a_user_who_likes_comedies_gets_comedies() -> None:
    dataset = tiny(LIKES_COMEDIES, genres=GENRES)
    scores = all_scores(fitted(dataset, **alone("rating_weight"), user_preference_weight=0.5))[0]
    assert scores[4] > scores[6] > scores[5]


def test_a_taste_that_turned_is_the_new_one_where_old_ratings_fade() -> None:
    old = [(0, 0, 5, 0), (0, 1, 5, 0), (0, 2, 1, 0), (0, 3, 1, 0)]
    turned = [*old, (0, 4, 2, 100 * DAY), (0, 5, 4, 100 * DAY)]
    for_long = preference_parts(turned, preference_half_life_days=10_000)
    lately = preference_parts(turned, preference_half_life_days=1)
    assert for_long[0] > 0 > for_long[2]
    assert lately[0] < 0 < lately[2]


def test_a_rating_of_one_half_life_ago_counts_half() -> None:
    # Comedies: 5 stars now, 2 stars ten days ago: (5 + 2 / 2) / 1.5 = 4; a drama of 3 stars, now.
    ratings = [(0, 0, 5, 10 * DAY), (0, 1, 2, 0), (0, 2, 3, 10 * DAY)]
    parts = preference_parts(ratings, user_preference_weight=1, preference_half_life_days=10)
    own = (5 + 1 + 3) / 2.5
    variance = (1 * (5 - 4) ** 2 + 0.5 * (2 - 4) ** 2) / 1.5
    assert parts[4] == pytest.approx((4 - own) * 1.5 / 6.5 / (1 + variance))
    assert parts[5] == pytest.approx((3 - own) / 6)


def test_a_genre_whose_ratings_vary_counts_less() -> None:
    steady = preference_parts([(0, 0, 4, 0), (0, 1, 4, 0), (0, 2, 3, 0), (0, 3, 3, 0)])
    wavering = preference_parts([(0, 0, 5, 0), (0, 1, 3, 0), (0, 2, 3, 0), (0, 3, 3, 0)])
    # A star of five away from the mean on both sides is a variance that halves.
    assert steady[4] == pytest.approx(2 * wavering[4])
    assert steady[5] == pytest.approx(wavering[5])


def test_many_ratings_say_more_than_one() -> None:
    few = preference_parts([(0, 0, 4, 0), (0, 2, 3, 0)])
    many = preference_parts([(0, 0, 4, 0), (0, 1, 4, 0), (0, 2, 3, 0), (0, 3, 3, 0)])
    assert 0 < few[4] < many[4]


def test_a_franchise_counts_its_liked_films_and_no_more_than_the_scale() -> None:
    assert franchise_depth(np.array([0.0, 0.8, 1.0, 1.6, 2.4, 9.0]), 2.0).tolist() == [1, 1, 1, 1.6, 2, 2]
    assert franchise_depth(np.array([0.0, 0.8, 9.0]), 1.0).tolist() == [1, 1, 1]


def test_the_franchise_part_grows_with_films_and_their_ratings() -> None:
    # One film of the franchise, two with five stars, two with one star, four with five stars; none.
    ratings = [(0, 0, 5, 0), (1, 0, 5, 0), (1, 1, 5, 0), (2, 0, 1, 0), (2, 1, 1, 0)]
    ratings += [(3, movie, 5, 0) for movie in range(4)] + [(4, 5, 5, 0)]
    dataset = tiny(ratings, genres=["a"] * 6, franchises=[0, 0, 0, 0, 0, -1])
    model = fitted(
        dataset,
        **alone("franchise_weight"),
        **(NOTHING_ADDED | {"franchise_depth_scale": 3.0}),
    )
    assert model.parts(np.arange(5))["franchise"][:, 4].tolist() == [1, 2, 1, 3, 0]


def test_a_rating_that_the_others_foretell_is_predicted() -> None:
    """Users of two levels and movies of two levels: levels and means say all there is to say."""
    rng = np.random.default_rng(0)
    generous, good = rng.random(60) < 0.5, rng.random(40) < 0.5
    pairs = [(u, m) for u in range(60) for m in range(40) if rng.random() < 0.7]
    ratings = [(u, m, 2.0 + generous[u] + good[m], 0) for u, m in pairs]
    dataset = tiny(ratings, genres=["a"] * 40)
    train = rng.random(dataset.n_ratings) < 0.6
    model = fitted(dataset, train, rating_prediction_weight=1, rating_prediction_alpha=0.1)
    error = np.abs(model.score(dataset.users[~train], dataset.movies[~train]) - dataset.ratings[~train])
    assert error.mean() < 0.25 / 5


def test_a_strong_penalty_predicts_the_mean_for_everybody() -> None:
    ratings = [(u, m, 1 + (u + m) % 5, 0) for u in range(4) for m in range(5)]
    dataset = tiny(ratings, genres=["a", "b", "ab", "", "c"])
    model = fitted(dataset, rating_prediction_weight=1, rating_prediction_alpha=10_000)
    np.testing.assert_allclose(all_scores(model), dataset.ratings.mean(), atol=0.01)


def test_noise_promises_nothing_that_held_out_ratings_do_not_keep() -> None:
    """Ratings of chance alone: made with themselves, means would foretell the ones they are fitted on."""
    rng = np.random.default_rng(3)
    ratings = [(u, m, float(rng.integers(1, 6)), 0) for u in range(150) for m in range(30)]
    dataset = tiny(ratings, genres=["a", "b", "c"] * 10)
    train = rng.random(dataset.n_ratings) < 0.3
    model = fitted(dataset, train)
    size = dict(zip(("level", "mean", "preference"), model.prediction.coefficients[[3, 4, 6]], strict=True))
    # With the own rating inside, the level of nine ratings would have a coefficient of a half.
    assert max(abs(value) for value in size.values()) < 0.25, size


@pytest.mark.parametrize("name", ADDED)
def test_both_ends_of_every_range_are_legal_and_scored(name: str) -> None:
    spec = parameters(Phase2)[name]
    dataset = tiny(LIKES_COMEDIES, genres=GENRES, n_users=2)
    for end in (spec.low, spec.high):
        recipe = read(Phase2, dataclasses.asdict(Phase2()) | {name: end})
        assert np.isfinite(all_scores(fitted(dataset, **dataclasses.asdict(recipe)))).all()


@pytest.mark.parametrize("name", ADDED)
def test_every_hyperparameter_alone_moves_a_score(movielens: Dataset, name: str) -> None:
    every_part_matters = Phase2(user_preference_weight=0.4, franchise_depth_scale=2.0)
    moved = dataclasses.replace(every_part_matters, **{name: getattr(every_part_matters, name) / 2 + 0.5})
    train = split_ratings(movielens, PerUserTimeline()).train
    users = np.arange(0, movielens.n_users, 20)
    scores = [
        Recommender(recipe).fit(movielens, train).score_block(users) for recipe in (every_part_matters, moved)
    ]
    assert np.abs(scores[0] - scores[1]).max() > 1e-4
