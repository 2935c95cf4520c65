from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_phase3 import ReferencePhase3
from tiny_data import datasets, legal_hyperparameters, masks

from pipeline import rating_process
from pipeline.dataset import Dataset
from pipeline.evaluation import Problem
from pipeline.hyperparameters import Phase2, Phase3
from pipeline.parameters import parameters
from pipeline.phase3 import FittedPhase3
from pipeline.rating_process import fit_rating_process
from pipeline.recommender import Recommender
from pipeline.sources import Synthetic
from pipeline.sources.synthetic import build
from pipeline.split import PerUserTimeline, split_ratings

# Of float32: a kernel of variance 40 among nine ratings loses two digits more than a score.
NEAR, NEAR_RATING = 1e-5, 1e-4
ADDED = [name for name in parameters(Phase3) if name not in parameters(Phase2)]


def fitted(dataset: Dataset, train: np.ndarray | None = None, **hyperparameters: Any) -> FittedPhase3:
    everything = np.ones(dataset.n_ratings, dtype=bool)
    return FittedPhase3.fit(
        Phase3(**hyperparameters).normalised(), dataset, everything if train is None else train
    )


def all_scores(model: Any) -> np.ndarray:
    return np.asarray(model.score_block(np.arange(model.n_users)))


def all_ratings(model: FittedPhase3) -> np.ndarray:
    return model.rating_block(np.arange(model.n_users), np.empty(0, dtype=np.float32))


def synthetic(users: int, movies: int, ratings: int) -> Dataset:
    return build(Synthetic(users=users, movies=movies, ratings=ratings), Path("unused"), print)


@pytest.fixture(scope="module")
def village() -> Dataset:
    """More users than directions are kept of."""
    return synthetic(30, 40, 700)


@pytest.fixture(scope="module")
def city() -> Problem:
    dataset = synthetic(150, 120, 6000)
    return Problem(dataset, split_ratings(dataset, PerUserTimeline()))


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_every_score_and_every_predicted_rating_are_those_of_the_definition(data: st.DataObject) -> None:
    dataset = data.draw(datasets())
    train = data.draw(masks(dataset))
    hyperparameters = data.draw(legal_hyperparameters(dataset, Phase3))
    assert isinstance(hyperparameters, Phase3)
    model = Recommender(hyperparameters).fit(dataset, train)
    assert isinstance(model, FittedPhase3)
    assert_as_defined(model, ReferencePhase3(hyperparameters, dataset, train))


def test_scores_ratings_and_what_is_foretold_of_a_village_are_those_of_the_definition(
    village: Dataset,
) -> None:
    train = split_ratings(village, PerUserTimeline(train_until=0.7)).train
    model = fitted(village, train)
    slow = ReferencePhase3(Phase3(), village, train)
    assert_as_defined(model, slow, NEAR)
    foretold = fit_rating_process(village, train, rating_process.Variances.of(Phase3()))[1]
    assert len(foretold.y) > 100
    predicted, y = zip(*slow.foretold(), strict=True)
    np.testing.assert_array_equal(foretold.y, y)
    np.testing.assert_allclose(foretold.predicted, predicted, rtol=0, atol=NEAR)


def assert_as_defined(model: FittedPhase3, slow: ReferencePhase3, near_rating: float = NEAR_RATING) -> None:
    scores, ratings = all_scores(model), all_ratings(model)
    parts = model.parts(np.arange(model.n_users))
    for user in range(model.n_users):
        for movie in range(model.n_movies):
            assert ratings[user, movie] == pytest.approx(slow.rating(user, movie), abs=near_rating)
            assert scores[user, movie] == pytest.approx(slow.score(user, movie), abs=NEAR)
            wanted = slow.parts(user, movie)
            assert parts.keys() == wanted.keys()
            for name, value in wanted.items():
                assert parts[name][user, movie] == pytest.approx(value, abs=NEAR), name
