"""Whoever and whatever is new gets sensible scores of every model."""

from pathlib import Path

import numpy as np
import pytest
from tiny_data import tiny

from pipeline.dataset import Dataset
from pipeline.fitted import FittedRecommender
from pipeline.hyperparameters import MODELS
from pipeline.parameters import parameters
from pipeline.recommender import Recommender
from pipeline.sources import Synthetic
from pipeline.sources.synthetic import build

of_every_model = pytest.mark.parametrize("model", MODELS)
PREDICTING = [name for name, settings in MODELS.items() if "rating_prediction_weight" in parameters(settings)]

# Comedies and dramas: of either one that all love, one that some like, one that all dislike, one that nobody
# has rated; then one of which nothing at all is known.
GENRES = ["c", "c", "c", "c", "d", "d", "d", "d", ""]
LOVED, LIKED, DISLIKED, NEW = (0, 4), (1, 5), (2, 6), (3, 7)
UNKNOWN = 8
CROWD = 12
NEWCOMER = CROWD + 1


def town(third: list[tuple[int, float]]) -> Dataset:
    """Let a crowd rate, then one more user these few (movie, stars), and a newcomer nothing."""
    ratings = [(user, movie, 5, 0) for user in range(CROWD) for movie in LOVED]
    ratings += [(user, movie, 4, 1) for user in range(0, CROWD, 2) for movie in LIKED]
    ratings += [(user, movie, 2, 2) for user in range(CROWD) for movie in DISLIKED]
    ratings += [(CROWD, movie, stars, 3) for movie, stars in third]
    return tiny(ratings, genres=GENRES, n_users=CROWD + 2)


def fitted(model: str, dataset: Dataset) -> FittedRecommender:
    return Recommender(MODELS[model]()).fit(dataset, np.ones(dataset.n_ratings, dtype=bool))


def scores(model: str, third: list[tuple[int, float]], user: int) -> np.ndarray:
    found = fitted(model, town(third)).score_block(np.array([user]))[0]
    assert np.isfinite(found).all()
    return np.asarray(found, dtype=np.float64)


@of_every_model
def test_a_user_without_ratings_is_recommended_what_many_rate_well(model: str) -> None:
    best = fitted(model, town([(0, 4)])).recommend(NEWCOMER)
    assert {one.movie for one in best[:2]} == set(LOVED)
    assert {one.movie for one in best[2:4]} == set(LIKED)
    assert len(best) == len(GENRES)


@of_every_model
def test_a_movie_of_which_nothing_is_known_lies_between_those_that_are_loved_and_disliked(model: str) -> None:
    found = scores(model, [(0, 4)], NEWCOMER)
    assert found[list(DISLIKED)].max() < found[UNKNOWN] < found[list(LOVED)].min()


@of_every_model
def test_a_new_movie_is_recommended_to_whom_it_suits_and_scored_between_extremes(model: str) -> None:
    found = scores(model, [(1, 5), (2, 5), (5, 1)], CROWD)
    comedy, drama = NEW
    assert 0 < found[drama] < found[comedy] < 1
    assert found.min() < found[comedy] < found.max()
    # It is unseen, as are the comedy that all love and the dramas.
    best = fitted(model, town([(1, 5), (2, 5), (5, 1)])).recommend(CROWD, 2)
    assert [one.movie for one in best] == [0, comedy]


@of_every_model
@pytest.mark.parametrize(("liked", "other"), [(0, 4), (4, 0)], ids=["comedies", "dramas"])
def test_three_ratings_draw_towards_what_was_liked_without_extremes(
    model: str, liked: int, other: int
) -> None:
    # Of the genre liked the movies that all love and some like, of the other one the latter: equally well.
    found = scores(model, [(liked, 5), (liked + 1, 4), (other + 1, 1)], CROWD)
    for place in range(4):
        assert found[other + place] < found[liked + place]
    assert 0 < found.min() < found.max() < 1


@pytest.fixture(scope="module")
def city() -> tuple[Dataset, np.ndarray]:
    """Of every three users let one be known by all ratings, one by the first three, one by none."""
    dataset = build(Synthetic(users=300, movies=200, ratings=9000), Path("unused"), print)
    rank = np.arange(dataset.n_ratings) - np.searchsorted(dataset.users, dataset.users)
    return dataset, (dataset.users % 3 == 0) | ((dataset.users % 3 == 1) & (rank < 3))


@of_every_model
def test_newcomers_are_scored_as_high_as_users_of_three_ratings_and_about_as_high_as_regulars(
    model: str, city: tuple[Dataset, np.ndarray]
) -> None:
    dataset, known = city
    found = Recommender(MODELS[model]()).fit(dataset, known).score_block(np.arange(dataset.n_users))
    assert np.isfinite(found).all()
    assert ((found >= 0) & (found <= 1)).all()
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
    recipe = Recommender(MODELS[model](rating_prediction_weight=1.0))
    found = recipe.fit(dataset, known).score_block(np.arange(2, dataset.n_users, 3))
    # Whoever rates picks what is good: the whole catalogue lies below what is rated.
    assert abs(found.mean() - dataset.ratings[known].mean()) < 0.1
    assert found.std() < dataset.ratings[known].std()
