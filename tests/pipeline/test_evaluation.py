import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_data import NO_BOOST, checkerboard, legal_hyperparameters, only, problems, tiny

from pipeline.blocks import BLOCK
from pipeline.dataset import Dataset
from pipeline.evaluation import Problem, evaluate, held_out, measure, measurement
from pipeline.fitted import FittedRecommender
from pipeline.hyperparameters import MODELS, Phase1
from pipeline.metrics import METRICS, RATING_METRICS, RELEVANT
from pipeline.recommender import Recommender
from pipeline.references import references
from pipeline.split import SPLITS, PerUserTimeline, Split, Timeline, split_ratings


def fitted(problem: Problem, hyperparameters: Phase1) -> FittedRecommender:
    return Recommender(hyperparameters).fit(problem.dataset, problem.train)


@pytest.mark.parametrize("size", [4, 8, 2 * BLOCK + 2])
def test_on_a_checkerboard_taste_finds_the_diagonal(size: int) -> None:
    board = checkerboard(size)
    measured = measure(fitted(board, only("genre_weight")), board.validation)
    assert measured.metrics["ndcg"] == measured.metrics["recall"] == 1
    assert (measured.per_user.ndcg == 1).all()
    assert measured.metrics["coverage"] == 1


def test_on_a_checkerboard_without_taste_the_first_unseen_movies_are_recommended() -> None:
    # Ten movies: of even users the odd ones and the diagonal are unseen, six of ten; all are recommended.
    board = checkerboard(10)
    measured = measure(fitted(board, only("rating_weight")), board.validation)
    # User 0 meets movie 0 first; user 2 meets 1, then 2; user 4 meets 1, 3, then 4 …; user 1 meets 0, then 1.
    ranks = [user // 2 + 1 + user % 2 for user in range(10)]
    np.testing.assert_allclose(measured.per_user.ndcg, 1 / np.log2(np.array(ranks) + 1))
    assert measured.metrics["recall"] == 1


def test_digests_tell_who_gets_other_recommendations() -> None:
    board = checkerboard()
    taste, none = (
        measure(fitted(board, only(weight)), board.validation).per_user.ranking
        for weight in ("genre_weight", "rating_weight")
    )
    again = measure(fitted(board, only("genre_weight", cast_lead_threshold=1)), board.validation)
    np.testing.assert_array_equal(taste, again.per_user.ranking)
    # Without taste the lowest unseen index leads, which is the diagonal for user 0 alone.
    assert (taste != none).tolist() == [False] + [True] * 7


def test_on_a_checkerboard_everybody_rates_five_stars() -> None:
    board = checkerboard()
    by_level = measure(fitted(board, only("rating_weight")), board.validation).metrics
    assert (by_level["accuracy"], by_level["balanced_accuracy"], by_level["rmse"]) == (1, 1, 0)
    # Half of the movies fit better than the other half: a mid-rank of 0.75, a star and a quarter below.
    by_genre = measure(fitted(board, only("genre_weight")), board.validation).metrics
    assert (by_genre["accuracy"], by_genre["mae"]) == (0, 1.25)


@pytest.mark.parametrize(("level", "hit"), [(2, True), (4, True), (1.99, False), (4.01, False)])
def test_a_score_exactly_the_tolerance_away_is_a_hit(level: float, hit: bool) -> None:
    # Whoever only gave three stars is predicted three stars: 0.6, which is not a float32.
    dataset = tiny([(0, 0, 3, 0), (0, 1, level, 1)], genres=["a", "a"])
    train = np.array([True, False])
    problem = Problem(dataset, Split(train, ~train, ~train))
    measured = measure(fitted(problem, only("rating_weight")), problem.validation)
    assert measured.metrics["accuracy"] == hit
    assert measured.per_user.hits.tolist() == [[hit]]


def test_what_was_learnt_is_not_recommended_and_all_else_competes() -> None:
    # The user has seen 0; 1 is held out, 2 is of the test part and still a candidate on validation.
    dataset = tiny([(0, 0, 5, 0), (0, 1, 5, 1), (0, 2, 5, 2)], genres=["a", "b", "a"])
    train, validation, test = np.eye(3, dtype=bool)
    measured = measure(
        fitted(Problem(dataset, Split(train, validation, test)), only("genre_weight")),
        held_out(dataset, validation),
    )
    assert measured.metrics["ndcg"] == pytest.approx(1 / np.log2(3))
    assert measured.metrics["coverage"] == pytest.approx(2 / 3)


def test_the_test_figures_are_those_of_a_refit_on_train_and_validation() -> None:
    dataset = tiny([(0, 0, 5, 0), (0, 1, 1, 1), (0, 2, 1, 2)], genres=["a"] * 3)
    split = Split(*np.eye(3, dtype=bool))
    evaluation = evaluate(Problem(dataset, split), only("rating_weight"))
    assert evaluation.validation.metrics["mae"] == pytest.approx(5 * (1 - 0.2))
    assert evaluation.test.metrics["mae"] == pytest.approx(5 * (1.04 / 1.2 - 0.2))


def test_a_cold_user_without_relevant_movies_and_a_small_catalogue_are_measured() -> None:
    dataset = tiny([(0, 0, 5, 0), (1, 1, 2, 0), (2, 0, 4, 0)], genres=["a", "b"], n_users=4)
    train = dataset.users == 0
    problem = Problem(dataset, Split(train, ~train, ~train))
    measured = measure(fitted(problem, Phase1()), problem.validation)
    np.testing.assert_array_equal(measured.per_user.ndcg, [np.nan, np.nan, 1, np.nan])
    assert measured.metrics["ndcg"] == 1
    assert all(value is not None and np.isfinite(value) for value in measured.metrics.values())


def test_newcomers_of_a_timeline_are_answered_with_the_level_and_the_favourites_of_all() -> None:
    # Movie 0 is everybody's; user 2 comes when the others have rated, and likes it, too.
    known = [(0, 0, 5, 0), (1, 0, 5, 0), (0, 1, 1, 1), (1, 1, 1, 2)]
    dataset = tiny([*known, (2, 0, 5, 3), (2, 1, 1, 4), (2, 2, 4, 5)], genres=["a", "b", "c"])
    problem = Problem(dataset, split_ratings(dataset, Timeline()))
    # Stars 5 5 1 1 weighed by themselves.
    level = (25 + 25 + 1 + 1) / (5 + 5 + 1 + 1)
    by_level = measure(fitted(problem, only("rating_weight")), problem.validation).metrics
    assert by_level["rmse"] == pytest.approx(np.sqrt(((5 - level) ** 2 + (1 - level) ** 2) / 2), abs=1e-5)
    by_popularity = measure(fitted(problem, only("popularity_weight")), problem.validation)
    np.testing.assert_array_equal(by_popularity.per_user.ndcg, [np.nan, np.nan, 1])


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("protocol", SPLITS)
@given(st.data())
@settings(max_examples=60, deadline=None)
def test_whoever_is_cold_every_metric_is_finite(protocol: str, model: str, data: st.DataObject) -> None:
    problem = data.draw(problems(SPLITS[protocol]))
    evaluation = evaluate(problem, data.draw(legal_hyperparameters(problem.dataset, MODELS[model])))
    compared = [{"validation": evaluation.validation, "test": evaluation.test}, *references(problem).values()]
    for part in ("validation", "test"):
        undefined = not (getattr(problem, part).ratings >= RELEVANT).any()
        for measured in compared:
            metrics = measured[part].metrics
            assert all(value is None or np.isfinite(value) for value in metrics.values())
            assert (metrics["ndcg"] is None) == (undefined or metrics["coverage"] is None)
        assert None not in [compared[0][part].metrics[name] for name in (*RATING_METRICS, "coverage")]


def test_where_nothing_is_relevant_the_ranking_is_not_defined() -> None:
    dataset = tiny([(0, 0, 1, 0), (0, 1, 1, 1)], genres=["a", "b"])
    train = np.array([True, False])
    problem = Problem(dataset, Split(train, ~train, ~train))
    metrics = measure(fitted(problem, Phase1()), problem.validation).metrics
    assert metrics["ndcg"] is metrics["recall"] is None
    assert metrics["accuracy"] is not None


def test_what_ranks_nothing_has_neither_digests_nor_ranking_metrics() -> None:
    board = checkerboard()
    measured = measurement(np.full(8, 0.8), None, board.validation, np.full(8, 3, dtype=np.int32))
    assert measured.per_user.ranking.tolist() == [0] * 8
    assert measured.metrics["ndcg"] is None


def test_an_evaluation_names_the_weights_that_were_used() -> None:
    asked = Phase1(genre_weight=1, cast_weight=1, franchise_weight=0, rating_weight=0, popularity_weight=0)
    used = evaluate(checkerboard(), asked).hyperparameters
    assert used == dataclasses.replace(asked, genre_weight=0.5, cast_weight=0.5)


@pytest.mark.parametrize("model", MODELS)
def test_real_metrics_are_the_same_whenever_they_are_measured(movielens: Dataset, model: str) -> None:
    problem = Problem(movielens, split_ratings(movielens, PerUserTimeline()))
    shipped = MODELS[model]
    first, second = evaluate(problem, shipped()), evaluate(problem, shipped())
    for part in ("validation", "test"):
        metrics = getattr(first, part).metrics
        assert metrics == getattr(second, part).metrics
        assert tuple(metrics) == METRICS
    assert evaluate(problem, shipped(**NO_BOOST)).validation.metrics != first.validation.metrics
