import dataclasses
from functools import cache

import numpy as np
import pytest
from as_defined import all_scores, assert_parts_as_defined
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_model import ReferenceModel
from tiny_data import NO_BOOST, datasets, legal_hyperparameters, masks, only, tiny

from pipeline.blocks import BLOCK
from pipeline.dataset import Dataset
from pipeline.hyperparameters import MODELS, Phase1
from pipeline.parameters import parameters
from pipeline.recommender import FITTED, Recommender
from pipeline.split import PerUserTimeline, split_ratings

NEAR = 1e-6
EVERY_PART_MATTERS = Phase1(genre_boost_high=0.05, genre_boost_medium=0.04, genre_boost_low=-0.03)


def everything(dataset: Dataset) -> np.ndarray:
    return np.ones(dataset.n_ratings, dtype=bool)


@given(st.data())
@settings(max_examples=120, deadline=None)
def test_every_score_is_the_score_of_the_definition(data: st.DataObject) -> None:
    dataset = data.draw(datasets())
    train = data.draw(masks(dataset))
    hyperparameters = data.draw(legal_hyperparameters(dataset))
    model = Recommender(hyperparameters).fit(dataset, train)
    slow = ReferenceModel(hyperparameters, dataset, train)
    users, movies = np.divmod(np.arange(dataset.n_users * dataset.n_movies), dataset.n_movies)
    expected = [slow.score(int(u), int(m)) for u, m in zip(users, movies, strict=True)]
    np.testing.assert_allclose(model.score(users, movies), expected, rtol=0, atol=NEAR)
    np.testing.assert_allclose(all_scores(model).ravel(), expected, rtol=0, atol=NEAR)
    assert_parts_as_defined(model, slow, zip(users.tolist(), movies.tolist(), strict=True), NEAR)


def test_every_model_has_settings_and_is_fitted_by_its_own_class() -> None:
    assert list(FITTED) == list(MODELS)
    dataset = tiny([(0, 0, 4, 0)], genres=["a", "b"])
    for name, settings_of_model in MODELS.items():
        recipe = Recommender(settings_of_model())
        assert recipe.model == name
        assert type(recipe.fit(dataset, everything(dataset))) is FITTED[name]


@pytest.mark.parametrize("name", MODELS)
@given(st.data())
@settings(max_examples=60, deadline=None)
def test_parts_add_up_to_the_score_and_recommendations_are_the_best_unseen(
    name: str, data: st.DataObject
) -> None:
    dataset = data.draw(datasets())
    train = data.draw(masks(dataset))
    model = Recommender(data.draw(legal_hyperparameters(dataset, MODELS[name]))).fit(dataset, train)
    user, n = data.draw(st.integers(0, dataset.n_users - 1)), data.draw(st.integers(0, 12))
    scores = all_scores(model)
    total = np.clip(sum(model.parts(np.arange(model.n_users)).values()), 0, 1)
    np.testing.assert_allclose(total, scores, rtol=0, atol=NEAR)
    seen = set(dataset.movies[train & (dataset.users == user)].tolist())
    for exclude_seen, left_out in ((True, seen), (False, set())):
        order = sorted(set(range(dataset.n_movies)) - left_out, key=lambda m: (-scores[user, m], m))
        recommended = model.recommend(user, n, exclude_seen=exclude_seen)
        assert [r.movie for r in recommended] == order[:n]
        for r in recommended:
            assert r.score == scores[user, r.movie]
            assert min(1, max(0, sum(r.parts.values()))) == pytest.approx(r.score, abs=NEAR)


