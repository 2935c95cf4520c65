"""Pairs of a user and a movie score what they score in rows of all movies, to the last bit."""

from collections.abc import Callable

import numpy as np
import pytest
from as_defined import all_scores
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from tiny_data import legal_hyperparameters, masks, problems

from pipeline import cast, genres
from pipeline.dataset import Dataset
from pipeline.evaluation import Problem
from pipeline.features import features_of
from pipeline.genres import genre_fit
from pipeline.hyperparameters import MODELS, Phase1, Phase2
from pipeline.pairs import pairs_of, stored_places
from pipeline.recommender import Recommender
from pipeline.split import PerUserTimeline, split_ratings

EVERY_PART_MATTERS = {"cast_lead_threshold": 2, "genre_boost_high": 0.05, "genre_boost_low": -0.03}


def test_a_stored_cell_is_found_and_another_is_not() -> None:
    matrix = sparse.csr_array(np.array([[0, 5, 0], [0, 0, 0], [7, 0, 9]]))
    rows, columns = np.array([0, 0, 1, 2, 2]), np.array([0, 1, 2, 2, 0])
    assert stored_places(matrix, rows, columns).tolist() == [-1, 0, -1, 2, 1]


def test_nothing_is_found_in_a_matrix_of_nothing() -> None:
    places = stored_places(sparse.csr_array((2, 2)), np.array([0, 1]), np.array([1, 1]))
    assert places.tolist() == [-1, -1]


@pytest.mark.parametrize("model", MODELS)
@given(st.data())
@settings(max_examples=25, deadline=None)
def test_a_pair_scores_what_it_scores_in_its_row(model: str, data: st.DataObject) -> None:
    problem = data.draw(problems(PerUserTimeline))
    hyperparameters = data.draw(legal_hyperparameters(problem.dataset, MODELS[model]))
    fitted = Recommender(hyperparameters).fit(problem.dataset, problem.train)
    part = problem.validation
    in_rows = all_scores(fitted)[part.users, part.movies]
    np.testing.assert_array_equal(fitted.scores_of(part), in_rows)


@pytest.mark.parametrize("settings_of", [Phase1, Phase2])
def test_pairs_of_movielens_score_what_they_score_in_their_rows(
    movielens: Dataset, settings_of: Callable[..., Phase1]
) -> None:
    problem = Problem(movielens, split_ratings(movielens, PerUserTimeline()))
    fitted = Recommender(settings_of(**EVERY_PART_MATTERS)).fit(movielens, problem.train)
    part = problem.validation
    np.testing.assert_array_equal(fitted.scores_of(part), all_scores(fitted)[part.users, part.movies])


def test_pairs_are_looked_up_once_for_all_trials(movielens: Dataset) -> None:
    problem = Problem(movielens, split_ratings(movielens, PerUserTimeline()))
    features = features_of(movielens, problem.train)
    assert pairs_of(features, problem.validation) is pairs_of(features, problem.validation)
    assert pairs_of(features, problem.test) is not pairs_of(features, problem.validation)


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_ranks_that_are_not_kept_are_made_when_asked_for(data: st.DataObject) -> None:
    problem = data.draw(problems(PerUserTimeline))
    dataset = problem.dataset
    ratings = features_of(dataset, data.draw(masks(dataset))).ratings.astype(np.float64)
    kept = genre_fit(dataset, ratings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(genres, "KEPT_BYTES", 0)
        made = genre_fit(dataset, ratings)
    assert (len(kept.kept), len(made.kept)) == (dataset.n_users, 0)
    for users in (np.arange(dataset.n_users), np.array([dataset.n_users - 1, 0])):
        np.testing.assert_array_equal(kept.ranks(users), made.ranks(users))
    np.testing.assert_array_equal(
        kept.ranks_at(dataset.users, dataset.movies), made.ranks_at(dataset.users, dataset.movies)
    )


def test_in_blocks_of_one_user_ranks_are_those_of_all_at_once(
    movielens: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    ratings = features_of(movielens, np.ones(movielens.n_ratings, dtype=bool)).ratings.astype(np.float64)
    together = genre_fit(movielens, ratings)
    monkeypatch.setattr(genres, "CELL_BYTES", 2**25)
    np.testing.assert_array_equal(genre_fit(movielens, ratings).kept, together.kept)
    pairs = movielens.users[::7], movielens.movies[::7]
    expected = together.kept[pairs[0], together.kind[pairs[1]]]
    np.testing.assert_array_equal(together.ranks_at(*pairs), expected)


def test_casts_of_pairs_are_looked_up_in_blocks(movielens: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    ratings = features_of(movielens, np.ones(movielens.n_ratings, dtype=bool)).ratings
    overlap = cast.weighed_cast(movielens, Phase1())
    pairs = movielens.users[:2000], movielens.movies[:2000]
    at_once = cast.known_cast_at(overlap, ratings, *pairs)
    for size in ("PAIRS_AT_ONCE", "KERNEL_PAIRS_AT_ONCE"):
        monkeypatch.setattr(cast, size, 300)
    np.testing.assert_array_equal(cast.known_cast_at(overlap, ratings, *pairs), at_once)
    rows = cast.known_cast(overlap, ratings[np.unique(pairs[0])])
    np.testing.assert_array_equal(at_once, rows[np.unique(pairs[0], return_inverse=True)[1], pairs[1]])
