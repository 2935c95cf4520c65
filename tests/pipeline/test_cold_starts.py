"""Whoever and whatever is new gets sensible predictions and recommendations of every model."""

import numpy as np
import pytest
from tiny_data import tiny

from pipeline.dataset import Dataset
from pipeline.fitted import FittedRecommender
from pipeline.hyperparameters import MODELS
from pipeline.recommender import Recommender
from pipeline.sources import Synthetic
from pipeline.sources.synthetic import build

of_every_model = pytest.mark.parametrize("model", MODELS)
# What makes of a model one that predicts ratings and does nothing else.
PREDICTING: dict[str, dict[str, float]] = {"phase2": {"rating_prediction_weight": 1.0}, "phase3": {}}

# Comedies and dramas: of either one that all love, one that some like, one that all dislike, one that nobody
# has rated; then one of which nothing at all is known.
GENRES = ["c", "c", "c", "c", "d", "d", "d", "d", ""]
LOVED, LIKED, DISLIKED, NEW = (0, 4), (1, 5), (2, 6), (3, 7)
UNKNOWN = 8
CROWD = 12
NEWCOMER = CROWD + 1


def town(third: list[tuple[int, float]]) -> Dataset:
    """Let a crowd rate, then one more user these few (movie, stars), and a newcomer nothing."""
    rows = [(user, movie, 5, 0) for user in range(CROWD) for movie in LOVED]
    rows += [(user, movie, 4, 1) for user in range(0, CROWD, 2) for movie in LIKED]
    rows += [(user, movie, 2, 2) for user in range(CROWD) for movie in DISLIKED]
    rows += [(CROWD, movie, stars, 3) for movie, stars in third]
    return tiny(rows, genres=GENRES, n_users=CROWD + 2)


def fitted(model: str, dataset: Dataset) -> FittedRecommender:
    return Recommender(MODELS[model]()).fit(dataset, np.ones(dataset.n_ratings, dtype=bool))


def expected_ratings(model: FittedRecommender, users: np.ndarray) -> np.ndarray:
    """Predict ratings as they are measured, which are the scores where a model has one face."""
    predicted = model.rating_block(users, model.score_block(users)).astype(np.float64)
    decided = model.decided(predicted.ravel())
    for found in (decided.mean, decided.answer):
        assert ((found >= 0) & (found <= 1)).all()
    return decided.mean.reshape(predicted.shape)


def ratings(model: str, third: list[tuple[int, float]], user: int) -> np.ndarray:
    return expected_ratings(fitted(model, town(third)), np.array([user]))[0]


@of_every_model
def test_a_user_without_ratings_is_recommended_what_many_rate_well(model: str) -> None:
    best = fitted(model, town([(0, 4)])).recommend(NEWCOMER)
    assert {one.movie for one in best[:2]} == set(LOVED)
    assert {one.movie for one in best[2:4]} == set(LIKED)
    assert len(best) == len(GENRES)


def test_a_user_without_ratings_is_recommended_what_the_hybrid_recommends() -> None:
    second, third = (fitted(model, town([(0, 4)])) for model in ("phase2", "phase3"))
    newcomer = np.array([NEWCOMER])
    np.testing.assert_array_equal(second.score_block(newcomer), third.score_block(newcomer))
    assert [one.movie for one in second.recommend(NEWCOMER)] == [
        one.movie for one in third.recommend(NEWCOMER)
    ]


@of_every_model
def test_a_movie_of_which_nothing_is_known_lies_between_those_that_are_loved_and_disliked(model: str) -> None:
    found = ratings(model, [(0, 4)], NEWCOMER)
    assert found[list(DISLIKED)].max() < found[UNKNOWN] < found[list(LOVED)].min()


@of_every_model
def test_a_new_movie_is_recommended_to_whom_it_suits_and_scored_between_extremes(model: str) -> None:
    found = ratings(model, [(1, 5), (2, 5), (5, 1)], CROWD)
    comedy, drama = NEW
    assert 0 < found[drama] < found[comedy] < 1
    assert found.min() < found[comedy] < found.max()
    # It is unseen, as are the comedy that all love and the dramas.
    best = [one.movie for one in fitted(model, town([(1, 5), (2, 5), (5, 1)])).recommend(CROWD)]
    assert best[0] == 0
    assert best.index(comedy) < min(best.index(movie) for movie in (DISLIKED[1], drama, UNKNOWN))
    # What was liked together ranks before what nobody knows, comedy or not.
    assert best.index(comedy) == (2 if model == "phase3" else 1)


@of_every_model
@pytest.mark.parametrize(("liked", "other"), [(0, 4), (4, 0)], ids=["comedies", "dramas"])
def test_three_ratings_draw_towards_what_was_liked_without_extremes(
    model: str, liked: int, other: int
) -> None:
    # Of the genre liked the movies that all love and some like, of the other one the latter: equally well.
    found = ratings(model, [(liked, 5), (liked + 1, 4), (other + 1, 1)], CROWD)
    for place in range(4):
        assert found[other + place] < found[liked + place]
    assert 0 < found.min() < found.max() <= 1


@pytest.fixture(scope="module")
def city() -> tuple[Dataset, np.ndarray]:
    """Of every three users let one be known by all ratings, one by the first three, one by none."""
    dataset = build(Synthetic(users=300, movies=200, ratings=9000))[0]
    rank = np.arange(dataset.n_ratings) - np.searchsorted(dataset.users, dataset.users)
    return dataset, (dataset.users % 3 == 0) | ((dataset.users % 3 == 1) & (rank < 3))


@of_every_model
def test_newcomers_are_predicted_as_high_as_users_of_three_ratings_and_about_as_high_as_regulars(
    model: str, city: tuple[Dataset, np.ndarray]
) -> None:
    dataset, known = city
    found = expected_ratings(Recommender(MODELS[model]()).fit(dataset, known), np.arange(dataset.n_users))
    regulars, of_three_ratings, newcomers = (found[n::3].mean() for n in range(3))
    assert abs(newcomers - of_three_ratings) < 0.02
    # What regulars know of casts and franchises lifts them; the shipped weights leave everybody rather low.
    assert abs(newcomers - regulars) < 0.1
    assert abs(newcomers - dataset.ratings[known].mean()) < 0.25


@pytest.mark.parametrize("model", PREDICTING)
def test_the_predicted_ratings_of_newcomers_are_near_the_mean_of_all_ratings(
    model: str, city: tuple[Dataset, np.ndarray]
) -> None:
    dataset, known = city
    recipe = Recommender(MODELS[model](**PREDICTING[model]))
    found = expected_ratings(recipe.fit(dataset, known), np.arange(2, dataset.n_users, 3))
    # Whoever rates picks what is good: the whole catalogue lies below what is rated.
    assert abs(found.mean() - dataset.ratings[known].mean()) < 0.1
    assert found.std() < dataset.ratings[known].std()