def test_a_score_by_hand() -> None:
    # The user gave 4 of 5 stars to movie 0; movie 1 shares genre, lead and franchise with it.
    dataset = tiny(
        [(0, 0, 4, 0)], genres=["a", "a", "b", ""], cast=["xy", "xz", "", ""], franchises=[0, 0, -1, -1]
    )
    shares = Phase1(
        genre_weight=0.2, cast_weight=0.2, franchise_weight=0.2, rating_weight=0.2, popularity_weight=0.2
    )
    model = Recommender(shares).fit(dataset, everything(dataset))
    parts = {name: values[0] for name, values in model.parts(np.array([0])).items()}
    # Of the three movies with genres two tie above one: (1 + 2 / 2) / 3; the third has (0 + 1 / 2) / 3. Of
    # the fourth nothing is known, which is as much as the others have on average.
    assert parts["genre"] == pytest.approx([0.2 * 2 / 3, 0.2 * 2 / 3, 0.2 / 6, 0.2 / 2])
    assert parts["genre_boost"] == pytest.approx([0.10, 0.10, -0.20, 0])
    # Two leads of weight 1: one of the two is known from a film rated 0.8.
    assert parts["cast"] == pytest.approx([0.2 * 0.8, 0.2 * 0.4, 0, 0])
    assert parts["franchise"] == pytest.approx([0.2, 0.2, 0, 0])
    assert parts["rating"] == pytest.approx([0.2 * 0.8] * 4)
    unrated = 0.7 * 0.8 + 0.3 * 0
    assert parts["popularity"] == pytest.approx(
        [0.2 * (unrated + 0.3 * np.log10(2) / 3), *[0.2 * unrated] * 3]
    )


def test_ties_go_to_the_lower_movie() -> None:
    dataset = tiny([(0, 1, 5, 0)], genres=["", "", "", ""])
    model = Recommender(only("rating_weight")).fit(dataset, everything(dataset))
    assert [r.movie for r in model.recommend(0, 3)] == [0, 2, 3]


def test_asking_for_more_than_is_left_returns_what_is_left() -> None:
    dataset = tiny([(0, 1, 5, 0), (0, 2, 5, 1), (1, 0, 5, 0)], genres=["a", "a", "b"])
    model = Recommender(Phase1()).fit(dataset, everything(dataset))
    assert [r.movie for r in model.recommend(0, 50)] == [0]
    assert len(model.recommend(0, 50, exclude_seen=False)) == 3
    assert model.recommend(0, 0) == []


def test_a_user_who_has_seen_everything_is_recommended_nothing() -> None:
    dataset = tiny([(0, 0, 5, 0), (0, 1, 0, 0)], genres=["a", "b"])
    assert Recommender(Phase1()).fit(dataset, everything(dataset)).recommend(0) == []


def test_a_cold_user_is_recommended_what_is_popular() -> None:
    # Movie 2 has three good ratings, movie 0 one, movie 3 none, movie 1 two bad ones.
    ratings = [(u, 2, 5, 0) for u in range(3)] + [(0, 0, 4, 1), (1, 1, 1, 1), (2, 1, 1, 1)]
    dataset = tiny(
        ratings, genres=["a", "a", "b", ""], cast=["x", "x", "y", ""], franchises=[0, 0, 1, 1], n_users=4
    )
    model = Recommender(Phase1()).fit(dataset, everything(dataset))
    assert [r.movie for r in model.recommend(3)] == [2, 0, 3, 1]
    parts = [{name: part for name, part in r.parts.items() if part} for r in model.recommend(3)]
    assert {tuple(one) for one in parts} == {("genre", "rating", "popularity")}
    assert len({(one["genre"], one["rating"]) for one in parts}) == 1


@pytest.mark.parametrize("name", MODELS)
def test_users_are_scored_alike_alone_and_in_any_block(name: str) -> None:
    n_users = 2 * BLOCK + 7
    ratings = [(u, (3 * u) % 11, 1 + u % 5, 0) for u in range(n_users)]
    dataset = tiny(ratings, genres=["a", "b", "ab", "", "c", "a", "b", "c", "bc", "a", ""], cast=["xy"] * 11)
    model = Recommender(MODELS[name]()).fit(dataset, everything(dataset))
    whole = all_scores(model)
    rng = np.random.default_rng(0)
    users, movies = rng.integers(n_users, size=400), rng.integers(11, size=400)
    np.testing.assert_array_equal(model.score(users, movies), whole[users, movies])
    for positions, scores in model.blocks(users[:250]):
        np.testing.assert_array_equal(scores, whole[users[:250][positions]])
    assert model.score(users[:0], movies[:0]).shape == (0,)


