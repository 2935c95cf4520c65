import dataclasses
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_data import problems

from pipeline.dataset import Dataset
from pipeline.evaluation import Problem, evaluate
from pipeline.hyperparameters import Phase1
from pipeline.metrics import PerUser
from pipeline.references import references
from pipeline.split import SPLITS, PerUserTimeline, Timeline, split_ratings
from pipeline.user_groups import UserGroup, user_groups


def users(fitted: list[int]) -> PerUser:
    """Make users of 4 ratings, 3 of them hit, the fourth missed by two stars; the last one has none."""
    held_out = np.full(len(fitted), 2, dtype=np.int32)
    held_out[-1] = 0
    ndcg = np.where(held_out > 0, 0.5, np.nan)
    ndcg[0] = np.nan
    return PerUser(
        ratings=np.column_stack([held_out, held_out]),
        hits=np.column_stack([held_out, held_out // 2]),
        ndcg=ndcg,
        recall=ndcg / 2,
        ranking=np.zeros(len(fitted), dtype=np.uint32),
        squares=4.0 * (held_out > 0),
        fitted=np.array(fitted, dtype=np.int32),
    )


def test_a_group_is_measured_by_itself() -> None:
    found = user_groups(users([0, 0, 7, 12, 500]))
    # Of the first newcomer no movie is relevant; of whom 500 ratings are known nothing is held out.
    assert found == [
        UserGroup(0, 0, users=2, ratings=8, accuracy=6 / 8, rmse=1, ndcg=0.5, recall=0.25),
        UserGroup(1, 9, users=1, ratings=4, accuracy=3 / 4, rmse=1, ndcg=0.5, recall=0.25),
        UserGroup(10, 29, users=1, ratings=4, accuracy=3 / 4, rmse=1, ndcg=0.5, recall=0.25),
        UserGroup(30, 99, users=0, ratings=0, accuracy=None, rmse=None, ndcg=None, recall=None),
        UserGroup(100, None, users=0, ratings=0, accuracy=None, rmse=None, ndcg=None, recall=None),
    ]


@pytest.mark.parametrize(("fitted", "place"), [(0, 0), (1, 1), (9, 1), (10, 2), (29, 2), (30, 3), (100, 4)])
def test_both_ends_belong_to_a_group(fitted: int, place: int) -> None:
    assert [one.users for one in user_groups(users([fitted, 0]))] == [int(n == place) for n in range(5)]


def test_a_long_history_weighs_as_many_ratings_as_it_has() -> None:
    one = users([1, 2, 0])
    ratings, hits = one.ratings * [[1], [3], [1]], one.hits * [[1], [0], [1]]
    squares = np.array([4.0, 60.0, 0.0])
    group = user_groups(dataclasses.replace(one, ratings=ratings, hits=hits, squares=squares))[1]
    assert (group.users, group.ratings) == (2, 16)
    assert group.accuracy == 3 / 16
    assert group.rmse == math.sqrt(64 / 16)


@pytest.mark.parametrize("protocol", SPLITS)
@given(st.data())
@settings(max_examples=40, deadline=None)
def test_groups_add_up_to_the_metrics_of_all(protocol: str, data: st.DataObject) -> None:
    problem = data.draw(problems(SPLITS[protocol]))
    evaluation = evaluate(problem, Phase1())
    measured = {"model": {p: getattr(evaluation, p) for p in ("validation", "test")}, **references(problem)}
    for parts in measured.values():
        for part, fit in (("validation", problem.train), ("test", problem.train_and_validation)):
            found, metrics = user_groups(parts[part].per_user), parts[part].metrics
            json.dumps([dataclasses.asdict(one) for one in found], allow_nan=False)
            held_out = getattr(problem, part)
            assert sum(one.users for one in found) == len(np.unique(held_out.users))
            assert sum(one.ratings for one in found) == len(held_out.ratings)
            cold = ~np.isin(held_out.users, problem.dataset.users[fit])
            assert found[0].ratings == cold.sum()
            if metrics["accuracy"] is None or metrics["rmse"] is None:
                assert {(one.accuracy, one.rmse) for one in found} == {(None, None)}
                continue
            n = np.array([one.ratings for one in found])
            accuracy, rmse = (np.array([getattr(o, m) or 0 for o in found]) for m in ("accuracy", "rmse"))
            assert n @ accuracy / n.sum() == pytest.approx(metrics["accuracy"])
            assert math.sqrt(n @ rmse**2 / n.sum()) == pytest.approx(metrics["rmse"], abs=1e-9)


def test_most_ratings_of_a_real_timeline_are_newcomers_and_none_of_a_per_user_split(
    movielens: Dataset,
) -> None:
    def sizes(settings: PerUserTimeline | Timeline) -> list[tuple[int, int]]:
        problem = Problem(movielens, split_ratings(movielens, settings))
        constant = references(problem)["best constant"]
        found = [user_groups(constant[part].per_user) for part in ("validation", "test")]
        return [(one[0].users, one[0].ratings) for one in found]

    assert sizes(PerUserTimeline()) == [(0, 0), (0, 0)]
    assert sizes(Timeline()) == [(161, 16_554), (192, 17_048)]