def test_the_fitted_weights_are_those_that_are_used() -> None:
    dataset = tiny([(0, 0, 4, 0)], genres=["a", "b"])
    asked = Phase1(
        genre_weight=0.8, cast_weight=0.8, franchise_weight=0, rating_weight=0, popularity_weight=0
    )
    model = Recommender(asked).fit(dataset, everything(dataset))
    assert (model.hyperparameters.genre_weight, model.hyperparameters.cast_weight) == (0.5, 0.5)
    same = Recommender(model.hyperparameters).fit(dataset, everything(dataset))
    np.testing.assert_array_equal(all_scores(model), all_scores(same))


@cache
def train_of(dataset: Dataset) -> np.ndarray:
    return split_ratings(dataset, PerUserTimeline()).train


@cache
def slow_model(dataset: Dataset) -> ReferenceModel:
    return ReferenceModel(Phase1(), dataset, train_of(dataset))


def random_hyperparameters(seed: int) -> Phase1:
    rng = np.random.default_rng(seed)
    values = {name: rng.uniform(spec.low, spec.high) for name, spec in parameters(Phase1).items()}
    values |= {f"genre_boost_{level}": rng.uniform(-0.2, 0.2) for level in ("high", "medium", "low")}
    levels = ("low", "medium", "high")
    values |= {
        f"genre_threshold_{level}": cut for level, cut in zip(levels, sorted(rng.random(3)), strict=True)
    }
    lead, supporting = sorted(rng.integers(0, 20, size=2).tolist())
    return Phase1(**(values | {"cast_lead_threshold": lead, "cast_supporting_threshold": supporting}))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_real_scores_are_those_of_the_definition(movielens: Dataset, seed: int) -> None:
    hyperparameters = random_hyperparameters(seed)
    model = Recommender(hyperparameters).fit(movielens, train_of(movielens))
    rng = np.random.default_rng(seed)
    users, movies = rng.integers(movielens.n_users, size=200), rng.integers(movielens.n_movies, size=200)
    slow = slow_model(movielens).with_hyperparameters(hyperparameters)
    expected = [slow.score(int(u), int(m)) for u, m in zip(users, movies, strict=True)]
    assert len(set(expected)) > 100, "scores that are all clipped compare nothing"
    np.testing.assert_allclose(model.score(users, movies), expected, rtol=0, atol=NEAR)


@pytest.mark.parametrize("name", [name for name in parameters(Phase1) if name != "accuracy_threshold"])
def test_every_hyperparameter_alone_moves_a_score(movielens: Dataset, name: str) -> None:
    value = getattr(EVERY_PART_MATTERS, name)
    moved = dataclasses.replace(
        EVERY_PART_MATTERS, **{name: value - 1 if isinstance(value, int) else value - 0.02}
    )
    users = np.arange(0, movielens.n_users, 20)
    scores = [
        Recommender(recipe).fit(movielens, train_of(movielens)).score_block(users)
        for recipe in (EVERY_PART_MATTERS, moved)
    ]
    assert np.abs(scores[0] - scores[1]).max() > 1e-4


def test_the_policy_alone_moves_no_score() -> None:
    dataset = tiny([(0, 0, 4, 0)], genres=["a", "b"])
    recipes = (Phase1(accuracy_threshold=0), Phase1(accuracy_threshold=1))
    scores = [all_scores(Recommender(recipe).fit(dataset, everything(dataset))) for recipe in recipes]
    np.testing.assert_array_equal(*scores)


def test_scores_stay_within_0_and_1() -> None:
    dataset = tiny([(0, 0, 5, 0)], genres=["a", "b"])
    extreme = {**NO_BOOST, "genre_boost_high": 1.0, "genre_boost_low": -1.0}
    thresholds = {"genre_threshold_low": 0.5, "genre_threshold_medium": 0.5, "genre_threshold_high": 0.5}
    model = Recommender(Phase1(**extreme, **thresholds)).fit(dataset, everything(dataset))
    assert all_scores(model).tolist() == [[1.0, 0.0]]
